"""Reads what is looked for in the archive from an address, and gives what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flask import Blueprint, request, url_for

from app.analysis.ended import NO_VERDICT, ArchiveSearch
from app.console.campaigns.digest_words import VERDICTS
from app.console.context import formats, programme, words
from app.console.new.offers_kinds import KINDS
from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analysis.ended import Ended

blueprint = Blueprint("archive", __name__, url_prefix="/archive")

LONGEST: Final = 200
ROWS: Final = 50
"""Campaigns on a page; all that are found are pooled."""
QUARTERS: Final = (
    (1, marked("January to March")),
    (2, marked("April to June")),
    (3, marked("July to September")),
    (4, marked("October to December")),
)
_YEARS: Final = range(1970, 10_000)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen, each as value and text; the first one of each is everything.

    Attributes:
        typed: What was chosen, by the name of its field.
        is_narrowed: Whether anything but the metric was chosen.
    """

    typed: dict[str, str]
    is_narrowed: bool
    tiers: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    metrics: tuple[tuple[str, str], ...]
    verdicts: tuple[tuple[str, str], ...]
    years: tuple[tuple[str, str], ...]
    quarters: tuple[tuple[str, str], ...]


def asked() -> ArchiveSearch:
    """Give what the address looks for; what is none of the choices looks for everything."""
    args = request.args
    year, quarter = args.get("year", ""), args.get("quarter", "")
    kind, verdict = args.get("kind", ""), args.get("verdict", "")
    return ArchiveSearch(
        text=args.get("q", "")[:LONGEST],
        tier=args.get("tier", "")[:LONGEST],
        offer_kind=kind if kind in KINDS else "",
        metric=args.get("metric", "")[:LONGEST],
        verdict=verdict if verdict in {NO_VERDICT, *VERDICTS} else "",
        year=int(year) if year.isdecimal() and int(year[:9]) in _YEARS else None,
        quarter=int(quarter) if quarter in {"1", "2", "3", "4"} else None,
    )


def typed_of(search: ArchiveSearch) -> dict[str, str]:
    """Give a search as its fields, those that look for everything empty."""
    return {
        "q": search.text,
        "tier": search.tier,
        "kind": search.offer_kind,
        "metric": search.metric,
        "verdict": search.verdict,
        "year": "" if search.year is None else str(search.year),
        "quarter": "" if search.quarter is None else str(search.quarter),
    }


def kind_address(kind: str, search: ArchiveSearch) -> str:
    """Give the page of a kind of offer, among what is looked for."""
    return _with(url_for("console.archive.of_kind", kind=kind), search)


def first_row(found: int) -> int:
    """Give the number of the first campaign of the page that is asked for."""
    asked_for = request.args.get("from", "")
    first = int(asked_for) if asked_for.isdecimal() and len(asked_for) < 9 else 0  # noqa: PLR2004
    return first // ROWS * ROWS if first < found else 0


def page_address(search: ArchiveSearch, first: int) -> str:
    """Give the page of what is found that begins with a campaign, by its number from 0."""
    kept = {name: value for name, value in typed_of(search).items() if value}
    query = urlencode({**kept, "from": first})
    return f"{url_for('console.archive.archive')}?{query}"


def archive_address(search: ArchiveSearch) -> str:
    """Give the archive of all kinds, with what else is looked for."""
    return _with(url_for("console.archive.archive"), search)


def _with(address: str, search: ArchiveSearch) -> str:
    kept = {name: value for name, value in typed_of(search).items() if value and name != "kind"}
    return f"{address}?{urlencode(kept)}" if kept else address


def kind_name(kind: str) -> str:
    """Give what people call a kind of offer."""
    return words().say(KINDS[kind][0]) if kind in KINDS else kind


def choices_of(ended: Sequence[Ended], search: ArchiveSearch) -> Choices:
    """Give what can be chosen among the campaigns that are over."""
    say, found = words().say, programme()
    kinds = {kind for one in ended for kind in one.offer_kinds.values()}
    years = {one.started_at.astimezone(formats().zone).year for one in ended if one.started_at}
    typed = typed_of(search)
    return Choices(
        typed=typed,
        is_narrowed=any(value for name, value in typed.items() if name != "metric"),
        tiers=(
            ("", say("All tiers")),
            *((one.key, one.name or one.key) for one in (found.tiers if found else ())),
        ),
        kinds=(
            ("", say("All kinds")),
            *sorted(((one, kind_name(one)) for one in kinds), key=lambda one: one[1]),
        ),
        metrics=(("", say("The one that decided")), *metric_names(ended)),
        verdicts=(
            ("", say("All verdicts")),
            *((str(one), say(text)) for one, (text, _) in VERDICTS.items()),
            (NO_VERDICT, say("No verdict")),
        ),
        years=(("", say("All years")), *((str(one), str(one)) for one in sorted(years)[::-1])),
        quarters=(
            ("", say("All seasons")),
            *((str(number), say(text)) for number, text in QUARTERS),
        ),
    )


def metric_names(ended: Sequence[Ended]) -> tuple[tuple[str, str], ...]:
    """Give the metrics that the scorecards have, by key, in the order of their names."""
    found = {
        key: words().say(metric.name)
        for one in ended
        if one.digest is not None
        for key, metric in one.digest.metrics.items()
    }
    return tuple(sorted(found.items(), key=lambda one: one[1].casefold()))
