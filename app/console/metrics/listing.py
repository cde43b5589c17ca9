"""The list of all metrics: what each means, and whether the events that it needs ever came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import url_for

from app.analysis.metric_use import metrics_with_needs
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import person, wiring, words
from app.console.metrics.describing import DIRECTIONS, UNITS, window_of
from app.console.metrics.place import blueprint, meaning_of, name_of
from app.console.rendering import show

if TYPE_CHECKING:
    from app.analysis.metric_use import MetricNeed


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric.

    Attributes:
        events: Those that it reads, each with whether it ever came.
        is_usable: Whether one of them ever came.
    """

    key: str
    name: str
    address: str
    meaning: str
    unit: str
    direction: str
    window: str
    events: tuple[tuple[str, bool], ...]
    is_usable: bool


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """All metrics.

    Attributes:
        own: Those of the business.
        new_address: Of the form; empty where the reader may not define one.
    """

    template: ClassVar[str] = "console/metrics/list.html"
    title: str
    own: tuple[MetricRow, ...]
    built_in: tuple[MetricRow, ...]
    new_address: str


@blueprint.get("/")
@open_to(Scope.CAMPAIGNS_READ)
def listing() -> tuple[str, int]:
    """List them."""
    found = metrics_with_needs(wiring().engine)
    may_write = person().may(Scope.CAMPAIGNS_WRITE)
    return show(
        MetricsPage(
            title=words().say("Metrics"),
            own=tuple(_row(one) for one in found if one.version is not None),
            built_in=tuple(_row(one) for one in found if one.version is None),
            new_address=url_for("console.metrics.new") if may_write else "",
        )
    )


def _row(one: MetricNeed) -> MetricRow:
    metric, say = one.definition, words().say
    return MetricRow(
        key=metric.key,
        name=name_of(metric),
        address=url_for("console.metrics.metric", key=metric.key),
        meaning=meaning_of(metric),
        unit=say(UNITS[metric.unit]),
        direction=say(DIRECTIONS[metric.direction]),
        window=window_of(metric),
        events=one.events,
        is_usable=any(seen for _, seen in one.events),
    )
