"""The page of the programme: its ladder, its rules, and when members were computed by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import flash, redirect, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.context import formats, person, programme, wiring, words
from app.console.programme.place import (
    amount,
    blueprint,
    measure_name,
    money,
    points,
    tier_name,
)
from app.console.rendering import show
from app.programme import facts_of
from experiments.errors import RecomputeBusy
from experiments.programme_run.recomputing import recompute
from experiments.programme_run.rules import version_of
from experiments.programme_run.scheduling import runs

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from experiments.programme import Programme
    from experiments.programme_run.scheduling import ProgrammeRun
    from experiments.tier import Tier

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier, lowest first.

    Attributes:
        rules: The ways to it, any one of which suffices, a sentence each.
        members: At the last computation; empty where there was none.
        cost: What its benefits cost per member and year; empty where it is not said.
    """

    key: str
    name: str
    rules: tuple[str, ...]
    members: str
    cost: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A computation of all members."""

    when: str
    until: str
    who: str
    version: str
    is_complete: bool
    members: str
    changed: str
    moved: str


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """The programme.

    Attributes:
        is_set: Whether there is one; everything else is empty otherwise.
        score: Each measure: name, window, value that gives full points, part of the whole.
        lifecycle: Each stage and when it holds, in the order in which they are tried.
        facts: What else holds, as name and text.
        version: Of the rules as they are.
        is_stale: Whether members were computed by other rules, or never.
        runs: The latest computations, the latest first.
    """

    template: ClassVar[str] = "console/programme/programme.html"
    title: str
    is_set: bool
    tiers: tuple[TierRow, ...] = ()
    score: tuple[tuple[str, str, str, str], ...] = ()
    score_version: str = ""
    lifecycle: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    version: str = ""
    is_stale: bool = False
    runs: tuple[RunRow, ...] = ()
    may_recompute: bool = False
    edit_address: str = ""
    preview_address: str = ""


@blueprint.get("/")
@open_to(Scope.CAMPAIGNS_READ)
def overview() -> tuple[str, int]:
    """Show it."""
    found = programme()
    if found is None:
        first = ProgrammePage(words().say("Programme"), is_set=False, edit_address=_edit_address())
        return show(first)
    return show(_page(found, runs(wiring().engine, SHOWN)))


@blueprint.post("/recompute")
@open_to(Scope.PROGRAMME_WRITE)
def recompute_now() -> Response:
    """Compute all members by the rules as they are; answers when it is done."""
    parts, say = wiring(), words().say
    try:
        run = recompute(
            parts.engine,
            facts_of(parts.settings),
            now=parts.clock(),
            actor=f"user {person().user.user_id}",
        )
    except RecomputeBusy:
        flash(say("Members are being computed already. Look again in a minute."), "warning")
    else:
        members, changed = (_count(run, name) for name in ("members", "changed"))
        told = say("Computed: {members} members, of whom {changed} changed.",
                   members=members, changed=changed)  # fmt: skip
        flash(told, "success")
    return redirect(url_for("console.programme.overview"))


def _edit_address() -> str:
    return url_for("console.programme.edit") if person().may(Scope.PROGRAMME_WRITE) else ""


def _page(found: Programme, latest: tuple[ProgrammeRun, ...]) -> ProgrammePage:
    complete = next((run for run in latest if run.computed_at is not None), None)
    names = names_of_users()
    version, may = version_of(found), person().may
    return ProgrammePage(
        title=words().say("Programme"),
        is_set=True,
        tiers=tuple(_tier(tier, place, complete) for place, tier in enumerate(found.tiers)),
        score=_score(found),
        score_version=formats().count(found.score.version).text if found.score else "",
        lifecycle=_lifecycle(found),
        facts=_rules(found),
        version=version,
        is_stale=complete is None or complete.version != version,
        runs=tuple(_run(run, names) for run in latest),
        may_recompute=may(Scope.PROGRAMME_WRITE),
        edit_address=_edit_address(),
        preview_address=url_for("console.programme.preview_thresholds")
        if may(Scope.CAMPAIGNS_WRITE) and found.tiers
        else "",
    )


def _tier(tier: Tier, place: int, run: ProgrammeRun | None) -> TierRow:
    say, rules = words().say, []
    if tier.manual:
        rules.append(say("Given by hand"))
    if tier.entry_threshold_minor is not None:
        rules.append(say("Spend of {amount}", amount=money(tier.entry_threshold_minor)))
    if tier.entry_score is not None:
        rules.append(say("Score of {points}", points=points(tier.entry_score)))
    for path in tier.paths:
        what = {
            "measure": measure_name(path.measure),
            "amount": amount(path.measure, path.threshold),
        }
        if path.window_days is None:
            rules.append(say("{measure}: {amount}", **what))
        else:
            days = formats().count(path.window_days).text
            rules.append(say("{measure}: {amount} in {days} days", **what, days=days))
    if not rules:
        rules.append(say("Everybody") if place == 0 else say("No way leads to it"))
    cost = tier.benefit_cost_minor
    return TierRow(
        tier.key,
        tier_name(tier),
        tuple(rules),
        "" if run is None else formats().count(run.counts.get(f"tier.{tier.key}", 0)).text,
        "" if cost is None else money(cost),
    )


def _score(found: Programme) -> tuple[tuple[str, str, str, str], ...]:
    if found.score is None:
        return ()
    total = sum(one.weight for one in found.score.measures)
    return tuple(
        (
            measure_name(one.measure),
            "" if one.window_days is None else _days(one.window_days),
            amount(one.measure, one.full_at),
            formats().share(one.weight / total, 0).text,
        )
        for one in found.score.measures
    )


def _lifecycle(found: Programme) -> tuple[tuple[str, str], ...]:
    say, rule, count = words().say, found.lifecycle, formats().count
    return (
        (say("Potential"), say("Never ordered")),
        (say("Lost"), say("No order or activity for {days}", days=_days(rule.lost_days))),
        (say("Dormant"), say("No order or activity for {days}", days=_days(rule.dormant_days))),
        (say("New"), say("First order in the last {days}", days=_days(rule.new_days))),
        (
            say("Loyal"),
            say("At least {orders} orders in the last {days}",
                orders=count(rule.loyal_orders).text, days=_days(rule.active_days)),
        ),
        (say("Active"), say("Everybody else")),
    )  # fmt: skip


def _rules(found: Programme) -> tuple[tuple[str, str], ...]:
    say, kept = words().say, found.tier_validity_days
    rate = found.gross_margin_rate
    return (
        (say("Name"), found.name or "\N{EN DASH}"),
        (say("Currency"), found.currency),
        (say("Time zone"), found.time_zone),
        (say("Spend counts over"), _days(found.qualifying_days)),
        (say("How long a tier is kept"), say("For good") if kept is None else _days(kept)),
        (say("Gross margin"),
         say("Not said") if rate is None else formats().share(rate, 1).text),
    )  # fmt: skip


def _run(run: ProgrammeRun, names: dict[str, str]) -> RunRow:
    up, down = (_count(run, name) for name in ("moved_up", "moved_down"))
    is_complete = run.computed_at is not None
    return RunRow(
        when=formats().moment(run.computed_at or run.started_at).local,
        until=formats().moment(run.as_of).local,
        who=actor_words(run.actor, names, words()),
        version=run.version,
        is_complete=is_complete,
        members=_count(run, "members") if is_complete else "",
        changed=_count(run, "changed") if is_complete else "",
        moved=words().say("{up} up, {down} down", up=up, down=down) if is_complete else "",
    )


def _count(run: ProgrammeRun, name: str) -> str:
    return formats().count(run.counts.get(name, 0)).text


def _days(days: int) -> str:
    return words().say_many("{count} day", "{count} days", days, count=formats().count(days).text)
