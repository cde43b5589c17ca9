"""Makes of each row the item that the recording takes, and hands a batch over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from app.importing.values import (
    Moments,
    amount,
    consent,
    identifier,
    value_of_text,
    value_of_type,
)
from experiments.errors import InvalidValues, Problem
from experiments.member import Member, checked_member
from experiments.outcomes import Outcome
from experiments.recording import import_members, record_conversions, record_exposures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Engine

    from app.importing.columns import Columns
    from app.importing.records import Row
    from experiments.arrival import Arrival
    from experiments.directory import Directory
    from experiments.outcomes import ItemResult


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one row.

    Attributes:
        problems: Every reason, for a refused row.
    """

    outcome: Outcome
    problems: tuple[Problem, ...] = ()


class Taker(Protocol):
    """Takes in the rows of one kind."""

    def take(self, rows: Sequence[Row], arrival: Arrival) -> Sequence[Taken]:
        """Keep a batch in one transaction, and say what became of each row."""


class _Cells:
    """Gives the values of a row by the name of their column."""

    def __init__(self, columns: Columns, *, has_types: bool) -> None:
        self._named = columns.named
        self._others = tuple(columns.others.items())
        self._read = value_of_type if has_types else value_of_text

    def get(self, row: Row, name: str) -> object:
        place = self._named.get(name)
        return None if place is None else row.values[place]

    def others(self, row: Row) -> dict[str, object]:
        """Give what the other columns say; an empty one says nothing."""
        read, values = self._read, row.values
        return {
            name: value
            for name, place in self._others
            if (value := read(values[place])) is not None
        }


class MemberTaker:
    """Adds what a file says of members to what is known of them."""

    def __init__(self, engine: Engine, columns: Columns, *, has_types: bool) -> None:
        """Keep members in `engine`."""
        self._engine = engine
        self._cells = _Cells(columns, has_types=has_types)

    def take(self, rows: Sequence[Row], arrival: Arrival) -> Sequence[Taken]:
        """Keep a batch; of what one file says twice about a member, the later counts."""
        taken: list[Taken] = []
        places: dict[int, str] = {}
        said: dict[str, tuple[Member, bool]] = {}
        for row in rows:
            try:
                member, consented = self._member(row)
            except InvalidValues as refused:
                taken.append(Taken(Outcome.QUARANTINED, refused.problems))
                continue
            places[len(taken)] = member.member_id
            taken.append(Taken(Outcome.ACCEPTED))
            said[member.member_id] = _joined(
                said.get(member.member_id), member, consented=consented
            )
        for with_consent in (True, False):
            members = [member for member, stated in said.values() if stated is with_consent]
            if members:
                erased = import_members(
                    self._engine,
                    members,
                    arrival.now,
                    with_consent=with_consent,
                    source=arrival.sender or "import",
                )
                for place, member_id in places.items():
                    if member_id in erased:
                        taken[place] = Taken(Outcome.SUPPRESSED)
        return taken

    def _member(self, row: Row) -> tuple[Member, bool | None]:
        """Give a member and what the row says of consent.

        Raises:
            InvalidValues: Something of it cannot be kept; every fault is named.
        """
        attributes = self._cells.others(row)
        problems: list[Problem] = []
        said: bool | None = None
        came = self._cells.get(row, "personalisation_consent")
        try:
            said = consent(came)
        except ValueError:
            problem = Problem(
                "personalisation_consent",
                came,
                "is neither yes nor no",
                "Write true or false, or leave it empty to change nothing.",
            )
            problems.append(problem)
        try:
            member = checked_member(
                _required(self._cells.get(row, "member_id")),
                attributes,
                personalisation_consent=said is not False,
            )
        except InvalidValues as refused:
            problems = [*refused.problems, *problems]
            raise InvalidValues(problems) from refused
        if problems:
            raise InvalidValues(problems)
        return member, said


class ExposureTaker:
    """Takes in exposures."""

    def __init__(
        self,
        engine: Engine,
        directory: Directory,
        columns: Columns,
        moments: Moments,
        *,
        has_types: bool,
    ) -> None:
        """Keep exposures in `engine`, of the campaigns that `directory` lists."""
        self._engine, self._directory, self._moments = engine, directory, moments
        self._cells = _Cells(columns, has_types=has_types)

    def take(self, rows: Sequence[Row], arrival: Arrival) -> Sequence[Taken]:
        """Keep a batch."""
        get = self._cells.get
        items: list[dict[str, object]] = []
        known: dict[int, Problem] = {}
        for index, row in enumerate(rows):
            moment, problem = self._moments.read("exposed_at", get(row, "exposed_at"))
            if problem is not None:
                known[index] = problem
            items.append(
                {
                    "exposure_id": identifier(get(row, "exposure_id")),
                    "campaign": identifier(get(row, "campaign")),
                    "variant": identifier(get(row, "variant")),
                    "member_id": identifier(get(row, "member_id")),
                    "exposed_at": moment,
                }
            )
        results = record_exposures(
            self._engine, self._directory, items, arrival, keep_refused=False
        )
        return _taken(results, known)


class ConversionTaker:
    """Takes in conversions."""

    def __init__(
        self, engine: Engine, columns: Columns, moments: Moments, *, has_types: bool
    ) -> None:
        """Keep conversions in `engine`."""
        self._engine, self._moments = engine, moments
        self._cells = _Cells(columns, has_types=has_types)

    def take(self, rows: Sequence[Row], arrival: Arrival) -> Sequence[Taken]:
        """Keep a batch."""
        get = self._cells.get
        items: list[dict[str, object]] = []
        known: dict[int, Problem] = {}
        for index, row in enumerate(rows):
            moment, problem = self._moments.read("occurred_at", get(row, "occurred_at"))
            if problem is not None:
                known[index] = problem
            items.append(
                {
                    "conversion_id": identifier(get(row, "conversion_id")),
                    "member_id": identifier(get(row, "member_id")),
                    "event": identifier(get(row, "event")),
                    "occurred_at": moment,
                    "amount": amount(get(row, "amount")),
                    "currency": identifier(get(row, "currency")),
                    "properties": self._cells.others(row),
                }
            )
        results = record_conversions(self._engine, items, arrival, keep_refused=False)
        return _taken(results, known)


def _taken(results: Iterable[ItemResult], known: Mapping[int, Problem]) -> list[Taken]:
    """Give what became of each row; what is known better of a time stands in for what was said."""
    taken = []
    for result in results:
        problems = result.problems
        better = known.get(result.index)
        if better is not None:
            problems = tuple(
                better if problem.field == better.field else problem for problem in problems
            )
        taken.append(Taken(result.outcome, problems))
    return taken


def _joined(
    before: tuple[Member, bool] | None, member: Member, *, consented: bool | None
) -> tuple[Member, bool]:
    """Give a member with what an earlier row said, as if the rows had been kept one by one."""
    if before is None:
        return member, consented is not None
    earlier, stated = before
    if consented is None:
        member = replace(member, personalisation_consent=earlier.personalisation_consent)
    attributes = {**earlier.attributes, **member.attributes}
    return replace(member, attributes=attributes), stated or consented is not None


def _required(value: object) -> object:
    """Give an id as text; what is absent is told as empty."""
    named = identifier(value)
    return "" if named is None else named
