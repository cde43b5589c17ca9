"""The money of a campaign, from its aggregates: how far it is, per variant, per treatment."""

from dataclasses import replace

from stats.aggregation.aggregates import Aggregates
from stats.aggregation.money import COVARIATE, WITHOUT_MARGIN, MoneyAggregates, MoneyUnits
from stats.inference.adjustment import Adjustment
from stats.inference.combination import Combination, combined_moments
from stats.inference.cuped import cuped
from stats.inference.difference import point_difference
from stats.inference.money import REWARDS, UPGRADED, Costs, Incremental, net_of, times
from stats.inference.outcome import BareValue, Certain, Estimate, Rate, Undefined
from stats.inference.ratio_of_differences import Pair
from stats.inference.single import mean_rate
from stats.plan import AnalysisPlan, MoneyPlan
from stats.scorecard.comparison import DifferenceOutcome, VariantValue
from stats.scorecard.costs import counted_units, spread_over
from stats.scorecard.money import (
    AudienceSource,
    MoneyResult,
    MoneyState,
    MoneyTreatment,
    MoneyVariant,
    Scaling,
)
from stats.scorecard.money_tiers import money_tiers
from stats.scorecard.values import or_undefined
from stats.sentence import said

THOUSAND = 1000
TOLERATED = 0.01
"""Share of orders that may lack a margin: they count as 0, in every variant alike."""


def money_result(plan: AnalysisPlan, aggregates: Aggregates) -> MoneyResult | None:
    """Give the money of a campaign, as far as it has come; `None` where it was not planned."""
    money, found = plan.money, aggregates.money
    if money is None or found is None:
        return None
    missing = sum(int(row.moments.totals[WITHOUT_MARGIN]) for row in found.variants)
    state, sentence = _state(aggregates, found, missing)
    closing = [v.last_window_closes_at for v in found.variants if v.last_window_closes_at]
    result = MoneyResult(
        state=state,
        sentence=sentence,
        window=money.window,
        complete_at=max(closing, default=None),
        orders_without_margin=missing,
    )
    if state in (MoneyState.MARGIN_UNKNOWN, MoneyState.EVENTS_MISSING):
        return result
    result = replace(result, variants=tuple(_variant(plan, money, row) for row in found.variants))
    if state is not MoneyState.READY:
        return result
    counted = counted_units(aggregates)
    scaling = _scaling(money, sum(counted.get(v.key, 0) for v in plan.variants))
    rows = {row.variant: row for row in found.variants}
    adjustment = _adjustment(found)
    return replace(
        result,
        scaling=scaling,
        treatments=tuple(
            _treatment(
                plan, money, rows, treatment.key, counted[treatment.key], scaling, adjustment
            )
            for treatment in plan.treatments
        ),
        tiers=money_tiers(plan, money, found.by_tier, counted),
    )


def _state(aggregates: Aggregates, found: MoneyAggregates, missing: int) -> tuple[MoneyState, str]:
    units = {row.variant: row.moments.n + row.immature_units for row in found.variants}
    empty = [variant for variant, n in units.items() if not n]
    if len(empty) == len(units):
        return MoneyState.NO_EXPOSURES, said("No unit has been exposed yet.")
    orders = next((row for row in aggregates.events if row.event == "order"), None)
    if orders is not None and not orders.ever_seen:
        return MoneyState.EVENTS_MISSING, said(
            "No order has ever been seen, so no margin is known."
        )
    if missing > TOLERATED * (orders.seen if orders is not None else 0):
        return MoneyState.MARGIN_UNKNOWN, (
            said(
                "{missing} orders in the window say neither their margin nor their cost, "
                "and the programme has no gross margin rate. Send margin_minor or "
                "cost_minor with orders, or set gross_margin_rate and start a new phase.",
                missing=f"{missing:,}",
            )
        )
    if empty:
        return MoneyState.NO_EXPOSURES, said(
            "No unit has been exposed to {empty}.", empty=", ".join(empty)
        )
    waiting = [row for row in found.variants if not row.moments.n]
    if waiting:
        closes = [v.first_window_closes_at for v in found.variants if v.first_window_closes_at]
        names = ", ".join(row.variant for row in waiting)
        return MoneyState.IMMATURE, (
            said(
                "No window has closed yet in {names}; the first will be at {isoformat}.",
                names=names,
                isoformat=max(closes).isoformat(timespec="minutes"),
            )
        )
    return MoneyState.READY, ""


def _variant(plan: AnalysisPlan, money: MoneyPlan, row: MoneyUnits) -> MoneyVariant:
    moments, cost = row.moments, money.cost_of(row.variant)
    gross, reward, contact = (float(total) for total in moments.totals[:3])

    def value(*weights: float, constant: float = 0.0) -> VariantValue:
        columns = moments.columns
        combination = Combination((*weights, *(0.0,) * (columns - len(weights))))
        summary = combined_moments(moments, [combination]).mean_summary()
        return _moved(or_undefined(lambda: mean_rate(summary, alpha=plan.alpha)), constant)

    per_unit = float(cost.contact_minor)
    return MoneyVariant(
        variant=row.variant,
        n=moments.n,
        immature_units=row.immature_units,
        gross_margin=value(1),
        reward_cost=value(0, 1),
        contact_cost=value(0, 0, 1, constant=per_unit),
        contribution_margin=value(1, -1, -1, constant=-per_unit),
        fixed_minor=cost.fixed_minor,
        gross_margin_total=gross,
        reward_cost_total=reward,
        contact_cost_total=contact + per_unit * moments.n,
        upgraded_units=int(moments.totals[UPGRADED]) if money.upgrade else None,
        rewards=float(moments.totals[REWARDS]),
    )


def _moved(value: VariantValue, constant: float) -> VariantValue:
    match value:
        case Rate():
            return replace(
                value,
                estimate=value.estimate + constant,
                ci_low=value.ci_low + constant,
                ci_high=value.ci_high + constant,
            )
        case BareValue():
            return replace(value, estimate=value.estimate + constant)
        case Undefined():
            return value


def _scaling(money: MoneyPlan, reached: int) -> Scaling:
    planned = money.audience is not None
    return Scaling(
        audience=money.audience if money.audience is not None else reached,
        source=AudienceSource.PLAN if planned else AudienceSource.COUNTED,
        runs_per_year=money.runs_per_year,
        season_factor=money.season_factor,
    )


def _treatment(
    plan: AnalysisPlan,
    money: MoneyPlan,
    rows: dict[str, MoneyUnits],
    treatment: str,
    units: int,
    scaling: Scaling,
    adjustment: Adjustment | None,
) -> MoneyTreatment:
    control, treated = rows[plan.control.key].moments, rows[treatment].moments
    costs = spread_over(plan, treatment, units)
    found = Incremental(Pair(control, treated), costs, plan.alpha)
    granted = float(treated.totals[REWARDS])

    def difference(*weights: float) -> DifferenceOutcome:
        return or_undefined(lambda: found.difference(*weights))

    runs, season = float(scaling.runs_per_year), float(scaling.season_factor)
    upgrades = bool(money.upgrade)
    return MoneyTreatment(
        treatment=treatment,
        control=plan.control.key,
        units=units,
        fixed_minor=int(costs.fixed),
        gross_margin=difference(1),
        reward_cost=or_undefined(lambda: found.cost(0, 1)),
        contact_cost=or_undefined(lambda: found.cost(0, 0, 1, known=costs.contact)),
        contribution_margin=or_undefined(lambda: found.margin(units=1, fixed=0)),
        adjusted_margin=None
        if adjustment is None
        else or_undefined(lambda: _adjusted(adjustment, plan, treatment, costs)),
        upgraded=difference(0, 0, 0, 1) if upgrades else None,
        rewards=or_undefined(lambda: found.cost(0, 0, 0, 0, 1)),
        incremental_margin=or_undefined(found.margin),
        per_thousand=or_undefined(
            lambda: found.margin(units=THOUSAND, fixed=costs.fixed * THOUSAND / units)
        ),
        per_year=or_undefined(lambda: found.yearly(scaling.audience, runs=runs, season=season)),
        roi=or_undefined(found.roi),
        cost_per_upgrade=or_undefined(found.cost_per_upgrade) if upgrades else None,
        break_even_reward=or_undefined(found.break_even_reward),
        reward_now=float(treated.totals[1]) / granted if granted > 0 else None,
        affordable_per_upgrade=or_undefined(found.affordable_per_upgrade) if upgrades else None,
    )


def _adjustment(found: MoneyAggregates) -> Adjustment | None:
    """Take out of every variant's contribution margin what units earned before."""
    if any(row.moments.columns <= COVARIATE for row in found.variants):
        return None
    variants = [(row.variant, net_of(row.moments, (COVARIATE,))) for row in found.variants]
    return cuped(variants, covariates=("earlier_gross_margin",))


def _adjusted(adjustment: Adjustment, plan: AnalysisPlan, treatment: str, costs: Costs) -> (
    Estimate | Certain
):  # fmt: skip
    control, treated = adjustment.adjusted(plan.control.key), adjustment.adjusted(treatment)
    moved = replace(treated, value=treated.value - costs.per_unit)
    per_unit = point_difference(control, moved, alpha=plan.alpha, method=adjustment.method)
    return times(per_unit, costs.units)
