"""Shows the kinds of campaigns to start from, and gives complete drafts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import wiring
from app.api.operation import operation
from app.api.requests import query_as
from app.auth import Scope
from experiments.campaign import CampaignDesign
from experiments.document import Key
from experiments.errors import UnknownProgramme, UnknownTemplate
from experiments.lifecycle import find_programme
from experiments.templates import MARGINS, PRESETS, Template, draft_of, template_named

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("templates", __name__, tag="Campaigns")


class TemplateShown(BaseModel):
    """A kind of campaign to start from."""

    template: Template
    oec: Annotated[str, Field(description="The metric that decides.")]
    diagnostics: tuple[str, ...]
    guardrails: Annotated[
        dict[str, str], Field(description="Each with its margin, a share of the control's value.")
    ]


class TemplatesShown(BaseModel):
    """All kinds."""

    templates: list[TemplateShown]


class DraftQuery(BaseModel):
    """What the draft is to be."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[Key, Field(description="Key of the campaign.")]
    target_tier: Annotated[
        str | None,
        Field(max_length=128, description="Where the offer leads; by default the third rung."),
    ] = None


class DraftShown(BaseModel):
    """A complete draft."""

    template: Template
    fill_in: Annotated[
        dict[str, str],
        Field(description="Fields that hold a proposal, each with what it should say."),
    ]
    document: Annotated[
        CampaignDesign, Field(description="Valid as it stands; `POST /v1/campaigns` takes it.")
    ]


@blueprint.get("/v1/templates")
@operation(scope=Scope.CAMPAIGNS_READ, answer=TemplatesShown)
def list_templates() -> Response:
    """List the kinds of campaigns to start from, with what decides in each."""
    shown = [
        TemplateShown(
            template=template,
            oec=preset.oec,
            diagnostics=preset.diagnostics,
            guardrails={key: MARGINS[key] for key in preset.guardrails},
        )
        for template, preset in PRESETS.items()
    ]
    return json_answer(TemplatesShown(templates=shown))


@blueprint.get("/v1/templates/<template>")
@operation(
    scope=Scope.CAMPAIGNS_READ,
    path={"template": "One of those that `GET /v1/templates` lists."},
    query=DraftQuery,
    answer=DraftShown,
    problems=(UnknownTemplate, UnknownProgramme),
)
def read_draft(template: str) -> Response:
    """Give a complete draft of a kind of campaign; nothing is kept.

    It follows the programme: its ladder, currency and locales. `fill_in` names what only you know.
    """
    kind, query, parts = template_named(template), query_as(DraftQuery), wiring()
    programme = find_programme(parts.engine)
    if programme is None:
        raise UnknownProgramme
    draft = draft_of(kind, query.key, programme, parts.clock(), target_tier=query.target_tier)
    return json_answer(
        DraftShown(template=kind, fill_in=dict(draft.fill_in), document=draft.design)
    )
