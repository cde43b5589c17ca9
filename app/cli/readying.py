"""Commands for what people say before a launch: the checklist, and the approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.in_order import InOrder
from app.cli.opening import actor, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from experiments.approval import Answer
from experiments.approving import answer_approval, approvals_of, ask_approval
from experiments.errors import Conflict
from experiments.ticking import tick_item, untick_item

if TYPE_CHECKING:
    from experiments.checklist import Item


@click.command()
@click.argument("key")
@as_json
def checklist(key: str, *, as_json: bool) -> None:
    """Print what the campaign KEY needs before its launch: what is looked at, and what you tick."""
    from app.analysis import FactSource, readiness_of  # noqa: PLC0415  # DuckDB, which only this needs

    with opened() as wiring:
        source = FactSource.of(wiring.settings)
        found = readiness_of(wiring.engine, key, wiring.clock(), source)
    if as_json:
        automatic = [
            {"check": str(one.kind), "state": str(one.state), "told": list(one.told),
             "problems": [str(problem) for problem in one.problems],
             "allowed_by": one.allowed_by}
            for one in found.checks
        ]  # fmt: skip
        custom = [_values(one) for one in found.items]
        print_json({"ready": found.is_ready, "automatic": automatic, "custom": custom})
        return
    told = [
        (str(one.kind), str(one.state), " ".join([*map(str, one.problems), *one.told]))
        for one in found.checks
    ]
    print_table(("check", "state", "found"), told)
    if found.items:
        print_table(("item", "ticked", "text"), [(one.key, _ticked(one), one.text)
                                                 for one in found.items])  # fmt: skip
    note("Ready to launch." if found.is_ready else "Something is still in the way of the launch.")


@click.command()
@click.argument("key")
@click.argument("item")
def tick(key: str, item: str) -> None:
    """Say that the ITEM of the checklist of KEY holds; `checklist` prints the items."""
    with opened() as wiring:
        _tell(tick_item(wiring.engine, key, item, actor(), wiring.clock()))


@click.command()
@click.argument("key")
@click.argument("item")
def untick(key: str, item: str) -> None:
    """Take the tick of the ITEM of KEY back."""
    with opened() as wiring:
        _tell(untick_item(wiring.engine, key, item, actor(), wiring.clock()))


@click.group("approval", cls=InOrder)
def approval() -> None:
    """Ask for the approval of a draft, answer it, take it back.

    Whoever made the campaign, changed it or asks does not answer. At the command line that is the
    user of the operating system.
    """


@approval.command()
@click.argument("key")
@click.option("--note", "words", default="", help="For whoever approves.")
def ask(key: str, words: str) -> None:
    """Ask for the approval of the draft KEY as it is now."""
    with opened() as wiring:
        asked = ask_approval(wiring.engine, key, words, actor(), wiring.clock())
    click.echo(f"Request {asked.number} waits for an answer by somebody else.")


@approval.command("list")
@click.argument("key")
@as_json
def list_command(key: str, *, as_json: bool) -> None:
    """List the requests for approval of the campaign KEY, the oldest first."""
    with opened() as wiring:
        found = approvals_of(wiring.engine, key)
    if as_json:
        print_json(
            [
                {"number": one.number, "campaign_version": one.campaign_version,
                 "asked_by": one.asked_by, "asked_at": one.asked_at, "note": one.note,
                 "answer": None if one.answer is None else str(one.answer),
                 "answered_by": one.answered_by, "answered_at": one.answered_at,
                 "reason": one.reason}
                for one in found
            ]
        )  # fmt: skip
        return
    print_table(
        ("number", "asked", "by", "answer", "answered by", "reason"),
        [
            (str(one.number), moment_text(one.asked_at), one.asked_by,
             str(one.answer or "waits"), one.answered_by or "", one.reason or "")
            for one in found
        ],
    )  # fmt: skip


_ANSWERS = {
    "approve": (Answer.APPROVED, "Say that the campaign KEY may start as it is."),
    "refuse": (Answer.REFUSED, "Say that the campaign KEY may not start as it is; say why."),
    "withdraw": (Answer.WITHDRAWN, "Take your own request for the approval of KEY back."),
}


def _add_answer(name: str, answer: Answer, purpose: str) -> None:
    @approval.command(name, help=purpose)
    @click.argument("key")
    @click.option("--reason", default="", help="Why; required to refuse.")
    def run(key: str, reason: str) -> None:
        with opened() as wiring:
            waiting = [one for one in approvals_of(wiring.engine, key) if one.answer is None]
            if not waiting:
                message = f"No approval of campaign {key!r} waits for an answer. Ask for one first."
                raise Conflict(message)
            number = waiting[-1].number
            answer_approval(wiring.engine, key, number, answer, reason, actor(), wiring.clock())
        click.echo(f"Request {number} is {answer}.")


for _name, (_answer, _purpose) in _ANSWERS.items():
    _add_answer(_name, _answer, _purpose)


def _tell(item: Item) -> None:
    click.echo(f"{item.text}: {_ticked(item)}.")


def _ticked(item: Item) -> str:
    return "open" if item.tick is None else f"ticked by {item.tick.by}"


def _values(item: Item) -> dict[str, object]:
    return {"item": item.key, "text": item.text, "of_programme": item.is_of_programme,
            "ticked_by": item.tick.by if item.tick else None,
            "ticked_at": item.tick.at if item.tick else None}  # fmt: skip
