"""What `analyse` gives: a scorecard that a notebook shows, tabulates and plots."""

from dataclasses import dataclass

import altair as alt
import pandas as pd

from stats.aggregation.aggregates import Aggregates, MetricAggregates
from stats.errors import InvalidPlan
from stats.notebook.charts.funnel import funnel_chart
from stats.notebook.charts.palette import Layers
from stats.notebook.charts.survival import survival_chart
from stats.notebook.display import Page, scorecard_page
from stats.notebook.effect import Effect, Level, Measure, effects_of, levels_of
from stats.notebook.money_frame import money_frame
from stats.notebook.results import PlannedResults
from stats.plan import AnalysisPlan, MetricInUse
from stats.scorecard import Scorecard
from stats.scorecard.survival import survival_result


@dataclass(frozen=True, slots=True, repr=False)
class Analysis(PlannedResults):
    """A scorecard with its tables and plots; the last line of a cell shows it.

    Attributes:
        scorecard: The same that the service gives for the same facts, plan and time.
        aggregates: What it was made of.
    """

    scorecard: Scorecard
    aggregates: Aggregates

    @property
    def plan(self) -> AnalysisPlan:
        """What was analysed, and by which rules."""
        return self.scorecard.plan

    @property
    def rows(self) -> tuple[MetricAggregates, ...]:
        """The metrics of the plan, aggregated."""
        return self.aggregates.metrics

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Every comparison: of all units, then of segments, metric by metric."""
        return effects_of(self.scorecard)

    @property
    def levels(self) -> tuple[Level, ...]:
        """Every variant's own value in every metric."""
        return levels_of(self.scorecard)

    @property
    def page(self) -> Page:
        """What a cell shows."""
        return scorecard_page(self.scorecard, self.effects, self.levels)

    def measure(self, metric: MetricInUse) -> Measure:
        """Say what a metric is called and measured in."""
        return Measure.of_plan(self.plan, metric)

    def findings(self) -> pd.DataFrame:
        """Give one row per trust check, passed or not."""
        return pd.DataFrame(
            [
                (one.code.value, one.severity.value, one.title, one.detail, one.what_to_do)
                for one in self.scorecard.findings
            ],
            columns=["check", "severity", "title", "detail", "what_to_do"],
        )

    def money(self) -> pd.DataFrame:
        """Give one row per treatment and amount, in major units; empty without a plan for money."""
        return money_frame(self.scorecard)

    def plot_funnel(self) -> alt.HConcatChart:
        """Draw every step over all exposed units, with lifts over the control.

        Raises:
            InvalidPlan: The plan has no funnel.
        """
        funnel = self.scorecard.funnel
        if funnel is None:
            raise InvalidPlan(None, field="funnel", expected="name its events: funnel=[…]")
        return funnel_chart(funnel, self.plan.control.key)

    def plot_survival(self, metric: str | None = None) -> Layers:
        """Draw the curves of a survival metric.

        Args:
            metric: Its key; by default the first such metric.

        Raises:
            InvalidPlan: The plan has no such metric, or nobody has been exposed.
        """
        for in_use, row in zip(self.plan.metrics, self.rows, strict=True):
            curves = survival_result(self.plan, in_use, row)
            if curves is not None and metric in {None, in_use.key}:
                return survival_chart(in_use.definition.name, curves, self.plan.control.key)
        way_out = "give the key of a survival metric of the plan, such as repurchase_interval"
        raise InvalidPlan(metric, field="metric", expected=way_out)

    def share_reduced(self, metric: str, treatment: str) -> float | None:
        """Give 1 - variance of the adjusted over that of the raw difference."""
        for one in self.scorecard.metrics:
            if one.key == metric and one.adjusted is not None:
                return next(r.share for r in one.adjusted.reductions if r.treatment == treatment)
        return None
