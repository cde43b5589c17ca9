"""Counts all members by what a campaign decides about them, in one pass, and by what exactly.

The decision is that of `experiments.assignment`. Nothing is remembered, and no cap runs out:
whoever is eligible and was not asked yet is counted as eligible, unless enrolment is closed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from sqlalchemy import literal, select

from experiments.assignment import Reason
from experiments.bucketing import TOTAL_SHARDS
from experiments.bulk import literals
from experiments.bulk.deciding import (
    PRIORS,
    Decision,
    outcome_of,
    read_sql,
    reason_of,
    shard_sql,
    slot_sql,
    told_column,
)
from experiments.bulk.member_relations import copy_rows
from experiments.bulk.readings import ABSENT
from experiments.bulk.rules_sql import Patterns, refusals_sql
from experiments.campaign import AssignedBy, Campaign, Phase, State, UnitKind
from experiments.catalogue import held_ranges
from experiments.layer import free_ranges, slots, take
from experiments.member import HOUSEHOLD
from experiments.store.engine import reading
from experiments.store.firsts import Firsts
from experiments.store.folding import folded_until
from experiments.store.tables import assignments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import duckdb
    from sqlalchemy import Engine

    from experiments.bulk.member_relations import MemberRelation
    from experiments.bulk.readings import Reading
    from experiments.catalogue import CompiledCampaign
    from experiments.layer import SlotRange

TIER: Final = "tier"
_COUNTED: Final = "counted"
_STANDING_SCHEMA: Final = pa.schema(
    [
        pa.field("unit_id", pa.string()),
        pa.field("variant", pa.string(), nullable=False),
        pa.field("is_exposure", pa.int32(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class MemberGroup:
    """Members about whom the same is known.

    Attributes:
        reason: What the campaign decides about them; `ASSIGNED` where nothing stands against it.
        detail: What exactly refused them, in the evaluator's words.
        condition: Attribute of the first condition that refused them, empty where none did.
        admitted: Whether the rules of the audience admit them now.
        consents: Whether they agreed to personalised offers.
        tier: Their tier now; None where it is none of those asked for.
        variant: The variant that stands for their unit in this phase; None where none does.
        exposed: Whether their unit was exposed in this phase.
        members: How many they are.
    """

    reason: Reason
    detail: str
    condition: str
    admitted: bool
    consents: bool
    tier: str | None
    variant: str | None
    exposed: bool
    members: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The units of a variant that were assigned in a phase, exposed or not.

    Attributes:
        variant: Its key.
        assigned: Units with an assignment, remembered or seen by a first exposure.
        exposed: Those of them that were exposed.
    """

    variant: str
    assigned: int
    exposed: int


def as_if_running(campaign: Campaign, others: Iterable[Campaign], now: datetime) -> Campaign:
    """Give a campaign as it would be if it ran now, so that its rules can be asked.

    A draft takes the slots of its layer that a launch would take, or as many as are free.

    Args:
        campaign: In any state.
        others: All campaigns, this one among them or not.
        now: Aware UTC.
    """
    always = {"starts_at": None, "ends_at": None, "assigned_by": AssignedBy.TIERLIFT}
    design = campaign.design.model_copy(update=always)
    phase = campaign.phase
    if phase is None:
        use = design.layer
        ranges: tuple[SlotRange, ...] = ()
        if use is not None:
            taken = [
                held
                for other in others
                if other.key != campaign.key
                for held in held_ranges(other, use.key)
            ]
            ranges = take(slots(use.share), taken) or free_ranges(taken)
        phase = Phase(1, design, now, layer_ranges=ranges)
    started = replace(phase, started_at=min(phase.started_at, now), ended_at=None)
    phases = (*campaign.phases[:-1], started)
    return replace(campaign, design=design, state=State.RUNNING, phases=phases)


def copy_standing(
    engine: Engine, connection: duckdb.DuckDBPyConnection, campaign: str, phase: int
) -> tuple[Standing, ...]:
    """Make the table of units that were assigned in a phase; give how many by variant.

    The first exposure of a unit that nobody remembers is its assignment: the split was made
    elsewhere, or evaluated without asking.
    """
    remembered = select(
        assignments.c.unit_id, assignments.c.variant, literal(0).label("is_exposure")
    ).where(assignments.c.campaign_key == campaign, assignments.c.phase == phase)
    with reading(engine) as store:
        firsts = Firsts(campaign, phase, folded_until(store))
    copy_rows(connection, "remembered", engine, remembered, _STANDING_SCHEMA)
    for name, part in (("folded", firsts.folded()), ("tail", firsts.tail())):
        first = part.subquery(name)
        seen = select(first.c.unit_id, first.c.variant, literal(1).label("is_exposure"))
        copy_rows(connection, name, engine, seen, _STANDING_SCHEMA)
    connection.execute(
        f"CREATE OR REPLACE TABLE {PRIORS} AS "  # noqa: S608  # our own names
        "SELECT unit_id, COALESCE(min(variant) FILTER (is_exposure = 0), min(variant)) AS variant, "
        "max(is_exposure) = 1 AS exposed FROM "
        "(FROM remembered UNION ALL FROM folded UNION ALL FROM tail) "
        "WHERE unit_id IS NOT NULL GROUP BY unit_id"
    )
    rows = connection.execute(
        f"SELECT variant, count(*), count(*) FILTER (exposed) FROM {PRIORS} "  # noqa: S608  # as above
        "GROUP BY variant ORDER BY variant"
    ).fetchall()
    return tuple(Standing(*row) for row in rows)


class MemberCounter:
    """Counts the members of a connection, for one campaign and against others."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: MemberRelation) -> None:
        """Take members that are in DuckDB."""
        self._connection, self._relation = connection, relation
        self._patterns = Patterns(connection)

    def count(
        self,
        decision: Decision,
        *,
        tiers: Sequence[str],
        enrolment_open: bool = True,
        has_standing: bool = False,
    ) -> tuple[MemberGroup, ...]:
        """Count members by what is decided about them, the largest groups first.

        Args:
            decision: With a campaign that is running; see `as_if_running`.
            tiers: Which tiers are told apart.
            enrolment_open: False once a cap is reached or something is exhausted.
            has_standing: Whether `copy_standing` was called for this phase.

        Raises:
            InvalidValues: The rules read a column that cannot be an attribute.
        """
        campaign, unit = decision.campaign, decision.unit
        read, readings = read_sql(self._relation, replace(decision, told=(TIER,)))
        refusals = refusals_sql(campaign.audience, readings, self._patterns)
        columns = [f"refused_{place}" for place in range(len(refusals))]
        judged = "".join(f", {sql} AS {name}" for sql, name in zip(refusals, columns, strict=True))
        admitted = " OR ".join(f"{name} IS NULL" for name in columns) or "TRUE"
        standing, exposed, joined = _standing_sql(campaign, unit, has_standing=has_standing)
        slot = slot_sql(decision, f"({admitted})", has_priors=has_standing)
        refused = outcome_of(Reason.NOT_ELIGIBLE)
        details = "".join(
            f", CASE WHEN outcome = {refused} THEN {name} END AS {name}" for name in columns
        )
        eligible = 0 if enrolment_open else outcome_of(Reason.CAPPED)
        self._connection.execute(
            f"CREATE OR REPLACE TABLE {_COUNTED} AS WITH given AS ("  # noqa: S608  # literals are quoted
            f"SELECT *{judged} FROM ({read})), slotted AS ("
            f"SELECT given.*, ({admitted}) AS admitted, {standing} AS standing, "
            f"{exposed} AS exposed, {slot} AS slot FROM given {joined}), decided AS ("
            "SELECT *, CASE WHEN slot < 0 THEN slot WHEN standing IS NULL "
            f"THEN {eligible} ELSE 0 END::TINYINT AS outcome FROM slotted) "
            f"SELECT member_id, outcome, {unit} IS NULL AS no_unit{details}, "
            f"{_holdout_sql(campaign, unit)} AS by_programme, "
            f"{_holder_sql(campaign, unit)} AS holder, admitted, consent, "
            f"{_tier_sql(readings, tiers)} AS tier, standing, exposed FROM decided"
        )
        rows = self._connection.execute(
            f"SELECT * EXCLUDE member_id, count(*) AS members FROM {_COUNTED} GROUP BY ALL"  # noqa: S608  # our own name
        )
        names = [column[0] for column in rows.description]
        groups = [
            _group(campaign, dict(zip(names, row, strict=True)), columns) for row in rows.fetchall()
        ]
        return tuple(sorted(groups, key=lambda one: (-one.members, one.reason, one.detail)))

    def shared(self, other: Decision) -> int:
        """Count the eligible members of the last `count` whom another campaign takes, too.

        Args:
            other: Another campaign, as if running.
        """
        read, readings = read_sql(self._relation, other)
        refusals = refusals_sql(other.campaign.audience, readings, self._patterns)
        admitted = " OR ".join(f"({sql}) IS NULL" for sql in refusals) or "TRUE"
        slot = slot_sql(other, f"({admitted})", has_priors=False)
        found = self._connection.execute(
            f"WITH given AS (SELECT * FROM ({read}) WHERE member_id IN "  # noqa: S608  # literals are quoted
            f"(SELECT member_id FROM {_COUNTED} WHERE outcome = 0)) "
            f"SELECT count(*) FROM (SELECT {slot} AS slot FROM given) "
            f"WHERE slot BETWEEN 0 AND {TOTAL_SHARDS - 1}"
        ).fetchone()
        return int(found[0]) if found else 0


def _standing_sql(
    campaign: CompiledCampaign, unit: str, *, has_standing: bool
) -> tuple[str, str, str]:
    """Give the variant that stands for a member, whether it was exposed, and what is joined."""
    if not has_standing:
        return "NULL::VARCHAR", "FALSE", ""
    known = ", ".join(literals.text(variant.key) for variant in campaign.variants)
    return (
        f"CASE WHEN {PRIORS}.variant IN ({known}) THEN {PRIORS}.variant END",
        f"COALESCE({PRIORS}.exposed, FALSE)",
        f"LEFT JOIN {PRIORS} ON {PRIORS}.unit_id = given.{unit}",
    )


def _tier_sql(readings: Mapping[str, Reading], tiers: Sequence[str]) -> str:
    if readings[TIER] == ABSENT or not tiers:
        return "NULL::VARCHAR"
    told = told_column(TIER)
    return f"CASE WHEN {told} IN ({', '.join(map(literals.text, tiers))}) THEN {told} END"


def _holdout_sql(campaign: CompiledCampaign, unit: str) -> str:
    """Say of members in a holdout whether it is the programme's."""
    held = f"outcome = {outcome_of(Reason.HELD_OUT)}"
    if not campaign.holdout_slots:
        return f"CASE WHEN {held} THEN FALSE END"
    below = f"{shard_sql(campaign.holdout_salt, unit)} < {campaign.holdout_slots}"
    return f"CASE WHEN {held} THEN {below} END"


def _runs(campaign: CompiledCampaign) -> Iterator[tuple[str | None, int]]:
    """Give who holds the slots of the layer, and up to which, in order."""
    end = 0
    holders = campaign.layer.holders if campaign.layer else ()
    for holder, run in groupby(holders):
        end += len(list(run))
        yield holder, end


def _holder_sql(campaign: CompiledCampaign, unit: str) -> str:
    """Give the key of the campaign that has a member of another slot of the layer, or null."""
    if campaign.layer is None:
        return "NULL"
    whens = " ".join(
        f"WHEN slot < {end} THEN {literals.text(holder or '')}" for holder, end in _runs(campaign)
    )
    lambda_sql = f"lambda slot: CASE {whens} END"
    found = f"list_transform([{shard_sql(campaign.layer.salt, unit)}], {lambda_sql})[1]"
    return f"CASE WHEN outcome = {outcome_of(Reason.OTHER_CAMPAIGN)} THEN {found} END"


def _group(
    campaign: CompiledCampaign, row: dict[str, object], columns: Sequence[str]
) -> MemberGroup:
    outcome = row["outcome"]
    reason = reason_of(outcome) if isinstance(outcome, int) else Reason.ASSIGNED
    detail = condition = ""
    match reason:
        case Reason.NOT_ELIGIBLE if row["no_unit"] and campaign.unit is UnitKind.HOUSEHOLD:
            detail, condition = f"{HOUSEHOLD} IS_NULL false", HOUSEHOLD
        case Reason.NOT_ELIGIBLE:
            places = [row[name] for name in columns]
            failed = [
                rule.all_of[place]
                for rule, place in zip(campaign.audience.any_of, places, strict=True)
                if isinstance(place, int)
            ]
            detail = " and ".join(dict.fromkeys(map(str, failed)))
            condition = failed[0].attribute
        case Reason.HELD_OUT:
            layer = campaign.layer.key if campaign.layer else ""
            detail = "programme" if row["by_programme"] else f"layer {layer}"
        case Reason.OTHER_CAMPAIGN:
            layer = campaign.layer.key if campaign.layer else ""
            detail = str(row["holder"] or "") or f"layer {layer}: slots that no campaign holds"
        case _:
            pass
    return MemberGroup(
        reason=reason,
        detail=detail,
        condition=condition,
        admitted=bool(row["admitted"]),
        consents=bool(row["consent"]),
        tier=None if row["tier"] is None else str(row["tier"]),
        variant=None if row["standing"] is None else str(row["standing"]),
        exposed=bool(row["exposed"]),
        members=int(str(row["members"])),
    )
