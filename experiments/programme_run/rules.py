"""Says which sums of facts a programme's rules need, and names the rules by a version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from experiments.score import Measure

if TYPE_CHECKING:
    from experiments.programme import Programme
    from experiments.tier import Tier

SHOWN_WINDOWS: Final = (30, 90, 365)
"""Windows, in days, of the orders and the revenue that every member has as attributes."""

METHOD: Final = 1
"""Raised whenever the same rules would give other values."""

_DIGITS: Final = 12
_OF_PEOPLE: Final = frozenset({"name", "locales", "layers", "holdout_share"})
"""What of the programme has no say in what is computed."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A measure over a window; None for tenure, which has none."""

    measure: Measure
    window_days: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a tier.

    Attributes:
        amount: What is measured; None for the score.
        threshold: In the measure's unit; of the score in hundredths of a point.
    """

    amount: Amount | None
    threshold: int


def ways(programme: Programme, tier: Tier) -> tuple[Way, ...]:
    """Give the ways to a tier: none for a manual one."""
    if tier.manual:
        return ()
    found = []
    if tier.entry_threshold_minor is not None:
        spend = Amount(Measure.SPEND, programme.qualifying_days)
        found.append(Way(spend, tier.entry_threshold_minor))
    if tier.entry_score is not None:
        found.append(Way(None, int(tier.entry_score * 100)))
    found += [Way(Amount(path.measure, path.window_days), path.threshold) for path in tier.paths]
    return tuple(found)


def amounts(programme: Programme) -> tuple[Amount, ...]:
    """Give every measure that the score and the tiers ask for, each once."""
    scored = programme.score.measures if programme.score is not None else ()
    asked = [Amount(one.measure, one.window_days) for one in scored]
    asked += [
        way.amount
        for tier in programme.tiers
        for way in ways(programme, tier)
        if way.amount is not None
    ]
    return tuple(dict.fromkeys(asked))


def version_of(programme: Programme) -> str:
    """Give the version of the rules: the score's own, and a digest of all that decides."""
    rules = programme.model_dump(mode="json", exclude=set(_OF_PEOPLE))
    for tier in rules["tiers"]:
        del tier["name"]  # may be changed at any time, and benefits decide nothing
        del tier["benefit_cost_minor"]
    for name in (
        "accept_events_for_days",
        "constant_attributes",
        "contact_cost_minor",
        "retention",
    ):
        rules.pop(name, None)
    content = orjson.dumps([METHOD, rules], option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(content).hexdigest()[:_DIGITS]
    return f"{programme.score.version if programme.score is not None else 0}-{digest}"
