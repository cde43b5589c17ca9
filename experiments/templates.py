"""Gives complete drafts of the seven campaigns that a membership programme runs most often.

A draft is valid as it stands and would launch: metrics and guardrails belong to its kind, offer and
audience follow from the programme's ladder. What only the business knows (worth, cost,
goal, words) stands there as a proposal and is named in `Draft.fill_in`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from experiments.campaign import CampaignDesign
from experiments.errors import InvalidValues, Problem, UnknownTemplate
from experiments.template_texts import HYPOTHESES, NAMES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from experiments.programme import Programme
    from experiments.tier import Tier

RUNS: Final = timedelta(days=28)
"""Whole weeks, so that weekdays balance out."""
OFFER_DAYS: Final = 30
MATURES_IN: Final = timedelta(days=30)
"""How long after the end of enrolment the OEC of most templates is known of everybody."""
UNIT_COST_MINOR: Final = 10_000
THRESHOLD_SHARE: Final = Decimal("0.8")
FALLBACK_THRESHOLD_MINOR: Final = 100_000

MARGINS: Final[Mapping[str, str]] = {
    "churn": "0.05",
    "unsubscribe": "0.10",
    "service_contact": "0.10",
    "downgrade": "0.10",
    "refund_rate": "0.10",
    "reward_cost_per_member": "1.00",
    "contribution_margin_per_member": "0.05",
}
"""How much worse a guardrail may get, as a share of the control's value; the reference says why."""


class Template(StrEnum):
    """A kind of campaign to start from."""

    LIMITED_TIME_UPGRADE = "limited-time-upgrade"
    POINTS_MULTIPLIER = "points-multiplier"
    UPGRADE_GIFT = "upgrade-gift"
    EARLY_ACCESS = "early-access"
    THRESHOLD_CHANGE = "threshold-change"
    PROGRESS_DISPLAY = "progress-display"
    DORMANT_WAKE_UP = "dormant-wake-up"


@dataclass(frozen=True, slots=True)
class Preset:
    """What decides, explains and must not get worse in a kind of campaign.

    Attributes:
        oec: Key of the metric that decides.
        diagnostics: Keys of those that explain.
        guardrails: Keys of those with a margin.
        baseline: Proposal for what the OEC is today.
        target: Proposal for what it should be.
        climbs: Whether the audience is the tier below a target tier.
    """

    oec: str
    diagnostics: tuple[str, ...]
    guardrails: tuple[str, ...]
    baseline: Decimal
    target: Decimal
    climbs: bool = True


PRESETS: Final[Mapping[Template, Preset]] = {
    Template.LIMITED_TIME_UPGRADE: Preset(
        "upgrade_conversion",
        (
            "time_to_upgrade",
            "spend_per_member",
            "retention_d30",
            "retention_d90",
            "spend_after_offer",
        ),
        ("churn", "reward_cost_per_member", "unsubscribe", "downgrade"),
        Decimal("0.10"),
        Decimal("0.12"),
    ),
    Template.POINTS_MULTIPLIER: Preset(
        "spend_per_member",
        ("purchase_frequency", "average_order_value", "points_redemption", "spend_after_offer"),
        ("reward_cost_per_member", "refund_rate"),
        Decimal(50_000),
        Decimal(55_000),
        climbs=False,
    ),
    Template.UPGRADE_GIFT: Preset(
        "upgrade_conversion",
        ("contribution_margin_per_member",),
        ("reward_cost_per_member", "service_contact"),
        Decimal("0.10"),
        Decimal("0.12"),
    ),
    Template.EARLY_ACCESS: Preset(
        "retention_d90",
        ("nps", "spend_per_member"),
        ("service_contact", "unsubscribe"),
        Decimal("0.20"),
        Decimal("0.22"),
        climbs=False,
    ),
    Template.THRESHOLD_CHANGE: Preset(
        "upgrade_conversion",
        ("spend_per_member", "clv_6m"),
        ("downgrade", "contribution_margin_per_member"),
        Decimal("0.10"),
        Decimal("0.13"),
    ),
    Template.PROGRESS_DISPLAY: Preset(
        "upgrade_conversion",
        ("progress_completion", "time_to_upgrade"),
        ("service_contact",),
        Decimal("0.10"),
        Decimal("0.11"),
    ),
    Template.DORMANT_WAKE_UP: Preset(
        "repurchase_rate",
        ("contribution_margin_per_member",),
        ("unsubscribe",),
        Decimal("0.05"),
        Decimal("0.07"),
        climbs=False,
    ),
}
MATURES: Final[Mapping[Template, timedelta]] = {Template.EARLY_ACCESS: timedelta(days=96)}
WINDOWS: Final[Mapping[tuple[Template, str], int]] = {
    (Template.POINTS_MULTIPLIER, "reward_cost_per_member"): 30,
    (Template.THRESHOLD_CHANGE, "clv_6m"): 90,
}
"""Windows other than the metric's own: costs of as many days as the spend, and a CLV in 90 days."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign to start from.

    Attributes:
        template: What it was made of.
        design: Valid as it stands.
        fill_in: Fields that hold a proposal, each with what it should say.
    """

    template: Template
    design: CampaignDesign
    fill_in: Mapping[str, str]


def template_named(name: str) -> Template:
    """Give a kind of campaign by its name.

    Raises:
        UnknownTemplate: There is none; the error names those that there are.
    """
    if name not in set(Template):
        raise UnknownTemplate(name, [one.value for one in Template])
    return Template(name)


def draft_of(
    template: Template,
    key: str,
    programme: Programme,
    now: datetime,
    *,
    target_tier: str | None = None,
) -> Draft:
    """Give a complete draft of a kind of campaign.

    Args:
        template: The kind.
        key: Key of the campaign.
        programme: With its ladder, currency and locales.
        now: Aware; the campaign would end four weeks later.
        target_tier: Where the offer leads; by default the second tier that members reach by
            themselves, or the highest where there are no more.

    Raises:
        InvalidValues: The ladder has no tier to climb to, or the target is not one.
        pydantic.ValidationError: The key is refused.
    """
    now, preset = now.replace(microsecond=0), PRESETS[template]
    below, target = _rungs(programme, target_tier) if preset.climbs else (None, None)
    offer, fill_in = _offer(template, programme, target, now + RUNS)
    texts = _texts(template, programme.locales)
    control: dict[str, Any] = {"key": "control", "planned_share": "50.00"}
    treatment = {
        "key": "treatment",
        "planned_share": "50.00",
        "offer": {**offer, "texts": texts},
    }
    document: dict[str, Any] = {
        "key": key,
        "name": NAMES[template.value],
        "hypothesis": HYPOTHESES[template.value],
        "goal": {
            "metric": preset.oec,
            "baseline": str(preset.baseline),
            "target": str(preset.target),
            "deadline": (now + RUNS + MATURES.get(template, MATURES_IN)).isoformat(),
        },
        "ends_at": (now + RUNS).isoformat(),
        "audience": _audience(template, below),
        "variants": [control, treatment],
        "metrics": _metrics(template, preset, target, programme),
    }
    if template in (Template.THRESHOLD_CHANGE, Template.DORMANT_WAKE_UP):
        document["price_difference_rationale"] = (
            "Members are drawn by chance for a limited time, to learn what serves all of them."
        )
        fill_in["price_difference_rationale"] = "why members may be asked different prices"
    design = CampaignDesign.model_validate(document)
    named = {
        "owner": "who answers for it",
        "hypothesis": "what you expect, and why",
        "goal": "what the metric is today, what it should be, and by when",
        "variants[1].offer.texts": "what members read, in each locale",
    }
    return Draft(template, design, {**named, **fill_in})


def _rungs(programme: Programme, wanted: str | None) -> tuple[Tier, Tier]:
    """Give the tier to climb from and the one to climb to."""
    reached = [tier for tier in programme.tiers if not tier.manual]
    keys = [tier.key for tier in reached]
    if len(reached) < 2:  # noqa: PLR2004 - one to climb from, one to climb to
        way_out = "Describe at least two tiers that members reach by themselves in the programme."
        raise InvalidValues([Problem("programme.tiers", keys, "have none to climb to", way_out)])
    place = min(2, len(reached) - 1) if wanted is None else -1
    if wanted in keys:
        place = keys.index(wanted)
    if place < 1:
        way_out = f"Use one of: {', '.join(keys[1:])}."
        raise InvalidValues([Problem("target_tier", wanted, "is no tier to climb to", way_out)])
    return reached[place - 1], reached[place]


def _offer(
    template: Template, programme: Programme, target: Tier | None, expires: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the offer of the treatment, and what of it is a proposal."""
    if template is Template.PROGRESS_DISPLAY:
        return {"kind": "none"}, {}
    costed: dict[str, Any] = {
        "unit_cost_minor": UNIT_COST_MINOR,
        "currency": programme.currency,
        "expires_at": (expires + timedelta(days=OFFER_DAYS)).isoformat(),
    }
    at = "variants[1].offer"
    fill_in = {
        f"{at}.unit_cost_minor": "what one costs you when it is redeemed, in minor units",
        f"{at}.expires_at": "until when it can be claimed",
    }
    tier = {} if target is None else {"target_tier": target.key}
    match template:
        case Template.LIMITED_TIME_UPGRADE:
            own: dict[str, Any] = {"kind": "upgrade_trial", "duration_days": OFFER_DAYS}
            fill_in[f"{at}.duration_days"] = "for how many days"
        case Template.POINTS_MULTIPLIER:
            own = {"kind": "points_multiplier", "multiplier": "2", "duration_days": OFFER_DAYS}
            fill_in[f"{at}.multiplier"] = "how many times the points"
        case Template.UPGRADE_GIFT:
            own = {"kind": "gift", "gift": "A gift on reaching the tier"}
            fill_in[f"{at}.gift"] = "which gift"
        case Template.EARLY_ACCESS:
            own = {"kind": "early_access", "access_to": "The seasonal sale"}
            fill_in[f"{at}.access_to"] = "what members get earlier"
        case Template.THRESHOLD_CHANGE:
            own = {"kind": "threshold_change", **_threshold(target)}
            fill_in[f"{at}.threshold_minor"] = "the threshold of this variant"
        case Template.DORMANT_WAKE_UP:
            own = {"kind": "discount", "percent": "10"}
            fill_in[f"{at}.percent"] = "how much less they pay"
    return {**own, **tier, **costed}, fill_in


def _threshold(target: Tier | None) -> dict[str, Any]:
    """Give a threshold of four fifths of the tier's own."""
    if target is not None and target.entry_threshold_minor:
        return {"threshold_minor": int(target.entry_threshold_minor * THRESHOLD_SHARE)}
    return {"threshold_minor": FALLBACK_THRESHOLD_MINOR}


def _audience(template: Template, below: Tier | None) -> dict[str, Any]:
    if below is not None:
        attribute, value = "tier", below.key
    elif template is Template.DORMANT_WAKE_UP:
        attribute, value = "lifecycle_stage", "dormant"
    else:
        return {}
    condition = {"attribute": attribute, "operator": "ONE_OF", "value": [value]}
    return {"any_of": [{"all_of": [condition]}]}


def _metrics(
    template: Template, preset: Preset, target: Tier | None, programme: Programme
) -> list[dict[str, Any]]:
    keys = programme.ladder.keys()
    reached = list(keys if target is None else keys[keys.index(target.key) :])
    lower = [] if target is None else list(keys[: keys.index(target.key)])
    tiers = {
        "upgrade_conversion": {"target_tiers": reached},
        "time_to_upgrade": {"target_tiers": reached},
        "downgrade": {"lower_tiers": lower},
    }

    def chosen(metric: str, role: str) -> dict[str, Any]:
        found: dict[str, Any] = {"metric": metric, "role": role}
        if role == "guardrail":
            found["margin"] = MARGINS[metric]
        if metric in tiers:
            found["parameters"] = tiers[metric]
        if (template, metric) in WINDOWS:
            found["window_days"] = WINDOWS[template, metric]
        return found

    return [
        chosen(preset.oec, "oec"),
        *(chosen(metric, "diagnostic") for metric in preset.diagnostics),
        *(chosen(metric, "guardrail") for metric in preset.guardrails),
    ]


def _texts(template: Template, locales: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Give title and invitation in every locale of the programme; English where we have none."""
    known = TEXTS[template.value]
    return {
        locale: dict(zip(("title", "call_to_action"), known.get(locale, known["en"]), strict=True))
        for locale in locales
    }
