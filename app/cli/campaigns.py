"""Commands that create, change and move campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.audience import audience
from app.cli.budgets import budget
from app.cli.documents import document_file, read_document
from app.cli.in_order import InOrder
from app.cli.opening import act, opened
from app.cli.output import as_json, moment_text, note, print_json, print_table
from app.cli.overrides import override
from app.cli.readying import approval, checklist, tick, untick
from app.document_text import document_yaml
from experiments import lifecycle
from experiments.campaign import CampaignDesign, Move, State
from experiments.errors import UnknownProgramme
from experiments.templates import Template, draft_of, template_named
from experiments.wording import missing_texts

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from app.wiring import Wiring
    from experiments.campaign import Campaign
    from experiments.programme import Programme


@click.group("campaign", cls=InOrder)
def command() -> None:
    """Create, change and move campaigns.

    A campaign is described by a document in JSON or YAML, the same that the API takes; the states
    are draft, scheduled, running, paused, stopped, decided, archived.
    """


@command.command()
@document_file
def create(file: str) -> None:
    """Keep the campaign in FILE (- for standard input) as a draft."""
    design = read_document(file, CampaignDesign)
    with opened() as wiring:
        campaign = lifecycle.create_campaign(wiring.engine, design, act(wiring))
        _tell(campaign, wiring.clock())
        _tell_missing(campaign, wiring)
    note(f"Start it with: tierlift campaign launch {campaign.key}")


@command.command()
@click.option(
    "--template",
    "template",
    type=click.Choice([str(one) for one in Template]),
    required=True,
    help="What kind of campaign.",
)
@click.option("--key", required=True, help="Key of the campaign.")
@click.option("--target-tier", help="Where the offer leads; by default the third rung.")
def new(template: str, key: str, target_tier: str | None) -> None:
    """Print a complete draft of a kind of campaign, which `create` takes.

    It follows the programme: its ladder, currency and locales. Comments name what only you know;
    the document is valid as it stands.
    """
    with opened() as wiring:
        programme = lifecycle.find_programme(wiring.engine)
        if programme is None:
            raise UnknownProgramme
        now = wiring.clock()
    draft = draft_of(template_named(template), key, programme, now, target_tier=target_tier)
    click.echo("# A proposal. Say in your own words and numbers:")
    for field, meaning in draft.fill_in.items():
        click.echo(f"#   {field}: {meaning}")
    click.echo(document_yaml(draft.design), nl=False)


@command.command()
@click.argument("key")
@document_file
@click.option(
    "--new-phase",
    is_flag=True,
    help="End the running phase and start a new one, in which everybody is randomised anew.",
)
@click.option(
    "--reason", help="Why; required where the analysis of a running phase changes (a deviation)."
)
def update(key: str, file: str, *, new_phase: bool, reason: str | None) -> None:
    """Change the campaign KEY to the document in FILE (- for standard input).

    A draft may change freely. Safe while running are a higher traffic share, a later end, more
    stock, higher caps and budgets, texts, and words for people. A change of the analysis is a
    deviation: it needs --reason, and every scorecard shows it. Anything else needs --new-phase.
    """
    design = read_document(file, CampaignDesign)
    with opened() as wiring:
        campaign = lifecycle.update_campaign(
            wiring.engine,
            key,
            design,
            act(wiring, reason),
            make_plan=_make_plan,
            new_phase=new_phase,
        )
        _tell(campaign, wiring.clock())
        _tell_missing(campaign, wiring)


@command.command("list")
@as_json
def list_command(*, as_json: bool) -> None:
    """List all campaigns, by key."""
    with opened() as wiring:
        campaigns = lifecycle.list_campaigns(wiring.engine)
        now = wiring.clock()
    if as_json:
        print_json([_values(campaign, now) for campaign in campaigns])
        return
    if not campaigns:
        note("There is no campaign yet. Make one: tierlift campaign create FILE")
        return
    print_table(
        ["key", "state", "phase", "started", "variants", "name"],
        [
            [
                campaign.key,
                str(campaign.state_at(now)),
                str(campaign.phase.number) if campaign.phase else "",
                moment_text(campaign.phase.started_at if campaign.phase else None),
                " ".join(variant.key for variant in campaign.design.variants),
                campaign.design.name,
            ]
            for campaign in campaigns
        ],
    )


@command.command()
@click.argument("key")
@as_json
def show(key: str, *, as_json: bool) -> None:
    """Print the campaign KEY as a document that `update` takes, its state in comments."""
    with opened() as wiring:
        campaign = lifecycle.find_campaign(wiring.engine, key)
        now = wiring.clock()
    if as_json:
        print_json(_values(campaign, now))
        return
    click.echo(f"# {_sentence(campaign, now)}")
    click.echo(document_yaml(campaign.design), nl=False)


@command.command()
@click.argument("key")
@click.option("--reason", help="Why, for whoever reads the history.")
@click.option(
    "--allow-empty-audience",
    is_flag=True,
    help="Launch although no member that is kept is eligible.",
)
@click.option(
    "--allow-unseen-events",
    is_flag=True,
    help="Launch although the events that the OEC needs have never been seen.",
)
def launch(
    key: str, reason: str | None, *, allow_empty_audience: bool, allow_unseen_events: bool
) -> None:
    """Start the draft KEY: now, or at its starts_at where that lies ahead.

    The analysis plan is fixed here: metrics, windows, margins and rules do not change any more.
    Where members are kept here and none of them is eligible, or where the events that the OEC needs
    have never been seen, nothing is launched.
    """
    from app.analysis import FactSource, launch_campaign  # noqa: PLC0415  # DuckDB, which only a launch needs

    with opened() as wiring:
        campaign = launch_campaign(
            wiring.engine,
            key,
            act(wiring, reason),
            source=FactSource.of(wiring.settings),
            allow_empty_audience=allow_empty_audience,
            allow_unseen_events=allow_unseen_events,
        )
        _tell(campaign, wiring.clock())
        _tell_missing(campaign, wiring)


_MOVES = {
    Move.UNSCHEDULE: "Make the scheduled campaign KEY a draft again.",
    Move.PAUSE: "Serve the default offer to everyone, until KEY is resumed.",
    Move.RESUME: "Serve the paused campaign KEY again.",
    Move.STOP: "End the campaign KEY; members get the default offer from now on.",
}


def _add_move(move: Move, purpose: str) -> None:
    @command.command(str(move), help=purpose)
    @click.argument("key")
    @click.option("--reason", help="Why, for whoever reads the history.")
    def run(key: str, reason: str | None) -> None:
        with opened() as wiring:
            campaign = lifecycle.move_campaign(wiring.engine, key, move, act(wiring, reason))
            _tell(campaign, wiring.clock())


for _move, _purpose in _MOVES.items():
    _add_move(_move, _purpose)


@command.command()
@click.argument("key")
@click.option("--ship", "treatment", metavar="VARIANT", help="The treatment that ships.")
@click.option("--do-not-ship", is_flag=True, help="Nothing ships.")
@click.option("--inconclusive", is_flag=True, help="It is left open: the results do not tell.")
@click.option("--reason", required=True, help="Why, for whoever reads this in a year.")
def decide(
    key: str, treatment: str | None, reason: str, *, do_not_ship: bool, inconclusive: bool
) -> None:
    """Write down what was decided about the stopped campaign KEY, and why.

    What the rule of its plan says is kept beside it, and whether the two agree.
    """
    from app.analysis import Choice, FactSource, decide_campaign  # noqa: PLC0415  # as said above

    said = {
        Choice.SHIP: treatment is not None,
        Choice.DO_NOT_SHIP: do_not_ship,
        Choice.INCONCLUSIVE: inconclusive,
    }
    if sum(said.values()) != 1:
        message = "Say one of --ship VARIANT, --do-not-ship and --inconclusive."
        raise click.UsageError(message)
    choice = next(one for one, is_said in said.items() if is_said)
    with opened() as wiring:
        campaign = decide_campaign(
            wiring.engine,
            key,
            choice,
            treatment,
            act(wiring, reason),
            source=FactSource.of(wiring.settings),
        )
        _tell(campaign, wiring.clock())
        decided = lifecycle.history_of(wiring.engine, key)[-1].detail or {}
    if decided.get("against_rule"):
        note(
            f"This goes against the rule of the plan, which says {decided['rule_verdict']} "
            f"({decided['rule_reason']}); the reason is kept with it."
        )


_add_move(Move.ARCHIVE, "Put the decided campaign KEY, or a draft, away.")


@command.command()
@click.argument("key")
@as_json
def history(key: str, *, as_json: bool) -> None:
    """Print what was done to the campaign KEY, by whom and why, the oldest first."""
    with opened() as wiring:
        moves = lifecycle.history_of(wiring.engine, key)
    if as_json:
        print_json(
            [
                {
                    "move": move.move,
                    "from_state": str(move.from_state),
                    "to_state": str(move.to_state),
                    "at": move.at,
                    "actor": move.actor,
                    "reason": move.reason,
                    "detail": None if move.detail is None else dict(move.detail),
                }
                for move in moves
            ]
        )
        return
    print_table(
        ["at", "move", "state", "by", "reason"],
        [
            [
                moment_text(move.at),
                move.move,
                str(move.to_state),
                move.actor,
                move.reason or "",
            ]
            for move in moves
        ],
    )


command.add_command(budget)
command.add_command(audience)
command.add_command(checklist)
command.add_command(tick)
command.add_command(untick)
command.add_command(approval)
command.add_command(override)


def _make_plan(design: CampaignDesign, programme: Programme, phase: int) -> dict[str, Any]:
    # Deferred: the analysis loads DuckDB and SciPy, which only a launch needs.
    from app.analysis import make_plan  # noqa: PLC0415  # as said above

    return make_plan(design, programme, phase)


def _tell(campaign: Campaign, now: datetime) -> None:
    click.echo(_sentence(campaign, now))


def _tell_missing(campaign: Campaign, wiring: Wiring) -> None:
    """Tell which texts are missing: nobody should learn it from a member."""
    programme = lifecycle.find_programme(wiring.engine)
    for one in missing_texts(campaign.design, programme.locales) if programme else ():
        note(f"{one}.")


def _sentence(campaign: Campaign, now: datetime) -> str:
    phase = campaign.phase
    state = campaign.state_at(now)
    if phase is None:
        article = "a " if state is State.DRAFT else ""
        return f"Campaign {campaign.key} is {article}{state}."
    when = "starts" if phase.started_at > now else "since"
    return (
        f"Campaign {campaign.key} is {state}, phase {phase.number} "
        f"{when} {moment_text(phase.started_at)}."
    )


def _values(campaign: Campaign, now: datetime) -> dict[str, object]:
    """Give a campaign as the API does."""
    return {
        "key": campaign.key,
        "state": str(campaign.state_at(now)),
        "version": campaign.version,
        "created_at": campaign.created_at,
        "updated_at": campaign.updated_at,
        "phases": [
            {
                "number": phase.number,
                "started_at": phase.started_at,
                "ended_at": phase.ended_at,
                "layer_ranges": [[held.start, held.end] for held in phase.layer_ranges],
            }
            for phase in campaign.phases
        ],
        "document": campaign.design.model_dump(mode="json"),
    }
