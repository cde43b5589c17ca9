"""Tidy rows of the verdict, and of what was changed while the campaign ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.formatting import Formats
from app.report.headline import headline
from app.report.tidy_row import Row
from app.report.view import ReportView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.scorecard import Scorecard


def decision_rows(scorecard: Scorecard) -> Iterator[Row]:
    """Give the verdict on the campaign and on each treatment, and every deviation."""
    decision = scorecard.decision
    if decision is not None:
        top = headline(ReportView(scorecard), Formats.of(scorecard))
        row = Row(record="decision", quantity="verdict")
        yield _verdict(row, decision.reason.value, decision.verdict.value, top.sentence)
        for one, line in zip(decision.treatments, top.lines, strict=bool(top.lines)):
            own = Row(record="decision", quantity="verdict", variant=one.treatment)
            yield _verdict(own, one.reason.value, one.verdict.value, line.reading)
    for change in scorecard.deviations:
        why = f" ({change.reason})" if change.reason else ""
        yield Row(
            record="deviation",
            key=change.field,
            name=change.actor,
            status="changed",
            day=change.at.date().isoformat(),
            sentence=f"{change.at.isoformat()}: from {change.before} to {change.after}{why}",
        )


def _verdict(row: Row, reason: str, verdict: str, sentence: str) -> Row:
    return Row(
        record=row.record,
        key=reason,
        variant=row.variant,
        quantity=row.quantity,
        status=verdict,
        sentence=sentence,
    )
