"""The page of one member: what is known, how far the next tier is, which offers and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import formats, person, wiring, words
from app.console.members import words as member_words
from app.console.members.place import act, blueprint
from app.console.members.searching import tier_name, tier_names
from app.console.rendering import show
from app.report.formatting import Scale
from experiments.assignment import Reason
from experiments.climb import ProgressState
from experiments.looking import SHOWN, look_at

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.looking import MemberRecord, Standing
    from experiments.member import Member
    from experiments.progress import Progress

SCORE: str = "score"


@dataclass(frozen=True, slots=True)
class PathRow:
    """One way to the next tier; texts are empty where nothing is known."""

    name: str
    window: str
    current: str
    target: str
    remaining: str
    share: str
    per_cent: int
    nearest: bool


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One attribute.

    Attributes:
        origin: Who says it.
        beside: What the computation says, where the business says something else.
    """

    name: str
    value: str
    origin: str
    beside: str


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How the member stands to one campaign.

    Attributes:
        variant: Assigned; empty where none is.
        when: It was assigned.
        detail: A condition or another campaign, as the campaign document calls it.
    """

    campaign: str
    state: str
    tone: str
    variant: str
    when: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class FactRows:
    """Facts of one kind: a table with its heading.

    Attributes:
        note: Said where there are none, or more than are shown.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One member.

    Attributes:
        progress: One sentence; empty where the programme has no ladder.
        score_parts: Each measure and its points.
        may: What the reader may do here: ``consent``, ``override``, ``export``, ``erase``.
    """

    template: ClassVar[str] = "console/members/member.html"
    title: str
    member_id: str
    opted_out: bool
    tier: str
    score: str
    score_parts: tuple[tuple[str, str], ...]
    progress: str
    counted_until: str
    paths: tuple[PathRow, ...]
    attributes: tuple[AttributeRow, ...]
    computed_by: str
    standings: tuple[StandingRow, ...]
    consents: tuple[tuple[str, str, str], ...]
    facts: tuple[FactRows, ...]
    may: frozenset[str]


@blueprint.get("/<path:member_id>")
@open_to(Scope.MEMBERS_READ)
def show_member(member_id: str) -> tuple[str, int]:
    """Show the page; that somebody looked stands in the access log."""
    return show(_page(look_at(wiring().serving, member_id, act())))


def _page(record: MemberRecord) -> MemberPage:
    say, names, member = words().say, tier_names(), record.member
    progress = record.progress
    may = {
        "consent": Scope.CONSENT_WRITE,
        "override": Scope.CAMPAIGNS_WRITE,
        "export": Scope.MEMBERS_EXPORT,
        "erase": Scope.PRIVACY_WRITE,
    }
    as_of = progress.as_of if progress else None
    return MemberPage(
        title=say("Member {id}", id=member.member_id),
        member_id=member.member_id,
        opted_out=not member.personalisation_consent,
        tier=tier_name(names, member.attributes.get("tier")),
        score=_points(member.attributes.get(SCORE)),
        score_parts=_score_parts(member),
        progress=_progress(progress, names),
        counted_until=_moment(as_of) if as_of else "",
        paths=_paths(progress),
        attributes=tuple(_attributes(member)),
        computed_by=member.computed_by or "",
        standings=tuple(map(_standing, record.standings)),
        consents=tuple(
            (
                _moment(one.at),
                say("Opted out") if one.opted_out else say("Takes part"),
                one.source,
            )
            for one in reversed(record.consents)
        ),
        facts=_facts(record),
        may=frozenset(name for name, scope in may.items() if person().may(scope)),
    )


def _moment(moment: datetime) -> str:
    return formats().moment(moment).local


def _points(found: object) -> str:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return ""
    return formats().alone(found, Scale.COUNT, signed=False).text


def _score_parts(member: Member) -> tuple[tuple[str, str], ...]:
    parts = []
    for name, found in member.attributes.items():
        measure = name.removeprefix("score_")
        if name != measure and measure in member_words.MEASURES:
            parts.append((member_words.measure(measure), _points(found)))
    return tuple(parts)


def _progress(progress: Progress | None, names: dict[str, str]) -> str:
    if progress is None:
        return ""
    tier = tier_name(names, progress.to)
    return words().say(member_words.STATES[ProgressState(progress.state)], tier=tier)


def _paths(progress: Progress | None) -> tuple[PathRow, ...]:
    if progress is None:
        return ()
    say = words().say
    rows = []
    for one in progress.paths:
        current, target, remaining = (
            "" if number is None else member_words.amount(number, one.unit, one.currency)
            for number in (one.current, one.target, one.remaining)
        )
        days = "" if one.window_days is None else formats().count(one.window_days).text
        rows.append(
            PathRow(
                member_words.measure(one.by),
                say("in {days} days", days=days) if days else "",
                current,
                target,
                remaining,
                "" if one.share is None else formats().share(one.share, 0).text,
                0 if one.share is None else round(one.share * 100),
                one.nearest,
            )
        )
    return tuple(rows)


def _attributes(member: Member) -> list[AttributeRow]:
    say, rows = words().say, []
    for name in sorted(member.attributes):
        here = member_words.value(member.attributes[name])
        is_said = name in member.imported
        computed = member.computed.get(name)
        beside = "" if computed is None or not is_said else member_words.value(computed)
        origin = say("Imported") if is_said else say("Computed")
        rows.append(AttributeRow(name, here, origin, "" if beside == here else beside))
    return rows


def _standing(one: Standing) -> StandingRow:
    say = words().say
    is_assigned = one.reason is Reason.ASSIGNED
    if is_assigned and one.assigned_at is None:
        return StandingRow(
            one.campaign, say("Eligible"), "busy", "", "",
            say("The member would be assigned at the next request."), "",
        )  # fmt: skip
    shows = one.reason in {Reason.NOT_ELIGIBLE, Reason.OTHER_CAMPAIGN}
    return StandingRow(
        one.campaign,
        say("Assigned") if is_assigned else say("Default offer"),
        "good" if is_assigned else "calm",
        one.variant or "",
        _moment(one.assigned_at) if one.assigned_at else "",
        say(member_words.REASONS[one.reason]),
        one.detail if shows else "",
    )


def _facts(record: MemberRecord) -> tuple[FactRows, ...]:
    say, count = words().say, formats().count
    exposures = tuple(
        (_moment(one.last_at), one.campaign, one.variant, count(one.times).text)
        for one in record.exposures
    )
    conversions = tuple(
        (
            _moment(one.occurred_at),
            one.event,
            ""
            if one.amount_minor is None
            else member_words.money(one.amount_minor, one.currency),
        )
        for one in record.conversions
    )  # fmt: skip
    grants = tuple(
        (
            _moment(one.reserved_at), one.campaign, one.variant, one.offer_id,
            say(member_words.GRANT_STATES[one.state][0]),
            member_words.money(one.cost_minor, one.currency),
        )
        for one in record.grants
    )  # fmt: skip
    tables = [
        FactRows(
            say("Exposures"),
            (say("Last seen"), say("Campaign"), say("Variant"), say("Times")),
            exposures,
            _note(len(exposures), say("No offer of a campaign was seen yet.")),
        ),
        FactRows(
            say("Conversions"),
            (say("When"), say("Event"), say("Amount")),
            conversions,
            _note(len(conversions), say("No event came yet.")),
        ),
    ]
    if person().may(Scope.GRANTS_READ):
        columns = (
            say("When"), say("Campaign"), say("Variant"), say("Offer"), say("State"), say("Cost"),
        )  # fmt: skip
        none = say("No reward was granted yet.")
        tables.append(FactRows(say("Grants"), columns, grants, _note(len(grants), none)))
    return tuple(tables)


def _note(number: int, none: str) -> str:
    if not number:
        return none
    if number < SHOWN:
        return ""
    shown = formats().count(SHOWN).text
    return words().say("The latest {number} are shown; an export has all.", number=shown)
