"""Facts and plans that the tests of `stats` share, built by hand or at random."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

from stats.aggregation.facts import FactTables
from stats.metric import Condition, MetricDefinition, Window, builtin
from stats.plan import (
    AnalysisPlan,
    CrossoverRule,
    Funnel,
    FunnelStep,
    MetricInUse,
    MetricRole,
    PlannedVariant,
    RandomizationUnit,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
TIME = pa.timestamp("us", "UTC")

Exposure = tuple[str, str, datetime]
Conversion = tuple[str, str, datetime, int | None, str | None, dict[str, str] | None]


def exposures_table(
    rows: Sequence[Exposure], units: dict[str, str | None] | None = None
) -> pa.Table:
    """Exposures as `member_id, variant, exposed_at`; the unit is the member unless given."""
    members = [row[0] for row in rows]
    return pa.table(
        {
            "member_id": pa.array(members, pa.string()),
            "unit_id": pa.array(
                members if units is None else [units[m] for m in members], pa.string()
            ),
            "variant": pa.array([row[1] for row in rows], pa.string()),
            "exposed_at": pa.array([row[2] for row in rows], TIME),
        }
    )


def conversions_table(rows: Sequence[Conversion]) -> pa.Table:
    """Conversions as `member_id, event, occurred_at, amount_minor, currency, properties`."""
    return pa.table(
        {
            "member_id": pa.array([row[0] for row in rows], pa.string()),
            "event": pa.array([row[1] for row in rows], pa.string()),
            "occurred_at": pa.array([row[2] for row in rows], TIME),
            "amount_minor": pa.array([row[3] for row in rows], pa.int64()),
            "currency": pa.array([row[4] for row in rows], pa.string()),
            "properties": pa.array(
                [None if row[5] is None else json.dumps(row[5]) for row in rows], pa.string()
            ),
        }
    )


def order(member: str, at: datetime, amount: int, currency: str = "TWD") -> Conversion:
    """An order."""
    return (member, "order", at, amount, currency, None)


def refund(member: str, at: datetime, amount: int) -> Conversion:
    """A refund."""
    return (member, "refund", at, amount, "TWD", None)


def event(member: str, name: str, at: datetime, **properties: str) -> Conversion:
    """An event without an amount."""
    return (member, name, at, None, None, properties or None)


def facts(
    exposures: Sequence[Exposure],
    conversions: Sequence[Conversion] = (),
    units: dict[str, str | None] | None = None,
    *,
    assignments: Sequence[tuple[str, str, datetime]] | None = None,
    segments: dict[str, dict[str, str | None]] | None = None,
) -> FactTables:
    """Facts of a member campaign, or of a household campaign when units are given.

    Assignments are of units; segments are the values of each unit by segment.
    """
    unit_members = None
    if units is not None:
        known = {member: unit for member, unit in units.items() if unit is not None}
        unit_members = pa.table(
            {
                "member_id": pa.array(known.keys(), pa.string()),
                "unit_id": pa.array(known.values(), pa.string()),
            }
        )
    return FactTables(
        exposures_table(exposures, units),
        conversions_table(conversions),
        unit_members,
        assignments=None if assignments is None else assignments_table(assignments),
        units=None if segments is None else units_table(segments),
    )


def assignments_table(rows: Sequence[tuple[str, str, datetime]]) -> pa.Table:
    """Assignments as `unit_id, variant, assigned_at`."""
    return pa.table(
        {
            "unit_id": pa.array([row[0] for row in rows], pa.string()),
            "variant": pa.array([row[1] for row in rows], pa.string()),
            "assigned_at": pa.array([row[2] for row in rows], TIME),
        }
    )


def units_table(segments: dict[str, dict[str, str | None]]) -> pa.Table:
    """Values of units as `unit_id` and a column for every segment."""
    keys = sorted({key for values in segments.values() for key in values})
    return pa.table(
        {
            "unit_id": pa.array(segments.keys(), pa.string()),
            **{
                key: pa.array([values.get(key) for values in segments.values()], pa.string())
                for key in keys
            },
        }
    )


def in_use(
    key: str | MetricDefinition,
    role: MetricRole = MetricRole.DIAGNOSTIC,
    *,
    window: Window | None = None,
    margin: str | None = None,
    **parameters: Sequence[str],
) -> MetricInUse:
    """A built-in or custom metric in use."""
    definition = builtin(key, **parameters) if isinstance(key, str) else key
    return MetricInUse(definition, role, window, None if margin is None else Decimal(margin))


def plan(
    *metrics: MetricInUse,
    shares: dict[str, str | None] | None = None,
    unit: RandomizationUnit = RandomizationUnit.MEMBER,
    rule: CrossoverRule = CrossoverRule.EXCLUDE,
    funnel: Funnel | None = None,
    time_zone: str = "Asia/Taipei",
) -> AnalysisPlan:
    """A plan; the first variant is the control."""
    shares = {"control": "0.5", "B": "0.5"} if shares is None else shares
    return AnalysisPlan(
        campaign="gold-q3",
        phase=1,
        randomization_unit=unit,
        variants=tuple(
            PlannedVariant(key, None if share is None else Decimal(share), is_control=i == 0)
            for i, (key, share) in enumerate(shares.items())
        ),
        metrics=metrics or (in_use("repurchase_rate", MetricRole.OEC),),
        currency="TWD",
        currency_exponent=2,
        time_zone=time_zone,
        funnel=funnel,
        crossover_rule=rule,
    )


FUNNEL = Funnel(
    (
        FunnelStep("clicked", "Clicked the offer", ("offer_click",)),
        FunnelStep("ordered", "Ordered", ("order",)),
        FunnelStep("gold", "Reached gold", ("tier_change",), (Condition("to", ("gold", "黄金")),)),
    ),
    Window(30),
)

ALL_METRICS = (
    in_use("upgrade_conversion", MetricRole.OEC, target_tiers=["gold", "黄金"]),
    in_use("downgrade", window=Window(45), lower_tiers=["silver"]),
    in_use("offer_click_through"),
    in_use("repurchase_rate"),
    in_use("retention_d30"),
    in_use("churn"),
    in_use("purchase_frequency"),
    in_use("average_order_value"),
    in_use("spend_per_member"),
    in_use("activity"),
    in_use("refund_rate", MetricRole.GUARDRAIL, margin="0.1"),
)


def random_facts(
    seed: int, members: int = 400, *, households: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str | None] | None]:
    """Random exposures and conversions with everything that can go wrong in them.

    Non-ASCII ids, ties, repeated rows, members in two variants, unknown units, refunds, other
    currencies, missing amounts, events before exposure, events on the ends of windows, variants
    that are not planned, and facts after the analysis time.
    """
    rng = np.random.default_rng(seed)
    names = np.array([f"{prefix}{i}" for i in range(members) for prefix in ("m", "會員", "😀")])
    names = rng.choice(names, members, replace=False)
    units: dict[str, str | None] | None = None
    if households:
        numbers = rng.integers(0, members // 2, members)
        units = {
            name: None if rng.random() < 0.05 else f"家{number}"
            for name, number in zip(names, numbers, strict=True)
        }
    exposed = rng.choice(names, int(members * 0.8), replace=False)
    exposed = np.concatenate([exposed, rng.choice(exposed, members // 3), exposed[:20]])
    # whole days, so that ties and window ends are hit exactly
    days = rng.integers(0, 60, len(exposed))
    variants = rng.choice(["control", "B", "C", "rogue"], len(exposed), p=[0.4, 0.3, 0.28, 0.02])
    first = {}
    for name, variant in zip(exposed, variants, strict=True):
        unit = name if units is None else units[name]
        first.setdefault(unit, variant)
    steady = rng.random(len(exposed)) < 0.9  # a tenth may cross over
    variants = np.array(
        [
            first[name if units is None else units[name]] if keep else variant
            for name, variant, keep in zip(exposed, variants, steady, strict=True)
        ]
    )
    exposures = pd.DataFrame(
        {
            "member_id": exposed,
            "unit_id": [name if units is None else units[name] for name in exposed],
            "variant": variants,
            "exposed_at": pd.Timestamp(START) + pd.to_timedelta(days, unit="D"),
        }
    )
    n = members * 8
    events = rng.choice(
        ["order", "refund", "offer_click", "tier_change", "activity"],
        n,
        p=[0.4, 0.1, 0.2, 0.1, 0.2],
    )
    has_amount = np.isin(events, ["order", "refund"]) & (rng.random(n) < 0.97)
    amounts = [
        int(a) if has else None
        for a, has in zip(rng.integers(1, 10**6, n), has_amount, strict=True)
    ]
    jitter = rng.choice([0, 0, 0, -1, 1, 3600 * 10**6, 17 * 3600 * 10**6], n)
    conversions = pd.DataFrame(
        {
            "member_id": rng.choice(names, n),
            "event": events,
            "occurred_at": pd.Timestamp(START)
            + pd.to_timedelta(rng.integers(-10, 130, n), unit="D")
            + pd.to_timedelta(jitter, unit="us"),
            "amount_minor": pd.array(amounts, dtype="Int64"),
            "currency": [
                None if a is None else str(rng.choice(["TWD", "TWD", "TWD", "TWD", "USD", "JPY"]))
                for a in amounts
            ],
            "to": [
                str(rng.choice(["gold", "silver", "黄金"])) if e == "tier_change" else None
                for e in events
            ],
        }
    )
    conversions = pd.concat([conversions, conversions.head(50)], ignore_index=True)
    return exposures, conversions, units


def random_segments(seed: int, exposures: pd.DataFrame) -> dict[str, dict[str, str | None]]:
    """Two segments of most exposed units; some have no value, some no row."""
    rng = np.random.default_rng(seed)
    ids = sorted(set(exposures["unit_id"].dropna()))
    return {
        unit: {
            "tier": str(rng.choice(["bronze", "銀", "gold"])),
            "country": None if rng.random() < 0.1 else str(rng.choice(["TW", "JP"])),
        }
        for unit in ids
        if rng.random() < 0.95
    }


def fact_tables(
    exposures: pd.DataFrame,
    conversions: pd.DataFrame,
    units: dict[str, str | None] | None,
    *,
    assigned: bool = False,
    segments: dict[str, dict[str, str | None]] | None = None,
) -> FactTables:
    """Hand random facts over; where `assigned`, exposures of known units are assignments, too."""
    rows = [
        (
            str(r.member_id),
            str(r.event),
            r.occurred_at.to_pydatetime(),
            None if pd.isna(r.amount_minor) else int(r.amount_minor),
            None if pd.isna(r.currency) else str(r.currency),
            None if pd.isna(r.to) else {"to": str(r.to), "cause": "offer"},
        )
        for r in conversions.itertuples()
    ]
    seen = [
        (str(r.member_id), str(r.variant), r.exposed_at.to_pydatetime())
        for r in exposures.itertuples()
    ]
    starts = None
    if assigned:
        known = exposures[exposures["unit_id"].notna()]
        starts = [
            (str(r.unit_id), str(r.variant), r.exposed_at.to_pydatetime())
            for r in known.itertuples()
        ]
        seen = seen[: len(seen) // 2]  # whoever was not exposed counts as well
    return facts(seen, rows, units, assignments=starts, segments=segments)
