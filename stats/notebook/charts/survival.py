"""Survival curves: the share of units still without the event, with pointwise intervals."""

import altair as alt
import pandas as pd

from stats.inference.outcome import Undefined
from stats.notebook.charts.palette import HEIGHT, WIDTH, Layers, colour_of, plain, title
from stats.notebook.numerals import p_text
from stats.scorecard.curves import SurvivalResult

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])


def survival_frame(survival: SurvivalResult) -> pd.DataFrame:
    """Give one row per variant and day."""
    return pd.DataFrame(
        [
            (curve.variant, p.day, p.at_risk, p.survival, p.ci_low, p.ci_high)
            for curve in survival.curves
            for p in curve.points
        ],
        columns=["variant", "day", "at_risk", "survival", "ci_low", "ci_high"],
    )


def survival_chart(name: str, survival: SurvivalResult, control: str) -> Layers:
    """Draw the curves of all variants.

    Args:
        name: Name of the metric.
        survival: Its curves.
        control: Key of the control.
    """
    frame = survival_frame(survival)
    variants = [curve.variant for curve in survival.curves]
    chart = alt.Chart(frame)
    colours = colour_of(variants, control)
    colour = alt.Color(
        "variant:N",
        sort=variants,
        scale=colours,
        legend=alt.Legend(
            title="variant", symbolType="stroke", symbolStrokeWidth=2.5, symbolOpacity=1
        ),
    )
    x = alt.X("day:Q", title="days since first exposure")
    y = alt.Y("ci_low:Q", title="share still without the event", axis=alt.Axis(format="~%"))
    band = alt.Chart(frame[frame["ci_low"].notna()]).mark_area(
        opacity=0.2, interpolate="step-after"
    ).encode(x, y, alt.Y2("ci_high:Q"), colour)  # fmt: skip
    line = chart.mark_line(strokeWidth=2, interpolate="step-after").encode(
        x, alt.Y("survival:Q", scale=alt.Scale(zero=False)), colour,
        alt.StrokeDash("variant:N", sort=variants, scale=alt.Scale(
            domain=variants, range=[list(DASHES[i % len(DASHES)]) for i in range(len(variants))])),
        tooltip=["variant", "day", "at_risk", alt.Tooltip("survival", format=".1%")],
    )  # fmt: skip
    test = survival.log_rank
    said = (
        test.sentence
        if isinstance(test, Undefined)
        else f"Log-rank test of equal curves: p {_equals(p_text(test.p_value))}."
    )
    return plain(
        alt.layer(band, line).properties(
            width=WIDTH,
            height=HEIGHT,
            title=title(
                f"{name}: who is still without it",
                "Kaplan and Meier; bands hold at each day by itself.",
                said,
            ),
        )
    )


def _equals(text: str) -> str:
    return text if text.startswith("<") else f"= {text}"
