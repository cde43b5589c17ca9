"""Says in words for members why they get the offer that they get.

A member may know how chance and their own data decided; who else gets what, and by which rules
others are told apart, is not theirs to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from experiments.assignment import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experiments.serving import OfferAnswer

SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.ASSIGNED: (
        "We compare offers. Chance decided which one you get; it stays the same while we compare."
    ),
    Reason.NOT_ELIGIBLE: "This offer is for members whom what we know of you does not describe.",
    Reason.HELD_OUT: "Chance decided that you are among those who get no special offers for now.",
    Reason.OTHER_CAMPAIGN: "Chance decided that you take part in another comparison.",
    Reason.OPTED_OUT: "You have opted out of personalised offers, so you get what everybody gets.",
    Reason.NOT_STARTED: "This offer has not begun.",
    Reason.PAUSED: "This offer is paused.",
    Reason.ENDED: "This offer is over.",
    Reason.CAPPED: "There is no place left in this offer.",
    Reason.TRAFFIC: "Chance decided that you do not take part in this comparison.",
    Reason.EXTERNALLY_ASSIGNED: "Another system of ours decides who gets this offer.",
    Reason.OVERRIDE: "You are looking at an offer as a tester.",
}
"""What a member is told, by reason; a test fails where a reason has none."""


@dataclass(frozen=True, slots=True)
class Why:
    """An answer to a member.

    Attributes:
        attributes: Names of the member's own attributes that the rules of the campaign read; what
            they have to be is not said.
    """

    sentence: str
    attributes: tuple[str, ...]


def why_of(answer: OfferAnswer) -> Why:
    """Give the words for an offer that was answered."""
    rules = answer.campaign.audience.any_of
    read = {condition.attribute for rule in rules for condition in rule.all_of}
    known = tuple(name for name in sorted(read) if name in answer.member.attributes)
    return Why(SENTENCES[answer.reason], known)
