"""Counts the members from the programme to the assignment, and what kept the others.

Every member is decided about by the campaign's own rules, in one pass of the bulk engine. Members
are known as they are now, so the count is one of now; what was assigned before stands.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.assignment import Reason
from experiments.campaign import AssignedBy, Campaign, State, UnitKind
from experiments.catalogue import compile_catalogue
from experiments.store.campaigns import read_campaign, read_campaigns
from experiments.store.engine import reading
from experiments.store.enrolments import read_enrolled
from experiments.store.exhaustions import closed_phases
from experiments.store.programme import read_programme
from stats.scorecard import Enrolment, Kept, KeptCount, NotCounted, TierCount, Unseen, UnseenCount
from stats.sentence import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.bulk.counting import MemberGroup, Standing
    from experiments.campaign import CampaignDesign, Phase
    from experiments.catalogue import CompiledCampaign
    from experiments.programme import Programme

MOST_RULES: Final = 30
"""Refusing rules that are listed apart; those of fewer members are added up."""

OTHER_RULES: Final = "other rules"

_LIVE: Final = frozenset({State.RUNNING, State.SCHEDULED, State.PAUSED})
_KEPT: Final = {
    Reason.NOT_ELIGIBLE: Kept.NOT_ELIGIBLE,
    Reason.OPTED_OUT: Kept.OPTED_OUT,
    Reason.HELD_OUT: Kept.HELD_OUT,
    Reason.OTHER_CAMPAIGN: Kept.OTHER_CAMPAIGN,
    Reason.TRAFFIC: Kept.TRAFFIC,
    Reason.CAPPED: Kept.CAPPED,
}


def enrolment_of(
    engine: Engine, campaign: Campaign, phase: Phase, *, now: datetime, as_of: datetime
) -> Enrolment | NotCounted:
    """Count the members about whom a phase decides, or say why they are not counted.

    Args:
        engine: The store.
        campaign: With its present design.
        phase: One of its phases.
        now: Aware UTC.
        as_of: The analysis time.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    if campaign.design.assigned_by is AssignedBy.EXTERNAL:
        return NotCounted(said("The split was made elsewhere, and with it who is eligible."))
    if as_of < now:
        return NotCounted(said("Members are known as they are now, not as they were then."))
    if campaign.phase is None or phase.number != campaign.phase.number:
        return NotCounted(said("This phase is over, and members and rules have changed since."))
    asked = ask_as_if_running(engine, campaign.key, now)
    # DuckDB takes a while to load; whoever only serves offers never pays for it.
    from experiments.bulk.assigning import opened  # noqa: PLC0415
    from experiments.bulk.counting import MemberCounter, copy_standing  # noqa: PLC0415
    from experiments.bulk.deciding import Decision  # noqa: PLC0415
    from experiments.bulk.member_relations import members_of_store  # noqa: PLC0415

    with opened() as connection:
        counter = MemberCounter(connection, members_of_store(engine, connection))
        standing = copy_standing(engine, connection, campaign.key, phase.number)
        groups = counter.count(
            Decision(asked.compiled, now),
            tiers=asked.tiers,
            enrolment_open=asked.enrolment_open,
            has_standing=True,
        )
    if not groups:
        return NotCounted(said("No members are kept here, so nobody knows who is eligible."))
    return counted(groups, asked.programme, unseen=_unseen(groups, standing, campaign, now))


@dataclass(frozen=True, slots=True)
class AskedAsIfRunning:
    """A campaign whose rules can be asked, whatever its state.

    Attributes:
        campaign: As it is.
        compiled: As if it ran now.
        others: Campaigns that run, are scheduled or paused, each as it is and as if it ran.
        enrolment_open: False once a cap is reached or something is exhausted.
    """

    programme: Programme | None
    campaign: Campaign
    compiled: CompiledCampaign
    others: tuple[tuple[Campaign, CompiledCampaign], ...]
    enrolment_open: bool

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers of the ladder, lowest first."""
        return self.programme.ladder.keys() if self.programme else ()


def ask_as_if_running(engine: Engine, key: str, now: datetime) -> AskedAsIfRunning:
    """Give a campaign as if it ran, beside those that do or will.

    Raises:
        UnknownCampaign: No campaign has this key.
        DatabaseMissing: The database is absent or does not answer.
    """
    with reading(engine) as connection:
        return _asked(connection, read_campaign(connection, key), now)


def ask_design_as_if_running(
    engine: Engine, design: CampaignDesign, now: datetime
) -> AskedAsIfRunning:
    """Give a design that nobody has kept yet as if it ran, in place of a draft with its key.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    with reading(engine) as connection:
        return _asked(connection, Campaign(design, State.DRAFT, now, now), now)


def _asked(connection: Connection, campaign: Campaign, now: datetime) -> AskedAsIfRunning:
    from experiments.bulk.counting import as_if_running  # noqa: PLC0415  # as said above

    key = campaign.key
    programme, campaigns = read_programme(connection), read_campaigns(connection)
    closed = closed_phases(connection)
    phase = campaign.phase.number if campaign.phase else 1
    enrolled = read_enrolled(connection, key, phase)
    live = [one for one in campaigns if one.key != key and one.state in _LIVE]
    asked = {one.key: as_if_running(one, campaigns, now) for one in (campaign, *live)}
    rest = [one for one in campaigns if one.key not in asked]
    catalogue = compile_catalogue(programme, [*asked.values(), *rest], revision=0, closed=closed)
    compiled = catalogue.campaigns[key]
    return AskedAsIfRunning(
        programme,
        campaign,
        compiled,
        tuple((one, catalogue.campaigns[one.key]) for one in live),
        not compiled.is_closed and (compiled.cap is None or enrolled < compiled.cap),
    )


def counted(
    groups: Sequence[MemberGroup],
    programme: Programme | None,
    *,
    unseen: tuple[UnseenCount, ...] = (),
) -> Enrolment:
    """Give groups of members as a scorecard and an audience have them."""
    manual = {tier.key for tier in programme.tiers if tier.manual} if programme else set()
    members: Counter[tuple[Kept, str]] = Counter()
    in_audience: Counter[tuple[Kept, str]] = Counter()
    for one in groups:
        if _is_in(one):
            continue
        key = _why(one, manual)
        members[key] += one.members
        in_audience[key] += one.members * one.admitted
    return Enrolment(
        members=sum(one.members for one in groups),
        eligible=sum(one.members for one in groups if _is_in(one)),
        assigned=sum(one.members for one in groups if one.variant is not None),
        kept=tuple(_listed(members, in_audience)),
        by_tier=_by_tier(groups, programme),
        unseen=unseen,
    )


def _is_in(group: MemberGroup) -> bool:
    """Whether members are eligible, or were when they were assigned."""
    return group.variant is not None or group.reason is Reason.ASSIGNED


def _why(group: MemberGroup, manual: set[str]) -> tuple[Kept, str]:
    kept = _KEPT[group.reason]
    if kept is Kept.NOT_ELIGIBLE:
        if "consent" in group.condition.lower():
            return Kept.CONSENT, group.detail
        if group.tier in manual:
            return Kept.MANUAL_TIER, group.tier or ""
    return kept, group.detail


def _listed(
    members: Counter[tuple[Kept, str]], in_audience: Counter[tuple[Kept, str]]
) -> Iterable[KeptCount]:
    for kept in Kept:
        found = sorted(
            ((key, n) for key, n in members.items() if key[0] is kept),
            key=lambda one: (-one[1], one[0][1]),
        )
        for key, n in found[:MOST_RULES]:
            yield KeptCount(kept, key[1], n, in_audience[key])
        rest = found[MOST_RULES:]
        if rest:
            yield KeptCount(
                kept,
                OTHER_RULES,
                sum(n for _, n in rest),
                sum(in_audience[key] for key, _ in rest),
            )


def _by_tier(groups: Sequence[MemberGroup], programme: Programme | None) -> tuple[TierCount, ...]:
    if programme is None or not programme.tiers:
        return ()
    named = {tier.key: (tier.name or tier.key, tier.manual) for tier in programme.tiers}
    counts = []
    for tier in (*named, None):
        of_tier = [one for one in groups if one.tier == tier]
        if tier is None and not of_tier:
            continue
        name, manual = ("", False) if tier is None else named[tier]
        counts.append(
            TierCount(
                tier,
                name,
                manual,
                sum(one.members for one in of_tier),
                sum(one.members for one in of_tier if _is_in(one)),
            )
        )
    return tuple(counts)


def _unseen(
    groups: Sequence[MemberGroup],
    standing: Sequence[Standing],
    campaign: Campaign,
    now: datetime,
) -> tuple[UnseenCount, ...]:
    """Say of each variant how many assigned units were not exposed, and why."""
    by_member = campaign.design.randomization_unit is UnitKind.MEMBER
    counts = []
    for one in standing:
        left = one.assigned - one.exposed
        opted_out = sum(
            group.members
            for group in groups
            if by_member
            and (group.variant, group.exposed, group.consents) == (one.variant, False, False)
        )
        found = ((Unseen.OPTED_OUT, opted_out), (_silence(campaign, now), left - opted_out))
        counts += [UnseenCount(one.variant, reason, units) for reason, units in found if units]
    return tuple(counts)


def _silence(campaign: Campaign, now: datetime) -> Unseen:
    """Say why a unit whose member opted out of nothing was not exposed."""
    state, ends_at = campaign.state_at(now), campaign.design.ends_at
    if state is State.PAUSED:
        return Unseen.PAUSED
    if state not in {State.RUNNING, State.SCHEDULED} or (ends_at is not None and ends_at <= now):
        return Unseen.ENDED
    return Unseen.NOT_SEEN
