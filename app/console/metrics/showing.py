"""The page of one metric: how it is computed, its versions, and the campaigns that name it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import url_for

from app.analysis.metric_use import metric_with_needs
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.frame import address_of_campaign
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.context import formats, person, wiring, words
from app.console.metrics.describing import (
    DIRECTIONS,
    KINDS,
    UNITS,
    formula_of,
    notes_of,
    term_row,
    window_of,
)
from app.console.metrics.place import blueprint, meaning_of, name_of
from app.console.rendering import show
from experiments.defining import metric_versions, users_of
from experiments.errors import UnknownMetricKey

if TYPE_CHECKING:
    from app.console.metrics.describing import TermRow
    from experiments.custom_metric import CustomMetric


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a metric of the business's own.

    Attributes:
        definition: As JSON; empty where it was deleted.
    """

    number: str
    when: str
    who: str
    definition: str


@dataclass(frozen=True, slots=True)
class MetricPage:
    """One metric.

    Attributes:
        events: Those that it reads, each with whether it ever came.
        parameters: What a campaign gives beside.
        definition: As JSON, as the API has it.
        versions: The latest first; empty of a built-in metric.
        campaigns: Those that name it and are not over, each with its address.
        edit_address: Empty where the reader may not change it.
        delete_address: Likewise.
    """

    template: ClassVar[str] = "console/metrics/metric.html"
    title: str
    key: str
    meaning: str
    kind: str
    formula: str
    above: tuple[TermRow, ...]
    below: tuple[TermRow, ...]
    notes: tuple[str, ...]
    unit: str
    direction: str
    window: str
    events: tuple[tuple[str, bool], ...]
    parameters: tuple[str, ...]
    definition: str
    versions: tuple[VersionRow, ...]
    campaigns: tuple[tuple[str, str], ...]
    edit_address: str
    delete_address: str


@blueprint.get("/<key>")
@open_to(Scope.CAMPAIGNS_READ)
def metric(key: str) -> tuple[str, int]:
    """Show it."""
    return show(_page(key))


def _page(key: str) -> MetricPage:
    engine, say = wiring().engine, words().say
    found = metric_with_needs(engine, key)
    if found is None:
        raise UnknownMetricKey(key, ())
    one = found.definition
    is_own = found.version is not None
    may_write = is_own and person().may(Scope.CAMPAIGNS_WRITE)
    names = names_of_users() if is_own else {}
    return MetricPage(
        title=name_of(one),
        key=key,
        meaning=meaning_of(one),
        kind=say(KINDS[one.kind][0]),
        formula=formula_of(one),
        above=tuple(map(term_row, one.numerator)),
        below=tuple(map(term_row, one.denominator)),
        notes=notes_of(one),
        unit=say(UNITS[one.unit]),
        direction=say(DIRECTIONS[one.direction]),
        window=window_of(one),
        events=found.events,
        parameters=found.parameters,
        definition=_json(
            {name: value for name, value in one.to_json().items() if value is not None}
        ),
        versions=tuple(_version(each, names) for each in metric_versions(engine, key)),
        campaigns=tuple((name, address_of_campaign(name)) for name in users_of(engine, key)),
        edit_address=url_for("console.metrics.edit", key=key) if may_write else "",
        delete_address=url_for("console.metrics.ask_delete", key=key) if may_write else "",
    )


def _version(one: CustomMetric, names: dict[str, str]) -> VersionRow:
    return VersionRow(
        formats().count(one.version).text,
        formats().moment(one.set_at).local,
        actor_words(one.actor, names, words()),
        "" if one.definition is None else _json(dict(one.definition)),
    )


def _json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2)
