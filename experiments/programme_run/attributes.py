"""Writes what was found as the attributes of a member, as JSON, and says for whom that is new.

The text is the one that PostgreSQL makes of a ``jsonb``: shorter names first, then by their
characters, a space after colon and comma. So what was kept before compares as text, on both
databases, and a member whose attributes stay the same is not written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.climb import measured_attribute
from experiments.programme_run.judging import FULL, column_of, key_of
from experiments.programme_run.opening import moment
from experiments.programme_run.rules import SHOWN_WINDOWS, amounts
from experiments.programme_run.totals import bounded

if TYPE_CHECKING:
    import duckdb

    from experiments.programme import Programme
    from experiments.programme_run.days import Days

_TEN_THOUSAND: Final = 10_000


def write_attributes(
    connection: duckdb.DuckDBPyConnection, programme: Programme, days: Days
) -> None:
    """Make the table `changed`: the new attributes of members whose computed ones differ.

    Beside them stands what the tier was, where it changed and nobody imports one.
    """
    ladder = programme.ladder.keys()
    pieces = [
        f"'\"{name}\": ' || {value}"
        for name, value in sorted(
            _values(programme, days).items(), key=lambda one: (len(one[0]), one[0])
        )
    ]
    # concat_ws leaves out what is null: an attribute that could not be computed is absent
    document = "'{' || concat_ws(', ', " + ", ".join(pieces) + ") || '}'"
    connection.execute(
        "CREATE OR REPLACE TABLE changed AS SELECT * FROM ("  # noqa: S608  # our own names
        f"SELECT member_id, {document} AS attributes, before, "
        "NOT is_imported AND has IS DISTINCT FROM had AND (had IS NOT NULL OR told_at IS NOT NULL) "
        "AS moved, had, has, "
        f"COALESCE({key_of('had', ladder)}, '') AS old_tier, "
        f"COALESCE({key_of('has', ladder)}, '') AS new_tier "
        "FROM judged j LEFT JOIN ranks r USING (member_id)"
        ") WHERE attributes IS DISTINCT FROM before OR moved"
    )


def _values(programme: Programme, days: Days) -> dict[str, str]:
    """Give the SQL of each attribute's value as JSON, null where it is absent."""
    ladder = programme.ladder.keys()
    values = {
        "tier": _quoted(key_of("has", ladder)),
        "tier_since": "'\"' || strftime(has_since, '%Y-%m-%dT%H:%M:%SZ') || '\"'",
        "next_tier": _quoted(key_of("next", ladder)),
        "tier_progress": _decimal("next_progress", FULL),
        "distance_to_next_minor": "spend_missing::VARCHAR",
        "distance_to_next_score": _decimal("score_missing", 100),
        "rfm_recency": "rfm_recency::VARCHAR",
        "rfm_frequency": "rfm_frequency::VARCHAR",
        "rfm_monetary": "rfm_monetary::VARCHAR",
        "rfm_group": _quoted("rfm_group"),
        "lifecycle_stage": _quoted(_stage(programme, days)),
    }
    for window in SHOWN_WINDOWS:
        values[f"orders_{window}d"] = f"orders_shown_{window}::VARCHAR"
        values[f"revenue_{window}d_minor"] = f"revenue_shown_{window}::VARCHAR"
    # what the ways to the tiers and the score are made of, so that progress can be shown by it
    for amount in amounts(programme):
        name = measured_attribute(amount.measure, amount.window_days)
        values.setdefault(name, f"{column_of(amount)}::VARCHAR")
    if programme.score is not None:
        values["score"] = _decimal("score", 100)
        for one in programme.score.measures:
            name = f"score_{one.measure.value}"
            values[name] = _decimal(name, 100)
    if programme.gross_margin_rate is not None:
        values["clv_so_far_minor"] = f"{_value_so_far(programme)}::VARCHAR"
    return values


def _value_so_far(programme: Programme) -> str:
    """Give net revenue times the margin, rounded half up, less what it cost to win a member."""
    rate = int((programme.gross_margin_rate or 0) * _TEN_THOUSAND)
    cost = programme.acquisition_cost_minor or 0
    # the floor of a half more; a division of negatives would round towards zero
    product = f"(revenue::HUGEINT * {rate} + {_TEN_THOUSAND // 2})"
    floor = f"(({product} - ((({product} % {_TEN_THOUSAND}) + {_TEN_THOUSAND}) % {_TEN_THOUSAND}))"
    return bounded(f"{floor} // {_TEN_THOUSAND} - {cost})")


def _stage(programme: Programme, days: Days) -> str:
    rule = programme.lifecycle
    dormant = moment(days.window_begins(rule.dormant_days))
    lost = moment(days.window_begins(rule.lost_days))
    new = moment(days.window_begins(rule.new_days))
    return (
        "CASE WHEN orders = 0 THEN 'potential' "
        f"WHEN last_sign < {lost} THEN 'lost' "
        f"WHEN last_sign < {dormant} THEN 'dormant' "
        f"WHEN first_order >= {new} THEN 'new' "
        f"WHEN orders_loyal >= {rule.loyal_orders} THEN 'loyal' "
        "ELSE 'active' END"
    )


def _quoted(text: str) -> str:
    # keys of tiers and our own words: nothing in them has to be escaped
    return f"'\"' || {text} || '\"'"


def _decimal(whole: str, parts: int) -> str:
    return f"({whole} / {float(parts)!r}::DOUBLE)::VARCHAR"
