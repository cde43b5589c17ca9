"""Addresses that show what came, so that reading and answering can be tested through HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from apiflask import APIBlueprint
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.operation import operation
from app.api.requests import DOCUMENT_TYPES, body_as, body_json, document_as, query_as
from app.auth import Scope
from experiments import errors as domain
from stats.errors import EngineUnavailable, MissingColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from apiflask import APIFlask
    from flask import Response


class Part(BaseModel):
    """A part of what is sent."""

    model_config = ConfigDict(extra="forbid")

    key: str
    share: Annotated[float, Field(ge=0, le=100)] = 0


class Whole(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")

    name: str
    parts: list[Part] = []
    starts_at: AwareDatetime | None = None


class Question(BaseModel):
    """A query string."""

    model_config = ConfigDict(extra="forbid")

    campaign: str = Field(description="Key of the campaign.")
    locale: str | None = Field(default=None, description="Locale of the copy.")


def domain_faults() -> dict[str, Exception]:
    """Give one of each fault that the domain can raise."""
    url = "postgresql://db.internal/tierlift"
    refused = [domain.Problem("variants[1].key", "A", "stands twice", "Choose another.")]
    return {
        "invalid-values": domain.InvalidValues(refused),
        "launch-refused": domain.LaunchRefused(refused),
        "unsafe-change": domain.UnsafeChange(refused),
        "unknown-campaign": domain.UnknownCampaign("gold", known=("silver",)),
        "unknown-variant": domain.UnknownVariant("C", known=("A", "B"), within="gold"),
        "unknown-member": domain.UnknownMember("m1"),
        "campaign-exists": domain.CampaignExists("gold"),
        "illegal-move": domain.IllegalMove("gold", "draft", "pause", ["launch"]),
        "stale-campaign": domain.StaleCampaign("gold"),
        "member-erased": domain.MemberErased("m1"),
        "database-missing": domain.DatabaseMissing(url, "refused", "Start it."),
        "database-locked": domain.DatabaseLocked(url, "busy"),
        "query-timed-out": domain.QueryTimedOut(url, "too slow"),
        "schema-outdated": domain.SchemaOutdated(url, "0001", "0002"),
        "schema-newer": domain.SchemaNewer(url, "0009", "0002"),
        "archive-busy": domain.ArchiveBusy(60),
        "recompute-busy": domain.RecomputeBusy(0),
        "archive-failed": domain.ArchiveMissing("s3://key:secret@bucket", "Make it."),
        "engine-unavailable": EngineUnavailable("spark", "no Java", "install one"),
        "facts-unusable": MissingColumn("exposures", "variant", ("arm",)),
        "internal": RuntimeError("password=hunter2"),
    }


def probe() -> APIBlueprint:
    """Make the addresses; a blueprint belongs to one application."""
    blueprint = APIBlueprint("probe", __name__, url_prefix="/v1/probe", tag="Probe")

    @blueprint.post("/json")
    @operation(scope=None, answer=None, body=dict)
    def any_json() -> Response:
        """Give back the JSON that came."""
        return json_answer({"came": body_json()})

    @blueprint.post("/model")
    @operation(scope=None, answer=Whole, body=Whole)
    def model() -> Response:
        """Give back the model that came."""
        return json_answer(body_as(Whole))

    @blueprint.post("/document")
    @operation(
        scope=Scope.CAMPAIGNS_WRITE,
        answer=Whole,
        status=201,
        body=Whole,
        media_types=DOCUMENT_TYPES,
        problems=(domain.CampaignExists,),
        example={"name": "gold"},
    )
    def document() -> Response:
        """Give back the document that came.

        It may be JSON or YAML.
        """
        return json_answer(document_as(Whole), 201)

    @blueprint.get("/members/<member_id>")
    @operation(scope=Scope.OFFERS_READ, answer=Question, query=Question)
    def query(member_id: str) -> Response:
        """Give back the query that came."""
        return json_answer({"member_id": member_id, **query_as(Question).model_dump()})

    @blueprint.get("/faults/<name>")
    @operation(scope=None, answer=None, path={"name": "Name of the fault."})
    def fault(name: str) -> Response:
        """Raise a fault."""
        raise domain_faults()[name]

    return blueprint


@pytest.fixture
def app(app: APIFlask) -> APIFlask:
    """Give the application with the addresses of these tests beside its own."""
    app.register_blueprint(probe())
    return app


@pytest.fixture
def writer(bearer: Callable[..., dict[str, str]]) -> dict[str, str]:
    """Give the header of a key that may write campaigns."""
    return bearer(Scope.CAMPAIGNS_WRITE)
