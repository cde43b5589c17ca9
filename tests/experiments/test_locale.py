"""The locale that exists serves the one that was asked for, and Chinese scripts never mix."""

from __future__ import annotations

import pytest

from experiments.locale import fall_back, is_known, negotiate

AVAILABLE = ("en", "zh-Hant-TW", "zh-Hans-CN")


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("zh-TW", "zh-Hant-TW"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("zh_Hant_TW", "zh-Hant-TW"),
        ("zh-HK", "zh-Hant-TW"),
        ("zh-CN", "zh-Hans-CN"),
        ("zh-SG", "zh-Hans-CN"),
        ("zh", "zh-Hans-CN"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("fr", None),
        ("nonsense!", None),
        ("", None),
    ],
)
def test_a_locale_finds_its_best_match(asked: str, served: str | None) -> None:
    """Language and script decide; a territory may differ."""
    assert negotiate([asked], AVAILABLE) == served


def test_simplified_never_stands_in_for_traditional() -> None:
    """A reader of traditional script is not served simplified script."""
    assert negotiate(["zh-TW"], ["en", "zh-Hans-CN"]) is None
    assert negotiate(["zh-CN"], ["en", "zh-Hant-TW"]) is None


def test_the_first_asked_locale_that_matches_is_served() -> None:
    """Preferences are tried in their order."""
    assert negotiate(["fr", "zh-HK", "en"], AVAILABLE) == "zh-Hant-TW"


@pytest.mark.parametrize(
    ("asked", "order", "available", "served"),
    [
        ([], ["zh-Hans-CN", "en"], ["en", "zh-Hans-CN"], "zh-Hans-CN"),
        (["fr"], ["zh-Hans-CN", "en"], ["en", "zh-Hans-CN"], "zh-Hans-CN"),
        (["zh-TW"], ["zh-Hans-CN", "en"], ["en", "zh-Hans-CN"], "en"),
        (["zh-TW"], ["zh-Hans-CN"], ["ja", "zh-Hans-CN"], "ja"),
        (["zh-TW"], ["zh-Hans-CN"], ["zh-Hans-CN"], "zh-Hans-CN"),
        (["fr"], ["en"], [], None),
    ],
)
def test_the_other_script_is_the_last_resort(
    asked: list[str], order: list[str], available: list[str], served: str | None
) -> None:
    """The programme's order is the fallback, but a reader's other script comes last."""
    assert fall_back(asked, order, available) == served


def test_a_tag_that_names_no_language_is_unknown() -> None:
    """Configuration refuses what CLDR does not know."""
    assert is_known("zh-Hant-TW")
    assert not is_known("zz-zz")
