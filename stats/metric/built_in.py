"""The built-in metrics of upgrade campaigns."""

import difflib
from collections.abc import Callable, Sequence
from decimal import Decimal

from stats.errors import InvalidMetric, UnknownMetric
from stats.metric.definition import (
    Aggregate,
    Condition,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)


def _share(
    key: str,
    name: str,
    description: str,
    events: tuple[str, ...],
    direction: Direction,
    window: Window,
    where: tuple[Condition, ...] = (),
    *,
    absence: bool = False,
) -> MetricDefinition:
    """A share of units with at least one such event, or with none."""
    return MetricDefinition(
        key=key,
        name=name,
        description=description,
        kind=MetricKind.PROPORTION,
        numerator=(Term(events, where=where),),
        unit=MetricUnit.SHARE,
        direction=direction,
        window=window,
        absence=absence,
    )


UP, DOWN = Direction.HIGHER, Direction.LOWER
NET_REVENUE = (Term(("order",), Aggregate.AMOUNT), Term(("refund",), Aggregate.AMOUNT, sign=-1))
ALIVE = ("activity", "order")

# key, name, what the unit did, its events, direction, window
_SHARES: tuple[tuple[str, str, str, tuple[str, ...], Direction, Window], ...] = (
    ("offer_click_through", "Offer click-through", "clicked the offer", ("offer_click",), UP,
     Window(7)),
    ("offer_claim", "Offer claim", "claimed the offer", ("offer_claim",), UP, Window(30)),
    ("repurchase_rate", "Repurchase rate", "ordered again", ("order",), UP, Window(30)),
    ("retention_d30", "Retention D30", "ordered or were active from day 30 until day 36", ALIVE,
     UP, Window(36, 30)),
    ("retention_d90", "Retention D90", "ordered or were active from day 90 until day 96", ALIVE,
     UP, Window(96, 90)),
    ("unsubscribe", "Unsubscribe", "opted out of contact", ("opt_out",), DOWN, Window(30)),
    ("service_contact", "Service contact", "complained or contacted service",
     ("service_contact",), DOWN, Window(30)),
    ("referral", "Referral", "referred at least one person", ("referral",), UP, Window(30)),
)  # fmt: skip


def _fixed() -> tuple[MetricDefinition, ...]:
    """The built-in metrics that take no parameters."""
    per_order, money = MetricUnit.MONEY_PER_ORDER, MetricUnit.MONEY
    mean, ratio = MetricKind.MEAN, MetricKind.RATIO
    return (
        *(
            _share(key, name, f"Share of exposed units that {did}.", events, direction, window)
            for key, name, did, events, direction, window in _SHARES
        ),
        _share("churn", "Churn", "Share of exposed units without an order or activity.",
               ALIVE, DOWN, Window(90), absence=True),
        MetricDefinition("purchase_frequency", "Orders per member", "Orders per exposed unit.",
                         mean, (Term(("order",)),), MetricUnit.COUNT, UP, Window(30)),
        MetricDefinition("average_order_value", "Average order value",
                         "Revenue net of refunds, per order.", ratio, NET_REVENUE, per_order, UP,
                         Window(30), denominator=(Term(("order",)),)),
        MetricDefinition("spend_per_member", "Spend per member",
                         "Revenue net of refunds, per exposed unit (ARPU).", mean, NET_REVENUE,
                         money, UP, Window(30)),
        MetricDefinition("activity", "Active days",
                         "Days with an order or activity, per exposed unit.", mean,
                         (Term(ALIVE, Aggregate.ACTIVE_DAYS),), MetricUnit.DAYS, UP, Window(30)),
        MetricDefinition("refund_rate", "Refund rate", "Refunded share of gross revenue.", ratio,
                         (Term(("refund",), Aggregate.AMOUNT),), MetricUnit.SHARE, DOWN,
                         Window(30), denominator=(Term(("order",), Aggregate.AMOUNT),)),
        MetricDefinition("reward_cost_per_member", "Reward cost per member",
                         "Cost of redeemed rewards, per exposed unit.", mean,
                         (Term(("reward_redeem",), Aggregate.AMOUNT),), money, DOWN, Window(90)),
        MetricDefinition("repurchase_interval", "Repurchase interval",
                         "Days from first exposure to the next order.", MetricKind.SURVIVAL,
                         (Term(("order",)),), MetricUnit.DAYS, DOWN, Window(90)),
        MetricDefinition("large_basket_p90", "Large basket p90",
                         "The spend net of refunds that 90 % of exposed units do not exceed.",
                         MetricKind.QUANTILE, NET_REVENUE, money, UP, Window(90),
                         quantile=Decimal("0.9")),
    )  # fmt: skip


def upgrade_conversion(target_tiers: Sequence[str]) -> MetricDefinition:
    """Share of exposed units that reached one of these tiers."""
    reached = (Condition("to", tuple(target_tiers)),)
    description = "Share of exposed units that reached a target tier."
    return _share("upgrade_conversion", "Upgrade conversion", description, ("tier_change",), UP,
                  Window(30), reached)  # fmt: skip


def time_to_upgrade(target_tiers: Sequence[str]) -> MetricDefinition:
    """Days until a unit reached one of these tiers, censored at the end of the window."""
    reached = (Condition("to", tuple(target_tiers)),)
    return MetricDefinition(
        key="time_to_upgrade",
        name="Time to upgrade",
        description="Days from first exposure to reaching a target tier.",
        kind=MetricKind.SURVIVAL,
        numerator=(Term(("tier_change",), where=reached),),
        unit=MetricUnit.DAYS,
        direction=DOWN,
        window=Window(90),
    )


def downgrade(lower_tiers: Sequence[str]) -> MetricDefinition:
    """Share of exposed units that fell to one of these tiers, those below the target."""
    fell = (Condition("to", tuple(lower_tiers)),)
    description = "Share of exposed units that fell below the target tier."
    return _share("downgrade", "Downgrade", description, ("tier_change",), DOWN, Window(180),
                  fell)  # fmt: skip


FIXED: dict[str, MetricDefinition] = {definition.key: definition for definition in _fixed()}
PARAMETRISED: dict[str, tuple[str, Callable[[Sequence[str]], MetricDefinition]]] = {
    "upgrade_conversion": ("target_tiers", upgrade_conversion),
    "time_to_upgrade": ("target_tiers", time_to_upgrade),
    "downgrade": ("lower_tiers", downgrade),
}
BUILTIN_KEYS: tuple[str, ...] = (*PARAMETRISED, *FIXED)


def builtin(key: str, **parameters: Sequence[str]) -> MetricDefinition:
    """Look up a built-in metric.

    Args:
        key: One of `BUILTIN_KEYS`.
        parameters: `target_tiers` of `upgrade_conversion` and `time_to_upgrade`, `lower_tiers` of
            `downgrade`; the others take none.

    Raises:
        UnknownMetric: No built-in metric has that key; the message names the near ones.
        InvalidMetric: A parameter is missing or not the metric's own.
    """
    if key not in BUILTIN_KEYS:
        raise UnknownMetric(key, difflib.get_close_matches(key, BUILTIN_KEYS, n=3), BUILTIN_KEYS)
    expected = {PARAMETRISED[key][0]} if key in PARAMETRISED else set()
    if parameters.keys() != expected:
        came = ", ".join(sorted(parameters)) or "nothing"
        way_out = f"give {', '.join(expected)}" if expected else "give none"
        raise InvalidMetric(came, field=f"{key}.parameters", expected=way_out)
    if key in FIXED:
        return FIXED[key]
    name, make = PARAMETRISED[key]
    values = parameters[name]
    if isinstance(values, str) or not values:
        raise InvalidMetric(
            values, field=f"{key}.{name}", expected="give a list of at least one tier"
        )
    return make(values)
