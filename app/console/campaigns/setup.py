"""How a campaign is set up, to be read; the document itself stands in a fold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final, assert_never

from flask import Blueprint

from app.analysis import count_audience
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.design_words import (
    Fact,
    audience_alternatives,
    goal_facts,
    metrics_shown,
    variants_shown,
)
from app.console.campaigns.frame import TabName, address_of_campaign, framed
from app.console.campaigns.state_words import badge_of
from app.console.computing import Asking, computations_of
from app.console.context import formats, programme, wiring, words
from app.console.new.showing import setting
from app.console.rendering import is_part, show, show_part
from app.document_text import document_yaml
from app.language import marked
from experiments.budget import IN_MONEY, Resource
from experiments.campaign import AssignedBy, UnitKind
from experiments.spending import spending_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.analysis.audience_count import Shared
    from app.console.campaigns.design_words import MetricShown, VariantShown
    from app.console.campaigns.frame import Frame
    from app.console.campaigns.state_words import Badge
    from experiments.campaign import Campaign, CampaignDesign
    from experiments.spending import Left

blueprint = Blueprint("campaign_setup", __name__)

WHOLE: Final = Decimal(100)

LOOKS: Final[Mapping[str, str]] = {
    "fixed": marked("Results are read once, at the end."),
    "planned": marked("Results are read at planned times."),
    "continuous": marked("Results may be read at any time."),
}
BASES: Final[Mapping[str, str]] = {
    "exposed": marked("Everyone who was exposed counts, in all variants alike."),
    "assigned": marked("Everyone who was assigned counts, in all variants alike."),
}


@dataclass(frozen=True, slots=True)
class BoundLine:
    """Something that may run out: what it is, how much there is and how much is used."""

    what: str
    limit: str
    used: str
    is_exhausted: bool


@dataclass(frozen=True, slots=True)
class OverlapLine:
    """Another campaign that takes some of the same members."""

    name: str
    address: str
    state: Badge
    text: str


@dataclass(frozen=True, slots=True)
class OverlapPage:
    """Whom the campaign would take, and whom it shares with others; counted when it is asked for.

    Attributes:
        eligible: How many are eligible, in a sentence.
        lines: The other campaigns.
        is_coming: Whether it is still being counted.
    """

    template: ClassVar[str] = "console/campaign/overlap.html"
    title: str
    frame: Frame
    address: str
    eligible: str
    lines: tuple[OverlapLine, ...]
    is_coming: bool


@dataclass(frozen=True, slots=True)
class SetupPage:
    """The design.

    Attributes:
        about: Owner, unit, how the split is made.
        goal: Facts of the goal; empty without one.
        audience: Alternatives of conditions; empty where everybody is admitted.
        rule: The decision rule, in sentences.
        bounds: What may run out.
        schedule: Start, end, traffic.
        isolation: Layer and holdouts.
        overlap_address: Where overlaps are counted.
        document: YAML.
    """

    template: ClassVar[str] = "console/campaign/setup.html"
    title: str
    frame: Frame
    about: tuple[Fact, ...]
    goal: tuple[Fact, ...]
    hypothesis: str
    audience: tuple[tuple[str, ...], ...]
    variants: tuple[VariantShown, ...]
    metrics: tuple[MetricShown, ...]
    rule: tuple[str, ...]
    bounds: tuple[BoundLine, ...]
    schedule: tuple[Fact, ...]
    isolation: tuple[Fact, ...]
    overlap_address: str
    document: str


@blueprint.get("/campaigns/<key>/setup")
@open_to(Scope.CAMPAIGNS_READ)
def setup(key: str) -> tuple[str, int]:
    """Show the page."""
    campaign, frame = framed(key, TabName.SETUP)
    design, place, parts = campaign.design, setting(), wiring()
    page = SetupPage(
        title=frame.title,
        frame=frame,
        about=tuple(_about(design)),
        goal=goal_facts(design, place),
        hypothesis=design.hypothesis,
        audience=audience_alternatives(design, place),
        variants=variants_shown(design, place),
        metrics=metrics_shown(design, place),
        rule=tuple(_rule(design)),
        bounds=tuple(
            _bound(one, design) for one in spending_of(parts.engine, key, parts.clock()).left
        ),
        schedule=tuple(_schedule(campaign)),
        isolation=tuple(_isolation(design)),
        overlap_address=address_of_campaign(key, "setup/overlap"),
        document=document_yaml(design),
    )
    return show(page)


@blueprint.get("/campaigns/<key>/setup/overlap")
@open_to(Scope.CAMPAIGNS_READ)
def overlap(key: str) -> tuple[str, int] | str:
    """Count the overlap; the part alone where htmx asks for it."""
    campaign, frame = framed(key)
    parts, say = wiring(), words().say
    asking = Asking.patiently() if is_part() else Asking.at_sight()
    count = computations_of(parts.engine).ask(
        f"overlap {key} {campaign.version}",
        lambda: count_audience(parts.engine, key, asking.now),
        asking,
    )
    title = say("Overlap of {name} with other campaigns", name=frame.name)
    address = address_of_campaign(key, "setup/overlap")
    if count is None:
        page = OverlapPage(title, frame, address, say("Members are being counted."), (), True)
    else:
        found = count.answer
        eligible = say(
            "{eligible} of {members} members are eligible now.",
            eligible=formats().count(found.enrolment.eligible).text,
            members=formats().count(found.enrolment.members).text,
        )
        lines = tuple(_overlap(one) for one in found.shared)
        page = OverlapPage(title, frame, address, eligible, lines, False)
    return show_part("console/campaign/_overlap.html", page=page) if is_part() else show(page)


def _overlap(one: Shared) -> OverlapLine:
    say = words().say
    if one.share is None or one.members is None:
        text = say("not known: another system assigns its members")
    elif one.same_layer:
        text = say(
            "{share} of the eligible members fit both; they are in one layer, so each gets only "
            "one of the two",
            share=formats().share(one.share, 1).text,
        )
    else:
        text = say(
            "{share} of the eligible members are in both",
            share=formats().share(one.share, 1).text,
        )
    return OverlapLine(
        one.name, address_of_campaign(one.campaign), badge_of(one.state, words()), text
    )


def _about(design: CampaignDesign) -> Iterator[Fact]:
    say = words().say
    yield Fact(say("Owner"), design.owner or "\N{EN DASH}")
    yield Fact(
        say("Drawn and counted"),
        say("members") if design.randomization_unit is UnitKind.MEMBER else say("households"),
    )
    if design.assigned_by is AssignedBy.EXTERNAL:
        yield Fact(say("Split"), say("made by another system, which logs whom it gave what"))
    if design.price_difference_rationale:
        yield Fact(say("Why prices may differ"), design.price_difference_rationale)


def _rule(design: CampaignDesign) -> Iterator[str]:
    say, analysis = words().say, design.analysis
    rule = analysis.decision_rule
    yield say(LOOKS[analysis.looks.kind])
    yield say(BASES[analysis.basis])
    yield say("Intervals have a level of {level}.", level=formats().level(design.alpha))
    if rule.scale == "lift":
        yield say(
            "A variant ships where the whole interval of its lift is above {threshold}.",
            threshold=formats().exact_share(rule.threshold).text,
        )
    elif rule.scale == "difference":
        yield say(
            "A variant ships where the whole interval of its difference is above {threshold}.",
            threshold=f"{rule.threshold.normalize():f}",
        )
    else:
        yield say(
            "A variant ships where the whole interval of what it earns is above {amount}.",
            amount=formats().total(int(rule.threshold), is_money=True).text,
        )
    yield words().say_many(
        "Nothing is decided before {days} day is over.",
        "Nothing is decided before {days} days are over.",
        rule.minimum_days,
        days=formats().count(rule.minimum_days).text,
    )
    if rule.require_safe_guardrails:
        yield say("Guardrails must be shown to be safe before anything ships.")


def _schedule(campaign: Campaign) -> Iterator[Fact]:
    say, design = words().say, campaign.design
    for label, moment in ((say("Start"), design.starts_at), (say("End"), design.ends_at)):
        none = say("none set")
        yield Fact(label, formats().moment(moment).text if moment else none)
    yield Fact(
        say("Share of the audience that is admitted"),
        formats().exact_share(design.traffic_share / WHOLE).text,
    )
    for phase in campaign.phases:
        ended = formats().moment(phase.ended_at).local if phase.ended_at else say("in force")
        yield Fact(
            say("Phase {number}", number=formats().count(phase.number).text),
            f"{formats().moment(phase.started_at).local} – {ended}",  # noqa: RUF001  # from to
        )


def _isolation(design: CampaignDesign) -> Iterator[Fact]:
    say, found, use = words().say, programme(), design.layer
    if use is None:
        yield Fact(say("Layer"), say("none: it may share members with any campaign"))
    else:
        layer = next((one for one in found.layers if one.key == use.key), None) if found else None
        name = (layer.name or layer.key) if layer else use.key
        yield Fact(
            say("Layer"),
            say("{name}, of which it holds {share}", name=name, share=_per_cent(use.share)),
        )
        if layer is not None and layer.holdout_share:
            yield Fact(say("Holdout of the layer"), _per_cent(layer.holdout_share))
    if found is not None and found.holdout_share:
        yield Fact(say("Holdout of the programme"), _per_cent(found.holdout_share))


def _per_cent(share: Decimal) -> str:
    return formats().exact_share(share / WHOLE).text


def _bound(left: Left, design: CampaignDesign) -> BoundLine:
    is_money = left.bound.resource in IN_MONEY
    return BoundLine(
        what=bound_words(left.bound.resource, left.bound.subject, design),
        limit=formats().total(left.bound.limit, is_money=is_money).text,
        used=formats().total(left.used, is_money=is_money).text,
        is_exhausted=left.exhausted_at is not None,
    )


def bound_words(resource: Resource, subject: str, design: CampaignDesign) -> str:
    """Say what may run out.

    Args:
        resource: What it is.
        subject: The offer of a stock, the variant of a variant's bound.
        design: Of the campaign, which names its variants.
    """
    say, found = words().say, design.variant(subject)
    variant = (found.name or found.key) if found else subject
    match resource:
        case Resource.STOCK:
            return say("Stock of {offer}", offer=variant)
        case Resource.CAMPAIGN_BUDGET:
            return say("Budget of the campaign")
        case Resource.VARIANT_BUDGET:
            return say("Budget of {variant}", variant=variant)
        case Resource.UNITS:
            return say("Most members in the campaign")
        case Resource.VARIANT_UNITS:
            return say("Most members in {variant}", variant=variant)
        case _:
            assert_never(resource)
