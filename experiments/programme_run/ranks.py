"""Ranks those who ordered into fifths: by how lately, how often and how much.

Members with the same value stand in the order of their ids, so that the fifths are the same
whoever computes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

PARTS: Final = 5

GROUP: Final = (
    "CASE WHEN rfm_recency >= 4 AND rfm_frequency + rfm_monetary >= 8 THEN 'high_value' "
    "WHEN rfm_recency >= 3 THEN 'potential' "
    "WHEN rfm_frequency + rfm_monetary >= 7 THEN 'at_risk' "
    "ELSE 'dormant' END"
)
"""Which group three fifths make."""


def rank_members(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `ranks` of the members who ordered."""
    orders = {
        "rfm_recency": "last_order",
        "rfm_frequency": "orders",
        "rfm_monetary": "revenue",
    }
    columns = ", ".join(
        f"ntile({PARTS}) OVER (ORDER BY {value}, member_id) AS {name}"
        for name, value in orders.items()
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE ranks AS SELECT *, {GROUP} AS rfm_group FROM ("  # noqa: S608  # our own names
        f"SELECT member_id, {columns} FROM totals SEMI JOIN people USING (member_id) "
        "WHERE orders > 0)"
    )
