"""Every state of a campaign, put before the plan's rule: which verdicts can come out."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

from stats.checks.finding import Finding, FindingCode, Severity
from stats.decision.decide import (
    DecidingInterval,
    GuardrailState,
    Progress,
    TreatmentResult,
    decide,
)
from stats.plan import DecisionRule, LookKind, Looks, MetricRole
from tests.stats.facts import in_use, plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.decision.verdict import Reason, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=20)
LATER = NOW + timedelta(days=20)

INTERVALS = (
    None,
    DecidingInterval(0.2, 0.1, 0.3),
    DecidingInterval(0.0, -0.1, 0.1),
    DecidingInterval(-0.2, -0.3, -0.1),
    DecidingInterval(0.2, 0.1, None),
)
LOOKS = (
    Looks(),
    Looks(planned_end=LATER),
    Looks(planned_end=NOW),
    Looks(planned_units=1_000),
    Looks(LookKind.CONTINUOUS),
    Looks(LookKind.PLANNED, (LATER,)),
    Looks(LookKind.PLANNED, (NOW, LATER)),
)
FAILED = Finding(FindingCode.SAMPLE_RATIO, Severity.FAILURE, "Broken", "It is.", "", {})


def decided() -> Iterator[set[tuple[Verdict, Reason]]]:
    """Give the verdicts and reasons of each state: of the campaign, and of its treatment."""
    with_oec = plan(in_use("repurchase_rate", MetricRole.OEC))
    without = plan(in_use("repurchase_rate"))
    for metrics, looks, interval, guardrail, days, ended, mature, results, failed, units in product(
        (with_oec, without),
        LOOKS,
        INTERVALS,
        GuardrailState,
        (0, 30),
        (None, NOW),
        (None, LATER),
        (True, False),
        ((), (FAILED,)),
        (0, 5_000),
    ):
        rule = DecisionRule(minimum_days=days, require_safe_guardrails=True)
        design = dataclasses.replace(metrics, looks=looks, decision_rule=rule)
        treatments = (TreatmentResult("B", interval, "zero_baseline", {"refunds": guardrail}),)
        progress = Progress(NOW, START, ended, results, "immature", mature, units, None)
        found = decide(design, failed, treatments, progress)
        yield {
            (found.verdict, found.reason),
            *((one.verdict, one.reason) for one in found.treatments),
        }
