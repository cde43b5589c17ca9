"""Who has the outcome, and what goes with it: the regression of drivers for a notebook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from stats.aggregation.unit_tables import Source
from stats.errors import MissingColumn
from stats.inference.driver_design import RowColumns
from stats.inference.driver_table import DriverModel, DriverOptions, Drivers, RobustError
from stats.inference.drivers import drivers_of_rows
from stats.notebook.charts.palette import (
    ROW,
    TREATMENTS,
    WIDTH,
    Layers,
    plain,
    signed_axis,
    title,
    zero_rule,
)
from stats.notebook.display import Block, Page
from stats.notebook.numerals import p_text, points_text
from stats.notebook.tables import as_arrow

COLUMNS = ("attribute", "level", "reference", "units", "outcomes", "odds_ratio", "odds_low",
           "odds_high", "points", "points_low", "points_high", "p_value", "p_adjusted",
           "notes")  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class DriverTable:
    """A regression that a notebook shows, tabulates and plots; labelled as association.

    Attributes:
        drivers: The regression.
    """

    drivers: Drivers

    def table(self) -> pd.DataFrame:
        """Give one row per level; `points` is the average difference in the share, 0.01 for 1 pp.

        Odds ratios are missing in the linear probability model.
        """
        rows = []
        for one in self.drivers.coefficients:
            column, odds = one.column, one.odds_ratio
            rows.append(
                (
                    column.factor,
                    column.level,
                    column.reference,
                    column.units,
                    column.successes,
                    *((None,) * 3 if odds is None else (odds.estimate, odds.ci_low, odds.ci_high)),
                    one.marginal.estimate,
                    one.marginal.ci_low,
                    one.marginal.ci_high,
                    one.p_value,
                    one.p_adjusted,
                    ", ".join(note.value.replace("_", " ") for note in one.notes),
                )
            )
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def plot(self) -> Layers:
        """Draw the average difference in the share that goes with each level, with intervals."""
        frame = self.table()
        columns = [one.column for one in self.drivers.coefficients]
        frame["row"] = [_name(one.factor, one.level, one.reference) for one in columns]
        y = alt.Y("row:N", sort=list(frame["row"]), title=None, axis=alt.Axis(labelLimit=320))
        colour = TREATMENTS[0]
        line = alt.Chart(frame).mark_rule(strokeWidth=2.5, color=colour).encode(
            alt.X("points_low:Q", title="percentage points",
                  axis=signed_axis(factor=100)),
            alt.X2("points_high:Q"), y,
        )  # fmt: skip
        point = alt.Chart(frame).mark_point(filled=True, size=70, opacity=1, color=colour).encode(
            alt.X("points:Q"), y, tooltip=["row", "units", "outcomes", "points"]
        )  # fmt: skip
        level = f"{100 * (1 - self.drivers.alpha):g} %"
        return plain(
            alt.layer(zero_rule("x"), line, point).properties(
                width=WIDTH,
                height=max(2, len(frame)) * ROW,
                title=title(
                    f"What goes with {self.drivers.outcome}",
                    f"Average difference in percentage points, other attributes equal; {level} "
                    "intervals.",
                    "Association, not effect: attributes were not assigned by chance.",
                ),
            )
        )

    @property
    def page(self) -> Page:
        """What a cell shows."""
        found = self.drivers
        rows = tuple(
            (
                _name(one.column.factor, one.column.level, one.column.reference),
                f"{one.column.units:,}",
                points_text(one.marginal.estimate, one.marginal.ci_low, one.marginal.ci_high),
                ""
                if one.odds_ratio is None
                else f"{one.odds_ratio.estimate:.2f} ({one.odds_ratio.ci_low:.2f} to "
                f"{one.odds_ratio.ci_high:.2f})",
                p_text(one.p_adjusted),
                ", ".join(note.value.replace("_", " ") for note in one.notes),
            )
            for one in found.coefficients
        )
        header = ("level", "units", "difference in the share", "odds ratio", "p, corrected",
                  "notes")  # fmt: skip
        size = f"{found.successes:,} of {found.units:,} units have it; {found.error.value} errors."
        undefined = tuple(one.sentence for one in found.undefined)
        return Page(
            f"What goes with {found.outcome}: association, not effect",
            (
                Block("", (found.sentence, size), header, rows),
                *((Block("Without a coefficient", undefined),) if undefined else ()),
            ),
        )

    def _repr_html_(self) -> str:
        return self.page.html()

    def __repr__(self) -> str:
        """Give the page as plain text."""
        return self.page.text()


def drivers(  # noqa: PLR0913 - all but the first three are named and have defaults
    units: Source,
    outcome: str,
    attributes: Sequence[str],
    *,
    numbers: Sequence[str] = (),
    clusters: str | None = None,
    references: Mapping[str, str] | None = None,
    model: DriverModel = DriverModel.LOGISTIC,
    error: RobustError = RobustError.HC1,
    alpha: float = 0.05,
) -> DriverTable:
    """Regress an outcome on attributes: who has it, and what goes with it. Association only.

    Args:
        units: One row per unit.
        outcome: Column of 0 and 1, or of truth values.
        attributes: Columns of categories, the variant among them.
        numbers: Columns of numbers, taken as they are.
        clusters: Column that names the cluster of each unit, such as its household.
        references: The level that others are compared with, by attribute; by default the one with
            most units.
        model: Logistic, or linear probability.
        error: HC1 or HC3; with clusters it is theirs.
        alpha: Two-sided error rate.

    Raises:
        MissingColumn: The table lacks a column.
        NullInColumn: The outcome, a number or a cluster is null.
        NonFiniteValue: A number is NaN or infinite.
        TooFewUnits: There are not more units, or clusters, than coefficients.
        NoVariance: All units have the outcome, or none has.
        NotIdentified: Attributes together forecast the outcome perfectly.
        InvalidSummary: The outcome is neither 0 nor 1, or a reference is no level.
    """
    table = as_arrow(units, "units")
    columns = RowColumns(outcome, tuple(attributes), tuple(numbers), clusters)
    for name in (outcome, *attributes, *numbers, *(() if clusters is None else (clusters,))):
        if name not in table.column_names:
            raise MissingColumn("units", name, table.column_names)  # noqa: EM101 - a name
    options = DriverOptions(model=model, error=error, references=references or {})
    return DriverTable(drivers_of_rows(table, columns, alpha=alpha, options=options))


def _name(factor: str, level: str | None, reference: str | None) -> str:
    if level is None:
        return f"{factor}, per 1"
    return f"{factor}: {level} (against {reference})"
