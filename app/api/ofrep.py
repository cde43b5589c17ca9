"""Documents the OpenFeature Remote Evaluation Protocol; `app.front.ofrep` answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.fronted import FRONT_FAULTS, through_front
from app.api.operation import operation
from app.auth import Scope
from app.errors import BodyTooLarge, KeyRefused, MalformedBody, MissingScope
from app.front.front import FLAG, FLAGS
from experiments.errors import DatabaseLocked, DatabaseMissing, InvalidValues, UnknownCampaign

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("ofrep", __name__, tag="OpenFeature")

_NOT_MODIFIED = 304


class EvaluationContext(BaseModel):
    """Who the flag is evaluated for."""

    model_config = ConfigDict(extra="allow")

    targetingKey: Annotated[str, Field(description="Id of the member.")]  # noqa: N815  # OFREP's
    locale: Annotated[
        JsonValue, Field(description="Wanted locale of the texts; what is no text is not read.")
    ] = None


class EvaluationRequest(BaseModel):
    """What an OpenFeature provider sends."""

    context: EvaluationContext


class Evaluation(BaseModel):
    """A flag's value for the member."""

    key: Annotated[str, Field(description="Key of the campaign.")]
    reason: Literal["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"]
    variant: Annotated[str, Field(description="`default` where the default offer is served.")]
    value: Annotated[
        dict[str, Any], Field(description="The offer: terms, texts, locale, worth, progress.")
    ]
    metadata: Annotated[
        dict[str, str | int | float | bool],
        Field(description="`reason` says in our words why; campaign, phase, offerId, locale."),
    ]


class Evaluations(BaseModel):
    """Every campaign's flag for the member."""

    flags: list[Evaluation]
    metadata: dict[str, str]


class EvaluationFailure(BaseModel):
    """A refused evaluation."""

    key: str
    errorCode: Literal[  # noqa: N815  # OFREP's
        "PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"
    ]
    errorDetails: str  # noqa: N815  # OFREP's


_EXAMPLE = {"context": {"targetingKey": "m-1", "locale": "zh-TW"}}
_FAULTS = (
    MalformedBody,
    BodyTooLarge,
    InvalidValues,
    KeyRefused,
    MissingScope,
    DatabaseMissing,
    DatabaseLocked,
    *FRONT_FAULTS,
)


@blueprint.post("/ofrep/v1/evaluate/flags/<key>")
@operation(
    scope=Scope.OFFERS_READ,
    body=EvaluationRequest,
    answer=Evaluation,
    problems=(UnknownCampaign, *_FAULTS),
    failure=EvaluationFailure,
    example=_EXAMPLE,
    admits=False,
)
def evaluate_flag(key: str) -> Response:  # noqa: ARG001  # the front reads the whole path
    """Evaluate one campaign for the member in the context (OFREP).

    The first answer is remembered. Other scalars of the context are attributes of the member for
    this evaluation, where the key is a server's; those of a browser are not used.
    """
    return through_front(FLAG)


@blueprint.post("/ofrep/v1/evaluate/flags")
@operation(
    scope=Scope.OFFERS_READ,
    body=EvaluationRequest,
    answer=Evaluations,
    also_empty=(_NOT_MODIFIED,),
    problems=_FAULTS,
    failure=EvaluationFailure,
    example=_EXAMPLE,
    admits=False,
)
def evaluate_flags() -> Response:
    """Evaluate every campaign for the member in the context (OFREP).

    No exposure is logged. The ETag covers the answer; with it in If-None-Match, an answer that has
    not changed is 304 without a body.
    """
    return through_front(FLAGS)
