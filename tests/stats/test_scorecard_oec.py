"""The metric that decides: treatments share the error rate, looks spend it, and both agree."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from scipy.stats import norm, t
from statsmodels.stats.multitest import multipletests

from stats.aggregation.aggregates import Aggregates, FactsRange, UnitCount
from stats.errors import TooFewUnits
from stats.inference.group_sequential import Monitoring, repeated_p_value
from stats.inference.outcome import Certain, Estimate, Undefined
from stats.inference.point import Point
from stats.plan import AnalysisPlan, LookKind, Looks, MetricRole, Multiplicity, PowerGoal
from stats.scorecard.looks import Counted, Information, LookDue
from stats.scorecard.oec import OecResult, Points, oec_result
from stats.scorecard.outlook import outlook
from tests.stats.facts import DAY, START, in_use, plan

N = 5_000
OEC = in_use("spend_per_member", MetricRole.OEC)
FOUR: dict[str, str | None] = {"control": "0.25", "A": "0.25", "B": "0.25", "C": "0.25"}
ENOUGH: Mapping[str, int | None] = dict.fromkeys(FOUR, N)
DATES = tuple(START + days * DAY for days in (10, 20))


def welch_p(control: Point, treatment: Point) -> float:
    """Welch's p-value of two points, by SciPy's t."""
    error = math.hypot(control.std_error, treatment.std_error)
    parts = [(p.std_error**4) / (p.n - 1) for p in (control, treatment)]
    df = error**4 / sum(parts)
    return float(2 * t.sf(abs(treatment.value - control.value) / error, df))


def points(**effects: float) -> Points:
    """The control at 10 with an error of 0.1, and treatments at effects over it."""
    return {"control": Point(10.0, 0.1, N)} | {
        key: Point(10.0 + effect, 0.1, N) for key, effect in effects.items()
    }


def due(at: datetime, units: int, outcomes: int | None = None) -> LookDue:
    """A look at so many units of two variants, and their outcomes; evenly, and all by default."""
    outcomes = units if outcomes is None else outcomes
    return LookDue(at, units, dict.fromkeys(FOUR, Counted(units // 2, outcomes // 2)))


def judged(given: Points, the_plan: AnalysisPlan, *looks: int, **changes: object) -> OecResult:
    """The OEC after looks at so many units, the last of them now."""
    as_of = DATES[len(looks) - 1] if looks else START + 30 * DAY
    information = Information(
        as_of=as_of,
        started_at=START,
        units=looks[-1] if looks else 4 * N,
        looks=tuple(map(due, DATES, looks)),
        over=False,
        nonzero=ENOUGH,
    )
    return oec_result(the_plan, OEC, given, replace(information, **changes))  # type: ignore[arg-type]


def of_four(multiplicity: Multiplicity, looks: Looks | None = None) -> AnalysisPlan:
    """A plan with three treatments."""
    the_plan = replace(plan(OEC, shares=FOUR), multiplicity=multiplicity)
    return the_plan if looks is None else replace(the_plan, looks=looks)


def traffic(days: int, units: int) -> Aggregates:
    """So many units of each variant on every day before now."""
    rows = tuple(
        UnitCount(key, units, (START + day * DAY).date())
        for day in range(days)
        for key in ("control", "B")
    )
    of_facts = FactsRange(0, None, None, 0, None, None)
    return Aggregates(START + days * DAY, of_facts, (), (), 0, (), (), (), units_by_day=rows)


def leaves_out_zero(estimate: object) -> bool:
    """Whether an interval leaves out 0."""
    assert isinstance(estimate, Estimate)
    return estimate.ci_low > 0 or estimate.ci_high < 0


@pytest.mark.parametrize(
    ("multiplicity", "method"),
    [
        (Multiplicity.HOLM, "holm"),
        (Multiplicity.HOCHBERG, "simes-hochberg"),
        (Multiplicity.BONFERRONI, "bonferroni"),
    ],
)
@pytest.mark.parametrize("effects", [(0.45, 0.33, 0.1), (0.32, 0.33, 0.34), (0.0, 0.1, 0.2)])
def test_treatments_are_corrected_as_statsmodels_does(
    multiplicity: Multiplicity, method: str, effects: tuple[float, float, float]
) -> None:
    """Adjusted p-values are those of multipletests, and intervals agree with them."""
    given = points(**dict(zip("ABC", effects, strict=True)))

    got = judged(given, of_four(multiplicity)).treatments

    raw = [welch_p(given["control"], given[key]) for key in "ABC"]  # type: ignore[arg-type]
    found, want, _, _ = multipletests(raw, alpha=0.05, method=method)
    assert [one.p_value for one in got] == pytest.approx(raw, rel=1e-9)
    assert [one.adjusted_p_value for one in got] == pytest.approx(want, rel=1e-9)
    assert [one.significant for one in got] == list(found)
    assert [leaves_out_zero(one.difference) for one in got] == list(found)


def test_a_treatment_without_an_estimate_still_counts() -> None:
    """Three were planned: of two that have an estimate the smaller p-value is still times three."""
    given = dict(points(A=0.3, B=0.1))
    given["C"] = Undefined.because(TooFewUnits(1, 2))

    got = judged(given, of_four(Multiplicity.HOLM)).treatments

    raw = welch_p(given["control"], given["A"])  # type: ignore[arg-type]
    assert got[0].adjusted_p_value == pytest.approx(3 * raw, rel=1e-9)
    assert (got[2].p_value, got[2].adjusted_p_value, got[2].significant) == (None, None, None)
    assert isinstance(got[2].difference, Undefined)


def test_planned_looks_have_the_published_levels() -> None:
    """Two even looks by O'Brien and Fleming: 2.9626 and 1.9686 standard errors.

    R: gsDesign(k = 2, test.type = 1, alpha = 0.025, sfu = sfLDOF)
    """
    the_plan = replace(plan(OEC), looks=Looks(LookKind.PLANNED, DATES, planned_units=10_000))
    given = points(B=0.3)

    first = judged(given, the_plan, 5_000)
    second = judged(given, the_plan, 5_000, 10_000)

    for got, z, number in ((first, 2.9626, 1), (second, 1.9686, 2)):
        assert got.look is not None
        assert (got.look.number, got.look.planned, got.look.final) == (number, 2, number == 2)
        assert got.look.boundary == pytest.approx(z, abs=6e-5)
        (one,) = got.treatments
        assert one.level == pytest.approx(2 * norm.sf(z), rel=2e-4)
        assert isinstance(one.difference, Estimate)
        error = math.hypot(0.1, 0.1)
        half = float(t.isf(one.level / 2, 2 * (N - 1))) * error
        assert one.difference.ci_high - one.difference.estimate == pytest.approx(half, rel=1e-9)
        assert one.significant == leaves_out_zero(one.difference)
    # 0.3 is 2.1 standard errors: not found at the first look, found at the last
    assert (first.treatments[0].significant, second.treatments[0].significant) == (False, True)


def test_planned_looks_and_holm_agree() -> None:
    """At a look, each repeated p-value is corrected, and its interval is made at what is left."""
    the_plan = of_four(Multiplicity.HOLM, Looks(LookKind.PLANNED, DATES, planned_units=20_000))
    given = points(A=0.50, B=0.34, C=0.1)

    got = judged(given, the_plan, 10_000, 20_000).treatments

    looks = Monitoring((0.5, 1.0), final=True)
    raw = [repeated_p_value(welch_p(given["control"], given[key]), looks) for key in "ABC"]  # type: ignore[arg-type]
    found, want, _, _ = multipletests(raw, alpha=0.05, method="holm")
    assert [one.adjusted_p_value for one in got] == pytest.approx(want, rel=1e-6)
    assert [one.significant for one in got] == list(found)
    assert [leaves_out_zero(one.difference) for one in got] == list(found)


def test_before_the_first_planned_look_there_is_none() -> None:
    """Without a look due, no look is shown."""
    the_plan = replace(plan(OEC), looks=Looks(LookKind.PLANNED, DATES))

    assert judged(points(B=0.3), the_plan).look is None


def test_a_look_at_nobody_spends_nothing() -> None:
    """A first look before any unit was mature leaves all the error rate to the second."""
    the_plan = replace(plan(OEC), looks=Looks(LookKind.PLANNED, DATES))

    got = judged(points(B=0.3), the_plan, 0, 10_000)

    assert got.look is not None
    assert (got.look.number, got.look.final, got.look.fractions) == (2, True, (1.0,))
    assert got.treatments[0].level == pytest.approx(0.05, rel=1e-9)


def test_information_without_a_planned_size_comes_over_time() -> None:
    """Halfway between the first unit and the last date is half of the information."""
    the_plan = replace(plan(OEC), looks=Looks(LookKind.PLANNED, DATES))

    got = judged(points(B=0.3), the_plan, 5_000)
    late = judged(points(B=0.3), the_plan, 500, 5_000, started_at=DATES[-1] + DAY)

    assert got.look is not None
    assert got.look.fractions == (0.5,)
    assert late.look is not None
    assert late.look.fractions == (1.0, 1.0)


def test_a_continuous_look_is_a_confidence_sequence() -> None:
    """Its half-width is SE sqrt(2 (n rho² + 1)/(n rho²) ln(sqrt(n rho² + 1)/alpha)).

    With rho² = (-2 ln alpha + ln(1 - 2 ln alpha))/N* (Waudby-Smith and others).
    """
    looks = Looks(LookKind.CONTINUOUS, planned_units=20_000)
    given = points(A=0.45, B=0.6, C=0.1)

    got = judged(given, of_four(Multiplicity.HOLM, looks))

    alpha, n = 0.05 / 3, 4 * N
    rho2 = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / 20_000
    half = math.hypot(0.1, 0.1) * math.sqrt(
        2 * (n * rho2 + 1) / (n * rho2) * math.log(math.sqrt(n * rho2 + 1) / alpha)
    )
    for one in got.treatments:
        assert one.level == pytest.approx(alpha)
        assert isinstance(one.difference, Estimate)
        assert one.difference.ci_high - one.difference.estimate == pytest.approx(half, rel=1e-9)
        assert one.significant == leaves_out_zero(one.difference)
    assert [one.significant for one in got.treatments] == [False, True, False]


@pytest.mark.parametrize("effect", [0.36, 0.4, 0.44, 0.48])
def test_uncorrected_sequences_have_all_of_the_error_rate(effect: float) -> None:
    """Where the plan corrects nothing, interval and significance still agree."""
    looks = Looks(LookKind.CONTINUOUS, planned_units=20_000)

    got = judged(points(A=effect, B=0.1, C=0.0), of_four(Multiplicity.NONE, looks))

    assert [one.level for one in got.treatments] == [0.05] * 3
    for one in got.treatments:
        assert one.significant == leaves_out_zero(one.difference)


def test_certain_difference_is_significant() -> None:
    """Constants 5 against 6 differ beyond chance, and there is no posterior to show."""
    given: Points = {"control": Point(5.0, 0.0, N), "B": Point(6.0, 0.0, N)}

    (one,) = judged(given, plan(OEC)).treatments

    assert isinstance(one.difference, Certain)
    assert (one.p_value, one.significant, one.posterior) == (0.0, True, None)


def test_the_bayesian_view_follows_the_direction() -> None:
    """Where lower is better, the chance to beat the control is that of a lower value."""
    churn = in_use("churn", MetricRole.OEC)
    given = points(B=-0.3)
    information = Information(START + 30 * DAY, START, 2 * N, (), over=False, nonzero=ENOUGH)

    lower = oec_result(plan(churn), churn, given, information)
    higher = oec_result(plan(OEC), OEC, given, information)

    z = 0.3 / math.hypot(0.1, 0.1)
    for got, want in ((lower, norm.cdf(z)), (higher, norm.sf(z))):
        posterior = got.treatments[0].posterior
        assert posterior is not None
        assert posterior.chance_to_beat_control == pytest.approx(want, rel=1e-9)
        assert got.chance_to_be_best["B"] == pytest.approx(want, abs=1e-6)
        assert math.fsum(got.chance_to_be_best.values()) == pytest.approx(1, abs=1e-6)


def test_outlook_finds_the_planned_effect_with_its_power() -> None:
    """The smallest effect is (t + z) errors; units grow with the inverse square of the effect."""
    goal = PowerGoal(0.8, mde_absolute=Decimal("0.2"))
    the_plan = replace(plan(OEC), power_goal=goal)
    aggregates = traffic(20, 250)

    got = outlook(the_plan, OEC, points(B=0.1), aggregates, 10_000)

    (one,) = got.treatments
    error, df = math.hypot(0.1, 0.1), 2 * (N - 1)
    assert one.smallest_effect == pytest.approx((t.isf(0.025, df) + norm.isf(0.2)) * error)
    assert one.planned_effect == 0.2
    shift = 0.2 / error
    power = norm.sf(norm.isf(0.025) - shift) + norm.cdf(norm.ppf(0.025) - shift)
    assert one.achieved_power == pytest.approx(power, abs=1e-3)
    assert one.units_needed is not None
    # where the other tail is nothing, the size grows with the square of the ratio
    assert one.units_needed == pytest.approx(10_000 * (one.smallest_effect / 0.2) ** 2, rel=2e-3)
    assert got.remaining is not None
    assert got.remaining.units == one.units_needed - 10_000
    assert got.remaining.units_per_day == 500
    days = math.ceil(got.remaining.units / 500)
    assert got.remaining.last_exposure_on == (START + (20 + days - 1) * DAY).date()


def test_the_planned_effect_is_signed_as_hoped_for() -> None:
    """Where lower is better, the effect planned for is a fall, as a share of the control."""
    churn = in_use("churn", MetricRole.OEC)
    the_plan = replace(plan(churn), power_goal=PowerGoal(0.8, mde_relative=Decimal("0.02")))

    (one,) = outlook(the_plan, churn, points(B=-0.1), traffic(20, 250), 10_000).treatments

    assert one.planned_effect == pytest.approx(-0.2)
