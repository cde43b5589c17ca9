"""Commands for webhooks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from app.cli.in_order import InOrder
from app.cli.opening import actor, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from app.webhooks import endpoints
from app.webhooks.sending import Sender
from experiments.webhooks import DeliveryState, EventKind

if TYPE_CHECKING:
    from experiments.webhooks import Delivery, Endpoint

_LOOKED_EVERY_S = 0.2


@click.group("webhooks", cls=InOrder)
def command() -> None:
    """Tell your systems of grants and campaigns, signed, again and again until they have it."""


@command.command("set")
@click.argument("key")
@click.argument("url")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([str(kind) for kind in EventKind if kind is not EventKind.TEST]),
    help="Tell of these only; give it once for each. [default: of everything]",
)
@click.option("--disabled", is_flag=True, help="Tell nothing until it is set again without this.")
@as_json
def set_command(
    *, key: str, url: str, kinds: tuple[str, ...], disabled: bool, as_json: bool
) -> None:
    """Set the webhook KEY to URL, and print its secret where there was none, this once."""
    with opened() as wiring:
        kept = endpoints.put_webhook(
            wiring.engine,
            key,
            url,
            map(EventKind, kinds),
            wiring.clock(),
            enabled=not disabled,
            any_address=wiring.settings.webhook_any_address,
            actor=actor(),
        )
    if as_json:
        print_json({**_values(kept.endpoint), "secret": kept.secret})
    elif kept.secret is not None:
        click.echo(kept.secret)
    if kept.secret is not None:
        note("Keep it now: it is not shown again. Your receiver verifies messages by it.")


@command.command("list")
@as_json
def list_command(*, as_json: bool) -> None:
    """List where what is told."""
    with opened() as wiring:
        found = endpoints.list_webhooks(wiring.engine)
    if as_json:
        print_json([_values(one) for one in found])
        return
    if not found:
        note("There is no webhook yet. Set one: tierlift webhooks set KEY URL")
        return
    print_table(
        ["key", "url", "kinds", "state"],
        [
            [
                one.key,
                one.url,
                " ".join(sorted(one.kinds)) or "everything",
                "enabled" if one.is_enabled else f"disabled: {one.disabled_because}",
            ]
            for one in found
        ],
    )


@command.command("remove")
@click.argument("key")
def remove_command(key: str) -> None:
    """Forget the webhook KEY, and what was to be told it."""
    with opened() as wiring:
        endpoints.remove_webhook(wiring.engine, key, wiring.clock(), actor())
    click.echo(f"Removed {key}.")


@command.command("secret")
@click.argument("key")
def secret_command(key: str) -> None:
    """Draw another secret for the webhook KEY and print it; the one before signs for a day, too."""
    with opened() as wiring:
        kept = endpoints.change_secret(wiring.engine, key, wiring.clock(), actor=actor())
    click.echo(kept.secret)
    note(f"The secret before signs, too, until {moment_text(kept.endpoint.old_secret_until)}.")


@command.command("test")
@click.argument("key")
def test_command(key: str) -> None:
    """Have a test message sent to the webhook KEY, and print its id."""
    with opened() as wiring:
        message_id = endpoints.send_test(wiring.engine, key, wiring.clock())
    click.echo(message_id)
    note("A running server sends it within seconds; without one, use `tierlift webhooks deliver`.")


@command.command("deliveries")
@click.argument("key", required=False)
@click.option(
    "--state",
    type=click.Choice([str(state) for state in DeliveryState]),
    help="Only those that stand so.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="At most so many.",
)
@as_json
def deliveries_command(*, key: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """List what was sent to the webhook KEY or to all, the newest first."""
    wanted = DeliveryState(state) if state else None
    with opened() as wiring:
        found = endpoints.list_deliveries(wiring.engine, key, state=wanted, limit=limit)
    _print(found, as_json=as_json)


@command.command("redeliver")
@click.argument("key")
@click.argument("message_id", required=False)
@click.option("--dead", is_flag=True, help="All that were given up.")
def redeliver_command(key: str, message_id: str | None, *, dead: bool) -> None:
    """Send MESSAGE_ID to the webhook KEY again, or with --dead all that were given up."""
    if (message_id is None) is not dead:
        message = "Name one message, or give --dead."
        raise click.UsageError(message)
    with opened() as wiring:
        if message_id is not None:
            endpoints.send_again(wiring.engine, key, message_id, wiring.clock())
            count = 1
        else:
            count = some = endpoints.send_dead_again(wiring.engine, key, wiring.clock())
            while some:
                some = endpoints.send_dead_again(wiring.engine, key, wiring.clock())
                count += some
    click.echo(f"{count} sent again.")


@command.command("deliver")
def deliver_command() -> None:
    """Send what is due now, and end; a running server does so all the time."""
    count = 0
    with opened() as wiring:
        any_address = wiring.settings.webhook_any_address
        sender = Sender(wiring.engine, wiring.log, wiring.clock, any_address=any_address)
        while True:
            begun = sender.begin_due()
            count += begun
            if not begun and not sender.in_flight:
                break
            time.sleep(_LOOKED_EVERY_S)
    click.echo(f"{count} attempts.")


def _print(found: tuple[Delivery, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([one.values() for one in found])
        return
    if not found:
        note("Nothing stands so.")
        return
    print_table(
        ["message", "webhook", "kind", "state", "attempts", "made", "next attempt", "last fault"],
        [
            [
                one.message_id,
                one.endpoint,
                str(one.kind),
                str(one.state),
                str(one.attempts),
                moment_text(one.created_at),
                moment_text(one.next_attempt_at),
                one.last_fault or "",
            ]
            for one in found
        ],
    )


def _values(one: Endpoint) -> dict[str, object]:
    return {
        "key": one.key,
        "url": one.url,
        "kinds": sorted(map(str, one.kinds)),
        "enabled": one.is_enabled,
        "disabled_because": one.disabled_because,
    }
