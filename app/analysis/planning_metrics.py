"""Gives the metrics that a campaign can be planned with: what each counts, and whether it can yet.

A metric needs events; whether anybody has ever had one of them decides if it can be computed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analysis.custom_metrics import PLACEHOLDER
from experiments.store.conversions import events_seen
from experiments.store.custom_metrics import read_metrics
from experiments.store.engine import reading
from stats.errors import InvalidDefinition
from stats.metric import BUILTIN_KEYS, NO_RATES, PARAMETRISED, MetricDefinition, builtin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from stats.metric import MetricKind, MetricUnit


@dataclass(frozen=True, slots=True)
class PlannableMetric:
    """A metric that a campaign can name.

    Attributes:
        key: Under which it is named.
        name: In English where it is built in.
        description: What it counts, in one sentence; likewise.
        is_own: Whether the business defined it.
        unit: What its values count.
        kind: How it is computed.
        window_days: The days after first exposure in which it counts, where a campaign says none.
        unseen: Events that it needs of which nobody has had one yet.
    """

    key: str
    name: str
    description: str
    is_own: bool
    unit: MetricUnit
    kind: MetricKind
    window_days: int
    unseen: tuple[str, ...]


def plannable_metrics(engine: Engine) -> tuple[PlannableMetric, ...]:
    """Give every metric that a campaign can name: the built-in ones first, in their order.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    with reading(engine) as connection:
        definitions = [*_definitions(connection)]
        events = {event for one, _ in definitions for event in one.events}
        seen = events_seen(connection, events)
    return tuple(
        PlannableMetric(
            key=one.key,
            name=one.name or one.key,
            description=one.description,
            is_own=is_own,
            unit=one.unit,
            kind=one.kind,
            window_days=one.window.end_days,
            # one of several events is enough for a sum of them
            unseen=tuple(sorted(one.events)) if seen.isdisjoint(one.events) else (),
        )
        for one, is_own in definitions
    )


def _definitions(connection: Connection) -> Iterator[tuple[MetricDefinition, bool]]:
    for key in BUILTIN_KEYS:
        parameters = {PARAMETRISED[key][0]: (PLACEHOLDER,)} if key in PARAMETRISED else {}
        yield builtin(key, rates=NO_RATES, **parameters), False
    for metric in read_metrics(connection).values():
        if metric.definition is None:
            continue  # taken out of use
        try:
            yield MetricDefinition.from_json({**metric.definition, "key": metric.key}), True
        except InvalidDefinition:
            continue  # of an older version; a launch with it says what is wrong
