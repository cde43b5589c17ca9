"""Decides which of the locales that exist serves the one that was asked for.

Chinese in traditional script and Chinese in simplified script are two languages here: neither ever
stands in for the other (`zh-HK` may read `zh-Hant-TW`, never `zh-Hans-CN`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from babel.core import Locale, UnknownLocaleError, get_global, parse_locale

if TYPE_CHECKING:
    from collections.abc import Sequence


@lru_cache(maxsize=1024)
def _expanded(tag: str) -> tuple[str, str, str] | None:
    """Give language, script and territory, the missing ones as most people mean them (CLDR)."""
    try:
        locale = Locale.parse(tag.replace("-", "_"), resolve_likely_subtags=True)
    except (UnknownLocaleError, ValueError, TypeError):
        return None
    likely = _likely(locale)
    return locale.language, locale.script or likely[0], locale.territory or likely[1]


def _likely(locale: Locale) -> tuple[str, str]:
    subtags = get_global("likely_subtags")
    names = (str(locale), f"{locale.language}_{locale.territory}", locale.language)
    found = next((subtags[name] for name in names if name in subtags), None)
    if found is None:
        return "", ""
    parsed = parse_locale(found)
    return parsed[2] or "", parsed[1] or ""


@lru_cache(maxsize=4096)
def _negotiated(asked: str, available: tuple[str, ...]) -> str | None:
    wanted = _expanded(asked)
    if wanted is None:
        return None
    have = [(tag, parts) for tag in available if (parts := _expanded(tag)) is not None]
    exact = (tag for tag, parts in have if parts == wanted)
    same_script = (tag for tag, parts in have if parts[:2] == wanted[:2])
    return next(exact, None) or next(same_script, None)


def negotiate(asked: Sequence[str], available: Sequence[str]) -> str | None:
    """Give the first asked-for locale's best match, or None where nothing matches.

    The chain for each: the same language, script and territory (`zh-TW` is `zh-Hant-TW`), then the
    same language and script (`zh-HK` reads `zh-Hant-TW`, `en-GB` reads `en`).
    """
    for tag in asked:
        found = _negotiated(tag, tuple(available))
        if found is not None:
            return found
    return None


def fall_back(asked: Sequence[str], order: Sequence[str], available: Sequence[str]) -> str | None:
    """Give the locale for a reader whose languages are not available, or None where none is.

    The programme's locales are tried in their order, but one in the other script of a language that
    was asked for comes last: a reader of traditional Chinese rather reads English.
    """
    wanted = {parts[:2] for tag in asked if (parts := _expanded(tag)) is not None}
    languages = {language for language, _ in wanted}

    def other_script(tag: str) -> bool:
        parts = _expanded(tag)
        return parts is not None and parts[0] in languages and parts[:2] not in wanted

    candidates = [found for tag in order if (found := negotiate([tag], available)) is not None]
    return next(iter(sorted([*candidates, *available], key=other_script)), None)


def is_known(tag: str) -> bool:
    """Say whether a tag names a language that CLDR knows."""
    return _expanded(tag) is not None
