"""Whatever is sent, what comes back stands in the OpenAPI document: Schemathesis asks and compares.

By hand, for as long as one likes and beyond what the suite has time for:
`SCHEMATHESIS_EXAMPLES=500 pytest tests/contracts/test_schemathesis.py`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

import orjson
import pytest
import schemathesis
from schemathesis import engine
from schemathesis.core.failures import format_failures
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from werkzeug.test import run_wsgi_app

from app.api import build
from app.auth import KeyKind, Scope, create_key
from app.settings import LogFormat, LogLevel, Settings
from app.wiring import open_log, wire
from tests.app.auth.signing import SECRET, claims, signed
from tests.app.resources.service import Clock, Service
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from apiflask import APIFlask
    from schemathesis import SerializationContext
    from schemathesis.specs.openapi.schemas import OpenApiSchema

Json = dict[str, Any]

EXAMPLES: Final = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
"""Requests for each operation in a run by hand; 0 for the run of the suite."""

FRONT: Final = "/(offer|progress|flags.*|exposures|conversions)$"
"""Addresses that a page may ask."""

KNOWN: Final[Mapping[str, list[object]]] = {
    "key": ["gold-q3", "draft", "paused", "stopped", "decided"],
    "member_id": ["m-1", "m-2", "nobody"],
    "campaign": ["gold-q3", "draft", "paused"],
    "number": [1, 2, 3],
}
"""What is there: invented names alone would be answered 404."""

OPERATIONS: Final[list[Json]] = [
    # an id may end in "/offer", so that the address of an offer is also that of such a member
    {
        "include-path-regex": "^/v1/members/{member_id}/(offer|progress|export|opt-outs|why)$",
        "checks": {
            "unsupported_method": {"enabled": False},
            "allow_header_conformance": {"enabled": False},
        },
    },
    # of several items each is judged by itself and answered with its own outcome
    {
        "include-path-regex": "/v1/(exposures|conversions|grants)$",
        "checks": {"negative_data_rejection": {"enabled": False}},
    },
]

DOCUMENTS: Final[Json] = {
    "include-path-regex": "^/v1/campaigns(/{key})?$",
    "include-method": ["POST", "PUT"],
    "phases": {"coverage": {"enabled": False}},
}
"""Every field of a campaign at every limit takes minutes; a run by hand does it."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A service with campaigns in many states, and facts.

    Attributes:
        server_key: May do everything.
        browser_key: What a page has.
        token: Names the member of the page, `m-1`.
        slow_key: May do everything, once a second.
    """

    app: APIFlask
    service: Service
    document: Json
    server_key: str
    browser_key: str
    token: str
    slow_key: str
    log: StringIO

    def schema(self, config: Json, paths: str = "") -> OpenApiSchema:
        """Give what Schemathesis makes of the document, or of some paths of it."""
        read = schemathesis.Config.from_dict({**config, "cache": {"enabled": False}})
        document = deepcopy(self.document)
        document["paths"] = {
            path: methods for path, methods in document["paths"].items() if re.search(paths, path)
        }
        schema = schemathesis.openapi.from_dict(document, config=read)
        schema.app = self.app
        return schema


@pytest.fixture
def shop(sqlite_template: Path, tmp_path: Path) -> Iterator[Shop]:
    """Give a service where something is there to be found at every address."""
    path = shutil.copyfile(sqlite_template, tmp_path / "app.db")
    settings = Settings(
        database_url=f"sqlite:///{path}",
        max_body_bytes=100_000,
        log_format=LogFormat.JSON,
        log_level=LogLevel.ERROR,
        member_token_secret=SECRET,
        rate_limit_browser=0,
    )
    clock, log = Clock(), StringIO()
    parts = replace(wire(settings), clock=clock, log=open_log(settings, log))
    keys = {scope: create_key(parts.engine, scope, [scope], clock()).text for scope in Scope}
    pages = [Scope.OFFERS_READ, Scope.EVENTS_WRITE]
    app = build(parts)
    service = Service(app.test_client(), keys, parts.engine, clock)
    stock(service)
    clock.forward(timedelta(minutes=5))
    yield Shop(
        app=app,
        service=service,
        document=with_known(service.client.get("/openapi.json").get_json()),
        server_key=create_key(parts.engine, "all", list(Scope), clock()).text,
        browser_key=create_key(parts.engine, "page", pages, clock(), kind=KeyKind.BROWSER).text,
        token=signed(claims(clock(), sub="m-1")),
        slow_key=create_key(parts.engine, "slow", list(Scope), clock(), rate=1).text,
        log=log,
    )
    parts.engine.dispose()


def stock(service: Service) -> None:
    """Fill a service: campaigns in every state, members, exposures, conversions, a quarantine."""
    service.set_programme()
    service.launch()
    for key in ("draft", "paused", "stopped", "decided"):
        assert service.campaign("POST", json={**deepcopy(DESIGN), "key": key}).status_code == 201
    for key, move in {"paused": "pause", "stopped": "stop", "decided": "stop"}.items():
        assert service.start(key).status_code == 200
        assert service.campaign("POST", f"/{key}/{move}").status_code == 200
    decision = {"decision": "do_not_ship", "reason": "Nobody climbed."}
    assert service.campaign("POST", "/decided/decide", json=decision).status_code == 200
    for number in range(20):
        member = f"m-{number}"
        service.put_member(member, tier="silver")
        variant = service.offer(member)["variant"]
        seen = {"campaign": "gold-q3", "variant": variant, "member_id": member}
        service.send("exposures", [{"exposure_id": f"e-{number}", **seen}, {"campaign": "gone"}])
        order = {"event": "order", "member_id": member, "amount_minor": 100, "currency": "TWD"}
        service.send("conversions", [{"conversion_id": f"c-{number}", **order}, {"event": "x"}])


def with_known(document: Json) -> Json:
    """Give a document whose parameters are often the names of what is there."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if (known := KNOWN.get(parameter["name"])) is not None:
                    parameter["schema"] = {"anyOf": [{"enum": known}, parameter["schema"]]}
    return document


@schemathesis.serializer("application/x-ndjson")
def write_lines(context: SerializationContext, value: object) -> bytes:  # noqa: ARG001  # Schemathesis passes it
    """Send lines as they are."""
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace")


def faults_of(schema: OpenApiSchema) -> tuple[list[str], Counter[int]]:
    """Ask all that Schemathesis can think of; give what was wrong, and the statuses that came."""
    found: dict[tuple[str, str], str] = {}
    statuses: Counter[int] = Counter()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, FatalError):
            raise event.exception
        if isinstance(event, NonFatalError):
            found["error", event.label] = event.info.format()
        if not isinstance(event, ScenarioFinished):
            continue
        recorder = event.recorder
        for case_id, interaction in recorder.interactions.items():
            if interaction.response is None:
                continue
            statuses[interaction.response.status_code] += 1
            for check in recorder.checks.get(case_id, ()):
                if (failed := check.failure_info) is not None:
                    found[check.name, recorder.label] = format_failures(
                        case_id=case_id,
                        response=interaction.response,
                        failures=[failed.failure],
                        curl=failed.code_sample,
                        config=schema.config.output,
                    )
    return [f"{': '.join(name)}\n{text}" for name, text in found.items()], statuses


def config(examples: int, headers: Mapping[str, str], operations: list[Json]) -> Json:
    """Give how Schemathesis asks: always the same, unless it is told how much."""
    return {
        "headers": dict(headers),
        "continue-on-failure": True,
        "warnings": False,
        "suppress-health-check": ["all"],
        "generation": {
            "max-examples": EXAMPLES or examples,
            "deterministic": not EXAMPLES,
            "database": "none",
            "no-shrink": not EXAMPLES,
            "with-security-parameters": False,
        },
        "phases": {"stateful": {"enabled": False}},
        "checks": {
            # a schema cannot say that shares add up to 100, or which currency the programme has
            "positive_data_acceptance": {"enabled": False},
            # works over a socket only; a test below asks without a key
            "ignored_auth": {"enabled": False},
        },
        "operations": operations,
    }


def test_a_server_gets_what_is_documented(shop: Shop) -> None:
    """With a key for everything: no fault of the server, no answer beside the document."""
    operations = OPERATIONS if EXAMPLES else [*OPERATIONS, DOCUMENTS]
    headers = {"Authorization": f"Bearer {shop.server_key}"}

    found, statuses = faults_of(shop.schema(config(40, headers, operations)))

    assert found == [], "\n\n".join(found)
    assert {200, 201, 207, 400, 404, 405, 409, 422} <= set(statuses)
    assert shop.log.getvalue() == ""


def test_a_page_gets_what_is_documented(shop: Shop) -> None:
    """The same with the key of a browser and a member's token, at the addresses for pages."""
    headers = {"Authorization": f"Bearer {shop.browser_key}", "X-Tierlift-Member": shop.token}
    schema = shop.schema(config(40, headers, OPERATIONS), FRONT)

    found, statuses = faults_of(schema)

    assert found == [], "\n\n".join(found)
    assert {200, 403} <= set(statuses)
    assert shop.log.getvalue() == ""


def test_nobody_gets_what_is_documented(shop: Shop) -> None:
    """The same without a key: nothing is shown, and nothing is said beside the document."""
    asked = config(5, {}, OPERATIONS)
    asked["phases"]["coverage"] = {"enabled": False}
    schema = shop.schema(asked, "^/(v1|ofrep|flag-config)/")

    found, statuses = faults_of(schema)

    assert found == [], "\n\n".join(found)
    assert set(statuses) <= {401, 404, 422}  # 404 and 422 where no key would help
    assert statuses[401] > statuses[404] + statuses[422]


def test_a_key_that_asks_too_often_gets_what_is_documented(shop: Shop) -> None:
    """The answer to one request too many says so, with the headers that the document names."""
    schema = shop.schema({"warnings": False})
    headers = {"Authorization": f"Bearer {shop.slow_key}"}

    for path in ("/v1/campaigns", "/flag-config/v1/config", "/metrics"):
        case = schema[path]["GET"].Case()
        answers = [case.call_and_validate(headers=headers) for _ in range(2)]
        assert answers[-1].status_code == 429
        documented = shop.document["paths"][path]["get"]["responses"]["429"]["headers"]
        assert {name.lower() for name in documented} <= set(answers[-1].headers)


ADDRESSES: Final = (
    *("/v1/members/m-1", "/v1/members/m-1/offer", "/v1/conversions", "/v1/exposures", "/metrics"),
    *("/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/gold-q3", "/flag-config/v1/config"),
    *("/v1/campaigns", "/v1/campaigns/gold-q3", "/v1/campaigns/paused/resume", "/v1/programme"),
    *("/v1/campaigns/gold-q3/assignments", "/v1/campaigns/gold-q3/scorecard", "/v1/quarantine"),
    *("/v1/quarantine/1/replay", "/readyz", "/docs", "/nothing"),
)
ENDINGS: Final = (
    *("/", "//", "%00", "%FF", "%0D%0A", "/%2e%2e", "/x%0A/y", "x" * 9_000, "?", "?%", "?%zz=%"),
    *("?x=%00", "?campaign=%FF", "?campaign=gold-q3&campaign=draft", "?campaign=%ED%A0%80"),
    *("?limit=1e99", "?limit=NaN", f"?limit={'9' * 5_000}", f"?cursor={'9' * 20}", "?cursor=-1"),
    *(f"?phase={'9' * 20}", "?as_of=nan", "?as_of=1e300", "?as_of=0001-01-01T00:00:00%2B14:00"),
    *("?campaign=gold-q3&locale=\x80\xff", "?apiKey=%ff", f"?{'a=1&' * 2_000}", "?new_phase=2"),
    *("?campaign=gold-q3&override=%ff.x.y", f"?sender={'x' * 9_000}", "?sender=%ED%A0%80"),
)
HEADERS: Final = (
    *("X_REQUEST_ID", "TRACEPARENT", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE", "ACCEPT"),
    *("ACCEPT_LANGUAGE", "AUTHORIZATION", "X_API_KEY", "X_TIERLIFT_MEMBER", "X_TIERLIFT_OVERRIDE"),
    *("CONTENT_TYPE", "CONTENT_LENGTH", "CONTENT_ENCODING", "TRANSFER_ENCODING", "COOKIE", "HOST"),
    *("ORIGIN", "ACCESS_CONTROL_REQUEST_METHOD"),
)
VALUES: Final = (
    *(
        "",
        "*",
        "en;q=NaN",
        "en;q=inf, *;q=-1",
        "*;q=1e999",
        ",,;;=",
        "a" * 9_000,
        "\xff\xfe",
        "\x00",
    ),
    *(
        'W/"',
        "Bearer",
        "Bearer \xe9",
        "tl_x_y",
        "x\r\ny: z",
        "-1",
        "9" * 20,
        "gzip",
        "[::1",
        "null",
    ),
    *("application/json; charset=\xff", "application/json; charset=utf-7", "text/csv;q=nan"),
    f"00-{'f' * 32}-{'f' * 16}-01",
)
"""Text as WSGI has it: one character for each byte."""


def test_odd_addresses_are_answered(shop: Shop) -> None:
    """Whatever an address holds, the answer is no fault of the server, and a refusal a problem."""
    for address in ADDRESSES:
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "ODD"):
            assert_answered(shop, method, address)
        for ending in ENDINGS:
            for method in ("GET", "POST", "PUT"):
                assert_answered(shop, method, address + ending)
    assert shop.log.getvalue() == ""


def test_odd_headers_are_answered(shop: Shop) -> None:
    """The same for headers."""
    for address in ADDRESSES:
        for header in HEADERS:
            for value in VALUES:
                method = "OPTIONS" if header == "ACCESS_CONTROL_REQUEST_METHOD" else "POST"
                for asked in ("GET", method):
                    assert_answered(shop, asked, address, **{header: value})
    assert shop.log.getvalue() == ""


def assert_answered(shop: Shop, method: str, address: str, **headers: str) -> None:
    """Ask as a server would pass it on, and require an answer that a client can read."""
    path, _, query = address.partition("?")
    body = b'{"context":{"targetingKey":"m-1"}}' if method != "GET" else b""
    sent = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
    sent |= {name: value for name, value in headers.items() if name.startswith("CONTENT_")}
    sent.pop("CONTENT_ENCODING", None)
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {shop.server_key}",
        **sent,
        **{f"HTTP_{name}": value for name, value in headers.items() if name not in sent},
    }
    answer, status, told = run_wsgi_app(shop.app, environ, buffered=True)
    content = b"".join(answer)
    name = f"{method} {address[:99]} {headers} → {status}"
    assert status < "5", name
    assert not status.startswith("3") or status.startswith("304"), name
    if method == "HEAD" or status.startswith("304"):
        assert content == b"", name
    elif status >= "4":
        assert dict(told)["Content-Type"].partition(";")[0].endswith(("/json", "+json")), name
        assert isinstance(orjson.loads(content), dict), name
    for _, value in told:
        assert not set(value.encode("latin-1")) & set(b"\r\n\x00"), name
