"""Checks the metrics that a business defines, and lists all that campaigns can name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import RootModel

from experiments.document import is_storable
from experiments.errors import InvalidValues, Problem
from stats.errors import InvalidMetric
from stats.metric import (
    BUILTIN_KEYS,
    KEY,
    PARAMETRISED,
    MetricDefinition,
    Rates,
    builtin,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from experiments.custom_metric import CustomMetric


class MetricDocument(RootModel[dict[str, Any]]):
    """A definition as somebody writes it, not checked yet."""


PLACEHOLDER = "TIER"
"""Stands for the tiers of a metric that takes some."""


@dataclass(frozen=True, slots=True)
class NamedMetric:
    """A metric that a campaign can name.

    Attributes:
        key: Under which it is named.
        definition: As JSON values, with the key. Of a built-in metric that takes tiers with `TIER`
            in their place, and of one that carries rates with the programme's.
        parameters: What the campaign may give beside.
        version: Of a metric of the business's own; None of a built-in one.
    """

    key: str
    definition: dict[str, Any]
    parameters: tuple[str, ...] = ()
    version: int | None = None


def checked_definition(key: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a definition as it is kept: without its key, every default written out.

    Raises:
        InvalidValues: It cannot be kept, hides a built-in metric, or contradicts itself.
    """
    problems = []
    if not KEY.fullmatch(key):
        way_out = "Use a to z, 0 to 9 and _, a letter first, at most 128 long."
        problems.append(Problem("key", key, "is no key of a metric", way_out))
    if key in BUILTIN_KEYS:
        way_out = "Choose another key, such as one with the name of the business."
        problems.append(Problem("key", key, "is the key of a built-in metric", way_out))
    if document.get("key", key) != key:
        way_out = "Leave it out: the address names it."
        problems.append(Problem("key", document["key"], f"is not {key!r}", way_out))
    if not is_storable(document):
        way_out = "Leave out NULs and halves of characters, and numbers beyond 64 bits."
        problems.append(Problem("definition", None, "holds a value that cannot be kept", way_out))
    if problems:
        raise InvalidValues(problems)
    try:
        read = MetricDefinition.from_json({**document, "key": key})
    except InvalidMetric as error:
        way_out = f"{error.expected[:1].upper()}{error.expected[1:]}."
        raise InvalidValues(
            [Problem(error.field, _plain(error.came), "will not do", way_out)]
        ) from error
    return {name: value for name, value in _written(read).items() if name != "key"}


def named_metrics(custom: Mapping[str, CustomMetric], rates: Rates) -> tuple[NamedMetric, ...]:
    """Give every metric that a campaign can name: the built-in ones, then the business's own."""
    return (
        *(built_in(key, rates) for key in BUILTIN_KEYS),
        *(own_metric(one) for one in custom.values()),
    )


def built_in(key: str, rates: Rates) -> NamedMetric:
    """Give a built-in metric as it would be launched."""
    names = (PARAMETRISED[key][0],) if key in PARAMETRISED else ()
    definition = builtin(key, rates=rates, **{name: [PLACEHOLDER] for name in names})
    return NamedMetric(key, _written(definition), names)


def own_metric(metric: CustomMetric) -> NamedMetric:
    """Give a metric of the business's own."""
    return NamedMetric(
        metric.key, {"key": metric.key, **(metric.definition or {})}, (), metric.version
    )


def _written(definition: MetricDefinition) -> dict[str, Any]:
    """Give a definition as JSON values, without what it does not have."""

    def said(value: JsonValue) -> JsonValue:
        match value:
            case dict():
                return {name: said(inner) for name, inner in value.items() if inner is not None}
            case list():
                return [said(inner) for inner in value]
            case _:
                return value

    return {name: said(value) for name, value in definition.to_json().items() if value is not None}


def _plain(value: object) -> object:
    """Give a value without the names of our own types, as it would be typed."""
    if isinstance(value, str | int | float | bool | type(None)):
        return value
    return re.sub(r"<(\w+)\.\w+: '(\w+)'>", r"\2", str(value))
