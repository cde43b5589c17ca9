"""What every engine has to agree on: rich plans over facts with every fault, and the oracle's word.

The engines are compared with the plain pandas computation first, then with DuckDB in everything
that aggregation hands over, down to the last bit: sums are of whole numbers, so nothing may differ.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from stats.aggregation.aggregates import Aggregates
from stats.aggregation.audit import BucketingRule, HoldoutSlots, Slots, VariantSlots
from stats.aggregation.facts import FactTables
from stats.metric import (
    Aggregate,
    Condition,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)
from stats.plan import (
    AnalysisPlan,
    Basis,
    Cap,
    Covariate,
    CrossoverRule,
    MetricRole,
    RandomizationUnit,
    SegmentBy,
)
from stats.summary import RatioSummary
from tests.stats import pandas_oracle
from tests.stats.facts import (
    ALL_METRICS,
    FUNNEL,
    START,
    TIME,
    fact_tables,
    in_use,
    plan,
    random_facts,
    random_segments,
)
from tests.stats.pandas_oracle import Oracle

SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
OWN = Covariate("own", 28)
CLICKS = Covariate("clicks", 5, (Term(("offer_click",)), Term(("order",), Aggregate.ACTIVE_DAYS)))
UPGRADED = Covariate(
    "upgraded", 60, (Term(("tier_change",), where=(Condition("to", ("gold", "黄金")),)),)
)
METRICS = (
    replace(in_use("average_order_value", MetricRole.OEC), covariates=(OWN, CLICKS)),
    replace(in_use("spend_per_member"), cap=Cap(percentile=Decimal("0.9")), covariates=(CLICKS,)),
    replace(in_use("churn", window=Window(45)), covariates=(OWN, UPGRADED)),
    replace(in_use("purchase_frequency", window=Window(14)), cap=Cap(value=1)),
    in_use("activity"),
    in_use("upgrade_conversion", target_tiers=["gold", "黄金"]),
    in_use("refund_rate", MetricRole.GUARDRAIL, margin="0.1"),
    in_use("large_basket_p90", window=Window(45)),
    in_use(
        MetricDefinition(
            key="order_p75",
            name="Order p75",
            description="The amount that 75 % of orders do not exceed.",
            kind=MetricKind.QUANTILE,
            numerator=(Term(("order",), Aggregate.AMOUNT),),
            unit=MetricUnit.MONEY_PER_ORDER,
            direction=Direction.HIGHER,
            window=Window(30),
            quantile=Decimal("0.75"),
        )
    ),
    in_use("repurchase_interval", window=Window(45)),
)
AUDIT = BucketingRule(
    split_salt="split",
    variants=(
        VariantSlots("control", Slots(0, 4000)),
        VariantSlots("B", Slots(4000, 7000)),
        VariantSlots("C", Slots(7000, 10_000)),
    ),
    traffic_salt="traffic",
    traffic_slots=9_000,
    holdouts=(HoldoutSlots("held out", 500),),
)
"""A rule that the random variants break in every way."""


@dataclass(frozen=True)
class World:
    """Facts, the plan that reads them, and the frames that the oracle reads."""

    plan: AnalysisPlan
    as_of: datetime
    facts: FactTables
    exposures: pd.DataFrame
    conversions: pd.DataFrame
    units: dict[str, str | None] | None

    @property
    def oracle(self) -> Oracle:
        """What the plain computation says."""
        return pandas_oracle.analyse(
            self.plan, self.exposures, self.conversions, self.units, self.as_of
        )


def _world(seed: int, the_plan: AnalysisPlan) -> World:
    households = the_plan.randomization_unit is RandomizationUnit.HOUSEHOLD
    exposures, conversions, units = random_facts(seed, households=households)
    segments = random_segments(seed, exposures) if the_plan.segments else None
    assigned = the_plan.basis is Basis.ASSIGNED
    facts = replace(
        fact_tables(exposures, conversions, units, assigned=assigned, segments=segments),
        overlaps=_overlaps(seed, exposures),
    )
    as_of = START + timedelta(days=95, hours=seed)
    return World(the_plan, as_of, facts, exposures, conversions, units)


def _overlaps(seed: int, exposures: pd.DataFrame) -> pa.Table:
    """Half of the units are in another campaign, some of them in two of its variants."""
    rng = np.random.default_rng(seed)
    ids = sorted(set(exposures["unit_id"].dropna()))
    chosen = rng.choice(ids, len(ids) // 2)
    return pa.table(
        {
            "unit_id": pa.array(chosen, pa.string()),
            "campaign": pa.array(rng.choice(["silver", "夏"], len(chosen)), pa.string()),
            "variant": pa.array(rng.choice(["control", "B"], len(chosen)), pa.string()),
            "exposed_at": pa.array([START] * len(chosen), TIME),
        }
    )


def rich_world() -> World:
    """Households by assignment, two segments, every kind of metric, covariates, caps, a funnel."""
    base = plan(
        *METRICS,
        shares=SHARES,
        unit=RandomizationUnit.HOUSEHOLD,
        time_zone="America/New_York",
        funnel=FUNNEL,
    )
    return _world(
        2,
        replace(base, basis=Basis.ASSIGNED, segments=(SegmentBy("tier"), SegmentBy("country"))),
    )


def first_kept_world() -> World:
    """Members by exposure, whose first variant counts; a segment, another zone with DST."""
    base = plan(
        *ALL_METRICS,
        shares=SHARES,
        rule=CrossoverRule.KEEP_FIRST,
        time_zone="Europe/Berlin",
        funnel=FUNNEL,
    )
    return _world(5, replace(base, segments=(SegmentBy("tier"),)))


def assert_equals_oracle(got: Aggregates, world: World) -> None:
    """Every count, total and moment is that of the plain loop over the same facts."""
    want = world.oracle
    assert {row.variant: row.units for row in got.variants if row.units} == want.units
    assert {row.variants: row.units for row in got.crossovers} == want.crossed
    summed = {m.key for m in world.plan.metrics if m.definition.kind.is_summed}
    for metric in got.metrics:
        if metric.key not in summed:  # order statistics and times have tests of their own
            continue
        for row in metric.variants:
            pairs = want.pairs[metric.key].get(row.variant, [])
            assert row.immature_units == want.immature[metric.key].get(row.variant, 0)
            assert row.summary.n == len(pairs), metric.key
            yy, dd, yd = pandas_oracle.moments(pairs)
            if isinstance(row.summary, RatioSummary):
                assert row.summary.numerator.total == sum(y for y, _ in pairs)
                assert row.summary.denominator.total == sum(d for _, d in pairs)
                assert row.summary.numerator.centred_squares == pytest.approx(yy, rel=1e-11)
                assert row.summary.denominator.centred_squares == pytest.approx(dd, rel=1e-11)
                assert row.summary.co_moment == pytest.approx(yd, rel=1e-10)
            else:
                assert row.summary.total == sum(y for y, _ in pairs), metric.key
                assert row.summary.centred_squares == pytest.approx(yy, rel=1e-11)
    for step in got.funnel:
        assert [step.mature_units, *step.step_units] == want.funnel[step.variant]
