"""Aggregates and plan to scorecard: infer, check, and say how far each result is."""

import dataclasses
from datetime import UTC, datetime

from stats.aggregation.aggregates import Aggregates
from stats.checks.all import run_checks
from stats.checks.enrolment_closed import Closing
from stats.plan import AnalysisPlan
from stats.scorecard.deviation import Deviation
from stats.scorecard.document import MetricResult, Scorecard, State, VariantRow
from stats.scorecard.drivers import driver_result
from stats.scorecard.enrolment import Enrolment, NotCounted
from stats.scorecard.funnel import funnel_result
from stats.scorecard.metrics import metric_result
from stats.scorecard.money_result import money_result
from stats.scorecard.serialise import scorecard_to_json, snapshot_hash
from stats.scorecard.verdict import judge_oec, verdict_of
from stats.sentence import made_of

SCHEMA_VERSION = 2
FURTHEST_FIRST = (State.READY, State.IMMATURE, State.EVENTS_MISSING, State.NO_EXPOSURES)


def assemble_scorecard(
    plan: AnalysisPlan,
    aggregates: Aggregates,
    *,
    computed_at: datetime,
    deviations: tuple[Deviation, ...] = (),
    ended_at: datetime | None = None,
    enrolment: Enrolment | NotCounted | None = None,
    closings: tuple[Closing, ...] | None = None,
) -> Scorecard:
    """Give the scorecard of one phase.

    Args:
        plan: What was fixed before start.
        aggregates: The facts, aggregated by the same plan.
        computed_at: Now, aware.
        deviations: What was changed while the phase ran.
        ended_at: When enrolment ended; `None` while it goes on.
        closings: When enrolment closed, and why; `None` where nobody knows.
        enrolment: The members before the assignment, as whoever knows them counted them.
    """
    metrics = tuple(
        metric_result(plan, metric, row, aggregates)
        for metric, row in zip(plan.metrics, aggregates.metrics, strict=True)
    )
    findings = run_checks(
        plan,
        aggregates,
        audit=aggregates.audit,
        overlaps=aggregates.overlaps,
        closings=closings,
    )
    oec, ahead = judge_oec(plan, aggregates, metrics, ended_at)
    decision = verdict_of(
        plan,
        aggregates,
        metrics,
        findings,
        oec,
        ended_at=ended_at,
        remaining=None if ahead is None else ahead.remaining,
    )
    scorecard = Scorecard(
        schema_version=SCHEMA_VERSION,
        campaign=plan.campaign,
        phase=plan.phase,
        state=_overall(plan, metrics),
        as_of=aggregates.as_of,
        computed_at=computed_at.astimezone(UTC),
        snapshot_hash="",
        currency=plan.currency,
        currency_exponent=plan.currency_exponent,
        time_zone=plan.time_zone,
        alpha=plan.alpha,
        facts=aggregates.facts,
        variants=_variants(plan, aggregates),
        crossovers=aggregates.crossovers,
        events=aggregates.events,
        other_currencies=aggregates.other_currencies,
        findings=findings,
        metrics=metrics,
        funnel=funnel_result(plan, aggregates),
        plan=plan,
        deviations=deviations,
        oec=oec,
        outlook=ahead,
        decision=decision,
        drivers=driver_result(plan, aggregates),
        enrolment=enrolment,
        money=money_result(plan, aggregates),
    )
    return dataclasses.replace(
        scorecard,
        snapshot_hash=snapshot_hash(scorecard_to_json(scorecard)),
        sentences=made_of(scorecard),
    )


def _overall(plan: AnalysisPlan, metrics: tuple[MetricResult, ...]) -> State:
    deciding = plan.oec
    states = {m.state for m in metrics if deciding is None or m.key == deciding.key}
    return next((state for state in FURTHEST_FIRST if state in states), State.NO_EXPOSURES)


def _variants(plan: AnalysisPlan, aggregates: Aggregates) -> tuple[VariantRow, ...]:
    planned = {variant.key: variant for variant in plan.variants}
    rows = []
    for row in aggregates.variants:
        variant = planned.get(row.variant)
        rows.append(
            VariantRow(
                key=row.variant,
                is_control=variant is not None and variant.is_control,
                in_plan=variant is not None,
                planned_share=None if variant is None else variant.planned_share,
                units=row.units,
                exposures=row.exposures,
                first_exposed_at=row.first_exposed_at,
                last_exposed_at=row.last_exposed_at,
            )
        )
    return tuple(rows)
