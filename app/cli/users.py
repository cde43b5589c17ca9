"""Commands for the people who work with the console; each change is told in the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.auth import administering
from app.auth.people import create_user, list_users
from app.auth.roles import Role
from app.cli.in_order import InOrder
from app.cli.opening import actor, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table

if TYPE_CHECKING:
    from typing import TextIO

_password_file = click.option(
    "--password-file",
    type=click.File(),
    help="Where to read the password from, - for standard input; one is made where it is left out.",
)


@click.group("users", cls=InOrder)
def command() -> None:
    """Make, list and change the people who sign in to the console."""


@command.command()
@click.argument("email")
@click.option("--name", required=True, help="What the others call them.")
@click.option(
    "--role",
    required=True,
    type=click.Choice([str(one) for one in Role]),
    help="What they may do.",
)
@_password_file
@as_json
def create(
    email: str, name: str, role: str, password_file: TextIO | None, *, as_json: bool
) -> None:
    """Make somebody who can sign in; the password is to be changed at the first sign-in."""
    given = password_file.read().strip("\r\n") if password_file is not None else ""
    password = given or administering.new_password()
    with opened() as wiring:
        user = create_user(
            wiring.engine, email, name, Role(role), password, wiring.clock(), actor=actor()
        )
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
                    "has_password": one.password_hash is not None,
                    "is_linked": one.provider_subject is not None,
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


@command.command()
@click.argument("email")
@click.argument("role", type=click.Choice([str(one) for one in Role]))
def role(email: str, role: str) -> None:
    """Give the person with the address EMAIL the role ROLE, from their next page on."""
    with opened() as wiring:
        user = administering.user_called(wiring.engine, email)
        administering.change_role(wiring.engine, user.user_id, Role(role), wiring.clock(), actor())
    click.echo(f"{user.email} is {role}.")


@command.command()
@click.argument("email")
def disable(email: str) -> None:
    """Keep the person with the address EMAIL out, and sign them out everywhere."""
    with opened() as wiring:
        user = administering.user_called(wiring.engine, email)
        administering.disable(wiring.engine, user.user_id, wiring.clock(), actor())
    click.echo(f"{user.email} is disabled.")


@command.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let the person with the address EMAIL in again, with the password of before."""
    with opened() as wiring:
        user = administering.user_called(wiring.engine, email)
        administering.enable(wiring.engine, user.user_id, wiring.clock(), actor())
    click.echo(f"{user.email} may sign in.")


@command.command()
@click.argument("email")
@_password_file
def password(email: str, password_file: TextIO | None) -> None:
    """Give the person with the address EMAIL a password to be changed at the next sign-in.

    They are signed out everywhere, and unlocked.
    """
    given = password_file.read().strip("\r\n") if password_file is not None else ""
    with opened() as wiring:
        user = administering.user_called(wiring.engine, email)
        made = administering.reset_password(
            wiring.engine, user.user_id, wiring.clock(), actor(), given or None
        )
    if given:
        click.echo(f"The password of {user.email} is changed.")
        return
    click.echo(made)
    note(f"The password of {user.email}; it is shown once.")


@command.command()
@click.argument("email")
def unlink(email: str) -> None:
    """Take the person with the address EMAIL apart from their account at the identity provider.

    They are signed out everywhere; the next account with their verified address is linked anew.
    """
    with opened() as wiring:
        user = administering.user_called(wiring.engine, email)
        administering.unlink(wiring.engine, user.user_id, wiring.clock(), actor())
    click.echo(f"{user.email} is not linked.")
