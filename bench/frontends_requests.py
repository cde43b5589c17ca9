"""Makes the requests that frontends send, as bytes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import orjson
from frontends_store import campaign_key
from load import get, post

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from frontends_store import Club


def offers_of(club: Club, members: Sequence[str], campaign: str = campaign_key(0)) -> list[bytes]:
    """Give a request for the offer of each member."""
    return [
        get(f"/v1/members/{one}/offer?campaign={campaign}&locale=zh-TW", club.token)
        for one in members
    ]


def singles_of(club: Club, members: Sequence[str]) -> list[bytes]:
    """Give a request for one flag of each member."""
    path = f"/ofrep/v1/evaluate/flags/{campaign_key(0)}"
    return [post(path, club.token, context_of(one)) for one in members]


def context_of(member_id: str) -> bytes:
    """Give the body of an evaluation."""
    return orjson.dumps({"context": {"targetingKey": member_id, "locale": "zh-TW"}})


def exposures_of(club: Club, members: Sequence[str]) -> Iterator[bytes]:
    """Give exposures without end, none of them twice."""
    for number in count():
        exposure = {
            "exposure_id": f"bench-{number}",
            "campaign": campaign_key(0),
            "variant": "control",
            "member_id": members[number % len(members)],
        }
        yield post("/v1/exposures", club.token, orjson.dumps(exposure))
