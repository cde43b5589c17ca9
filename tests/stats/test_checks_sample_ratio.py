"""Where a sample ratio mismatch comes from, and how often there is a false alarm."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests

from stats.aggregation.aggregates import Aggregates, FactsRange, UnitCount, VariantUnits
from stats.checks.finding import Severity
from stats.checks.sample_ratio import check_sample_ratio
from stats.checks.shares import share_test
from stats.plan import SegmentBy
from tests.stats.facts import START, plan

FIRST = date(2026, 1, 1)
ALPHA = 0.001


def counted(*rows: UnitCount, **units: int) -> Aggregates:
    """Aggregates of units per variant, and per day or segment value."""
    variants = tuple(VariantUnits(key, n, n, START, START) for key, n in units.items())
    return Aggregates(
        START, FactsRange(0, None, None, 0, None, None), variants, (), 0, (), (), (),
        units_by_day=tuple(row for row in rows if row.segment is None),
        units_by_segment=tuple(row for row in rows if row.segment is not None),
    )  # fmt: skip


def on_days(*days: tuple[int, int]) -> list[UnitCount]:
    """Units of control and B on consecutive days."""
    return [
        UnitCount(variant, units, day=FIRST + timedelta(days=i))
        for i, pair in enumerate(days)
        for variant, units in zip(("control", "B"), pair, strict=True)
    ]


def test_the_day_that_drives_a_mismatch_is_named() -> None:
    """A mismatch that one day brings names that day and no other, with its corrected p-value."""
    days = [(500, 500), (510, 495), (900, 300), (490, 505)]

    got = check_sample_ratio(plan(), counted(*on_days(*days), control=2400, B=1800))

    assert got.severity is Severity.FAILURE
    assert "It comes from day 2026-01-03 (p" in got.detail
    raw = [scipy_stats.chisquare(pair).pvalue for pair in days]
    want = multipletests(raw, method="holm")[1]
    assert got.evidence["slices_off"] == {"day 2026-01-03": pytest.approx(want[2], rel=1e-9)}
    assert got.evidence["slices_tested"] == 4


def test_the_segment_value_that_drives_a_mismatch_is_named() -> None:
    """A segment value is named as readers know it; units without one are 'unknown'."""
    rows = [
        UnitCount("control", 900, segment="platform", value="ios"),
        UnitCount("B", 500, segment="platform", value="ios"),
        UnitCount("control", 600, segment="platform", value=None),
        UnitCount("B", 600, segment="platform", value=None),
    ]
    the_plan = replace(plan(), segments=(SegmentBy("platform", "Platform"),))

    got = check_sample_ratio(the_plan, counted(*rows, control=1500, B=1100))

    assert got.severity is Severity.FAILURE
    assert set(got.evidence["slices_off"]) == {"Platform = ios"}
    assert got.evidence["slices_tested"] == 2


def test_a_mismatch_everywhere_alike_names_no_slice() -> None:
    """Where every day is a little off and none stands out, the sentence says so."""
    days = on_days(*[(1040, 960)] * 6)

    got = check_sample_ratio(plan(), counted(*days, control=6240, B=5760))

    assert got.severity is Severity.FAILURE
    assert got.evidence["slices_off"] == {}
    assert "works everywhere alike" in got.detail


def test_days_that_cancel_each_other_warn() -> None:
    """Shares that are right in total and wrong on two days warn, and name both."""
    days = on_days((700, 300), (300, 700), (500, 500))

    got = check_sample_ratio(plan(), counted(*days, control=1500, B=1500))

    assert got.severity is Severity.WARNING
    assert got.title == "Sample ratio off in places"
    assert set(got.evidence["slices_off"]) == {"day 2026-01-01", "day 2026-01-02"}


def test_slices_leave_out_variants_without_a_share_and_days_too_small() -> None:
    """Unplanned and zero-share variants add nothing to a slice; a day of few units is no test."""
    rows = [*on_days((500, 500), (4, 4)), UnitCount("rogue", 900, day=FIRST)]
    shares: dict[str, str | None] = {"control": "0.5", "B": "0.5", "zero": "0"}

    got = check_sample_ratio(
        plan(shares=shares), counted(*rows, control=504, B=504, zero=90, rogue=900)
    )

    assert got.severity is Severity.PASSED
    assert got.evidence["slices_tested"] == 1


def test_daily_looks_raise_few_false_alarms() -> None:
    """28 daily looks at 0.001 are wrong in 0.87 % of campaigns in all, not 2.8 %."""
    runs, looks, units = 10_000, 28, 2_000
    rng = np.random.default_rng(20260301)
    control = rng.binomial(units, 0.5, (runs, looks)).cumsum(axis=1)
    shares = {"control": 0.5, "B": 0.5}

    def alarms(run: np.ndarray) -> bool:
        tests = (
            share_test({"control": int(count), "B": units * (look + 1) - int(count)}, shares)
            for look, count in enumerate(run)
        )
        return any(test is not None and test.p_value < ALPHA for test in tests)

    got = sum(alarms(run) for run in control) / runs

    assert got == pytest.approx(0.0087, abs=3 * math.sqrt(0.0087 * (1 - 0.0087) / runs))


def test_slices_of_a_sound_split_raise_few_false_alarms() -> None:
    """Over 20 days and 8 segment values, a sound split is called off at most at its level."""
    runs, level = 2_000, 0.05
    rng = np.random.default_rng(20260302)
    the_plan = replace(plan(), sample_ratio_alpha=level, segments=(SegmentBy("platform"),))
    wrong = 0
    for _ in range(runs):
        days, values = rng.binomial(400, 0.5, 20), rng.binomial(1000, 0.5, 8)
        rows = on_days(*[(int(n), 400 - int(n)) for n in days])
        for value, n in enumerate(values):
            rows += [
                UnitCount("control", int(n), segment="platform", value=str(value)),
                UnitCount("B", 1000 - int(n), segment="platform", value=str(value)),
            ]
        got = check_sample_ratio(the_plan, counted(*rows, control=4000, B=4000))
        wrong += bool(got.evidence["slices_off"])

    assert wrong / runs <= level + 3 * math.sqrt(level * (1 - level) / runs)
