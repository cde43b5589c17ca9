"""OpenFeature's Python SDK and its OFREP provider, as they are shipped, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openfeature.api import (
    add_hooks,
    clear_hooks,
    get_client,
    set_provider_and_wait,
    shutdown,
)
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason
from openfeature.hook import Hook

from tests.contracts.frontends import DEFAULT, Frontend, frontend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openfeature.client import OpenFeatureClient
    from openfeature.flag_evaluation import FlagEvaluationDetails
    from openfeature.hook import HookContext, HookHints


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Frontend]:
    """Give a server with a running, a paused and a targeted campaign."""
    with frontend(tmp_path_factory.mktemp("openfeature"), sqlite_template) as running:
        yield running


@pytest.fixture
def client(served: Frontend) -> Iterator[OpenFeatureClient]:
    """Give a client whose provider asks our server with a server key."""
    provider = OFREPProvider(
        served.address, headers_factory=lambda: {"Authorization": f"Bearer {served.server_key}"}
    )
    set_provider_and_wait(provider)
    yield get_client()
    clear_hooks()
    shutdown()


def member(targeting_key: str, **attributes: str | float) -> EvaluationContext:
    """Give the context of a member."""
    return EvaluationContext(targeting_key, {**attributes})


def field(value: object, name: str) -> object:
    """Give a field of a flag's value."""
    assert isinstance(value, dict)
    return value[name]


def test_the_variant_is_the_published_one(client: OpenFeatureClient, served: Frontend) -> None:
    """For every member the SDK gives the variant of the published bucket, with its offer."""
    seen = set()
    for number in range(40):
        details = client.get_object_details("gold-q3", DEFAULT, member(f"m-{number}"))
        assert details.error_code is None, details.error_message
        assert details.variant == served.variant_of(f"m-{number}")
        assert details.reason is Reason.SPLIT
        assert details.flag_metadata["reason"] == "assigned"
        seen.add((details.variant, field(details.value, "kind")))
    assert seen == {("control", "none"), ("gift", "gift")}


def test_texts_come_in_the_locale_of_the_context(
    client: OpenFeatureClient, served: Frontend
) -> None:
    """`locale` in the context chooses, as the query of the offer route does."""
    gifted = next(f"m-{n}" for n in range(99) if served.variant_of(f"m-{n}") == "gift")
    for asked, given in (("zh-TW", "zh-Hant-TW"), ("en-GB", "en")):
        value = client.get_object_value("gold-q3", DEFAULT, member(gifted, locale=asked))
        assert field(value, "locale") == given


def test_attributes_of_the_context_decide(client: OpenFeatureClient) -> None:
    """A server's context is believed: silver members are targeted, others get the default offer."""
    silver = client.get_object_details("silver-only", DEFAULT, member("s-1", tier="silver"))
    bronze = client.get_object_details("silver-only", DEFAULT, member("b-1", tier="bronze"))
    assert (silver.reason, bronze.reason) == (Reason.TARGETING_MATCH, Reason.STATIC)
    assert (silver.variant in {"control", "gift"}, bronze.variant) == (True, "default")
    assert field(bronze.value, "kind") == "none"


def test_a_paused_campaign_is_a_disabled_flag(client: OpenFeatureClient) -> None:
    """It has a value and no error."""
    details = client.get_object_details("paused", DEFAULT, member("m-1"))
    assert (details.reason, details.error_code) == (Reason.DISABLED, None)
    assert field(details.value, "kind") == "none"


@pytest.mark.parametrize(
    ("flag", "context", "code"),
    [
        ("nothing", EvaluationContext("m-1"), ErrorCode.FLAG_NOT_FOUND),
        ("gold-q3", EvaluationContext(), ErrorCode.TARGETING_KEY_MISSING),
        ("gold-q3", None, ErrorCode.TARGETING_KEY_MISSING),
        ("gold-q3", EvaluationContext("a\x00b"), ErrorCode.INVALID_CONTEXT),
    ],
)
def test_a_refusal_becomes_the_default_with_its_code(
    client: OpenFeatureClient, flag: str, context: EvaluationContext | None, code: ErrorCode
) -> None:
    """The SDK understands every refusal: the caller's default is shown, and the code says why."""
    details = client.get_object_details(flag, DEFAULT, context)
    assert (details.value, details.error_code) == (DEFAULT, code)
    assert details.error_message


def test_a_wrong_key_becomes_the_default(served: Frontend) -> None:
    """Nobody is left with a blank slot because a key was revoked."""
    set_provider_and_wait(OFREPProvider(served.address))
    details = get_client().get_object_details("gold-q3", DEFAULT, member("m-1"))
    assert (details.value, details.error_code) == (DEFAULT, ErrorCode.GENERAL)
    shutdown()


class Exposing(Hook):
    """Reports an exposure when a variant was evaluated to be shown."""

    def __init__(self, served: Frontend) -> None:
        """Report to a server."""
        self._served = served

    def after(
        self,
        hook_context: HookContext,
        details: FlagEvaluationDetails[object],
        hints: HookHints,
    ) -> None:
        """Report it; sent again, it is the same exposure."""
        del hints
        if details.flag_metadata.get("reason") != "assigned":
            return
        context = hook_context.evaluation_context
        self._served.report(hook_context.flag_key, str(details.variant), context.targeting_key)


def test_exposures_are_reported_by_a_hook(client: OpenFeatureClient, served: Frontend) -> None:
    """A hook of ten lines reports who saw what; repeats and default offers add nothing."""
    before = served.exposures()
    add_hooks([Exposing(served)])
    for _ in range(3):
        client.get_object_value("gold-q3", DEFAULT, member("m-hook"))
    client.get_object_value("paused", DEFAULT, member("m-hook"))
    assert served.exposures() - before == {("gold-q3", served.variant_of("m-hook"), "m-hook")}
