"""Writes a decision memo as Markdown, to be pasted into whatever people keep their notes in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.language import Words
    from app.report.block import Cell, Table
    from app.report.memo import MemoPage
    from app.report.page import Detail
    from app.report.shown import Shown

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#])")


def memo_markdown(page: MemoPage, words: Words) -> str:
    """Give a version as one text; what people wrote stays as they wrote it, but for HTML."""
    return "\n\n".join(_parts(page, words)) + "\n"


def _parts(page: MemoPage, words: Words) -> Iterator[str]:
    say = words.say
    yield f"# {say('Decision memo: {campaign}', campaign=_plain(page.title))}"
    yield "  \n".join(
        [
            *([_plain(page.programme)] if page.programme else []),
            say("Campaign {key}, phase {phase}", key=_plain(page.campaign), phase=page.phase),
            say("Version {version}, written by {author}, {when}",
                version=page.version, author=_plain(page.author), when=page.written.text),
            say("Owner: {owner}", owner=_plain(page.owner)),
        ]
    )  # fmt: skip
    yield f"## {say('Decision')}"
    yield " ".join(_plain(one) for one in page.decision)
    if page.reason:
        yield "\n".join(f"> {line}" for line in _prose(page.reason).split("\n"))
    yield f"### {say('Why')}"
    yield _prose(page.why)
    yield f"## {say('Result')}"
    yield f"**{_plain(page.headline.label)}**"
    yield _plain(page.headline.sentence)
    yield from _lines(page, words)
    yield "\n".join(_detail(one, words) for one in page.headline.notes)
    if page.glance:
        yield "\n".join(_table(page.glance, words))
    yield _plain(page.health)
    yield f"## {say('What we learned')}"
    yield _prose(page.learned)
    if page.next_steps:
        yield f"## {say('What next')}"
        yield _prose(page.next_steps)
    if page.purpose:
        yield f"## {say('Goal and hypothesis')}"
        yield "\n".join(_detail(one, words) for one in page.purpose)
    yield f"## {say('Design, fixed before start')}"
    yield "\n".join(_detail(one, words) for one in page.design)
    yield f"## {say('Deviations from the plan')}"
    yield "\n".join(_deviations(page, words))
    yield f"## {say('Snapshot')}"
    yield "  \n".join(
        [
            f"`{page.snapshot_hash}`",
            say("Facts up to {when}", when=page.as_of.text),
            *([page.erased] if page.erased else []),
        ]
    )


def _detail(detail: Detail, words: Words) -> str:
    if not detail.term:
        return f"- {_plain(detail.text)}"
    return f"- **{words.say('{term}:', term=_plain(detail.term))}** {_plain(detail.text)}"


def _lines(page: MemoPage, words: Words) -> Iterator[str]:
    found = []
    for one in page.headline.lines:
        quantity = f" {_plain(one.quantity)}" if one.shown.estimate else ""
        effect = f"{_shown(one.shown, words)}{quantity}"
        name = words.say("{term}:", term=_plain(one.treatment.name))
        found.append(f"- **{name}** {effect}. {_plain(one.reading)}")
    if found:
        yield "\n".join(found)


def _deviations(page: MemoPage, words: Words) -> Iterator[str]:
    say = words.say
    if not page.deviations:
        yield say("None: the campaign ran as it was planned.")
    for one in page.deviations:
        yield "- " + say(
            "{when}: {field} from {before} to {after}, by {who}. {why}",
            when=one.at.text,
            field=_plain(one.field),
            before=_plain(one.before),
            after=_plain(one.after),
            who=_plain(one.actor),
            why=_plain(one.reason) or say("No reason was recorded."),
        )


def _table(table: Table, words: Words) -> Iterator[str]:
    titles = [f"{one.title} ({one.sub})" if one.sub else one.title for one in table.columns]
    yield _row([table.head, *titles])
    yield "|" + " --- |" * (len(titles) + 1)
    for group in table.groups:
        for line in group.lines:
            label = f"{line.label} ({line.tag})" if line.tag else line.label
            yield _row([label, *(_cell(one, words) for one in line.cells)])


def _row(texts: list[str]) -> str:
    return "| " + " | ".join(_plain(text) for text in texts) + " |"


def _cell(cell: Cell, words: Words) -> str:
    found = [] if cell.shown is None else [_shown(cell.shown, words)]
    found += [] if cell.number is None else [cell.number.text]
    found += [cell.words] if cell.words else []
    return "; ".join(found) or "\N{EN DASH}"


def _shown(shown: Shown, words: Words) -> str:
    parts = []
    if shown.estimate:
        parts.append(shown.estimate.text)
    if shown.low and shown.high:
        ends = words.say("{low} to {high}", low=shown.low.text, high=shown.high.text)
        parts.append(f"({ends})")
    if shown.sentence:
        parts.append(shown.sentence)
    return " ".join(parts)


def _plain(text: str) -> str:
    """Give a text in which nothing is taken for Markdown or HTML, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _prose(text: str) -> str:
    return text.replace("<", "&lt;")
