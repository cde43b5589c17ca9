"""Covariates, caps, segments, days and horizons equal an independent row-by-row computation."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.aggregates import Aggregates, MetricAggregates
from stats.metric import Aggregate, Condition, Term, Window
from stats.moments import Moments
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
from stats.summary import MeanSummary, RatioSummary
from tests.stats import pandas_oracle
from tests.stats.facts import START, fact_tables, in_use, plan, random_facts, random_segments
from tests.stats.pandas_oracle import Oracle, Unit

SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
OWN = Covariate("own", 28)
CLICKS = Covariate("clicks", 5, (Term(("offer_click",)), Term(("order",), Aggregate.ACTIVE_DAYS)))
METRICS = (
    replace(in_use("average_order_value", MetricRole.OEC), covariates=(OWN, CLICKS)),
    replace(
        in_use("spend_per_member"), cap=Cap(percentile=Decimal("0.9")), covariates=(CLICKS, OWN)
    ),
    replace(in_use("churn", window=Window(45)), covariates=(OWN,)),
    replace(in_use("purchase_frequency", window=Window(14)), cap=Cap(value=1)),
    replace(
        in_use("upgrade_conversion", window=Window(45), target_tiers=["gold"]),
        covariates=(
            Covariate(
                "upgraded", 60, (Term(("tier_change",), where=(Condition("to", ("gold",)),)),)
            ),
        ),
    ),
)
SEGMENTS = (SegmentBy("tier"), SegmentBy("country"))
Both: TypeAlias = tuple[AnalysisPlan, Aggregates, Oracle, dict[str, dict[str, str | None]]]
CASES = [
    (1, RandomizationUnit.MEMBER, CrossoverRule.EXCLUDE, Basis.EXPOSED, "Asia/Taipei"),
    (2, RandomizationUnit.HOUSEHOLD, CrossoverRule.KEEP_FIRST, Basis.EXPOSED, "America/New_York"),
    (3, RandomizationUnit.HOUSEHOLD, CrossoverRule.EXCLUDE, Basis.ASSIGNED, "Europe/Berlin"),
    (4, RandomizationUnit.MEMBER, CrossoverRule.KEEP_FIRST, Basis.ASSIGNED, "Australia/Lord_Howe"),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[1]}-{case[2]}-{case[3]}")
def both(
    request: pytest.FixtureRequest,
) -> Both:
    """The same random facts, aggregated in SQL and row by row."""
    seed, unit, rule, basis, zone = request.param
    exposures, conversions, units = random_facts(
        seed, households=unit is RandomizationUnit.HOUSEHOLD
    )
    segments = random_segments(seed, exposures)
    the_plan = replace(
        plan(*METRICS, shares=SHARES, unit=unit, rule=rule, time_zone=zone),
        basis=basis,
        segments=SEGMENTS,
    )
    as_of = START + timedelta(days=80, hours=seed)
    tables = fact_tables(
        exposures, conversions, units, assigned=basis is Basis.ASSIGNED, segments=segments
    )
    got = aggregate(tables, the_plan, as_of)
    return (
        the_plan,
        got,
        pandas_oracle.analyse(the_plan, exposures, conversions, units, as_of),
        segments,
    )


def pairs(metric: MetricAggregates, oracle: Oracle, variant: str) -> list[Unit]:
    """The oracle's mature units of a variant."""
    return [row for row in oracle.rows[metric.key] if row.variant == variant]


def assert_summary(got: MeanSummary | RatioSummary, values: list[tuple[int, int]]) -> None:
    """A summary is that of these pairs."""
    yy, dd, yd = pandas_oracle.moments(values)
    if isinstance(got, RatioSummary):
        assert got.numerator.total == sum(y for y, _ in values)
        assert got.denominator.total == sum(d for _, d in values)
        assert got.numerator.centred_squares == pytest.approx(yy, rel=1e-11)
        assert got.denominator.centred_squares == pytest.approx(dd, rel=1e-11)
        assert got.co_moment == pytest.approx(yd, rel=1e-10, abs=1e-6)
    else:
        assert got.total == sum(y for y, _ in values)
        assert got.centred_squares == pytest.approx(yy, rel=1e-11, abs=1e-9)


def test_every_variant_has_the_summary_of_its_mature_units(both: Both) -> None:
    """Totals, squares, counts, ranges and immature units are those of the plain loop."""
    _, got, oracle, _ = both
    for metric in got.metrics:
        for row in metric.variants:
            units = pairs(metric, oracle, row.variant)
            values = [unit.y for unit in units]
            assert_summary(row.summary, [(unit.y, unit.d) for unit in units])
            assert row.immature_units == oracle.immature[metric.key].get(row.variant, 0)
            assert row.nonzero_units == sum(1 for value in values if value)
            assert (row.minimum, row.maximum) == (min(values), max(values))


def test_covariates_are_read_over_the_time_before(both: Both) -> None:
    """Moments of outcome, denominator and every covariate column are those of NumPy."""
    the_plan, got, oracle, _ = both
    for metric, aggregates in zip(the_plan.metrics, got.metrics, strict=True):
        for row in aggregates.variants:
            if not metric.covariates:
                assert row.moments is None
                continue
            columns = [
                (unit.y, *((unit.d,) if metric.definition.denominator else ()), *unit.covariates)
                for unit in pairs(aggregates, oracle, row.variant)
            ]
            assert row.moments is not None
            assert row.moments.n == len(columns)
            assert row.moments.totals == tuple(map(sum, zip(*columns, strict=True)))
            want = pandas_oracle.co_moments(columns)
            scale = np.sqrt(np.outer(np.diag(want), np.diag(want)))
            assert np.allclose(np.array(row.moments.centred) / scale, want / scale, atol=1e-11)


def test_percentile_cap_is_a_pooled_order_statistic(both: Both) -> None:
    """A percentile cap is NumPy's inverted_cdf over the planned variants; both caps winsorise."""
    the_plan, got, oracle, _ = both
    for metric, aggregates in zip(the_plan.metrics, got.metrics, strict=True):
        if metric.cap is None:
            assert aggregates.cap is None
            assert all(row.capped is None for row in aggregates.variants)
            continue
        pooled = [unit.y for unit in oracle.rows[metric.key] if unit.variant in SHARES]
        cap = metric.cap.value
        if metric.cap.percentile is not None:
            cap = int(np.quantile(pooled, float(metric.cap.percentile), method="inverted_cdf"))
        assert aggregates.cap == cap
        for row in aggregates.variants:
            low = [(min(unit.y, cap), 0) for unit in pairs(aggregates, oracle, row.variant)]
            assert row.capped is not None
            assert_summary(row.capped, low)
        assert any(row.capped != row.summary for row in aggregates.variants)


def test_days_and_segments_partition_the_units(both: Both) -> None:
    """Every day and every segment value has the summary of its own units, in order."""
    the_plan, got, oracle, segments = both
    for metric in got.metrics:
        wanted: dict[object, list[tuple[int, int]]] = {}
        for unit in oracle.rows[metric.key]:
            wanted.setdefault((unit.variant, unit.day), []).append((unit.y, unit.d))
            for segment in the_plan.segments:
                value = segments.get(unit.unit, {}).get(segment.key)
                wanted.setdefault((unit.variant, segment.key, value), []).append((unit.y, unit.d))
        keys: list[object] = [(cell.variant, cell.day) for cell in metric.by_day]
        keys += [(cell.variant, cell.segment, cell.value) for cell in metric.by_segment]
        assert sorted(map(str, keys)) == sorted(str(key) for key in wanted if key[0] in SHARES)  # type: ignore[index] # keys are tuples
        for key, cell in zip(keys, (*metric.by_day, *metric.by_segment), strict=True):
            assert_summary(cell.summary, wanted[key])
        days = [cell.day for cell in metric.by_day]
        assert days == sorted(day for day in days if day is not None)


def test_units_are_counted_per_day_and_segment_value(both: Both) -> None:
    """Units per day and per segment value count the immature ones, too."""
    the_plan, got, oracle, segments = both
    assert sum(row.units for row in got.units_by_day) == sum(
        1 for variant, _ in oracle.chosen.values() if variant in SHARES
    )
    for row in got.units_by_segment:
        assert row.units == sum(
            1
            for unit, (variant, _) in oracle.chosen.items()
            if variant == row.variant and segments.get(unit, {}).get(str(row.segment)) == row.value
        )
    assert {row.segment for row in got.units_by_segment} == {one.key for one in the_plan.segments}


def test_horizons_shorten_the_window_over_the_same_units(both: Both) -> None:
    """The OEC at 1, 2, 3, … days counts the units that are mature for the whole window."""
    _, got, oracle, _ = both
    oec = got.metrics[0]
    assert [metric.by_horizon for metric in got.metrics[1:]] == [()] * 4
    assert {cell.days for cell in oec.by_horizon} == {1, 2, 3, 5, 7, 14, 21}
    for cell in oec.by_horizon:
        units = pairs(oec, oracle, cell.variant)
        assert_summary(cell.summary, [unit.horizons[cell.days] for unit in units])


def test_top_shares_are_those_of_the_sorted_pool(both: Both) -> None:
    """The highest unit and the highest 1 % of units hold what sorting all of them says."""
    _, got, oracle, _ = both
    checked = 0
    for metric in got.metrics:
        pool = sorted(
            (unit.y for unit in oracle.rows[metric.key] if unit.variant in SHARES), reverse=True
        )
        for share in metric.top_shares:
            assert share.share == pytest.approx(sum(pool[: share.units]) / sum(pool), rel=1e-12)
            checked += 1
        assert [s.units for s in metric.top_shares] in ([], [1, -(-len(pool) // 100)])
    assert checked == 6


def test_rolled_up_days_and_segments_equal_one_pass(both: Both) -> None:
    """Adding all days, or all values of a segment, gives the variant's own moments to 1e-12."""
    _, got, _, _ = both
    for metric in got.metrics:
        for row in metric.variants:
            for cells in (
                metric.by_day,
                *([c for c in metric.by_segment if c.segment == one.key] for one in SEGMENTS),
            ):
                mine = [cell for cell in cells if cell.variant == row.variant]
                rolled = sum((cell.summary for cell in mine[1:]), start=mine[0].summary)
                assert_close(rolled, row.summary)
                if row.moments is not None:
                    parts = [cell.moments for cell in mine if cell.moments is not None]
                    total = sum(parts[1:], start=parts[0])
                    assert_moments(total, row.moments)


def assert_close(got: MeanSummary | RatioSummary, want: MeanSummary | RatioSummary) -> None:
    """Two summaries are equal to 1e-12; totals exactly."""
    if isinstance(got, RatioSummary) and isinstance(want, RatioSummary):
        assert_close(got.numerator, want.numerator)
        assert_close(got.denominator, want.denominator)
        scale = (want.numerator.centred_squares * want.denominator.centred_squares) ** 0.5
        assert abs(got.co_moment - want.co_moment) <= 1e-12 * scale
    elif isinstance(got, MeanSummary) and isinstance(want, MeanSummary):
        assert (got.n, got.total) == (want.n, want.total)
        assert got.centred_squares == pytest.approx(want.centred_squares, rel=1e-12)


def assert_moments(got: Moments, want: Moments) -> None:
    """Two moments are equal to 1e-12 of their scale; totals exactly."""
    assert (got.n, got.totals) == (want.n, want.totals)
    spread = np.sqrt(np.diag(np.array(want.centred)))
    gap = np.abs(np.array(got.centred) - np.array(want.centred))
    assert (gap <= 1e-12 * np.outer(spread, spread)).all()
