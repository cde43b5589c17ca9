"""Built-in metrics of money: revenue, margin, costs, and what a member is worth.

Where an order does not say what it earned, the programme's rates stand in for it, as they were when
the campaign started: a definition carries them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from stats.metric.definition import Direction, MetricDefinition, MetricKind, MetricUnit
from stats.metric.term import Aggregate, Term, Window

UP, DOWN = Direction.HIGHER, Direction.LOWER
MONEY: Final = MetricUnit.MONEY
NET_REVENUE: Final = (
    Term(("order",), Aggregate.AMOUNT),
    Term(("refund",), Aggregate.AMOUNT, sign=-1),
)
REWARD_COST: Final = (
    Term(("reward_issue",), Aggregate.AMOUNT, less_share="breakage"),
    Term(("reward_reverse",), Aggregate.AMOUNT, sign=-1, less_share="breakage"),
)
REWARDS: Final = (
    Term(("reward_issue",), less_share="breakage"),
    Term(("reward_reverse",), sign=-1, less_share="breakage"),
)
"""Rewards, of which each counts by how likely it is to be redeemed: what a cost a piece is over."""
MONTH_DAYS: Final = 30
"""A month of customer lifetime value, as the windows are multiples of 30 days."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What the programme says of money where events do not.

    Attributes:
        gross_margin_rate: Share of an order's amount that is margin, 0 to 1, four decimals; `None`
            where every order says its own margin or cost.
        acquisition_cost_minor: What it cost to win a member, in minor units.
        contact_cost_minor: What a message costs that says nothing of it, in minor units.
    """

    gross_margin_rate: Decimal | None = None
    acquisition_cost_minor: int | None = None
    contact_cost_minor: int | None = None


NO_RATES: Final = Rates()


def gross_margin_terms(rates: Rates) -> tuple[Term, ...]:
    """Give the margin of orders, refunds taken back."""
    rate = rates.gross_margin_rate
    return (
        Term(("order",), Aggregate.MARGIN, rate=rate),
        Term(("refund",), Aggregate.MARGIN, sign=-1, rate=rate),
    )


def contact_cost_terms(rates: Rates) -> tuple[Term, ...]:
    """Give the cost of messages."""
    cost = rates.contact_cost_minor
    return (Term(("contact_sent",), Aggregate.AMOUNT, amount_if_missing=cost),)


def _negative(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(
        Term(
            term.events,
            term.aggregate,
            -1 if term.sign > 0 else 1,
            less_share=term.less_share,
            amount_if_missing=term.amount_if_missing,
        )
        for term in terms
    )


def _mean(
    key: str, name: str, description: str, terms: tuple[Term, ...], direction: Direction
) -> MetricDefinition:
    return MetricDefinition(
        key, name, description, MetricKind.MEAN, terms, MONEY, direction, Window(90)
    )


def fixed_money() -> tuple[MetricDefinition, ...]:
    """Give those that take no rates."""
    ratio = MetricKind.RATIO
    return (
        MetricDefinition("average_order_value", "Average order value",
                         "Revenue net of refunds, per order.", ratio, NET_REVENUE,
                         MetricUnit.MONEY_PER_ORDER, UP, Window(30),
                         denominator=(Term(("order",)),)),
        MetricDefinition("spend_per_member", "Spend per member",
                         "Revenue net of refunds, per exposed unit (ARPU).", MetricKind.MEAN,
                         NET_REVENUE, MONEY, UP, Window(30)),
        MetricDefinition("spend_after_offer", "Spend after the offer",
                         "Revenue net of refunds from day 30 until day 90, when an offer of 30 "
                         "days is over, per exposed unit.", MetricKind.MEAN, NET_REVENUE, MONEY, UP,
                         Window(90, 30)),
        MetricDefinition("refund_rate", "Refund rate", "Refunded share of gross revenue.", ratio,
                         (Term(("refund",), Aggregate.AMOUNT),), MetricUnit.SHARE, DOWN,
                         Window(30), denominator=(Term(("order",), Aggregate.AMOUNT),)),
        _mean("reward_cost_per_member", "Reward cost per member",
              "Cost of rewards issued, less what is expected never to be redeemed and what was "
              "taken back, per exposed unit.", REWARD_COST, DOWN),
        MetricDefinition("large_basket_p90", "Large basket p90",
                         "The spend net of refunds that 90 % of exposed units do not exceed.",
                         MetricKind.QUANTILE, NET_REVENUE, MONEY, UP, Window(90),
                         quantile=Decimal("0.9")),
    )  # fmt: skip


def gross_margin_per_member(rates: Rates = NO_RATES) -> MetricDefinition:
    """Give what orders earned before the costs of the programme, per unit."""
    return _mean("gross_margin_per_member", "Gross margin per member",
                 "Margin of orders net of refunds, before the cost of rewards and contact, per "
                 "exposed unit.", gross_margin_terms(rates), UP)  # fmt: skip


def contact_cost_per_member(rates: Rates = NO_RATES) -> MetricDefinition:
    """Give what messages cost, per unit."""
    return _mean("contact_cost_per_member", "Contact cost per member",
                 "Cost of messages sent, per exposed unit.", contact_cost_terms(rates),
                 DOWN)  # fmt: skip


def contribution_margin_per_member(rates: Rates = NO_RATES) -> MetricDefinition:
    """Give what is left of the margin after rewards and contact, per unit."""
    costs = (*REWARD_COST, *contact_cost_terms(rates))
    return _mean("contribution_margin_per_member", "Contribution margin per member",
                 "Margin of orders net of refunds, less the cost of rewards and of contact, per "
                 "exposed unit.", (*gross_margin_terms(rates), *_negative(costs)), UP)  # fmt: skip


def clv(months: int, rates: Rates = NO_RATES) -> MetricDefinition:
    """Give what a member is worth over some months of 30 days.

    Per member: average spend per purchase times purchases a month is what the member spends in a
    month, so that spend in the window times months over the window's own is the same number.
    """
    cost = rates.acquisition_cost_minor
    less = "" if not cost else ", less the cost of winning a member"
    won = () if not cost else (Term(aggregate=Aggregate.UNIT, sign=-1, factor=Decimal(cost)),)
    return MetricDefinition(
        f"clv_{months}m", f"CLV over {months} months",
        f"Average spend per purchase times purchases a month times {months} months{less}, per "
        "exposed unit.",
        MetricKind.MEAN, (*NET_REVENUE, *won), MONEY, UP, Window(months * MONTH_DAYS),
        horizon_days=months * MONTH_DAYS, shows_lift=False,
    )  # fmt: skip


RATED: Final[Mapping[str, Callable[[Rates], MetricDefinition]]] = {
    "gross_margin_per_member": gross_margin_per_member,
    "contact_cost_per_member": contact_cost_per_member,
    "contribution_margin_per_member": contribution_margin_per_member,
    "clv_6m": lambda rates: clv(6, rates),
    "clv_12m": lambda rates: clv(12, rates),
}
"""Those that carry rates of the programme."""
