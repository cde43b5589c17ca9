"""Says which fields each kind of offer has in the form, and how what is typed there is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping


class Typed(StrEnum):
    """How a field is typed and kept."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    SHARE = "share"  # typed in per cent, kept as 0 to 1
    MONEY = "money"  # typed in major units, kept in minor ones
    MOMENT = "moment"
    TIER = "tier"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Input:
    """A field of an offer in the form.

    Attributes:
        name: In the form, after the row of the variant.
        part: In the document; ``goal.target`` for a part of a part.
        typed: How it is typed.
        label: In English, marked.
        hint: Likewise; may be empty.
        required: Whether the offer cannot do without.
        choices: Value and words of a choice, the words in English, marked.
        suffix: A unit behind the field, in English, marked.
    """

    name: str
    part: str
    typed: Typed
    label: str
    hint: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    suffix: str = ""


DAYS: Final = marked("days")
TIMES: Final = marked("times")
_TARGET: Final = Input(
    "target_tier", "target_tier", Typed.TIER, marked("Tier that it leads to"), required=True
)
_TARGET_IF: Final = Input(
    "target_tier", "target_tier", Typed.TIER, marked("Tier that it leads to"),
    marked("Only if it is given for an upgrade."),
)  # fmt: skip
_REDUCED: Final = (
    Input("percent", "percent", Typed.NUMBER, marked("Reduction in per cent"),
          marked("Give this or an amount."), suffix="%"),
    Input("amount", "amount_minor", Typed.MONEY, marked("Reduction as an amount"),
          marked("Give this or per cent.")),
)  # fmt: skip

KINDS: Final[Mapping[str, tuple[str, tuple[Input, ...]]]] = {
    "none": (marked("No offer: everything as usual"), ()),
    "upgrade_trial": (
        marked("Upgrade for a while"),
        (
            _TARGET,
            Input("duration_days", "duration_days", Typed.WHOLE, marked("For how long"),
                  required=True, suffix=DAYS),
        ),
    ),
    "threshold_change": (
        marked("Another threshold"),
        (
            _TARGET,
            Input("threshold", "threshold_minor", Typed.MONEY, marked("Spend that admits"),
                  marked("In place of the tier's own threshold.")),
            Input("threshold_score", "threshold_score", Typed.NUMBER, marked("Score that admits"),
                  marked("Only where the programme has a score.")),
        ),
    ),
    "points_multiplier": (
        marked("Points multiplier"),
        (
            Input("multiplier", "multiplier", Typed.NUMBER, marked("How many times the points"),
                  marked("2 gives twice the points."), required=True, suffix=TIMES),
            Input("duration_days", "duration_days", Typed.WHOLE, marked("For how long"),
                  suffix=DAYS),
        ),
    ),
    "points_exchange": (
        marked("Something for points"),
        (
            Input("points", "points", Typed.WHOLE, marked("For how many points"), required=True),
            Input("reward", "reward", Typed.TEXT, marked("What members get"), required=True),
        ),
    ),
    "gift": (
        marked("Gift"),
        (
            Input("gift", "gift", Typed.TEXT, marked("Which gift"), required=True),
            _TARGET_IF,
        ),
    ),
    "discount": (marked("Discount"), _REDUCED),
    "coupon": (
        marked("Coupon that is earned by purchases"),
        (
            Input("purchases", "purchases", Typed.WHOLE, marked("Purchases that earn one"),
                  required=True),
            *_REDUCED,
            Input("valid_days", "valid_days", Typed.WHOLE, marked("How long it can be used"),
                  suffix=DAYS),
        ),
    ),
    "exclusive_offer": (
        marked("Something that only they can have"),
        (Input("exclusive", "exclusive", Typed.TEXT, marked("What it is"), required=True),),
    ),
    "early_access": (
        marked("Early access"),
        (
            Input("access_to", "access_to", Typed.TEXT, marked("What members get earlier"),
                  required=True),
            Input("opens", "opens_at", Typed.MOMENT, marked("When it opens")),
        ),
    ),
    "challenge": (
        marked("Challenge"),
        (
            Input("goal_measure", "goal.measure", Typed.CHOICE, marked("What is counted"),
                  required=True, choices=(
                      ("frequency", marked("Orders")),
                      ("engagement", marked("Active days")),
                      ("spend", marked("Spend, in minor units")),
                      ("referrals", marked("Referrals")),
                  )),
            Input("goal_target", "goal.target", Typed.WHOLE, marked("How many"), required=True),
            Input("reward", "reward", Typed.TEXT, marked("What members get"), required=True),
            Input("deadline", "deadline", Typed.MOMENT, marked("Until when"), required=True),
            _TARGET_IF,
        ),
    ),
    "lottery": (
        marked("Lottery"),
        (
            Input("prize", "prize", Typed.TEXT, marked("Prize"), required=True),
            Input("win_probability", "win_probability", Typed.SHARE, marked("Chance to win"),
                  required=True, suffix="%"),
        ),
    ),
}  # fmt: skip
"""Every kind of offer: what people call it, and the fields of its own."""

COSTED: Final[tuple[Input, ...]] = (
    Input("unit_cost", "unit_cost_minor", Typed.MONEY, marked("Cost of one"),
          marked("What one costs you when it is redeemed. Members never see it."), required=True),
    Input("breakage", "breakage", Typed.SHARE, marked("Never redeemed"),
          marked("The part of what is promised that nobody ever redeems."), suffix="%"),
    Input("stock", "stock", Typed.WHOLE, marked("How many there are"),
          marked("Leave it empty for as many as are wanted.")),
    Input("expires", "expires_at", Typed.MOMENT, marked("Can be claimed until"),
          marked("In the programme's time zone. Leave it empty for no end.")),
    Input("benefit", "benefit", Typed.CHOICE, marked("What it appeals to"),
          marked("For comparing offers across campaigns."), choices=(
              ("", marked("What its kind mostly does")),
              ("value", marked("Value")),
              ("identity", marked("Identity")),
              ("emotional", marked("Emotion")),
              ("convenience", marked("Convenience")),
          )),
)  # fmt: skip
"""What every offer has that costs something."""

COPY: Final = ("title", "body", "call_to_action")
"""What members read, in every locale."""


def inputs_of(kind: str) -> tuple[Input, ...]:
    """Give the fields of a kind of offer; none of one that is not known."""
    own = KINDS.get(kind, ("", ()))[1]
    return (*own, *COSTED) if own else ()
