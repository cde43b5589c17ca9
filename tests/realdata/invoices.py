"""Reads the shop's invoices as a shop's own system would: who ordered what, when, for how much.

This is the sender's side. The oracle (`tests.realdata.oracle`) reads the same file again, with
other means, and shares nothing with this module but the rules, which the page
``docs/tutorial/real-data.md`` writes down:

1. An invoice without a known customer is left out.
2. An invoice whose number starts with C is a cancellation, any other one is an order.
3. Its amount is the exact sum of quantity times price over its lines, of cancellations with the
   sign turned, rounded to pence once, half up.
4. Its time is that of its earliest line, in London.
5. Members are the customers with an order before 2011-06-01. Their tier goes by what they had spent
   until then, net of cancellations; their market, UK or abroad, by their last order until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from tests.realdata.campaigns import EXPOSED_AT, TIERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FILE: Final = Path(__file__, "../../../../shared/data/uci_online_retail.parquet").resolve()
LONDON: Final = ZoneInfo("Europe/London")
COLUMNS: Final = ("InvoiceNo", "CustomerID", "InvoiceDate", "Quantity", "UnitPrice", "Country")
PENNY: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Invoice:
    """An order or a cancellation; its amount is positive either way."""

    number: str
    customer: str
    country: str
    at: datetime
    amount: Decimal

    @property
    def is_cancellation(self) -> bool:
        """Whether it gives back."""
        return self.number.startswith("C")

    @property
    def spent(self) -> Decimal:
        """What it adds to its customer's spend."""
        return -self.amount if self.is_cancellation else self.amount


@dataclass(frozen=True, slots=True)
class Customer:
    """A member of the programme as of the day of exposure."""

    member_id: str
    tier: str
    country: str
    orders_before: int

    @property
    def market(self) -> str:
        """Where the shop sends: at home or abroad."""
        return "uk" if self.country == "United Kingdom" else "abroad"


@dataclass(frozen=True, slots=True)
class Shop:
    """The members, and what they ordered and gave back.

    Attributes:
        members: As of the day of exposure.
        earlier: Their invoices before that day.
        later: Their invoices from that day on.
    """

    members: Sequence[Customer]
    earlier: Sequence[Invoice]
    later: Sequence[Invoice]


def to_pence(amount: Decimal) -> Decimal:
    """Round an amount to pence, half up."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def read_invoices(file: Path = FILE) -> list[Invoice]:
    """Give the invoices with a known customer, by number."""
    table = pq.read_table(file, columns=list(COLUMNS))
    table = table.filter(table["CustomerID"].is_valid())
    lines = zip(*(table[column].to_pylist() for column in COLUMNS), strict=True)
    return [
        _invoice(number, list(of_one))
        for number, of_one in groupby(sorted(lines, key=itemgetter(0)), itemgetter(0))
    ]


def _invoice(number: str, lines: list[tuple[str, int, datetime, int, float, str]]) -> Invoice:
    # repr gives the price as it was written: 1.25, not the binary fraction next to it
    total = sum((quantity * Decimal(repr(price)) for *_, quantity, price, _ in lines), Decimal(0))
    _, customer, *_, country = lines[0]
    at = min(line[2] for line in lines).replace(tzinfo=LONDON)
    amount = to_pence(-total if number.startswith("C") else total)
    return Invoice(number, str(customer), country, at, amount)


def read_shop(file: Path = FILE) -> Shop:
    """Give the members and their invoices."""
    invoices = sorted(read_invoices(file), key=attrgetter("customer", "at", "number"))
    members, earlier, later = [], [], []
    for customer, of_one in groupby(invoices, attrgetter("customer")):
        history = list(of_one)
        before = [invoice for invoice in history if invoice.at < EXPOSED_AT]
        orders = [invoice for invoice in before if not invoice.is_cancellation]
        if not orders:
            continue
        spent = sum((invoice.spent for invoice in before), Decimal(0))
        members.append(Customer(customer, _tier(spent), orders[-1].country, len(orders)))
        earlier += before
        later += [invoice for invoice in history if invoice.at >= EXPOSED_AT]
    in_time = attrgetter("at", "number")
    return Shop(members, sorted(earlier, key=in_time), sorted(later, key=in_time))


def _tier(spent: Decimal) -> str:
    return [tier for tier, threshold in TIERS.items() if threshold == 0 or spent >= threshold][-1]
