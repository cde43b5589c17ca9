"""Says what is known of members, so that audiences can be made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.member import text_of
from experiments.store.engine import reading
from experiments.store.members import some_members

if TYPE_CHECKING:
    from sqlalchemy import Engine

LOOKED_AT: Final = 1_000
"""Members whose attributes are read; what only others have is not found."""

MOST_VALUES: Final = 12


@dataclass(frozen=True, slots=True)
class KnownAttribute:
    """An attribute that members have.

    Attributes:
        name: As rules name it.
        values: The most frequent ones as text, if there are few enough to list; else empty.
        is_number: Whether every value that was seen is a number.
    """

    name: str
    values: tuple[str, ...]
    is_number: bool


def known_attributes(engine: Engine) -> tuple[KnownAttribute, ...]:
    """Give the attributes of the members that come first, by name.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    with reading(engine) as connection:
        members = some_members(connection, LOOKED_AT)
    seen: dict[str, dict[str, int]] = {}
    texts: set[str] = set()
    for member in members:
        for name, value in member.attributes.items():
            if value is None:
                continue
            counts = seen.setdefault(name, {})
            text = text_of(value)
            counts[text] = counts.get(text, 0) + 1
            if isinstance(value, str | bool):
                texts.add(name)
    return tuple(
        KnownAttribute(
            name,
            tuple(sorted(counts, key=lambda one: (-counts[one], one)))
            if len(counts) <= MOST_VALUES  # sorted at once, in the same iteration
            else (),
            name not in texts,
        )
        for name, counts in sorted(seen.items())
    )
