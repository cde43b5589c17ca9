"""Administrators read who changed what, search it and take it with them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.keys import create_key
from app.auth.roles import Role
from app.console.audit import PAGE, AuditPage
from app.console.audit_words import ACTIONS, SUBJECTS
from experiments.auditing import Change, SubjectKind
from experiments.store.audit import note_change
from experiments.store.engine import writing
from tests.app.console.conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

ADDRESS = "/console/settings/audit"


def note(wiring: Wiring, subject: str, actor: str = "user boss", **after: object) -> None:
    """Write an entry down."""
    change = Change("set", SubjectKind.METRIC, subject, {"name": "before"}, after)
    with writing(wiring.engine) as connection:
        note_change(connection, change, wiring.clock(), actor)


def last(pages: list[Any]) -> AuditPage:
    """Give the page that was shown last."""
    page = pages[-1]
    assert isinstance(page, AuditPage)
    return page


def test_who_did_what_is_told_field_by_field(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """People and keys stand there by their names."""
    client = client_of(Role.ADMIN, "ada")
    key = create_key(wiring.engine, "the shop", ["audit:read"], wiring.clock())  # type: ignore[list-item]  # a scope is its text
    note(wiring, "gifts", f"key {key.key_id}", name="after")
    assert client.get(ADDRESS).status_code == 200
    newest = last(pages).entries[0]
    assert newest.who == f"the shop ({key.key_id})"
    assert newest.action == "Set"
    assert newest.subject_kind == "Metric"
    (difference,) = newest.differences
    assert (difference.field, difference.before, difference.after) == ("name", "before", "after")


def test_entries_are_searched(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """By person, subject, day and text; and the search is kept in the form."""
    client = client_of(Role.ADMIN, "ada")
    note(wiring, "gifts", name="Tea set")
    note(wiring, "cups", name="Cup")
    found = {
        "person=boss": 2,
        "person=nobody": 0,
        "kind=metric&subject=cups": 1,
        "action=set": 2,
        "text=tea": 1,
        "since=2026-03-01&until=2026-03-01": 3,
        "until=2026-02-28": 0,
    }
    for query, number in found.items():
        client.get(f"{ADDRESS}?{query}")
        assert len(last(pages).entries) == number, query
    assert last(pages).filters["until"] == "2026-02-28"


def test_a_day_that_is_none_is_said_at_its_field(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Nothing is searched then."""
    client = client_of()
    for query, field in (("since=soon", "since"), ("since=2026-03-02&until=2026-03-01", "until")):
        assert client.get(f"{ADDRESS}?{query}").status_code == 422
        assert set(last(pages).errors) == {field}


def test_older_entries_are_on_the_next_page(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Every entry comes once."""
    client = client_of()
    for number in range(PAGE + 3):
        note(wiring, f"m{number}")
    client.get(f"{ADDRESS}?kind=metric")
    first = last(pages)
    client.get(first.older)
    second = last(pages)
    assert len(first.entries) == PAGE
    assert len(second.entries) == 3
    assert not {one.number for one in first.entries} & {one.number for one in second.entries}
    assert second.older == ""
    assert second.newest


def test_what_is_found_is_handed_out_without_formulas(
    client_of: Callable[..., FlaskClient], wiring: Wiring
) -> None:
    """A spreadsheet runs nothing that somebody typed; JSON has it as it is."""
    client = client_of()
    note(wiring, "=cmd()", name="x")
    text = client.get(f"{ADDRESS}.csv?kind=metric").text
    header, row = csv.reader(io.StringIO(text))
    assert dict(zip(header, row, strict=True))["subject"] == "'=cmd()"
    (entry,) = client.get(f"{ADDRESS}.json?kind=metric").get_json()
    assert entry["subject"] == "=cmd()"
    assert entry["after"] == {"name": "x"}


def test_an_act_in_the_console_is_of_its_user(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Whoever made a user stands there by name."""
    client = client_of(Role.ADMIN, "ada")
    new = "/console/settings/users/new"
    post(client, new, page=new, email="eve@example.com", name="Eve", role="viewer")
    client.get(f"{ADDRESS}?kind=user&text=eve")
    (entry,) = last(pages).entries
    assert entry.who == "ada (ada@example.com)"
    assert entry.subject == "Eve (eve@example.com)"


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMIN])
def test_only_administrators_see_it(role: Role, client_of: Callable[..., FlaskClient]) -> None:
    """Others are told which permission they lack."""
    client = client_of(role)
    assert client.get(ADDRESS).status_code == 403
    assert client.get(f"{ADDRESS}.csv").status_code == 403


def test_subjects_have_words() -> None:
    """None is shown as the code names it."""
    assert set(SUBJECTS) == set(SubjectKind)
    assert "launch" in ACTIONS
