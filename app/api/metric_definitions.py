"""Shows the metrics that campaigns can name, and keeps those that a business defines itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.analysis.custom_metrics import (
    MetricDocument,
    built_in,
    checked_definition,
    named_metrics,
    own_metric,
)
from app.analysis.planning import rates_of
from app.api.answers import json_answer
from app.api.context import present_key, wiring
from app.api.operation import operation
from app.api.requests import DOCUMENT_TYPES, document_as
from app.auth import Scope
from experiments import defining
from experiments.errors import MetricInUse, UnknownMetricKey
from experiments.lifecycle import find_programme
from stats.metric import BUILTIN_KEYS, NO_RATES, Rates

if TYPE_CHECKING:
    from flask import Response

    from app.analysis.custom_metrics import NamedMetric

blueprint = APIBlueprint("metric_definitions", __name__, tag="Metrics")

_KEY = {"key": "Key of the metric."}
EXAMPLE = {
    "name": "Gift orders",
    "description": "Orders of gifts per exposed unit.",
    "kind": "mean",
    "numerator": [{"events": ["order"], "where": [{"property": "gift", "values": ["yes"]}]}],
    "unit": "count",
    "direction": "higher",
    "window": {"end_days": 30},
}


class MetricAnswer(BaseModel):
    """A metric that a campaign can name."""

    key: str
    version: Annotated[
        int | None, Field(description="Counts changes; null of a built-in metric.")
    ] = None
    parameters: Annotated[
        tuple[str, ...], Field(description="What a campaign may give in `parameters`.")
    ] = ()
    definition: Annotated[
        dict[str, Any],
        Field(description="What it is, as `docs/reference/metrics.md` has it, defaults included."),
    ]
    used_by: Annotated[
        tuple[str, ...],
        Field(
            description="Campaigns that name it and are not over. Those that have started keep the "
            "definition that they started with."
        ),
    ] = ()


class MetricList(BaseModel):
    """Every metric that a campaign can name."""

    metrics: tuple[MetricAnswer, ...]


@blueprint.get("/v1/metrics")
@operation(scope=Scope.CAMPAIGNS_READ, answer=MetricList)
def list_metrics() -> Response:
    """List the metrics that campaigns can name: the built-in ones, then those of your own."""
    found = named_metrics(defining.find_metrics(wiring().engine), _rates())
    return json_answer(MetricList(metrics=tuple(map(_shown, found))))


@blueprint.get("/v1/metrics/<key>")
@operation(scope=Scope.CAMPAIGNS_READ, path=_KEY, answer=MetricAnswer, problems=(UnknownMetricKey,))
def read_metric(key: str) -> Response:
    """Give one metric, built-in or of your own."""
    if key in BUILTIN_KEYS:
        return json_answer(_shown(built_in(key, _rates())))
    return json_answer(_shown(own_metric(defining.find_metric(wiring().engine, key)), used=True))


@blueprint.put("/v1/metrics/<key>")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    path=_KEY,
    body=MetricDocument,
    media_types=DOCUMENT_TYPES,
    answer=MetricAnswer,
    example=EXAMPLE,
)
def set_metric(key: str) -> Response:
    """Define a metric of your own, or change it.

    Campaigns then name it by its key. A phase that has started keeps the definition that it started
    with; `used_by` names the campaigns. A key of a built-in metric is refused.
    """
    parts = wiring()
    definition = checked_definition(key, document_as(MetricDocument).root)
    actor = f"key {present_key().key_id}"
    kept = defining.set_metric(parts.engine, key, definition, parts.clock(), actor)
    return json_answer(_shown(own_metric(kept), used=True))


@blueprint.delete("/v1/metrics/<key>")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    path=_KEY,
    answer=MetricAnswer,
    problems=(UnknownMetricKey, MetricInUse),
)
def delete_metric(key: str) -> Response:
    """Take a metric of your own out of use; gives it as it was.

    Refused while a campaign that is not over names it. Reports of campaigns that are over keep it.
    """
    parts = wiring()
    actor = f"key {present_key().key_id}"
    was = defining.delete_metric(parts.engine, key, parts.clock(), actor)
    return json_answer(_shown(own_metric(was)))


def _rates() -> Rates:
    programme = find_programme(wiring().engine)
    return NO_RATES if programme is None else rates_of(programme)


def _shown(metric: NamedMetric, *, used: bool = False) -> MetricAnswer:
    users = defining.users_of(wiring().engine, metric.key) if used else ()
    return MetricAnswer(
        key=metric.key,
        version=metric.version,
        parameters=metric.parameters,
        definition=metric.definition,
        used_by=users,
    )
