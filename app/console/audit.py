"""Who changed what: searched by person, act, subject, time and text, and handed out as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

import orjson
from flask import Blueprint, Response, request, url_for

from app.auth.actors import actor_names, actors_called
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.audit_words import ACTIONS, SUBJECTS
from app.console.campaigns.people_words import actor_words
from app.console.context import formats, wiring, words
from app.console.rendering import show
from app.exporting.audit_file import csv_of, json_of
from experiments import auditing
from experiments.auditing import AuditQuery, SubjectKind
from experiments.document import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experiments.auditing import AuditEntry, Difference

blueprint = Blueprint("audit", __name__)

PAGE: Final = 20
SHOWN: Final = 6
"""Differences that stand open; the others are folded."""

LONGEST: Final = 300
"""Characters of a value; the files have all of it."""

FILTERS: Final = ("person", "action", "kind", "subject", "since", "until", "text")


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A field, as it was and as it is."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One change.

    Attributes:
        when: In the programme's zone.
        iso: The same for machines.
        more: Differences beyond those that stand open.
    """

    number: int
    when: str
    iso: str
    who: str
    action: str
    subject_kind: str
    subject: str
    differences: tuple[ShownDifference, ...]
    more: tuple[ShownDifference, ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first, and what they were narrowed by.

    Attributes:
        filters: As typed, by field.
        errors: What was wrong with them, by field.
        older: Address of the page that follows; empty on the last.
        newest: Address of the first page; empty on it.
        files: Address of each file, by its kind.
    """

    template: ClassVar[str] = "console/audit/log.html"
    title: str
    entries: tuple[ShownEntry, ...]
    filters: Mapping[str, str]
    errors: Mapping[str, str]
    actions: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    is_narrowed: bool
    older: str
    newest: str
    files: Mapping[str, str]


@blueprint.get("/settings/audit")
@open_to(Scope.AUDIT_READ)
def log() -> tuple[str, int]:
    """Show entries."""
    typed = {name: request.args.get(name, "").strip() for name in FILTERS}
    wanted, errors = _query(typed)
    before = _number(request.args.get("before", ""))
    found = (
        ()
        if errors
        else auditing.find_entries(wiring().engine, wanted, before=before, limit=PAGE + 1)
    )
    return show(_page(found, typed, errors, is_first=before is None), 422 if errors else 200)


@blueprint.get("/settings/audit.<any(csv, json):form>")
@open_to(Scope.AUDIT_READ)
def export(form: str) -> Response | tuple[str, int]:
    """Give all entries that a search finds, as CSV or as JSON."""
    typed = {name: request.args.get(name, "").strip() for name in FILTERS}
    wanted, errors = _query(typed)
    if errors:
        return show(_page((), typed, errors, is_first=True), 422)
    found = auditing.all_entries(wiring().engine, wanted)
    is_json = form == "json"
    media_type = "application/json" if is_json else "text/csv; charset=utf-8"
    answer = Response(json_of(found) if is_json else csv_of(found), content_type=media_type)
    name = f"audit.{'json' if is_json else 'csv'}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _query(typed: Mapping[str, str]) -> tuple[AuditQuery, dict[str, str]]:
    errors: dict[str, str] = {}
    since, until = (_day(typed, name, errors) for name in ("since", "until"))
    if since and until and until < since:
        errors["until"] = words().say("This is before the first day.")
    kind = typed["kind"] if typed["kind"] in set(SubjectKind) else None
    query = AuditQuery(
        actors=actors_called(wiring().engine, typed["person"]) if typed["person"] else None,
        action=typed["action"] or None,
        subject_kind=kind,
        subject=typed["subject"] or None,
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)) if until else None,
        text=typed["text"] or None,
    )
    return query, errors


def _day(typed: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    if not typed[name]:
        return None
    try:
        day = date.fromisoformat(typed[name])
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year < 9999:  # noqa: PLR2004  # what databases keep
        errors[name] = words().say("This is no day. Write it like 2026-03-31.")
        return None
    return day


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), formats().zone)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= MAX_INTEGER else None


def _page(
    found: tuple[AuditEntry, ...],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    is_first: bool,
) -> AuditPage:
    say = words().say
    asked: dict[str, Any] = {name: value for name, value in typed.items() if value}
    names = actor_names(wiring().engine)
    known = auditing.actions(wiring().engine)
    older = url_for(".log", **asked, before=found[PAGE - 1].number) if len(found) > PAGE else ""
    return AuditPage(
        say("Audit log"),
        tuple(_shown(one, names) for one in found[:PAGE]),
        typed,
        errors,
        (("", say("All")), *((one, _word(ACTIONS, one)) for one in known)),
        (("", say("All")), *((str(one), _word(SUBJECTS, one)) for one in SubjectKind)),
        bool(asked),
        older,
        "" if is_first else url_for(".log", **asked),
        {form: url_for(".export", form=form, **asked) for form in ("csv", "json")},
    )


def _shown(entry: AuditEntry, names: Mapping[str, str]) -> ShownEntry:
    moment, change = formats().moment(entry.at), entry.change
    told = tuple(map(_told, auditing.differences(change)))
    subject = names.get(change.subject, "") if change.subject_kind is SubjectKind.USER else ""
    return ShownEntry(
        entry.number,
        moment.local,
        moment.iso,
        names.get(entry.actor) or actor_words(entry.actor, {}, words()),
        _word(ACTIONS, change.action),
        _word(SUBJECTS, change.subject_kind),
        subject or change.subject,
        told[:SHOWN],
        told[SHOWN:],
    )


def _told(one: Difference) -> ShownDifference:
    return ShownDifference(one.field, _text(one.before), _text(one.after))


def _text(value: object) -> str:
    match value:
        case None:
            text = ""
        case str():
            text = value
        case _:
            text = orjson.dumps(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _word(known: Mapping[str, str], name: str) -> str:
    return words().say(known[name]) if name in known else name
