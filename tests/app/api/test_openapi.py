"""The OpenAPI document is true, whole and well formed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app.api import RESOURCES, build
from app.api.openapi import METHODS
from app.auth import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from app.wiring import Wiring

Json = dict[str, Any]

PLACEHOLDER = re.compile(r"<[^>]+>|\{[^}]+\}")


@pytest.fixture
def document(client: FlaskClient) -> Json:
    """Give the document of the application, with the addresses of these tests."""
    body: Json = client.get("/openapi.json").get_json()
    return body


@pytest.fixture
def product(wiring: Wiring) -> APIFlask:
    """Give the application as it is shipped."""
    return build(wiring)


@pytest.fixture
def shipped(product: APIFlask) -> Json:
    """Give the document of the application as it is shipped."""
    body: Json = product.test_client().get("/openapi.json").get_json()
    return body


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Give every operation with its name."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield f"{method} {path}", operation


def references(value: object) -> Iterator[str]:
    """Give every reference in a document."""
    match value:
        case dict():
            if isinstance(reference := value.get("$ref"), str):
                yield reference
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)
        case _:
            return


@pytest.mark.parametrize("which", ["document", "shipped"])
def test_the_document_is_of_openapi_3_1(which: str, request: pytest.FixtureRequest) -> None:
    """A client generator is told the version, the title and the licence."""
    document = request.getfixturevalue(which)

    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert document["info"]["title"] == "Tierlift API"
    assert document["info"]["license"] == {"name": "MIT", "identifier": "MIT"}


@pytest.mark.parametrize("which", ["document", "shipped"])
def test_every_reference_leads_somewhere(which: str, request: pytest.FixtureRequest) -> None:
    """A generator follows each reference within the document."""
    document = request.getfixturevalue(which)

    for reference in set(references(document)):
        place: Any = document
        assert reference.startswith("#/")
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert isinstance(place, dict)


@pytest.mark.parametrize("which", ["document", "shipped"])
def test_every_schema_is_a_json_schema(which: str, request: pytest.FixtureRequest) -> None:
    """OpenAPI 3.1 schemas are JSON Schema 2020-12, and each is checked against its metaschema."""
    document = request.getfixturevalue(which)

    assert document["components"]["schemas"]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for name in document["components"]["schemas"]:
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)


@pytest.mark.parametrize("which", ["document", "shipped"])
def test_every_operation_is_whole(which: str, request: pytest.FixtureRequest) -> None:
    """Each has a summary, an id of its own, a tag, an answer and problem answers."""
    document = request.getfixturevalue(which)
    names = [tag["name"] for tag in document["tags"]]
    tags = set(names)
    ids = [operation["operationId"] for _, operation in operations(document)]

    assert len(names) == len(tags)
    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        assert operation["summary"].endswith("."), name
        assert set(operation["tags"]) <= tags, name
        assert any(status.startswith("2") for status in operation["responses"]), name
        assert "500" in operation["responses"], name
        for status, answer in operation["responses"].items():
            assert answer["description"], name
            if status >= "400":
                (content,) = answer["content"].items()
                if "/ofrep/" in name:  # a protocol of others has refusals of its own
                    assert content[0] == "application/json", name
                    continue
                assert content[0] == "application/problem+json", name
                assert content[1]["schema"] == {"$ref": "#/components/schemas/Problem"}, name
                for example in content[1]["examples"].values():
                    assert str(example["value"]["status"]) == status, name
        for parameter in operation["parameters"]:
            assert parameter["description"], f"{name}: {parameter['name']}"
            assert parameter["in"] != "path" or parameter["required"] is True, name


def test_every_address_under_v1_is_documented(product: APIFlask, shipped: Json) -> None:
    """What can be called can be read about."""
    served = {
        f"{method.lower()} {PLACEHOLDER.sub('{}', rule.rule)}"
        for rule in product.url_map.iter_rules()
        for method in (rule.methods or set()) & {name.upper() for name in METHODS}
        if rule.rule.startswith("/v1")
    }
    documented = {PLACEHOLDER.sub("{}", name) for name, _ in operations(shipped)}

    assert served - documented == set()


def test_every_address_under_v1_needs_a_scope(shipped: Json) -> None:
    """No address of the API is open by oversight; 401 and 403 are documented with it."""
    for name, operation in operations(shipped):
        if "/v1/" not in name:
            continue
        scopes = {
            scope for way in operation["security"] for asked in way.values() for scope in asked
        }
        assert scopes <= set(Scope), name
        assert scopes, name
        assert {"401", "403"} <= set(operation["responses"]), name


def test_every_resource_is_listed_once() -> None:
    """Two resources never share a name."""
    names = [resource.name for resource in RESOURCES]

    assert len(names) == len(set(names))


def test_an_operation_says_what_it_takes_and_gives(document: Json) -> None:
    """Body, forms, example, answer, scope and problems come from one decorator."""
    operation = document["paths"]["/v1/probe/document"]["post"]

    assert operation["summary"] == "Give back the document that came."
    assert operation["description"].startswith("It may be JSON or YAML.")
    assert "`campaigns:write`" in operation["description"]
    content = operation["requestBody"]["content"]
    assert set(content) == {"application/json", "application/yaml"}
    assert content["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Whole-Input"
    } or (content["application/json"]["schema"] == {"$ref": "#/components/schemas/Whole"})
    assert content["application/json"]["example"] == {"name": "gold"}
    assert set(operation["responses"]) == {
        *("201", "400", "401", "403", "409", "413", "415", "422", "429", "500", "503")
    }
    assert operation["security"] == [
        {"bearer": ["campaigns:write"]},
        {"api_key": ["campaigns:write"]},
    ]


def test_a_query_is_documented_from_its_model(document: Json) -> None:
    """Each field of the model is a parameter, beside those of the path."""
    parameters = document["paths"]["/v1/probe/members/{member_id}"]["get"]["parameters"]

    assert [(one["name"], one["in"], one["required"]) for one in parameters] == [
        ("member_id", "path", True),
        ("campaign", "query", True),
        ("locale", "query", False),
    ]


def test_both_ways_to_present_a_key_are_documented(document: Json) -> None:
    """A client sends Authorization or X-API-Key."""
    schemes = document["components"]["securitySchemes"]

    assert schemes["bearer"]["scheme"] == "bearer"
    assert (schemes["api_key"]["in"], schemes["api_key"]["name"]) == ("header", "X-API-Key")


def test_what_is_answered_fits_the_schema(client: FlaskClient, document: Json) -> None:
    """A real problem is what the document says that problems are."""
    schema = {
        "$ref": "#/components/schemas/Problem",
        "components": {"schemas": document["components"]["schemas"]},
    }

    for name in ("invalid-values", "internal", "database-locked"):
        body = client.get(f"/v1/probe/faults/{name}").get_json()
        Draft202012Validator(schema).validate(body)


def test_the_shipped_document_passes_an_independent_validator(shipped: Json) -> None:
    """Others' reading of the OpenAPI specification finds nothing wrong."""
    validate(shipped)
