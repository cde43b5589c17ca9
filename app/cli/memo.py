"""Commands that show decision memos."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.in_order import InOrder
from app.cli.opening import opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from app.language import Language, Words
from experiments.memo_writing import find_memo, memos_of

if TYPE_CHECKING:
    from app.wiring import Wiring
    from experiments.memo import Memo

_SHORT = 12


class Form(StrEnum):
    """In which form a memo is written."""

    MARKDOWN = "md"
    HTML = "html"


@click.group("memo", cls=InOrder)
def command() -> None:
    """Show what people decided about campaigns, and why.

    Memos are written in the console, or over the API.
    """


@command.command("list")
@click.argument("key")
@as_json
def list_command(*, key: str, as_json: bool) -> None:
    """List the versions of the decision memo of campaign KEY, the newest first."""
    with opened() as wiring:
        found = memos_of(wiring.engine, key)
    if as_json:
        print_json([_values(one) for one in found])
        return
    if not found:
        note(f"Campaign {key!r} has no decision memo yet. Write it in the console.")
        return
    print_table(
        ["phase", "version", "written", "by", "owner", "snapshot"],
        [
            [
                str(one.phase),
                str(one.version),
                moment_text(one.written_at),
                one.author,
                one.prose.owner,
                one.snapshot_hash[:_SHORT],
            ]
            for one in found
        ],
    )


@command.command()
@click.argument("key")
@click.option("--version", type=click.IntRange(1), help="Its number. [default: the newest]")
@click.option("--phase", type=click.IntRange(1), help="Phase of the campaign. [default: latest]")
@click.option(
    "--format",
    "form",
    type=click.Choice([str(one) for one in Form]),
    default=Form.MARKDOWN.value,
    show_default=True,
    help="md: text for notes; html: one page to send or print.",
)
@click.option(
    "--language",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    help="Of everything but what people wrote.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write. [default: standard output]",
)
def show(  # one option each
    *,
    key: str,
    version: int | None,
    phase: int | None,
    form: str,
    language: str,
    output: Path | None,
) -> None:
    """Write the decision memo of campaign KEY, with the numbers of its snapshot."""
    with opened() as wiring:
        memo = _chosen(wiring, key, phase, version)
        text = _rendered(wiring, memo, Form(form), Words(Language(language)))
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    output.write_text(text, encoding="utf-8", newline="")
    note(f"Wrote {output}, phase {memo.phase}, version {memo.version}.")


def _chosen(wiring: Wiring, key: str, phase: int | None, version: int | None) -> Memo:
    found = memos_of(wiring.engine, key)
    chosen = phase or (found[0].phase if found else 1)
    newest = next((one.version for one in found if one.phase == chosen), 1)
    return find_memo(wiring.engine, key, chosen, version or newest)


def _rendered(wiring: Wiring, memo: Memo, form: Form, words: Words) -> str:
    # Deferred, so that `tierlift memo --help` loads neither the analysis nor templates.
    from app.analysis.stored import erased_since, stored_scorecard  # noqa: PLC0415  # as said above
    from app.auth.actors import actor_names  # noqa: PLC0415  # as said above
    from app.report.html import render_memo  # noqa: PLC0415  # as said above
    from app.report.memo import memo_page  # noqa: PLC0415  # as said above
    from app.report.memo_markdown import memo_markdown  # noqa: PLC0415  # as said above

    scorecard = stored_scorecard(wiring.engine, memo.campaign, memo.snapshot_hash)
    if scorecard is None:
        message = f"The snapshot {memo.snapshot_hash} of the memo is not in this database."
        raise click.ClickException(message)
    names = actor_names(wiring.engine)
    page = memo_page(
        memo, scorecard, words, lambda one: names.get(one.partition(" ")[2], one),
        erased_since=erased_since(wiring.engine, scorecard),
    )  # fmt: skip
    return memo_markdown(page, words) if form is Form.MARKDOWN else render_memo(page, words)


def _values(memo: Memo) -> dict[str, object]:
    return {
        "phase": memo.phase,
        "version": memo.version,
        "snapshot_hash": memo.snapshot_hash,
        "written_at": moment_text(memo.written_at),
        "author": memo.author,
        **memo.content(),
    }
