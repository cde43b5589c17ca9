"""The command that counts whom a campaign would take, whom not and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from app.cli.opening import opened
from app.cli.output import as_json, note, print_json, print_table

if TYPE_CHECKING:
    from app.analysis import AudienceCount

WORDS: Final = {
    "not_eligible": "refused by a rule",
    "consent": "lacks a consent that a rule asks for",
    "manual_tier": "in a tier given by hand",
    "opted_out": "opted out of personalised offers",
    "held_out": "held out",
    "other_campaign": "taken by another campaign of the layer",
    "traffic": "beyond the traffic share",
    "capped": "enrolment is closed",
}
"""What keeps a member, for people."""


@click.command("audience")
@click.argument("key")
@as_json
def audience(key: str, *, as_json: bool) -> None:
    """Count whom the campaign KEY would take if it ran now, and what keeps the others.

    It may be in any state; a draft takes the slots of its layer that a launch would take.
    """
    from app.analysis import audience_fields, count_audience  # noqa: PLC0415  # few commands need it

    with opened() as wiring:
        count = count_audience(wiring.engine, key, wiring.clock())
    if as_json:
        print_json(audience_fields(count))
        return
    _print(count)


def _print(count: AudienceCount) -> None:
    enrolment = count.enrolment
    if not enrolment.members:
        note("No members are kept here. Import them: tierlift import members FILE")
    print_table(
        ["", "members", "in the audience"],
        [
            ["all members", _number(enrolment.members), _number(count.in_audience)],
            *(
                [_words(one.reason, one.detail), _number(one.members), _number(one.in_audience)]
                for one in enrolment.kept
            ),
            ["eligible", _number(enrolment.eligible), ""],
            ["of these assigned", _number(enrolment.assigned), ""],
        ],
    )
    if enrolment.by_tier:
        click.echo()
        print_table(
            ["tier", "members", "eligible"],
            [
                [
                    (one.name or "none known") + (" (given by hand)" if one.manual else ""),
                    _number(one.members),
                    _number(one.eligible),
                ]
                for one in enrolment.by_tier
            ],
        )
    if count.shared:
        click.echo()
        print_table(
            ["overlap with", "state", "members", "share of eligible"],
            [
                [
                    one.name + (" (same layer)" if one.same_layer else ""),
                    str(one.state),
                    "unknown" if one.members is None else _number(one.members),
                    "" if one.share is None else f"{100 * one.share:.1f} %",
                ]
                for one in count.shared
            ],
        )


def _words(reason: str, detail: str) -> str:
    return WORDS[reason] + (f": {detail}" if detail else "")


def _number(value: int) -> str:
    return f"{value:,}"
