"""Comparisons from one row per unit: values that somebody has already, no events, no windows.

The table's columns become metrics of a plan that only this module sees; what follows is the
scorecard's own way: the same comparisons, covariates, caps and segments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stats.aggregation.aggregates import (
    Aggregates,
    EventCount,
    FactsRange,
    MetricAggregates,
    VariantUnits,
)
from stats.aggregation.unit_tables import Source, UnitAggregates, UnitColumns, UnitMetric
from stats.aggregation.unit_values import aggregate_units
from stats.checks.finding import Finding
from stats.checks.sample_ratio import check_sample_ratio
from stats.metric import (
    Aggregate,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)
from stats.notebook.display import Block, Page, effect_blocks, finding_block
from stats.notebook.effect import (
    AS_GIVEN,
    Effect,
    Level,
    Measure,
    effects_of_metric,
    segments_of_metric,
)
from stats.notebook.planning import MINIMUM_UNITS, NO_CURRENCY, planned_variants
from stats.notebook.results import PlannedResults
from stats.notebook.tables import as_arrow, variants_of
from stats.plan import (
    AnalysisPlan,
    Covariate,
    LookKind,
    Looks,
    MetricInUse,
    MetricRole,
    RandomizationUnit,
    SegmentBy,
)
from stats.scorecard import MetricResult
from stats.scorecard.metrics import metric_result
from stats.summary import MeanSummary

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""A table of units knows no time; nothing that is shown depends on it."""
HALF = 0.5
"""Sums of 0 and 1 that differ by less differ by rounding."""


@dataclass(frozen=True, slots=True, repr=False)
class UnitAnalysis(PlannedResults):
    """Comparisons of a table of units, with tables and plots.

    Attributes:
        made_plan: The plan that the columns became; metrics have keys `m0`, `m1`, …
        aggregates: What the table was reduced to.
        measures: What the metrics are called, in the order of the plan.
        results: One per metric. Totals are cut to whole numbers there; values are not.
        sample_ratio: Whether the variants have the planned shares.
    """

    made_plan: AnalysisPlan
    aggregates: UnitAggregates
    measures: tuple[Measure, ...]
    results: tuple[MetricResult, ...]
    sample_ratio: Finding

    @property
    def plan(self) -> AnalysisPlan:
        """The plan that the columns became."""
        return self.made_plan

    @property
    def rows(self) -> tuple[MetricAggregates, ...]:
        """The outcomes, aggregated."""
        return self.aggregates.metrics

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Every comparison: of all units, then of segments, outcome by outcome."""
        return tuple(
            effect
            for measure, result in zip(self.measures, self.results, strict=True)
            for effect in (
                *effects_of_metric(measure, result),
                *segments_of_metric(measure, result),
            )
        )

    @property
    def levels(self) -> tuple[Level, ...]:
        """Every variant's own value in every outcome."""
        return tuple(
            Level.of(measure, one.variant, one.n, one.value)
            for measure, result in zip(self.measures, self.results, strict=True)
            for one in result.variants
        )

    @property
    def page(self) -> Page:
        """What a cell shows."""
        units = Block(
            "Units",
            header=("variant", "units"),
            rows=tuple((one.variant, f"{one.units:,}") for one in self.aggregates.units),
        )
        blocks = effect_blocks(self.effects, self.levels)
        return Page("Comparison of units", (finding_block((self.sample_ratio,)), units, *blocks))

    def measure(self, metric: MetricInUse) -> Measure:
        """Say what a metric is called and measured in."""
        return self.measures[self.plan.metrics.index(metric)]

    def key_of(self, metric: str | None) -> str | None:
        """Give the key in the plan of an outcome by its name."""
        keys = {m.key: one.key for m, one in zip(self.measures, self.plan.metrics, strict=True)}
        return metric if metric is None else keys.get(metric, metric)

    def share_reduced(self, metric: str, treatment: str) -> float | None:
        """Give 1 - variance of the adjusted over that of the raw difference."""
        for measure, result in zip(self.measures, self.results, strict=True):
            if measure.key == metric and result.adjusted is not None:
                found = (r.share for r in result.adjusted.reductions if r.treatment == treatment)
                return next(found)
        return None


def analyse_units(  # noqa: PLR0913 - all but the first two are named and have defaults
    units: Source,
    outcomes: str | UnitMetric | Sequence[str | UnitMetric],
    *,
    control: str = "control",
    variant: str = "variant",
    covariates: Sequence[str] = (),
    segments: Sequence[str] = (),
    day: str | None = None,
    shares: Mapping[str, float] | None = None,
    alpha: float = 0.05,
    planned_units: int | None = None,
) -> UnitAnalysis:
    """Compare variants by a table with one row per unit.

    Args:
        units: A frame, an Arrow or Ibis table, or Parquet paths, which are read in a stream.
        outcomes: Columns of numbers (0 and 1 make a proportion), or a `UnitMetric` for a ratio, a
            cap, or covariates of its own.
        control: The value of the variant column that the others are compared with.
        variant: The variant column.
        covariates: Columns known before the campaign, by which every outcome that names none of its
            own is adjusted (CUPED).
        segments: Columns of text by which results are sliced; exploratory.
        day: Column of the day of first exposure, which `plot_over_time` needs.
        shares: Planned share per variant, for the sample-ratio check.
        alpha: Two-sided error rate.
        planned_units: Units of all variants that were planned before any look.

    Raises:
        MissingColumn: The table lacks a column.
        WrongColumnType: A value is no number.
        UnusableValues: A value is NaN, infinite or null, or a unit has no variant.
        UnknownVariant: No unit is in the control, or in a variant with a planned share.
    """
    given = [outcomes] if isinstance(outcomes, str | UnitMetric) else list(outcomes)
    metrics = tuple(
        UnitMetric(one, one, covariates=tuple(covariates)) if isinstance(one, str) else one
        for one in given
    )
    found = variants_of(as_arrow(units, "units", (variant,)), "units", variant)
    planned = planned_variants(found, control, shares)
    columns = UnitColumns(tuple(one.key for one in planned), metrics, variant, tuple(segments), day)
    aggregates = aggregate_units(units, columns)
    aggregates = _renamed(aggregates, tuple(segments))
    plan = AnalysisPlan(
        campaign="units",
        phase=1,
        randomization_unit=RandomizationUnit.MEMBER,
        variants=planned,
        metrics=tuple(
            _in_use(f"m{i}", one, row)
            for i, (one, row) in enumerate(zip(metrics, aggregates.metrics, strict=True))
        ),
        currency=NO_CURRENCY,
        currency_exponent=0,
        time_zone="UTC",
        alpha=alpha,
        looks=Looks(LookKind.FIXED, planned_units=planned_units),
        segments=tuple(SegmentBy(f"s{i}", name, MINIMUM_UNITS) for i, name in enumerate(segments)),
    )
    known = _known(plan, aggregates)
    return UnitAnalysis(
        plan,
        aggregates,
        tuple(_measure(one, use) for one, use in zip(metrics, plan.metrics, strict=True)),
        tuple(
            metric_result(plan, use, row, known)
            for use, row in zip(plan.metrics, aggregates.metrics, strict=True)
        ),
        check_sample_ratio(plan, known),
    )


def _renamed(aggregates: UnitAggregates, segments: tuple[str, ...]) -> UnitAggregates:
    """Give segments keys that a plan takes: columns may be called anything."""
    keys = {name: f"s{i}" for i, name in enumerate(segments)}
    return replace(
        aggregates,
        metrics=tuple(
            replace(
                _counted(row),
                by_segment=tuple(
                    replace(cell, segment=keys[cell.segment or ""]) for cell in row.by_segment
                ),
            )
            for row in aggregates.metrics
        ),
        units_by_segment=tuple(
            replace(one, segment=keys[one.segment or ""]) for one in aggregates.units_by_segment
        ),
    )


def _in_use(key: str, metric: UnitMetric, row: MetricAggregates) -> MetricInUse:
    kind = MetricKind.MEAN
    if metric.denominator is not None:
        kind = MetricKind.RATIO
    elif _is_zero_or_one(row):
        kind = MetricKind.PROPORTION
    ratio = kind is MetricKind.RATIO
    definition = MetricDefinition(
        key=key,
        name=metric.key,
        description=f"Column {metric.outcome}.",
        kind=kind,
        numerator=(Term((metric.outcome,), Aggregate.AMOUNT if ratio else Aggregate.COUNT),),
        unit=MetricUnit.SHARE if kind is MetricKind.PROPORTION else MetricUnit.COUNT,
        direction=Direction.HIGHER,
        window=Window(1),
        denominator=(Term((metric.denominator,)),) if metric.denominator else (),
    )
    past = tuple(
        Covariate(f"x{i}", 1, (Term((name,)),)) for i, name in enumerate(metric.covariates)
    )
    return MetricInUse(definition, MetricRole.DIAGNOSTIC, cap=metric.cap, covariates=past)


def _counted(row: MetricAggregates) -> MetricAggregates:
    """Give a proportion its counts, which floating-point sums may miss by their rounding."""
    if not _is_zero_or_one(row):
        return row
    counts = [one.nonzero_units or 0 for one in row.variants]
    return replace(
        row,
        variants=tuple(
            replace(one, summary=MeanSummary.from_sums(one.summary.n, count, count))
            for one, count in zip(row.variants, counts, strict=True)
        ),
    )


def _is_zero_or_one(row: MetricAggregates) -> bool:
    """Whether every value is 0 or 1: within, and adding up to the number of those not 0."""
    return all(
        isinstance(one.summary, MeanSummary)
        and one.minimum is not None
        and one.maximum is not None
        and one.minimum >= 0
        and one.maximum <= 1
        and one.nonzero_units is not None
        and abs(one.summary.total - one.nonzero_units) < HALF
        for one in row.variants
    )


def _measure(metric: UnitMetric, in_use: MetricInUse) -> Measure:
    share = in_use.definition.unit is MetricUnit.SHARE
    return Measure(metric.key, metric.key, "", MetricUnit.SHARE.value if share else AS_GIVEN)


def _known(plan: AnalysisPlan, aggregates: UnitAggregates) -> Aggregates:
    """Give what the scorecard's parts ask of facts: units, and that every column was there."""
    return Aggregates(
        as_of=NO_TIME,
        facts=FactsRange(0, None, None, 0, None, None),
        variants=tuple(
            VariantUnits(one.variant, one.units, one.units, None, None) for one in aggregates.units
        ),
        crossovers=(),
        unknown_unit_members=0,
        events=tuple(EventCount(name, 1, 0, ever_seen=True) for name in plan.events),
        other_currencies=(),
        metrics=aggregates.metrics,
        units_by_day=aggregates.units_by_day,
        units_by_segment=aggregates.units_by_segment,
    )
