"""The money of a campaign becomes part of its plan: which events count, and what is paid beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.offer import target_tier_of
from stats.metric import Window, builtin
from stats.metric.money import (
    REWARD_COST,
    REWARDS,
    contact_cost_terms,
    gross_margin_terms,
)
from stats.plan import MarginKnown, MetricRole, MoneyPlan, VariantCost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.campaign import CampaignDesign
    from experiments.programme import Programme
    from stats.metric import Rates, Term
    from stats.plan import MetricInUse

DEFAULT_WINDOW: Final = Window(90)
LONGEST_PRE_PERIOD: Final = 90
"""Days before first exposure whose gross margin reduces the variance, at most."""
UPGRADES: Final = frozenset({"upgrade_conversion", "time_to_upgrade"})


def money_of(
    design: CampaignDesign, programme: Programme, metrics: Sequence[MetricInUse], rates: Rates
) -> MoneyPlan:
    """Give the money part of a plan: what the campaign says, or else what follows from the rest.

    Args:
        design: The campaign, with what its variants cost.
        programme: With its ladder.
        metrics: As they are planned: an OEC in money gives its window.
        rates: What the programme says of money, where events say nothing.

    Raises:
        InvalidDefinition: A number is not usable.
    """
    said = design.analysis.money
    window = _window(said.window_days, metrics)
    known = MarginKnown.BY_ORDER if rates.gross_margin_rate is None else MarginKnown.BY_RATE
    return MoneyPlan(
        gross_margin=gross_margin_terms(rates),
        reward_cost=REWARD_COST,
        rewards=REWARDS,
        contact_cost=contact_cost_terms(rates),
        upgrade=_upgrade(design, programme, metrics),
        window=window,
        margin_known=known,
        costs=tuple(
            VariantCost(cost.variant, cost.fixed_cost_minor, cost.contact_cost_minor)
            for cost in said.costs
        ),
        audience=said.audience,
        runs_per_year=said.runs_per_year,
        season_factor=said.season_factor,
        covariate_days=min(window.end_days, LONGEST_PRE_PERIOD),
    )


def _window(days: int | None, metrics: Sequence[MetricInUse]) -> Window:
    if days is not None:
        return Window(days)
    oec = next((metric for metric in metrics if metric.role is MetricRole.OEC), None)
    if oec is not None and oec.is_margin and not oec.effective_window.start_days:
        return oec.effective_window
    return DEFAULT_WINDOW


def _upgrade(
    design: CampaignDesign, programme: Programme, metrics: Sequence[MetricInUse]
) -> tuple[Term, ...]:
    """Give what counts as an upgrade; nothing where no tier is named anywhere."""
    tiers: Sequence[str] = design.analysis.money.target_tiers
    if not tiers:
        asked = (metric.definition for metric in metrics if metric.key in UPGRADES)
        found = next(asked, None)
        if found is not None:
            return found.numerator
        ladder = programme.ladder.keys()
        targets = [
            ladder.index(target)
            for variant in design.variants
            if (target := target_tier_of(variant.offer)) in ladder
        ]
        tiers = ladder[min(targets) :] if targets else ()
    return builtin("upgrade_conversion", target_tiers=list(tiers)).numerator if tiers else ()
