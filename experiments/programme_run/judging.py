"""Decides score, tier, next tier and progress of every member, from their sums.

Numbers stay whole until the last step: a score counts in hundredths of a point and progress in
ten-thousandths, so that whoever has reached a threshold has exactly reached it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.bulk import literals
from experiments.programme_run.opening import moment
from experiments.programme_run.rules import SHOWN_WINDOWS, Amount, amounts, ways
from experiments.programme_run.totals import bounded, local_day
from experiments.score import Measure
from experiments.store.types import EPOCH, MICROSECOND

if TYPE_CHECKING:
    import duckdb

    from experiments.programme import Programme
    from experiments.programme_run.days import Days
    from experiments.programme_run.rules import Way

FULL: Final = 10_000
"""Progress that is complete."""

NO_TIER: Final = -1


def judge_members(
    connection: duckdb.DuckDBPyConnection,
    programme: Programme,
    days: Days,
    *,
    judged: str = "judged",
    imported_counts: bool = True,
) -> None:
    """Make a table of what the programme says of every member.

    Args:
        connection: With `people`, `totals`, `active_days` and `changes`.
        programme: The rules.
        days: The days that count.
        judged: Name of the table.
        imported_counts: Whether the next tier is above the imported tier, where there is one.
    """
    ladder = programme.ladder.keys()
    earliest = connection.execute("SELECT epoch_us(min(first_fact)) FROM totals").fetchall()[0][0]
    joined = (
        "NULL"
        if earliest is None
        else local_day("t.first_fact", EPOCH + earliest * MICROSECOND, days)
    )
    last = f"(DATE '{days.last.isoformat()}' - DATE '1970-01-01')"
    said = "(TRY_CAST(left(p.joined_on, 10) AS DATE) - DATE '1970-01-01')"
    validity = programme.tier_validity_days
    expires = "FALSE" if validity is None else f"had_since <= {moment(days.before(validity))}"
    manual = [place for place, tier in enumerate(programme.tiers) if tier.manual]
    is_manual = f"had IN ({', '.join(map(str, manual))})" if manual else "FALSE"
    above = "COALESCE(imported, has)" if imported_counts else "has"
    connection.execute(
        f"""CREATE OR REPLACE TABLE {judged} AS
        WITH counted AS (
            SELECT p.member_id, p.computed AS before,
                NULLIF(p.imported_tier, '') IS NOT NULL AS is_imported,
                {_rank("p.imported_tier", ladder)} AS imported,
                {_rank("c.tier", ladder)} AS told, c.changed_at AS told_at,
                {_rank("json_extract_string(p.computed, '$.tier')", ladder)} AS computed_rank,
                TRY_CAST(json_extract_string(p.computed, '$.tier_since') AS TIMESTAMPTZ)
                    AS computed_since,
                p.computed IS NOT NULL AS was_computed,
                GREATEST(0, {last} - COALESCE({said}, {joined}, {last})) AS tenure,
                t.first_order, t.last_sign, COALESCE(t.orders, 0) AS orders,
                COALESCE(t.revenue, 0) AS revenue,
                {_sums(programme)}
            FROM people p LEFT JOIN totals t USING (member_id)
            LEFT JOIN changes c USING (member_id) {_active_days(programme)}
        ), scored AS (
            SELECT *, {_score(programme)} FROM counted
        ), measured AS (
            SELECT *, {_progress(programme)},
                -- of two at the same moment, the fact says more than what was made of it
                told_at IS NOT NULL AND (computed_since IS NULL OR told_at >= computed_since)
                    AS is_told
            FROM scored
        ), holding AS (
            SELECT *, {_reached(programme)} AS reached,
                CASE WHEN is_told THEN told ELSE computed_rank END AS had,
                CASE WHEN is_told THEN told_at ELSE computed_since END AS had_since
            FROM measured
        ), decided AS (
            SELECT *, CASE
                WHEN had IS NULL OR COALESCE(reached, {NO_TIER}) >= had THEN reached
                WHEN {is_manual} OR NOT {expires} THEN had
                ELSE reached END AS has
            FROM holding
        ), placed AS (
            SELECT *, CASE WHEN has IS NULL THEN NULL
                WHEN has IS NOT DISTINCT FROM had THEN COALESCE(had_since, {moment(days.as_of)})
                ELSE {moment(days.as_of)} END AS has_since,
                {_next(programme, above)} AS next
            FROM decided
        )
        SELECT *, {_distances(programme)} FROM placed"""  # noqa: S608  # literals are quoted
    )


def key_of(rank: str, ladder: tuple[str, ...]) -> str:
    """Give SQL for the key of a rank, or null."""
    if not ladder:
        return "NULL::VARCHAR"
    cases = " ".join(f"WHEN {place} THEN {literals.text(key)}" for place, key in enumerate(ladder))
    return f"CASE {rank} {cases} END"


def _rank(key: str, ladder: tuple[str, ...]) -> str:
    if not ladder:
        return "NULL::INTEGER"
    cases = " ".join(f"WHEN {literals.text(key)} THEN {place}" for place, key in enumerate(ladder))
    return f"CASE {key} {cases} END"


def column_of(amount: Amount) -> str:
    """Give the name of the column that holds a measure."""
    return f"{amount.measure.value}_{amount.window_days or 'all'}"


def _sums(programme: Programme) -> str:
    """Give the columns of all measures, and of the windows that everybody has."""
    columns = {
        f"{name}_shown_{window}": f"COALESCE(t.{name}_{window}, 0)"
        for window in SHOWN_WINDOWS
        for name in ("orders", "revenue")
    }
    loyal = programme.lifecycle.active_days
    columns["orders_loyal"] = f"COALESCE(t.orders_{loyal}, 0)"
    for amount in amounts(programme):
        window = amount.window_days
        match amount.measure:
            case Measure.SPEND:
                value = f"COALESCE(t.revenue_{window}, 0)"
            case Measure.FREQUENCY:
                value = f"COALESCE(t.orders_{window}, 0)"
            case Measure.ENGAGEMENT:
                value = f"COALESCE(a.days_{window}, 0)"
            case Measure.REFERRALS:
                value = f"COALESCE(t.referrals_{window}, 0)"
            case Measure.AVERAGE_ORDER_VALUE:
                value = (
                    f"CASE WHEN t.orders_{window} > 0 "
                    f"THEN GREATEST(t.revenue_{window}, 0) // t.orders_{window} ELSE 0 END"
                )
            case Measure.TENURE:
                # more than anybody asks for says nothing, and would write everybody every day
                value = f"LEAST(tenure, {most_tenure(programme)})"
        columns[column_of(amount)] = value
    return ", ".join(f"{value} AS {name}" for name, value in columns.items())


def most_tenure(programme: Programme) -> int:
    """Give the longest tenure that the score or a way to a tier asks for, in days."""
    scored = programme.score.measures if programme.score is not None else ()
    asked = [one.full_at for one in scored if one.measure is Measure.TENURE]
    asked += [
        way.threshold
        for tier in programme.tiers
        for way in ways(programme, tier)
        if way.amount is not None and way.amount.measure is Measure.TENURE
    ]
    return max(asked, default=0)


def _active_days(programme: Programme) -> str:
    if any(amount.measure is Measure.ENGAGEMENT for amount in amounts(programme)):
        return "LEFT JOIN active_days a USING (member_id)"
    return ""


def _score(programme: Programme) -> str:
    """Give the score and its parts, in hundredths of a point."""
    if programme.score is None:
        return "NULL::BIGINT AS score"
    weights = sum(float(one.weight) for one in programme.score.measures)
    parts, columns = [], []
    for one in programme.score.measures:
        value = column_of(Amount(one.measure, one.window_days))
        share = f"(LEAST(GREATEST({value}, 0), {one.full_at})::DOUBLE / {float(one.full_at)!r})"
        parts.append(f"{float(one.weight)!r}::DOUBLE * {share}")
        columns.append(f"{_hundredths(parts[-1], weights)} AS score_{one.measure.value}")
    return ", ".join([f"{_hundredths(' + '.join(parts), weights)} AS score", *columns])


def _hundredths(weighted: str, weights: float) -> str:
    # the floor of a half more: rounding of its own has another rule in every language
    return f"floor(10000.0::DOUBLE * ({weighted}) / {weights!r}::DOUBLE + 0.5)::BIGINT"


def _value(way: Way) -> str:
    return "score" if way.amount is None else column_of(way.amount)


def _progress(programme: Programme) -> str:
    """Give, by tier with a way, how far a member is on the nearest one."""
    columns = ["0 AS no_progress"]
    for place, tier in enumerate(programme.tiers):
        found = [
            f"LEAST({FULL}, GREATEST({_value(way)}, 0)::HUGEINT * {FULL} // {way.threshold})"
            if way.threshold > 0
            else f"{FULL}"
            for way in ways(programme, tier)
        ]
        if found:
            columns.append(f"GREATEST({', '.join(found)})::INTEGER AS progress_{place}")
    return ", ".join(columns)


def ruled_places(programme: Programme) -> tuple[int, ...]:
    """Give the places on the ladder of the tiers that facts can admit to."""
    return tuple(
        place for place, tier in enumerate(programme.tiers) if tier.has_rule and not tier.manual
    )


def _reached(programme: Programme) -> str:
    """Give the highest tier that is reached; none where no tier has a way."""
    places = ruled_places(programme)
    if not places:
        return "NULL::INTEGER"
    cases = " ".join(f"WHEN progress_{place} >= {FULL} THEN {place}" for place in reversed(places))
    lowest = programme.tiers[0]
    everybody = "0" if not lowest.has_rule and not lowest.manual else "NULL"
    return f"CASE {cases} ELSE {everybody} END"


def _next(programme: Programme, above: str) -> str:
    cases = " ".join(
        f"WHEN COALESCE({above}, {NO_TIER}) < {place} THEN {place}"
        for place in ruled_places(programme)
    )
    return f"CASE {cases} END" if cases else "NULL::INTEGER"


def _distances(programme: Programme) -> str:
    """Give what is missing to the next tier: on the nearest way, by score and by spend."""
    progress, score, spend = [], [], []
    for place in ruled_places(programme):
        progress.append(f"WHEN {place} THEN progress_{place}")
        by_score, by_spend = [], []
        for way in ways(programme, programme.tiers[place]):
            missing = f"GREATEST(0, {way.threshold}::HUGEINT - {_value(way)})"
            if way.amount is None:
                by_score.append(missing)
            elif way.amount.measure is Measure.SPEND:
                by_spend.append(missing)
        score += [f"WHEN {place} THEN {one}" for one in by_score]
        spend += [f"WHEN {place} THEN LEAST({', '.join(by_spend)})"] if by_spend else []
    named = {"next_progress": progress, "score_missing": score, "spend_missing": spend}
    return ", ".join(f"{_by_next(cases)} AS {name}" for name, cases in named.items())


def _by_next(cases: list[str]) -> str:
    """Give the value that goes with the next tier, null for others; `bounded` knows no null."""
    if not cases:
        return "NULL::BIGINT"
    value = f"CASE next {' '.join(cases)} END"
    places = ", ".join(case.split()[1] for case in cases)
    return f"CASE WHEN next IN ({places}) THEN {bounded(value)} END"
