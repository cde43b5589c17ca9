"""Pages about what was refused: why, how often, and corrected, replayed or discarded by hand."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlencode

import orjson
from flask import Blueprint, flash, redirect, request, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import formats, person, wiring, words
from app.console.refusals import in_words
from app.console.rendering import show
from app.errors import field_error
from app.language import marked
from experiments import quarantining
from experiments.errors import InvalidValues
from experiments.lifecycle import Act
from experiments.outcomes import Outcome
from experiments.quarantining import Kind, QuarantineState, RefusalReason, Which

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.wrappers import Response

    from experiments.errors import Problem
    from experiments.quarantining import Quarantined

blueprint = Blueprint("quarantine", __name__, url_prefix="/quarantine")

PAGE: Final = 50
AT_ONCE_S: Final = 3.0
"""How long one request replays; what is left goes on with the next one."""

KINDS: Final = {Kind.EXPOSURE: marked("Exposure"), Kind.CONVERSION: marked("Conversion")}
STATES: Final = {
    QuarantineState.OPEN: (marked("Open"), "warn"),
    QuarantineState.REPLAYED: (marked("Replayed"), "good"),
    QuarantineState.DISCARDED: (marked("Discarded"), "calm"),
}


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Why items are open, and how many.

    Attributes:
        message: In English, as it is stored; names the reason to the server.
        told: The same in the reader's language.
    """

    kind: str
    kind_label: str
    field: str
    message: str
    told: str
    items: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Items of a reason that are still to be replayed: those behind a number."""

    after: int
    kind: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of the list."""

    number: str
    address: str
    kind: str
    state: str
    tone: str
    received: str
    sender: str
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """What was refused.

    Attributes:
        more: Address of the next page; empty on the last one.
        rest: What is left of replaying a reason; None unless it was begun.
    """

    template: ClassVar[str] = "console/quarantine/list.html"
    title: str
    counts: tuple[tuple[str, str], ...]
    reasons: tuple[ReasonRow, ...]
    kinds: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    kind: str
    state: str
    sender: str
    rows: tuple[ItemRow, ...]
    more: str
    rest: Rest | None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One item that was refused.

    Attributes:
        problems: Field, what is wrong, and what would do; of the latest attempt where one failed.
        payload: The item as it is to be replayed: as it came, or as it was typed.
        settled: How it ceased to be open; empty while it is.
        errors: What was wrong with the form, by field.
    """

    template: ClassVar[str] = "console/quarantine/item.html"
    title: str
    number: int
    kind: str
    state: str
    tone: str
    is_open: bool
    received: str
    sender: str
    problems: tuple[tuple[str, str, str], ...]
    payload: str
    settled: str
    reason: str
    errors: dict[str, str]


@blueprint.get("/")
@open_to(Scope.QUARANTINE_WRITE)
def listing() -> tuple[str, int]:
    """Show what is open, by reason, and the items."""
    kind, state = request.args.get("kind", ""), request.args.get("state", "open")
    sender, before = request.args.get("sender", "").strip(), request.args.get("before", type=int)
    which = Which(
        kind=Kind(kind) if kind in set(Kind) else None,
        state=QuarantineState(state) if state in set(QuarantineState) else None,
        sender=sender or None,
    )
    engine, say = wiring().engine, words().say
    items = quarantining.list_quarantine(engine, which, before=before, limit=PAGE)
    counts = quarantining.open_items(engine).items()
    return show(
        QuarantinePage(
            title=say("Quarantine"),
            counts=tuple((say(KINDS[one]), formats().count(n).text) for one, n in counts),
            reasons=tuple(map(_reason, quarantining.open_reasons(engine))),
            kinds=(("", say("All")), *((one.value, say(text)) for one, text in KINDS.items())),
            states=(
                ("all", say("All")),
                *((one.value, say(text)) for one, (text, _) in STATES.items()),
            ),
            kind=kind,
            state=state,
            sender=sender,
            rows=tuple(map(_row, items)),
            more=url_for(
                "console.quarantine.listing",
                before=items[-1].number,
                kind=kind,
                state=state,
                sender=sender,
            )
            if len(items) == PAGE
            else "",
            rest=_rest(),
        )
    )


@blueprint.post("/replay")
@open_to(Scope.QUARANTINE_WRITE)
def replay_all() -> Response:
    """Replay the open items of one reason as they came."""
    kind = request.form.get("kind", "")
    reason = None
    if kind in set(Kind):
        reason = RefusalReason(
            Kind(kind), request.form.get("field", ""), request.form.get("message", "")
        )
    parts, say, count = wiring(), words().say, formats().count
    after: int | None = request.form.get("after", 0, type=int)
    taken = refused = 0
    ends = monotonic() + AT_ONCE_S
    while after is not None:
        done = quarantining.replay_all(
            parts.engine, parts.directory, Which(), _act(), after=after, reason=reason
        )
        still = sum(one.outcome is Outcome.QUARANTINED for one in done.replays)
        taken, refused, after = taken + len(done.replays) - still, refused + still, done.next_after
        if monotonic() > ends:
            break
    sentence = say(
        "{taken} were recorded; {refused} are refused still and stay open.",
        taken=count(taken).text, refused=count(refused).text,
    )  # fmt: skip
    flash(sentence, "warning" if refused else "success")
    asked = "" if after is None else f"?{urlencode({'after': after, **_reason_fields(reason)})}"
    return redirect(url_for("console.quarantine.listing") + asked)


def _reason_fields(reason: RefusalReason | None) -> dict[str, str]:
    if reason is None:
        return {}
    return {"reason_kind": reason.kind, "field": reason.field, "message": reason.message}


def _rest() -> Rest | None:
    """Give what is left of replaying a reason, where it took too long for one request."""
    after, asked = request.args.get("after", type=int), request.args.get
    if after is None:
        return None
    return Rest(after, asked("reason_kind", ""), asked("field", ""), asked("message", ""))


@blueprint.get("/<int:number>")
@open_to(Scope.QUARANTINE_WRITE)
def item(number: int) -> tuple[str, int]:
    """Show one item."""
    return show(_page(quarantining.show_quarantined(wiring().engine, number)))


@blueprint.post("/<int:number>/replay")
@open_to(Scope.QUARANTINE_WRITE)
def replay(number: int) -> tuple[str, int] | Response:
    """Record an item as it was typed; what is refused is shown with all that was typed."""
    parts, say = wiring(), words().say
    found = quarantining.show_quarantined(parts.engine, number)
    typed = request.form.get("payload", "")
    try:
        value = orjson.loads(typed)
    except orjson.JSONDecodeError as error:
        sentence = say("This is not JSON: {what}.", what=error.msg)
        return show(_page(found, payload=typed, errors={"payload": sentence}), 422)
    correction = None if _same(found.payload, value) else value
    try:
        quarantining.replay(
            parts.engine, parts.directory, number, _act(), correction=correction
        )  # fmt: skip
    except InvalidValues as refused:
        still = {"payload": say("It is refused still, for the reasons above. Nothing was stored.")}
        return show(_page(found, payload=typed, problems=refused.problems, errors=still), 422)
    flash(say("The event is recorded."), "success")
    return redirect(url_for("console.quarantine.listing"))


@blueprint.get("/<int:number>/discard")
@open_to(Scope.QUARANTINE_WRITE)
def ask_discard(number: int) -> Response:
    """Lead to the item, whose page asks for the reason."""
    return redirect(url_for("console.quarantine.item", number=number))


@blueprint.post("/<int:number>/discard")
@open_to(Scope.QUARANTINE_WRITE)
def discard(number: int) -> tuple[str, int] | Response:
    """Settle an item for good without a fact, once it was confirmed and has a reason."""
    say, reason = words().say, request.form.get("reason", "")
    errors = {}
    if not 0 < len(reason.strip()) <= quarantining.MAX_REASON:
        errors["reason"] = say("Say why the event need not count.")
    if not request.form.get("sure"):
        errors["sure"] = say("Confirm that the event will never count.")
    if errors:
        found = quarantining.show_quarantined(wiring().engine, number)
        return show(_page(found, reason=reason, errors=errors), 422)
    quarantining.discard(wiring().engine, number, _act(reason))
    flash(say("The event is discarded. It stays listed, with the reason."), "success")
    return redirect(url_for("console.quarantine.listing"))


def _act(reason: str | None = None) -> Act:
    return Act(wiring().clock(), f"user {person().user.user_id}", reason)


def _same(payload: str, value: object) -> bool:
    try:
        return bool(orjson.loads(payload) == value)
    except orjson.JSONDecodeError:
        return False


def _reason(one: RefusalReason) -> ReasonRow:
    label = words().say(KINDS[one.kind])
    told, items = in_words(one.message, words()), formats().count(one.items).text
    return ReasonRow(one.kind, label, one.field, one.message, told, items)


def _row(one: Quarantined) -> ItemRow:
    state, tone = STATES[one.state]
    reason = quarantining.reason_of(one)
    return ItemRow(
        formats().count(one.number or 0).text,
        url_for("console.quarantine.item", number=one.number),
        words().say(KINDS[one.kind]),
        words().say(state),
        tone,
        formats().moment(one.received_at).local,
        one.sender or "",
        reason.field,
        in_words(reason.message, words()),
    )


def _page(
    found: Quarantined,
    *,
    payload: str | None = None,
    problems: Iterable[Problem] | None = None,
    reason: str = "",
    errors: dict[str, str] | None = None,
) -> ItemPage:
    say, settlement = words().say, found.settlement
    state, tone = STATES[found.state]
    settled = ""
    if settlement is not None:
        settled = say(
            "{state} on {moment} by {actor}.",
            state=say(state), moment=formats().moment(settlement.at).local, actor=settlement.by,
        )  # fmt: skip
        settled += f" {settlement.reason}" if settlement.reason else ""
    shown = [field_error(one) for one in (found.problems if problems is None else problems)]
    return ItemPage(
        title=say("Refused event {number}", number=str(found.number)),
        number=found.number or 0,
        kind=say(KINDS[found.kind]),
        state=say(state),
        tone=tone,
        is_open=settlement is None,
        received=formats().moment(found.received_at).local,
        sender=found.sender or "",
        problems=tuple(
            (one.field, in_words(one.message, words()), in_words(one.way_out, words()))
            for one in shown
        ),
        payload=_indented(found.payload) if payload is None else payload,
        settled=settled,
        reason=reason,
        errors=errors or {},
    )


def _indented(payload: str) -> str:
    try:
        return orjson.dumps(orjson.loads(payload), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return payload
