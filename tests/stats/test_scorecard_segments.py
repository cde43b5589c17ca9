"""Segments and time, from facts to the scorecard."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, ttest_ind
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from stats.aggregation.aggregate import aggregate
from stats.errors import UndefinedStatus
from stats.inference.effect_over_time import NoveltySlope
from stats.inference.interaction import InteractionTest
from stats.inference.outcome import Estimate, Undefined
from stats.metric import Window
from stats.plan import AnalysisPlan, MetricRole, SegmentBy
from stats.scorecard import MetricResult, assemble_scorecard
from stats.scorecard.segments import MOST_VALUES
from tests.stats.facts import DAY, START, facts, in_use, order, plan

SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
SPEND = in_use("spend_per_member", MetricRole.OEC, window=Window(10))
TIER, COUNTRY = SegmentBy("tier", "Tier", minimum_units=20), SegmentBy("country", minimum_units=20)


def members(seed: int = 9, n: int = 2_400, days: int = 12) -> pd.DataFrame:
    """Members with variant, day, segments and spend; gold spends more under B."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "unit": [f"m{i}" for i in range(n)],
            "variant": rng.choice(list(SHARES), n, p=[0.4, 0.3, 0.3]),
            "day": rng.integers(0, days, n),
            "tier": rng.choice(["bronze", "silver", "gold"], n, p=[0.5, 0.3, 0.2]),
            "country": rng.choice(["TW", "JP"], n),
        }
    )
    moved = 60 * ((rows["variant"] == "B") & (rows["tier"] == "gold"))
    rows["y"] = rng.integers(1, 200, n) + moved
    return rows


def scored(rows: pd.DataFrame, segments: Sequence[SegmentBy] = (TIER, COUNTRY)) -> MetricResult:
    """The OEC over these members."""
    the_plan: AnalysisPlan = replace(plan(SPEND, shares=SHARES, time_zone="UTC"),
                                     segments=tuple(segments))  # fmt: skip
    dated = list(rows.itertuples(index=False))
    given = facts(
        [(r.unit, r.variant, START + int(r.day) * DAY) for r in dated],
        [order(r.unit, START + int(r.day) * DAY + timedelta(hours=1), int(r.y)) for r in dated],
        segments={r.unit: {"tier": r.tier, "country": r.country or None} for r in dated},
    )
    as_of = START + 60 * DAY
    got = assemble_scorecard(the_plan, aggregate(given, the_plan, as_of), computed_at=as_of)
    return got.metrics[0]


def effect(rows: pd.DataFrame, treatment: str) -> tuple[float, float, float]:
    """Difference of means, its squared error and Welch's p-value, by pandas and SciPy."""
    y, c = (rows.loc[rows["variant"] == key, "y"] for key in (treatment, "control"))
    p = ttest_ind(y, c, equal_var=False).pvalue
    return y.mean() - c.mean(), y.var() / len(y) + c.var() / len(c), float(p)


def test_effects_by_segment_are_welchs_within_each_value() -> None:
    """Values come largest first, each with both treatments and the units behind them."""
    rows = members()

    tier, country = scored(rows).segments

    assert (tier.key, tier.name, country.name) == ("tier", "Tier", "country")
    assert [one.value for one in tier.effects[::2]] == ["bronze", "silver", "gold"]
    assert [one.treatment for one in tier.effects[:2]] == ["B", "C"]
    for segment in (tier, country):
        for one in segment.effects:
            within = rows[rows[segment.key] == one.value]
            want, variance, p_value = effect(within, one.treatment)
            assert one.control_units == (within["variant"] == "control").sum()
            assert one.treatment_units == (within["variant"] == one.treatment).sum()
            assert isinstance(one.difference, Estimate)
            assert one.difference.estimate == pytest.approx(want, rel=1e-9)
            assert one.difference.std_error**2 == pytest.approx(variance, rel=1e-9)
            assert one.difference.p_value == pytest.approx(p_value, rel=1e-9)


def test_interactions_are_cochrans_and_corrected_together() -> None:
    """Q is statsmodels', and four p-values of two segments are corrected as one family."""
    rows = members()

    got = scored(rows).segments

    found, raw = [], []
    for segment in got:
        for one in segment.interactions:
            assert isinstance(one.test, InteractionTest)
            parts = [effect(w, one.treatment) for _, w in rows.groupby(segment.key)]
            q = combine_effects(
                np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
            ).q
            assert one.test.q == pytest.approx(q, rel=1e-9)
            assert one.test.p_value == pytest.approx(chi2.sf(q, len(parts) - 1), rel=1e-9)
            raw.append(one.test.p_value)
            found.append(one.adjusted_p_value)
    assert found == pytest.approx(multipletests(raw, method="fdr_bh")[1], rel=1e-9)
    assert min(raw) == raw[0] < 0.001


def test_small_and_missing_values_are_listed_and_not_estimated() -> None:
    """A value with too few units in one variant has no effect in any comparison."""
    rows = members()
    few = rows.index[(rows["variant"] == "C") & (rows["tier"] == "gold")][10:]
    rows = rows.drop(few).reset_index(drop=True)
    rows.loc[rows.index[:5], "country"] = ""

    tier, country = scored(rows).segments

    gold = [one for one in tier.effects if one.value == "gold"]
    assert [one.treatment_units for one in gold][1] == 10
    for one in gold:
        assert isinstance(one.difference, Undefined)
        assert one.difference.status is UndefinedStatus.TOO_FEW_UNITS
    assert [one.value for one in country.effects][-1] is None
    (test, _) = (one.test for one in tier.interactions)
    assert isinstance(test, InteractionTest)
    assert (test.cells, test.left_out) == (2, 1)


def test_of_many_values_the_largest_are_shown() -> None:
    """Fifty are listed, the others counted, and all take part in the test."""
    rows = members()
    rows["tier"] = [f"t{i % 60}" for i in range(len(rows))]
    rows.loc[rows.index[:100], "tier"] = "t0"

    (tier,) = scored(rows, (replace(TIER, minimum_units=2),)).segments

    assert len({one.value for one in tier.effects}) == MOST_VALUES
    assert tier.values_left_out == 10
    assert tier.effects[0].value == "t0"
    test = tier.interactions[0].test
    assert isinstance(test, InteractionTest)
    assert test.cells == 60


def test_effects_by_day_are_those_of_each_cohort() -> None:
    """Units of one day of first exposure against one another; the slope is over these days."""
    rows = members()

    got = scored(rows).over_time

    assert got is not None
    assert len(got.by_day) == 2 * 12
    for one in got.by_day:
        within = rows[rows["day"] == (one.day - START.date()).days]
        want, variance, _ = effect(within, one.treatment)
        assert one.treatment_units == (within["variant"] == one.treatment).sum()
        assert isinstance(one.difference, Estimate)
        assert one.difference.estimate == pytest.approx(want, rel=1e-9)
        assert one.difference.std_error**2 == pytest.approx(variance, rel=1e-9)
    for tests in got.tests:
        parts = [effect(rows[rows["day"] == day], tests.treatment) for day in range(12)]
        weights = [1 / part[1] for part in parts]
        slope = np.polyfit(range(12), [part[0] for part in parts], 1, w=np.sqrt(weights))[0]
        assert isinstance(tests.novelty, NoveltySlope)
        assert tests.novelty.per_day == pytest.approx(slope, rel=1e-9)


def test_effects_by_horizon_grow_to_the_whole_window() -> None:
    """All spend lies in the first hour: every horizon has the effect of the whole window."""
    rows = members()

    got = scored(rows)

    assert got.over_time is not None
    assert {one.days for one in got.over_time.by_horizon} == {1, 2, 3, 5, 7}
    for one in got.over_time.by_horizon:
        whole = next(c for c in got.comparisons if c.treatment == one.treatment).difference
        assert isinstance(whole, Estimate)
        assert isinstance(one.difference, Estimate)
        assert one.difference.estimate == pytest.approx(whole.estimate, rel=1e-12)
        assert one.difference.p_value == pytest.approx(whole.p_value, rel=1e-12)
