"""The form in which people write the next version of a decision memo."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from flask import flash, redirect, request, url_for

from app.analysis.stored import snapshots_of
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.frame import TabName, address_of_campaign, framed
from app.console.context import formats, wiring, words
from app.console.memo.place import actor, address_of, blueprint, composed
from app.console.rendering import show
from app.console.results.nothing import nothing
from app.console.results.overview import TONES
from app.console.results.stored import Unread
from app.language import marked
from experiments.errors import InvalidValues, MemoChanged
from experiments.memo import LONGEST_OWNER, LONGEST_TEXT, Prose
from experiments.memo_writing import Writing, draft_memo, write_memo

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from app.report.memo import MemoPage
    from experiments.errors import Problem
    from experiments.memo import Memo

LISTED: Final = 10
REFUSALS: Final = {
    "learned": marked("Say what was learned, for whoever reads this in a year."),
    "why": marked("Say why it was, or should be, decided so."),
    "owner": marked("Name who answers for it."),
}


@dataclass(frozen=True, slots=True)
class SnapshotChoice:
    """Results that a memo may be about.

    Attributes:
        label: When they were computed, and the beginning of their hash.
        address: Of the form about them; empty for those that it is about.
    """

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class WritePage:
    """The form.

    Attributes:
        facts: The memo as it would be now: what cannot be typed.
        tone, icon: How its verdict looks.
        texts: What was written so far, by field.
        longest: How long each text may be.
        errors: By field; ``""`` is the whole form.
        snapshot: Hash of the results that it is about.
        snapshots: Those that it may be about.
        based_on: The newest version that the writer has seen.
        other: Address of a version that somebody else wrote meanwhile; empty without one.
    """

    template: ClassVar[str] = "console/memo/write.html"
    title: str
    frame: Frame
    facts: MemoPage
    tone: str
    icon: str
    texts: dict[str, str]
    longest: dict[str, int]
    errors: dict[str, str]
    snapshot: str
    snapshots: tuple[SnapshotChoice, ...]
    based_on: int
    other: str
    back: str


@blueprint.get("/campaigns/<key>/memo/write")
@open_to(Scope.REPORTS_WRITE)
def ask(key: str) -> tuple[str, int]:
    """Show the form, filled with the newest version."""
    campaign, frame = framed(key, TabName.MEMO)
    parts = wiring()
    if not snapshots_of(parts.engine, key, limit=1):
        return show(nothing(Unread(campaign, frame)))
    asked = request.args.get("snapshot") or None
    draft = draft_memo(parts.engine, key, asked, actor(), parts.clock())
    return _form(frame, draft, draft.prose, {})


@blueprint.post("/campaigns/<key>/memo/write")
@open_to(Scope.REPORTS_WRITE)
def write(key: str) -> tuple[str, int] | Response:
    """Keep the next version."""
    parts, sent = wiring(), request.form
    prose = Prose(*(sent.get(name, "") for name in ("learned", "why", "next_steps", "owner")))
    based_on = int(sent["based_on"]) if sent.get("based_on", "").isdecimal() else 0
    wanted = Writing(prose, based_on, sent.get("snapshot") or None)
    now = parts.clock()
    try:
        memo = write_memo(parts.engine, key, wanted, actor(), now)
    except (InvalidValues, MemoChanged) as refused:
        _, frame = framed(key, TabName.MEMO)
        draft = draft_memo(parts.engine, key, wanted.snapshot_hash, actor(), now)
        if isinstance(refused, MemoChanged):
            return _form(frame, draft, prose, {"": _overtaken(draft)}, 409)
        return _form(frame, draft, prose, _errors(refused.problems), 422, based_on)
    number = formats().count(memo.version).text
    flash(words().say("Version {version} of the memo is kept.", version=number), "success")
    return redirect(address_of(memo))


def _overtaken(draft: Memo) -> str:
    count = formats().count
    return words().say(
        "Somebody else wrote version {theirs} meanwhile, so nothing was kept yet. Your texts are "
        "still here. Read theirs, take over what matters, and save: yours becomes version "
        "{yours}.",
        theirs=count(draft.version - 1).text,
        yours=count(draft.version).text,
    )


def _errors(problems: tuple[Problem, ...]) -> dict[str, str]:
    say, errors = words().say, {}
    for one in problems:
        match one.field:
            case "learned" if "same" in one.message:
                errors[""] = say("Nothing was changed, so there is no new version to keep.")
            case "learned" | "why" | "next_steps" | "owner" if one.message == "is too long":
                longest = LONGEST_OWNER if one.field == "owner" else LONGEST_TEXT
                count = formats().count(longest).text
                errors[one.field] = say("Use at most {count} characters.", count=count)
            case "learned" | "why" | "owner" if one.message == "is required":
                errors[one.field] = say(REFUSALS[one.field])
            case field:
                errors[field] = say("This holds a character that cannot be kept. Remove it.")
    return errors


def _form(  # what it needs
    frame: Frame,
    draft: Memo,
    prose: Prose,
    errors: dict[str, str],
    status: int = 200,
    based_on: int | None = None,
) -> tuple[str, int]:
    # in the facts stand no texts: those are in the fields, as they were typed
    facts = composed(replace(draft, prose=Prose("", "", "", "")))
    tone, icon = TONES[facts.headline.tone]
    newest = draft.version - 1
    page = WritePage(
        title=words().say("Write the decision memo of {name}", name=frame.name),
        frame=frame,
        facts=facts,
        tone=tone,
        icon=icon,
        texts={**asdict(prose)},
        longest={"text": LONGEST_TEXT, "owner": LONGEST_OWNER},
        errors=errors,
        snapshot=draft.snapshot_hash,
        snapshots=_choices(draft),
        based_on=newest if based_on is None else based_on,
        other=address_of(replace(draft, version=newest)) if status == 409 else "",  # noqa: PLR2004  # a conflict
        back=address_of_campaign(frame.key, TabName.MEMO),
    )
    return show(page, status)


def _choices(draft: Memo) -> tuple[SnapshotChoice, ...]:
    return tuple(
        SnapshotChoice(
            f"{formats().moment(one.computed_at).local} · {one.snapshot_hash[:12]}",
            ""
            if one.snapshot_hash == draft.snapshot_hash
            else url_for("console.memo.ask", key=draft.campaign, snapshot=one.snapshot_hash),
        )
        for one in snapshots_of(wiring().engine, draft.campaign, limit=LISTED)
    )
