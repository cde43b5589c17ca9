"""Says a campaign's design as people read it: goal, audience, variants, metrics, bounds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from app.console.campaigns.progress import chosen_value
from app.console.new.audience_rules import rows_of_audience, sentences_of
from app.console.new.metric_choice import metric_options
from app.console.new.offers import fields_of_offer, kind_words
from app.console.new.offers_kinds import Typed, inputs_of
from app.console.new.variants_shown import name_of_locale
from app.language import marked
from app.report.formatting import Scale
from experiments.campaign import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.console.new.form import Setting
    from app.console.new.metric_choice import MetricOption
    from experiments.campaign import CampaignDesign, MetricInUse
    from experiments.variant import Variant

WHOLE: Final = Decimal(100)

ROLES: Final[Mapping[Role, str]] = {
    Role.OEC: marked("Decides"),
    Role.GUARDRAIL: marked("Guardrail"),
    Role.DIAGNOSTIC: marked("Explains"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and what it is here."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class CopyShown:
    """What members read, in one language.

    Attributes:
        tag: Of the language.
    """

    language: str
    tag: str
    title: str
    body: str
    action: str


@dataclass(frozen=True, slots=True)
class VariantShown:
    """A variant, its offer in facts, and its texts."""

    name: str
    key: str
    is_control: bool
    share: str
    offer: str
    facts: tuple[Fact, ...]
    copy: tuple[CopyShown, ...]


@dataclass(frozen=True, slots=True)
class MetricShown:
    """A metric of the plan, what it is for, and how it is bounded."""

    name: str
    key: str
    role: str
    notes: tuple[str, ...]


def goal_facts(design: CampaignDesign, setting: Setting) -> tuple[Fact, ...]:
    """Give the goal, or nothing where there is none."""
    goal = design.goal
    if goal is None:
        return ()
    say, formats = setting.words.say, setting.formats
    metric = _metrics(setting).get(goal.metric)
    scale = Scale.of_value(metric.unit) if metric else Scale.COUNT
    baseline, target = (chosen_value(one, scale, formats) for one in (goal.baseline, goal.target))
    return (
        Fact(say("Metric"), metric.name if metric else goal.metric),
        Fact(
            say("From and to"),
            say("{baseline} → {target}", baseline=baseline, target=target),
        ),
        Fact(say("Deadline"), formats.moment(goal.deadline).text),
    )


def audience_alternatives(design: CampaignDesign, setting: Setting) -> tuple[tuple[str, ...], ...]:
    """Give the audience as sentences: alternatives of conditions; none where all are admitted."""
    audience: dict[str, Any] = design.audience.model_dump(mode="json")
    return sentences_of(rows_of_audience(audience, setting), setting)


def variants_shown(design: CampaignDesign, setting: Setting) -> tuple[VariantShown, ...]:
    """Give the variants in the order of the document."""
    control = design.control.key
    return tuple(_variant(one, one.key == control, setting) for one in design.variants)


def _variant(variant: Variant, is_control: bool, setting: Setting) -> VariantShown:  # noqa: FBT001  # said once, above
    offer: dict[str, Any] = variant.offer.model_dump(mode="json")
    return VariantShown(
        name=variant.name or variant.key,
        key=variant.key,
        is_control=is_control,
        share=setting.formats.exact_share(variant.planned_share / WHOLE).text,
        offer=kind_words(str(offer["kind"]), setting),
        facts=tuple(_offer_facts(offer, setting)),
        copy=tuple(
            CopyShown(
                name_of_locale(tag), tag, texts["title"], texts["body"], texts["call_to_action"]
            )
            for tag, texts in offer["texts"].items()
        ),
    )


def _offer_facts(offer: dict[str, Any], setting: Setting) -> Iterator[Fact]:
    say = setting.words.say
    fields = fields_of_offer(offer, "offer", setting)
    for one in inputs_of(str(offer["kind"])):
        text = fields.get(f"offer.{one.name}", "")
        if not text:
            continue
        match one.typed:
            case Typed.MONEY:
                text = setting.formats.total(_minor(offer, one.part), is_money=True).text
            case Typed.SHARE:
                text = f"{text}%"
            case Typed.MOMENT:
                text = f"{text.replace('T', ' ')} {setting.formats.zone.key}"
            case Typed.CHOICE:
                text = say(dict(one.choices).get(text, text))
            case Typed.TIER:
                text = next(
                    (tier.name or tier.key for tier in setting.programme.tiers if tier.key == text),
                    text,
                )
            case Typed.TEXT | Typed.NUMBER | Typed.WHOLE:
                pass
        unit = say(one.suffix) if one.suffix and one.typed is not Typed.SHARE else ""
        yield Fact(say(one.label), f"{text} {unit}".strip())


def _minor(offer: dict[str, Any], part: str) -> int:
    value: Any = offer
    for name in part.split("."):
        value = value[name]
    return int(value)


def metrics_shown(design: CampaignDesign, setting: Setting) -> tuple[MetricShown, ...]:
    """Give the metrics, the one that decides first."""
    known = _metrics(setting)
    order = list(Role)
    return tuple(
        MetricShown(
            name=known[one.metric].name if one.metric in known else one.metric,
            key=one.metric,
            role=setting.words.say(ROLES[one.role]),
            notes=tuple(_metric_notes(one, design, setting)),
        )
        for one in sorted(design.metrics, key=lambda metric: order.index(metric.role))
    )


def _metric_notes(metric: MetricInUse, design: CampaignDesign, setting: Setting) -> Iterator[str]:
    say_many, formats = setting.words.say_many, setting.formats
    if metric.margin is not None:
        yield setting.words.say(
            "may get worse by {margin} at most", margin=formats.exact_share(metric.margin).text
        )
    days = metric.window_days or design.conversion_window_days
    if days is not None:
        yield say_many(
            "counts for {days} day from the first exposure",
            "counts for {days} days from the first exposure",
            days,
            days=formats.count(days).text,
        )


def _metrics(setting: Setting) -> dict[str, MetricOption]:
    return {one.key: one for one in metric_options(setting)}
