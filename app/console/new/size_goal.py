"""Reads what is typed about the effect that a campaign is sized for, in the units of a document."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from app.console.new.metric_choice import unit_of
from app.console.new.offers import per_cent, plain
from experiments.money import exponent
from stats.metric import MetricUnit

if TYPE_CHECKING:
    from app.console.new.form import Fields, Json, Setting

HUNDRED: Final = Decimal(100)
RELATIVE: Final = "relative"
DEFAULT_POWER: Final = "80"


def power_goal(fields: Fields, analysis: Json, setting: Setting) -> Json:
    """Put the effect that is typed in the step of the size into an `analysis`; or take it out."""
    found = dict(analysis)
    effect = fields.get("size.mde", "").strip()
    if not effect:
        if "size.mde" in fields:
            found.pop("power_goal", None)
        return found
    goal: Json = {}
    if power := fields.get("size.power", "").strip():
        goal["power"] = scaled(power, HUNDRED)
    if fields.get("size.mde_kind", RELATIVE) == RELATIVE:
        goal["mde_relative"] = scaled(effect, HUNDRED)
    else:
        factor = factor_of(unit_of(fields.get("metrics.oec", ""), setting), setting)
        goal["mde_absolute"] = scaled(effect, factor)
    found["power_goal"] = goal
    return found


def goal_fields(document: Json, setting: Setting) -> dict[str, str]:
    """Give the fields that the power goal of a document fills."""
    goal = (document.get("analysis") or {}).get("power_goal") or {}
    metrics = document.get("metrics") or ()
    oec = next((one["metric"] for one in metrics if one["role"] == "oec"), "")
    found = {"size.power": per_cent(goal.get("power", 0.8)), "size.mde_kind": RELATIVE}
    if goal.get("mde_absolute") is not None:
        factor = factor_of(unit_of(oec, setting), setting)
        number = Decimal(str(goal["mde_absolute"])) * factor
        return {**found, "size.mde_kind": "absolute", "size.mde": plain(number)}
    relative = goal.get("mde_relative")
    return {**found, "size.mde": "" if relative is None else per_cent(relative)}


def factor_of(unit: MetricUnit | None, setting: Setting) -> Decimal:
    """Give by what a value of the document is multiplied where people read it."""
    if unit is MetricUnit.SHARE:
        return HUNDRED
    if unit is not None and unit.is_money:
        return Decimal(10) ** -exponent(setting.programme.currency)
    return Decimal(1)


def scaled(text: str, factor: Decimal) -> float | str:
    """Give a typed number over a factor, or the text where it is none."""
    number = number_of(text)
    return text if number is None else float(number / factor)


def number_of(text: str) -> Decimal | None:
    """Give a typed number, or None where it is none."""
    try:
        number = Decimal(text.strip().removesuffix("%").replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
