"""Gives the configuration to clients that decide locally, in the form and at the place they ask."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, request
from pydantic import BaseModel, Field

from app.api.answers import JSON
from app.api.context import wiring
from app.api.operation import operation
from app.auth import Scope
from app.front.ofrep import matches
from experiments.ufc import Omission, ufc_document

if TYPE_CHECKING:
    from experiments.directory import Listing

RULE: Final = "/flag-config/v1/config"
KEY_PARAMETER: Final = "apiKey"
EXTENSION: Final = "tierlift.flag_configs"
NOT_MODIFIED: Final = 304

blueprint = APIBlueprint("flag_config", __name__, tag="Flags")


@dataclass(frozen=True, slots=True)
class FlagConfig:
    """The configuration, ready to be sent.

    Attributes:
        tag: A strong entity tag; equal bodies have equal tags in every process.
    """

    body: bytes
    tag: str

    def headers(self) -> dict[str, str]:
        """Give what says that a client may keep it, and must ask whether it still holds."""
        return {"ETag": self.tag, "Cache-Control": "private, no-cache"}

    def is_known_by(self, if_none_match: str) -> bool:
        """Say whether a client that sent this header has it already."""
        return matches(if_none_match, self.tag)


class FlagConfigs:
    """The configuration of one process, written once for each listing of campaigns."""

    def __init__(self) -> None:
        """Know none yet."""
        self._last: tuple[Listing, FlagConfig] | None = None

    def of(self, listing: Listing) -> FlagConfig:
        """Give the configuration of a listing; windows are part of it, so the clock is not read."""
        last = self._last
        if last is None or last[0] is not listing:
            last = (listing, _written(listing))
            self._last = last
        return last[1]


def _written(listing: Listing) -> FlagConfig:
    document = ufc_document(listing.catalogue, listing.campaigns, listing.programme)
    body = orjson.dumps(document)
    return FlagConfig(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


class FlagConfigQuery(BaseModel):
    """How clients of this form present their key; whatever else they say is not read."""

    api_key: Annotated[
        str | None,
        Field(
            alias=KEY_PARAMETER,
            description="The API key, where no header carries it. It is never logged.",
        ),
    ] = None


class OmittedCampaign(BaseModel):
    """A campaign that only the server can decide."""

    key: str
    reason: Omission
    detail: Annotated[str, Field(description="What exactly stands against it; may be empty.")]


class Remarks(BaseModel):
    """What clients of this form do not read."""

    catalogue_version: Annotated[str, Field(description="Names the configuration.")]
    omitted: list[OmittedCampaign]


class FlagEnvironment(BaseModel):
    """Where the configuration comes from."""

    name: Annotated[str, Field(description="The programme's name.")]


class FlagConfiguration(BaseModel):
    """A Universal Flag Configuration."""

    created_at: Annotated[
        datetime, Field(alias="createdAt", description="Latest change of a campaign.")
    ]
    format: Literal["SERVER"]
    environment: FlagEnvironment
    flags: Annotated[dict[str, dict[str, Any]], Field(description="By key of the campaign.")]
    tierlift: Remarks


@blueprint.before_request
def take_key_from_query() -> None:
    """Read the key where these clients put it, as if it had come in its header."""
    environ = request.environ
    if "HTTP_AUTHORIZATION" not in environ and (key := request.args.get(KEY_PARAMETER)):
        environ.setdefault("HTTP_X_API_KEY", key)


@blueprint.get(RULE)
@operation(
    scope=Scope.FLAGS_READ,
    query=FlagConfigQuery,
    answer=FlagConfiguration,
    also_empty=(NOT_MODIFIED,),
)
def read_flag_config() -> Response:
    """Give the configuration for clients that decide locally.

    It is a Universal Flag Configuration of the campaigns that a client can decide as the server
    would; `tierlift.omitted` names the others with the reason. It shows rules and shares, so no
    browser should have it. With `If-None-Match` the answer is 304 while it is the same.
    """
    configs: FlagConfigs = current_app.extensions.setdefault(EXTENSION, FlagConfigs())
    config = configs.of(wiring().serving.watch.listing())
    if config.is_known_by(request.headers.get("If-None-Match", "")):
        return Response(status=NOT_MODIFIED, headers=config.headers())
    return Response(config.body, headers=config.headers(), mimetype=JSON)
