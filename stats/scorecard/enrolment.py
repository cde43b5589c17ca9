"""Who came as far as the assignment, and what kept the others, as somebody counted them.

Nothing here is inferred: it stands in the scorecard so that a snapshot says who its assigned are
a part of.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kept(StrEnum):
    """What keeps a member from a campaign."""

    NOT_ELIGIBLE = "not_eligible"  # a rule of the audience
    CONSENT = "consent"  # a rule of the audience that asks for consent
    MANUAL_TIER = "manual_tier"  # a rule of the audience, of a member in a tier given by hand
    OPTED_OUT = "opted_out"  # of personalised offers
    HELD_OUT = "held_out"  # by the programme's holdout or the layer's
    OTHER_CAMPAIGN = "other_campaign"  # of the same layer
    TRAFFIC = "traffic"  # beyond the traffic share
    CAPPED = "capped"  # enrolment was closed before they came


class Unseen(StrEnum):
    """Why an assigned unit was not exposed, as far as the facts know."""

    OPTED_OUT = "opted_out"  # its member does not want personalised offers now
    PAUSED = "paused"  # the campaign is paused, and it was not exposed before
    ENDED = "ended"  # enrolment is over, and it was not exposed before
    NOT_SEEN = "not_seen"  # it has not come by since


@dataclass(frozen=True, slots=True)
class KeptCount:
    """Members whom something keeps from the campaign.

    Attributes:
        reason: What.
        detail: The first condition of each rule that refused them, the key of the tier or of the
            other campaign, which holdout; empty where there is nothing to add.
        members: How many.
        in_audience: How many of them the rules of the audience would admit.
    """

    reason: Kept
    detail: str
    members: int
    in_audience: int


@dataclass(frozen=True, slots=True)
class TierCount:
    """The members of one tier now.

    Attributes:
        tier: Key of the tier; `None` where it is unknown or not on the ladder.
        name: What people read; the key where the ladder has no name.
        manual: Whether it is given by hand.
        members: How many there are.
        eligible: How many of them are eligible, or were when they were assigned.
    """

    tier: str | None
    name: str
    manual: bool
    members: int
    eligible: int


@dataclass(frozen=True, slots=True)
class UnseenCount:
    """Assigned units of a variant that were not exposed."""

    variant: str
    reason: Unseen
    units: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """All members, from the programme to the assignment, as they are when it is counted.

    Attributes:
        members: All that are known.
        eligible: Nothing stands against them; whoever is assigned was eligible then.
        assigned: Those of them whose unit is assigned.
        kept: What keeps the others, the most members first within each reason.
        by_tier: In the order of the ladder, members of no known tier last.
        unseen: Assigned units that were not exposed, and why.
    """

    members: int
    eligible: int
    assigned: int
    kept: tuple[KeptCount, ...]
    by_tier: tuple[TierCount, ...] = ()
    unseen: tuple[UnseenCount, ...] = ()

    @property
    def not_asked(self) -> int:
        """Eligible members about whom nobody asked yet."""
        return self.eligible - self.assigned


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Why nobody counted the members before the assignment."""

    sentence: str
