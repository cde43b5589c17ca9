"""Loads the demonstration into an empty, migrated database.

Everything goes in as it would in earnest: states by the use cases, facts by the store's idempotent
appends, the decision by a scorecard that was computed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from app.analysis import Choice, decide_campaign, scorecard_of
from app.demonstration import campaigns
from app.demonstration.design import WINDOW
from app.demonstration.earlier import EARLIER, decide_earlier, play_earlier
from app.demonstration.membership import members_of
from app.demonstration.playing import ANALYST, MARKETER, STOPPED_BEFORE_END, play
from experiments.assignment import Assignment, assign
from experiments.conversion import Conversion
from experiments.directory import Directory
from experiments.exposure import Exposure
from experiments.lifecycle import Act
from experiments.programme_run.recomputing import Source, recompute
from experiments.store.assignments import prior_variants, remember_all
from experiments.store.conversions import append_conversions
from experiments.store.engine import reading, writing
from experiments.store.exposures import append_exposures
from experiments.store.members import put_members
from experiments.store.writes import in_chunks
from stats.decision.verdict import Verdict
from stats.inference.outcome import Estimate
from stats.simulation import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pyarrow as pa
    from sqlalchemy import Engine

    from app.demonstration.earlier import EarlierCampaign, PlayedEarlier
    from app.demonstration.enrolment import Enrolment
    from app.demonstration.playing import Played, PlayedCampaign, Progress
    from app.demonstration.programme import DemonstrationPlan
    from experiments.member import Member
    from stats.scorecard import Scorecard
    from stats.simulation import Assignments

SENDER: Final = "demonstration"
BATCH_ROWS: Final = 20_000
_EARLIER: Final = "Campaigns of the year before take place"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded.

    Attributes:
        truth: What was planted, as JSON values.
        newcomer: A member whom the running campaign admits and nobody has exposed yet.
        variant: The variant that this member will get.
    """

    truth: dict[str, Any]
    newcomer: str
    variant: str


def load(engine: Engine, plan: DemonstrationPlan, progress: Progress) -> Loaded:
    """Load the whole demonstration.

    Args:
        engine: Of a migrated database without a programme, campaigns or facts.
        plan: What to load.
        progress: Told how far it is.
    """
    played = play(engine, plan, progress)
    members = members_of(played.membership.known_at(plan.end))
    with writing(engine) as connection:
        put_members(connection, members, plan.end)
    earlier = _play_earlier(engine, plan, played, progress)
    _keep_assignments(engine, played, progress)
    _keep_conversions(engine, played.membership.conversions(plan.start), progress)
    recompute(engine, Source(), now=plan.end, actor=MARKETER)
    for one, what in earlier:
        decide_earlier(engine, one, what)
    _decide(engine, plan.end)
    newcomer, variant = _newcomer(engine, members, plan.end)
    return Loaded(truth_of(plan, played), newcomer, variant)


def _play_earlier(
    engine: Engine, plan: DemonstrationPlan, played: Played, progress: Progress
) -> list[tuple[EarlierCampaign, PlayedEarlier]]:
    """Let the campaigns of the year before take place, and keep what they count."""
    found = []
    for number, one in enumerate(EARLIER):
        progress(_EARLIER, number, len(EARLIER))
        what = play_earlier(engine, plan, played.membership, one)
        _keep_assigned(engine, what.enrolment, what.enrolment.assignments)
        with writing(engine) as connection:
            append_conversions(connection, list(_conversions(what.conversions)))
        found.append((one, what))
    progress(_EARLIER, len(EARLIER), len(EARLIER))
    return found


def truth_of(plan: DemonstrationPlan, played: Played) -> dict[str, Any]:
    """Give what was planted as JSON values."""
    return {
        "seed": plan.seed,
        "members": plan.members,
        "end": plan.end.isoformat(),
        "window_days": WINDOW.days,
        "campaigns": [_campaign_truth(one) for one in played.campaigns],
    }


def _campaign_truth(one: PlayedCampaign) -> dict[str, Any]:
    planted = one.planted
    return {
        "campaign": planted.key,
        "launched_at": planted.launched_at.isoformat(),
        "last_exposure_before": planted.until.isoformat(),
        "planted_effects": {key: asdict(effect) for key, effect in planted.effects.items()},
        "lost_exposures": dict(planted.lost_exposures),
        "true_values": [asdict(values) for values in one.truth],
    }


def _keep_assignments(engine: Engine, played: Played, progress: Progress) -> None:
    step, total = "Assignments and exposures are kept", len(played.campaigns)
    for number, one in enumerate(played.campaigns):
        progress(step, number, total)
        _keep_assigned(engine, one.enrolment, one.logged)
    progress(step, total, total)


def _keep_assigned(engine: Engine, enrolment: Enrolment, logged: Assignments) -> None:
    facts = [
        Exposure(
            exposure_id=row["exposure_id"],
            campaign=row["campaign"],
            phase=1,
            variant=row["variant"],
            member_id=row["member_id"],
            unit_id=row["member_id"],
            exposed_at=row["exposed_at"],
            received_at=row["exposed_at"],
            sender=SENDER,
        )
        for row in logged.exposures().to_pylist()
    ]
    with writing(engine) as connection:
        remember_all(connection, enrolment.recorded)
        append_exposures(connection, facts)


def _keep_conversions(engine: Engine, table: pa.Table, progress: Progress) -> None:
    step, total = "A year of events is kept", table.num_rows
    for start in range(0, total, BATCH_ROWS):
        progress(step, start, total)
        batch = table.slice(start, BATCH_ROWS)
        with writing(engine) as connection:
            append_conversions(connection, list(_conversions(batch)))
    progress(step, total, total)


def _conversions(table: pa.Table) -> Iterator[Conversion]:
    columns = table.to_pydict()
    fixed = ("conversion_id", "member_id", "event", "occurred_at", "amount_minor", "currency")
    rows = zip(*(columns[name] for name in fixed), strict=True)
    properties = zip(*(columns[name] for name in PROPERTIES), strict=True)
    for (conversion_id, member_id, event, at, amount, currency), values in zip(
        rows, properties, strict=True
    ):
        yield Conversion(
            conversion_id=conversion_id,
            member_id=member_id,
            event=event,
            occurred_at=at,
            received_at=at,
            amount_minor=amount,
            currency=currency,
            properties={
                name: value
                for name, value in zip(PROPERTIES, values, strict=True)
                if value is not None
            },
            sender=SENDER,
        )


def _decide(engine: Engine, end: datetime) -> None:
    """Decide the finished campaign by its scorecard of that day, whatever it says."""
    at = end - STOPPED_BEFORE_END + timedelta(days=2)
    report = scorecard_of(engine, campaigns.FINISHED, now=at)
    treatment, reason = _verdict(report.scorecard)
    choice = Choice.DO_NOT_SHIP if treatment is None else Choice.SHIP
    decide_campaign(engine, campaigns.FINISHED, choice, treatment, Act(at, ANALYST, reason))


def _verdict(scorecard: Scorecard) -> tuple[str | None, str]:
    """Give what the analyst ships, who follows the rule, and the words for it."""
    oec, decision = scorecard.oec, scorecard.decision
    effect = oec.treatments[0].difference if oec is not None else None
    if not isinstance(effect, Estimate) or decision is None:
        return None, "The trial did not reach enough members to say anything."
    moved, low, high = (100 * share for share in (effect.estimate, effect.ci_low, effect.ci_high))
    found = (
        f"The trial changes the share of silver members who climb by {moved:+.1f} percentage "
        f"points (95 % interval {low:+.1f} to {high:+.1f})."
    )
    if decision.verdict is Verdict.SHIP:
        return decision.treatment, f"{found} Shipped to all silver members."
    return None, f"{found} The rule does not ship it."


def _newcomer(engine: Engine, members: list[Member], now: datetime) -> tuple[str, str]:
    """Give a member to try the running campaign on: admitted, to be treated, not yet assigned."""
    with reading(engine) as connection:
        compiled = Directory().current(connection).compiled(campaigns.RUNNING)
        for some in in_chunks(members):
            ids = [member.member_id for member in some]
            known = prior_variants(connection, compiled.key, compiled.phase, ids)
            for member in some:
                if member.member_id in known or not member.member_id.isascii():
                    continue
                answer = assign(compiled, member, now)
                if isinstance(answer, Assignment) and not answer.variant.control:
                    return member.member_id, answer.variant.key
    message = "nobody is left whom the running campaign admits"  # pragma: no cover
    raise AssertionError(message)  # pragma: no cover
