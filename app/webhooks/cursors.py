"""Says where a page of deliveries ended, and where the next begins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from experiments.errors import InvalidValues, Problem
from experiments.store.types import EPOCH, MICROSECOND

if TYPE_CHECKING:
    from experiments.store.webhooks import Place
    from experiments.webhooks import Delivery

_MOST_MICROSECONDS: Final = 10**17
_PARTS: Final = 3


def cursor_of(delivery: Delivery) -> str:
    """Give the cursor of the page that follows a delivery."""
    at = (delivery.created_at - EPOCH) // MICROSECOND
    return f"{at}.{delivery.message_id}.{delivery.endpoint}"


def place_of(cursor: str | None) -> Place | None:
    """Give the place that a cursor names; None at the beginning.

    Raises:
        InvalidValues: It is none that was given.
    """
    if cursor is None:
        return None
    at, *rest = cursor.split(".", _PARTS - 1)
    known = at.isascii() and at.isdigit() and len(rest) == _PARTS - 1
    if not known or int(at) > _MOST_MICROSECONDS:
        way_out = "Send the next_cursor of the page before, or none for the first page."
        raise InvalidValues([Problem("cursor", cursor, "is no cursor", way_out)])
    return EPOCH + timedelta(microseconds=int(at)), rest[0], rest[1]
