"""Texts that are missing in a locale of the programme are told, with what their readers get."""

from __future__ import annotations

from copy import deepcopy

import pytest

from experiments.locale import negotiate
from experiments.wording import missing_texts
from tests.experiments.designs import DESIGN, PROGRAMME, design

LOCALES = PROGRAMME["locales"]


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        ([], {}),
        (["zh-Hant-TW", "zh-Hans-CN", "en"], {}),
        (["zh-Hant-TW", "en"], {"zh-Hans-CN": "en"}),
        (["zh-Hans-CN", "en"], {"zh-Hant-TW": "en"}),
        (["en-GB", "zh-TW", "zh-CN"], {}),
        (["en"], {"zh-Hant-TW": "en", "zh-Hans-CN": "en"}),
        (["zh-Hant-TW"], {"zh-Hans-CN": "zh-Hant-TW", "en": "zh-Hant-TW"}),
        (["ja"], {"zh-Hant-TW": "ja", "zh-Hans-CN": "ja", "en": "ja"}),
    ],
)
def test_a_missing_locale_is_told_with_what_its_readers_get(
    written: list[str], missing: dict[str, str]
) -> None:
    """One script of Chinese is missing although the other is there: the two are separate texts."""
    control, gift = deepcopy(DESIGN["variants"])
    gift["offer"]["texts"] = {locale: {"title": "!"} for locale in written}
    found = missing_texts(design(variants=[control, gift]), LOCALES)
    assert {one.locale: one.served for one in found} == missing
    assert {one.field for one in found} <= {"variants[1].offer.texts"}
    assert not [one for one in found if negotiate([one.locale], written)]


def test_the_default_offer_is_looked_at_too() -> None:
    """Most members may see it; the sentence says where, what, and what comes instead."""
    default = {"kind": "none", "texts": {"zh-Hant-TW": {"title": "好"}, "en": {"title": "Hi"}}}
    (of_variant, of_default) = missing_texts(design(default_offer=default), LOCALES)
    assert of_variant.field == "variants[1].offer.texts"
    assert str(of_default) == "default_offer.texts has no zh-Hans-CN: its readers get en"
