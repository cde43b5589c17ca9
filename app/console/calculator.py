"""The calculator: how many members and days a campaign takes, before there is one.

What is typed stands in the address, so that a result can be sent to somebody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, request

from app.analysis.planning_traffic import members_per_day
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import formats, programme, wiring, words
from app.console.new.offers import read_money
from app.console.new.size_reading import Setup, read_size
from app.console.new.size_shown import SizeShown, shown_size
from app.console.plots import plot_scripts
from app.console.rendering import show
from experiments.money import exponent
from experiments.variant import MAX_VARIANTS, MIN_VARIANTS

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("calculator", __name__)

HUNDRED: Final = Decimal(100)
PROPOSED: Final = {
    "kind": "rate",
    "baseline": "10",
    "sd": "",
    "mde": "10",
    "mde_kind": "relative",
    "power": "80",
    "alpha": "5",
    "variants": "2",
    "control_share": "",
    "per_day": "",
    "window": "30",
    "audience": "",
    "days": "",
    "cost": "",
    "take_up": "",
}


@dataclass(frozen=True, slots=True)
class CalculatorPage:
    """The calculator.

    Attributes:
        typed: Values of the fields, by name.
        errors: What is wrong with them.
        unit: What stands behind values of the metric.
        is_rate: Whether the metric is a share of members.
        currency: The programme's.
        sized: What it takes; None where something is wrong.
        plot_scripts: What draws the plot.
    """

    template: ClassVar[str] = "console/calculator/calculator.html"
    title: str
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    unit: str
    is_rate: bool
    currency: str
    sized: SizeShown | None
    plot_scripts: tuple[str, ...]


@blueprint.get("/calculator")
@open_to(Scope.CAMPAIGNS_READ)
def calculator() -> tuple[str, int]:
    """Show the calculator with what it says of the values in the address."""
    page = _page({**PROPOSED, **_proposed(), **_sent()})
    return show(page, 422 if page.errors else 200)


def _sent() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name in PROPOSED}


def _proposed() -> dict[str, str]:
    """Propose the traffic that there is; a thousand a day where there is none yet."""
    if "per_day" in request.args:
        return {}
    per_day = math.floor(members_per_day(wiring().engine, wiring().clock()))
    return {"per_day": str(per_day or 1000)}


def _page(typed: dict[str, str]) -> CalculatorPage:
    say, found = words().say, programme()
    currency = found.currency if found else ""
    errors: dict[str, str] = {}
    variants = _variants(typed["variants"])
    if variants is None:
        errors["variants"] = say("Write a number from 2 to 8.")
    shares = _shares(typed["control_share"], variants or MIN_VARIANTS)
    if shares is None:
        errors["control_share"] = say("Write a share above 0 and below 100.")
    window = typed["window"].strip()
    if not (window.isascii() and window.isdecimal() and int(window) <= 3_660):  # noqa: PLR2004  # as in the document
        errors["window"] = say("Write a number of days.")
        window = PROPOSED["window"]
    cost = read_money(typed["cost"].strip(), currency) if typed["cost"].strip() else 0
    if not isinstance(cost, int) or cost < 0:
        errors["cost"] = say("Write an amount such as 100.")
        cost = 0
    setup = Setup(
        is_rate=typed["kind"] != "mean" and typed["kind"] != "money",
        factor=_factor(typed["kind"], currency),
        shares=shares or (HUNDRED / 2, HUNDRED / 2),
        window_days=int(window),
        first_day=wiring().clock().astimezone(formats().zone).date(),
    )
    reading = read_size(typed, setup, words())
    errors |= reading.errors
    names = [say("Control"), *(say("Treatment {number}", number=one + 1)
                               for one in range(len(setup.shares) - 1))]  # fmt: skip
    costs = [Decimal(0), *(Decimal(cost) for _ in names[1:])]
    sized = None if errors else shown_size(reading, setup, names, costs, words(), formats())
    unit = {"rate": "%", "money": currency}.get(typed["kind"], "" if not setup.is_rate else "%")
    return CalculatorPage(
        say("Size and power calculator"),
        typed,
        errors,
        unit,
        setup.is_rate,
        currency,
        sized,
        plot_scripts(),
    )


def _variants(text: str) -> int | None:
    bare = text.strip()
    known = bare.isascii() and bare.isdecimal() and MIN_VARIANTS <= int(bare) <= MAX_VARIANTS
    return int(bare) if known else None


def _shares(control: str, variants: int) -> tuple[Decimal, ...] | None:
    """Give the control's share and those of the treatments, which divide the rest equally."""
    if not control.strip():
        return (HUNDRED / variants,) * variants
    try:
        share = Decimal(control.strip())
    except ArithmeticError:
        return None
    if not (share.is_finite() and 0 < share < HUNDRED):
        return None
    rest = (HUNDRED - share) / (variants - 1)
    return (share, *(rest for _ in range(variants - 1)))


def _factor(kind: str, currency: str) -> Decimal:
    if kind == "money":
        return Decimal(10) ** -(exponent(currency) if currency else 0)
    return Decimal(1) if kind == "mean" else HUNDRED
