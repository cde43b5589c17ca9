"""Completes the OpenAPI document that APIFlask draws from the routes.

APIFlask knows paths, names and summaries; bodies, answers and problems come from `Operation`, with
every model defined once by its own name (APIFlask would define it once per place that uses it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, cast

import orjson
from pydantic import BaseModel, TypeAdapter

from app.api.operation import EXTENSION, Operation
from app.api.problems import Problem
from app.auth.rate_limit import HEADER_NAMES
from app.errors import INTERNAL, Answer, answer_for
from app.front.events_body import LINES
from app.front.faults import PROBLEM_JSON
from app.front.tracing import TRACE_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.json_schema import JsonSchemaMode

JsonObject = dict[str, Any]
"""A JSON object of the OpenAPI document, whose shape its specification gives."""

METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
REF_TEMPLATE: Final = "#/components/schemas/{model}"
TRACE_REF: Final = "#/components/headers/TraceId"

_BAD_REQUEST: Final = 400
_UNPROCESSABLE: Final = 422

_INTEGER: Final = {"type": "integer", "minimum": 0}
_CHALLENGE: Final = {
    "WWW-Authenticate": {
        "schema": {"type": "string"},
        "description": "How to present a key, and the scope that it needs; where a key is missing.",
    }
}
_HEADERS_OF: Final[dict[int, JsonObject]] = {
    401: _CHALLENGE,
    403: _CHALLENGE,
    429: {
        name: {"schema": _INTEGER, "description": what, "required": True}
        for name, what in zip(
            HEADER_NAMES,
            ("Requests a second.", "Requests left now.", "Seconds until all are there again."),
            strict=True,
        )
    },
}
"""Headers that a refusal carries by its status."""

_PATH_PARAMETERS: Final = {
    "key": "Key of the campaign.",
    "member_id": "Id of the member, percent-encoded.",
}

_Use = Literal["body", "query", "answer", "failure"]


def complete(drawn_by_apiflask: JsonObject | str) -> JsonObject | str:
    """Give the document with the bodies, parameters, answers and problems of every operation."""
    document = cast("JsonObject", drawn_by_apiflask)  # a str only where YAML is asked for
    operations = [
        (drawn, cast("Operation", drawn.pop(EXTENSION)), f"{method} {path}")
        for path, methods in document["paths"].items()
        for method, drawn in methods.items()
        if method in METHODS and EXTENSION in drawn
    ]
    schemas, definitions = _schemas(operations)
    for drawn, operation, name in operations:
        _complete(drawn, operation, {use: schemas.get((name, use)) for use in _uses(operation)})
    _order(document)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(definitions)
    components["headers"] = {
        "TraceId": {
            "description": "The id under which the request is in the log.",
            "schema": {"type": "string"},
        }
    }
    return document


def _order(document: JsonObject) -> None:
    """Name each tag once, and let paths stand in the order of their tags."""
    tags = {tag["name"]: tag for tag in document["tags"]}  # two resources may share one
    document["tags"] = list(tags.values())
    position = {name: index for index, name in enumerate(tags)}

    def place(item: tuple[str, JsonObject]) -> tuple[int, str]:
        path, methods = item
        first = next(iter(methods.values()))
        return position.get(first.get("tags", [""])[0], len(position)), path

    document["paths"] = dict(sorted(document["paths"].items(), key=place))


def _uses(operation: Operation) -> Iterator[_Use]:
    if operation.body is not None:
        yield "body"
    if operation.query is not None:
        yield "query"
    if operation.answer is not None:
        yield "answer"
    if operation.failure is not None:
        yield "failure"


def _schemas(
    operations: list[tuple[JsonObject, Operation, str]],
) -> tuple[dict[tuple[str, str], JsonObject], JsonObject]:
    """Give the schema for each use, and the definitions that they all refer to."""
    inputs: list[tuple[tuple[str, str], JsonSchemaMode, TypeAdapter[Any]]] = [
        (("problem", "answer"), "serialization", TypeAdapter(Problem))
    ]
    for _, operation, name in operations:
        for use in _uses(operation):
            mode: JsonSchemaMode = "validation" if use in {"body", "query"} else "serialization"
            inputs.append(((name, use), mode, TypeAdapter(getattr(operation, use))))
    by_key, shared = TypeAdapter.json_schemas(inputs, ref_template=REF_TEMPLATE)
    definitions: JsonObject = shared["$defs"]
    return {key: value for (key, _), value in by_key.items()}, definitions


def _complete(
    drawn: JsonObject, operation: Operation, schemas: dict[_Use, JsonObject | None]
) -> None:
    for parameter in drawn.get("parameters", []):
        name = parameter["name"]
        parameter["description"] = operation.path.get(name, _PATH_PARAMETERS.get(name, ""))
    if operation.query is not None:
        drawn.setdefault("parameters", []).extend(_query_parameters(operation.query))
    if operation.body is not None:
        drawn["requestBody"] = {
            "required": not operation.may_lack_body,
            "content": {
                form: _lines(operation) if form == LINES else _body(operation, schemas["body"])
                for form in operation.media_types
            },
        }
    if operation.scope is not None:
        needs = f"Needs an API key with the scope `{operation.scope}`."
        drawn["description"] = "\n\n".join(filter(None, [drawn.get("description"), needs]))
    answer: JsonObject = {
        "description": "The answer.",
        "headers": {TRACE_HEADER: {"$ref": TRACE_REF}},
    }
    if operation.answer is not None:
        answer["content"] = {"application/json": {"schema": schemas["answer"]}}
    if operation.files:
        answer["content"] = {form: {"schema": {"type": "string"}} for form in operation.files}
    answers = dict.fromkeys(map(str, (operation.status, *operation.also)), answer)
    empty = {name: value for name, value in answer.items() if name != "content"}
    answers |= dict.fromkeys(map(str, operation.also_empty), empty)
    drawn["responses"] = {**answers, **_problem_answers(operation, schemas.get("failure"))}


def _body(operation: Operation, schema: JsonObject | None) -> JsonObject:
    content: JsonObject = {"schema": schema}
    if operation.example is not None:
        content["example"] = operation.example
    return content


def _lines(operation: Operation) -> JsonObject:
    """Give a body of one value a line, for which OpenAPI 3.1 has no schema but text."""
    description = "One object a line, each as in the form `application/json`."
    content: JsonObject = {"schema": {"type": "string", "description": description}}
    if operation.example is not None:
        content["example"] = f"{orjson.dumps(operation.example).decode()}\n"
    return content


def _query_parameters(model: type[BaseModel]) -> list[JsonObject]:
    schema = model.model_json_schema(ref_template=REF_TEMPLATE)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.pop("description", ""),
            "schema": field,
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _problem_answers(operation: Operation, failure: JsonObject | None) -> JsonObject:
    by_status: dict[int, dict[str, Answer]] = {}
    for answer in [*(answer_for(fault) for fault in operation.faults()), INTERNAL]:
        status = answer.status
        if failure is not None and status == _UNPROCESSABLE:
            status = _BAD_REQUEST  # a protocol of others knows no other
        by_status.setdefault(status, {})[answer.name] = answer
    return {
        str(status): {
            "description": " ".join(f"`{one.name}`: {one.title}" for one in answers.values()),
            "headers": {
                TRACE_HEADER: {"$ref": TRACE_REF},
                **(
                    {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
                    if any(one.retry_after_s for one in answers.values())
                    else {}
                ),
                **_HEADERS_OF.get(status, {}),
            },
            "content": {"application/json": {"schema": failure}}
            if failure is not None
            else {
                PROBLEM_JSON: {
                    "schema": {"$ref": REF_TEMPLATE.format(model=Problem.__name__)},
                    "examples": {name: {"value": _example(one)} for name, one in answers.items()},
                }
            },
        }
        for status, answers in sorted(by_status.items())
    }


def _example(answer: Answer) -> JsonObject:
    return {
        "type": answer.type,
        "title": answer.title,
        "status": answer.status,
        "detail": answer.detail or "What was wrong this time, and what would do.",
        "instance": "/v1/…",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "errors": [],
    }
