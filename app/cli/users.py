"""Commands for the people who work with the console."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import click

from app.auth.people import create_user, list_users
from app.auth.roles import Role
from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, moment_text, note, print_json, print_table

if TYPE_CHECKING:
    from typing import TextIO

_PASSWORD_BYTES: Final = 12


@click.group("users", cls=InOrder)
def command() -> None:
    """Make and list the people who sign in to the console."""


@command.command()
@click.argument("email")
@click.option("--name", required=True, help="What the others call them.")
@click.option("--role", required=True, type=click.Choice([str(one) for one in Role]))
@click.option(
    "--password-file",
    type=click.File(),
    help="Where to read the password from, - for standard input; one is made where it is left out.",
)
@as_json
def create(
    email: str, name: str, role: str, password_file: TextIO | None, *, as_json: bool
) -> None:
    """Make somebody who can sign in; the password is to be changed at the first sign-in."""
    given = password_file.read().strip("\r\n") if password_file is not None else ""
    password = given or secrets.token_urlsafe(_PASSWORD_BYTES)
    with opened() as wiring:
        user = create_user(wiring.engine, email, name, Role(role), password, wiring.clock())
    if as_json:
        shown = {"user_id": user.user_id, "email": user.email, "role": user.role}
        print_json(shown if given else {**shown, "password": password})
        return
    if not given:
        click.echo(password)
        note(f"The password of {user.email} ({user.role}); it is shown once.")


@command.command("list")
@as_json
def show(*, as_json: bool) -> None:
    """List everybody."""
    with opened() as wiring:
        users = list_users(wiring.engine)
    if as_json:
        print_json(
            [
                {
                    "user_id": one.user_id, "email": one.email, "name": one.name, "role": one.role,
                    "signed_in_at": one.signed_in_at, "disabled_at": one.disabled_at,
                }
                for one in users
            ]
        )  # fmt: skip
        return
    print_table(
        ("email", "name", "role", "last signed in", "disabled"),
        [
            (one.email, one.name, one.role, moment_text(one.signed_in_at),
             moment_text(one.disabled_at))
            for one in users
        ],
    )  # fmt: skip
