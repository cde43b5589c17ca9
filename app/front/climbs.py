"""Gives how far members are from the next tier, written as JSON once for as long as it is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import orjson

from app.front.kept import Kept
from experiments.catalogue import NEVER
from experiments.climb import climb_of, standing
from experiments.memory import Bounded
from experiments.progress import progress_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from experiments.climb import Climb
    from experiments.directory import Listing
    from experiments.member import Member
    from experiments.offer import Offer
    from experiments.programme import Programme
    from experiments.serving import OfferAnswer
    from experiments.watch import Watch

MOST_CLIMBS: Final = 10_000
"""Offers times tiers: far more than anybody has of them."""

MOST_SEEN: Final = 10_000
"""Members whose progress is kept as it was written, of some 1 kB each."""

Offered: TypeAlias = "tuple[str, str, Offer]"
"""Keys of a campaign and of a variant, empty for none, and the offer that they stand for."""

_NONE: Final = b"null"


class Progresses:
    """How far members are, as JSON; what is the same for all of a tier is decided once."""

    def __init__(self, watch: Watch) -> None:
        """Say up to when facts were counted, as `watch` has seen it."""
        self._watch = watch
        self._ladders: Kept[_Ladder] = Kept(1)

    def of(
        self, member: Member, offers: Sequence[Offered], listing: Listing, now: datetime
    ) -> list[bytes]:
        """Give the JSON of a member's progress under each of some offers.

        Args:
            member: With what is known.
            offers: What the member is offered.
            listing: What the offers came from.
            now: Aware UTC.
        """
        ladder = self._ladder(listing)
        if ladder is None:
            return [_NONE] * len(offers)
        return ladder.written(ladder.seen(member, self._watch.computed_as_of), offers, now)

    def of_answers(
        self, answers: Sequence[OfferAnswer], listing: Listing, now: datetime
    ) -> list[bytes]:
        """Give the JSON of a member's progress under each offer of one request."""
        offers = [
            (one.campaign.key, "" if one.variant is None else one.variant.key, one.offer)
            for one in answers
        ]
        return self.of(answers[0].member, offers, listing, now) if answers else []

    def _ladder(self, listing: Listing) -> _Ladder | None:
        """Give the ladder of the programme, or None where it has none."""
        kept = self._ladders.of(listing.catalogue)
        ladder = kept.get(())
        if ladder is None:
            programme = listing.programme
            if programme is None or not programme.tiers:
                return None
            ladder = _Ladder(programme)
            kept.put((), ladder)
        return ladder


class _Text(NamedTuple):
    """A progress as JSON, true until its deadline has passed."""

    text: bytes
    until: datetime


class _Seen(NamedTuple):
    """What was written of a member whose attributes have not changed since.

    Attributes:
        as_of: Up to when facts were counted.
        tier: Empty where it is none of the ladder.
        following: The next tier where the member has none.
        texts: Progress by the identity of its climb, which the ladder keeps.
    """

    member: Member
    as_of: datetime | None
    tier: str
    following: str
    texts: dict[int, _Text]


class _Ladder:
    """What lies before members, by tier and offer, as long as one catalogue is in force."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self.tiers = frozenset(tier.key for tier in programme.tiers)
        self._climbs: Bounded[tuple[str, ...], Climb] = Bounded(MOST_CLIMBS)
        # equal ones are one, so that an answer of many offers is written once
        self._same: dict[Climb, Climb] = {}
        self._seen: Bounded[str, _Seen] = Bounded(MOST_SEEN)

    def seen(self, member: Member, as_of: datetime | None) -> _Seen:
        """Give what was written of a member as it is now: another reading makes another object."""
        found = self._seen.get(member.member_id)
        if found is None or found.member is not member or found.as_of != as_of:
            tier, following = standing(self.tiers, member.attributes)
            found = _Seen(member, as_of, tier, "" if tier else following, {})
            self._seen.put(member.member_id, found)
        return found

    def written(self, seen: _Seen, offers: Iterable[Offered], now: datetime) -> list[bytes]:
        """Give the JSON of a member's progress under each of some offers."""
        climb_at, texts, tier, following = self._climbs.get, seen.texts, seen.tier, seen.following
        found = []
        for campaign, variant, offer in offers:
            key = (campaign, variant, tier, following)
            climb = climb_at(key) or self._climb(key, offer)
            # most offers of an answer leave the climb as the ladder has it
            known = texts.get(id(climb))
            if known is None or known.until <= now:
                progress = progress_of(climb, seen.member, now, seen.as_of)
                text = orjson.dumps(progress, option=orjson.OPT_UTC_Z)
                known = texts[id(climb)] = _Text(text, progress.deadline or NEVER)
            found.append(known.text)
        return found

    def _climb(self, key: tuple[str, str, str, str], offer: Offer) -> Climb:
        """Decide what lies before a member: campaign, variant, tier, and the next tier."""
        made = climb_of(self._programme, key[2], key[3], offer)
        climb = self._same.setdefault(made, made)
        self._climbs.put(key, climb)
        return climb
