"""Kaplan-Meier, log-rank, restricted mean and hazard ratio: values, properties, edges, errors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.errors import (
    CannotEstimate,
    FollowUpTooShort,
    InvalidSummary,
    MedianNotReached,
    NoEvents,
    NotIdentified,
    NoVariance,
    TooFewUnits,
    UndefinedStatus,
)
from stats.inference.cox import HazardRatio, Ties, hazard_ratios
from stats.inference.outcome import Certain, Estimate, Method, Rate
from stats.inference.restricted_mean import (
    longest_day,
    restricted_mean,
    restricted_mean_difference,
    restricted_mean_rate,
)
from stats.inference.survival import kaplan_meier, log_rank, median_time
from stats.summary import SurvivalSummary

Times = tuple[tuple[int, int], ...]


def of(times: Times, steps_per_day: int = 1) -> SurvivalSummary:
    """Summary of (time, 1 with the event or 0 censored)."""
    return SurvivalSummary.from_counts(steps_per_day, ((t, e, 1 - e) for t, e in times))


# R: survival::aml, time and status
MAINTAINED = of(((9, 1), (13, 1), (13, 0), (18, 1), (23, 1), (28, 0), (31, 1), (34, 1), (45, 0),
                 (48, 1), (161, 0)))  # fmt: skip
NOT_MAINTAINED = of(((5, 1), (5, 1), (8, 1), (8, 1), (12, 1), (16, 0), (23, 1), (27, 1), (30, 1),
                     (33, 1), (43, 1), (45, 1)))  # fmt: skip
# R: survival::veteran, time and status by celltype
VETERAN = {
    "squamous": of(((1, 1), (1, 1), (8, 1), (10, 1), (11, 1), (15, 1), (25, 0), (25, 1), (30, 1),
        (33, 1), (42, 1), (44, 1), (72, 1), (82, 1), (87, 0), (100, 0), (110, 1), (111, 1),
        (112, 1), (118, 1), (126, 1), (144, 1), (201, 1), (228, 1), (231, 0), (242, 1), (283, 1),
        (314, 1), (357, 1), (389, 1), (411, 1), (467, 1), (587, 1), (991, 1), (999, 1))),
    "smallcell": of(((2, 1), (4, 1), (7, 1), (7, 1), (8, 1), (10, 1), (13, 1), (13, 1), (16, 1),
        (18, 1), (18, 1), (20, 1), (20, 1), (21, 1), (21, 1), (22, 1), (24, 1), (25, 1), (25, 1),
        (27, 1), (29, 1), (30, 1), (31, 1), (51, 1), (51, 1), (52, 1), (54, 1), (54, 1), (56, 1),
        (59, 1), (61, 1), (63, 1), (80, 1), (87, 1), (95, 1), (97, 0), (99, 1), (99, 1), (103, 0),
        (117, 1), (122, 1), (123, 0), (139, 1), (151, 1), (153, 1), (287, 1), (384, 1),
        (392, 1))),
    "adeno": of(((3, 1), (7, 1), (8, 1), (8, 1), (12, 1), (18, 1), (19, 1), (24, 1), (31, 1),
        (35, 1), (36, 1), (45, 1), (48, 1), (51, 1), (52, 1), (73, 1), (80, 1), (83, 0), (84, 1),
        (90, 1), (92, 1), (95, 1), (117, 1), (132, 1), (140, 1), (162, 1), (186, 1))),
    "large": of(((12, 1), (15, 1), (19, 1), (43, 1), (49, 1), (52, 1), (53, 1), (100, 1), (103, 1),
        (105, 1), (111, 1), (133, 1), (143, 1), (156, 1), (162, 1), (164, 1), (177, 1), (182, 0),
        (200, 1), (216, 1), (231, 1), (250, 1), (260, 1), (278, 1), (340, 1), (378, 1),
        (553, 1))),
}  # fmt: skip

EMPTY = of(())
ALL_CENSORED = of(((90, 0),) * 5)
ALL_AT_ONCE = of(((7, 1),) * 5)


def test_curve_equals_that_of_r() -> None:
    """Share, standard error, interval and units at risk are those of survfit."""
    # survfit(Surv(time, status) ~ 1, subset(aml, x == "Maintained"), conf.type = "log-log")
    want = (
        (9, 11, 1, 0, 0.909090909090909, 0.0866784172041448, 0.50808020577, 0.986673822668),
        (13, 10, 1, 1, 0.818181818181818, 0.1162912998303329, 0.447428614682, 0.951162228582),
        (18, 8, 1, 0, 0.715909090909091, 0.1396649705572278, 0.350190385908, 0.899023974191),
        (23, 7, 1, 0, 0.613636363636364, 0.1526323310273120, 0.265752040001, 0.835299243250),
        (28, 6, 0, 1, 0.613636363636364, 0.1526323310273120, 0.265752040001, 0.835299243250),
        (31, 5, 1, 0, 0.490909090909091, 0.1641932672211358, 0.167330909777, 0.753399790371),
        (34, 4, 1, 0, 0.368181818181818, 0.1626688858270948, 0.092829574937, 0.657040832398),
        (45, 3, 0, 1, 0.368181818181818, 0.1626688858270948, 0.092829574937, 0.657040832398),
        (48, 2, 1, 0, 0.184090909090909, 0.1534927457862937, 0.011738480123, 0.525014842727),
        (161, 1, 0, 1, 0.184090909090909, 0.1534927457862937, 0.011738480123, 0.525014842727),
    )

    curve = kaplan_meier(MAINTAINED, alpha=0.05)
    got = [
        (p.day, p.at_risk, p.events, p.censored, p.survival, p.std_error, p.ci_low, p.ci_high)
        for p in curve.points
    ]
    for row, expected in zip(got, want, strict=True):
        assert row == pytest.approx(expected, rel=1e-9)
    assert curve.at_risk_on((0, 9, 10, 13, 200)) == (11, 11, 10, 10, 0)
    assert curve.survival_at(8) == 1
    assert curve.survival_at(13.5) == pytest.approx(9 / 11, rel=1e-15)


@pytest.mark.parametrize(
    ("summary", "want"),
    [(MAINTAINED, (31, 13, None)), (NOT_MAINTAINED, (23, 5, 33))],
)
def test_median_equals_that_of_r(
    summary: SurvivalSummary, want: tuple[float, float, float | None]
) -> None:
    """The median and its interval are those of survfit; an upper end may not exist."""
    # quantile(survfit(Surv(time, status) ~ x, aml, conf.type = "log-log"), 0.5)
    got = median_time(kaplan_meier(summary, alpha=0.05))

    assert (got.days, got.ci_low, got.ci_high) == want


def test_median_beyond_the_curve_says_so() -> None:
    """Where more than half are still without the event there is no median, and not a 0."""
    with pytest.raises(MedianNotReached, match=r"beyond day 90: 75\.0%") as fault:
        median_time(kaplan_meier(of(((3, 1), (90, 0), (90, 0), (90, 0))), alpha=0.05))
    assert fault.value.status is UndefinedStatus.MEDIAN_NOT_REACHED


@pytest.mark.parametrize(
    ("summary", "until", "mean", "std_error"),
    [
        (MAINTAINED, 25, 21.5340909090909, 1.66022131548702),
        (NOT_MAINTAINED, 25, 17.5555555555556, 2.48226735759223),
        (VETERAN["squamous"], 100, 73.2285714285714, 6.38915167853102),
        (VETERAN["smallcell"], 100, 51.4965277777778, 5.19849695676428),
        (VETERAN["adeno"], 100, 55.8024691358025, 6.85156472744181),
        (VETERAN["large"], 100, 83.0740740740741, 5.75659124242004),
    ],
)
def test_restricted_mean_equals_that_of_r(
    summary: SurvivalSummary, until: float, mean: float, std_error: float
) -> None:
    """Mean days up to a day, and their standard error, are those of survfit."""
    # summary(survfit(Surv(time, status) ~ 1, data), rmean = until)$table[c("rmean", "se(rmean)")]
    got = restricted_mean(summary, until_day=until)

    assert got.days == pytest.approx(mean, rel=1e-9)
    assert got.std_error == pytest.approx(std_error, rel=1e-9)


def test_difference_of_restricted_means_is_normal() -> None:
    """Estimate, error, interval and p-value follow from R's two means by the normal."""
    # R: d <- 17.5555555555556 - 21.5340909090909; s <- sqrt(1.66022131548702^2 +
    # 2.48226735759223^2); sprintf("%.12g", c(d, s, d + c(-1, 1) * qnorm(.975) * s,
    # 2 * pnorm(-abs(d) / s)))
    got = restricted_mean_difference(MAINTAINED, NOT_MAINTAINED, until_day=25, alpha=0.05)

    assert isinstance(got, Estimate)
    assert (got.df, got.method) == (None, Method.RESTRICTED_MEAN)
    want = (-3.97853535354, 2.98629972557, -9.8315752627, 1.87450455563, 0.182773921478)
    assert (got.estimate, got.std_error, got.ci_low, got.ci_high, got.p_value) == pytest.approx(
        want, rel=1e-9
    )


def test_log_rank_equals_that_of_r() -> None:
    """Two variants and four: statistic, expected events and p-value are those of survdiff."""
    # survdiff(Surv(time, status) ~ x, aml)
    two = log_rank({"control": MAINTAINED, "B": NOT_MAINTAINED})
    assert two.chi_squared == pytest.approx(3.3963886989776, rel=1e-9)
    assert two.expected == pytest.approx((10.6893359923007, 7.31066400769928), rel=1e-9)
    assert two.p_value == pytest.approx(0.0653393220405051, rel=1e-9)

    # survdiff(Surv(time, status) ~ celltype, veteran)
    four = log_rank(VETERAN)
    assert four.chi_squared == pytest.approx(25.4037003457854, rel=1e-9)
    assert (four.df, four.observed) == (3, (31, 45, 26, 26))
    want = (47.6546776724754, 30.1020793268148, 15.6937646143605, 34.5494783863493)
    assert four.expected == pytest.approx(want, rel=1e-9)
    assert four.p_value == pytest.approx(1.27124593900609e-05, rel=1e-9)


@pytest.mark.parametrize(
    ("ties", "logs", "errors"),
    [
        (
            Ties.EFRON,
            (1.00125318278623, 1.1477130366175, 0.230145516733099),
            (0.253507435621655, 0.292880510039261, 0.277293036984193),
        ),
        (
            Ties.BRESLOW,
            (0.996433185886171, 1.14137040438344, 0.230178355193655),
            (0.253551125803905, 0.292848273476572, 0.277307186593134),
        ),
    ],
)
def test_hazard_ratios_equal_those_of_r(
    ties: Ties, logs: tuple[float, ...], errors: tuple[float, ...]
) -> None:
    """One ratio per treatment, with ties of either kind, as coxph gives them."""
    # v <- veteran; v$cell <- factor(v$celltype, c("squamous", "smallcell", "adeno", "large"))
    # coxph(Surv(time, status) ~ cell, v, ties = "efron", control = coxph.control(eps = 1e-14))
    treatments = {key: VETERAN[key] for key in ("smallcell", "adeno", "large")}
    got = hazard_ratios(VETERAN["squamous"], treatments, alpha=0.05, ties=ties)

    assert [math.log(one.estimate) for one in got] == pytest.approx(logs, rel=1e-9)
    assert [one.log_std_error for one in got] == pytest.approx(errors, rel=1e-9)
    assert [one.treatment for one in got] == list(treatments)


def test_hazard_ratio_has_its_test_and_interval() -> None:
    """The Wald p-value is R's, and the interval that of the logarithm taken back."""
    # summary(coxph(Surv(time, status) ~ x, aml))$coef[5]
    (got,) = hazard_ratios(MAINTAINED, {"B": NOT_MAINTAINED}, alpha=0.05)

    assert got.p_value == pytest.approx(0.0737148606390306, rel=1e-9)
    # R gives, for exp(0.915532575014773 + c(-1, 1) * qnorm(.975) * 0.511934275172009), these two:
    assert (got.ci_low, got.ci_high) == pytest.approx((0.915907257, 6.81349577), rel=1e-8)


def test_hours_are_days_by_24() -> None:
    """The same times cut into hours give the same days."""
    hours = of(((72, 1), (120, 1), (216, 1), (480, 0)), steps_per_day=24)
    days = of(((3, 1), (5, 1), (9, 1), (20, 0)))

    assert kaplan_meier(hours, alpha=0.05) == kaplan_meier(days, alpha=0.05)
    assert restricted_mean(hours, until_day=15) == restricted_mean(days, until_day=15)
    assert hours.last_day == 20


# --- edges --------------------------------------------------------------------------------------


def test_variant_without_units_has_no_estimate() -> None:
    """Nothing is estimated of nobody."""
    for estimate in (
        lambda: kaplan_meier(EMPTY, alpha=0.05),
        lambda: restricted_mean(EMPTY, until_day=30),
        lambda: log_rank({"control": MAINTAINED, "B": EMPTY}),
        lambda: hazard_ratios(MAINTAINED, {"B": EMPTY}, alpha=0.05),
        lambda: longest_day(MAINTAINED, EMPTY),
    ):
        with pytest.raises(TooFewUnits) as fault:
            estimate()
        assert fault.value.status is UndefinedStatus.NO_UNITS


def test_nobody_with_the_event_is_a_certain_mean_and_no_comparison() -> None:
    """All censored at the end: every day was spent without the event, and nothing can be tested."""
    assert restricted_mean(ALL_CENSORED, until_day=90).days == 90
    got = restricted_mean_rate(ALL_CENSORED, until_day=90, alpha=0.05)
    assert isinstance(got, Certain)
    assert got.estimate == 90
    with pytest.raises(NoVariance):
        restricted_mean_difference(ALL_CENSORED, ALL_CENSORED, until_day=90, alpha=0.05)
    with pytest.raises(NoEvents, match="of any variant"):
        log_rank({"control": ALL_CENSORED, "B": ALL_CENSORED})
    with pytest.raises(NoEvents, match="of B"):
        hazard_ratios(MAINTAINED, {"B": ALL_CENSORED}, alpha=0.05)
    with pytest.raises(MedianNotReached):
        median_time(kaplan_meier(ALL_CENSORED, alpha=0.05))


def test_all_events_at_once_are_a_certain_difference() -> None:
    """Everyone on day 7 against nobody in 90 days: 83 days fewer, without an error."""
    got = restricted_mean_difference(ALL_CENSORED, ALL_AT_ONCE, until_day=90, alpha=0.05)
    assert isinstance(got, Certain)
    assert got.estimate == 7 - 90
    point = kaplan_meier(ALL_AT_ONCE, alpha=0.05).points[-1]
    assert (point.survival, point.std_error, point.ci_low, point.ci_high) == (0, 0, None, None)
    assert median_time(kaplan_meier(ALL_AT_ONCE, alpha=0.05)).days == 7


def test_mean_beyond_the_last_time_is_refused() -> None:
    """Nobody was watched for 90 days, so the mean up to then is unknown; up to 45 it is not."""
    with pytest.raises(FollowUpTooShort, match="161 days at most") as fault:
        restricted_mean(MAINTAINED, until_day=200)
    assert fault.value.status is UndefinedStatus.FOLLOW_UP_TOO_SHORT
    # the last of the others had the event: nobody is left, and the curve is known for ever
    assert restricted_mean(NOT_MAINTAINED, until_day=200).days > 0
    assert longest_day(MAINTAINED, NOT_MAINTAINED) == 161
    for day in (0, -1, math.nan, math.inf):
        with pytest.raises(InvalidSummary, match="above 0 and finite"):
            restricted_mean(NOT_MAINTAINED, until_day=day)
    assert longest_day(NOT_MAINTAINED) == math.inf


def test_variants_watched_at_different_times_cannot_be_compared() -> None:
    """Where one variant is gone before the other's first event there is nothing to compare."""
    early, late = of(((1, 0), (2, 0))), of(((5, 1), (6, 1), (7, 0)))
    with pytest.raises(NoVariance):
        log_rank({"control": early, "B": late})


def test_separated_variants_have_no_hazard_ratio() -> None:
    """One variant's events are all over before the other's begin: the ratio has no maximum."""
    fast, slow = of(((1, 1), (2, 1))), of(((5, 1), (6, 1)))
    with pytest.raises(NotIdentified) as fault:
        hazard_ratios(slow, {"B": fast}, alpha=0.05)
    assert fault.value.status is UndefinedStatus.NOT_IDENTIFIED


@pytest.mark.parametrize(
    "parts",
    [
        (0, (1,), (1,), (0,)),
        (24, (1, 2), (1,), (0,)),
        (24, (2, 1), (1, 1), (0, 0)),
        (24, (1, 1), (1, 1), (0, 0)),
        (24, (1,), (-1,), (2,)),
    ],
)
def test_impossible_times_are_refused(
    parts: tuple[int, tuple[int, ...], tuple[int, ...], tuple[int, ...]],
) -> None:
    """A summary that no data can have is refused when it is built."""
    with pytest.raises(InvalidSummary):
        SurvivalSummary(*parts)


def test_times_cut_differently_do_not_mix() -> None:
    """Hours and days are neither added nor compared."""
    hours = of(((3, 1), (5, 0)), steps_per_day=24)
    with pytest.raises(InvalidSummary):
        hours + MAINTAINED
    with pytest.raises(InvalidSummary):
        log_rank({"control": hours, "B": MAINTAINED})
    with pytest.raises(InvalidSummary):
        log_rank({"control": hours})


# --- properties ---------------------------------------------------------------------------------

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1)), min_size=2, max_size=40)


@given(PAIRS, PAIRS)
def test_curve_falls_within_its_interval(
    control: list[tuple[int, int]], treatment: list[tuple[int, int]]
) -> None:
    """The share never rises, and lies within its interval, which lies within 0 and 1."""
    summary = of(tuple(control)) + of(tuple(treatment))
    curve = kaplan_meier(summary, alpha=0.05)

    shares = [point.survival for point in curve.points]
    assert shares == sorted(shares, reverse=True)
    assert curve.n == len(control) + len(treatment)
    for point in curve.points:
        if point.ci_low is not None and point.ci_high is not None:
            assert 0 <= point.ci_low <= point.survival <= point.ci_high <= 1


@given(PAIRS, PAIRS)
def test_order_of_variants_does_not_matter(
    control: list[tuple[int, int]], treatment: list[tuple[int, int]]
) -> None:
    """Swapping the variants mirrors every result; the log-rank test stays as it is."""
    c, t = of(tuple(control)), of(tuple(treatment))
    until = min(30.0, longest_day(c, t))
    if until == 0:
        return
    try:
        ahead = restricted_mean_difference(c, t, until_day=until, alpha=0.05)
        back = restricted_mean_difference(t, c, until_day=until, alpha=0.05)
        assert back.estimate == pytest.approx(-ahead.estimate, abs=1e-12)
        tests = log_rank({"c": c, "t": t}), log_rank({"t": t, "c": c})
        assert tests[1].chi_squared == pytest.approx(tests[0].chi_squared, rel=1e-9, abs=1e-12)
        (ratio,) = hazard_ratios(c, {"t": t}, alpha=0.05)
        (inverse,) = hazard_ratios(t, {"c": c}, alpha=0.05)
        assert inverse.estimate == pytest.approx(1 / ratio.estimate, rel=1e-6)
    except CannotEstimate:
        pass


@given(PAIRS, PAIRS)
def test_interval_and_test_of_restricted_means_agree(
    control: list[tuple[int, int]], treatment: list[tuple[int, int]]
) -> None:
    """The interval leaves out 0 exactly where the p-value is below alpha."""
    try:
        got = restricted_mean_difference(
            of((*control, (31, 0))), of((*treatment, (31, 0))), until_day=31, alpha=0.05
        )
    except NoVariance:
        return
    if isinstance(got, Estimate):
        assert (got.p_value < 0.05) == (got.ci_low > 0 or got.ci_high < 0)
        assert 0 <= got.p_value <= 1


@given(PAIRS)
def test_without_censoring_the_restricted_mean_is_the_mean(values: list[tuple[int, int]]) -> None:
    """If all have the event, it is the mean of min(time, day), its error that of ddof 0."""
    times = np.array([t for t, _ in values], dtype=float)
    got = restricted_mean(of(tuple((t, 1) for t, _ in values)), until_day=20)

    clipped = np.minimum(times, 20)
    assert got.days == pytest.approx(float(clipped.mean()), rel=1e-12, abs=1e-12)
    error = float(clipped.std() / math.sqrt(len(values)))
    assert got.std_error == pytest.approx(error, rel=1e-9, abs=1e-9)


# --- simulation ---------------------------------------------------------------------------------

RUNS, UNITS, ALPHA = 1_500, 400, 0.05
TOLERANCE = 3 * math.sqrt(ALPHA * (1 - ALPHA) / RUNS)


def drawn(rng: np.random.Generator, hazard: float) -> SurvivalSummary:
    """Exponential times in hours, entries spread over the first 60 of 90 days, a 90-day window."""
    times = np.floor(rng.exponential(1 / hazard, UNITS) * 24)
    watched = np.floor(np.minimum(90, 30 + rng.uniform(0, 90, UNITS)) * 24)
    seen = np.minimum(times, watched).astype(int)
    had = times < watched
    steps, where = np.unique(seen, return_inverse=True)
    events = np.bincount(where, weights=had).astype(int)
    all_ = np.bincount(where)
    return SurvivalSummary.from_counts(
        24, zip(steps.tolist(), events.tolist(), (all_ - events).tolist(), strict=True)
    )


def test_survival_tests_are_wrong_as_often_as_they_say() -> None:
    """Under A/A with a tenth of events and open windows, all three tests keep the error rate."""
    rng = np.random.default_rng(20260801)
    wrong = {"log_rank": 0, "restricted_mean": 0, "cox": 0}
    covered = 0
    truth = (1 - math.exp(-0.005 * 90)) / 0.005
    for _ in range(RUNS):
        c, t = drawn(rng, 0.005), drawn(rng, 0.005)
        wrong["log_rank"] += log_rank({"c": c, "t": t}).p_value < ALPHA
        got = restricted_mean_difference(c, t, until_day=90, alpha=ALPHA)
        assert isinstance(got, Estimate)
        wrong["restricted_mean"] += got.p_value < ALPHA
        (ratio,) = hazard_ratios(c, {"t": t}, alpha=ALPHA)
        assert isinstance(ratio, HazardRatio)
        wrong["cox"] += ratio.p_value < ALPHA
        rate = restricted_mean_rate(c, until_day=90, alpha=ALPHA)
        assert isinstance(rate, Rate)
        covered += rate.ci_low <= truth <= rate.ci_high

    for name, count in wrong.items():
        assert count / RUNS == pytest.approx(ALPHA, abs=TOLERANCE), name
    assert covered / RUNS == pytest.approx(1 - ALPHA, abs=TOLERANCE)
