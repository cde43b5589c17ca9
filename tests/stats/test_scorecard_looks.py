"""Planned looks of the scorecard: one that is refused is none, and leaves its share to the next."""

import math
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from stats.calibration.whole import DATES as WEEKS
from stats.calibration.whole import METRIC
from stats.errors import UndefinedStatus
from stats.inference.outcome import Estimate, Undefined
from stats.inference.point import Point, mean_point
from stats.inference.spending import spent_by
from stats.plan import AnalysisPlan, LookKind, Looks, MetricRole, Multiplicity, Spending
from stats.scorecard.looks import Counted, Information, LookDue
from stats.scorecard.oec import OecResult, oec_result
from stats.summary import MeanSummary
from tests.stats.facts import DAY, START, in_use, plan

OEC = in_use("spend_per_member", MetricRole.OEC)
DATES = tuple(START + days * DAY for days in (10, 20, 30))
PLANNED = 12_000
POINTS = {"control": Point(10.0, 0.1, 6_000), "B": Point(10.25, 0.1, 6_000)}


def planned(spending: Spending = Spending.OBRIEN_FLEMING) -> AnalysisPlan:
    """Two variants, looked at three times."""
    looks = Looks(LookKind.PLANNED, DATES, spending, planned_units=PLANNED)
    return replace(plan(OEC), looks=looks)


def due(at: datetime, *, units: int, outcomes: int) -> LookDue:
    """A look at so many units of the control and of B, half each, and so many outcomes."""
    half = Counted(units // 2, outcomes // 2)
    return LookDue(at, units, {"control": half, "B": half})


def judged(the_plan: AnalysisPlan, *looks: tuple[int, int], over: bool = False) -> OecResult:
    """The OEC after looks at so many units and outcomes."""
    pairs = zip(DATES, looks, strict=False)
    found = tuple(due(at, units=units, outcomes=outcomes) for at, (units, outcomes) in pairs)
    now = found[-1]
    information = Information(
        now.at,
        START,
        now.units,
        found,
        over,
        {key: one.nonzero for key, one in now.counted.items()},
    )
    return oec_result(the_plan, OEC, POINTS, information)


def crossing(fractions: tuple[float, ...], zs: tuple[float, ...]) -> float:
    """Probability to cross at any look, by one integral over the joint normal of all looks."""
    t = np.array(fractions)
    correlation = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    inside = multivariate_normal(cov=correlation, maxpts=1_000_000, abseps=1e-8, releps=0, seed=1)
    return 1 - float(inside.cdf(np.array(zs), lower_limit=-np.array(zs)))


def boundary(got: OecResult) -> float:
    """Of its present look."""
    assert got.look is not None
    return got.look.boundary


@pytest.mark.parametrize("spending", Spending)
def test_a_refused_look_leaves_the_boundaries_of_a_design_without_it(spending: Spending) -> None:
    """After a first look that is refused, the others spend all, by an integral of the joint normal.

    The second alone what the spending function allows up to it, both together 5 %.
    """
    first, second, last = (4_000, 38), (8_000, 80), (12_000, 120)

    at_second = judged(planned(spending), first, second)
    at_last = judged(planned(spending), first, second, last)

    fractions = 2 / 3, 1.0
    zs = boundary(at_second), boundary(at_last)
    allowed = spent_by(fractions[0], alpha=0.05, spending=spending)
    assert 2 * norm.sf(zs[0]) == pytest.approx(allowed, rel=1e-9)
    assert crossing(fractions, zs) == pytest.approx(0.05, abs=1e-6)
    assert at_last.look is not None
    assert at_last.look.fractions == pytest.approx(fractions)
    assert (at_last.look.number, at_last.look.final) == (3, True)


@pytest.mark.parametrize("spending", Spending)
def test_a_look_that_was_taken_is_spent(spending: Spending) -> None:
    """With outcomes enough at the first look, the integral over all three gives 5 %."""
    looks = (4_000, 40), (8_000, 80), (12_000, 120)

    got = [judged(planned(spending), *looks[:number]) for number in (1, 2, 3)]

    assert crossing((1 / 3, 2 / 3, 1.0), tuple(map(boundary, got))) == pytest.approx(0.05, abs=1e-6)


def test_a_refused_look_finds_nothing_and_spends_nothing() -> None:
    """Its effect of 1.8 errors has no interval, its boundary is 8, and the table says why."""
    got = judged(planned(), (4_000, 38))

    (one,) = got.treatments
    assert isinstance(one.difference, Undefined)
    assert isinstance(one.lift, Undefined)
    assert one.difference.status is UndefinedStatus.TOO_FEW_UNITS
    assert "19.0 of the units whose value is not 0; at least 20" in one.difference.sentence
    assert (one.p_value, one.significant) == (None, None)
    assert got.look is not None
    assert got.look.boundary == 8
    assert max(got.look.nominal_alpha, one.level) < 1e-14
    assert got.look.fractions == pytest.approx((1 / 3,))


def test_all_looks_but_the_last_refused_is_one_ordinary_test() -> None:
    """The last look then has all of the error rate, and the interval of a fixed horizon."""
    got = judged(planned(), (4_000, 4), (8_000, 8), (12_000, 120))

    (one,) = got.treatments
    assert boundary(got) == pytest.approx(norm.isf(0.025), rel=1e-9)
    assert one.level == pytest.approx(0.05, rel=1e-9)


def test_stopping_early_is_a_last_look_of_its_own() -> None:
    """Enrolment that ends after a refused look leaves one ordinary test."""
    got = judged(planned(), (4_000, 38), (5_000, 50), over=True)

    assert boundary(got) == pytest.approx(norm.isf(0.025), rel=1e-9)


def test_each_treatment_has_the_looks_that_it_could_take() -> None:
    """A treatment with a twentieth of the units is refused where an even one is not, and keeps all.

    The look that is shown is that of the one which has had more.
    """
    shares: dict[str, str | None] = {"control": "0.48", "B": "0.48", "C": "0.04"}
    the_plan = replace(
        plan(OEC, shares=shares),
        multiplicity=Multiplicity.NONE,
        looks=Looks(LookKind.PLANNED, DATES[:2], planned_units=21_000),
    )

    def at(number: int) -> OecResult:
        counted = {
            "control": Counted(5_000 * number, 500 * number),
            "B": Counted(5_000 * number, 500 * number),
            "C": Counted(500 * number, 50 * number),
        }
        looks = tuple(
            LookDue(when, 10_500 * step, counted) for step, when in enumerate(DATES[:number], 1)
        )
        nonzero = {key: one.nonzero for key, one in counted.items()}
        points = {**POINTS, "C": Point(10.6, 0.3, 500 * number)}
        now = Information(
            DATES[number - 1], START, 10_500 * number, looks, over=False, nonzero=nonzero
        )
        return oec_result(the_plan, OEC, points, now)

    first, second = at(1), at(2)

    assert isinstance(first.treatments[0].difference, Estimate)
    assert isinstance(first.treatments[1].difference, Undefined)
    # R: gsDesign(k = 2, test.type = 1, alpha = 0.025, sfu = sfLDOF)
    assert boundary(first) == pytest.approx(2.9626, abs=6e-5)
    assert boundary(second) == pytest.approx(1.9686, abs=6e-5)
    assert second.treatments[0].level == pytest.approx(2 * norm.sf(1.9686), rel=2e-4)
    assert second.treatments[1].level == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize("spending", Spending)
def test_campaigns_with_refused_looks_keep_the_error_rate(spending: Spending) -> None:
    """Five looks at a share of 1 %, the first of them refused: 5 % of scorecards find chance.

    Within three Monte Carlo standard errors of 1,000 runs.
    """
    runs, weekly, variants = 1_000, 1_500, ("control", "B")
    rng = np.random.default_rng(20261125)
    counts = rng.binomial(weekly, 0.01, (runs, len(WEEKS), 2)).cumsum(axis=1)
    the_plan = replace(
        plan(METRIC),
        looks=Looks(
            LookKind.PLANNED, WEEKS, spending, planned_units=2 * weekly * len(WEEKS)
        ),
    )  # fmt: skip
    found, refused = 0, 0
    for run in counts.tolist():
        looks = tuple(
            LookDue(when, 2 * weekly * week, {
                key: Counted(weekly * week, some) for key, some in zip(variants, seen, strict=True)
            })
            for week, (when, seen) in enumerate(zip(WEEKS, run, strict=True), 1)
        )  # fmt: skip
        refused += sum(run[0]) / 2 < 20
        for week, seen in enumerate(run, 1):
            points = {
                key: mean_point(MeanSummary.from_sums(weekly * week, some, some))
                for key, some in zip(variants, seen, strict=True)
            }
            before, after = points.values()
            spread = math.hypot(before.std_error, after.std_error)
            if abs(after.value - before.value) < 1.9 * spread:
                continue  # no look finds less than a single test does
            now = Information(
                WEEKS[week - 1], START, 2 * weekly * week, looks[:week], over=False,
                nonzero=dict(zip(variants, seen, strict=True)),
            )  # fmt: skip
            if oec_result(the_plan, METRIC, points, now).treatments[0].significant:
                found += 1
                break

    assert 0.8 < refused / runs < 1
    assert found / runs == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / runs))
