"""Reads and writes times as people type them: of the programme's zone, without an offset.

On a day on which clocks move, a time may not exist, or stand for two moments; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

A_SECOND: Final = timedelta(seconds=1)


class Which(StrEnum):
    """Which of two moments a time stands for on a day on which clocks are put back."""

    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Exact:
    """A time that stands for one moment."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """A time that clocks skip that day.

    Attributes:
        following: The next time that exists, in the zone.
    """

    following: datetime


@dataclass(frozen=True, slots=True)
class Twice:
    """A time that comes twice that day, and nobody said which one is meant."""

    earlier: datetime
    later: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text that is no day and time."""


def read_local(text: str, zone: ZoneInfo, which: str = "") -> Exact | Skipped | Twice | Unreadable:
    """Find the moment that a typed time stands for.

    Args:
        text: Such as ``2026-07-01T09:00``.
        zone: The programme's.
        which: Of two moments, if somebody said it.
    """
    typed = _typed(text)
    if typed is None:
        return Unreadable()
    first, second = typed.replace(tzinfo=zone), typed.replace(tzinfo=zone, fold=1)
    try:
        if first.utcoffset() == second.utcoffset():
            return Exact(first.astimezone(UTC))
        if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != typed:
            return Skipped(_end_of_gap(first, second))
        earlier, later = first.astimezone(UTC), second.astimezone(UTC)
    except OverflowError:  # the first hours of year 1, the last ones of 9999
        return Unreadable()
    if which in set(Which):
        return Exact(earlier if which == Which.EARLIER else later)
    return Twice(earlier, later)


def _typed(text: str) -> datetime | None:
    """Give a typed day and time, or None where it is none or has an offset."""
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return typed if typed.tzinfo is None else None


def write_local(moment: str | None, zone: ZoneInfo) -> str:
    """Give a moment of a document as it is typed; empty for none."""
    if not moment:
        return ""
    try:
        local = datetime.fromisoformat(moment).astimezone(zone)
    except (ValueError, OverflowError):
        return moment
    pattern = "%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M"
    return local.strftime(pattern)


def which_of(moment: str | None, zone: ZoneInfo) -> str:
    """Say which of two moments a moment is, or nothing where its time comes once."""
    if not moment:
        return ""
    try:
        local = datetime.fromisoformat(moment).astimezone(zone)
    except (ValueError, OverflowError):
        return ""
    if not isinstance(read_local(write_local(moment, zone), zone), Twice):
        return ""
    return Which.LATER if local.fold else Which.EARLIER


def _end_of_gap(before: datetime, after: datetime) -> datetime:
    """Give the first time after a gap, from a time in it with the offsets of both of its sides."""
    zone = before.tzinfo
    low, high = after.astimezone(UTC), before.astimezone(UTC)
    offset = high.astimezone(zone).utcoffset()
    while high - low > A_SECOND:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high.astimezone(zone).replace(second=0, microsecond=0)
