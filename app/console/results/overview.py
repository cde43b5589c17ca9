"""Composes the overview: the verdict in one sentence, why, and what to do next.

Health goes first: a failed check hides the verdict and every effect behind what failed and what to
do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from app.auth.keys import Scope
from app.console.campaigns.frame import TabName, address_of_campaign, is_page
from app.console.context import signed_in, words
from app.console.plots import plot_scripts
from app.console.results.effects import deciding_plot
from app.console.results.goal import goal_of
from app.console.results.health import findings_of, summary_of
from app.console.results.nothing import nothing
from app.console.results.parts import in_words
from app.console.results.past import snapshots_shown
from app.console.results.stored import Unread, read
from app.report.glance import glance
from app.report.page import Tone
from experiments.campaign import LEGAL, Move
from experiments.campaign import State as CampaignState
from stats.plan import MetricRole
from stats.scorecard import State

if TYPE_CHECKING:
    from app.console.campaigns.frame import Frame
    from app.console.plots import Plot
    from app.console.results.goal import GoalShown
    from app.console.results.health import FindingShown
    from app.console.results.nothing import NothingPage
    from app.console.results.past import SnapshotShown
    from app.console.results.stored import Reading, Standing
    from app.report.block import Table
    from app.report.page import Detail, Headline
    from stats.scorecard import MetricResult

TONES: Final = {
    Tone.SHIP: ("good", "rosette-discount-check"),
    Tone.STOP: ("bad", "hand-stop"),
    Tone.KEEP: ("busy", "clock"),
    Tone.OPEN: ("calm", "help-circle"),
    Tone.RESULT: ("calm", "report"),
    Tone.EARLY: ("busy", "clock"),
    Tone.WAITING: ("busy", "clock"),
    Tone.BROKEN: ("bad", "alert-octagon"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of note: what it is, it, and what goes with it."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next, and where, if there is such a page."""

    text: str
    address: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What a campaign has shown so far.

    Attributes:
        title: For the tab and the heading.
        frame: Of the campaign.
        standing: Which snapshot this is.
        tone: How the verdict looks.
        icon: Beside it.
        top: The verdict, or why there is none.
        notes: What goes with it, but for what stands at a failed check.
        step: What to do next.
        failed: The checks that hide the verdict.
        health: All checks in one sentence.
        figures: Numbers of note.
        goal: How far the goal is; None where there is none.
        hypothesis: What was believed beforehand; may be empty.
        due: When looks are planned, when windows close: term and text.
        plot: The metric that decides; None while it is hidden or there is none.
        glance: Treatments by what matters; None likewise.
        snapshots: All that were computed, the newest first.
        plot_scripts: What draws.
    """

    template: ClassVar[str] = "console/results/overview.html"
    title: str
    frame: Frame
    standing: Standing
    tone: str
    icon: str
    top: Headline
    notes: tuple[Detail, ...]
    step: Step
    failed: tuple[FindingShown, ...]
    health: str
    figures: tuple[Figure, ...]
    goal: GoalShown | None
    hypothesis: str
    due: tuple[tuple[str, str], ...]
    plot: Plot | None
    glance: Table | None
    snapshots: tuple[SnapshotShown, ...]
    plot_scripts: tuple[str, ...]


def overview_page(key: str) -> OverviewPage | NothingPage:
    """Compose the page."""
    found = read(key, TabName.OVERVIEW)
    if isinstance(found, Unread):
        return nothing(found)
    tone, icon = TONES[found.top.tone]
    oec = _deciding(found)
    is_shown = not found.is_broken and oec is not None
    failed = tuple(one for one in findings_of(found) if one.tone == "bad")
    told = {one.what_to_do for one in failed}
    return OverviewPage(
        title=found.frame.title,
        frame=found.frame,
        standing=found.standing,
        tone=tone,
        icon=icon,
        top=found.top,
        notes=tuple(one for one in found.top.notes if one.text not in told),
        step=_step(found),
        failed=failed,
        health=summary_of(found.scorecard, found.formats),
        figures=_figures(found),
        goal=goal_of(found),
        hypothesis=found.view.brief.hypothesis,
        due=_due(found, oec),
        plot=deciding_plot(found, oec) if is_shown and oec else None,
        glance=in_words(glance(found.view, found.formats)) if is_shown else None,
        snapshots=snapshots_shown(found),
        plot_scripts=plot_scripts(),
    )


def _deciding(found: Reading) -> MetricResult | None:
    return next((one for one in found.scorecard.metrics if one.role is MetricRole.OEC), None)


def _step(found: Reading) -> Step:
    """Say what to do next, once it is decided or before."""
    if found.campaign.state is not CampaignState.DECIDED:
        return _step_to_a_decision(found)
    text = words().say(
        "It is decided. What was learned belongs into the memo, for the next campaign."
    )
    return Step(text, found.address(TabName.MEMO), words().say("Open the decision memo"))


def _step_to_a_decision(found: Reading) -> Step:
    say, decide = words().say, address_of_campaign(found.frame.key, "decide")
    who, state = signed_in(), found.campaign.state
    may = who is not None and who.may(Scope.CAMPAIGNS_WRITE) and Move.DECIDE in LEGAL[state]
    to = (decide, say("Write down the decision")) if may and is_page(decide) else ("", "")
    match found.top.tone:
        case Tone.SHIP:
            return Step(say("Decide to ship it, and write down why."), *to)
        case Tone.STOP:
            text = say("Decide not to ship it, and keep what was learned for the next campaign.")
            return Step(text, *to)
        case Tone.KEEP | Tone.EARLY:
            return Step(say("Let it run. A decision now would rest on too little."))
        case Tone.OPEN | Tone.RESULT:
            text = say(
                "Read the results and the money, then decide. An open result is one, too: keep it."
            )
            return Step(text, *to)
        case Tone.WAITING:
            return Step(_waiting(found))
        case Tone.BROKEN:
            health = found.address(TabName.HEALTH)
            text = say("Do not decide. Mend what failed first; a new phase starts afresh.")
            return Step(text, health, say("See every check"))


def _waiting(found: Reading) -> str:
    say = words().say
    match found.scorecard.state:
        case State.NO_EXPOSURES:
            return say("Check that the campaign runs, and that the frontend reports what it shows.")
        case State.EVENTS_MISSING:
            return say("Check the sender of the missing events.")
        case _:
            return say("Wait until the first windows have closed.")


def _figures(found: Reading) -> tuple[Figure, ...]:
    say, formats, scorecard = words().say, found.formats, found.scorecard
    planned = scorecard.plan.looks.planned_units
    counted = sum(row.units for row in scorecard.variants if row.in_plan)
    note = ""
    if planned:
        note = say("of {planned} planned", planned=formats.count(planned).text)
    shares = " · ".join(
        f"{found.view.name_of(row.key)} {formats.count(row.units).text}"
        for row in scorecard.variants
    )
    figures = [
        Figure(say("Members counted"), formats.count(counted).text, note),
        Figure(say("By variant"), shares),
        Figure(
            say("Recorded"),
            say("{count} exposures", count=formats.count(scorecard.facts.exposures).text),
            say("{count} conversions", count=formats.count(scorecard.facts.conversions).text),
        ),
    ]
    if found.view.erased_since:
        erased = formats.count(found.view.erased_since).text
        figures.append(Figure(say("Erased since, and counted here still"), erased))
    return tuple(figures)


def _due(found: Reading, oec: MetricResult | None) -> tuple[tuple[str, str], ...]:
    """Give when looks are planned and when windows close."""
    say, formats, looks = words().say, found.formats, found.scorecard.plan.looks
    due = []
    for number, at in enumerate(looks.dates, start=1):
        is_past = at <= found.scorecard.as_of
        label = say("Look {number}, past") if is_past else say("Look {number}, to come")
        count = formats.count(number).text
        due.append((label.format(number=count), formats.moment(at).text))
    if looks.ends_at is not None and not looks.dates:
        due.append((say("Planned end"), formats.moment(looks.ends_at).text))
    if oec is not None and oec.first_results_at is not None:
        due.append((say("First results"), formats.moment(oec.first_results_at).text))
    if oec is not None and oec.complete_at is not None:
        due.append((say("Last window closes"), formats.moment(oec.complete_at).text))
    return tuple(due)
