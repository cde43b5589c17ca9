"""The command that lets a tester see a variant."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import click

from app.cli.opening import actor, opened
from app.cli.output import moment_text, note

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Give the time that words like 30m, 1h or 2d mean."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if found is None:
            self.fail(f"{value!r} is no time such as 30m, 1h or 2d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command()
@click.argument("key")
@click.option("--member", "member_id", required=True, metavar="ID", help="Who sees it.")
@click.option("--variant", required=True, metavar="VARIANT", help="What is seen.")
@click.option(
    "--expires",
    "lasts",
    type=_Duration(),
    default="1h",
    metavar="DURATION",
    help="For how long: 30m, 1h (the default) or up to 7d.",
)
def override(key: str, member_id: str, variant: str, lasts: timedelta) -> None:
    """Print a signed override, by which a member sees a variant of the campaign KEY.

    For testing: nothing is remembered and no exposure is logged. Whoever has it and a key sees the
    variant as that member, until it ends.
    """
    # Deferred: signing loads cryptography, which no other command of campaigns needs.
    from app.auth.override import OVERRIDE_HEADER, create_override  # noqa: PLC0415  # as said above

    with opened() as wiring:
        now = wiring.clock()
        token = create_override(
            wiring.engine,
            key,
            member_id=member_id,
            variant=variant,
            lasts=lasts,
            now=now,
            actor=actor(),
        )
    click.echo(token)
    note(
        f"Send it as the header {OVERRIDE_HEADER} or the parameter override with requests about "
        f"that member, until {moment_text(now + lasts)}."
    )
