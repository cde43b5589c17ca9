"""What the step of metrics shows: metrics by what they are about, and choices in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.analysis.planning_metrics import PlannableMetric
    from app.console.new.form import Form, Setting

GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (marked("Upgrade and tier"),
     ("upgrade_conversion", "time_to_upgrade", "progress_completion", "downgrade")),
    (marked("Offer"), ("offer_click_through", "offer_claim", "points_redemption")),
    (marked("Purchases"),
     ("repurchase_rate", "purchase_frequency", "repurchase_interval", "spend_per_member",
      "average_order_value", "spend_after_offer", "large_basket_p90", "refund_rate")),
    (marked("Margin and cost"),
     ("contribution_margin_per_member", "gross_margin_per_member", "reward_cost_per_member",
      "contact_cost_per_member", "clv_6m", "clv_12m")),
    (marked("Staying and being active"),
     ("retention_d30", "retention_d90", "churn", "activity", "referral")),
    (marked("Satisfaction and complaints"),
     ("unsubscribe", "service_contact", "nps", "nps_response_rate", "satisfaction",
      "satisfaction_response_rate")),
)  # fmt: skip
"""Built-in metrics by what they are about; those that stand in none come with your own."""

OTHERS: Final = marked("Your own and others")

_CHOICES: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "looks": (
        ("fixed", marked("Once, at the end"),
         marked("Most certain with the fewest members. Whoever looks earlier decides nothing.")),
        ("planned", marked("At a few planned times"),
         marked("May end early by a clear result. Costs a few more members.")),
        ("continuous", marked("At any time"),
         marked("Every look counts, so it takes noticeably more members for the same certainty.")),
    ),
    "basis": (
        ("exposed", marked("Members who could see a difference"),
         marked("From their first exposure on, in all variants alike.")),
        ("assigned", marked("All members who were assigned"),
         marked("Whether they came or not; the effect is thinner, and nothing can bias it.")),
    ),
    "scale": (
        ("lift", marked("Lift: by how many per cent it gets better"), ""),
        ("difference", marked("Difference: by how much it gets better"), ""),
        ("incremental_margin", marked("Margin: what it earns after its costs"), ""),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """A choice with what it means."""

    value: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class MetricShown:
    """A metric to choose.

    Attributes:
        description: What it counts.
        window: Days in which it counts, in words.
        unseen: A sentence where the events that it needs were never seen; else empty.
    """

    key: str
    name: str
    description: str
    window: str
    unseen: str
    role: str


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """Metrics about one thing.

    Attributes:
        in_use: How many of them the campaign uses, in words; empty for none.
        is_open: Whether one of them is in use or wrong.
    """

    name: str
    metrics: tuple[MetricShown, ...]
    in_use: str
    is_open: bool


def groups(
    metrics: Iterable[PlannableMetric], form: Form, setting: Setting
) -> tuple[MetricGroup, ...]:
    """Give all metrics by what they are about."""
    by_key = {one.key: _metric(one, form, setting) for one in metrics}
    known = {key for _, keys in GROUPS for key in keys}
    others = tuple(key for key in by_key if key not in known)
    found = []
    for name, keys in (*GROUPS, (OTHERS, others)):
        members = tuple(by_key[key] for key in keys if key in by_key)
        used = sum(bool(one.role) for one in members)
        told = setting.words.say_many(
            "{count} in use", "{count} in use", used, count=setting.formats.count(used).text
        )
        if members:
            in_use = told if used else ""
            found.append(MetricGroup(setting.words.say(name), members, in_use, used > 0))
    return tuple(found)


def choices(name: str, setting: Setting) -> tuple[Option, ...]:
    """Give the options of a choice with what each means."""
    say = setting.words.say
    return tuple(
        Option(value, say(label), say(meaning) if meaning else "")
        for value, label, meaning in _CHOICES[name]
    )


def _metric(one: PlannableMetric, form: Form, setting: Setting) -> MetricShown:
    words = setting.words
    own = str if one.is_own else words.say
    unseen = ""
    if one.unseen:
        unseen = words.say(
            "Nobody has had an event that it needs yet: {events}.", events=", ".join(one.unseen)
        )
    role = form.value(f"metrics.role.{one.key}")
    return MetricShown(
        key=one.key,
        name=own(one.name),
        description=own(one.description),
        window=words.say_many(
            "Counts {count} day after first exposure.",
            "Counts {count} days after first exposure.",
            one.window_days,
            count=setting.formats.count(one.window_days).text,
        ),
        unseen=unseen,
        role=role if form.value("metrics.oec") != one.key else "oec",
    )
