"""The verdict from facts: directions, scales, estimates and planned looks, each made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.decision.verdict import Reason, Verdict
from stats.inference.outcome import Estimate, Method
from stats.metric import Window
from stats.plan import (
    AnalysisPlan,
    Cap,
    Covariate,
    DecisionRule,
    DecisionScale,
    EstimateUsed,
    LookKind,
    Looks,
    MetricInUse,
    MetricRole,
)
from stats.scorecard import Scorecard, assemble_scorecard
from tests.stats.facts import DAY, START, Conversion, facts, in_use, order, plan

RATE = in_use("repurchase_rate", MetricRole.OEC, window=Window(10))
CHURN = in_use("churn", MetricRole.OEC, window=Window(10))
SPEND = in_use("spend_per_member", MetricRole.OEC, window=Window(10))
UNITS = 1_000
NO_WAIT = DecisionRule(exempt_checks=("event_gaps", "freshness"))


def world(*ordering: int, days: int = 1, more: Sequence[Conversion] = ()) -> FactTables:
    """A thousand units a variant over so many days, of whom so many order the day after."""
    exposures, orders = [], []
    for key, count in zip(("control", "B", "C"), ordering, strict=False):
        for i in range(UNITS):
            at = START + (i % days) * DAY
            exposures.append((f"{key}{i}", key, at))
            if i < count:
                orders.append(order(f"{key}{i}", at + DAY, 100))
    return facts(exposures, [*orders, *more])


def ruled(metric: MetricInUse, rule: DecisionRule = NO_WAIT, variants: int = 2) -> AnalysisPlan:
    """A plan by the rule."""
    shares: dict[str, str | None] = (
        {"control": "0.5", "B": "0.5"}
        if variants == 2
        else {"control": "0.34", "B": "0.33", "C": "0.33"}
    )
    return replace(plan(metric, shares=shares), decision_rule=rule)


def scored(
    given: FactTables, the_plan: AnalysisPlan, days: float = 40, ended: datetime | None = None
) -> Scorecard:
    """The scorecard some days after the start."""
    as_of = START + days * DAY
    return assemble_scorecard(
        the_plan, aggregate(given, the_plan, as_of), computed_at=as_of, ended_at=ended
    )


def verdict(got: Scorecard) -> tuple[Verdict, str | None]:
    """What is decided, and of which treatment."""
    assert got.decision is not None
    return got.decision.verdict, got.decision.treatment


@pytest.mark.parametrize("scale", [DecisionScale.LIFT, DecisionScale.DIFFERENCE])
@pytest.mark.parametrize(
    ("metric", "control", "treatment", "want"),
    [
        (RATE, 300, 400, Verdict.SHIP),
        (RATE, 400, 300, Verdict.DO_NOT_SHIP),
        # churn is of those without an order: more orders are fewer churned, which is better
        (CHURN, 300, 400, Verdict.SHIP),
        (CHURN, 400, 300, Verdict.DO_NOT_SHIP),
    ],
)
def test_better_is_what_the_direction_says(
    metric: MetricInUse, control: int, treatment: int, want: Verdict, scale: DecisionScale
) -> None:
    """On either scale an effect in the better direction ships, and one in the worse does not."""
    the_plan = ruled(metric, replace(NO_WAIT, scale=scale))

    assert verdict(scored(world(control, treatment), the_plan)) == (want, "B")


def test_the_interval_of_a_lower_metric_is_turned() -> None:
    """The verdict shows a fall of churn as a gain, low below high, on the scale of the rule."""
    got = scored(world(300, 400), ruled(CHURN, replace(NO_WAIT, scale=DecisionScale.DIFFERENCE)))

    assert got.oec is not None
    difference = got.oec.treatments[0].difference
    assert isinstance(difference, Estimate)
    assert difference.estimate == pytest.approx(-0.1)
    assert got.decision is not None
    shown = got.decision.parameters
    assert shown["estimate"] == pytest.approx(0.1)
    assert (shown["low"], shown["high"]) == (-difference.ci_high, -difference.ci_low)


@pytest.mark.parametrize(
    ("scale", "threshold", "want"),
    [
        # 30 % to 40 %: a difference of 0.1 ± 0.042, a lift of a third ± about 0.16
        (DecisionScale.DIFFERENCE, "0.05", Verdict.SHIP),
        (DecisionScale.LIFT, "0.05", Verdict.SHIP),
        (DecisionScale.DIFFERENCE, "0.2", Verdict.DO_NOT_SHIP),
        (DecisionScale.LIFT, "0.2", Verdict.INCONCLUSIVE),
        (DecisionScale.LIFT, "0.6", Verdict.DO_NOT_SHIP),
    ],
)
def test_the_threshold_stands_on_its_scale(
    scale: DecisionScale, threshold: str, want: Verdict
) -> None:
    """The same effect is above a threshold on one scale, and spans it on the other."""
    the_plan = ruled(RATE, replace(NO_WAIT, scale=scale, threshold=Decimal(threshold)))

    assert verdict(scored(world(300, 400), the_plan))[0] is want


def test_the_best_of_several_treatments_is_shipped() -> None:
    """Of two that are better, the better one; one that is worse does not stop it."""
    assert verdict(scored(world(300, 380, 420), ruled(RATE, variants=3))) == (Verdict.SHIP, "C")
    assert verdict(scored(world(300, 200, 420), ruled(RATE, variants=3))) == (Verdict.SHIP, "C")


def test_the_estimate_of_the_rule_decides() -> None:
    """One huge order hides the effect on spend; where it is winsorised the effect ships."""
    huge = [order("control999", START + DAY, 10_000_000)]
    capped = replace(SPEND, cap=Cap(value=100))

    raw = scored(world(300, 400, more=huge), ruled(SPEND))
    held = scored(
        world(300, 400, more=huge), ruled(capped, replace(NO_WAIT, estimate=EstimateUsed.CAPPED))
    )

    assert verdict(raw)[0] is Verdict.INCONCLUSIVE
    assert verdict(held) == (Verdict.SHIP, "B")
    assert held.oec is not None
    assert held.metrics[0].capped is not None
    assert held.oec.treatments[0].difference == held.metrics[0].capped.comparisons[0].difference


def test_an_adjusted_oec_is_the_adjusted_comparison() -> None:
    """Deciding by covariates gives the difference that the metric shows, under its name."""
    metric = replace(SPEND, covariates=(Covariate("before", 28),))
    before = [
        order(f"{key}{i}", START - DAY, 50 * (i % 7))
        for key in ("control", "B")
        for i in range(900)
    ]
    the_plan = ruled(metric, replace(NO_WAIT, estimate=EstimateUsed.ADJUSTED))

    got = scored(world(300, 400, more=before), the_plan)

    assert got.oec is not None
    assert got.metrics[0].adjusted is not None
    (one,) = got.oec.treatments
    assert one.difference == got.metrics[0].adjusted.comparisons[0].difference
    assert isinstance(one.difference, Estimate)
    assert one.difference.method is Method.CUPED


def test_a_ratio_that_decides_has_the_name_of_its_method() -> None:
    """A ratio's difference is by the delta method in the metric and in the OEC alike."""
    ratio = in_use("average_order_value", MetricRole.OEC, window=Window(10))

    got = scored(world(300, 400, more=[order("B1", START + 2 * DAY, 7)]), ruled(ratio))

    assert got.oec is not None
    assert got.oec.treatments[0].difference == got.metrics[0].comparisons[0].difference


# --- planned looks ------------------------------------------------------------------------------

DATES = tuple(START + days * DAY for days in (20, 30, 45))
PLANNED = Looks(LookKind.PLANNED, DATES, planned_units=2 * UNITS)


def looked(days: float, ended: datetime | None = None, looks: Looks = PLANNED) -> Scorecard:
    """A campaign of 25 days of exposure and windows of 10, seen some days after the start."""
    return scored(world(300, 400, days=25), replace(ruled(RATE), looks=looks), days, ended)


def test_before_the_first_date_nothing_is_decided() -> None:
    """Results are there, no look is due."""
    got = looked(19.9)

    assert got.oec is not None
    assert got.oec.look is None
    assert got.decision is not None
    assert (got.decision.verdict, got.decision.reason) == (
        Verdict.KEEP_RUNNING, Reason.LOOK_NOT_DUE,
    )  # fmt: skip


def test_looks_count_the_units_that_were_mature() -> None:
    """At its date a look has today's mature units; earlier looks have whole days before theirs.

    80 units come a day at midnight UTC, 8 in the morning of Taipei: those of the day on which a
    window closes are left out of a past look.
    """
    at_first, at_second, at_last = (looked(days).oec for days in (20, 30, 45))

    shown = [one.look for one in (at_first, at_second, at_last) if one is not None]
    first, second, last = (look for look in shown if look is not None)
    assert first.fractions == (11 * 80 / 2_000,)
    assert second.fractions == (10 * 80 / 2_000, 21 * 80 / 2_000)
    assert last.fractions == (10 * 80 / 2_000, 20 * 80 / 2_000, 1.0)
    assert [look.number for look in (first, second, last)] == [1, 2, 3]
    assert [look.final for look in (first, second, last)] == [False, False, True]


def test_a_look_after_the_last_date_is_the_last_one() -> None:
    """Later analyses do not add looks."""
    got = looked(60).oec

    assert got is not None
    assert got.look is not None
    assert (got.look.number, got.look.final) == (3, True)


def test_stopping_between_two_looks_is_a_last_look_of_its_own() -> None:
    """What the looks before have spent stays spent: the level is below all of the error rate."""
    got = looked(40, ended=START + 33 * DAY).oec

    assert got is not None
    assert got.look is not None
    assert (got.look.number, got.look.final) == (3, True)
    assert got.look.fractions == (10 * 80 / 2_000, 20 * 80 / 2_000, 1.0)
    assert got.treatments[0].level < 0.05


def test_stopping_before_the_first_look_leaves_it_all() -> None:
    """Nothing was spent: one look at the whole error rate."""
    got = looked(40, ended=START + 33 * DAY, looks=replace(PLANNED, dates=(START + 90 * DAY,))).oec

    assert got is not None
    assert got.look is not None
    assert (got.look.number, got.look.final) == (1, True)
    assert got.treatments[0].level == pytest.approx(0.05, rel=1e-9)


def test_a_first_look_before_any_window_closed_is_no_look() -> None:
    """Nobody was mature at the first date: the second is number 2, with one fraction."""
    looks = replace(PLANNED, dates=(START + 5 * DAY, START + 30 * DAY, START + 45 * DAY))

    got = looked(30, looks=looks).oec

    assert got is not None
    assert got.look is not None
    assert (got.look.number, got.look.fractions) == (2, (21 * 80 / 2_000,))


@pytest.mark.parametrize("metric", [RATE, SPEND])
def test_a_past_look_counts_if_its_day_saw_outcomes_enough(metric: MetricInUse) -> None:
    """Twenty orders a variant by the end of the first look's day make it a look, nineteen do not.

    Of 34 who order in each variant, 19 have been exposed on the days before it, and one on it.
    """
    nineteen, twenty = (
        scored(world(some, some, days=25), replace(ruled(metric), looks=PLANNED), 30).oec
        for some in (33, 34)
    )

    assert nineteen is not None
    assert nineteen.look is not None
    assert nineteen.look.fractions == (21 * 80 / 2_000,)
    assert twenty is not None
    assert twenty.look is not None
    assert twenty.look.fractions == (10 * 80 / 2_000, 21 * 80 / 2_000)
    assert twenty.treatments[0].level < nineteen.treatments[0].level
    assert twenty.look.number == nineteen.look.number == 2


@pytest.mark.parametrize("scale", [DecisionScale.LIFT, DecisionScale.DIFFERENCE])
@pytest.mark.parametrize(
    "looks", [replace(PLANNED, planned_units=10_000), Looks(LookKind.CONTINUOUS)]
)
def test_too_few_outcomes_decide_nothing_at_a_look(scale: DecisionScale, looks: Looks) -> None:
    """With a handful of orders neither difference nor lift has an interval, so nothing ships."""
    the_plan = replace(ruled(RATE, replace(NO_WAIT, scale=scale)), looks=looks)

    got = scored(world(0, 15), the_plan, 30)
    rare = scored(world(1, 15), the_plan, 30)

    for one in (got, rare):
        assert one.oec is not None
        assert one.oec.treatments[0].p_value is None
        assert one.decision is not None
        assert (one.decision.verdict, one.decision.reason) == (
            Verdict.KEEP_RUNNING, Reason.NO_ESTIMATE,
        )  # fmt: skip
