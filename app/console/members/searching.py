"""The page on which members are found: by their id or how it begins, and by tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from flask import request, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import formats, programme, wiring, words
from app.console.members.place import act, blueprint
from app.console.members.words import value
from app.console.rendering import show
from experiments.looking import LOOKED_THROUGH, Found, search_members

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of a list."""

    member_id: str
    address: str
    tier: str
    opted_out: bool


@dataclass(frozen=True, slots=True)
class MembersPage:
    """What was searched for, and who was found.

    Attributes:
        asked: Whether anything was searched for yet.
        tiers: Key and name of each tier, an empty key for any.
        cut: What to do where the search ended early; else empty.
        more: Address of the next page; empty on the last one.
    """

    template: ClassVar[str] = "console/members/search.html"
    title: str
    asked: bool
    prefix: str
    tier: str
    tiers: tuple[tuple[str, str], ...]
    rows: tuple[MemberRow, ...]
    cut: str
    more: str


@blueprint.get("/")
@open_to(Scope.MEMBERS_READ)
def search() -> tuple[str, int]:
    """Show the form, and what it found."""
    prefix, tier = request.args.get("id", "").strip(), request.args.get("tier", "")
    asked = "id" in request.args
    found = Found((), "")
    if asked:
        after = request.args.get("after", "")
        found = search_members(
            wiring().engine, prefix, tier, act(), after=after, limit=PAGE
        )  # fmt: skip
    return show(_page(found, prefix, tier, asked=asked))


def _page(found: Found, prefix: str, tier: str, *, asked: bool) -> MembersPage:
    say, names = words().say, tier_names()
    limit = formats().count(LOOKED_THROUGH).text
    cut = say("{limit} members were looked through. Go on, or type more of the id.", limit=limit)
    return MembersPage(
        title=say("Members"),
        asked=asked,
        prefix=prefix,
        tier=tier,
        tiers=(("", say("Any tier")), *names.items()),
        rows=tuple(
            MemberRow(
                one.member_id,
                url_for("console.members.show_member", member_id=one.member_id),
                tier_name(names, one.attributes.get("tier")),
                not one.personalisation_consent,
            )
            for one in found.members
        ),
        cut=cut if found.is_cut else "",
        more=url_for("console.members.search", id=prefix, tier=tier, after=found.after)
        if found.after
        else "",
    )


def tier_names() -> dict[str, str]:
    """Give what the programme calls its tiers, by key."""
    known = programme()
    return {one.key: one.name or one.key for one in known.tiers} if known else {}


def tier_name(names: dict[str, str], tier: object) -> str:
    """Give what a tier is called; empty where none is known."""
    return "" if tier is None else names.get(value(tier), value(tier))
