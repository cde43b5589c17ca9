"""Composes the way to the assignment: all members, what kept some of them, who is left."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.report.condition_words import refusal_said
from app.report.words import Unit, listed, name_of, plain
from stats.scorecard import Kept, NotCounted, Unseen
from stats.sentence import after, said

if TYPE_CHECKING:
    from app.report.formatting import Formats, Number
    from app.report.view import ReportView
    from stats.scorecard import Enrolment, KeptCount


class ReachKind(StrEnum):
    """What a row of the way says."""

    LEFT = "left"  # so many are left
    LOST = "lost"  # so many are lost here


@dataclass(frozen=True, slots=True)
class ReachLine:
    """One row of the way to the assignment.

    Attributes:
        kind: Whether members are left or lost.
        label: What they are, in words.
        note: What exactly kept them; may be empty.
        members: How many.
        share: Of all members; `None` where there are none.
        width: The same for a bar, 0 to 100.
        aside: How many of the lost the audience's rules would admit, in words; may be empty.
    """

    kind: ReachKind
    label: str
    note: str
    members: Number
    share: Number | None
    width: str
    aside: str = ""


@dataclass(frozen=True, slots=True)
class EnrolmentPart:
    """Who came as far as the assignment.

    Attributes:
        sentence: Why nobody was counted; empty where they were.
        lines: The way, in order.
        unseen: Assigned units that were not exposed, one sentence a variant.
        note: What is to be known of the count.
    """

    sentence: str
    lines: tuple[ReachLine, ...] = ()
    unseen: tuple[str, ...] = ()
    note: str = ""


LOST: Final = {
    Kept.NOT_ELIGIBLE: said("Refused by a rule of the audience"),
    Kept.CONSENT: said("Without a consent that the audience asks for"),
    Kept.MANUAL_TIER: said("In a tier given by hand, outside the audience"),
    Kept.OPTED_OUT: said("Opted out of personalised offers"),
    Kept.HELD_OUT: said("Held out"),
    Kept.OTHER_CAMPAIGN: said("Taken by another campaign of the layer"),
    Kept.TRAFFIC: said("Beyond the traffic share"),
    Kept.CAPPED: said("Came after enrolment was closed"),
}
UNSEEN: Final = {
    Unseen.OPTED_OUT: said("opted out after the assignment"),
    Unseen.PAUSED: said("not exposed before the campaign was paused"),
    Unseen.ENDED: said("not exposed before enrolment ended"),
    Unseen.NOT_SEEN: said("not seen since the assignment"),
}


def enrolment_part(view: ReportView, formats: Formats) -> EnrolmentPart | None:
    """Compose the way to the assignment; `None` where nobody asked for it."""
    found = view.scorecard.enrolment
    if found is None:
        return None
    if isinstance(found, NotCounted):
        return EnrolmentPart(plain(found.sentence))
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    by_household = unit.one != "member"
    return EnrolmentPart(
        sentence="",
        lines=_lines(found, formats),
        unseen=_unseen(view, found, unit, formats),
        note=after(
            said(
                "Counted over all members as they were when this report was computed; "
                "whoever is assigned was eligible then."
            ),
            said("Members are counted here, households below.") if by_household else "",
        ),
    )


def _lines(found: Enrolment, formats: Formats) -> tuple[ReachLine, ...]:
    def line(
        kind: ReachKind, label: str, members: int, note: str = "", aside: str = ""
    ) -> ReachLine:
        share = members / found.members if found.members else None
        return ReachLine(
            kind,
            label,
            note,
            formats.count(members),
            None if share is None else formats.share(share, 1),
            f"{100 * (share or 0):.2f}",
            aside,
        )

    lost = [
        line(
            ReachKind.LOST,
            LOST[one.reason],
            one.members,
            _detail(one, found, formats),
            said(
                "{in_audience} of them in the audience",
                in_audience=formats.count(one.in_audience).text,
            )
            if one.in_audience
            else "",
        )
        for one in found.kept
    ]
    left = ReachKind.LEFT
    waiting = [line(ReachKind.LOST, said("Not asked for an offer yet"), found.not_asked)]
    return (
        line(left, said("All members"), found.members),
        *lost,
        line(left, said("Eligible"), found.eligible),
        *(waiting if found.not_asked else []),
        line(left, said("Assigned"), found.assigned),
    )


def _detail(one: KeptCount, found: Enrolment, formats: Formats) -> str:
    if one.reason is Kept.MANUAL_TIER:
        names = {tier.tier: tier.name for tier in found.by_tier}
        return plain(names.get(one.detail, one.detail))
    if one.reason is Kept.HELD_OUT and one.detail == "programme":
        return said("from every campaign of the programme")
    if one.reason in {Kept.NOT_ELIGIBLE, Kept.CONSENT}:
        return refusal_said(one.detail, formats)
    return plain(one.detail)


def _unseen(view: ReportView, found: Enrolment, unit: Unit, formats: Formats) -> tuple[str, ...]:
    return tuple(
        said(
            "{label}: {text}.",
            label=name_of(view, variant).name,
            text=listed(
                [
                    # the noun once is enough
                    said(
                        "{count} {what}",
                        count=unit.counted(one.units, n) if first else n,
                        what=UNSEEN[one.reason],
                    )
                    for first, one, n in (
                        (place == 0, one, formats.count(one.units).text)
                        for place, one in enumerate(o for o in found.unseen if o.variant == variant)
                    )
                ]
            ),
        )
        for variant in dict.fromkeys(one.variant for one in found.unseen)
    )
