"""A running service as its clients see it, with a clock that the test moves."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.auth import Scope
from tests.experiments.designs import DESIGN, NOW, PROGRAMME

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from flask.testing import FlaskClient
    from sqlalchemy import Engine
    from werkzeug.test import TestResponse


@dataclass
class Clock:
    """A clock that stands still until the test moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Give the present moment."""
        return self.now

    def forward(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time


@dataclass
class Service:
    """The API, with a key for every scope."""

    client: FlaskClient
    keys: dict[Scope, str]
    engine: Engine
    clock: Clock

    def call(self, method: str, path: str, scope: Scope, **request: Any) -> TestResponse:  # noqa: ANN401  # werkzeug's own arguments
        """Send one request with the key of a scope."""
        headers = {"Authorization": f"Bearer {self.keys[scope]}", **request.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **request)

    def offer(self, member: str, campaign: str = "gold-q3", **query: str) -> dict[str, Any]:
        """Fetch a member's offer."""
        answer = self.call(
            "GET",
            f"/v1/members/{member}/offer",
            Scope.OFFERS_READ,
            query_string={"campaign": campaign, **query},
        )
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def send(self, kind: str, items: object) -> TestResponse:
        """Send exposures or conversions."""
        return self.call("POST", f"/v1/{kind}", Scope.EVENTS_WRITE, json=items)

    def put_member(self, member: str, **attributes: object) -> TestResponse:
        """Send a member's attributes."""
        body = {"attributes": attributes}
        return self.call("PUT", f"/v1/members/{member}", Scope.MEMBERS_WRITE, json=body)

    def campaign(self, method: str, path: str = "", **request: Any) -> TestResponse:  # noqa: ANN401  # as above
        """Call an address under /v1/campaigns."""
        return self.call(method, f"/v1/campaigns{path}", Scope.CAMPAIGNS_WRITE, **request)

    def scorecard(self, campaign: str = "gold-q3", **query: str) -> TestResponse:
        """Read a scorecard."""
        path = f"/v1/campaigns/{campaign}/scorecard"
        return self.call("GET", path, Scope.REPORTS_READ, query_string=query)

    def set_programme(self, **changes: Any) -> None:  # noqa: ANN401  # fields of a document
        """Set the programme of the tests."""
        document = {**deepcopy(PROGRAMME), **changes}
        answer = self.call("PUT", "/v1/programme", Scope.PROGRAMME_WRITE, json=document)
        assert answer.status_code == 200, answer.text

    def start(self, key: str = "gold-q3", **permitted: bool) -> TestResponse:
        """Launch a draft before anything was seen: the facts of a test come after its launch."""
        permitted = {"allow_unseen_events": True, **permitted}
        return self.campaign("POST", f"/{key}/launch", json=permitted)

    def launch(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # fields of a document
        """Create the campaign of the tests, with some fields changed, and launch it."""
        document = {**deepcopy(DESIGN), **changes}
        created = self.campaign("POST", json=document)
        assert created.status_code == 201, created.text
        launched = self.start(document["key"])
        assert launched.status_code == 200, launched.text
        return launched.get_json()
