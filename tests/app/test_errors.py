"""The one table that says how a fault is answered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ValidationError

from app.api import problems
from app.errors import (
    ANSWERS,
    INTERNAL,
    AppError,
    FieldError,
    RequestRefused,
    StartRefused,
    answer_for,
    explain,
    shown_value,
)
from experiments.document import field_path
from experiments.errors import (
    DatabaseLocked,
    DatabaseMissing,
    ExperimentError,
    InvalidValues,
    Problem,
    SchemaOutdated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def every_kind_under(kind: type[Exception]) -> Iterator[type[Exception]]:
    """Give every kind of fault below `kind`."""
    for below in kind.__subclasses__():
        yield below
        yield from every_kind_under(below)


@pytest.mark.parametrize("kind", sorted(every_kind_under(ExperimentError), key=str))
def test_every_fault_of_the_domain_has_an_answer(kind: type[Exception]) -> None:
    """No fault that the domain raises on purpose is answered as a failure of the server."""
    assert answer_for(kind) is not INTERNAL


def test_every_fault_of_a_request_has_an_answer() -> None:
    """Every fault that a request can cause has one; a server that cannot start answers nobody."""
    raised = {kind for kind in every_kind_under(AppError) if not kind.__subclasses__()}

    assert {kind for kind in raised if answer_for(kind) is INTERNAL} == {StartRefused}


def test_one_problem_type_has_one_status_and_one_title() -> None:
    """A client that knows the type knows the status."""
    by_name: dict[str, set[tuple[int, str]]] = {}
    for answer in ANSWERS.values():
        by_name.setdefault(answer.name, set()).add((answer.status, answer.title))

    assert {name: seen for name, seen in by_name.items() if len(seen) > 1} == {}


def test_the_reference_page_lists_every_problem_type() -> None:
    """Whoever writes a client finds each type with its status, and none that is gone."""
    rows = set(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", REFERENCE.read_text(), re.MULTILINE))

    answers = [*ANSWERS.values(), INTERNAL, problems.NOT_FOUND, problems.METHOD_NOT_ALLOWED]
    assert rows == {(answer.name, str(answer.status)) for answer in answers}


def test_a_fault_of_ours_is_hidden() -> None:
    """What the server did not expect may hold anything, so nothing of it is said."""
    explanation = explain(RuntimeError("password=hunter2"))

    assert explanation.answer.status == 500
    assert "hunter2" not in explanation.detail


@pytest.mark.parametrize(
    "fault",
    [
        DatabaseLocked("postgresql://tierlift@10.1.2.3/x", "canceling statement"),
        DatabaseMissing("postgresql://tierlift@10.1.2.3/x", "refused", "Start the server."),
        SchemaOutdated("postgresql://tierlift@10.1.2.3/x", "0001", "0002"),
    ],
)
def test_the_address_of_the_database_is_not_shown(fault: Exception) -> None:
    """A caller learns that the database is at fault, not where it stands."""
    explanation = explain(fault)

    assert explanation.answer.status == 503
    assert "10.1.2.3" not in explanation.detail


def test_a_refused_model_names_the_path_the_value_and_the_way_out() -> None:
    """The sender finds the field as it was written, with the value that came."""

    class Variant(BaseModel):
        planned_share: float

    class Design(BaseModel):
        variants: list[Variant]

    with pytest.raises(ValidationError) as refused:
        Design.model_validate({"variants": [{"planned_share": 50}, {"planned_share": "half"}]})

    (error,) = explain(refused.value).errors
    assert error.field == "variants[1].planned_share"
    assert error.value == "half"
    assert "number" in error.message


def test_many_refused_values_are_counted_and_cut() -> None:
    """A batch with thousands of faults is answered with the first hundred and their number."""
    explanation = explain(InvalidValues(Problem(f"f{n}", n, "is wrong") for n in range(1_000)))

    assert len(explanation.errors) == 100
    assert explanation.detail.startswith("1000 values are refused, the first because f0 is wrong")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**70, str(2**70)),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("short", "short"),
        ("x" * 200, "x" * 79 + "…"),
        ([1, 2], "[1, 2]"),
        ({"a": 1}, "{'a': 1}"),
    ],
)
def test_a_value_is_shown_as_json_can_carry_it(value: object, shown: object) -> None:
    """Numbers and short text come back as they were sent, all else as shortened text."""
    assert shown_value(value) == shown


def test_a_field_error_is_made_of_plain_values() -> None:
    """What is sent back never holds an object of ours."""
    assert explain(InvalidValues([Problem("a", [1], "is wrong", "Send 1.")])).errors == (
        FieldError("a", "[1]", "is wrong", "Send 1."),
    )


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """Whoever reads the top of the module sees every fault of the package."""
    import app.errors  # noqa: PLC0415  # its docstring is what is tested

    drawn = app.errors.__doc__ or ""
    kinds = [AppError, *every_kind_under(AppError)]
    assert [kind.__name__ for kind in kinds if kind.__name__ not in drawn] == []


def test_a_location_reads_as_it_was_written() -> None:
    """Indexes stand in brackets, names behind points."""
    assert field_path(["variants", 1, "offer", "copy"]) == "variants[1].offer.copy"


def test_requests_that_were_not_understood_are_one_kind() -> None:
    """A face can tell what the sender did wrong from what the server cannot do."""
    assert {answer_for(kind).status for kind in every_kind_under(RequestRefused)} == {400, 413, 415}
