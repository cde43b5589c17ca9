"""What all results of a notebook can do: show themselves, give frames, draw charts."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import altair as alt
import pandas as pd

from stats.aggregation.aggregates import MetricAggregates
from stats.errors import InvalidPlan
from stats.inference.power import Baseline, PlannedTest, Sizes
from stats.metric import MetricKind
from stats.notebook.charts.course import course_chart
from stats.notebook.charts.intervals import interval_chart
from stats.notebook.charts.palette import Layers
from stats.notebook.charts.power import PowerPlan, power_chart
from stats.notebook.course import CoursePoint, course_of
from stats.notebook.display import Page
from stats.notebook.effect import Effect, EstimateKind, Level, Measure
from stats.notebook.frames import course_frame, effects_frame, levels_frame
from stats.plan import AnalysisPlan, MetricInUse
from stats.scorecard.values import point_of, summaries_of

GOAL = 0.8


class Results(ABC):
    """Comparisons of variants; the last line of a cell shows them."""

    __slots__ = ()

    @property
    @abstractmethod
    def effects(self) -> tuple[Effect, ...]:
        """Every comparison: of all units, then of segments, metric by metric."""

    @property
    @abstractmethod
    def levels(self) -> tuple[Level, ...]:
        """Every variant's own value in every metric."""

    @property
    @abstractmethod
    def page(self) -> Page:
        """What a cell shows."""

    def table(self) -> pd.DataFrame:
        """Give one row per comparison, money in major units."""
        return effects_frame(self.effects)

    def variants(self) -> pd.DataFrame:
        """Give one row per metric and variant, money in major units."""
        return levels_frame(self.levels)

    def plot_intervals(
        self, *metrics: str, segment: str | None = None, scale: str = "lift"
    ) -> alt.VConcatChart:
        """Draw estimates with intervals and the line of no difference.

        Args:
            metrics: Keys; by default all.
            segment: Name of a segment, whose values are drawn in place of all units; exploratory.
            scale: `lift`, on one axis, or `difference`, each metric in its unit.

        Raises:
            InvalidPlan: There is no such metric or segment, or nothing can be drawn.
        """
        effects = self.effects
        keys = list(dict.fromkeys(one.measure.key for one in effects))
        segments = list(dict.fromkeys(one.segment for one in effects if one.segment is not None))
        _one_of("scale", scale, ("lift", "difference"))
        for key in metrics:
            _one_of("metric", key, keys)
        if segment is not None:
            _one_of("segment", segment, segments)
        shown = [
            one
            for one in effects
            if one.segment == segment
            and (not metrics or one.measure.key in metrics)
            and one.estimate is not EstimateKind.DECIDING
        ]
        if not shown:
            came, way_out = "no comparison", "wait until metrics are ready"
            raise InvalidPlan(came, field="plot_intervals", expected=way_out)
        return interval_chart(shown, lift=scale == "lift")

    def _repr_html_(self) -> str:
        return self.page.html()

    def __repr__(self) -> str:
        """Give the page as plain text."""
        return self.page.text()


class PlannedResults(Results):
    """Results made by a plan from aggregates, which know days and spreads."""

    __slots__ = ()

    @property
    @abstractmethod
    def plan(self) -> AnalysisPlan:
        """What was analysed, and by which rules."""

    @property
    @abstractmethod
    def rows(self) -> tuple[MetricAggregates, ...]:
        """The metrics of the plan, aggregated."""

    @abstractmethod
    def measure(self, metric: MetricInUse) -> Measure:
        """Say what a metric is called and measured in."""

    def over_time(
        self, metric: str | None = None, *, estimate: str = EstimateKind.RAW
    ) -> pd.DataFrame:
        """Give one row per treatment and day: all units so far, with the confidence sequence.

        Args:
            metric: Key of a metric of sums; by default the OEC, or the first metric.
            estimate: `raw`, or `adjusted` by the metric's covariates.

        Raises:
            InvalidPlan: There is no such metric, or it has no days.
        """
        return course_frame(self._course(metric, estimate))

    def plot_over_time(
        self, metric: str | None = None, *, estimate: str = EstimateKind.RAW
    ) -> alt.VConcatChart:
        """Draw the difference of all units so far, day by day, with its confidence sequence.

        Args:
            metric: Key of a metric of sums; by default the OEC, or the first metric.
            estimate: `raw`, or `adjusted` by the metric's covariates.

        Raises:
            InvalidPlan: There is no such metric, or it has no days.
        """
        return course_chart(self._course(metric, estimate))

    def plot_power(
        self, metric: str | None = None, *, treatment: str | None = None, goal: float | None = None
    ) -> Layers:
        """Draw how likely the present units find an effect of each size, in a single look.

        Args:
            metric: Key of the metric; by default the OEC, or the first metric.
            treatment: Key of the treatment; by default the first one.
            goal: The power aimed at; by default the plan's, or 0.8.

        Raises:
            InvalidPlan: There is no such metric or treatment.
            CannotEstimate: The control has too few units, or does not vary.
        """
        return power_chart(self.power_plan(metric, treatment=treatment, goal=goal))

    def power_plan(
        self, metric: str | None = None, *, treatment: str | None = None, goal: float | None = None
    ) -> PowerPlan:
        """Give what `plot_power` draws; see there."""
        in_use, row = self._metric(metric)
        keys = [one.key for one in self.plan.treatments]
        treated = treatment or keys[0]
        _one_of("treatment", treated, keys)
        summaries = summaries_of(in_use, row)
        control = summaries[self.plan.control.key]
        point = point_of(control)
        share = in_use.definition.kind is MetricKind.PROPORTION and 0 < point.value < 1
        test = PlannedTest.of_plan(
            alpha=self.plan.alpha, treatments=len(keys), multiplicity=self.plan.multiplicity
        )
        planned = self.plan.power_goal
        return PowerPlan(
            self.measure(in_use),
            Baseline.rate(point.value) if share else Baseline.of_point(point),
            Sizes(control.n, summaries[treated].n),
            test,
            goal or (planned.power if planned else GOAL),
        )

    def variance_reduction(self) -> pd.DataFrame:
        """Give one row per metric and treatment: the share of variance that covariates took.

        `units_worth` is how many times the units the same precision would have taken without.
        """
        raw = {
            (one.measure.key, one.treatment): one
            for one in self.effects
            if one.estimate is EstimateKind.RAW and one.segment is None
        }
        rows = []
        for one in self.effects:
            if one.estimate is not EstimateKind.ADJUSTED:
                continue
            before = raw[one.measure.key, one.treatment]
            share = self.share_reduced(one.measure.key, one.treatment)
            worth = None if share is None or share >= 1 else 1 / (1 - share)
            rows.append(
                (one.measure.key, one.treatment, share, worth,
                 before.ci_low, before.ci_high, one.ci_low, one.ci_high)
            )  # fmt: skip
        columns = ["metric", "treatment", "reduction", "units_worth",
                   "raw_low", "raw_high", "adjusted_low", "adjusted_high"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    @abstractmethod
    def share_reduced(self, metric: str, treatment: str) -> float | None:
        """Give 1 - variance of the adjusted over that of the raw difference."""

    def key_of(self, metric: str | None) -> str | None:
        """Give the key in the plan of a metric by its name in tables."""
        return metric

    def _metric(self, key: str | None) -> tuple[MetricInUse, MetricAggregates]:
        """Find a metric in the plan and in the aggregates."""
        keys = [metric.key for metric in self.plan.metrics]
        oec = self.plan.oec
        wanted = self.key_of(key) or (keys[0] if oec is None else oec.key)
        if wanted not in keys:
            _one_of("metric", wanted, [self.measure(metric).key for metric in self.plan.metrics])
        place = keys.index(wanted)
        return self.plan.metrics[place], self.rows[place]

    def _course(self, key: str | None, estimate: str) -> Sequence[CoursePoint]:
        metric, row = self._metric(key)
        known = ("raw", "adjusted") if metric.covariates else ("raw",)
        _one_of("estimate", estimate, known)
        points = course_of(self.plan, metric, row, self.measure(metric), EstimateKind(estimate))
        if not points:
            way_out = "give a metric of sums whose units have days, and units in every variant"
            raise InvalidPlan(metric.key, field="metric", expected=way_out)
        return points


def _one_of(field: str, came: str, known: Sequence[str]) -> None:
    if came not in known:
        raise InvalidPlan(came, field=field, expected=f"give {' or '.join(known) or 'none'}")
