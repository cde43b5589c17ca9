"""Commands for events that were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
import orjson
from pydantic import JsonValue, RootModel

from app.cli.documents import read_document
from app.cli.faults import sentence_of
from app.cli.in_order import InOrder
from app.cli.opening import act, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table, printable
from experiments import quarantining
from experiments.outcomes import Outcome
from experiments.quarantining import Kind, QuarantineState, Which

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.wiring import Wiring
    from experiments.quarantining import Quarantined, Replay

SOME_REFUSED: Final = 3
_SHOWN: Final = 60


class Correction(RootModel[dict[str, JsonValue]]):
    """The whole corrected item."""


@click.group("quarantine", cls=InOrder)
def command() -> None:
    """Look at events that were refused; correct, replay or discard them.

    An event is refused for its time, its amount, a key that does not exist, other content under a
    known id, or since it cannot be read. It waits here, as it came, until somebody settles it.
    """


_kind: Callable[[Any], Any] = click.option(
    "--kind", type=click.Choice([str(kind) for kind in Kind]), help="Only these."
)


@command.command("list")
@_kind
@click.option(
    "--state",
    type=click.Choice([str(state) for state in QuarantineState]),
    default=str(QuarantineState.OPEN),
    show_default=True,
    help="Only those that are so.",
)
@click.option("--before", type=click.IntRange(min=1), help="Only items with a lower number.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="At most so many.",
)
@as_json
def list_command(
    kind: str | None, state: str, before: int | None, limit: int, *, as_json: bool
) -> None:
    """List what was refused, the newest first."""
    which = Which(kind=Kind(kind) if kind else None, state=QuarantineState(state))
    with opened() as wiring:
        items = quarantining.list_quarantine(wiring.engine, which, before=before, limit=limit)
    if as_json:
        print_json([_values(item) for item in items])
        return
    if not items:
        note(f"Nothing in quarantine is {state}.")
        return
    print_table(
        ["number", "kind", "id", "received", "sender", "first reason"],
        [
            [
                str(item.number),
                str(item.kind),
                _cut(item.item_id or ""),
                moment_text(item.received_at),
                item.sender or "",
                _reason(item),
            ]
            for item in items
        ],
    )
    if len(items) == limit:
        note(f"There may be more: --before {items[-1].number}")


@command.command()
@click.argument("number", type=click.IntRange(min=1))
@as_json
def show(number: int, *, as_json: bool) -> None:
    """Print the item NUMBER as it came, and every reason why it was refused."""
    with opened() as wiring:
        item = quarantining.show_quarantined(wiring.engine, number)
    if as_json:
        print_json(_values(item))
        return
    click.echo(printable(item.payload))
    note(f"Item {item.number}, {item.kind}, received {moment_text(item.received_at)}.")
    for problem in item.problems:
        note(f"  {sentence_of(problem)}")
    if item.settlement is not None:
        done = item.settlement
        why = f": {printable(done.reason)}" if done.reason else ""
        note(f"It was {done.state} at {moment_text(done.at)} by {done.by}{why}.")


@command.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.option(
    "--correction",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
    help="The whole corrected item, as JSON or YAML (- for standard input).",
)
@click.option("--all", "all_open", is_flag=True, help="Every open item, as it came.")
@_kind
@as_json
def replay(
    number: int | None, correction: str | None, kind: str | None, *, all_open: bool, as_json: bool
) -> None:
    """Record the item NUMBER, or with --all every open one.

    An item is taken as it came, or --correction in its place. What is refused still stays open,
    and the exit code is 3. Repeats are harmless.

    Examples: tierlift quarantine replay 17 --correction fixed.json

    tierlift quarantine replay --all --kind exposure
    """
    if all_open is (number is not None):
        message = "give the NUMBER of an item, or --all"
        raise click.UsageError(message)
    if correction is not None and all_open:
        message = "--correction is of one item; give its NUMBER"
        raise click.UsageError(message)
    if number is not None and kind is not None:
        message = "--kind goes with --all"
        raise click.UsageError(message)
    with opened() as wiring:
        if number is None:
            replays = _replay_all(wiring, Which(kind=Kind(kind) if kind else None))
        else:
            value = None if correction is None else read_document(correction, Correction).root
            engine, directory = wiring.engine, wiring.directory
            done = quarantining.replay(engine, directory, number, act(wiring), correction=value)
            replays = [done]
    _tell(replays, as_json=as_json)
    if any(one.outcome is Outcome.QUARANTINED for one in replays):
        click.get_current_context().exit(SOME_REFUSED)


@command.command()
@click.argument("number", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why it need not count.")
def discard(number: int, reason: str) -> None:
    """Settle the item NUMBER for good without an event; it stays, with the reason."""
    with opened() as wiring:
        item = quarantining.discard(wiring.engine, number, act(wiring, reason))
    click.echo(f"Item {item.number} is discarded.")


def _replay_all(wiring: Wiring, which: Which) -> list[Replay]:
    """Replay page by page until the end, so that no transaction grows with the quarantine."""
    replays: list[Replay] = []
    after: int | None = 0
    while after is not None:
        done = quarantining.replay_all(
            wiring.engine, wiring.directory, which, act(wiring), after=after
        )
        replays += done.replays
        after = done.next_after
    return replays


def _tell(replays: list[Replay], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "number": one.number,
                    "outcome": str(one.outcome),
                    "reasons": [sentence_of(problem) for problem in one.problems],
                }
                for one in replays
            ]
        )
        return
    for outcome in Outcome:
        count = sum(1 for one in replays if one.outcome is outcome)
        meaning = "refused still, and open" if outcome is Outcome.QUARANTINED else ""
        click.echo(f"  {outcome:<12}{count:>8,}  {meaning}".rstrip())
    for one in replays:
        for problem in one.problems:
            note(f"Item {one.number}: {sentence_of(problem)}")


def _values(item: Quarantined) -> dict[str, object]:
    done = item.settlement
    return {
        "number": item.number,
        "kind": str(item.kind),
        "state": str(item.state),
        "item_id": item.item_id,
        "received_at": item.received_at,
        "sender": item.sender,
        "reasons": [sentence_of(problem) for problem in item.problems],
        "payload": _parsed(item.payload),
        "settled_at": done.at if done else None,
        "settled_by": done.by if done else None,
        "reason": done.reason if done else None,
        "correction": _parsed(done.correction) if done and done.correction else None,
    }


def _parsed(payload: str) -> object:
    """Give the item as JSON where it is some, so that it can be corrected, else as text."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload


def _reason(item: Quarantined) -> str:
    problem = item.problems[0] if item.problems else None
    return "" if problem is None else _cut(f"{problem.field} {problem.message}")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
