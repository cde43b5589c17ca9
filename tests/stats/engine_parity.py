"""What every engine has to agree on: rich plans over facts with every fault, and the oracle's word.

The engines are compared with the plain pandas computation first, then with DuckDB in everything
that aggregation hands over, down to the last bit: sums are of whole numbers, so nothing may differ.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from stats.aggregation.aggregates import Aggregates
from stats.aggregation.facts import FactTables
from stats.metric import Aggregate, Condition, Term, Window
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
)


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
    facts = fact_tables(exposures, conversions, units, assigned=assigned, segments=segments)
    as_of = START + timedelta(days=95, hours=seed)
    return World(the_plan, as_of, facts, exposures, conversions, units)


def rich_world() -> World:
    """Households by assignment, two segments, covariates, caps, a ratio, a funnel, a DST zone."""
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
    """Members by exposure, whose first variant counts; every built-in metric, a zone with DST."""
    return _world(
        5,
        plan(
            *ALL_METRICS,
            shares=SHARES,
            rule=CrossoverRule.KEEP_FIRST,
            time_zone="Europe/Berlin",
            funnel=FUNNEL,
        ),
    )


def assert_equals_oracle(got: Aggregates, world: World) -> None:
    """Every count, total and moment is that of the plain loop over the same facts."""
    want = world.oracle
    assert {row.variant: row.units for row in got.variants if row.units} == want.units
    assert {row.variants: row.units for row in got.crossovers} == want.crossed
    for metric in got.metrics:
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
