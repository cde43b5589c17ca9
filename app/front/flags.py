"""Gives offers as OpenFeature's flags, written as JSON once for each answer that can be given.

What is a member's own, worth and progress, is put into the value with each answer.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from app.front.kept import Kept
from experiments.assignment import Reason
from experiments.offer import is_worth_by_tier
from experiments.standing import worth_of

if TYPE_CHECKING:
    from app.front.shapes import Shapes
    from experiments.catalogue import Catalogue
    from experiments.serving import OfferAnswer, Serving

MOST_FLAGS: Final = 20_000
_PROGRESS: Final = b',"progress":'
_NONE: Final = b"null"
_DISABLED: Final = frozenset({Reason.NOT_STARTED, Reason.PAUSED, Reason.ENDED})


class Flag(NamedTuple):
    """An offer as a flag, but for what is a member's own.

    Attributes:
        before: JSON up to what the offer is worth to the member.
        after: JSON from the end of the value on.
        digest: Of both, so that an answer of many flags has a tag without being read again.
        is_by_tier: Whether the offer is worth more to some members than to others.
    """

    before: bytes
    after: bytes
    digest: bytes
    is_by_tier: bool

    def worth(self, serving: Serving, answer: OfferAnswer) -> bytes:
        """Give the JSON of what the offer is worth to the member.

        Raises:
            StoreError: The assignment cannot be read.
        """
        return orjson.dumps(worth_of(serving, answer)) if self.is_by_tier else _NONE

    def json(self, worth: bytes, progress: bytes) -> bytes:
        """Give the flag as it is sent, with the JSON of the member's own."""
        return b"".join((self.before, worth, _PROGRESS, progress, self.after))


class Flags:
    """Flags as JSON, written once for each answer that can be given; they hold no member's data."""

    def __init__(self, shapes: Shapes) -> None:
        """Write the offers as `shapes` has them."""
        self._shapes = shapes
        self._kept: Kept[Flag] = Kept(MOST_FLAGS)

    def of(
        self, answer: OfferAnswer, asked: str, catalogue: Catalogue, *, is_private: bool
    ) -> Flag:
        """Give the flag that an answer is, in the locale asked for.

        Args:
            answer: What the member is offered.
            asked: The locales that were asked for, as ``Accept-Language`` writes them.
            catalogue: Which the answer came from.
            is_private: Whether nobody but the business reads it. What refused a member tells of
                rules and of other campaigns, which are nobody's business in a browser.
        """
        kept = self._kept.of(catalogue)
        variant = answer.variant.key if answer.variant is not None else ""
        detail = answer.detail if is_private else ""
        key = (answer.campaign.key, variant, answer.reason, detail, asked)
        flag = kept.get(key)
        if flag is None:
            shape = self._shapes.of(answer, asked, catalogue)
            metadata: dict[str, object] = {
                "campaign": answer.campaign.key,
                "phase": answer.campaign.phase,
                "reason": answer.reason,
                "offerId": shape.offer_id,
            }
            if detail:
                metadata["detail"] = detail
            if shape.locale is not None:
                metadata["locale"] = shape.locale
            named = {
                "key": answer.campaign.key,
                "reason": _protocol_reason(answer),
                "variant": variant or "default",
            }
            # the value is an object with members: it goes on where its last brace was
            before = b"".join(
                (orjson.dumps(named)[:-1], b',"value":', shape.value[:-1], b',"value_minor":')
            )
            after = b'},"metadata":' + orjson.dumps(metadata) + b"}"
            digest = hashlib.blake2b(before + after, digest_size=16).digest()
            flag = Flag(before, after, digest, is_worth_by_tier(answer.offer))
            kept.put(key, flag)
        return flag


def _protocol_reason(answer: OfferAnswer) -> str:
    """Give the protocol's word; ours stands in the metadata."""
    if answer.variant is not None:
        return "SPLIT" if answer.campaign.admission is None else "TARGETING_MATCH"
    if answer.reason in _DISABLED:
        return "DISABLED"
    return "UNKNOWN" if answer.reason is Reason.EXTERNALLY_ASSIGNED else "STATIC"
