"""Who changed what is kept, found again, and cannot be changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from app.webhooks import endpoints
from experiments import auditing, defining
from experiments.auditing import ActorKind, AuditQuery, Change, Difference, SubjectKind
from experiments.campaign import Move
from experiments.errors import StoreError
from experiments.lifecycle import (
    Act,
    create_campaign,
    move_campaign,
    set_programme,
    update_campaign,
)
from experiments.member import Member
from experiments.privacy import erasing, opting
from experiments.privacy.auditing import accesses
from experiments.store.audit import actor_of, note_change
from experiments.store.engine import writing
from experiments.store.members import put_members
from experiments.store.tables import audit_entries
from tests.experiments.designs import design, programme

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

ALL = AuditQuery()


def no_plan(*_: object) -> dict[str, object]:
    """Plan nothing: a draft is not analysed."""
    return {}


def changes(engine: Engine, wanted: AuditQuery = ALL) -> list[tuple[str, str]]:
    """Give action and subject of each entry, the oldest first."""
    found = auditing.find_entries(engine, wanted)
    return [(one.change.action, one.change.subject) for one in reversed(found)]


def test_a_campaign_leaves_an_entry_for_everything_that_is_done_to_it(
    engine: Engine, now: datetime
) -> None:
    """Creating, changing and moving are written down with who, before and after."""
    act = Act(now, "user ada", trace_id="t-1")
    drawn = design()
    create_campaign(engine, drawn, act)
    other = drawn.model_copy(update={"name": "Another name"})
    update_campaign(engine, drawn.key, other, Act(now, "key 12"), make_plan=no_plan)
    move_campaign(engine, drawn.key, Move.ARCHIVE, Act(now, "command line: root", "not needed"))

    newest, changed, made = auditing.find_entries(engine, ALL)

    assert [one.actor_kind for one in (made, changed, newest)] == [
        ActorKind.USER, ActorKind.KEY, ActorKind.COMMAND_LINE,
    ]  # fmt: skip
    assert made.trace_id == "t-1"
    assert made.change.before is None
    assert Difference("name", drawn.name, "Another name") in auditing.differences(changed.change)
    assert len(auditing.differences(changed.change)) == 1
    assert auditing.differences(newest.change) == (
        Difference("state", "draft", "archived"),
        Difference("reason", None, "not needed"),
    )


def test_what_is_refused_leaves_no_entry(engine: Engine, now: datetime) -> None:
    """An entry is written in the transaction of the change."""
    create_campaign(engine, design(), Act(now, "user ada"))
    with pytest.raises(Exception, match="exists"):
        create_campaign(engine, design(), Act(now, "user ada"))

    assert len(changes(engine)) == 1


def test_programme_metrics_and_webhooks_leave_entries(engine: Engine, now: datetime) -> None:
    """Each says what differs; a secret is never among it."""
    set_programme(engine, programme(), now, "user ada")
    set_programme(engine, programme(), now, "user ada")
    defining.set_metric(engine, "gifts", {"kind": "mean"}, now, "user ada")
    defining.delete_metric(engine, "gifts", now, "user ada")
    secret = "whsec_" + "c2VjcmV0" * 5
    address = "https://shop.example/hooks?token=hidden"
    endpoints.put_webhook(engine, "shop", address, [], now, secret=secret, actor="user ada")
    endpoints.change_secret(engine, "shop", now, actor="user ada")
    endpoints.remove_webhook(engine, "shop", now, "user ada")

    assert changes(engine) == [
        ("set", "programme"), ("set", "programme"), ("set", "gifts"), ("delete", "gifts"),
        ("set", "shop"), ("change_secret", "shop"), ("delete", "shop"),
    ]  # fmt: skip
    told = repr(auditing.find_entries(engine, ALL))
    assert "c2VjcmV0" not in told
    assert "hidden" not in told


def test_an_erased_member_is_not_found(engine: Engine, now: datetime) -> None:
    """Staff's acts upon a member are kept; who the member was is only in the access log."""
    with writing(engine) as connection:
        put_members(connection, [Member("ada-lovelace")], now)
    opting.opt_out(engine, "ada-lovelace", Act(now, "user bob"))
    erasing.erase_members(engine, ["ada-lovelace"], Act(now, "user bob"))

    assert [action for action, _ in changes(engine)] == ["opt_out", "erase"]
    assert changes(engine, replace(ALL, text="lovelace")) == []
    digests = {one.digest for one in accesses(engine, member_id="ada-lovelace")}
    assert digests
    assert not any(str(one) in repr(auditing.find_entries(engine, ALL)) for one in digests)


def test_what_a_member_wishes_through_a_key_is_no_change_by_staff(
    engine: Engine, now: datetime
) -> None:
    """The access log has it; the audit log is about who works here."""
    opting.opt_out(engine, "m-1", Act(now, "key 12, by the member"))

    assert changes(engine) == []


def test_entries_are_found_by_person_action_subject_time_and_text(
    engine: Engine, now: datetime
) -> None:
    """Every way of searching narrows, and text is found in any letters, taken as it is."""
    later = now + timedelta(hours=1)
    with writing(engine) as connection:
        first = Change("set", SubjectKind.METRIC, "gifts", None, {"name": "Geschenk 禮物 100%"})
        note_change(connection, first, now, "user ada")
        note_change(connection, Change("revoke", SubjectKind.API_KEY, "k1"), later, "key 12")

    gifts, key = ("set", "gifts"), ("revoke", "k1")
    assert changes(engine) == [gifts, key]
    assert changes(engine, replace(ALL, actors=("ada",))) == [gifts]
    assert changes(engine, replace(ALL, actors=())) == []
    assert changes(engine, replace(ALL, action="revoke")) == [key]
    assert changes(engine, replace(ALL, subject_kind="metric")) == [gifts]
    assert changes(engine, replace(ALL, subject="k1")) == [key]
    assert changes(engine, replace(ALL, since=later)) == [key]
    assert changes(engine, replace(ALL, until=later)) == [gifts]
    assert changes(engine, replace(ALL, text="GESCHENK 禮物")) == [gifts]
    assert changes(engine, replace(ALL, text="100%")) == [gifts]
    assert changes(engine, replace(ALL, text="1_0")) == []
    assert auditing.actions(engine) == ("revoke", "set")


def test_pages_follow_one_another(engine: Engine, now: datetime) -> None:
    """Each goes on below the last number of the one before; all entries come once."""
    with writing(engine) as connection:
        for number in range(5):
            change = Change("set", SubjectKind.METRIC, f"m{number}")
            note_change(connection, change, now, "user ada")

    page = auditing.find_entries(engine, ALL, limit=2)
    rest = auditing.find_entries(engine, ALL, before=page[-1].number, limit=9)

    assert [one.change.subject for one in (*page, *rest)] == ["m4", "m3", "m2", "m1", "m0"]
    assert len(list(auditing.all_entries(engine, ALL))) == 5


def test_no_entry_can_be_changed_or_removed(engine: Engine, now: datetime) -> None:
    """The database itself refuses."""
    with writing(engine) as connection:
        note_change(connection, Change("set", SubjectKind.METRIC, "m"), now, "user ada")
    for statement in (update(audit_entries).values(actor="eve"), delete(audit_entries)):
        with (
            pytest.raises((DBAPIError, StoreError), match="append-only"),
            writing(engine) as connection,
        ):
            connection.execute(statement)


def test_an_actor_is_told_from_its_words() -> None:
    """Users and keys by their id; anything else is the process's own."""
    assert actor_of("user ab12") == (ActorKind.USER, "ab12")
    assert actor_of("key 99, by the member") == (ActorKind.KEY, "99")
    assert actor_of("command line: root") == (ActorKind.COMMAND_LINE, "command line: root")


def test_differences_name_objects_of_lists() -> None:
    """A variant is named by its key, wherever it stands."""
    before = {"variants": [{"key": "a", "offer": {"cost": 1}}], "tags": ["x"]}
    after = {"variants": [{"key": "a", "offer": {"cost": 2}}], "tags": ["x", "y"]}
    change = Change("update", SubjectKind.CAMPAIGN, "gold", before, after)

    assert auditing.differences(change) == (
        Difference("variants[a].offer.cost", 1, 2),
        Difference("tags", "x", "x, y"),
    )
