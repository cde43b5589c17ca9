"""An audience compiled to SQL admits exactly the members that the evaluator admits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import duckdb
import orjson
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.importing.values import value_of_text, value_of_type
from experiments.audience import Audience, Operator, compiled
from experiments.bulk import literals
from experiments.bulk.readings import (
    ABSENT,
    Form,
    Reading,
    json_of,
    json_value,
    reading,
    with_fallback,
)
from experiments.bulk.rules_sql import Patterns, admission_sql, attributes_of
from experiments.member import Member
from tests.experiments.bulk.members import NAMES, audiences, numbers, populations, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from experiments.member import Attribute

EXAMPLES = 60


def admitted_by_sql(
    connection: duckdb.DuckDBPyConnection,
    audience: Audience,
    read: Callable[[str], Reading],
    relation: pa.Table,
) -> list[bool]:
    """Give for each row of a relation whether the SQL admits it."""
    connection.register("members", relation)
    readings = {name: read(name) for name in attributes_of(audience)}
    if "id" in readings:
        readings["id"] = with_fallback(readings["id"], "member_id")
    condition = admission_sql(audience, readings, Patterns(connection)) or "TRUE"
    query = f"SELECT {condition} FROM members"  # noqa: S608  # what is tested
    return [row[0] for row in connection.execute(query).fetchall()]


def admitted_by_evaluator(audience: Audience, members: Sequence[Member]) -> list[bool]:
    """Give for each member whether the evaluator admits it."""
    admission = compiled(audience)
    return [admission is None or admission(member) is None for member in members]


def described(audience: Audience, members: Sequence[Member]) -> str:
    """Give what is needed to see a difference by hand."""
    return f"{audience.model_dump()} {[(one.member_id, dict(one.attributes)) for one in members]}"


@settings(max_examples=EXAMPLES, deadline=None)
@given(audiences(), populations())
def test_json_attributes_are_read_as_the_evaluator_reads_them(
    audience: Audience, members: list[Member]
) -> None:
    """Whatever types, names and rules: attributes of the store decide alike in SQL."""
    relation = pa.table(
        {
            "member_id": [member.member_id for member in members],
            "attributes": [orjson.dumps(dict(member.attributes)).decode() for member in members],
        }
    )
    with duckdb.connect() as connection:
        found = admitted_by_sql(
            connection,
            audience,
            lambda name: reading(Form.JSON, f"({json_value('attributes', name)})"),
            relation,
        )
    assert found == admitted_by_evaluator(audience, members), described(audience, members)


@st.composite
def typed_columns(draw: st.DrawFn) -> tuple[Form, list[Any]]:
    """Give a column of one type, as Parquet has it."""
    form = draw(st.sampled_from([Form.BOOLEAN, Form.INTEGER, Form.NUMBER, Form.TEXT, Form.CSV]))
    values: st.SearchStrategy[Any] = {
        Form.BOOLEAN: st.booleans(),
        Form.INTEGER: numbers.filter(lambda value: isinstance(value, int)),
        Form.NUMBER: st.one_of(
            numbers.map(float), st.sampled_from([math.nan, math.inf, -math.inf])
        ),
        Form.TEXT: texts,
        Form.CSV: st.one_of(texts, numbers.map(str)),
    }[form]
    return form, draw(st.lists(st.one_of(st.none(), values), min_size=1, max_size=20))


TYPES = {
    Form.BOOLEAN: pa.bool_(),
    Form.INTEGER: pa.int64(),
    Form.NUMBER: pa.float64(),
    Form.TEXT: pa.string(),
    Form.CSV: pa.string(),
}


def imported(form: Form, value: object) -> Attribute:
    """Give the attribute that an import makes of a value."""
    return (value_of_text if form is Form.CSV else value_of_type)(value)  # type: ignore[return-value]


@settings(max_examples=EXAMPLES, deadline=None)
@given(audiences(), typed_columns(), st.sampled_from(NAMES))
def test_columns_of_a_file_are_read_as_an_import_reads_them(
    audience: Audience, column: tuple[Form, list[Any]], name: str
) -> None:
    """A rule sees in a file's column what it would see in the store after an import."""
    form, values = column
    relation = pa.table(
        {
            "member_id": [f"m-{place}" for place in range(len(values))],
            "c": pa.array(values, TYPES[form]),
        }
    )
    members = [
        Member(f"m-{place}", {name: imported(form, value)}) for place, value in enumerate(values)
    ]
    with duckdb.connect() as connection:
        found = admitted_by_sql(
            connection,
            audience,
            lambda asked: reading(form, "c") if asked == name else ABSENT,
            relation,
        )
    assert found == admitted_by_evaluator(audience, members), described(audience, members)


@settings(max_examples=EXAMPLES, deadline=None)
@given(typed_columns())
def test_a_file_s_values_become_the_json_that_an_import_keeps(
    column: tuple[Form, list[Any]],
) -> None:
    """What is remembered of a member of a file is what an import would have kept."""
    form, values = column
    with duckdb.connect() as connection:
        connection.register("given", pa.table({"c": pa.array(values, TYPES[form])}))
        query = f"SELECT {json_of(form, 'c')}::VARCHAR FROM given"  # noqa: S608  # what is tested
        rows = connection.execute(query).fetchall()
    for value, (text,) in zip(values, rows, strict=True):
        kept = None if text is None else orjson.loads(text)
        wanted = imported(form, value)
        assert kept == wanted, (form, value)
        assert isinstance(kept, bool) is isinstance(wanted, bool), (form, value)


def test_a_rule_is_never_taken_for_sql() -> None:
    """Quotes in names, values and patterns are only text."""
    name, value = "a\"'; DROP TABLE x; --", "it's \"\" \\' ); --"
    audience = Audience.model_validate(
        {
            "any_of": [
                {
                    "all_of": [
                        {"attribute": name, "operator": Operator.ONE_OF, "value": [value]},
                        {"attribute": name, "operator": Operator.MATCHES, "value": "it's"},
                    ]
                }
            ]
        }
    )
    relation = pa.table({"member_id": ["m-1", "m-2"], name: [value, "other"]})
    with duckdb.connect() as connection:
        found = admitted_by_sql(
            connection, audience, lambda asked: reading(Form.TEXT, literals.name(asked)), relation
        )
    assert found == [True, False]
