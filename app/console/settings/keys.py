"""Pages about API keys: made, shown once, and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound

from app.auth.keys import BROWSER_SCOPES, KeyKind, Scope, create_key, list_keys, revoke_key
from app.auth.roles import ROLES, Role
from app.console.access import open_to
from app.console.context import formats, person, wiring, words
from app.console.rendering import show
from app.console.settings.place import actor, blueprint, refusals
from app.language import marked
from experiments.errors import InvalidValues

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

KINDS: Final = {
    KeyKind.SERVER: marked("Server: kept secret by one of your systems"),
    KeyKind.BROWSER: marked("Browser: everybody who opens the page can read it"),
}
SHORT_KINDS: Final = {KeyKind.SERVER: marked("Server"), KeyKind.BROWSER: marked("Browser")}


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key; of its text nothing is known."""

    key_id: str
    name: str
    kind: str
    rate: str
    scopes: tuple[str, ...]
    created: str
    revoked: str


@dataclass(frozen=True, slots=True)
class KeysPage:
    """All keys, and the form for another.

    Attributes:
        text: Of a key that was made just now: the only moment at which it is known.
        scopes: Each scope, whether it is chosen, and whether a browser key may have it.
        roles: Roles whose scopes may be given as a whole.
        errors: What was wrong with the form, by field.
    """

    template: ClassVar[str] = "console/settings/keys.html"
    title: str
    text: str
    needs_member_tokens: bool
    rows: tuple[KeyRow, ...]
    name: str
    kind: str
    kinds: tuple[tuple[str, str], ...]
    role: str
    roles: tuple[tuple[str, str], ...]
    rate: str
    scopes: tuple[tuple[str, bool, bool], ...]
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class RevokePage:
    """What a revocation does."""

    template: ClassVar[str] = "console/settings/revoke.html"
    title: str
    key_id: str
    name: str


@blueprint.get("/keys")
@open_to(Scope.KEYS_WRITE)
def keys() -> tuple[str, int]:
    """Show all keys, and the form."""
    return show(_page())


@blueprint.post("/keys")
@open_to(Scope.KEYS_WRITE)
def make_key() -> tuple[str, int]:
    """Make a key, and show its text this once."""
    form, parts = request.form, wiring()
    rate, errors = form.get("rate", "").strip(), {}
    if rate and not (rate.isascii() and rate.isdigit()):
        errors["rate"] = words().say("Give a whole number, or leave it empty.")
    granted = _granted()
    mine = ROLES[person().role]
    if beyond := sorted(granted - mine):
        errors["scopes"] = words().say(
            "Your own role does not have: {scopes}. A key may do no more than whoever makes it.",
            scopes=", ".join(beyond),
        )
    if errors:
        return show(_page(errors=errors), 422)
    kind = KeyKind.BROWSER if form.get("kind") == KeyKind.BROWSER else KeyKind.SERVER
    try:
        key = create_key(
            parts.engine, form.get("name", ""), granted, parts.clock(), kind=kind,
            rate=int(rate) if rate else None, actor=actor(),
        )  # fmt: skip
    except InvalidValues as refused:
        return show(_page(errors=refusals(refused)), 422)
    settings = parts.settings
    lacks = not (settings.member_token_secret or settings.member_token_jwks)
    return show(_page(text=key.text, needs_member_tokens=kind is KeyKind.BROWSER and lacks))


@blueprint.get("/keys/<key_id>/revoke")
@open_to(Scope.KEYS_WRITE)
def ask_revoke(key_id: str) -> tuple[str, int]:
    """Say what a revocation does."""
    found = next((one for one in list_keys(wiring().engine) if one.key_id == key_id), None)
    if found is None:
        raise NotFound
    return show(RevokePage(words().say("Revoke a key"), key_id, found.name))


@blueprint.post("/keys/<key_id>/revoke")
@open_to(Scope.KEYS_WRITE)
def revoke(key_id: str) -> Response:
    """End a key's validity."""
    revoke_key(wiring().engine, key_id, wiring().clock(), actor())
    flash(words().say("The key is revoked. It stops within a second."), "success")
    return redirect(url_for("console.settings.keys"))


def _granted() -> frozenset[Scope]:
    chosen = {scope for scope in Scope if scope in request.form.getlist("scopes")}
    role = request.form.get("role", "")
    return frozenset(chosen | (ROLES[Role(role)] if role in set(Role) else frozenset()))


def _page(
    *, text: str = "", needs_member_tokens: bool = False, errors: dict[str, str] | None = None
) -> KeysPage:
    say, form = words().say, request.form if errors else {}
    chosen = request.form.getlist("scopes") if errors else []
    return KeysPage(
        title=say("API keys"),
        text=text,
        needs_member_tokens=needs_member_tokens,
        rows=_rows(),
        name=form.get("name", ""),
        kind=form.get("kind", KeyKind.SERVER.value),
        kinds=tuple((one.value, say(label)) for one, label in KINDS.items()),
        role=form.get("role", ""),
        roles=(("", say("None")), *((one.value, one.value) for one in Role)),
        rate=form.get("rate", ""),
        scopes=tuple((one.value, one.value in chosen, one in BROWSER_SCOPES) for one in Scope),
        errors=errors or {},
    )


def _rows() -> tuple[KeyRow, ...]:
    say, moment = words().say, formats().moment
    return tuple(
        KeyRow(
            one.key_id,
            one.name,
            say(SHORT_KINDS[KeyKind(one.kind)]),
            say("As the settings say") if one.rate is None else formats().count(one.rate).text,
            tuple(sorted(one.scopes)),
            moment(one.created_at).local,
            moment(one.revoked_at).local if one.revoked_at else "",
        )
        for one in reversed(list_keys(wiring().engine))
    )
