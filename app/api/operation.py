"""Says of a view what it needs and gives: one decorator admits the caller and documents the rest.

What is said here is the OpenAPI document; the view itself reads the request with
`app.api.requests`, so that a hot path pays for one check only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, ParamSpec

from apiflask.scaffold import APIScaffold

from app.api.access import require
from app.auth import MEMBER_TOKEN_HEADER
from app.errors import (
    BodyTooLarge,
    KeyRefused,
    MalformedBody,
    MissingScope,
    RateLimited,
    UnsupportedMediaType,
)
from app.front.admission import KEY_HEADER
from experiments.errors import DatabaseLocked, DatabaseMissing, InvalidValues

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.typing import ResponseReturnValue
    from pydantic import BaseModel

    from app.auth import Scope

EXTENSION: Final = "x-operation"
BEARER: Final = "bearer"
API_KEY: Final = "api_key"
MEMBER: Final = "member_token"
SECURITY_SCHEMES: Final = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key as `Authorization: Bearer tl_…`. Its scopes decide what it may.",
    },
    API_KEY: {
        "type": "apiKey",
        "in": "header",
        "name": KEY_HEADER,
        "description": "The same API key in a header of its own.",
    },
    MEMBER: {
        "type": "apiKey",
        "in": "header",
        "name": MEMBER_TOKEN_HEADER,
        "description": "A JWT of the business that names the member; with a browser key only.",
    },
}

P = ParamSpec("P")

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_DOCUMENTER: Final = APIScaffold()


@dataclass(frozen=True, slots=True)
class Operation:
    """What the OpenAPI document says of a view beyond its docstring.

    Attributes:
        scope: The scope that a key needs; None for an address that needs no key.
        body: The type of the body, as a type expression that Pydantic reads; None for no body.
        may_lack_body: Whether a request without a body is one, too.
        media_types: The forms in which the body is read.
        query: The model of the query string.
        path: What each part of the path means.
        answer: The type of the answer; None for one without a JSON body.
        status: The status of the answer.
        also: Other statuses with an answer of the same form.
        also_empty: Other statuses without a body.
        files: Media types of an answer that is a file; the header Accept chooses.
        problems: The faults that it answers beside those that follow from the rest.
        failure: The model of a refusal, where a protocol of others has its own; None for a problem.
        example: A body that would be accepted.
    """

    scope: Scope | None = None
    body: object = None
    may_lack_body: bool = False
    media_types: tuple[str, ...] = ("application/json",)
    query: type[BaseModel] | None = None
    path: Mapping[str, str] = field(default_factory=dict)
    answer: object = None
    status: int = 200
    also: tuple[int, ...] = ()
    also_empty: tuple[int, ...] = ()
    files: tuple[str, ...] = ()
    problems: tuple[type[Exception], ...] = ()
    failure: type[BaseModel] | None = None
    example: object = None

    def faults(self) -> tuple[type[Exception], ...]:
        """Every kind of fault that may be answered, without those of the server itself."""
        if self.failure is not None:
            return tuple(dict.fromkeys(self.problems))
        # whatever an address takes: a NUL in it is refused
        kinds: list[type[Exception]] = [InvalidValues]
        if self.body is not None:
            kinds += [MalformedBody, UnsupportedMediaType, BodyTooLarge]
        if self.scope is not None:
            kinds += [KeyRefused, MissingScope, RateLimited, DatabaseMissing, DatabaseLocked]
        return tuple(dict.fromkeys([*kinds, *self.problems]))


def operation(  # noqa: PLR0913  # one keyword for each thing that can be documented
    *,
    scope: Scope | None,
    answer: object,
    status: int = 200,
    also: tuple[int, ...] = (),
    also_empty: tuple[int, ...] = (),
    files: tuple[str, ...] = (),
    body: object = None,
    may_lack_body: bool = False,
    media_types: tuple[str, ...] = ("application/json",),
    query: type[BaseModel] | None = None,
    path: Mapping[str, str] = _NONE,
    problems: tuple[type[Exception], ...] = (),
    failure: type[BaseModel] | None = None,
    example: object = None,
    admits: bool = True,
    browsers: bool = True,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Admit only keys with `scope` to a view, and document it; `Operation` says what each means.

    The first line of the view's docstring becomes the summary, the rest the description. A view
    that asks the front (`app.front`) is admitted there: `admits` is False. Pages of browsers may
    ask those, unless `browsers` is False.
    """
    documented = Operation(
        scope=scope,
        body=body,
        may_lack_body=may_lack_body,
        media_types=media_types,
        query=query,
        path=dict(path),
        answer=answer,
        status=status,
        also=also,
        also_empty=also_empty,
        files=files,
        problems=problems,
        failure=failure,
        example=example,
    )
    security: list[str | dict[str, list[str]]] | None = None
    if scope is not None:
        security = [{BEARER: [str(scope)]}, {API_KEY: [str(scope)]}]
        if not admits and browsers:
            security += [{scheme: [str(scope)], MEMBER: []} for scheme in (BEARER, API_KEY)]

    def decorate(
        view: Callable[P, ResponseReturnValue],
    ) -> Callable[P, ResponseReturnValue]:
        admitted = require(scope)(view) if scope is not None and admits else view
        return _DOCUMENTER.doc(security=security, extensions={EXTENSION: documented})(admitted)

    return decorate
