"""Makes a signed override, by which a tester sees a variant as one member for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final
from urllib.parse import quote, urlencode

from flask import request

from app.auth.keys import Scope
from app.auth.override import OVERRIDE_HEADER, OVERRIDE_PARAMETER, create_override
from app.console.access import open_to
from app.console.context import formats, person, wiring, words
from app.console.members.place import blueprint
from app.console.rendering import show
from app.language import marked
from experiments.recording import known_member

LASTS: Final = {
    "1h": (timedelta(hours=1), marked("1 hour")),
    "8h": (timedelta(hours=8), marked("8 hours")),
    "1d": (timedelta(days=1), marked("1 day")),
    "7d": (timedelta(days=7), marked("7 days")),
}


@dataclass(frozen=True, slots=True)
class OverridePage:
    """The form, and what was signed.

    Attributes:
        variants: Campaign and variant as one value, and as text.
        token: What was signed just now; empty at first.
        parameter: The same, as it stands in the address of a page that passes it on.
        address: Of the offer with the override in it, whole: what a frontend asks with its key.
        until: When it ends.
        errors: What was wrong, by field.
    """

    template: ClassVar[str] = "console/members/override.html"
    title: str
    member_id: str
    variants: tuple[tuple[str, str], ...]
    lasts: tuple[tuple[str, str], ...]
    chosen: str
    chosen_lasts: str
    header: str
    token: str
    parameter: str
    address: str
    until: str
    errors: dict[str, str]


@blueprint.get("/<path:member_id>/override")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask_override(member_id: str) -> tuple[str, int]:
    """Show the form."""
    known_member(wiring().engine, member_id)
    return show(_page(member_id, "", "1h"))


@blueprint.post("/<path:member_id>/override")
@open_to(Scope.CAMPAIGNS_WRITE)
def override(member_id: str) -> tuple[str, int]:
    """Sign an override, and show it."""
    chosen, lasts = request.form.get("variant", ""), request.form.get("lasts", "")
    errors = {}
    if chosen not in {one for one, _ in _variants()}:
        errors["variant"] = words().say("Choose a variant.")
    if lasts not in LASTS:
        errors["lasts"] = words().say("Choose how long it lasts.")
    if errors:
        return show(_page(member_id, chosen, lasts, errors=errors), 422)
    campaign, _, variant = chosen.partition("/")
    now, time = wiring().clock(), LASTS[lasts][0]
    token = create_override(
        wiring().engine, campaign, member_id=member_id, variant=variant, lasts=time, now=now,
        actor=f"user {person().user.user_id}",
    )  # fmt: skip
    until = formats().moment(now + time).local
    return show(_page(member_id, chosen, lasts, token=token, until=until))


def _variants() -> tuple[tuple[str, str], ...]:
    listing = wiring().serving.watch.listing()
    return tuple(
        (f"{one.key}/{variant.key}", f"{one.key} · {variant.key}")
        for one in listing.catalogue.served
        for variant in one.variants
    )


def _address(member_id: str, campaign: str, token: str) -> str:
    """Give the address at which the signed variant is answered; it opens nothing without a key."""
    asked = urlencode({"campaign": campaign, OVERRIDE_PARAMETER: token})
    return f"{request.host_url}v1/members/{quote(member_id, safe='')}/offer?{asked}"


def _page(
    member_id: str,
    chosen: str,
    lasts: str,
    *,
    token: str = "",
    until: str = "",
    errors: dict[str, str] | None = None,
) -> OverridePage:
    say = words().say
    return OverridePage(
        title=say("Show a variant to a tester"),
        member_id=member_id,
        variants=_variants(),
        lasts=tuple((key, say(text)) for key, (_, text) in LASTS.items()),
        chosen=chosen,
        chosen_lasts=lasts,
        header=OVERRIDE_HEADER,
        token=token,
        parameter=f"{OVERRIDE_PARAMETER}={token}" if token else "",
        address=_address(member_id, chosen.partition("/")[0], token) if token else "",
        until=until,
        errors=errors or {},
    )
