"""Gives the metrics there are with what they need: their events, and which of these ever came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analysis.custom_metrics import built_in, own_metric
from app.analysis.planning import rates_of
from experiments.defining import find_metric, find_metrics
from experiments.lifecycle import find_programme
from experiments.store.conversions import events_seen
from experiments.store.engine import reading
from stats.errors import InvalidDefinition
from stats.metric import BUILTIN_KEYS, NO_RATES, MetricDefinition

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.analysis.custom_metrics import NamedMetric
    from stats.metric import Rates


@dataclass(frozen=True, slots=True)
class MetricNeed:
    """A metric and the events that it reads.

    Attributes:
        definition: What it is.
        version: Of a metric of the business's own; None of a built-in one.
        parameters: What a campaign may give beside.
        events: Each with whether anybody has ever had it.
    """

    definition: MetricDefinition
    version: int | None
    parameters: tuple[str, ...]
    events: tuple[tuple[str, bool], ...]


def metrics_with_needs(engine: Engine) -> tuple[MetricNeed, ...]:
    """Give every metric that a campaign can name: the built-in ones, then the business's own."""
    rates = _rates(engine)
    named = [built_in(key, rates) for key in BUILTIN_KEYS]
    return _with_needs(engine, [*named, *map(own_metric, find_metrics(engine).values())])


def metric_with_needs(engine: Engine, key: str) -> MetricNeed | None:
    """Give one metric; None where an older version of ours kept what this one cannot read.

    Raises:
        UnknownMetricKey: There is none.
    """
    if key in BUILTIN_KEYS:
        named = built_in(key, _rates(engine))
    else:
        named = own_metric(find_metric(engine, key))
    return next(iter(_with_needs(engine, [named])), None)


def _with_needs(engine: Engine, named: list[NamedMetric]) -> tuple[MetricNeed, ...]:
    read = []
    for one in named:
        try:
            read.append((one, MetricDefinition.from_json(one.definition)))
        except InvalidDefinition:
            continue  # of an older version; a launch with it says what is wrong
    with reading(engine) as connection:
        seen = events_seen(connection, {event for _, found in read for event in found.events})
    return tuple(
        MetricNeed(
            definition=found,
            version=one.version,
            parameters=one.parameters,
            events=tuple((event, event in seen) for event in found.events),
        )
        for one, found in read
    )


def _rates(engine: Engine) -> Rates:
    programme = find_programme(engine)
    return NO_RATES if programme is None else rates_of(programme)
