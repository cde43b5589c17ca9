"""An analysis plan from few words: what a notebook leaves out gets the product's defaults.

The first metric is the OEC, those with a margin are guardrails, the others are diagnostics.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias, TypedDict

from stats.errors import InvalidPlan, UnknownVariant
from stats.metric import MetricDefinition, Window, builtin
from stats.plan import (
    AnalysisPlan,
    Basis,
    Covariate,
    Funnel,
    FunnelStep,
    LookKind,
    Looks,
    MetricInUse,
    MetricRole,
    PlannedVariant,
    RandomizationUnit,
    SegmentBy,
)

Metric: TypeAlias = str | MetricDefinition | MetricInUse
"""A built-in metric by its key, a definition, or a metric as it shall be used."""

NO_CURRENCY = "XXX"
"""ISO 4217: no currency."""
NO_DECIMALS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
     "XAF", "XOF", "XPF", NO_CURRENCY)
)  # fmt: skip
THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
MINIMUM_UNITS = 100


@dataclass(frozen=True, slots=True)
class Options:
    """What may be said of an analysis beside its metrics.

    Attributes:
        guardrails: How much worse a metric may get, as a share of the control's value.
        segments: Columns of `units` by which results are sliced; exploratory.
        funnel: Names of events in the order of their steps.
        funnel_days: The funnel's window; by default the OEC's.
        window_days: Replaces the window of every metric; by default each has its own.
        covariate_days: Length of the pre-period of which each metric's own value reduces its
            variance (CUPED); `None` for none.
        shares: Planned share per variant, for the sample-ratio check; not checked without.
        looks: Which looks keep the error rate.
        planned_units: Units of all variants that were planned before any look.
        alpha: Two-sided error rate.
        time_zone: IANA zone in which days are cut.
        name: Name of the campaign.
    """

    guardrails: Mapping[str, float] = field(default_factory=dict)
    segments: Sequence[str] = ()
    funnel: Sequence[str] = ()
    funnel_days: int | None = None
    window_days: int | None = None
    covariate_days: int | None = None
    shares: Mapping[str, float] | None = None
    looks: LookKind = LookKind.FIXED
    planned_units: int | None = None
    alpha: float = 0.05
    time_zone: str = "UTC"
    name: str = "notebook"


class SaidOptions(TypedDict, total=False):
    """The fields of `Options`, as they are said by name."""

    guardrails: Mapping[str, float]
    segments: Sequence[str]
    funnel: Sequence[str]
    funnel_days: int | None
    window_days: int | None
    covariate_days: int | None
    shares: Mapping[str, float] | None
    looks: LookKind
    planned_units: int | None
    alpha: float
    time_zone: str
    name: str


def decimals(currency: str) -> int:
    """Give the decimal places of a currency (ISO 4217)."""
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def plan_of(
    metrics: Metric | Sequence[Metric],
    options: Options,
    *,
    variants: Sequence[str],
    control: str,
    currency: str,
    basis: Basis = Basis.EXPOSED,
    household: bool = False,
) -> AnalysisPlan:
    """Make the plan of an analysis.

    Args:
        metrics: At least one; the first one is the OEC.
        options: What else was said.
        variants: Those that the facts have.
        control: Which of them the others are compared with.
        currency: Of the amounts.
        basis: Which units count.
        household: Whether units are not members.

    Raises:
        UnknownVariant: No unit is in the control.
        UnknownMetric: No built-in metric has that key.
        InvalidPlan: Something contradicts itself.
    """
    given = [metrics] if isinstance(metrics, Metric) else list(metrics)
    in_use = tuple(_in_use(metric, i, options) for i, metric in enumerate(given))
    unknown = sorted(options.guardrails.keys() - {metric.key for metric in in_use})
    if unknown:
        way_out = "give margins to metrics of the analysis: " + ", ".join(m.key for m in in_use)
        raise InvalidPlan(unknown, field="guardrails", expected=way_out)
    return AnalysisPlan(
        campaign=options.name,
        phase=1,
        randomization_unit=RandomizationUnit.HOUSEHOLD if household else RandomizationUnit.MEMBER,
        variants=planned_variants(variants, control, options.shares),
        metrics=in_use,
        currency=currency,
        currency_exponent=decimals(currency),
        time_zone=options.time_zone,
        funnel=_funnel(options, in_use[0]) if options.funnel and in_use else None,
        alpha=options.alpha,
        basis=basis,
        looks=Looks(options.looks, planned_units=options.planned_units),
        segments=tuple(SegmentBy(key, key, MINIMUM_UNITS) for key in options.segments),
    )


def planned_variants(
    variants: Sequence[str], control: str, shares: Mapping[str, float] | None
) -> tuple[PlannedVariant, ...]:
    """Give the variants, the control first.

    Raises:
        UnknownVariant: The control, or a variant with a share, is not among them.
    """
    for key in (control, *(shares or ())):
        if key not in variants:
            raise UnknownVariant(key, variants)
    planned = dict.fromkeys(variants) | {
        key: Decimal(str(share)) for key, share in (shares or {}).items()
    }
    order = [control, *(key for key in variants if key != control)]
    return tuple(PlannedVariant(key, planned[key], key == control) for key in order)


def _in_use(metric: Metric, place: int, options: Options) -> MetricInUse:
    if isinstance(metric, MetricInUse):
        return metric
    definition = builtin(metric) if isinstance(metric, str) else metric
    margin = options.guardrails.get(definition.key)
    role = MetricRole.OEC if place == 0 else MetricRole.DIAGNOSTIC
    window = None if options.window_days is None else Window(options.window_days)
    past = (
        (Covariate("before", options.covariate_days),)
        if options.covariate_days is not None and definition.kind.is_summed
        else ()
    )
    return MetricInUse(
        definition,
        role if margin is None else MetricRole.GUARDRAIL,
        window=window,
        non_inferiority_margin=None if margin is None else Decimal(str(margin)),
        covariates=past,
    )


def _funnel(options: Options, oec: MetricInUse) -> Funnel:
    window = oec.effective_window
    if options.funnel_days is not None:
        window = Window(options.funnel_days)
    elif window.start_days:
        window = dataclasses.replace(window, start_days=0)
    steps = tuple(
        FunnelStep(event, event.replace("_", " ").capitalize(), (event,))
        for event in options.funnel
    )
    return Funnel(steps, window)
