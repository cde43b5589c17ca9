"""Decides the variant of every member in one statement, as `experiments.assignment` does for one.

An outcome is a small number: 0 and above is the place of a variant, below is a reason. Slots are
computed by the published formula (`experiments.bucketing`), and only where a decision needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from sqlalchemy import select

from experiments.assignment import NotAssigned, Reason, assign
from experiments.bucketing import TOTAL_SHARDS
from experiments.bulk import literals
from experiments.bulk.member_relations import copy_rows
from experiments.bulk.readings import ABSENT, Reading, reading, with_fallback
from experiments.bulk.rules_sql import Patterns, admission_sql, attributes_of
from experiments.campaign import UnitKind
from experiments.member import Member
from experiments.store.tables import assignments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import duckdb
    from sqlalchemy import Engine

    from experiments.bulk.member_relations import MemberRelation
    from experiments.catalogue import CompiledCampaign

DECIDED: Final = "decided"
"""Each member with the unit, the outcome, and whether that is a new assignment."""

PRIORS: Final = "priors"
"""Each unit that was assigned before, with the variant."""

_PRIOR_SCHEMA: Final = pa.schema(
    [pa.field("unit_id", pa.string(), nullable=False), pa.field("variant", pa.string())]
)
_REASONS: Final = tuple(Reason)
_FOR_EVERYONE: Final = frozenset(
    {Reason.NOT_STARTED, Reason.PAUSED, Reason.ENDED, Reason.EXTERNALLY_ASSIGNED}
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be decided.

    Attributes:
        campaign: Compiled.
        now: Aware UTC.
        told: Attributes that are handed on, as text; one that nobody can have gets no column.
        with_attributes: Whether new assignments carry all attributes, to be remembered.
    """

    campaign: CompiledCampaign
    now: datetime
    told: Sequence[str] = ()
    with_attributes: bool = False

    @property
    def unit(self) -> str:
        """The column of `DECIDED` that has the randomization unit."""
        return "member_id" if self.campaign.unit is UnitKind.MEMBER else "unit_id"


def outcome_of(reason: Reason) -> int:
    """Give the outcome that stands for a reason."""
    return -1 - _REASONS.index(reason)


def reason_of(outcome: int) -> Reason:
    """Give the reason of an outcome."""
    return Reason.ASSIGNED if outcome >= 0 else _REASONS[-1 - outcome]


def told_column(attribute: str) -> str:
    """Give the column of `DECIDED` that has an attribute of `Decision.told`."""
    return literals.name(f"told {attribute}")


def refused_for_everyone(campaign: CompiledCampaign, now: datetime) -> Reason | None:
    """Give the reason for which the campaign assigns nobody at all, or None."""
    answer = assign(campaign, Member("-"), now)
    if isinstance(answer, NotAssigned) and answer.reason in _FOR_EVERYONE:
        return answer.reason
    return None


def decide(
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    relation: MemberRelation,
    decision: Decision,
) -> frozenset[str]:
    """Make the table `DECIDED`: `member_id`, unit, what is told, `outcome`, `fresh`, `attributes`.

    Whether a cap is reached is not decided here: it depends on who came first.

    Returns:
        Those of `decision.told` that have a column.

    Raises:
        InvalidValues: The rules read a column that cannot be an attribute.
        DatabaseMissing: The database is absent or does not answer.
    """
    campaign = decision.campaign
    reason = refused_for_everyone(campaign, decision.now)
    has_priors = reason is None and _copy_priors(engine, connection, campaign)
    read, readings = read_sql(relation, decision)
    admitted = admission_sql(campaign.audience, readings, Patterns(connection))
    slot = (
        str(outcome_of(reason)) if reason else slot_sql(decision, admitted, has_priors=has_priors)
    )
    unit = "" if decision.unit == "member_id" else "unit_id, "
    told = "".join(f"{told_column(name)}, " for name in decision.told if readings[name] != ABSENT)
    joined = f"LEFT JOIN {PRIORS} ON {PRIORS}.unit_id = given.{decision.unit}"
    connection.execute(
        f"CREATE OR REPLACE TABLE {DECIDED} AS WITH given AS ({read}), slotted AS ("  # noqa: S608  # literals are quoted
        f"SELECT given.*, {slot} AS slot FROM given {joined if has_priors else ''}) "
        f"SELECT slot BETWEEN 0 AND {TOTAL_SHARDS - 1} AS fresh, "
        f"CASE WHEN fresh THEN {relation.new_id} ELSE member_id END AS member_id, "
        f"{unit}{told}{_outcome_sql(campaign)}::TINYINT AS outcome"
        + f", CASE WHEN fresh THEN {relation.attributes} END AS attributes"
        * decision.with_attributes
        + " FROM slotted"
    )
    return frozenset(name for name in decision.told if readings[name] != ABSENT)


def _copy_priors(
    engine: Engine, connection: duckdb.DuckDBPyConnection, campaign: CompiledCampaign
) -> bool:
    query = select(assignments.c.unit_id, assignments.c.variant).where(
        assignments.c.campaign_key == campaign.key, assignments.c.phase == campaign.phase
    )
    return copy_rows(connection, PRIORS, engine, query, _PRIOR_SCHEMA) > 0


def read_sql(relation: MemberRelation, decision: Decision) -> tuple[str, dict[str, Reading]]:
    """Give the query of the members, and how the rules read its columns."""
    raw: list[str] = []
    readings: dict[str, Reading] = {}
    for attribute in (*attributes_of(decision.campaign.audience), *decision.told):
        if attribute in readings:
            continue
        found = relation.value(attribute)
        if found is None:
            readings[attribute] = ABSENT
            continue
        form, value = found
        column = f"raw_{len(raw)}"
        raw.append(f", {value} AS {column}")
        readings[attribute] = reading(form, column)
    told = [
        f", {readings[name].text} AS {told_column(name)}"
        for name in decision.told
        if readings[name] != ABSENT
    ]
    if "id" in readings:
        readings["id"] = with_fallback(readings["id"], "member_id")
    unit = "" if decision.unit == "member_id" else f", {relation.household} AS unit_id"
    carried = relation.carried * decision.with_attributes
    read = (
        f"SELECT {relation.member_id} AS member_id, {relation.consent} AS consent"  # noqa: S608  # literals are quoted
        f"{unit}{carried}{''.join(raw)} FROM {relation.source}"
    )
    # what is told is read one step later, from columns that are computed once
    return f"SELECT *{''.join(told)} FROM ({read})", readings  # noqa: S608  # as above


def slot_sql(decision: Decision, admitted: str | None, *, has_priors: bool) -> str:
    """Give the reason, the remembered variant or the slot of the split, in the usual order.

    Args:
        decision: What is to be decided.
        admitted: SQL of whether the audience admits a member of `given`; None where it does all.
        has_priors: Whether `PRIORS` is joined.
    """
    campaign, unit = decision.campaign, f"given.{decision.unit}"
    whens = [("NOT consent", str(outcome_of(Reason.OPTED_OUT)))]
    if campaign.unit is UnitKind.HOUSEHOLD:
        whens.append((f"{unit} IS NULL", str(outcome_of(Reason.NOT_ELIGIBLE))))
    if has_priors:
        whens += [
            (f"{PRIORS}.variant = {literals.text(variant.key)}", str(TOTAL_SHARDS + place))
            for place, variant in enumerate(campaign.variants)
        ]
    held_out, layer = str(outcome_of(Reason.HELD_OUT)), campaign.layer
    if campaign.holdout_slots:
        below = f"{shard_sql(campaign.holdout_salt, unit)} < {campaign.holdout_slots}"
        whens.append((below, held_out))
    if layer is not None:
        if layer.holdout_slots:
            below = f"{shard_sql(layer.holdout_salt, unit)} < {layer.holdout_slots}"
            whens.append((below, held_out))
        # one lambda, so that several ranges cost one hash
        held = " OR ".join(f"(slot >= {own.start} AND slot < {own.end})" for own in layer.own)
        inside = (
            f"list_transform([{shard_sql(layer.salt, unit)}], lambda slot: {held or 'FALSE'})[1]"
        )
        whens.append((f"NOT {inside}", str(outcome_of(Reason.OTHER_CAMPAIGN))))
    if admitted is not None:
        whens.append((f"NOT {admitted}", str(outcome_of(Reason.NOT_ELIGIBLE))))
    if campaign.traffic_slots < TOTAL_SHARDS:
        beyond = f"{shard_sql(campaign.traffic_salt, unit)} >= {campaign.traffic_slots}"
        whens.append((beyond, str(outcome_of(Reason.TRAFFIC))))
    cases = " ".join(f"WHEN {condition} THEN {slot}" for condition, slot in whens)
    return f"CASE {cases} ELSE {shard_sql(campaign.split_salt, unit)} END"


def _outcome_sql(campaign: CompiledCampaign) -> str:
    held = " ".join(
        f"WHEN slot < {end} THEN {place}" for place, end in enumerate(campaign.split_ends)
    )
    return f"CASE WHEN slot < 0 THEN slot {held} ELSE slot - {TOTAL_SHARDS} END"


def shard_sql(salt: str, unit: str) -> str:
    """Give the slot of a unit, as `docs/reference/bucketing.md` publishes it."""
    hashed = f"md5({literals.text(f'{salt}-')} || {unit})"
    return f"('0x' || substr({hashed}, 1, 8))::BIGINT % {TOTAL_SHARDS}"
