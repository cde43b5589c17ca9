"""Sums the facts of every member, over all windows at once: one pass over the facts.

Amounts are held within a bound that no sum of real money reaches, so that no later step can leave
the 64 bits that an attribute has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.bulk import literals
from experiments.programme_run.opening import moment
from experiments.programme_run.rules import SHOWN_WINDOWS, amounts
from experiments.programme_run.sources import EVENTS
from experiments.score import Measure

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

    from experiments.programme import Programme
    from experiments.programme_run.days import Days
    from experiments.programme_run.rules import Amount

BOUND: Final = 4_000_000_000_000_000_000
"""Of a sum of money, either way."""

_BY_ORDERS: Final = frozenset({Measure.SPEND, Measure.FREQUENCY, Measure.AVERAGE_ORDER_VALUE})


def bounded(amount: str) -> str:
    """Give an amount of SQL within the bound, as a 64-bit integer."""
    return f"LEAST(GREATEST({amount}, -{BOUND}), {BOUND})::BIGINT"


def sum_facts(connection: duckdb.DuckDBPyConnection, programme: Programme, days: Days) -> None:
    """Make the tables `totals`, and `active_days` where the programme counts them."""
    asked = amounts(programme)
    windows = {one.window_days for one in asked if one.measure in _BY_ORDERS}
    windows |= {*SHOWN_WINDOWS, programme.lifecycle.active_days}
    columns = []
    for window in sorted(window for window in windows if window is not None):
        within = f"occurred_at >= {moment(days.window_begins(window))}"
        columns.append(f"count(*) FILTER (is_order AND {within}) AS orders_{window}")
        columns.append(f"{_revenue(within)} AS revenue_{window}")
    for window in sorted({one.window_days or 0 for one in _of(asked, Measure.REFERRALS)}):
        within = f"occurred_at >= {moment(days.window_begins(window))}"
        columns.append(f"count(*) FILTER (event = 'referral' AND {within}) AS referrals_{window}")
    events = ", ".join(map(literals.text, EVENTS))
    money = (
        f"CASE WHEN currency = {literals.text(programme.currency)} THEN "
        "CASE event WHEN 'order' THEN amount_minor WHEN 'refund' THEN -amount_minor END END"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE totals AS SELECT member_id, "  # noqa: S608  # literals are quoted
        "count(*) FILTER (is_order) AS orders, "
        f"{_revenue(None)} AS revenue, "
        "min(occurred_at) FILTER (is_order) AS first_order, "
        "max(occurred_at) FILTER (is_order) AS last_order, "
        "max(occurred_at) FILTER (is_order OR event = 'activity') AS last_sign, "
        "min(occurred_at) FILTER (event <> 'refund') AS first_fact, "
        f"{', '.join(columns)} FROM ("
        f"SELECT member_id, event, occurred_at, event = 'order' AS is_order, {money} AS money "
        f"FROM facts WHERE event IN ({events}) AND occurred_at < {moment(days.as_of)}"
        ") GROUP BY member_id"
    )
    _count_active_days(connection, _of(asked, Measure.ENGAGEMENT), days)


def _revenue(within: str | None) -> str:
    kept = "" if within is None else f" FILTER ({within})"
    return bounded(f"COALESCE(sum(money){kept}, 0)")


def _of(asked: tuple[Amount, ...], measure: Measure) -> list[Amount]:
    return [one for one in asked if one.measure is measure]


def _count_active_days(
    connection: duckdb.DuckDBPyConnection, asked: list[Amount], days: Days
) -> None:
    """Count days with an order or an activity, where somebody asks: it is a pass of its own."""
    columns = ["member_id"]
    windows = sorted({one.window_days or 0 for one in asked})
    if not windows:
        return
    for window in windows:
        first = days.window_begins(window)
        begins = local_day(moment(first), first, days)
        columns.append(f"count(*) FILTER (local_day >= {begins}) AS days_{window}")
    since = days.window_begins(windows[-1])
    connection.execute(
        f"CREATE OR REPLACE TABLE active_days AS SELECT {', '.join(columns)} FROM ("  # noqa: S608  # our own names
        f"SELECT DISTINCT member_id, {local_day('occurred_at', since, days)} AS local_day "
        "FROM facts "
        "WHERE event IN ('order', 'activity') "
        f"AND occurred_at >= {moment(since)} AND occurred_at < {moment(days.as_of)}"
        ") GROUP BY member_id"
    )


def local_day(column: str, since: datetime, days: Days) -> str:
    """Give SQL for the number, since 1970, of the day on which a moment from `since` on falls."""
    first, *later = days.offsets(since)
    offset = f"{_microseconds(first[1].total_seconds())}"
    for begins, ahead in later:
        held = _microseconds(ahead.total_seconds())
        offset = f"CASE WHEN {column} >= {moment(begins)} THEN {held} ELSE {offset} END"
    # a floor: the whole part of a division is the day after, before 1970
    return f"floor((epoch_us({column}) + ({offset})) / 86400000000.0)::BIGINT"


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)
