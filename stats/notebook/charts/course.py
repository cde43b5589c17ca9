"""The effect over time with its confidence sequence."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from stats.notebook.charts.palette import (
    DASH,
    HEIGHT,
    WIDTH,
    Layers,
    colour_of,
    plain,
    signed_axis,
    title,
    zero_rule,
)
from stats.notebook.course import CoursePoint
from stats.notebook.frames import course_frame
from stats.notebook.numerals import unit_text

ENDS = ("difference", "ci_low", "ci_high", "fixed_low", "fixed_high")
SCALED = (*ENDS, "boundary_low", "boundary_high")


def course_chart(points: Sequence[CoursePoint]) -> alt.VConcatChart:
    """Draw one panel per treatment: the difference of all units so far, as it was at each look.

    The band holds at every look together; the dashed lines are the intervals of a single look.
    """
    measure = points[0].measure
    frame = course_frame(points).assign(at=[point.moment for point in points])
    if measure.unit == "share":
        frame[list(SCALED)] = 100 * frame[list(SCALED)]
    treatments = list(dict.fromkeys(frame["treatment"]))
    panels = [
        _panel(
            frame[frame["treatment"] == key], key, treatments, f"difference, {unit_text(measure)}"
        )
        for key in treatments
    ]
    planned = bool(frame["boundary_low"].notna().any())
    alpha = points[-1].alpha
    level = "" if alpha is None else f"{100 * (1 - alpha):g} % "
    waiting = int(frame["ci_low"].isna().sum())
    chart: alt.VConcatChart = alt.vconcat(*panels, spacing=14).resolve_scale(
        x="shared", color="shared"
    )
    return plain(
        chart.properties(
            title=title(
                f"{measure.name}: difference from {points[0].control} over time",
                f"All units so far. Band: {level}confidence sequence, valid at every look.",
                "Dashed: intervals of a single look, which do not hold when looked at every day.",
                "Upright bars: repeated intervals of the planned looks." if planned else "",
                f"{waiting} looks have too few units for a sequence." if waiting else "",
            )
        )
    )


def _panel(frame: pd.DataFrame, treatment: str, treatments: Sequence[str], heading: str) -> Layers:
    days = pd.api.types.is_datetime64_any_dtype(frame["at"])
    kind = "T" if days else "Q"
    axis = alt.Axis(format="%-d %b", labelOverlap=True, labelSeparation=12) if days else alt.Axis()
    x = alt.X(f"at:{kind}", title="first exposed until" if days else "days since start", axis=axis)
    colour = alt.Color("treatment:N", scale=colour_of(treatments), legend=None)
    sequence = frame[frame["ci_low"].notna()]
    y = alt.Y("ci_low:Q", title=heading, axis=signed_axis())
    band = alt.Chart(sequence).mark_area(opacity=0.22).encode(
        x, y, alt.Y2("ci_high:Q"), colour
    )  # fmt: skip
    line = alt.Chart(sequence).mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=18)).encode(
        x, alt.Y("difference:Q"), colour,
        tooltip=[alt.Tooltip("at", type="temporal" if days else "quantitative"), "units",
                 *(alt.Tooltip(name, format="+,.4~g") for name in ENDS)],
    )  # fmt: skip
    fixed = [
        alt.Chart(sequence).mark_line(strokeWidth=1, strokeDash=DASH).encode(
            x, alt.Y(f"{end}:Q"), colour
        )
        for end in ("fixed_low", "fixed_high")
    ]  # fmt: skip
    bars = (
        alt.Chart(frame[frame["boundary_low"].notna()])
        .mark_rule(strokeWidth=1.5, opacity=0.8, clip=True)
        .encode(x, alt.Y("boundary_low:Q"), alt.Y2("boundary_high:Q"), colour)
    )
    return alt.layer(band, zero_rule("y"), *fixed, bars, line).properties(
        width=WIDTH, height=HEIGHT * 0.8, title=alt.TitleParams(treatment, fontSize=12, offset=4)
    )
