"""The funnel of a campaign as the analysis plan has it: standard steps get their events here.

It is over all assigned. Where the campaign says no steps, those of every upgrade are taken: the
offer was viewed, clicked, claimed, the member reached a target tier and was there a month later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from experiments.errors import LaunchRefused, Problem
from experiments.funnel import FunnelStep as OwnStep
from experiments.funnel import StandardStep
from experiments.offer import target_tier_of
from stats.metric import Condition, Window, builtin
from stats.plan import Basis, Funnel, FunnelStep, Track

if TYPE_CHECKING:
    from experiments.campaign import CampaignDesign
    from experiments.funnel import Step
    from experiments.programme import Programme

FUNNEL_WINDOW: Final = Window(30)
"""Window of the funnel where the campaign says none."""

RETAINED_AFTER: Final = Window(36, 30)
"""Days after the upgrade in which a member is looked for, as retention D30 has it."""

MINIMUM_UNITS: Final = 100
"""Units that a tier needs in every variant to be shown apart, where no segment says it."""

OFFER_EVENTS: Final = frozenset({"offer_view", "offer_click", "offer_claim"})
"""Events that only a variant with an offer can have."""

_ALIVE: Final = ("activity", "order")
_OFFER_STEPS: Final = {
    StandardStep.VIEWED: ("Viewed the offer", "offer_view"),
    StandardStep.CLICKED: ("Clicked the offer", "offer_click"),
    StandardStep.CLAIMED: ("Claimed the offer", "offer_claim"),
}
_THERE_ANYWAY: Final = frozenset({StandardStep.ASSIGNED, StandardStep.EXPOSED})
_STANDARD: Final = tuple(step for step in StandardStep if step not in _THERE_ANYWAY)
_NAMES: Final = frozenset(map(str, StandardStep))


def funnel_of(design: CampaignDesign, programme: Programme) -> Funnel | None:
    """Give the funnel of a campaign; None where it names no step and has no target tier.

    Raises:
        LaunchRefused: It asks for upgrades, and no offer has a target tier.
        InvalidPlan: Two steps would be passed by one event.
    """
    targets = target_tiers(design, programme)
    offering = [v.key for v in design.variants if v.offer.kind != "none"]
    steps: tuple[Step, ...] = design.funnel
    if not steps:
        if not targets or not offering:
            return None
        steps = tuple(map(str, _STANDARD))
    days, ladder = design.conversion_window_days, programme.ladder.keys()
    slices = [one.minimum_units for one in design.analysis.segments if one.key == "tier"]
    return Funnel(
        steps=tuple(
            _own(step) if isinstance(step, OwnStep) else _named(step, index, targets)
            for index, step in enumerate(steps)
            if isinstance(step, OwnStep) or step not in _THERE_ANYWAY
        ),
        window=FUNNEL_WINDOW if days is None else Window(days),
        basis=Basis.ASSIGNED,
        # where no document says what is offered, every treatment is taken to offer something
        offering=tuple(offering or (v.key for v in design.variants if v is not design.control)),
        tiers=ladder,
        minimum_units=slices[0] if slices else MINIMUM_UNITS,
    )


def target_tiers(design: CampaignDesign, programme: Programme) -> tuple[str, ...]:
    """Give the tiers that count as an upgrade; none where nothing says them.

    They are those that the campaign's own upgrade metric counts, where it names any, else the
    lowest tier that an offer leads to, and all above it.
    """
    for metric in design.metrics:
        named = metric.parameters.get("target_tiers")
        if metric.metric == "upgrade_conversion" and isinstance(named, list | tuple) and named:
            return tuple(map(str, named))
    tiers = programme.ladder.keys()
    ranks = [
        tiers.index(target)
        for variant in design.variants
        if (target := target_tier_of(variant.offer)) in tiers
    ]
    return tiers[min(ranks) :] if ranks else ()


def _named(step: str, index: int, targets: tuple[str, ...]) -> FunnelStep:
    if step not in _NAMES:
        track = Track.OFFER if step in OFFER_EVENTS else Track.OUTCOME
        return FunnelStep(step, step, (step,), track=track)
    known = StandardStep(step)
    if known is StandardStep.RETAINED:
        return FunnelStep(step, "Retained a month later", _ALIVE, after=RETAINED_AFTER)
    if known is not StandardStep.UPGRADED:
        name, event = _OFFER_STEPS[known]
        return FunnelStep(step, name, (event,), track=Track.OFFER)
    if not targets:
        message = "asks for a target tier, and neither an offer nor upgrade_conversion names one"
        way_out = "Give an offer a target_tier, or write a step of your own with events and where."
        raise LaunchRefused([Problem(f"funnel[{index}]", step, message, way_out)])
    upgrade = builtin("upgrade_conversion", target_tiers=targets).numerator[0]
    return FunnelStep(step, "Upgraded", upgrade.events, upgrade.where)


def _own(step: OwnStep) -> FunnelStep:
    return FunnelStep(
        key=step.key,
        name=step.name or step.key,
        events=step.events,
        where=tuple(Condition(one.property, one.values) for one in step.where),
        track=Track(str(step.track)),
        after=None if step.after is None else Window(step.after.end_days, step.after.start_days),
    )
