"""Puts pseudonyms in the place of a member's ids in every table, and removes what is no fact.

Finding the rows reads whole tables, since writing facts is not slowed down by indexes that nothing
else needs. So they are found first, while others write; what came meanwhile is found by the number
of its transaction once writers are kept out. Rows keep the number of the transaction that wrote
them: they are the same facts, which the archive has already and no fold has to count again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select, update

from experiments.pseudonym import (
    MEASURED,
    Pseudonyms,
    attributes_read,
    is_pseudonym,
    new_salt,
    properties_read,
)
from experiments.store.arrivals import frontier, unhurried
from experiments.store.holdings import HOLDINGS, Holding, mentions
from experiments.store.tables import (
    WRITTEN_BY,
    campaigns,
    erased_members,
    exposure_folding,
    first_exposures,
    grants,
    members,
    phases,
    quarantine,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_PLACES: Final = ("campaign_key", "phase", "variant")
_FACTS: Final = tuple(one for one in HOLDINGS if not one.is_derived and WRITTEN_BY in one.table.c)
"""Tables whose rows stay, under a pseudonym."""

_GONE_REASON: Final = "The member was erased."


@dataclass(slots=True)
class FoundRows:
    """The rows about some members, and about the households that they are in.

    Attributes:
        until: Rows of transactions with this number or a later one were not looked for.
        rows: Ids, campaign, phase and variant of each, by table and by key.
        households: Households of each member, as known now and as in these rows.
    """

    until: int
    rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = field(default_factory=dict)
    households: dict[str, set[str]] = field(default_factory=dict)

    def is_empty(self, member_id: str) -> bool:
        """Say whether no fact is about the member."""
        return not any(
            member_id in (row["member_id"], row.get("unit_id"))
            for rows in self.rows.values()
            for row in rows.values()
        )


def find_rows(connection: Connection, wanted: Collection[str]) -> FoundRows:
    """Find the rows about members; reads whole tables, once for all of them.

    Args:
        connection: In a read transaction; others may write meanwhile.
        wanted: Ids of members.
    """
    unhurried(connection)
    found = FoundRows(frontier(connection).number)
    for holding in _FACTS:
        found.rows[holding.name] = _keyed(connection, holding, wanted, None)
    households = _households(connection, found, wanted)
    if households:  # of others, which decide whether a household is the member's alone
        for holding in _FACTS:
            found.rows[holding.name] |= _keyed(connection, holding, households, None)
    return found


def catch_up(connection: Connection, found: FoundRows, wanted: Collection[str]) -> None:
    """Add the rows that were written since they were looked for; writers are kept out by now."""
    for holding in _FACTS:
        found.rows[holding.name] |= _keyed(connection, holding, wanted, found.until)
    households = _households(connection, found, wanted)
    for holding in _FACTS:
        if households:
            found.rows[holding.name] |= _keyed(connection, holding, households, found.until)


def keep_folds_out(connection: Connection) -> None:
    """Wait for who sums up exposures, and keep them out until the commit."""
    connection.execute(select(exposure_folding).with_for_update()).all()


def pseudonyms_for(connection: Connection, found: FoundRows, member_id: str) -> Pseudonyms:
    """Decide what stands for a member, and what of the rows stays."""
    of_member = _rows_of(found, member_id)
    wanted = {
        (row["campaign_key"], row["phase"])
        for name, row in of_member
        if name in {"assignments", "exposures"}
    }
    attributes: dict[tuple[str, int], frozenset[str]] = {}
    properties = set(MEASURED)
    query = select(phases.c.campaign_key, phases.c.number, phases.c.analysis_plan)
    for campaign, number, plan in connection.execute(query):
        properties |= properties_read(plan)
        if (campaign, number) in wanted:
            attributes[campaign, number] = attributes_read(plan)
    alone = frozenset(
        household
        for household in found.households.get(member_id, ())
        if _is_alone(connection, found, member_id, household)
    )
    return Pseudonyms(member_id, new_salt(), alone, attributes, frozenset(properties))


def pseudonymise(
    connection: Connection, found: FoundRows, pseudonyms: Pseudonyms
) -> tuple[dict[str, int], tuple[tuple[str, int], ...]]:
    """Put pseudonyms in the place of a member's ids, wherever they are, and remove the rest.

    Returns:
        How many rows were changed or removed, by table; and the campaigns and phases concerned.
    """
    member_id = pseudonyms.member_id
    concerned = sorted(
        {
            (row["campaign_key"], row["phase"])
            for name, row in _rows_of(found, member_id)
            if name in {"assignments", "exposures"}
        }
    )
    counts: dict[str, int] = {}
    old_grants = _copy_grants(connection, pseudonyms)
    for holding in _FACTS:
        changed = _change(connection, holding, found, pseudonyms)
        if changed:
            counts[holding.name] = changed
    if old_grants:
        connection.execute(delete(grants).where(grants.c.grant_id.in_(old_grants)))
        counts["grants"] = len(old_grants)
    for holding in HOLDINGS:
        if holding.is_removed:
            about = holding.about([member_id])
            removed = connection.execute(delete(holding.table).where(about)).rowcount
            counts |= {holding.name: removed} if removed else {}
    household = connection.scalar(
        select(members.c.household_id).where(members.c.member_id == member_id)
    )
    gone = connection.execute(delete(members).where(members.c.member_id == member_id)).rowcount
    counts |= {"members": gone} if gone else {}
    for old in pseudonyms.households:
        new = pseudonyms.identity(old)
        statement = update(erased_members).where(erased_members.c.household_id == old)
        connection.execute(statement.values(household_id=new))
    if household is not None and _goes_by_household(connection):
        values = {
            "pseudonym": pseudonyms.identity(member_id),
            "household_id": pseudonyms.identity(household),
        }
        connection.execute(insert(erased_members).values(**values))
    return counts, tuple(concerned)


def blank_quarantined(
    connection: Connection, member_ids: Collection[str], at: datetime, actor: str
) -> dict[str, int]:
    """Remove what quarantined items say of members; give how many there were of each.

    The items stay, so that what was refused can be counted; open ones are discarded.
    """
    unhurried(connection)
    columns = quarantine.c
    blanked = dict.fromkeys(member_ids, 0)
    query = select(
        columns.id, columns.payload, columns.correction, columns.item_id, columns.state
    ).order_by(columns.id)
    for number, payload, correction, item_id, state in connection.execute(query).all():
        texts = (payload, correction or "", item_id or "")
        named = [one for one in member_ids if any(mentions(text, one) for text in texts)]
        if not named:
            continue
        for one in named:
            blanked[one] += 1
        emptied = new_salt()
        values: dict[str, Any] = {
            "payload": "{}",
            "item_id": None,
            "correction": None,
            "problems": [
                {"field": "(item)", "value": None, "message": "was erased with its member",
                 "way_out": ""}
            ],
            # of nothing that came: what is sent again is not taken for it
            "digest": hashlib.sha256(emptied.encode()).hexdigest(),
        }  # fmt: skip
        if state == "open":
            values |= {"state": "discarded", "settled_at": at, "settled_by": actor,
                       "reason": _GONE_REASON}  # fmt: skip
        connection.execute(update(quarantine).where(columns.id == number).values(**values))
    return {one: count for one, count in blanked.items() if count}


def _change(
    connection: Connection, holding: Holding, found: FoundRows, pseudonyms: Pseudonyms
) -> int:
    """Change the rows of one table that are about the member, or the member's household alone."""
    rows, table = found.rows[holding.name], holding.table
    touched = [
        (key, row)
        for key, row in rows.items()
        if not pseudonyms.replaced.isdisjoint({row["member_id"], row.get("unit_id")})
    ]
    for key, row in touched:
        here = _is_row(holding, key)
        whole = connection.execute(select(table).where(*here)).mappings().one_or_none()
        if whole is None:
            del rows[key]
            continue
        changes = pseudonyms.changes(holding.name, dict(whole))
        connection.execute(update(table).where(*here).values(**changes))
        if holding.name == "exposures":
            _change_first(connection, row, pseudonyms)
        after = {**whole, **changes}
        del rows[key]
        rows[tuple(after[name] for name in holding.key)] = {
            **row, **{name: after[name] for name in ("member_id", "unit_id") if name in row}
        }  # fmt: skip
    return len(touched)


def _copy_grants(connection: Connection, pseudonyms: Pseudonyms) -> list[str]:
    """Keep a member's grants under new ids beside the old ones, which their moves refer to."""
    keys = list(connection.scalars(select(campaigns.c.key)))
    query = select(grants).where(
        grants.c.campaign_key.in_(keys), grants.c.member_id == pseudonyms.member_id
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    if rows:
        connection.execute(
            insert(grants), [{**row, **pseudonyms.changes("grants", row)} for row in rows]
        )
    return [row["grant_id"] for row in rows]


def _change_first(
    connection: Connection, exposure: Mapping[str, Any], pseudonyms: Pseudonyms
) -> None:
    """Change what an exposure was folded into; nothing where it was not, or already changed."""
    first = first_exposures.c
    unit = exposure["unit_id"] or ""
    connection.execute(
        update(first_exposures)
        .where(
            *(first[name] == exposure[name] for name in _PLACES),
            first.member_id == exposure["member_id"],
            first.unit_id == unit,
        )
        .values(
            member_id=pseudonyms.identity(exposure["member_id"]),
            unit_id=pseudonyms.identity(unit),
        )
    )


def _keyed(
    connection: Connection, holding: Holding, ids: Collection[str], since: int | None
) -> dict[tuple[Any, ...], dict[str, Any]]:
    table = holding.table
    names = [*holding.identities, *(name for name in _PLACES if name in table.c)]
    query = select(*(table.c[name] for name in dict.fromkeys((*holding.key, *names))))
    query = query.where(holding.about(ids))
    if since is not None:
        query = query.where(table.c[WRITTEN_BY] >= since)
    return {
        tuple(row[name] for name in holding.key): {name: row[name] for name in names}
        for row in connection.execute(query).mappings()
    }


def _rows_of(found: FoundRows, member_id: str) -> Iterable[tuple[str, dict[str, Any]]]:
    return [
        (name, row)
        for name, rows in found.rows.items()
        for row in rows.values()
        if member_id in (row["member_id"], row.get("unit_id"))
    ]


def _households(connection: Connection, found: FoundRows, wanted: Collection[str]) -> set[str]:
    """Note the households of members, as known now and as in their rows; give all of them."""
    query = select(members.c.member_id, members.c.household_id).where(
        members.c.member_id.in_(sorted(wanted)), members.c.household_id.is_not(None)
    )
    known: dict[str, set[str]] = {one: set() for one in wanted}
    for member_id, household in connection.execute(query):
        known[member_id].add(household)
    for rows in found.rows.values():
        for row in rows.values():
            unit = row.get("unit_id")
            if row["member_id"] in known and unit is not None and unit != row["member_id"]:
                known[row["member_id"]].add(unit)
    found.households = known
    return set().union(*known.values())


def _is_alone(connection: Connection, found: FoundRows, member_id: str, household: str) -> bool:
    """Say whether nobody else whose identity is known is, or was seen, in a household."""
    others = select(members.c.member_id).where(
        members.c.household_id == household, members.c.member_id != member_id
    )
    if connection.scalar(others.limit(1)) is not None:
        return False
    return not any(
        row.get("unit_id") == household
        and row["member_id"] != member_id
        and not is_pseudonym(row["member_id"])
        for rows in found.rows.values()
        for row in rows.values()
    )


def _goes_by_household(connection: Connection) -> bool:
    designs = connection.scalars(select(phases.c.design))
    return any(design.get("randomization_unit") == "household" for design in designs)


def _is_row(holding: Holding, key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        holding.table.c[name] == value for name, value in zip(holding.key, key, strict=True)
    )


def empty_write_ahead_log(engine: Engine) -> bool:
    """Let SQLite's log hold nothing of before; say whether it does, which readers may delay."""
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = cursor.fetchone() or (1,)
        cursor.close()
    finally:
        connection.close()
    return not busy
