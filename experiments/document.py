"""The form of everything that a campaign document may hold: frozen, checked when built.

One Pydantic definition serves the API, YAML files, the store and the OpenAPI page, so a field has
one name and one rule. Facts and compiled values, which are made by the thousand, are plain
dataclasses instead.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, cast

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from experiments.errors import InvalidValues, Problem, UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MAX_INTEGER: Final = 2**63 - 1

MOST_KEPT: Final = 2_000
"""Documents that a process keeps as they were read: tens of kilobytes each."""

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What neither database can keep in a text."""


def is_storable(value: object) -> bool:
    """Say whether both databases can keep a value as JSON; other types are judged elsewhere."""
    match value:
        case str():
            return UNSTORABLE.search(value) is None
        case bool():
            return True
        case int():
            return abs(value) <= MAX_INTEGER
        case dict():
            return all(is_storable(name) and is_storable(inner) for name, inner in value.items())
        case list() | tuple():
            return all(map(is_storable, value))
        case _:
            return True


class Document(BaseModel):
    """A frozen value of the campaign document; an unknown field is refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_storable(cls, values: object) -> object:
        """Refuse what a database cannot keep, wherever it stands."""
        if not is_storable(values):
            message = "has a text with a NUL or half a character, or a number beyond 64 bits"
            raise ValueError(message)
        return values


def _no_number(value: object) -> object:
    """Refuse a number, which Pydantic would read as seconds since 1970, or as milliseconds."""
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return value
    elif not isinstance(value, bool | int | float | Decimal):
        return value
    message = "is a number; write the date and time with offset, like 2026-07-01T00:00:00Z"
    raise ValueError(message)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first hours of year 1, the last ones of 9999
        message = "is out of range; check the year"
        raise ValueError(message) from None


def _hundredths(value: Decimal) -> Decimal:
    if value != value.quantize(Decimal("0.01")):
        message = "has more than two decimals; one slot is 0.01 %"
        raise ValueError(message)
    return value.quantize(Decimal("0.01"))


Key = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._-]{1,128}$", description="Letters, digits, '.', '_' and '-'."),
]
"""A key that goes into paths and salts unescaped, since clients do not encode it."""

Moment = Annotated[AwareDatetime, AfterValidator(_utc), BeforeValidator(_no_number)]
"""A point in time with its offset, kept in UTC."""

Percent = Annotated[
    Decimal,
    Field(ge=0, le=100, description="Per cent, with at most two decimals."),
    AfterValidator(_hundredths),
    PlainSerializer(float, return_type=float, when_used="json"),
]
"""A share in per cent; two decimals make it whole slots."""


DocumentT = TypeVar("DocumentT", bound=Document)


def reread(model: type[DocumentT], values: object, what: str) -> DocumentT:
    """Give a document as it was stored.

    Raises:
        UnreadableDocument: The rules of this version refuse it.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        reasons = "; ".join(str(problem) for problem in problems_of(error))
        raise UnreadableDocument(what, reasons) from error


def reread_text(model: type[DocumentT], text: str, what: str) -> DocumentT:
    """Give a document as it was stored, from its JSON text.

    A text is parsed once a process and the value kept, so that whoever reads hundreds of campaigns
    at every request does not check hundreds of documents again.

    Raises:
        UnreadableDocument: The rules of this version refuse it.
    """
    found = _reread(model, text)
    if found is None:
        return reread(model, orjson.loads(text), what)
    return cast("DocumentT", found)


@lru_cache(MOST_KEPT)
def _reread(model: type[Document], text: str) -> Document | None:
    """Give the frozen value of a text; None where it is refused, for the caller to say why."""
    try:
        return model.model_validate(orjson.loads(text))
    except ValidationError:
        return None


def field_path(location: Iterable[int | str]) -> str:
    """Give a Pydantic location as the sender would write it: ``variants[1].offer.copy``."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path or "(document)"


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """Give a Pydantic error as problems, one per field, with the value that came."""
    return tuple(
        Problem(
            field=field_path(_without_tags(detail["loc"])),
            value=None if detail["type"] == "missing" else detail.get("input"),
            message=_message(detail),
            way_out=_way_out(detail),
        )
        for detail in error.errors(include_url=False)
    )


def invalid(error: ValidationError) -> InvalidValues:
    """Give a Pydantic error as this package's own."""
    return InvalidValues(problems_of(error))


def _without_tags(location: tuple[int | str, ...]) -> Iterator[int | str]:
    """Leave out the tag that Pydantic puts after a tagged union; no sender wrote it as a field."""
    before: int | str = ""
    for step in location:
        if before not in {"offer", "default_offer"}:
            yield step
        before = step


def _message(detail: Any) -> str:  # noqa: ANN401  # Pydantic's ErrorDetails, a TypedDict of theirs
    message = str(detail["msg"]).removeprefix("Value error, ")
    return {
        "missing": "is required",
        "extra_forbidden": "is not a field that this document knows",
    }.get(detail["type"], message[:1].lower() + message[1:])


def _way_out(detail: Any) -> str:  # noqa: ANN401, PLR0911  # as above; one return a kind
    context = detail.get("ctx") or {}
    match detail["type"]:
        case "missing":
            return "Add it."
        case "extra_forbidden":
            return "Remove it, or check its spelling."
        case "enum" | "literal_error":
            return f"Use one of: {context.get('expected')}."
        case "union_tag_invalid":
            return f"Use one of: {context.get('expected_tags')}."
        case "string_pattern_mismatch":
            return f"It must match {context.get('pattern')}."
        case "timezone_aware" | "datetime_from_date_parsing" | "datetime_parsing":
            return "Give a date and time with its offset, like 2026-07-01T00:00:00+08:00."
        case _:
            return ""
