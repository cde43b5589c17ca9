"""The reference of `stats` is complete: a metric, check, field or status without a line fails."""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin, get_type_hints

import pytest

from stats.checks.finding import FindingCode, Severity
from stats.errors import UndefinedStatus
from stats.inference.outcome import Method
from stats.metric import (
    BUILTIN_KEYS,
    PARAMETRISED,
    Aggregate,
    Condition,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
    builtin,
)
from stats.scorecard import Scorecard, State, scorecard_from_json
from stats.scorecard.serialise import scorecard_to_json, snapshot_hash

DOCS = Path(__file__).parents[2] / "docs"
METRICS = (DOCS / "reference" / "metrics.md").read_text(encoding="utf-8")
CHECKS = (DOCS / "reference" / "checks.md").read_text(encoding="utf-8")
SCORECARD = (DOCS / "reference" / "scorecard.md").read_text(encoding="utf-8")


def code_words(text: str) -> set[str]:
    """Every word that a page sets in code, `metrics[].variants[]` as its words."""
    spans = re.findall(r"`([^`\n]+)`", text)
    return {word for span in spans for word in re.findall(r"\w+", span)}


def example(text: str) -> object:
    """The JSON block of a page."""
    block = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert block
    return json.loads(block[1])


def dataclasses_within(kind: object) -> Iterator[type]:
    """A dataclass and all that its fields are made of."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from dataclasses_within(hint)
    elif get_origin(kind) is not None or isinstance(kind, UnionType):
        for part in get_args(kind):
            yield from dataclasses_within(part)


@pytest.mark.parametrize("key", BUILTIN_KEYS)
def test_builtin_metric_has_its_line(key: str) -> None:
    """Each built-in metric has a row with its description, kind, window and direction."""
    parameters = {PARAMETRISED[key][0]: ["x"]} if key in PARAMETRISED else {}
    metric = builtin(key, **parameters)
    row = next(line for line in METRICS.splitlines() if line.startswith(f"| `{key}` |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]

    assert cells[1:4] == [metric.name, metric.description, metric.kind.value]
    assert cells[4] == ", ".join(f"`{event}`" for event in metric.events)
    assert f"{metric.window.end_days} d" in cells[6]
    assert cells[7] == ("↑" if metric.direction == "higher" else "↓")
    for parameter in parameters:
        assert f"`{parameter}`" in METRICS


def test_no_metric_is_documented_that_does_not_exist() -> None:
    """The table of built-in metrics has a row for each and no other."""
    table = METRICS.split("## Built-in metrics")[1].split("\n## ")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(BUILTIN_KEYS)


def test_fields_and_choices_of_a_definition_are_documented() -> None:
    """Every field of a definition, and every value that it may take, is on the page."""
    fields = {
        field.name
        for kind in (MetricDefinition, Term, Condition, Window)
        for field in dataclasses.fields(kind)
    }
    choices = {str(value) for kind in (MetricKind, MetricUnit, Aggregate) for value in kind}

    assert fields | choices <= code_words(METRICS)


def test_example_of_a_definition_is_valid() -> None:
    """The custom definition on the page is accepted."""
    assert MetricDefinition.from_json(example(METRICS)).key == "gift_orders"


def test_every_check_and_severity_is_documented() -> None:
    """Each finding code has its row, each severity its meaning, and none is invented."""
    rows = set(re.findall(r"^\| `(\w+)` \|", CHECKS, re.MULTILINE))

    assert rows == {str(code) for code in FindingCode} | {str(one) for one in Severity}


def test_every_field_of_the_scorecard_is_documented() -> None:
    """Each field of the document, at any depth, is named on its page or that of metrics."""
    known = code_words(SCORECARD) | code_words(METRICS)
    missing = {
        f"{kind.__name__}.{field.name}"
        for kind in dataclasses_within(Scorecard)
        for field in dataclasses.fields(kind)
        if field.name not in known
    }

    assert not missing


def test_every_status_state_and_method_is_documented() -> None:
    """Each word that a program may meet in the document is on its page."""
    words = {str(value) for kind in (State, UndefinedStatus, Method, Severity) for value in kind}

    assert words | {"estimated", "certain"} <= code_words(SCORECARD)


def test_example_of_a_scorecard_is_one() -> None:
    """The example reads as a scorecard, writes as it stands, and has the hash it says."""
    document = example(SCORECARD)
    assert isinstance(document, dict)

    scorecard = scorecard_from_json(document)

    assert scorecard_to_json(scorecard) == document
    assert scorecard.snapshot_hash == snapshot_hash(document)
