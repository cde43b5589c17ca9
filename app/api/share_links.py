"""Makes, lists and revokes links by which people without an account read one report."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import actor, wiring
from app.api.operation import operation
from app.api.requests import body_as
from app.auth import Scope
from app.language import Language
from experiments.document import Moment
from experiments.errors import UnknownCampaign, UnknownShareLink
from experiments.share_link import LONGEST_NOTE, LONGEST_TIME, USUAL_TIME, ShareOrder
from experiments.sharing import make_share_link, revoke_share_link, share_links_of, works

if TYPE_CHECKING:
    from flask import Response

    from experiments.share_link import ShareLink

blueprint = APIBlueprint("share_links", __name__, tag="Reports")

_LINK = {"link_id": "Id of the link, as the list gives it."}
_EXAMPLE = {
    "snapshot_hash": "a1ea5600b531848024f28e52f43fd05e2f096b185389077a42929081b5b6c5aa",
    "language": "zh-Hant-TW",
    "note": "For the board",
}


class ShareLinkSent(BaseModel):
    """What a link is wanted for."""

    model_config = ConfigDict(extra="forbid")

    snapshot_hash: Annotated[
        str, Field(max_length=128, description="Of the one stored scorecard that it shows.")
    ]
    language: Annotated[Language, Field(description="Of the report.")] = Language.ENGLISH
    expires_at: Annotated[
        Moment | None,
        Field(
            description=f"With offset; {USUAL_TIME.days} days from now by default, at most "
            f"{LONGEST_TIME.days}."
        ),
    ] = None
    note: Annotated[str, Field(max_length=LONGEST_NOTE, description="Whom it is for.")] = ""


class ShareLinkShown(BaseModel):
    """A link; its secret is given once only, when it is made."""

    link_id: str
    phase: int
    snapshot_hash: str
    language: Language
    note: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    works: Annotated[
        bool,
        Field(
            description="Whether it opens now: neither expired nor revoked, and whoever made it "
            "may still use Tierlift."
        ),
    ]
    times_read: int
    read_at: Annotated[datetime | None, Field(description="The last time.")]


class ShareLinkMade(ShareLinkShown):
    """A link that was made just now."""

    address: Annotated[str, Field(description="With the secret, which is not given again.")]


class ShareLinksShown(BaseModel):
    """The links of a campaign, the newest first."""

    share_links: list[ShareLinkShown]


@blueprint.get("/v1/campaigns/<key>/share-links")
@operation(scope=Scope.REPORTS_READ, answer=ShareLinksShown, problems=(UnknownCampaign,))
def list_share_links(key: str) -> Response:
    """Give the links to a campaign's reports, the newest first."""
    found = share_links_of(wiring().engine, key)
    return json_answer({"share_links": [_values(one) for one in found]})


@blueprint.post("/v1/campaigns/<key>/share-links")
@operation(
    scope=Scope.REPORTS_WRITE,
    body=ShareLinkSent,
    answer=ShareLinkMade,
    status=201,
    problems=(UnknownCampaign,),
    example=_EXAMPLE,
)
def add_share_link(key: str) -> Response:
    """Make a link to one stored scorecard, which whoever has it reads as a page.

    It works until it expires or is revoked, and as long as the key that made it is valid.
    """
    sent, parts = body_as(ShareLinkSent), wiring()
    now = parts.clock()
    expires_at = sent.expires_at or now + USUAL_TIME
    order = ShareOrder(sent.snapshot_hash, sent.language.value, expires_at, sent.note)
    link, secret = make_share_link(parts.engine, key, order, actor(), now)
    address = f"{request.host_url}shared/{secret}"
    return json_answer({**_values(link), "address": address}, 201)


@blueprint.delete("/v1/campaigns/<key>/share-links/<link_id>")
@operation(
    scope=Scope.REPORTS_WRITE,
    path=_LINK,
    answer=ShareLinkShown,
    problems=(UnknownCampaign, UnknownShareLink),
)
def revoke_link(key: str, link_id: str) -> Response:
    """Revoke a link, for good; one that was revoked before stays as it was."""
    parts = wiring()
    found = revoke_share_link(parts.engine, key, link_id, actor(), parts.clock())
    return json_answer(_values(found))


def _values(link: ShareLink) -> dict[str, object]:
    parts = wiring()
    return {
        "link_id": link.link_id,
        "phase": link.phase,
        "snapshot_hash": link.snapshot_hash,
        "language": link.language,
        "note": link.note,
        "created_by": link.created_by,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
        "works": works(parts.engine, link, parts.clock()),
        "times_read": link.times_read,
        "read_at": link.read_at,
    }
