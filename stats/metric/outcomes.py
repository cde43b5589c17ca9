"""Built-in metrics of what members do: shares, counts, times, answers, points."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from stats.metric.definition import Direction, MetricDefinition, MetricKind, MetricUnit
from stats.metric.term import Aggregate, Among, Condition, Since, Term, Window

UP, DOWN = Direction.HIGHER, Direction.LOWER
ALIVE: Final = ("activity", "order")
CONTACTABLE: Final = Among("contactable", except_values=("false",))
"""Everybody but those of whom the business says that they cannot be contacted."""
LOWEST_NPS, PASSIVE_NPS, PROMOTER_NPS, HIGHEST_NPS = map(Decimal, (0, 6, 9, 10))


def share(
    key: str,
    name: str,
    description: str,
    events: tuple[str, ...],
    direction: Direction,
    window: Window,
    where: tuple[Condition, ...] = (),
) -> MetricDefinition:
    """Give a share of units with at least one such event."""
    return MetricDefinition(
        key=key,
        name=name,
        description=description,
        kind=MetricKind.PROPORTION,
        numerator=(Term(events, where=where),),
        unit=MetricUnit.SHARE,
        direction=direction,
        window=window,
    )


# key, name, what the unit did, its events, direction, window
_SHARES: Final[tuple[tuple[str, str, str, tuple[str, ...], Direction, Window], ...]] = (
    ("offer_click_through", "Offer click-through", "clicked the offer", ("offer_click",), UP,
     Window(7)),
    ("offer_claim", "Offer claim", "claimed the offer", ("offer_claim",), UP, Window(30)),
    ("repurchase_rate", "Repurchase rate", "ordered again", ("order",), UP, Window(30)),
    ("retention_d30", "Retention D30", "ordered or were active from day 30 until day 36", ALIVE,
     UP, Window(36, 30)),
    ("retention_d90", "Retention D90", "ordered or were active from day 90 until day 96", ALIVE,
     UP, Window(96, 90)),
    ("service_contact", "Service contact", "complained or contacted service",
     ("service_contact",), DOWN, Window(30)),
    ("referral", "Referral", "referred at least one person, or shared something of their own",
     ("referral",), UP, Window(30)),
)  # fmt: skip


def _survey(kind: str) -> tuple[Condition, ...]:
    return (Condition("survey", (kind,)),)


def _answers() -> tuple[MetricDefinition, ...]:
    """Give the metrics of surveys: means over answers, and how many answered."""
    responses, window = ("survey_response",), Window(30)
    nps, csat = _survey("nps"), _survey("csat")

    def scored(low: Decimal, high: Decimal) -> tuple[Condition, ...]:
        return (*nps, Condition("score", at_least=low, at_most=high))

    counted = Term(responses, where=nps, property="score", lowest=LOWEST_NPS, highest=HIGHEST_NPS)
    answered = Term(responses, where=csat, property="score", lowest=Decimal(0))
    return (
        MetricDefinition(
            "nps", "Net promoter score",
            "Mean of +100 for scores of 9 and 10, 0 for 7 and 8, -100 for 0 to 6, over answers.",
            MetricKind.RATIO,
            (
                Term(responses, where=scored(PROMOTER_NPS, HIGHEST_NPS), factor=Decimal(100)),
                Term(responses, sign=-1, where=scored(LOWEST_NPS, PASSIVE_NPS),
                     factor=Decimal(100)),
            ),
            MetricUnit.POINTS, UP, window, denominator=(counted,), shows_lift=False,
            companions=("nps_response_rate",),
        ),
        share("nps_response_rate", "NPS response rate",
              "Share of exposed units that answered the question of the net promoter score.",
              responses, UP, window, nps),
        MetricDefinition(
            "satisfaction", "Satisfaction", "Mean score of satisfaction, over answers.",
            MetricKind.RATIO,
            (Term(responses, Aggregate.PROPERTY_SUM, where=csat, property="score",
                  lowest=Decimal(0)),),
            MetricUnit.SCORE, UP, window, denominator=(answered,),
            companions=("satisfaction_response_rate",),
        ),
        share("satisfaction_response_rate", "Satisfaction response rate",
              "Share of exposed units that answered the question of satisfaction.", responses, UP,
              window, csat),
    )  # fmt: skip


def _points_redemption() -> MetricDefinition:
    """Give points burned over points that could have been."""

    def moved(movement: str, since: Since = Since.EXPOSURE, *, taken: bool = False) -> Term:
        return Term(("points",), Aggregate.PROPERTY_SUM, -1 if taken else 1,
                    (Condition("movement", (movement,)),), property="points", lowest=Decimal(0),
                    since=since)  # fmt: skip

    return MetricDefinition(
        "points_redemption", "Points redemption",
        "Points burned, over the balance at first exposure and the points earned since.",
        MetricKind.RATIO, (moved("burn"),), MetricUnit.SHARE, UP, Window(90),
        denominator=(
            moved("earn", Since.EVER),
            moved("burn", Since.BEFORE, taken=True),
            moved("expire", Since.BEFORE, taken=True),
        ),
    )  # fmt: skip


def fixed_outcomes() -> tuple[MetricDefinition, ...]:
    """Give those that take no parameters."""
    mean = MetricKind.MEAN
    covered = Term(("progress",), Aggregate.PROPERTY_MAX, property="covered", lowest=Decimal(0),
                   ceiling=Decimal(1))  # fmt: skip
    return (
        *(
            share(key, name, f"Share of exposed units that {did}.", events, direction, window)
            for key, name, did, events, direction, window in _SHARES
        ),
        replace(
            share("unsubscribe", "Unsubscribe",
                  "Share of contactable exposed units that opted out of contact.", ("opt_out",),
                  DOWN, Window(30)),
            among=CONTACTABLE,
        ),
        replace(
            share("churn", "Churn", "Share of exposed units without an order or activity.",
                  ALIVE, DOWN, Window(90)),
            absence=True,
        ),
        MetricDefinition("progress_completion", "Progress completion",
                         "Share of the remaining threshold that a unit covered, at most all of it.",
                         mean, (covered,), MetricUnit.SHARE, UP, Window(30)),
        MetricDefinition("purchase_frequency", "Orders per member", "Orders per exposed unit.",
                         mean, (Term(("order",)),), MetricUnit.COUNT, UP, Window(30)),
        MetricDefinition("activity", "Active days",
                         "Days with an order or activity, per exposed unit.", mean,
                         (Term(ALIVE, Aggregate.ACTIVE_DAYS),), MetricUnit.DAYS, UP, Window(30)),
        MetricDefinition("repurchase_interval", "Repurchase interval",
                         "Days from first exposure to the next order.", MetricKind.SURVIVAL,
                         (Term(("order",)),), MetricUnit.DAYS, DOWN, Window(90)),
        _points_redemption(),
        *_answers(),
    )  # fmt: skip


def upgrade_conversion(target_tiers: Sequence[str]) -> MetricDefinition:
    """Share of exposed units that reached one of these tiers."""
    reached = (Condition("to", tuple(target_tiers)),)
    description = "Share of exposed units that reached a target tier."
    return share("upgrade_conversion", "Upgrade conversion", description, ("tier_change",), UP,
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
    return share("downgrade", "Downgrade", description, ("tier_change",), DOWN, Window(180),
                 fell)  # fmt: skip
