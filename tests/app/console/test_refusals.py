"""A refusal of the domain is read in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from markupsafe import escape

from app.auth.roles import Role
from app.console.refusals import English, by_field, in_words, sentence
from app.language import Language, Words
from experiments.errors import InvalidValues, Problem
from tests.app.console.conftest import PASSWORD, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

TAIWAN = Words(Language.TRADITIONAL_CHINESE)
CHINA = Words(Language.SIMPLIFIED_CHINESE)


def test_a_refusal_is_found_by_its_template_with_the_values_in_it() -> None:
    """What the domain filled into its English stands in the translation."""
    assert in_words("is longer than 2048 characters", TAIWAN) == "超過 2048 個字元"
    assert in_words("is longer than 2048 characters", CHINA) == "超过 2048 个字符"
    assert in_words("is required", CHINA) == "必填"


def test_sentences_within_a_sentence_are_translated() -> None:
    """What is missing, and where, are sentences of their own; names stay as they were given."""
    said = in_words("There is no campaign 'x' in campaign 'y'; known: a, b.", TAIWAN)
    assert said == "活動 'y' 中沒有活動 'x'；現有：a, b。"  # noqa: RUF001  # as Chinese writes it


def test_a_refusal_is_one_sentence_with_its_way_out() -> None:
    """Both parts end as the language ends sentences."""
    problem = Problem("key", "Ä", "is not a key", "Shorten it.")
    assert sentence(problem, Words(Language.ENGLISH)) == "Is not a key. Shorten it."
    assert sentence(problem, TAIWAN) == "不是可用的代碼。請縮短。"
    assert by_field(InvalidValues([problem]), CHINA) == {"key": "不是可用的代码。请缩短。"}


def test_what_nobody_translated_says_that_it_is_english() -> None:
    """A screen reader reads it as English; half a sentence in each language is never shown."""
    problem = Problem("x", "<", "input is <odd>", "Shorten it.")
    said = sentence(problem, TAIWAN)
    assert isinstance(said, English)
    assert escape(said) == '<span lang="en">Input is &lt;odd&gt;. Shorten it.</span>'
    assert escape(sentence(problem, Words(Language.ENGLISH))) == "Input is &lt;odd&gt;. Shorten it."


@pytest.mark.parametrize(
    ("address", "fields", "field", "told"),
    [
        ("/console/settings/webhooks", {"key": "a b", "url": "ftp:/x"}, "key", "不是可用的代碼"),
        ("/console/settings/webhooks", {"key": "a", "url": "ftp://x"}, "url", "開頭不是 https"),
        ("/console/settings/keys", {"name": "", "kind": "server"}, "name", "長度不符"),
        ("/console/settings/users/new", {"email": "x", "name": "x", "role": "viewer"},
         "email", "不是電子郵件地址"),
        ("/console/account/password", {"present": PASSWORD, "password": "a", "again": "a"},
         "password", "請用 10 到"),
    ],
)  # fmt: skip
def test_forms_refuse_in_the_readers_language(
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    address: str,
    fields: dict[str, str],
    field: str,
    told: str,
) -> None:
    """Every refusal at a field of the console's forms is in the language of the page."""
    client = client_of(Role.ADMIN)
    client.set_cookie("tierlift-language", "zh-Hant-TW", path="/console")
    answer = post(client, address, **fields)
    assert answer.status_code == 422
    assert told in pages[-1].errors[field]
