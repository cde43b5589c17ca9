"""A server as a business would run it for its frontends, with what clients of others need."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx
from sqlalchemy import text

from app.auth import KeyKind, Scope, create_key
from app.settings import LogFormat, Settings
from app.wiring import utc_now
from experiments.store.engine import open_engine
from tests.app.serving import started
from tests.experiments.designs import DESIGN, PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

SECRET: Final = "a-secret-of-the-tests-of-at-least-32-bytes"  # noqa: S105  # of this test server
DEFAULT: Final[dict[str, Any]] = {"kind": "none", "texts": {"title": "Bundled with the page"}}
"""What a client shows when nothing can be asked."""

LADDER: Final[list[dict[str, Any]]] = [
    {"key": "bronze", "entry_threshold_minor": 0},
    {"key": "silver", "entry_threshold_minor": 300_000},
    {
        "key": "gold",
        "entry_threshold_minor": 1_200_000,
        "paths": [{"measure": "referrals", "threshold": 5}],
    },
    {"key": "diamond", "entry_threshold_minor": 3_000_000},
]
"""The tiers of these servers, and how members climb them."""

_SILVER: Final = {
    "any_of": [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
}


@dataclass(frozen=True, slots=True)
class Frontend:
    """A server, and keys for it.

    Attributes:
        address: Where it answers.
        server_key: May fetch offers and send events.
        browser_key: The same from a page, with a member token.
        admin_key: May change campaigns and members.
        engine: Its database.
    """

    address: str
    server_key: str
    browser_key: str
    admin_key: str
    engine: Engine

    def variant_of(self, member_id: str, campaign: str = "gold-q3") -> str:
        """Compute the published bucket, without the product's code."""
        digest = hashlib.md5(f"{campaign}:1:split-{member_id}".encode()).hexdigest()  # noqa: S324  # the published formula
        return "control" if int(digest[:8], 16) % 10_000 < 5_000 else "gift"

    def report(self, campaign: str, variant: str, member_id: str | None) -> None:
        """Report an exposure, as a hook does."""
        item = {
            "exposure_id": f"{campaign}-{member_id}",
            "campaign": campaign,
            "variant": variant,
            "member_id": member_id,
        }
        headers = {"Authorization": f"Bearer {self.server_key}"}
        httpx.post(f"{self.address}/v1/exposures", json=item, headers=headers).raise_for_status()

    def exposures(self) -> set[tuple[str, str, str]]:
        """Give the exposures that are kept: campaign, variant, member."""
        query = text("SELECT campaign_key, variant, member_id FROM exposures")
        with self.engine.connect() as connection:
            return {(row[0], row[1], row[2]) for row in connection.execute(query)}

    def manage(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401  # JSON
        """Call an address with the key that may change things."""
        headers = {"Authorization": f"Bearer {self.admin_key}"}
        answer = httpx.request(method, self.address + path, json=document, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def frontend(folder: Path, template: Path, **changes: Any) -> Iterator[Frontend]:  # noqa: ANN401  # fields of Settings
    """Serve the campaigns of these tests until the block ends.

    Args:
        folder: For the database and the log.
        template: A migrated, empty SQLite file.
        changes: Settings that differ.
    """
    path = folder / "tierlift.db"
    shutil.copyfile(template, path)
    settings = Settings(
        database_url=f"sqlite:///{path}",
        log_format=LogFormat.JSON,
        **{"workers": 2, "threads": 4, "member_token_secret": SECRET, **changes},
    )
    engine = open_engine(settings.database_url)
    read_and_report = [Scope.OFFERS_READ, Scope.EVENTS_WRITE]
    keys = {
        "server_key": create_key(engine, "server", read_and_report, utc_now()),
        "browser_key": create_key(engine, "page", read_and_report, utc_now(), kind=KeyKind.BROWSER),
        "admin_key": create_key(
            engine,
            "admin",
            [Scope.CAMPAIGNS_WRITE, Scope.PROGRAMME_WRITE, Scope.MEMBERS_WRITE],
            utc_now(),
        ),
    }
    with started(settings, folder / "log") as server:
        made = Frontend(
            server.address, engine=engine, **{name: key.text for name, key in keys.items()}
        )
        made.manage("PUT", "/v1/programme", {**PROGRAMME, "tiers": LADDER})
        for key, changed in {
            "gold-q3": {},
            "silver-only": {"audience": _SILVER},
            "paused": {},
        }.items():
            made.manage("POST", "/v1/campaigns", {**deepcopy(DESIGN), "key": key, **changed})
            made.manage("POST", f"/v1/campaigns/{key}/launch", {"allow_unseen_events": True})
        made.manage("POST", "/v1/campaigns/paused/pause")
        yield made
    engine.dispose()
