"""Tidy rows of the other views of a metric: tested, adjusted, capped, deciding, Bayesian, power."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.report.tidy_row import Row, as_share, comparison_rows, filled
from stats.inference.outcome import Undefined
from stats.metric import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.scorecard import Comparison, MetricResult, Scorecard
    from stats.scorecard.alternatives import AdjustedResult, CappedResult
    from stats.scorecard.looks import LookTaken
    from stats.scorecard.oec import OecResult, OecTreatment
    from stats.scorecard.outlook import Outlook

UNDEFINED: Final = "undefined"
"""Status of an adjusted value that does not exist; its sentence says why."""


def tested_rows(row: Row, comparison: Comparison) -> Iterator[Row]:
    """Give the tests beside the raw comparison: exact, and of a guardrail's margin."""
    row = replace(row, variant=comparison.treatment, compared_with=comparison.control)
    exact, held = comparison.exact, comparison.non_inferiority
    if exact is not None:
        own = replace(row, quantity="exact_test", unit="", currency="", currency_exponent=None)
        if isinstance(exact, Undefined):
            yield filled(own, exact)
        else:
            yield replace(
                own,
                n=exact.units,
                p_value=exact.p_value,
                method=exact.test.value,
                status=exact.status,
                sentence=exact.sentence,
            )
    if held is not None:
        own = replace(as_share(row), quantity="non_inferiority")
        if isinstance(held, Undefined):
            yield filled(own, held)
        else:
            # the bound on the bad side: the low one where higher is better
            low = held.worst if held.direction is Direction.HIGHER else None
            high = None if held.direction is Direction.HIGHER else held.worst
            yield replace(
                own,
                estimate=held.estimate,
                ci_low=low,
                ci_high=high,
                p_value=held.p_value,
                df=held.df,
                alpha=held.alpha,
                status=held.verdict.value,
            )


def view_rows(scorecard: Scorecard, metric: MetricResult, row: Row) -> Iterator[Row]:
    """Give the other views of a metric; `row` says what is common to all of them."""
    row = replace(row, record="view")
    if metric.adjusted is not None:
        yield from _adjusted(metric.adjusted, replace(row, view="adjusted"))
    if metric.capped is not None:
        yield from _capped(metric.capped, replace(row, view="capped"))
    oec, ahead = scorecard.oec, scorecard.outlook
    if oec is not None and oec.metric == metric.key:
        yield from _deciding(scorecard, oec, replace(row, view="deciding"))
        yield from _bayesian(scorecard, oec, replace(row, view="bayesian"))
        if ahead is not None:
            yield from _power(scorecard, ahead, replace(row, view="power"))


def _adjusted(adjusted: AdjustedResult, row: Row) -> Iterator[Row]:
    method = adjusted.method.value
    for value in adjusted.variants:
        yield replace(
            row,
            variant=value.variant,
            quantity="value",
            estimate=value.value,
            std_error=value.std_error,
            method=method,
            status=UNDEFINED if value.value is None else "estimated",
            sentence=value.sentence,
        )
    for comparison in adjusted.comparisons:
        yield from comparison_rows(row, comparison)
    for reduction in adjusted.reductions:
        yield replace(
            as_share(row),
            variant=reduction.treatment,
            quantity="variance_removed",
            estimate=reduction.share,
            status=UNDEFINED if reduction.share is None else "descriptive",
            sentence=reduction.sentence,
        )
    for theta in adjusted.thetas:
        yield replace(
            row,
            variant=theta.variant,
            covariate=theta.covariate,
            quantity="weight",
            estimate=theta.value,
            method=method,
            status="descriptive",
        )
    for sentence in adjusted.dropped:
        yield replace(row, quantity="dropped_covariate", status="descriptive", sentence=sentence)


def _capped(capped: CappedResult, row: Row) -> Iterator[Row]:
    yield replace(row, quantity="cap", estimate=capped.cap, status="exact")
    for value in capped.variants:
        own = replace(row, variant=value.variant)
        yield replace(own, quantity="total", estimate=value.total, status="exact")
        yield replace(own, quantity="cut", estimate=value.cut, status="exact")
        yield filled(replace(own, quantity="value"), value.value)
    for comparison in capped.comparisons:
        yield from comparison_rows(row, comparison)


def _deciding(scorecard: Scorecard, oec: OecResult, row: Row) -> Iterator[Row]:
    if oec.look is not None:
        yield from _look(oec.look, replace(row, unit="", currency="", currency_exponent=None))
    for one in oec.treatments:
        own = _of(scorecard, one, row)
        yield filled(replace(own, quantity="difference"), one.difference)
        yield filled(replace(as_share(own), quantity="lift"), one.lift)
        bare = replace(own, unit="", currency="", currency_exponent=None)
        yield replace(
            bare,
            quantity="p_value",
            p_value=one.p_value,
            method=oec.looks.value,
            status=UNDEFINED if one.p_value is None else "estimated",
        )
        counts = {None: UNDEFINED, True: "significant", False: "not_significant"}
        yield replace(
            bare,
            quantity="corrected_p_value",
            p_value=one.adjusted_p_value,
            alpha=scorecard.alpha,
            method=oec.correction.value,
            status=counts[one.significant],
        )


def _look(look: LookTaken, row: Row) -> Iterator[Row]:
    for quantity, number in (
        ("look", look.number),
        ("looks_planned", look.planned),
        ("information", look.fractions[-1]),
        ("boundary", look.boundary),
        ("nominal_alpha", look.nominal_alpha),
    ):
        yield replace(row, quantity=quantity, estimate=number, status="exact")


def _bayesian(scorecard: Scorecard, oec: OecResult, row: Row) -> Iterator[Row]:
    for variant, chance in oec.chance_to_be_best.items():
        yield replace(
            as_share(row),
            variant=variant,
            quantity="chance_to_be_best",
            estimate=chance,
            status="estimated",
        )
    for one in oec.treatments:
        found, own = one.posterior, _of(scorecard, one, row)
        if found is None:
            continue
        yield replace(
            own,
            quantity="difference",
            estimate=found.mean,
            std_error=found.sd,
            ci_low=found.ci_low,
            ci_high=found.ci_high,
            alpha=found.alpha,
            status="estimated",
        )
        yield replace(
            as_share(own),
            quantity="chance_to_beat_control",
            estimate=found.chance_to_beat_control,
            status="estimated",
        )
        for quantity, loss in (
            ("loss_if_shipped", found.loss_if_shipped),
            ("loss_if_kept", found.loss_if_kept),
        ):
            yield replace(own, quantity=quantity, estimate=loss, status="estimated")


def _power(scorecard: Scorecard, ahead: Outlook, row: Row) -> Iterator[Row]:
    counted = scorecard.plan.randomization_unit.value
    count = replace(row, unit=counted, currency="", currency_exponent=None, status="descriptive")
    yield replace(as_share(row), quantity="power_goal", estimate=ahead.goal, status="exact")
    for one in ahead.treatments:
        own = replace(row, variant=one.treatment, status="descriptive")
        yield replace(own, quantity="smallest_effect", estimate=one.smallest_effect)
        if one.smallest_lift is not None:
            yield replace(as_share(own), quantity="smallest_lift", estimate=one.smallest_lift)
        if one.planned_effect is not None:
            yield replace(own, quantity="planned_effect", estimate=one.planned_effect)
        if one.achieved_power is not None:
            yield replace(as_share(own), quantity="achieved_power", estimate=one.achieved_power)
        if one.units_needed is not None:
            yield replace(
                count, variant=one.treatment, quantity="units_needed", estimate=one.units_needed
            )
    missing = ahead.remaining
    if missing is not None:
        yield replace(count, quantity="units_missing", estimate=missing.units)
        yield replace(count, quantity="units_per_day", estimate=missing.units_per_day)
        if missing.days is not None:
            yield replace(count, quantity="days_missing", estimate=missing.days, unit="day")


def _of(scorecard: Scorecard, one: OecTreatment, row: Row) -> Row:
    control = scorecard.plan.control.key
    return replace(row, variant=one.treatment, compared_with=control)
