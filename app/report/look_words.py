"""Says what the plan's looks make of the present one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stats.plan import LookKind, MetricRole, Spending
from stats.sentence import said, units_of, with_semicolons

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from stats.plan import AnalysisPlan
    from stats.scorecard import Scorecard

SPENDING: Final = {
    Spending.OBRIEN_FLEMING: said(
        "O'Brien-Fleming spending: strict at first, nearly all at the end"
    ),
    Spending.POCOCK: said("Pocock spending: evenly"),
}
ONE_LOOK: Final = said(
    "Every interval is meant for one look at the end. Looked at earlier or "
    "again and again, it leaves out 0 by chance more often than it says."
)
OTHERS: Final = said("Every other interval of this page is meant for one look at the end.")


def look_note(scorecard: Scorecard, formats: Formats) -> str:
    """Say whether the present look is one that the plan allows, and what it costs."""
    looks = scorecard.plan.looks
    match looks.kind:
        case LookKind.CONTINUOUS:
            return said(
                "A confidence sequence. The interval that decides holds at every look, "
                "however many there are. {others}",
                others=OTHERS,
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
        return said(
            "Group sequential, {count} planned ({spending}). The first is due on "
            "{first}; an interval before then decides nothing.",
            count=count,
            spending=spending,
            first=first,
        )
    now = formats.count(look.number).text
    information = formats.share(look.fractions[-1], 0).text
    if not look.spends:
        return said(
            "Group sequential, look {now} of {count} ({spending}). It has seen too "
            "little to decide anything, and spends none of the error rate. {others}",
            now=now,
            count=count,
            spending=spending,
            others=OTHERS,
        )
    boundary = formats.standard_errors(look.boundary).text
    last = said(" This is the last one.") if look.final else ""
    return said(
        "Group sequential, look {now} of {count} ({spending}), at {information} "
        "of the planned information; an effect must reach {boundary} standard "
        "errors.{last} The interval that decides is made for this look. {others}",
        now=now,
        count=count,
        spending=spending,
        information=information,
        boundary=boundary,
        last=last,
        others=OTHERS,
    )


def _fixed(scorecard: Scorecard, formats: Formats) -> str:
    ends_at = scorecard.plan.looks.ends_at
    if ends_at is not None and scorecard.as_of < ends_at:
        when = formats.moment(ends_at).local
        return said(
            "Fixed horizon, and this is before its planned end on {when}. {one_look}",
            when=when,
            one_look=ONE_LOOK,
        )
    early = any(
        row.immature_units
        for metric in scorecard.metrics
        if metric.role is MetricRole.OEC
        for row in metric.variants
    )
    if early:
        return said("Fixed horizon, and windows are still open. {one_look}", one_look=ONE_LOOK)
    return said("Fixed horizon, at its end. {one_look}", one_look=ONE_LOOK)


def looks_planned(plan: AnalysisPlan, formats: Formats) -> str:
    """Say which looks the plan allows."""
    looks = plan.looks
    units = ""
    if looks.planned_units is not None:
        number = formats.count(looks.planned_units).text
        units = said(", {count} {units}", count=number, units=units_of(plan.randomization_unit))
    match looks.kind:
        case LookKind.CONTINUOUS:
            return said("at any time, by a confidence sequence{units}", units=units)
        case LookKind.PLANNED:
            dates = with_semicolons(formats.moment(at).local for at in looks.dates)
            return said(
                "group sequential ({spending}): {dates}{units}",
                spending=SPENDING[looks.spending],
                dates=dates,
                units=units,
            )
        case LookKind.FIXED:
            end = looks.ends_at
            when = said("no end planned") if end is None else formats.moment(end).local
            return said("one, at the end: {when}{units}", when=when, units=units)
