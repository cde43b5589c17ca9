"""Looks through a draft as its launch would: what is in order, what to think about, what blocks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.analysis.audience_count import audience_problems
from app.analysis.launching import unseen_events_of
from experiments.launch import launch_problems
from experiments.lifecycle import find_campaign, find_programme
from experiments.readying import approval_problem
from experiments.ticking import checklist_of
from experiments.wording import missing_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from app.analysis.facts import FactSource
    from experiments.campaign import Campaign
    from experiments.checklist import Item
    from experiments.errors import Problem
    from experiments.programme import Programme


class CheckKind(StrEnum):
    """What is looked at."""

    DOCUMENT = "document"
    AUDIENCE = "audience"
    EVENTS = "events"
    APPROVAL = "approval"
    BUDGET = "budget"
    TEXTS = "texts"


class CheckState(StrEnum):
    """What was found: in order, something to think about, or in the way of the launch."""

    GOOD = "good"
    WARNING = "warning"
    BLOCKING = "blocking"


@dataclass(frozen=True, slots=True)
class AutomaticCheck:
    """One thing that was looked at.

    Attributes:
        problems: What is in the way.
        told: What to think about, in sentences.
        allowed_by: What a launch is told to leave it aside, or None.
    """

    kind: CheckKind
    state: CheckState
    problems: tuple[Problem, ...] = ()
    told: tuple[str, ...] = ()
    allowed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far a campaign is from its launch.

    Attributes:
        items: What people tick.
    """

    checks: tuple[AutomaticCheck, ...]
    items: tuple[Item, ...]

    @property
    def is_ready(self) -> bool:
        """Whether a launch that leaves nothing aside would be taken."""
        is_blocked = any(one.state is CheckState.BLOCKING for one in self.checks)
        return not is_blocked and all(one.tick is not None for one in self.items)


def readiness_of(engine: Engine, key: str, now: datetime, source: FactSource) -> Readiness:
    """Look through a campaign.

    Whether its traffic suffices for the effect is planned in the console's form, not asked here.

    Raises:
        UnknownCampaign: No campaign has this key.
        DatabaseMissing: The database is absent or does not answer.
    """
    campaign, programme = find_campaign(engine, key), find_programme(engine)
    checks = tuple(_checks(engine, campaign, programme, now, source))
    return Readiness(checks, checklist_of(engine, key))


def _checks(
    engine: Engine,
    campaign: Campaign,
    programme: Programme | None,
    now: datetime,
    source: FactSource,
) -> Iterator[AutomaticCheck]:
    design = campaign.design
    yield _judged(CheckKind.DOCUMENT, tuple(launch_problems(design, programme, now)))
    yield _judged(
        CheckKind.AUDIENCE, audience_problems(engine, design.key, now), "allow_empty_audience"
    )
    yield _judged(
        CheckKind.EVENTS, unseen_events_of(engine, design, now, source), "allow_unseen_events"
    )
    if programme is not None and programme.approval_required:
        lacking = approval_problem(engine, design.key)
        yield _judged(CheckKind.APPROVAL, () if lacking is None else (lacking,))
    uncapped = () if design.is_capped else ("Nothing is capped: no budget, bound or stock is set.",)
    yield _thought(CheckKind.BUDGET, uncapped)
    missing = missing_texts(design, programme.locales) if programme is not None else ()
    yield _thought(CheckKind.TEXTS, [f"{one}." for one in missing])


def _judged(
    kind: CheckKind, problems: tuple[Problem, ...], allowed_by: str | None = None
) -> AutomaticCheck:
    if not problems:
        return AutomaticCheck(kind, CheckState.GOOD)
    return AutomaticCheck(kind, CheckState.BLOCKING, problems, allowed_by=allowed_by)


def _thought(kind: CheckKind, told: Sequence[str]) -> AutomaticCheck:
    state = CheckState.WARNING if told else CheckState.GOOD
    return AutomaticCheck(kind, state, told=tuple(told))
