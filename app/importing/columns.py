"""Decides which column of a file is what, before anything is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ImportKind(StrEnum):
    """What the rows of a file are."""

    MEMBERS = "members"
    EXPOSURES = "exposures"
    CONVERSIONS = "conversions"


REQUIRED: Final = {
    ImportKind.MEMBERS: ("member_id",),
    ImportKind.EXPOSURES: ("exposure_id", "campaign", "variant", "member_id", "exposed_at"),
    ImportKind.CONVERSIONS: ("conversion_id", "member_id", "event", "occurred_at"),
}
OPTIONAL: Final[Mapping[ImportKind, tuple[str, ...]]] = {
    ImportKind.MEMBERS: ("personalisation_consent",),
    ImportKind.EXPOSURES: (),
    ImportKind.CONVERSIONS: ("amount", "currency"),
}
KEEPS_OTHERS: Final = frozenset({ImportKind.MEMBERS, ImportKind.CONVERSIONS})
"""Kinds whose other columns are kept, as attributes or properties."""

QUARANTINE_COLUMNS: Final = ("quarantine_line", "quarantine_reason", "quarantine_text")
"""What a quarantine file has beside the columns of its rows; an import leaves these out."""

_WRONG_MONEY: Final = frozenset({"amount_minor"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column stands in a row.

    Attributes:
        named: Place of each required or optional column that the file has.
        others: Place of each column that becomes an attribute or a property.
        ignored: Names of the columns that are not kept.
    """

    named: Mapping[str, int]
    others: Mapping[str, int]
    ignored: tuple[str, ...]


def arrange_columns(
    kind: ImportKind, found: Sequence[str], renamed: Mapping[str, str] | None = None
) -> Columns:
    """Say what each column of a file is.

    Args:
        kind: What the rows are.
        found: The names that the file has.
        renamed: Our name for some of theirs.

    Raises:
        InvalidValues: A required column is absent, a name stands twice or is empty, or `renamed`
            speaks of a column that the file does not have.
    """
    renamed = renamed or {}
    names = [renamed.get(name, name) for name in found]
    problems = [*_renaming_problems(found, renamed), *_name_problems(names)]
    if not problems:
        problems = _kind_problems(kind, names)
    if problems:
        raise InvalidValues(problems)
    known = (*REQUIRED[kind], *OPTIONAL[kind])
    places = {name: place for place, name in enumerate(names) if name not in QUARANTINE_COLUMNS}
    others = {name: place for name, place in places.items() if name not in known}
    keeps = kind in KEEPS_OTHERS
    return Columns(
        named={name: place for name, place in places.items() if name in known},
        others=others if keeps else {},
        ignored=() if keeps else tuple(others),
    )


def _renaming_problems(found: Sequence[str], renamed: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(
            "--map",
            f"{theirs}={ours}",
            f"names a column {theirs!r} that the file does not have",
            _has(found),
        )
        for theirs, ours in renamed.items()
        if theirs not in found
    ]


def _name_problems(names: Sequence[str]) -> list[Problem]:
    problems = [
        Problem(f"column {place}", name, "has no name", "Give it one in the first line.")
        for place, name in enumerate(names, start=1)
        if not name.strip()
    ]
    problems += [
        Problem(
            f"column {place}",
            name,
            "begins or ends with a space, as its values may, which rules would not match",
            "Write the file without them, or rename the column with --map.",
        )
        for place, name in enumerate(names, start=1)
        if name.strip() and name != name.strip()
    ]
    problems += [
        Problem("columns", name, "stands more than once", "Rename one with --map THEIRS=OURS.")
        for name, count in Counter(names).items()
        if count > 1 and name.strip()
    ]
    return problems


def _kind_problems(kind: ImportKind, names: Sequence[str]) -> list[Problem]:
    missing = [name for name in REQUIRED[kind] if name not in names]
    if missing:
        wanted = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
        message = f"lack {wanted}, without which rows are no {kind}"
        way_out = f"{_has(names)} Name theirs with --map THEIRS={missing[0]}{_delimiter(names)}."
        return [Problem("columns", None, message, way_out)]
    if kind is not ImportKind.CONVERSIONS:
        return []
    problems = [
        Problem(
            name,
            None,
            "is not read from files, and would be lost as a property",
            "Give amounts as decimals of the currency in `amount`, like 12.30.",
        )
        for name in names
        if name in _WRONG_MONEY
    ]
    if "amount" in names and "currency" not in names:
        way_out = f"Add a column currency with ISO 4217 codes. {_has(names)}"
        problems.append(Problem("columns", None, "have amount but lack currency", way_out))
    return problems


def _has(names: Sequence[str]) -> str:
    return f"The file has: {', '.join(name if name.strip() else repr(name) for name in names)}."


def _delimiter(names: Sequence[str]) -> str:
    """Suggest a delimiter where a single column looks like several."""
    if len(names) > 1:
        return ""
    for delimiter, written in ((";", "';'"), ("\t", "tab"), ("|", "'|'")):
        if delimiter in names[0]:
            return f", or the values are separated by --delimiter {written}"
    return ""
