"""People and what they did, as the tests of privacy know them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.analysis.planning import make_plan
from experiments.arrival import Arrival
from experiments.directory import Directory
from experiments.lifecycle import Act, create_campaign, launch_campaign, set_programme
from experiments.member import checked_member
from experiments.memory import Memory
from experiments.recording import import_members, record_conversions, record_exposures
from experiments.serving import Asking, Serving, offers_for
from experiments.store.engine import reading
from experiments.store.folding import fold_all
from experiments.store.group_commit import group_commit
from experiments.store.tables import metadata
from experiments.watch import Watch
from tests.experiments.designs import NOW, design, programme

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.outcomes import Outcome

MEMBERS = tuple(f"person-{number:02}" for number in range(12))
SEGMENTS = [{"key": "region"}]


@dataclass
class World:
    """A store and what happens in it; its clock is moved by the test."""

    engine: Engine
    now: datetime = NOW
    serving: Serving = field(init=False)

    def __post_init__(self) -> None:
        """Serve offers as a process does."""
        directory, memory = Directory(), Memory()
        watch = Watch(self.engine, directory, memory)
        self.serving = Serving(self.engine, watch, memory, group_commit(self.engine))

    def act(self, reason: str | None = None) -> Act:
        """Give an act of an operator, now."""
        return Act(self.now, "an operator", reason)

    def begin(self) -> None:
        """Set the programme and launch the two campaigns."""
        set_programme(self.engine, programme(), self.now)
        for key, unit in (("gold-q3", "member"), ("family", "household")):
            made = design(
                key=key,
                randomization_unit=unit,
                exposure_logging="server",
                conversion_window_days=7,
                analysis={"segments": SEGMENTS} if unit == "member" else {},
            )
            create_campaign(self.engine, made, self.act())
            launch_campaign(self.engine, key, self.act(), make_plan=make_plan)

    def live(self) -> None:
        """Let everybody be known, be offered something, and buy."""
        import_members(
            self.engine,
            [
                checked_member(
                    one,
                    {
                        "tier": "silver", "region": "north" if number % 2 else "south",
                        "name": f"Name of {one}", "household_id": f"house-{number // 2:02}",
                    },
                )
                for number, one in enumerate(MEMBERS)
            ],
            self.now,
            with_consent=False,
        )  # fmt: skip
        for one in MEMBERS:
            self.offers(one)
        self.now += timedelta(days=2)
        for number, one in enumerate(MEMBERS):
            for time in range(number % 3 + 1):
                self.buys(one, f"order of {one}, {time}", 1_000 + 10 * number)
        fold_all(self.engine, within_s=60.0)

    def offers(self, member_id: str) -> dict[str, tuple[str, str | None]]:
        """Give reason and variant of a member's offers, by campaign."""
        self.serving.watch.expire()
        listing = self.serving.watch.listing()
        answers = offers_for(self.serving, listing, Asking(member_id, self.now))
        return {
            one.campaign.key: (str(one.reason), one.variant.key if one.variant else None)
            for one in answers
        }

    def buys(self, member_id: str, order: str, amount: int = 500) -> Outcome:
        """Send an order; say what became of it."""
        return self.sends(
            {
                "conversion_id": order, "member_id": member_id, "event": "order",
                "amount_minor": amount, "currency": "TWD",
                "properties": {"note": f"for {member_id}", "margin_minor": amount // 4},
            }
        )  # fmt: skip

    def sends(self, *items: dict[str, Any]) -> Outcome:
        """Send conversions; say what became of the first."""
        return record_conversions(self.engine, items, Arrival(self.now, "shop")).outcomes[0]

    def sees(self, member_id: str, campaign: str, variant: str, exposure: str) -> Outcome:
        """Send an exposure; say what became of it."""
        item = {"exposure_id": exposure, "campaign": campaign, "variant": variant,
                "member_id": member_id}  # fmt: skip
        arrival = Arrival(self.now, "shop")
        return record_exposures(self.engine, Directory(), [item], arrival).outcomes[0]


def everything(engine: Engine) -> str:
    """Give all that a database holds, as text."""
    with reading(engine) as connection:
        return "\n".join(
            f"{table.name} {list(map(str, row))}"
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
        )


def rows(engine: Engine, table: str) -> Sequence[dict[str, Any]]:
    """Give the rows of a table."""
    with reading(engine) as connection:
        found = connection.execute(select(metadata.tables[table])).mappings()
        return [{str(name): value for name, value in row.items()} for row in found]


def bytes_on_disk(engine: Engine) -> bytes:
    """Give what the files of a SQLite database hold, whatever of it is still in use."""
    path = str(engine.url.database)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    connection.close()
    content = b""
    for ending in ("", "-wal"):
        try:
            with open(f"{path}{ending}", "rb") as stream:  # noqa: PTH123  # a suffix is no part of a path
                content += stream.read()
        except FileNotFoundError:
            continue
    return content
