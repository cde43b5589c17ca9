"""Clients that decide locally fetch the configuration, and fetch it again only when it changed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.auth import Scope, create_key

if TYPE_CHECKING:
    from io import StringIO

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.wiring import Wiring
    from tests.app.resources.service import Service

PATH = "/flag-config/v1/config"


def fetch(service: Service, **headers: str) -> TestResponse:
    """Fetch the configuration with a key in a header."""
    return service.call("GET", PATH, Scope.FLAGS_READ, headers=headers)


def test_a_launched_campaign_is_a_flag(service: Service) -> None:
    """What was configured is served, and what is left out is named."""
    service.launch()
    service.launch(key="capped", caps={"units": 10})
    answer = fetch(service)
    document = answer.get_json()
    assert answer.mimetype == "application/json"
    assert list(document["flags"]) == ["gold-q3"]
    assert document["environment"] == {"name": "Harbour Club"}
    omitted = document["tierlift"]["omitted"]
    assert omitted == [{"key": "capped", "reason": "cap", "detail": ""}]


def test_a_client_gets_the_variant_of_the_offer(service: Service) -> None:
    """The splits of the flag name the variants that the address of the offer gives."""
    service.launch()
    (split,) = (
        one["splits"]
        for one in fetch(service).get_json()["flags"]["gold-q3"]["allocations"]
        if one["key"] == "assigned"
    )
    assert {one["variationKey"] for one in split} == {"control", "gift"}
    assert service.offer("m-1")["variant"] in {"control", "gift"}


def test_what_has_not_changed_is_not_sent_again(service: Service) -> None:
    """The tag stands for the body: the same at any time, another one after any change."""
    service.launch()
    first = fetch(service)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    service.clock.forward(timedelta(days=1))
    for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = fetch(service, **{"If-None-Match": named})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
    paused = service.campaign("POST", "/gold-q3/pause")
    assert paused.status_code == 200, paused.text
    changed = fetch(service, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    allocations = changed.get_json()["flags"]["gold-q3"]["allocations"]
    assert [one["key"] for one in allocations] == ["not_started", "paused"]


def test_the_key_may_come_in_the_query(service: Service) -> None:
    """Clients of this form have no other place for it; what else they say is not read."""
    query = {"apiKey": service.keys[Scope.FLAGS_READ], "sdkName": "python", "sdkVersion": "4"}
    answer = service.client.get(PATH, query_string=query)
    assert answer.status_code == 200
    query["apiKey"] = service.keys[Scope.OFFERS_READ]
    assert service.client.get(PATH, query_string=query).status_code == 403
    assert service.client.get(PATH).status_code == 401


def test_a_header_counts_before_the_query(service: Service) -> None:
    """Nobody is admitted by a key beside the one that they present."""
    query = {"apiKey": service.keys[Scope.FLAGS_READ]}
    headers = [{"Authorization": "Bearer nonsense"}, {"X-API-Key": "nonsense"}]
    for header in headers:
        answer = service.client.get(PATH, query_string=query, headers=header)
        assert answer.status_code == 401


def test_a_key_in_the_query_is_never_written_down(
    client: FlaskClient, wiring: Wiring, written: StringIO
) -> None:
    """Neither the log nor any answer repeats it: admitted, refused, sent twice, or with a NUL."""
    key = create_key(wiring.engine, "a server", [Scope.FLAGS_READ], wiring.clock()).text
    other = create_key(wiring.engine, "another", [Scope.OFFERS_READ], wiring.clock()).text
    secrets = [one.split("_", 2)[2] for one in (key, other)]
    seen = []
    for query in (f"apiKey={key}", f"apiKey={other}", f"apiKey={key}&apiKey={other}"):
        for more in ("", "&x=%00", "&sdkName=python"):
            seen.append(client.get(f"{PATH}?{query}{more}").get_data(as_text=True))
            seen.append(client.post(f"{PATH}?{query}{more}").get_data(as_text=True))
    seen.append(client.get(f"{PATH}?apiKey={key[:-1]}").get_data(as_text=True))
    seen.append(written.getvalue())
    assert "request" in seen[-1]
    for secret in secrets:
        assert not [text for text in seen if secret[:-1] in text]


def test_an_empty_installation_has_a_configuration(empty_service: Service) -> None:
    """A client may start before there is a programme."""
    document = fetch(empty_service).get_json()
    assert document["flags"] == {}
