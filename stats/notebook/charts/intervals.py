"""Effects with their intervals, metric by metric or segment by segment."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from stats.notebook.charts.palette import (
    ROW,
    WIDTH,
    Layers,
    colour_of,
    plain,
    signed_axis,
    title,
    zero_rule,
)
from stats.notebook.effect import Effect, EstimateKind
from stats.notebook.frames import effects_frame
from stats.notebook.numerals import unit_text

EXPLORATORY = (
    "Exploratory: segments were looked at, not tested one by one; intervals are not corrected."
)

WIDEST = 6.0
"""An interval wider than so many times the median gets an axis of its own."""
NAMED = 3
"""Comparisons named in one line of those that cannot be drawn."""


def interval_chart(effects: Sequence[Effect], *, lift: bool) -> alt.VConcatChart:
    """Draw one panel per metric, with a line at zero.

    Args:
        effects: All of them of all units, or all of them of segments.
        lift: Whether to draw lifts, on one axis; otherwise differences, each in its unit.
    """
    by_metric: dict[str, list[Effect]] = {}
    for effect in effects:
        by_metric.setdefault(effect.measure.key, []).append(effect)
    one_axis = lift and _alike(effects)
    panels = [_panel(group, lift=lift) for group in by_metric.values()]
    segmented = any(effect.segment is not None for effect in effects)
    controls = sorted({effect.control for effect in effects})
    first = effects[0] if effects else None
    level = "" if first is None or first.alpha is None else f"{100 * (1 - first.alpha):g} % "
    chart: alt.VConcatChart = alt.vconcat(*panels, spacing=14).resolve_scale(
        x="shared" if one_axis else "independent", color="shared", shape="shared"
    )
    what = "Lift over" if lift else "Difference from"
    own = "Each panel has an axis of its own." if lift and not one_axis else ""
    return plain(
        chart.properties(
            title=title(
                f"{what} {', '.join(controls)}"
                + (f" by {first.segment}" if segmented and first else ""),
                f"Point: estimate. Line: {level}interval. Upright line: no difference.",
                own,
                EXPLORATORY if segmented else "",
                *_not_drawn(effects, lift=lift),
            )
        )
    )


def _alike(effects: Sequence[Effect]) -> bool:
    """Whether one axis shows all lifts: no interval so wide that others shrink to a dot."""
    widths = sorted(
        one.lift_high - one.lift_low
        for one in effects
        if one.lift_low is not None and one.lift_high is not None
    )
    return not widths or widths[-1] <= WIDEST * widths[len(widths) // 2]


def _not_drawn(effects: Sequence[Effect], *, lift: bool) -> list[str]:
    named: dict[str, list[str]] = {}
    for one in effects:
        low = one.lift_low if lift else one.ci_low
        high = one.lift_high if lift else one.ci_high
        if low is None or high is None:
            cell = f" ({one.value})" if one.segment is not None else ""
            why = one.sentence or "The interval lacks a bound."
            named.setdefault(why, []).append(f"{one.measure.name}, {one.treatment}{cell}")
    lines = []
    for why, which in named.items():
        more = f" and {len(which) - NAMED} more" if len(which) > NAMED else ""
        lines += [f"Not drawn: {'; '.join(which[:NAMED])}{more}.", f"    {why}"]
    return lines


def _panel(effects: Sequence[Effect], *, lift: bool) -> Layers:
    frame = effects_frame(effects)
    segmented = bool(frame["segment"].notna().any())
    low, mid, high = (
        ("lift_low", "lift", "lift_high") if lift else ("ci_low", "difference", "ci_high")
    )
    frame["row"] = frame["value"] if segmented else frame["treatment"]
    labels = {EstimateKind.ADJUSTED: " (adjusted)", EstimateKind.CAPPED: " (capped)",
              EstimateKind.DECIDING: " (deciding)"}  # fmt: skip
    frame["row"] = frame["row"] + frame["estimate"].map(labels).fillna("")
    measure = effects[0].measure
    shares = measure.unit == "share" and not lift
    if shares:
        frame[[low, mid, high]] = 100 * frame[[low, mid, high]]
    drawn = frame[frame[low].notna() & frame[high].notna()]
    treatments = list(dict.fromkeys(frame["treatment"]))
    axis = signed_axis(percent=lift)
    heading = "lift" if lift else f"difference, {unit_text(measure)}"
    tall = segmented and len(treatments) > 1
    y = alt.Y("row:N", title=None, sort=list(dict.fromkeys(frame["row"])))
    colour = alt.Color(
        "treatment:N", scale=colour_of(treatments), legend=_legend(treatments, segmented=segmented)
    )
    offset = [alt.YOffset("treatment:N", sort=treatments)] if tall else []
    line = alt.Chart(drawn).mark_rule(strokeWidth=2.5).encode(
        alt.X(f"{low}:Q", title=heading, axis=axis), alt.X2(f"{high}:Q"), y, colour, *offset
    )  # fmt: skip
    point = alt.Chart(drawn).mark_point(filled=True, size=70, opacity=1).encode(
        alt.X(f"{mid}:Q"), y, colour,
        alt.Shape("treatment:N", sort=treatments, scale=alt.Scale(domain=treatments),
                  legend=_legend(treatments, segmented=segmented)),
        *offset,
        tooltip=_tooltip(frame, low, mid, high),
    )  # fmt: skip
    zero = zero_rule("x")
    rows = max(1, frame["row"].nunique()) * (1 if not tall else max(1, 0.7 * len(treatments)))
    return alt.layer(zero, line, point).properties(
        width=WIDTH, height=ROW * rows, title=alt.TitleParams(measure.name, fontSize=12, offset=4)
    )


def _legend(treatments: Sequence[str], *, segmented: bool) -> alt.Legend | None:
    return alt.Legend(title="variant") if segmented and len(treatments) > 1 else None


def _tooltip(frame: pd.DataFrame, *ends: str) -> list[alt.Tooltip]:
    shown = ["row", "treatment", "control_units", "treatment_units"]
    return [
        *(alt.Tooltip(name) for name in shown if name in frame),
        *(alt.Tooltip(name, format="+,.4~g") for name in ends),
    ]
