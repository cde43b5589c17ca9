"""Decides how everything that happens is written down: one row a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stats.simulation.people import numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stats.simulation.people import People
    from stats.simulation.purchases import Mask, Purchases, Rows
    from stats.simulation.seasons import Microseconds

TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
PROPERTIES: Final = ("order_id", "campaign", "from", "to", "cause")
"""Columns of a conversion that are its properties; null where an event has none of the name."""

_SCHEMA: Final = pa.schema(
    [
        ("conversion_id", pa.string()),
        ("event", pa.string()),
        ("amount_minor", pa.int64()),
        ("currency", pa.string()),
        *((name, pa.string()) for name in PROPERTIES),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Conversions as columns.

    Attributes:
        member: Row of `People`.
        at: Microseconds since 1970.
        facts: The other columns: id, event, amount, currency, properties.
    """

    member: Rows
    at: Microseconds
    facts: pa.Table

    def take(self, chosen: Mask) -> Events:
        """Give the events at which the mask is true."""
        return Events(self.member[chosen], self.at[chosen], self.facts.filter(pa.array(chosen)))


def timestamps(moments: Microseconds) -> pa.Array:
    """Give microseconds since 1970 as Arrow timestamps in UTC."""
    return pa.array(moments, pa.int64()).cast(TIMESTAMP)


def record(
    event: str,
    conversion_id: pa.Array,
    member: Rows,
    at: Microseconds,
    facts: Mapping[str, pa.Array | str] | None = None,
) -> Events:
    """Give events of one name.

    Args:
        event: The name.
        conversion_id: Their ids.
        member: Rows of `People`.
        at: Microseconds since 1970.
        facts: Amounts, currency and properties, as a column or as one value for all.
    """
    given = {"conversion_id": conversion_id, "event": event, **(facts or {})}
    columns = [_column(given.get(name), len(member), kind) for name, kind in _fields()]
    return Events(member, at, pa.table(columns, schema=_SCHEMA))


def _fields() -> list[tuple[str, pa.DataType]]:
    return [(one.name, one.type) for one in _SCHEMA]


def _column(values: pa.Array | str | None, size: int, kind: pa.DataType) -> pa.Array:
    if values is None:
        return pa.nulls(size, kind)
    if isinstance(values, str):
        return pa.repeat(values, size)
    return values.cast(kind)


def purchase_events(purchases: Purchases, currency: str, end: int) -> list[Events]:
    """Give orders, and those of their refunds that are made before the end of the history."""
    refunded = purchases.take(purchases.refunded_before(end))
    return [
        record(
            "order",
            purchases.order_id,
            purchases.member,
            purchases.at,
            {
                "amount_minor": pa.array(purchases.amount_minor),
                "currency": currency,
                "order_id": purchases.order_id,
            },
        ),
        record(
            "refund",
            pc.binary_join_element_wise("r-", refunded.order_id, ""),
            refunded.member,
            refunded.refund_at,
            {
                "amount_minor": pa.array(refunded.refund_minor),
                "currency": currency,
                "order_id": refunded.order_id,
            },
        ),
    ]


def activity_events(member: Rows, at: Microseconds) -> Events:
    """Give visits."""
    return record("activity", numbered("a-", at.size, width=8), member, at)


def opt_out_events(people: People, start: int, end: int) -> Events:
    """Give the opt-outs within the history."""
    rows = np.flatnonzero((people.opts_out >= start) & (people.opts_out < end))
    ids = pc.binary_join_element_wise("u-", people.member_id.take(pa.array(rows)), "")
    return record("opt_out", ids, rows, people.opts_out[rows])


def gathered(parts: list[Events]) -> Events:
    """Give the events of several tables in the order of time."""
    at = np.concatenate([part.at for part in parts])
    in_time = np.argsort(at, kind="stable")
    return Events(
        np.concatenate([part.member for part in parts])[in_time],
        at[in_time],
        pa.concat_tables([part.facts for part in parts]).take(pa.array(in_time)),
    )


def conversions(people: People, events: Events) -> pa.Table:
    """Give events as a table of conversions.

    Returns:
        conversion_id, member_id, event, occurred_at (UTC, microseconds), amount_minor and currency
        (null where the event has no amount), and the columns named in `PROPERTIES`.
    """
    facts = events.facts
    columns = {
        "conversion_id": facts["conversion_id"],
        "member_id": people.member_id.take(pa.array(events.member)),
        "event": facts["event"],
        "occurred_at": timestamps(events.at),
        **{name: facts[name] for name in ("amount_minor", "currency", *PROPERTIES)},
    }
    return pa.table(columns)


def with_json_properties(table: pa.Table) -> pa.Table:
    """Give conversions with one text column ``properties``, as the relation for analysis has it.

    Keys and values need no escaping: order ids, campaign keys, tier keys and causes consist of
    letters, digits, points, hyphens and underscores.
    """
    pairs = [
        pc.binary_join_element_wise(f',"{name}":"', table[name], '"', "") for name in PROPERTIES
    ]
    # not null_handling="skip": Arrow 26 then leaves out the rows in which every part is null
    inner = pc.binary_join_element_wise(*(pc.fill_null(pair, "") for pair in pairs), "")
    text = pc.if_else(
        pc.equal(inner, ""),
        pa.scalar(None, pa.string()),
        pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(inner, 1), "}", ""),
    )
    return table.drop_columns(list(PROPERTIES)).append_column("properties", text)
