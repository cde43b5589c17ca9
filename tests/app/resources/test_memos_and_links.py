"""Decision memos and share links over the API: the domain's rules, each fault by its status."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.auth import Scope
from app.auth.keys import list_keys, revoke_key
from experiments.sharing import open_share_link
from tests.app.console.publishing import KEY, decide, kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

MEMOS = f"/v1/campaigns/{KEY}/memos"
LINKS = f"/v1/campaigns/{KEY}/share-links"
MEMO: dict[str, Any] = {
    "learned": "Gifts work.", "why": "It pays.", "owner": "Mei-Ling", "based_on": 0,
}  # fmt: skip


def test_memos_are_written_and_listed(
    client: FlaskClient, bearer: Callable[..., dict[str, str]], wiring: Wiring
) -> None:
    """With the decision and its snapshot; who comes second is told by 409."""
    scorecard = kept(wiring)
    decide(wiring, scorecard)
    key = bearer(Scope.REPORTS_READ, Scope.REPORTS_WRITE)

    made = client.post(MEMOS, json=MEMO, headers=key)
    assert made.status_code == 201
    memo = made.get_json()
    assert (memo["version"], memo["snapshot_hash"]) == (1, scorecard.snapshot_hash)
    assert memo["decided"]["rule_verdict"] == "ship"
    assert memo["author"].startswith("key ")
    late = client.post(MEMOS, json={**MEMO, "why": "Mine."}, headers=key)
    assert (late.status_code, late.get_json()["type"]) == (409, "urn:tierlift:problem:conflict")
    assert client.get(MEMOS, headers=key).get_json() == {"memos": [memo]}


def test_refused_memos_name_their_fields(
    client: FlaskClient, bearer: Callable[..., dict[str, str]], wiring: Wiring
) -> None:
    """Nothing is kept."""
    kept(wiring)
    key = bearer(Scope.REPORTS_WRITE)
    for sent, field in (
        ({**MEMO, "why": " "}, "why"),
        ({**MEMO, "snapshot_hash": "other"}, "snapshot_hash"),
        ({**MEMO, "based_on": True}, "based_on"),
        ({**MEMO, "numbers": "+300%"}, "numbers"),
    ):
        refused = client.post(MEMOS, json=sent, headers=key)
        assert refused.status_code == 422
        assert [one["field"] for one in refused.get_json()["errors"]] == [field]
    assert client.post("/v1/campaigns/none/memos", json=MEMO, headers=key).status_code == 404


def test_links_are_made_listed_and_revoked(
    client: FlaskClient, bearer: Callable[..., dict[str, str]], wiring: Wiring
) -> None:
    """The address is given once; a link of a key works as long as the key."""
    scorecard = kept(wiring)
    key = bearer(Scope.REPORTS_READ, Scope.REPORTS_WRITE)
    order = {"snapshot_hash": scorecard.snapshot_hash, "language": "zh-Hans-CN"}

    made = client.post(LINKS, json=order, headers=key)
    assert made.status_code == 201
    link = made.get_json()
    address = link.pop("address")
    assert address.startswith("http://localhost/shared/")
    secret = address.rpartition("/")[2]
    assert link["works"]
    assert link["expires_at"].startswith("2026-03-15T12:00:00")
    assert client.get(LINKS, headers=key).get_json() == {"share_links": [link]}
    assert open_share_link(wiring.engine, secret, wiring.clock()) is not None

    (kept_key,) = list_keys(wiring.engine)
    other = bearer(Scope.REPORTS_READ, Scope.REPORTS_WRITE)
    revoke_key(wiring.engine, kept_key.key_id, wiring.clock(), "command line")
    assert not client.get(LINKS, headers=other).get_json()["share_links"][0]["works"]
    for _ in range(2):
        revoked = client.delete(f"{LINKS}/{link['link_id']}", headers=other)
        assert revoked.get_json()["revoked_at"]
    assert client.delete(f"{LINKS}/none", headers=other).status_code == 404


def test_refused_links_name_their_fields(
    client: FlaskClient, bearer: Callable[..., dict[str, str]], wiring: Wiring
) -> None:
    """A link works for some time, and not for ever."""
    scorecard = kept(wiring)
    key, order = bearer(Scope.REPORTS_WRITE), {"snapshot_hash": scorecard.snapshot_hash}
    past, far = (wiring.clock() + timedelta(days=days) for days in (-1, 91))
    for sent, field in (
        ({**order, "expires_at": past.isoformat()}, "expires_at"),
        ({**order, "expires_at": far.isoformat()}, "expires_at"),
        ({**order, "language": "fr"}, "language"),
        ({"snapshot_hash": "other"}, "snapshot_hash"),
    ):
        refused = client.post(LINKS, json=sent, headers=key)
        assert refused.status_code == 422
        assert [one["field"] for one in refused.get_json()["errors"]] == [field]
