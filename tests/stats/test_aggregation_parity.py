"""Aggregation in SQL equals an independent row-by-row computation, on facts with every fault."""

from datetime import timedelta

import pytest

from stats.aggregation.aggregate import aggregate
from stats.plan import CrossoverRule, RandomizationUnit
from stats.summary import RatioSummary
from tests.stats import pandas_oracle
from tests.stats.facts import ALL_METRICS, FUNNEL, START, fact_tables, plan, random_facts

SHARES = {"control": "0.4", "B": "0.3", "C": "0.3"}


@pytest.mark.parametrize("rule", list(CrossoverRule))
@pytest.mark.parametrize("unit", list(RandomizationUnit))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_aggregation_equals_row_by_row_computation(
    seed: int, unit: RandomizationUnit, rule: CrossoverRule
) -> None:
    """Every count, total and moment equals that of the plain loop over the same facts."""
    exposures, conversions, units = random_facts(
        seed, households=unit is RandomizationUnit.HOUSEHOLD
    )
    the_plan = plan(*ALL_METRICS, shares=SHARES, unit=unit, rule=rule, funnel=FUNNEL)
    as_of = START + timedelta(days=115, hours=seed)

    got = aggregate(fact_tables(exposures, conversions, units), the_plan, as_of)

    want = pandas_oracle.analyse(the_plan, exposures, conversions, units, as_of)
    assert {row.variant: row.units for row in got.variants if row.units} == want.units
    assert {row.variants: row.units for row in got.crossovers} == want.crossed
    assert got.unknown_unit_members == want.unknown
    for metric in got.metrics:
        for row in metric.variants:
            pairs = want.pairs[metric.key].get(row.variant, [])
            assert row.immature_units == want.immature[metric.key].get(row.variant, 0)
            assert row.summary.n == len(pairs), metric.key
            yy, dd, yd = pandas_oracle.moments(pairs)
            if isinstance(row.summary, RatioSummary):
                assert row.summary.numerator.total == sum(y for y, _ in pairs)
                assert row.summary.denominator.total == sum(d for _, d in pairs)
                assert row.summary.numerator.centred_squares == pytest.approx(yy, rel=1e-12)
                assert row.summary.denominator.centred_squares == pytest.approx(dd, rel=1e-12)
                assert row.summary.co_moment == pytest.approx(yd, rel=1e-11)
            else:
                assert row.summary.total == sum(y for y, _ in pairs), metric.key
                assert row.summary.centred_squares == pytest.approx(yy, rel=1e-12)
    for row in got.funnel:
        assert [row.mature_units, *row.step_units] == want.funnel[row.variant]


def test_random_facts_contain_what_they_promise() -> None:
    """The parity test is worth something: its facts hold every fault it speaks of."""
    exposures, conversions, units = random_facts(1, households=True)
    the_plan = plan(*ALL_METRICS, shares=SHARES, unit=RandomizationUnit.HOUSEHOLD, funnel=FUNNEL)

    got = aggregate(
        fact_tables(exposures, conversions, units), the_plan, START + timedelta(days=115)
    )

    assert got.crossovers
    assert got.unknown_unit_members
    assert {row.currency for row in got.other_currencies} == {"USD", "JPY"}
    assert any(row.without_amount for row in got.events if row.event == "order")
    assert any(row.variant == "rogue" and row.units for row in got.variants)
    assert any(row.immature_units for metric in got.metrics for row in metric.variants)
    assert any(row.step_units[-1] for row in got.funnel)
    assert conversions.duplicated().any()
    assert exposures["exposed_at"].max() > exposures["exposed_at"].min()
