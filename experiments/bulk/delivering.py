"""Writes who gets what as CSV or Parquet, for the system that sends e-mail, SMS or push messages.

One row a member. Every member of a variant gets the same offer, so texts, zones and offers are
looked up in small tables; only ids go through row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

import duckdb
import pyarrow as pa

from experiments.assignment import Reason
from experiments.bulk import literals
from experiments.bulk.deciding import DECIDED, outcome_of, told_column
from experiments.locale import fall_back, negotiate

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime
    from pathlib import Path

    from experiments.catalogue import CompiledCampaign
    from experiments.offer import Offer
    from experiments.programme import Programme

LOCALE: Final = "locale"
"""The attribute that says which language a member reads."""

TIME_ZONE: Final = "time_zone"
"""The attribute that names the zone in which a member lives."""

TOLD: Final = (LOCALE, TIME_ZONE)
COLUMNS: Final = (
    "member_id", "variant", "offer_id", "locale", "channel", "timezone", "expires_at",
)  # fmt: skip
REASON: Final = "reason"
"""The column that a file of all members has beside `COLUMNS`."""

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell of text may not begin with, full-width forms included (OWASP, CSV injection)."""

_LONGEST_LOCALE: Final = 35
"""Characters that a tag needs at most (RFC 5646, 4.4.1)."""

_MOMENT: Final = pa.timestamp("us", tz="UTC")


class Channel(StrEnum):
    """How members are told."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class FileFormat(StrEnum):
    """How the file is written."""

    CSV = "csv"
    PARQUET = "parquet"


class Who(StrEnum):
    """Who stands in the file.

    TREATED: those who get something. ASSIGNED: the control, too. EVERYONE: those who are not
    assigned as well, with the reason.
    """

    TREATED = "treated"
    ASSIGNED = "assigned"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be written.

    Attributes:
        campaign: Compiled.
        programme: Gives locales and zone where a member or an offer says none.
    """

    campaign: CompiledCampaign
    programme: Programme | None
    path: Path
    format: FileFormat
    channel: Channel
    who: Who


def write_file(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, told: AbstractSet[str]
) -> int:
    """Write the members of `DECIDED`, in the order in which they were read; give the rows.

    Args:
        connection: Where `DECIDED` is.
        delivery: What is to be written.
        told: Those of `TOLD` of which `DECIDED` has a column.

    Raises:
        OSError: The file cannot be written.
    """
    connection.register("meanings", _meanings(delivery))
    connection.register("locales", _locales(connection, delivery, told))
    connection.register("zones", pa.table({"zone": sorted(available_timezones())}))
    member_id, expires_at = "d.member_id", "m.expires_at"
    options = "FORMAT parquet"
    if delivery.format is FileFormat.CSV:
        member_id = harmless_sql(member_id)
        expires_at = "m.expires_at_text"
        options = "FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"'"
    zone = literals.text(delivery.programme.time_zone if delivery.programme else "UTC")
    zones = ""
    if TIME_ZONE in told:
        zone = f"COALESCE(z.zone, {zone})"
        zones = f"LEFT JOIN zones z ON z.zone = d.{told_column(TIME_ZONE)}"
    asked = f"AND l.asked = {_asked('d')}" if LOCALE in told else ""
    reason = f", m.reason AS {REASON}" if delivery.who is Who.EVERYONE else ""
    query = (
        f"SELECT {member_id} AS member_id, m.variant AS variant, m.offer_id AS offer_id, "  # noqa: S608  # literals are quoted
        f"l.locale AS locale, {literals.text(delivery.channel)} AS channel, {zone} AS timezone, "
        f"{expires_at} AS expires_at{reason} FROM {DECIDED} d "
        f"JOIN meanings m ON m.outcome = d.outcome "
        f"JOIN locales l ON l.outcome = d.outcome {asked} {zones}"
    )
    # as the query says it: the large table goes through, in its order, and meets the small ones
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        connection.execute(f"COPY ({query}) TO {literals.text(str(delivery.path))} ({options})")
        return int(connection.fetchall()[0][0])
    except duckdb.IOException as error:
        raise OSError(str(error).splitlines()[0]) from error


def _meanings(delivery: Delivery) -> pa.Table:
    """Give what each outcome means that stands in the file."""
    campaign = delivery.campaign
    rows = [
        (place, variant.key, variant.offer, Reason.ASSIGNED)
        for place, variant in enumerate(campaign.variants)
        if delivery.who is not Who.TREATED or not variant.control
    ]
    refusals = [reason for reason in Reason if reason is not Reason.ASSIGNED]
    if delivery.who is Who.EVERYONE:
        rows += [(outcome_of(one), "", campaign.default_offer, one) for one in refusals]
    safe = harmless_cell if delivery.format is FileFormat.CSV else str
    ids = [offer.offer_id or f"{campaign.key}.{key or 'default'}" for _, key, offer, _ in rows]
    expiries = [offer.expires_at for _, _, offer, _ in rows]
    return pa.table(
        {
            "outcome": pa.array([outcome for outcome, *_ in rows], pa.int8()),
            "variant": pa.array([safe(key) if key else None for _, key, *_ in rows], pa.string()),
            "offer_id": pa.array([safe(offer_id) for offer_id in ids], pa.string()),
            "expires_at": pa.array(expiries, _MOMENT),
            "expires_at_text": pa.array([_moment_text(one) for one in expiries], pa.string()),
            "reason": pa.array([str(reason) for *_, reason in rows], pa.string()),
        }
    )


def _locales(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, told: AbstractSet[str]
) -> pa.Table:
    """Give the locale of each outcome for each wish that a member has, and for none."""
    wishes = [""]
    if LOCALE in told:
        query = f"SELECT DISTINCT {_asked('d')} FROM {DECIDED} d"  # noqa: S608  # our own names
        wishes = sorted({"", *(asked for (asked,) in connection.execute(query).fetchall())})
    campaign = delivery.campaign
    offers = dict(enumerate(variant.offer for variant in campaign.variants))
    refusals = [reason for reason in Reason if reason is not Reason.ASSIGNED]
    offers |= dict.fromkeys(map(outcome_of, refusals), campaign.default_offer)
    rows = [
        (outcome, asked, _locale(offer, asked, delivery.programme))
        for outcome, offer in offers.items()
        for asked in wishes
    ]
    return pa.table(
        {
            "outcome": pa.array([outcome for outcome, _, _ in rows], pa.int8()),
            "asked": pa.array([asked for _, asked, _ in rows], pa.string()),
            "locale": pa.array([locale for _, _, locale in rows], pa.string()),
        }
    )


def _locale(offer: Offer, asked: str, programme: Programme | None) -> str | None:
    """Give the locale to write in: one that the offer has texts in, else one of the programme."""
    known = programme.locales if programme else ("en",)
    available = tuple(offer.texts) or known
    wishes = [asked] if asked else []
    return negotiate(wishes, available) or fall_back(wishes, known, available)


def _asked(table: str) -> str:
    """Give what a member asked for, or nothing where that cannot be a locale."""
    column = f"{table}.{told_column(LOCALE)}"
    return f"CASE WHEN length({column}) <= {_LONGEST_LOCALE} THEN {column} ELSE '' END"


def harmless_cell(value: str) -> str:
    """Give text that no spreadsheet takes for a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_RISKY) else value


def harmless_sql(column: str) -> str:
    """Give the same as `harmless_cell`, in SQL."""
    risky = ", ".join(map(literals.text, _RISKY))
    escaped = f"{literals.text(chr(39))} || {column}"
    first = f"left(ltrim({column}, ' '), 1)"
    return f"CASE WHEN {first} IN ({risky}) THEN {escaped} ELSE {column} END"


def _moment_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
