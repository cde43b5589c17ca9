"""Decides what is printed once the demonstration is ready: where it is, and what to try.

The commands are printed to be copied: each stands on lines of its own, without colours or wrapping.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from app.demonstration import campaigns
from app.demonstration.programme import TIME_ZONE

if TYPE_CHECKING:
    from app.demonstration.place import Demonstration


def invitation(demonstration: Demonstration, address: str) -> str:
    """Give the text to print.

    Args:
        demonstration: What is ready.
        address: Where it is or would be served: ``http://127.0.0.1:8000``.
    """
    loaded = demonstration.loaded_at.astimezone(ZoneInfo(TIME_ZONE))
    state = f"loaded {loaded:%Y-%m-%d %H:%M} in {TIME_ZONE}"
    if demonstration.reused:
        state += "; load it anew with: tierlift demo --fresh"
    width = max(len(key.name) for key in demonstration.keys)
    keys = [
        f"  {key.name:<{width}}  {key.text}  {' '.join(key.scopes)}" for key in demonstration.keys
    ]
    longest = max(len(one.email) for one in demonstration.users)
    people = [f"  {one.email:<{longest}}  {one.password}" for one in demonstration.users]
    lines = [
        f"Harbour Club is ready ({state}).",
        "",
        f"Address    {address}",
        f"Console    {address}/console/",
        f"API page   {address}/docs",
        f"Database   {demonstration.database_url}",
        f"Truth      {demonstration.directory / 'truth.json'}",
        *(f"Report     {path}" for path in demonstration.reports),
        "",
        "People of the console and their passwords (also in users.json):",
        *people,
        "",
        "Keys (this demonstration's own, also in keys.json):",
        *keys,
    ]
    for words, command in commands(demonstration, address):
        lines += ["", f"# {words}", command]
    return "\n".join(lines) + "\n"


def commands(demonstration: Demonstration, address: str) -> tuple[tuple[str, str], ...]:
    """Give what to try first, each with a sentence and a command for a shell."""
    frontend, analyst = demonstration.key("frontend"), demonstration.key("analyst")
    member, variant = demonstration.newcomer, demonstration.variant
    exposure = (
        f'{{"exposure_id": "try-1", "campaign": "{campaigns.RUNNING}", '
        f'"variant": "{variant}", "member_id": "{member}"}}'
    )
    return (
        (
            "What a member is offered, in Traditional Chinese",
            _curl(
                frontend,
                f"{address}/v1/members/{quote(member, safe='')}/offer"
                f"?campaign={campaigns.RUNNING}&locale=zh-TW",
            ),
        ),
        (
            "The member has seen it; send it twice, and it still counts once",
            _curl(
                frontend,
                f"{address}/v1/exposures",
                "-H",
                "Content-Type: application/json",
                "-d",
                exposure,
            ),
        ),
        (
            "What the running campaign has found so far",
            _curl(analyst, f"{address}/v1/campaigns/{campaigns.RUNNING}/scorecard"),
        ),
    )


def _curl(key: str, url: str, *more: str) -> str:
    return shlex.join(["curl", "-sS", "-H", f"Authorization: Bearer {key}", *more, url])
