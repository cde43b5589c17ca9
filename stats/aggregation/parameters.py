"""Values that are put into compiled relations, so that a plan is compiled once and run often.

A parameter is a text literal with a cast around it, which every engine folds into a constant
before it runs. The literal's text cannot be typed by accident: it stands between private-use
characters.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

TIME = "timestamp(6)"
MARK = "\ue000"
Moment: TypeAlias = datetime | ir.TimestampScalar
"""The analysis time: itself, or its parameter."""


def parameter(name: str, kind: str) -> ir.Scalar:
    """Give a scalar whose value `bound` puts in."""
    return ibis.literal(f"{MARK}{name}{MARK}").cast(kind)


AS_OF: ir.TimestampScalar = parameter("as_of", TIME)
CLOCK_STARTS: tuple[ir.TimestampScalar, ir.TimestampScalar] = (
    parameter("first_start", TIME),
    parameter("last_start", TIME),
)
"""The first and the last clock start of any unit, known once `unit_spans` is."""


def moment(at: Moment) -> ir.TimestampScalar:
    """Give a time as the relations hold it."""
    if isinstance(at, datetime):
        return ibis.literal(at.astimezone(UTC).replace(tzinfo=None), type=TIME)
    return at


def time_text(at: datetime) -> str:
    """Write a time as the value of a parameter."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", timespec="microseconds")


def bound(sql: str, values: Mapping[str, str]) -> str:
    """Put the values of parameters, numbers and times, into compiled SQL."""
    for name, value in values.items():
        sql = sql.replace(f"'{MARK}{name}{MARK}'", f"'{value}'")
    return sql
