"""Reads and sets the programme: zone, currency, locales, ladder, layers, holdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint

from app.api.answers import json_answer
from app.api.context import wiring
from app.api.operation import operation
from app.api.requests import DOCUMENT_TYPES, document_as
from app.auth import Scope
from experiments.errors import UnknownProgramme
from experiments.lifecycle import find_programme, set_programme
from experiments.programme import Programme

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("programme", __name__, tag="Programme")


@blueprint.get("/v1/programme")
@operation(scope=Scope.CAMPAIGNS_WRITE, answer=Programme, problems=(UnknownProgramme,))
def read_programme() -> Response:
    """Give the programme."""
    programme = find_programme(wiring().engine)
    if programme is None:
        raise UnknownProgramme
    return json_answer(programme)


@blueprint.put("/v1/programme")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=Programme,
    media_types=DOCUMENT_TYPES,
    answer=Programme,
    example={
        "time_zone": "Asia/Taipei",
        "currency": "TWD",
        "locales": ["zh-Hant-TW", "en"],
        "tiers": [{"key": "silver"}, {"key": "gold"}],
    },
)
def replace_programme() -> Response:
    """Set the programme, in place of what was known.

    Plans of phases that were launched before keep their currency and zone.
    """
    parts = wiring()
    return json_answer(set_programme(parts.engine, document_as(Programme), parts.clock()))
