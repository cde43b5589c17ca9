"""Recomputes every logged exposure's variant from the published rule, in SQL.

::

    logged -> logged_pairs -> audited -> audit_counts, audit_examples

Assignment is a pure function of the unit's id, so whoever has the exposures can check that each
shows the variant that the rule gives. What the rule cannot say is left alone: the audience (it
depends on attributes as they were), consent, caps, and when somebody was admitted. A traffic share
is only ever raised while a phase runs, so the present one admits all who ever were.

A unit that was assigned before a holdout grew keeps its variant. Where the remembered assignments
are at hand, such a unit agrees; a remembered variant that the split does not give is a fault all
the same, because the split of a phase never changes.

Who was erased has a pseudonym (`erased-` and 32 hexadecimal digits), from which nothing can be
recomputed; such units are left out and counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, Protocol

import ibis
import ibis.expr.types as ir

from stats.aggregation.answers import text, whole
from stats.aggregation.audit_counts import AuditCounts, AuditRow, Disagreement
from stats.aggregation.engine import Rows
from stats.aggregation.parameters import TIME, moment
from stats.aggregation.slots import TOTAL_SLOTS, SlotFunctions, slot_functions
from stats.errors import InvalidBucketing

LOGGED: Final = {"unit_id": "string", "variant": "string", "exposed_at": TIME}
"""Columns read of the relation `exposures`."""
REMEMBERED: Final = {"unit_id": "string", "variant": "string"}
"""Columns read of the optional relation `assignments`: made in this phase, one a unit."""
ERASED: Final = "erased"
"""Stands where a disagreement would, of units that cannot be audited."""
ERASED_PREFIX: Final = "erased-"
ERASED_LENGTH: Final = 39
"""What the pseudonym of an erased member begins with, and how long it is."""
MOST_EXAMPLES: Final = 3
"""Unit ids shown per kind of disagreement."""


@dataclass(frozen=True, slots=True, order=True)
class Slots:
    """Slots from `start` up to, but without, `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse slots that do not exist."""
        if not 0 <= self.start <= self.end <= TOTAL_SLOTS:
            way_out = f"give 0 ≤ start ≤ end ≤ {TOTAL_SLOTS}"
            raise InvalidBucketing((self.start, self.end), field="slots", expected=way_out)


@dataclass(frozen=True, slots=True)
class VariantSlots:
    """The slots of the split salt that lead to a variant."""

    variant: str
    slots: Slots


@dataclass(frozen=True, slots=True)
class HoldoutSlots:
    """Units whose slot lies below `below` are kept from the campaign."""

    salt: str
    below: int


@dataclass(frozen=True, slots=True)
class LayerSlots:
    """Units whose slot lies in none of these ranges belong to other campaigns."""

    salt: str
    own: tuple[Slots, ...]


@dataclass(frozen=True, slots=True)
class BucketingRule:
    """Which variant a unit of one phase gets, as far as its id decides it.

    Attributes:
        split_salt: Salt of the variants.
        variants: Their slots: consecutive ranges from 0 to 10,000, in the order of the campaign.
        traffic_salt: Salt of the admitted part.
        traffic_slots: Units whose slot lies below are admitted.
        holdouts: In force, the programme's first; empty without any.
        layer: Where the campaign excludes others; `None` without.

    Raises:
        InvalidBucketing: The ranges leave slots out or overlap.
    """

    split_salt: str
    variants: tuple[VariantSlots, ...]
    traffic_salt: str
    traffic_slots: int = TOTAL_SLOTS
    holdouts: tuple[HoldoutSlots, ...] = ()
    layer: LayerSlots | None = None

    def __post_init__(self) -> None:
        """Refuse a split that leaves a slot without a variant, or gives it two."""
        ranges = [held.slots for held in self.variants]
        ends = [Slots(0, 0), *ranges, Slots(TOTAL_SLOTS, TOTAL_SLOTS)]
        if not ranges or any(after.start != before.end for before, after in pairwise(ends)):
            came = [(slots.start, slots.end) for slots in ranges]
            way_out = f"give consecutive ranges from 0 to {TOTAL_SLOTS}"
            raise InvalidBucketing(came, field="variants", expected=way_out)


class AuditEngine(Protocol):
    """What an audit needs of the engine that holds the facts (`DuckDBEngine` is one)."""

    @property
    def dialect(self) -> str: ...  # noqa: D102 - into which Ibis compiles for it
    @property
    def relations(self) -> Mapping[str, frozenset[str]]: ...  # noqa: D102 - names and columns

    def keep(self, name: str, relation: ir.Table) -> ir.Table:
        """Compute a relation once, under a name."""

    def fetch(self, relation: ir.Table) -> Rows:
        """Give the rows of a small relation."""


def audited(
    logged: ir.Table,
    rule: BucketingRule,
    functions: SlotFunctions,
    *,
    remembered: ir.Table | None = None,
) -> ir.Table:
    """Recompute the variant of every pair of unit and logged variant.

    Args:
        logged: Exposures of one phase up to the analysis time: `unit_id` and `variant`, and `times`
            where a row may stand for many. Those of unknown units are left out.
        rule: The rule of that phase.
        functions: The engine's hash.
        remembered: Assignments made in this phase (`REMEMBERED`), where they are at hand.

    Returns:
        `unit_id`, `variant` as logged, `exposures`, `recomputed` by the split, and `kind` of the
        disagreement: null where they agree, `ERASED` where nothing can be said.
    """
    known = logged.filter(logged.unit_id.notnull())
    exposures = known.times.sum() if "times" in known.columns else known.count()
    pairs = known.group_by(["unit_id", "variant"]).agg(exposures=exposures.cast("int64"))
    slotted = _slotted(pairs, rule, functions)
    stands: ir.BooleanValue = ibis.literal(False)
    if remembered is not None:
        prior = remembered.select(prior_unit="unit_id", prior_variant="variant").distinct()
        slotted = slotted.left_join(prior, slotted.unit_id == prior.prior_unit)
        stands = (slotted.prior_variant == slotted.variant).fill_null(False)
    recomputed = _variant_of(rule, slotted.split_slot)
    unit = slotted.unit_id
    erased = unit.startswith(ERASED_PREFIX) & (unit.length() == ERASED_LENGTH)
    kind = ibis.cases(
        (erased, ERASED),
        *((refused & ~stands, kind.value) for refused, kind in _refusals(rule, slotted)),
        (recomputed != slotted.variant, Disagreement.WRONG_VARIANT.value),
    )
    return slotted.select("unit_id", "variant", "exposures", recomputed=recomputed, kind=kind)


def audit_counts(audit: ir.Table) -> ir.Table:
    """Count what `audited` gave per variant, recomputed variant and kind (null: they agree)."""
    return audit.group_by(["variant", "recomputed", "kind"]).agg(
        units=audit.count(), exposures=audit.exposures.sum()
    )


def audit_examples(audit: ir.Table) -> ir.Table:
    """Give the lowest few unit ids of every disagreement."""
    wrong = audit.filter(audit.kind.notnull() & (audit.kind != ERASED))
    window = ibis.window(group_by=["variant", "recomputed", "kind"], order_by="unit_id")
    placed = wrong.mutate(place=ibis.row_number().over(window))
    few = placed.filter(placed.place < MOST_EXAMPLES)
    return few.select("variant", "recomputed", "kind", "unit_id")


def audit_exposures(engine: AuditEngine, rule: BucketingRule, as_of: datetime) -> AuditCounts:
    """Recompute every logged exposure up to the analysis time, and count what disagrees.

    Args:
        engine: Holds `exposures` of one phase, and `assignments` where they are at hand.
        rule: The rule of that phase.
        as_of: The analysis time, aware; later exposures are ignored.
    """
    counted = "times" in engine.relations["exposures"]
    columns = {**LOGGED, "times": "int64"} if counted else LOGGED
    exposures = ibis.table(columns, name="exposures")
    logged = exposures.filter(exposures.exposed_at <= moment(as_of))
    known = "assignments" in engine.relations
    remembered = ibis.table(REMEMBERED, name="assignments") if known else None
    functions = slot_functions(engine.dialect)
    kept = engine.keep("audited", audited(logged, rule, functions, remembered=remembered))
    return read_audit(engine.fetch(audit_counts(kept)), engine.fetch(audit_examples(kept)))


def read_audit(counts: Rows, examples: Rows) -> AuditCounts:
    """Read the rows of `audit_counts` and `audit_examples`."""
    ids: dict[tuple[object, ...], list[str]] = {}
    for row in examples:
        key = (row["variant"], row["recomputed"], row["kind"])
        ids.setdefault(key, []).append(text(row["unit_id"]))
    rows = [
        AuditRow(
            text(row["variant"]),
            text(row["recomputed"]),
            Disagreement(text(row["kind"])),
            whole(row["units"]),
            whole(row["exposures"]),
            tuple(sorted(ids.get((row["variant"], row["recomputed"], row["kind"]), ()))),
        )
        for row in counts
        if row["kind"] not in {None, ERASED}
    ]
    order = list(Disagreement)
    rows.sort(key=lambda row: (order.index(row.kind), -row.units, row.logged, row.recomputed))
    return AuditCounts(
        units=sum(whole(row["units"]) for row in counts if row["kind"] != ERASED),
        exposures=sum(whole(row["exposures"]) for row in counts if row["kind"] != ERASED),
        disagreements=tuple(rows),
        erased=sum(whole(row["units"]) for row in counts if row["kind"] == ERASED),
    )


def _slotted(pairs: ir.Table, rule: BucketingRule, functions: SlotFunctions) -> ir.Table:
    """Add the slot of every salt that the rule reads, each hashed once."""
    salts = {"split_slot": rule.split_salt}
    salts |= {f"holdout_slot_{i}": holdout.salt for i, holdout in enumerate(rule.holdouts)}
    if rule.layer is not None:
        salts["layer_slot"] = rule.layer.salt
    if rule.traffic_slots < TOTAL_SLOTS:
        salts["traffic_slot"] = rule.traffic_salt
    return pairs.mutate(
        **{name: functions.md5_slot(salt, pairs.unit_id) for name, salt in salts.items()}
    )


def _variant_of(rule: BucketingRule, slot: ir.IntegerValue) -> ir.StringValue:
    branches = [
        (slot < held.slots.end, held.variant)
        for held in rule.variants
        if held.slots.start < held.slots.end  # a share of zero holds no slot
    ]
    return ibis.cases(*branches)


def _refusals(
    rule: BucketingRule, slotted: ir.Table
) -> Iterator[tuple[ir.BooleanValue, Disagreement]]:
    """Give the reasons against a unit, in the order in which an assignment asks."""
    for i, holdout in enumerate(rule.holdouts):
        yield slotted[f"holdout_slot_{i}"] < holdout.below, Disagreement.HELD_OUT
    if rule.layer is not None:
        slot = slotted.layer_slot
        inside = [(slot >= held.start) & (slot < held.end) for held in rule.layer.own]
        yield ~ibis.or_(*inside) if inside else ibis.literal(True), Disagreement.OUTSIDE_LAYER
    if rule.traffic_slots < TOTAL_SLOTS:
        yield slotted.traffic_slot >= rule.traffic_slots, Disagreement.NOT_ADMITTED
