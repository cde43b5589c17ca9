"""Says who a member is: an id, attributes that rules may read, and consent."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from experiments.document import MAX_INTEGER, is_storable
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

Attribute: TypeAlias = str | int | float | bool | None

MAX_ID_LENGTH: Final = 255
MAX_ATTRIBUTES: Final = 200
MAX_TEXT_LENGTH: Final = 2_000

_CONTROL: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

HOUSEHOLD: Final = "household_id"
"""The attribute that names a member's household."""

CONSENT: Final = "personalisation_consent"
"""What consent is called wherever it is sent along with attributes."""


def _nothing() -> Mapping[str, Attribute]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Member:
    """A person with a membership.

    Attributes:
        member_id: The business's own id, kept and hashed exactly as it was sent.
        attributes: Facts known beforehand, by name; an absent one and None are the same. What was
            computed, with what the business says over it.
        personalisation_consent: False for a member who opted out of personalised offers.
        computed: What a recomputation of the programme found.
        computed_by: Version of the rules that found it, where anything is computed.
        said: What the business says, where something is computed.
    """

    member_id: str
    attributes: Mapping[str, Attribute] = field(default_factory=_nothing)
    personalisation_consent: bool = True
    computed: Mapping[str, Attribute] = field(default_factory=_nothing)
    computed_by: str | None = None
    said: Mapping[str, Attribute] | None = None

    @property
    def imported(self) -> Mapping[str, Attribute]:
        """What the business says of the member, which wins over what is computed."""
        return self.attributes if self.said is None else self.said

    @property
    def household_id(self) -> str | None:
        """The household that the member belongs to, as text, where one is known."""
        value = self.attributes.get(HOUSEHOLD)
        return None if value is None or value == "" else text_of(value)


def stored_member(
    member_id: str,
    imported: Mapping[str, Attribute],
    *,
    personalisation_consent: bool,
    computed: Mapping[str, Attribute] | None,
    computed_by: str | None,
) -> Member:
    """Give a member as the store keeps one: what was computed apart from what the business says."""
    if not computed:
        return Member(member_id, MappingProxyType(imported), personalisation_consent)
    return Member(
        member_id,
        MappingProxyType({**computed, **imported}),
        personalisation_consent,
        MappingProxyType(computed),
        computed_by,
        MappingProxyType(imported),
    )


def text_of(value: str | float) -> str:
    """Give an attribute as rules compare it: ``true``, ``12``, ``3`` for 3.0, ``3.5``, text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def id_problem(name: str, value: object) -> Problem | None:
    """Give what is wrong with an id that a sender gave, or None.

    Ids are text of 1 to 255 characters without control characters: PostgreSQL cannot keep a NUL,
    and a line break would tear exports.
    """
    way_out = f"Send text of 1 to {MAX_ID_LENGTH} characters."
    if not isinstance(value, str):
        return Problem(name, value, "is not text", way_out)
    if not value:
        return Problem(name, value, "is empty", way_out)
    if len(value) > MAX_ID_LENGTH:
        return Problem(name, value, f"is {len(value)} characters long", way_out)
    if not value.isprintable() and _CONTROL.search(value):
        return Problem(name, value, "has a control character or half a character", way_out)
    return None


def attribute_problems(attributes: Mapping[str, object]) -> tuple[Problem, ...]:
    """Give what is wrong with a member's attributes, one problem per attribute."""
    problems = [
        Problem(f"attributes.{name}", value, message, "Send text, a number, true, false or null.")
        for name, value in attributes.items()
        if (message := _attribute_fault(name, value))
    ]
    household = attributes.get(HOUSEHOLD)
    if not problems and isinstance(household, str | int | float) and household != "":
        fault = id_problem(f"attributes.{HOUSEHOLD}", text_of(household))
        problems += [fault] if fault else []
    if len(attributes) > MAX_ATTRIBUTES:
        problems.append(
            Problem("attributes", len(attributes), f"are more than {MAX_ATTRIBUTES}", "Send fewer.")
        )
    return tuple(problems)


def _attribute_fault(name: str, value: object) -> str | None:  # noqa: PLR0911  # one a rule
    if not name or len(name) > MAX_ID_LENGTH or not is_storable(name):
        return "has an unusable name"
    match value:
        case None | bool():
            return None
        case int():
            return None if abs(value) <= MAX_INTEGER else "has more than 64 bits"
        case float():
            return None if math.isfinite(value) else "is not a finite number"
        case str():
            if len(value) > MAX_TEXT_LENGTH:
                return f"is longer than {MAX_TEXT_LENGTH} characters"
            return None if is_storable(value) else "has a NUL or half a character"
        case _:
            return "is neither text, a number, a boolean nor null"


def checked_member(
    member_id: object, attributes: Mapping[str, object], *, personalisation_consent: bool = True
) -> Member:
    """Give a member, or refuse it.

    Raises:
        InvalidValues: The id or an attribute cannot be kept; every fault is named.
    """
    problems = attribute_problems(attributes)
    fault = id_problem("member_id", member_id)
    if fault is not None or problems:
        raise InvalidValues((*((fault,) if fault else ()), *problems))
    kept = {name: value for name, value in attributes.items() if value is not None}
    return Member(str(member_id), MappingProxyType(kept), personalisation_consent)  # type: ignore[arg-type]  # attribute_problems has seen every value
