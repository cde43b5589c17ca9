"""Says what the plan's looks make of the present one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stats.plan import LookKind, MetricRole, Spending

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from stats.plan import AnalysisPlan
    from stats.scorecard import Scorecard

SPENDING: Final = {
    Spending.OBRIEN_FLEMING: "O'Brien-Fleming spending: strict at first, nearly all at the end",
    Spending.POCOCK: "Pocock spending: evenly",
}
ONE_LOOK: Final = (
    "Every interval is meant for one look at the end. Looked at earlier or again and again, it "
    "leaves out 0 by chance more often than it says."
)
OTHERS: Final = "Every other interval of this page is meant for one look at the end."


def look_note(scorecard: Scorecard, formats: Formats) -> str:
    """Say whether the present look is one that the plan allows, and what it costs."""
    looks = scorecard.plan.looks
    match looks.kind:
        case LookKind.CONTINUOUS:
            return (
                "A confidence sequence. The interval that decides holds at every look, "
                f"however many there are. {OTHERS}"
            )
        case LookKind.PLANNED:
            return _planned(scorecard, formats)
        case LookKind.FIXED:
            return _fixed(scorecard, formats)


def _planned(scorecard: Scorecard, formats: Formats) -> str:
    looks = scorecard.plan.looks
    look = scorecard.oec.look if scorecard.oec is not None else None
    count = formats.count(len(looks.dates)).text
    spending = SPENDING[looks.spending]
    if look is None:
        first = formats.moment(looks.dates[0]).local
        return (
            f"Group sequential, {count} planned ({spending}). The first is due on {first}; "
            "an interval before then decides nothing."
        )
    now = formats.count(look.number).text
    information = formats.share(look.fractions[-1], 0).text
    if not look.spends:
        return (
            f"Group sequential, look {now} of {count} ({spending}). It has seen too little to "
            f"decide anything, and spends none of the error rate. {OTHERS}"
        )
    boundary = formats.standard_errors(look.boundary).text
    last = " This is the last one." if look.final else ""
    return (
        f"Group sequential, look {now} of {count} ({spending}), at {information} of the "
        f"planned information; an effect must reach {boundary} standard errors.{last} The interval "
        f"that decides is made for this look. {OTHERS}"
    )


def _fixed(scorecard: Scorecard, formats: Formats) -> str:
    ends_at = scorecard.plan.looks.ends_at
    if ends_at is not None and scorecard.as_of < ends_at:
        when = formats.moment(ends_at).local
        return f"Fixed horizon, and this is before its planned end on {when}. {ONE_LOOK}"
    early = any(
        row.immature_units
        for metric in scorecard.metrics
        if metric.role is MetricRole.OEC
        for row in metric.variants
    )
    if early:
        return f"Fixed horizon, and windows are still open. {ONE_LOOK}"
    return f"Fixed horizon, at its end. {ONE_LOOK}"


def looks_planned(plan: AnalysisPlan, formats: Formats) -> str:
    """Say which looks the plan allows."""
    looks = plan.looks
    units = ""
    if looks.planned_units is not None:
        units = f", {formats.count(looks.planned_units).text} {plan.randomization_unit.value}s"
    match looks.kind:
        case LookKind.CONTINUOUS:
            return f"at any time, by a confidence sequence{units}"
        case LookKind.PLANNED:
            dates = "; ".join(formats.moment(at).local for at in looks.dates)
            return f"group sequential ({SPENDING[looks.spending]}): {dates}{units}"
        case LookKind.FIXED:
            end = looks.ends_at
            when = "no end planned" if end is None else formats.moment(end).local
            return f"one, at the end: {when}{units}"
