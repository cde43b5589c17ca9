"""Shows who changed what: finds entries of the audit log, and says field by field what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from experiments.store.audit import (
    ActorKind,
    AuditEntry,
    AuditQuery,
    Change,
    SubjectKind,
    known_actions,
    read_audit,
)
from experiments.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Engine

__all__ = ["ActorKind", "AuditEntry", "AuditQuery", "Change", "SubjectKind"]

TOGETHER: Final = 1_000
"""Entries that are read at once where all are wanted."""

_NAMES: Final = ("key", "metric", "event", "field")
"""Fields that name an object among others of a list, in the order in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that a change changed.

    Attributes:
        field: Where it stands: ``variants[gift].offer.unit_cost_minor``.
        before: What it was; None where it was not there, or empty.
        after: What it is; likewise.
    """

    field: str
    before: object
    after: object


def find_entries(
    engine: Engine, wanted: AuditQuery, *, before: int | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """Give entries, the newest first; those with a number below `before`, at most `limit`."""
    with reading(engine) as connection:
        return read_audit(connection, wanted, before=before, limit=limit)


def all_entries(engine: Engine, wanted: AuditQuery) -> Iterator[AuditEntry]:
    """Give every entry, the newest first, a bounded number of them in memory."""
    before = None
    while found := find_entries(engine, wanted, before=before, limit=TOGETHER):
        yield from found
        before = found[-1].number


def actions(engine: Engine) -> tuple[str, ...]:
    """Give the actions that there are entries of, in order."""
    with reading(engine) as connection:
        return known_actions(connection)


def differences(change: Change) -> tuple[Difference, ...]:
    """Give what a change changed, field by field; what stayed is left out."""
    old, new = _flat(change.before or {}), _flat(change.after or {})
    names = list(dict.fromkeys([*old, *new]))
    return tuple(
        Difference(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    )


def _flat(values: Mapping[str, Any]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in values.items():
        _spread(name, value, flat)
    return flat


def _spread(path: str, value: object, into: dict[str, object]) -> None:
    match value:
        case dict():
            for name, one in value.items():
                _spread(f"{path}.{name}", one, into)
        case list() if any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, 1):
                _spread(f"{path}[{_name_of(one, number)}]", one, into)
        case list():
            into[path] = ", ".join(map(str, value)) or None
        case _:
            into[path] = value


def _name_of(one: object, number: int) -> str:
    if isinstance(one, dict):
        for name in _NAMES:
            if isinstance(found := one.get(name), str):
                return found
    return str(number)
