"""What `analyse` gives: a scorecard that a notebook shows, tabulates and plots."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from stats.aggregation.aggregates import Aggregates, MetricAggregates
from stats.errors import InvalidPlan
from stats.inference.power import Baseline, PlannedTest, Sizes
from stats.metric import MetricKind
from stats.notebook.charts.course import course_chart
from stats.notebook.charts.funnel import funnel_chart
from stats.notebook.charts.intervals import interval_chart
from stats.notebook.charts.palette import Layers
from stats.notebook.charts.power import PowerPlan, power_chart
from stats.notebook.charts.survival import survival_chart
from stats.notebook.course import CoursePoint, course_of
from stats.notebook.display import Page, scorecard_page
from stats.notebook.effect import (
    Effect,
    EstimateKind,
    Level,
    Measure,
    effects_of,
    levels_of,
)
from stats.notebook.frames import course_frame, effects_frame, levels_frame
from stats.plan import AnalysisPlan, MetricInUse
from stats.scorecard import MetricResult, Scorecard
from stats.scorecard.survival import survival_result
from stats.scorecard.values import point_of, summaries_of


@dataclass(frozen=True, slots=True)
class Analysis:
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
    def effects(self) -> tuple[Effect, ...]:
        """Every comparison: of all units, then of segments, metric by metric."""
        return effects_of(self.scorecard)

    @property
    def levels(self) -> tuple[Level, ...]:
        """Every variant's own value in every metric."""
        return levels_of(self.scorecard)

    def table(self) -> pd.DataFrame:
        """Give one row per comparison, money in major units."""
        return effects_frame(self.effects)

    def variants(self) -> pd.DataFrame:
        """Give one row per metric and variant, money in major units."""
        return levels_frame(self.levels)

    def findings(self) -> pd.DataFrame:
        """Give one row per trust check, passed or not."""
        return pd.DataFrame(
            [
                (one.code.value, one.severity.value, one.title, one.detail, one.what_to_do)
                for one in self.scorecard.findings
            ],
            columns=["check", "severity", "title", "detail", "what_to_do"],
        )

    def over_time(
        self, metric: str | None = None, *, estimate: str = EstimateKind.RAW
    ) -> pd.DataFrame:
        """Give one row per treatment and day: all units so far, with the confidence sequence.

        Args:
            metric: Key of a metric of sums; by default the OEC, or the first metric.
            estimate: `raw`, or `adjusted` by the metric's covariates.

        Raises:
            InvalidPlan: The plan has no such metric, or it has no days.
        """
        return course_frame(self._course(metric, estimate))

    def plot_intervals(
        self, *metrics: str, segment: str | None = None, scale: str = "lift"
    ) -> alt.VConcatChart:
        """Draw estimates with intervals and the line of no difference.

        Args:
            metrics: Keys; by default all.
            segment: Name of a segment, whose values are drawn in place of all units; exploratory.
            scale: `lift`, on one axis, or `difference`, each metric in its unit.

        Raises:
            InvalidPlan: The plan has no such metric or segment, or nothing can be drawn.
        """
        if scale not in {"lift", "difference"}:
            raise InvalidPlan(scale, field="scale", expected="give lift or difference")
        for key in metrics:
            self._place(key)
        known = [one.name or one.key for one in self.plan.segments]
        if segment is not None and segment not in known:
            way_out = f"the plan has {', '.join(known) or 'no segments'}"
            raise InvalidPlan(segment, field="segment", expected=way_out)
        shown = [
            effect
            for effect in self.effects
            if effect.segment == segment
            and (not metrics or effect.measure.key in metrics)
            and effect.estimate is not EstimateKind.DECIDING
        ]
        return interval_chart(_some(shown), lift=scale == "lift")

    def plot_over_time(
        self, metric: str | None = None, *, estimate: str = EstimateKind.RAW
    ) -> alt.VConcatChart:
        """Draw the difference of all units so far, day by day, with its confidence sequence.

        Args:
            metric: Key of a metric of sums; by default the OEC, or the first metric.
            estimate: `raw`, or `adjusted` by the metric's covariates.

        Raises:
            InvalidPlan: The plan has no such metric, or it has no days.
        """
        return course_chart(self._course(metric, estimate))

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
        for in_use, row in zip(self.plan.metrics, self.aggregates.metrics, strict=True):
            curves = survival_result(self.plan, in_use, row)
            if curves is not None and metric in {None, in_use.key}:
                return survival_chart(in_use.definition.name, curves, self.plan.control.key)
        way_out = "give the key of a survival metric of the plan, such as repurchase_interval"
        raise InvalidPlan(metric, field="metric", expected=way_out)

    def plot_power(
        self, metric: str | None = None, *, treatment: str | None = None, goal: float | None = None
    ) -> Layers:
        """Draw how likely the present units find an effect of each size, in a single look.

        Args:
            metric: Key of the metric; by default the OEC, or the first metric.
            treatment: Key of the treatment; by default the first one.
            goal: The power aimed at; by default the plan's, or 0.8.

        Raises:
            InvalidPlan: The plan has no such metric or treatment.
            CannotEstimate: The control has too few units, or does not vary.
        """
        in_use, row, _ = self._place(metric)
        keys = [one.key for one in self.plan.treatments]
        if treatment is not None and treatment not in keys:
            raise InvalidPlan(treatment, field="treatment", expected=f"give {', '.join(keys)}")
        summaries = summaries_of(in_use, row)
        control = summaries[self.plan.control.key]
        units = summaries[treatment or keys[0]].n
        measure = self._measure(in_use)
        point = point_of(control)
        baseline = (
            Baseline.rate(point.value)
            if in_use.definition.kind is MetricKind.PROPORTION and 0 < point.value < 1
            else Baseline.of_point(point)
        )
        test = PlannedTest.of_plan(
            alpha=self.plan.alpha, treatments=len(keys), multiplicity=self.plan.multiplicity
        )
        planned = self.plan.power_goal
        aim = goal or (planned.power if planned else 0.8)
        return power_chart(PowerPlan(measure.name, baseline, Sizes(control.n, units), test, aim))

    def _place(self, key: str | None) -> tuple[MetricInUse, MetricAggregates, MetricResult | None]:
        """Find a metric: in the plan, in the aggregates and in the scorecard."""
        known = [metric.key for metric in self.plan.metrics]
        oec = self.plan.oec
        wanted = key or (known[0] if oec is None else oec.key)
        if wanted not in known:
            raise InvalidPlan(wanted, field="metric", expected=f"give one of {', '.join(known)}")
        place = known.index(wanted)
        shown = next((one for one in self.scorecard.metrics if one.key == wanted), None)
        return self.plan.metrics[place], self.aggregates.metrics[place], shown

    def _measure(self, metric: MetricInUse) -> Measure:
        return Measure.of_plan(self.plan, metric)

    def _course(self, key: str | None, estimate: str) -> Sequence[CoursePoint]:
        metric, row, _ = self._place(key)
        kinds = (EstimateKind.RAW, EstimateKind.ADJUSTED)
        if estimate not in kinds or (estimate == EstimateKind.ADJUSTED and not metric.covariates):
            way_out = "give raw; adjusted needs a metric with covariates"
            raise InvalidPlan(estimate, field="estimate", expected=way_out)
        kind = EstimateKind(estimate)
        points = course_of(self.plan, metric, row, self._measure(metric), kind)
        if not points:
            way_out = "a metric of sums (no quantile, no survival) with units in every variant"
            raise InvalidPlan(metric.key, field="metric", expected=way_out)
        return points

    def _page(self) -> Page:
        return scorecard_page(self.scorecard, self.effects, self.levels)

    def _repr_html_(self) -> str:
        return self._page().html()

    def __repr__(self) -> str:
        """Give the page as plain text."""
        return self._page().text()


def _some(effects: Sequence[Effect]) -> Sequence[Effect]:
    if not effects:
        came, way_out = "no comparison", "wait until metrics are ready; the scorecard says when"
        raise InvalidPlan(came, field="plot_intervals", expected=way_out)
    return effects
