"""What all charts share: colours that colour-blind readers tell apart, sizes, fonts.

Source: the palette of Okabe and Ito (2008), "Color universal design".
"""

from collections.abc import Sequence
from typing import TypeAlias, TypeVar, cast

import altair as alt
import pandas as pd

CONTROL = "#5f6b76"
TREATMENTS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
ZERO = "#2b2f33"
WIDTH, HEIGHT, ROW = 460, 260, 26
DASH = [4, 3]

Layers: TypeAlias = alt.LayerChart | alt.FacetChart
"""What altair.layer gives: layers, unless their data are faceted."""
Chart = TypeVar("Chart", bound=alt.TopLevelMixin)


def colour_of(variants: Sequence[str], control: str | None = None) -> alt.Scale:
    """Give every variant its colour, the same in every chart: the control grey."""
    treatments = [key for key in variants if key != control]
    colours = {key: TREATMENTS[i % len(TREATMENTS)] for i, key in enumerate(treatments)}
    return alt.Scale(domain=list(variants), range=[colours.get(key, CONTROL) for key in variants])


def title(text: str, *below: str) -> alt.TitleParams:
    """Give a title and what must be read with it."""
    return alt.TitleParams(text, subtitle=[line for line in below if line])


def signed_axis(*, percent: bool = False, factor: int = 1) -> alt.Axis:
    """Give an axis of changes: + and - in front, and 0 as it is.

    Args:
        percent: Whether shares are labelled as percent.
        factor: What labels are multiplied by.
    """
    text = "+~%" if percent else "+,~g"
    return alt.Axis(
        labelExpr=f"datum.value == 0 ? '0' : format({factor} * datum.value, '{text}')",
        labelOverlap=True,
        labelFlush=False,  # pushed inwards, the outer labels would run into their neighbours
        tickCount=6,
    )


def zero_rule(channel: str) -> alt.Chart:
    """Draw the line of no difference."""
    at_zero = pd.DataFrame({"zero": [0.0]})
    rule: alt.Chart = alt.Chart(at_zero).mark_rule(color=ZERO, strokeWidth=1)
    drawn: alt.Chart = rule.encode(x="zero:Q") if channel == "x" else rule.encode(y="zero:Q")
    return drawn


def plain(chart: Chart) -> Chart:
    """Give the chart its fonts and lines."""
    styled = (
        chart.configure_title(
            anchor="start", offset=14, fontSize=14, subtitleFontSize=11, subtitleColor=CONTROL
        )
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=11, titleFontSize=11, titleFontWeight="normal",
                        gridColor="#e4e8ed", domainColor="#aab3bb", tickColor="#aab3bb",
                        labelLimit=260)
        .configure_legend(labelFontSize=11, titleFontSize=11, titleFontWeight="normal")
    )  # fmt: skip
    return cast("Chart", styled)
