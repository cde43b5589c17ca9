"""Turns amounts into integer minor units of an ISO 4217 currency, exactly or not at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import cache
from typing import Final

from babel.core import get_global
from babel.numbers import get_currency_precision, get_territory_currencies

MAX_MINOR: Final = 10**12
"""Largest amount that is taken, in minor units: sums of millions of them stay inside 64 bits."""

_DECIMAL: Final = re.compile(
    r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?", re.ASCII
)


@cache
def known_currencies() -> frozenset[str]:
    """Give the codes of the currencies that are legal tender somewhere today (CLDR's list)."""
    today = datetime.now(UTC).date()
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, start_date=today)
    )


@cache
def exponent(currency: str) -> int:
    """Give the number of decimals of a currency: 2 for GBP, 0 for JPY."""
    return int(get_currency_precision(currency))


def is_known(currency: str) -> bool:
    """Say whether a code is a currency that amounts may carry."""
    return currency in known_currencies()


def as_typed(minor: int, currency: str) -> str:
    """Give an amount in major units as people type it: ``(1200, "TWD")`` is 12, 1250 is 12.50."""
    places = exponent(currency)
    amount = Decimal(minor).scaleb(-places)
    return f"{amount:f}" if minor % 10**places else f"{amount:.0f}"


def to_minor_units(amount: str | Decimal, currency: str) -> int:
    """Give a decimal amount in minor units, without rounding: ``("12.30", "GBP")`` is 1230.

    Raises:
        ValueError: It is not a decimal number, is not finite, is too large, or has more decimals
            than the currency has; the message says which.
    """
    text = str(amount).strip()
    if not _DECIMAL.fullmatch(text):
        message = "is not a finite decimal number such as 12.30"
        raise ValueError(message)
    with localcontext(prec=200):  # every digit that the pattern admits: nothing is rounded away
        minor = Decimal(text).scaleb(exponent(currency))
        if abs(minor) > MAX_MINOR:
            message = f"is larger than the {MAX_MINOR} minor units that can be kept"
            raise ValueError(message)
        if minor != minor.to_integral_value():
            message = f"has more than the {exponent(currency)} decimals of {currency}"
            raise ValueError(message)
        return int(minor)
