"""Finds campaigns that are over, with what their newest stored scorecard and their people said.

Null results and campaigns that were given up are among them. Nothing is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.analysis.digest import newest_digests
from experiments.audience import Operator
from experiments.campaign import State
from experiments.learning import Learning, learnings_of
from experiments.lifecycle import list_campaigns
from experiments.offer import NoOffer, target_tier_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from sqlalchemy import Engine

    from app.analysis.digest import Digest
    from experiments.audience import Audience, Condition
    from experiments.campaign import Campaign

OVER: Final = frozenset({State.STOPPED, State.DECIDED, State.ARCHIVED})
NO_VERDICT: Final = "none"
MONTHS_OF_QUARTER: Final = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """A campaign that is over.

    Attributes:
        digest: Of its newest scorecard; None where none was ever stored.
        learning: What people wrote of it.
        started_at: Its first launch; None where it was never launched.
        offer_kinds: What its treatments offer, by variant; variants without an offer left out.
    """

    campaign: Campaign
    digest: Digest | None
    learning: Learning
    started_at: datetime | None
    offer_kinds: dict[str, str]


@dataclass(frozen=True, slots=True)
class ArchiveSearch:
    """What is looked for; an empty text or None looks for everything.

    Attributes:
        text: Words that all stand in its name, key, hypothesis, owner or in what was learnt.
        tier: Whose members it took, or to which its offers led.
        offer_kind: As `experiments.offer` names it.
        metric: Key of a metric that its scorecard has.
        verdict: As `stats.decision.verdict.Verdict` names it, or `NO_VERDICT`.
        year: In which it started, in `zone`.
        quarter: 1 to 4, of any year; likewise.
    """

    text: str = ""
    tier: str = ""
    offer_kind: str = ""
    metric: str = ""
    verdict: str = ""
    year: int | None = None
    quarter: int | None = None


def ended_campaigns(engine: Engine, now: datetime) -> tuple[Ended, ...]:
    """Give all campaigns that are over, the one that ended last first."""
    over = [one for one in list_campaigns(engine) if one.state_at(now) in OVER]
    if not over:
        return ()
    digests, learnings = newest_digests(engine), learnings_of(engine)
    found = [
        Ended(
            campaign=one,
            digest=digests.get(one.key),
            learning=learnings.get(one.key, Learning(one.key)),
            started_at=one.phases[0].started_at if one.phases else None,
            offer_kinds={
                variant.key: variant.offer.kind
                for variant in one.design.variants
                if variant.key != one.design.control.key and not isinstance(variant.offer, NoOffer)
            },
        )
        for one in over
    ]
    return tuple(sorted(found, key=_ended_at, reverse=True))


def _ended_at(one: Ended) -> datetime:
    return one.learning.at or one.campaign.updated_at


def matching(ended: Sequence[Ended], search: ArchiveSearch, zone: tzinfo) -> tuple[Ended, ...]:
    """Give those that are looked for, in the same order."""
    words = search.text.casefold().split()
    return tuple(
        one
        for one in ended
        if _is_like(one, search, zone) and (not words or all(word in _text(one) for word in words))
    )


def _is_like(one: Ended, search: ArchiveSearch, zone: tzinfo) -> bool:
    measured = one.digest.metrics if one.digest else ()
    return (
        search.offer_kind in {"", *one.offer_kinds.values()}
        and search.verdict in {"", _verdict(one)}
        and search.metric in {"", *measured}
        and (not search.tier or _concerns(one.campaign, search.tier))
        and _is_of_time(one, search, zone)
    )


def _is_of_time(one: Ended, search: ArchiveSearch, zone: tzinfo) -> bool:
    if search.year is None and search.quarter is None:
        return True
    if one.started_at is None:
        return False
    started = one.started_at.astimezone(zone)
    quarter = (started.month - 1) // MONTHS_OF_QUARTER + 1
    return search.year in {None, started.year} and search.quarter in {None, quarter}


def _verdict(one: Ended) -> str:
    verdict = one.digest.verdict if one.digest else None
    return NO_VERDICT if verdict is None else str(verdict)


def _text(one: Ended) -> str:
    design, learning = one.campaign.design, one.learning
    names = " ".join(variant.name for variant in design.variants)
    own = f"{design.key} {design.name} {design.owner} {design.hypothesis}"
    return f"{own} {names} {learning.reason} {learning.learned}".casefold()


def _concerns(campaign: Campaign, tier: str) -> bool:
    """Say whether members of a tier could enter, or an offer leads to it."""
    leads = (target_tier_of(variant.offer) for variant in campaign.design.variants)
    return tier in leads or admits_tier(campaign.design.audience, tier)


def admits_tier(audience: Audience, tier: str) -> bool:
    """Say whether an audience has a way in for members of a tier, as far as it speaks of tiers."""
    if not audience.any_of:
        return True
    return any(
        all(_allows(condition, tier) for condition in rule.all_of) for rule in audience.any_of
    )


def _allows(condition: Condition, tier: str) -> bool:
    if condition.attribute != "tier" or not isinstance(condition.value, list | tuple):
        return True
    is_named = tier in condition.value
    match condition.operator:
        case Operator.ONE_OF:
            return is_named
        case Operator.NOT_ONE_OF:
            return not is_named
        case _:
            return True
