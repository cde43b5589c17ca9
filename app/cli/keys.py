"""Commands for API keys."""

from __future__ import annotations

import click

from app.auth import KeyKind, Scope, create_key, list_keys, revoke_key
from app.auth.roles import ROLES, Role
from app.cli.in_order import InOrder
from app.cli.opening import actor, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table


@click.group("keys", cls=InOrder)
def command() -> None:
    """Make, list and revoke API keys.

    A key is shown once, when it is made; only a hash of its secret is kept.
    """


@command.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([str(scope) for scope in Scope]),
    help="What the key may do; give it once for each scope.",
)
@click.option(
    "--role",
    type=click.Choice([str(role) for role in Role]),
    help="What a person of this role may do, beside what --scope says.",
)
@click.option(
    "--browser",
    is_flag=True,
    help="For a page that everybody can read; it needs a member token beside it.",
)
@click.option(
    "--rate",
    type=int,
    metavar="N",
    help="Requests that it may make in a second; 0 is any number. By default as the settings say.",
)
@as_json
def create(
    name: str,
    scopes: tuple[str, ...],
    role: str | None,
    rate: int | None,
    *,
    browser: bool,
    as_json: bool,
) -> None:
    """Make a key called NAME and print it, alone on its line.

    It needs a scope or a role. Example: tierlift keys create shop --scope offers:read
    """
    if not scopes and role is None:
        message = "Missing option '--scope' or '--role'."
        raise click.UsageError(message)
    of_role = ROLES[Role(role)] if role is not None else frozenset()
    kind = KeyKind.BROWSER if browser else KeyKind.SERVER
    with opened() as wiring:
        key = create_key(
            wiring.engine,
            name,
            of_role | {Scope(scope) for scope in scopes},
            wiring.clock(),
            kind=kind,
            rate=rate,
            actor=actor(),
        )
        settings = wiring.settings
    if as_json:
        values = {"key_id": key.key_id, "name": key.name, "scopes": sorted(key.scopes)}
        print_json({**values, "kind": str(key.kind), "rate": key.rate, "key": key.text})
    else:
        click.echo(key.text)
    note(f"Keep it now: it is not shown again. Its id is {key.key_id}.")
    if browser and not (settings.member_token_secret or settings.member_token_jwks):
        note(
            "It opens nothing until TIERLIFT_MEMBER_TOKEN_SECRET or TIERLIFT_MEMBER_TOKEN_JWKS is "
            "set, by which the server knows the member tokens of your backend."
        )


@command.command("list")
@as_json
def list_command(*, as_json: bool) -> None:
    """List all keys, revoked ones too, the oldest first."""
    with opened() as wiring:
        keys = list_keys(wiring.engine)
    if as_json:
        print_json(
            [
                {
                    "key_id": key.key_id,
                    "name": key.name,
                    "scopes": sorted(key.scopes),
                    "kind": key.kind,
                    "rate": key.rate,
                    "created_at": key.created_at,
                    "revoked_at": key.revoked_at,
                }
                for key in keys
            ]
        )
        return
    if not keys:
        note("There is no key yet. Make one: tierlift keys create NAME --scope SCOPE")
        return
    print_table(
        ["key id", "name", "kind", "rate", "scopes", "created", "revoked"],
        [
            [
                key.key_id,
                key.name,
                key.kind,
                "" if key.rate is None else str(key.rate),
                " ".join(sorted(key.scopes)),
                moment_text(key.created_at),
                moment_text(key.revoked_at),
            ]
            for key in keys
        ],
    )


@command.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """End the validity of the key KEY_ID, in every process within a second."""
    with opened() as wiring:
        was_valid = revoke_key(wiring.engine, key_id, wiring.clock(), actor())
    click.echo(f"Key {key_id} {'is revoked' if was_valid else 'was revoked already'}.")
