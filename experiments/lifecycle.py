"""Takes campaigns through their lives: created, changed, launched, paused, stopped, decided.

Each use case owns one transaction, writes down who did what, and counts up the catalogue's
revision, so that every process serves the change from its next request on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from experiments.amendment import PLAN_FIELDS, plan_changes, unsafe_changes
from experiments.campaign import Campaign, Move, Phase, State
from experiments.catalogue import held_ranges
from experiments.errors import IllegalMove, InvalidValues, LaunchRefused, Problem, UnsafeChange
from experiments.launch import launch_problems, past_problems, programme_problems
from experiments.layer_share import layer_ranges
from experiments.readying import check_phase, check_ready
from experiments.store.audit import COMMAND_LINE
from experiments.store.campaigns import (
    RecordedMove,
    add_campaign,
    read_campaign,
    read_campaigns,
    read_moves,
    record_move,
    save_campaign,
)
from experiments.store.custom_metrics import with_definitions
from experiments.store.engine import reading, writing
from experiments.store.exhaustions import reopen_raised
from experiments.store.programme import put_programme, read_programme
from experiments.store.webhooks import announce
from experiments.webhooks import EVENT_OF_MOVE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.campaign import CampaignDesign
    from experiments.programme import Programme

    PlanMaker = Callable[[CampaignDesign, Programme, int], dict[str, Any]]

CREATE = "create"
UPDATE = "update"
NEW_PHASE = "new_phase"


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and when.

    Attributes:
        actor: ``user ID``, ``key ID``, or the person at the command line.
        reason: Why; required for a decision, kept for all.
        detail: What was decided, as JSON values.
        trace_id: Of the request by which it was asked.
    """

    now: datetime
    actor: str
    reason: str | None = None
    detail: dict[str, Any] | None = None
    trace_id: str | None = None


def create_campaign(engine: Engine, design: CampaignDesign, act: Act) -> Campaign:
    """Keep a new campaign as a draft.

    Raises:
        CampaignExists: The key is taken.
        InvalidValues: An offer has expired, or it does not fit the programme: an unknown layer, a
            tier not on the ladder.
    """
    campaign = Campaign(design, State.DRAFT, created_at=act.now, updated_at=act.now)
    with writing(engine) as connection:
        _check_fit(connection, design, act.now)
        add_campaign(connection, campaign)
        _record(connection, campaign, CREATE, campaign.state, act)
    return campaign


def update_campaign(
    engine: Engine,
    key: str,
    design: CampaignDesign,
    act: Act,
    *,
    make_plan: PlanMaker,
    new_phase: bool = False,
) -> Campaign:
    """Change a campaign: a draft freely, a running one where it is safe, or by a new phase.

    Raises:
        UnknownCampaign: No campaign has this key.
        InvalidValues: The document has another key, or does not fit the programme; or what the
            running phase is analysed by changes without a reason.
        IllegalMove: The campaign is over.
        UnsafeChange: The running phase would become unreadable; `new_phase` is the way out.
        LaunchRefused: The new phase may not start.
    """
    with writing(engine) as connection:
        campaign = read_campaign(connection, key)
        if design.key != key:
            way_out = "Keep the key, or create another campaign."
            raise InvalidValues([Problem("key", design.key, f"is not {key!r}", way_out)])
        state = campaign.state_at(act.now)
        changed = replace(campaign, design=design, updated_at=act.now)
        match state:
            case State.DRAFT:
                _check_fit(connection, design, act.now)
                kind = UPDATE
            case State.SCHEDULED | State.RUNNING | State.PAUSED if not new_phase:
                if problems := tuple(unsafe_changes(campaign.design, design)):
                    raise UnsafeChange(problems)
                changed = _replanned(connection, campaign, changed, act, make_plan)
                kind = UPDATE
            case State.RUNNING | State.PAUSED:
                changed = _next_phase(connection, changed, act.now, make_plan)
                kind = NEW_PHASE
            case _:
                legal = [str(move) for move in Move if _is_legal(campaign, move, act.now)]
                raise IllegalMove(key, state, "be updated", legal)
        changed = save_campaign(connection, changed)
        if kind == UPDATE and changed.phase is not None:
            # behind the save, which holds the campaign: nothing is granted meanwhile
            reopen_raised(connection, design, changed.phase.number, act.now)
        act = replace(act, detail={"before": campaign.design.model_dump(mode="json")})
        _record(connection, changed, kind, campaign.state, act)
    return changed


def launch_campaign(engine: Engine, key: str, act: Act, *, make_plan: PlanMaker) -> Campaign:
    """Start a campaign now, or at its `starts_at` where that lies ahead; its plan is fixed here.

    Raises:
        UnknownCampaign: No campaign has this key.
        IllegalMove: It is not a draft.
        LaunchRefused: Something is missing; every reason is named.
    """
    with writing(engine) as connection:
        campaign = read_campaign(connection, key)
        state = campaign.moved(Move.LAUNCH, act.now)
        check_ready(connection, campaign)
        started = campaign.design.starts_at or act.now
        phase = _phase(connection, campaign, 1, started, act.now, make_plan)
        launched = replace(campaign, state=state, phases=(phase,), updated_at=act.now)
        launched = save_campaign(connection, launched)
        _record(connection, launched, Move.LAUNCH, campaign.state, act)
    return launched


def move_campaign(engine: Engine, key: str, move: Move, act: Act) -> Campaign:
    """Pause, resume, stop, unschedule, decide or archive a campaign.

    Raises:
        UnknownCampaign: No campaign has this key.
        IllegalMove: Its state does not allow the move; the error names the moves that it does.
        InvalidValues: A decision without a reason.
    """
    with writing(engine) as connection:
        campaign = read_campaign(connection, key)
        state = campaign.moved(move, act.now)
        if move is Move.DECIDE and not (act.reason or "").strip():
            way_out = "Say why, for whoever reads this in a year."
            raise InvalidValues([Problem("reason", act.reason, "is required", way_out)])
        phases = campaign.phases
        if move is Move.STOP and campaign.phase is not None:
            # A scheduled phase that is stopped never began: it ends where it would have begun.
            ended = max(act.now, campaign.phase.started_at)
            phases = (*phases[:-1], replace(campaign.phase, ended_at=ended))
        moved = replace(campaign, state=state, phases=phases, updated_at=act.now)
        moved = save_campaign(connection, moved)
        _record(connection, moved, move, campaign.state, act)
    return moved


def find_campaign(engine: Engine, key: str) -> Campaign:
    """Give a campaign.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        return read_campaign(connection, key)


def list_campaigns(engine: Engine) -> tuple[Campaign, ...]:
    """Give all campaigns, by key."""
    with reading(engine) as connection:
        return read_campaigns(connection)


def history_of(engine: Engine, key: str) -> tuple[RecordedMove, ...]:
    """Give what was done to a campaign, the oldest first.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        read_campaign(connection, key)
        return read_moves(connection, key)


def set_programme(
    engine: Engine, programme: Programme, now: datetime, actor: str = COMMAND_LINE
) -> Programme:
    """Keep the programme in place of what was known.

    Raises:
        InvalidValues: A layer is missing whose slots a campaign holds.
    """
    kept = {layer.key for layer in programme.layers}
    with writing(engine) as connection:
        lost = [
            Problem(
                "layers",
                sorted(kept),
                f"lack {use.key!r}, of which campaign {campaign.key!r} holds a share",
                "Keep the layer until the campaign is stopped.",
            )
            for campaign in read_campaigns(connection)
            if (use := campaign.design.layer) is not None
            and use.key not in kept
            and held_ranges(campaign, use.key)
        ]
        if lost:
            raise InvalidValues(lost)
        put_programme(connection, programme, now, actor)
    return programme


def find_programme(engine: Engine) -> Programme | None:
    """Give the programme, or None while none is set."""
    with reading(engine) as connection:
        return read_programme(connection)


def _check_fit(connection: Connection, design: CampaignDesign, now: datetime) -> None:
    problems = [*past_problems(design, now)]
    if (programme := read_programme(connection)) is not None:
        problems += programme_problems(design, programme)
    if problems:
        raise InvalidValues(problems)


def _is_legal(campaign: Campaign, move: Move, now: datetime) -> bool:
    try:
        campaign.moved(move, now)
    except IllegalMove:
        return False
    return True


def _next_phase(
    connection: Connection, changed: Campaign, now: datetime, make_plan: PlanMaker
) -> Campaign:
    """End the phase in force and start the next one, whose salts have its number."""
    check_phase(connection, changed)
    current = changed.phases[-1]
    held_before = replace(changed, phases=(*changed.phases[:-1], replace(current, ended_at=now)))
    phase = _phase(connection, held_before, current.number + 1, now, now, make_plan)
    return replace(changed, phases=(*held_before.phases, phase))


def _replanned(
    connection: Connection,
    before: Campaign,
    changed: Campaign,
    act: Act,
    make_plan: PlanMaker,
) -> Campaign:
    """Give the campaign with a new plan where the change asks for one; a deviation has a reason.

    Raises:
        InvalidValues: The phase runs already, and no reason is given.
        LaunchRefused: The new plan cannot be made.
    """
    fields = plan_changes(before.design, changed.design)
    phase = changed.phases[-1]
    programme = read_programme(connection)
    if not fields or programme is None:
        return changed
    if phase.started_at <= act.now and not (act.reason or "").strip():
        complaint = f"is required, because {', '.join(fields)} would deviate from the plan"
        way_out = "Say why; every scorecard of this phase will show the deviation."
        raise InvalidValues([Problem("reason", act.reason, complaint, way_out)])
    # only what the plan is made of: an end or an offer that has passed is no reason any more
    problems = [
        problem
        for problem in launch_problems(changed.design, programme, act.now)
        if problem.field in PLAN_FIELDS
    ]
    if problems:
        raise LaunchRefused(problems)
    # a definition that was changed since stays as the phase has it
    design = with_definitions(connection, changed.design, phase.analysis_plan)
    plan = make_plan(design, programme, phase.number)
    return replace(changed, phases=(*changed.phases[:-1], replace(phase, analysis_plan=plan)))


def _phase(
    connection: Connection,
    campaign: Campaign,
    number: int,
    started_at: datetime,
    now: datetime,
    make_plan: PlanMaker,
) -> Phase:
    """Give a phase that may start, with its slots and its plan.

    Raises:
        LaunchRefused: It may not start; every reason is named.
    """
    programme = read_programme(connection)
    design = campaign.design
    problems = list(launch_problems(design, programme, now))
    if problems or programme is None:
        raise LaunchRefused(problems)
    return Phase(
        number=number,
        design=design,
        started_at=started_at,
        layer_ranges=layer_ranges(connection, campaign),
        analysis_plan=make_plan(with_definitions(connection, design), programme, number),
    )


def _record(connection: Connection, campaign: Campaign, move: str, before: State, act: Act) -> None:
    record_move(
        connection,
        RecordedMove(
            campaign=campaign.key,
            move=str(move),
            from_state=before,
            to_state=campaign.state,
            at=act.now,
            actor=act.actor,
            reason=act.reason,
            detail=act.detail,
        ),
        act.trace_id,
    )
    told = {"campaign": campaign.key, "name": campaign.design.name, "from_state": before,
            "state": campaign.state, "phase": campaign.phase.number if campaign.phase else None,
            "actor": act.actor, "reason": act.reason}  # fmt: skip
    announce(connection, EVENT_OF_MOVE[move], told, act.now)
