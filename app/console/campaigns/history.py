"""Everything that was done to a campaign: by whom, when and why, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint

from app.analysis import Choice
from app.analysis.deviations import STATE, deviations_of
from app.analysis.field_changes import field_changes
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.digest_words import VERDICTS
from app.console.campaigns.frame import TabName, framed
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.campaigns.state_words import STATES
from app.console.context import formats, wiring, words
from app.console.rendering import show
from app.language import marked
from experiments.campaign import Move, State
from experiments.lifecycle import CREATE, NEW_PHASE, UPDATE, history_of
from stats.decision.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.analysis.field_changes import Done, FieldChange
    from app.console.campaigns.frame import Frame
    from app.report.formatting import Moment
    from experiments.campaign import Campaign

blueprint = Blueprint("campaign_history", __name__)

DONE: Final[Mapping[str, tuple[str, str]]] = {
    CREATE: (marked("Created"), "plus"),
    UPDATE: (marked("Changed"), "adjustments"),
    NEW_PHASE: (marked("New phase started"), "repeat"),
    Move.LAUNCH: (marked("Launched"), "rocket"),
    Move.UNSCHEDULE: (marked("Unscheduled"), "calendar-off"),
    Move.PAUSE: (marked("Paused"), "player-pause"),
    Move.RESUME: (marked("Resumed"), "player-play"),
    Move.STOP: (marked("Stopped"), "player-stop"),
    Move.DECIDE: (marked("Decided"), "gavel"),
    Move.ARCHIVE: (marked("Archived"), "archive"),
}

DECISIONS: Final[Mapping[str, str]] = {
    Choice.SHIP: marked("Decision: ship {treatment}."),
    Choice.DO_NOT_SHIP: marked("Decision: ship none."),
    Choice.INCONCLUSIVE: marked("Decision: left open, the results do not tell."),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that was done.

    Attributes:
        what: In words.
        icon: As Tabler names it.
        when: In the programme's zone and UTC.
        who: By name.
        state: The state that it led to, where that is another one.
        why: As they wrote it; empty where they did not.
        facts: What else is known of it, in sentences.
        changes: Field by field.
    """

    what: str
    icon: str
    when: Moment
    who: str
    state: str
    why: str
    facts: tuple[str, ...]
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """A change after the phase had started, which says something about its results."""

    phase: str
    when: Moment
    field: str
    before: str
    after: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """All of it, the newest first, and what deviates from the plan."""

    template: ClassVar[str] = "console/campaign/history.html"
    title: str
    frame: Frame
    lines: tuple[HistoryLine, ...]
    deviations: tuple[DeviationLine, ...]
    was_launched: bool


@blueprint.get("/campaigns/<key>/history")
@open_to(Scope.CAMPAIGNS_READ)
def history(key: str) -> tuple[str, int]:
    """Show the page."""
    campaign, frame = framed(key, TabName.HISTORY)
    moves, names = history_of(wiring().engine, key), names_of_users()
    page = HistoryPage(
        title=frame.title,
        frame=frame,
        lines=tuple(reversed(tuple(_lines(campaign, moves, names)))),
        deviations=tuple(_deviations(campaign, moves, names)),
        was_launched=bool(campaign.phases),
    )
    return show(page)


def _lines(
    campaign: Campaign, moves: Sequence[Done], names: dict[str, str]
) -> Iterator[HistoryLine]:
    say = words().say
    for move, changes in zip(moves, field_changes(campaign, moves), strict=True):
        what, symbol = DONE.get(move.move, (move.move, "point"))
        yield HistoryLine(
            what=say(what),
            icon=symbol,
            when=formats().moment(move.at),
            who=actor_words(move.actor, names, words()),
            state=say(STATES[move.to_state]) if move.to_state is not move.from_state else "",
            why=move.reason or "",
            facts=tuple(_facts(campaign, move)),
            changes=changes,
        )


def _facts(campaign: Campaign, move: Done) -> Iterator[str]:
    """Give what a decision says beside its reason."""
    if move.move != Move.DECIDE or move.detail is None:
        return
    say, detail = words().say, move.detail
    decision = DECISIONS.get(str(detail.get("decision")))
    if decision is not None:
        found = campaign.design.variant(str(detail.get("treatment")))
        yield say(decision, treatment=(found.name or found.key) if found else "")
    verdict = detail.get("rule_verdict")
    if verdict in set(Verdict):
        yield say("The rule said: {verdict}.", verdict=say(VERDICTS[Verdict(verdict)][0]))
    if "against_rule" in detail:
        yield (
            say("The decision goes against the rule.")
            if detail["against_rule"]
            else say("The decision follows the rule.")
        )


def _deviations(
    campaign: Campaign, moves: Sequence[Done], names: dict[str, str]
) -> Iterator[DeviationLine]:
    say = words().say
    for phase in campaign.phases:
        for one in deviations_of(campaign, phase, moves):
            is_state = one.field == STATE
            yield DeviationLine(
                phase=formats().count(phase.number).text,
                when=formats().moment(one.at),
                field=say("State") if is_state else one.field,
                before=_state(one.before) if is_state else one.before,
                after=_state(one.after) if is_state else one.after,
                who=actor_words(one.actor, names, words()),
                why=one.reason,
            )


def _state(text: str) -> str:
    """Give the words of a state that a deviation holds as JSON text."""
    found = text.strip('"')
    return words().say(STATES[State(found)]) if found in set(State) else text
