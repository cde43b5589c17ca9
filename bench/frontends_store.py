"""Makes databases that frontends are served from: some campaigns, and as many members as wished."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Final

from app.analysis import make_plan
from app.auth import Scope, create_key
from experiments.campaign import CampaignDesign
from experiments.lifecycle import Act, create_campaign, launch_campaign, set_programme
from experiments.programme import Programme
from experiments.store import schema
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from pathlib import Path

ADMITTED, REFUSED = "silver", "bronze"
"""Tiers of the members: every second one is admitted by the campaigns' rule."""

_PROGRAMME: Final = {
    "name": "Harbour Club",
    "time_zone": "Asia/Taipei",
    "currency": "TWD",
    "locales": ["zh-Hant-TW", "en"],
    "tiers": [{"key": key} for key in ("bronze", "copper", "silver", "gold")],
}
_TEXTS: Final = {
    "en": {"title": "A gift awaits you", "body": "Reach gold before the summer and choose a gift."},
    "zh-Hant-TW": {"title": "好禮等您", "body": "夏天前升上金卡, 好禮任選。"},
}
_OFFER: Final = {
    "kind": "gift",
    "gift": "A tea set",
    "target_tier": "gold",
    "unit_cost_minor": 30_000,
    "currency": "TWD",
    "texts": _TEXTS,
}
_RULE: Final = {"attribute": "tier", "operator": "ONE_OF", "value": ["copper", "silver"]}
_DESIGN: Final = {
    "name": "Gold before the summer",
    "audience": {"any_of": [{"all_of": [_RULE]}]},
    "variants": [
        {"key": "control", "planned_share": 50},
        {"key": "gift", "planned_share": 50, "offer": _OFFER},
    ],
    "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
}

_MEMBERS: Final = """
INSERT INTO members
    (member_id, attributes, personalisation_consent, created_at, updated_at)
WITH RECURSIVE numbers (number) AS (
    SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < ?
)
SELECT
    printf('m-%08d', number),
    printf(
        '{"tier":"%s","city":"Taipei","spend":%d,"orders":%d,"joined":"2024-03-01"}',
        iif(number % 2, 'bronze', 'silver'), number % 5000, number % 40
    ),
    1, 0, 0
FROM numbers
"""


@dataclass(frozen=True, slots=True)
class Club:
    """What a database holds.

    Attributes:
        url: Its address.
        token: An API key that may do everything.
        campaigns: How many run; `campaign_key` names them.
        members: How many there are.
    """

    url: str
    token: str
    campaigns: int
    members: int

    def admitted(self, count: int) -> list[str]:
        """Give members whom the campaigns assign, from all over the file and always the same."""
        return self._drawn(count, 0)

    def refused(self, count: int) -> list[str]:
        """Give members whom the campaigns' rule refuses; nothing is written for them."""
        return self._drawn(count, 1)

    def _drawn(self, count: int, remainder: int) -> list[str]:
        numbers = Random(1).sample(range(self.members // 2), count)  # noqa: S311  # not a secret
        return [f"m-{number * 2 + remainder:08}" for number in numbers]


def campaign_key(number: int) -> str:
    """Give the key of a campaign, counted from 0."""
    return f"gold-{number}"


def make_club(path: Path, *, campaigns: int, members: int) -> Club:
    """Make a SQLite database, campaigns launched as in earnest, members inserted at once."""
    url = f"sqlite:///{path}"
    schema.upgrade(url)
    now = datetime.now(UTC)
    act = Act(now, "bench")
    engine = open_engine(url)
    try:
        set_programme(engine, Programme.model_validate(_PROGRAMME), now)
        for number in range(campaigns):
            key = campaign_key(number)
            create_campaign(engine, CampaignDesign.model_validate({**_DESIGN, "key": key}), act)
            launch_campaign(engine, key, act, make_plan=make_plan)
        token = create_key(engine, "bench", Scope, now).text
    finally:
        engine.dispose()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        connection.execute(_MEMBERS, (members,))
    connection.close()
    return Club(url, token, campaigns, members)
