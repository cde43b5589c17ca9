"""The addresses of the pages about the programme, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint

from app.console.context import formats, words
from app.console.members.words import MEASURES
from experiments.score import Measure

if TYPE_CHECKING:
    from decimal import Decimal

    from experiments.tier import Tier

blueprint: Final = Blueprint("programme", __name__, url_prefix="/programme")

MONEY: Final = frozenset({Measure.SPEND, Measure.AVERAGE_ORDER_VALUE})


def tier_name(tier: Tier) -> str:
    """Give what people call a tier."""
    return tier.name or tier.key


def measure_name(measure: Measure) -> str:
    """Give what people call a measure."""
    return words().say(MEASURES[measure])


def money(minor: int) -> str:
    """Write money of the programme."""
    return formats().total(minor, is_money=True).text


def points(score: Decimal) -> str:
    """Write a score."""
    return f"{score.normalize():f}"


def amount(measure: Measure, number: int) -> str:
    """Write how much of a measure there is."""
    return money(number) if measure in MONEY else formats().count(number).text
