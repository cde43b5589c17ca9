"""Fills a database with the demonstration's kind of data: 30,000 members, a year, a campaign.

One campaign with three variants and its facts is there to be analysed; others, without facts, are
there to be asked for offers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.analysis import make_plan
from app.auth import Scope, create_key
from experiments.arrival import Arrival
from experiments.campaign import CampaignDesign
from experiments.directory import Directory
from experiments.lifecycle import Act, create_campaign, launch_campaign, set_programme
from experiments.member import Member
from experiments.programme import Programme
from experiments.recording import (
    import_members,
    record_conversions,
    record_exposures,
)
from experiments.store.engine import open_engine
from stats.simulation import (
    FOUR_TIERS,
    PROPERTIES,
    CampaignPlan,
    Effect,
    VariantPlan,
    WorldPlan,
    simulate_campaign,
    simulate_world,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from sqlalchemy import Engine

MEMBERS: Final = 30_000
ANALYSED: Final = "gold-autumn"
STARTS_AT: Final = datetime(2025, 8, 1, tzinfo=UTC)
ENDS_AT: Final = datetime(2025, 10, 1, tzinfo=UTC)
NOW: Final = datetime(2025, 12, 1, tzinfo=UTC)
"""The analysis time; every window has closed then."""

VARIANTS: Final = (
    VariantPlan("control", 0.34),
    VariantPlan(
        "gift", 0.33, Effect(upgrade=1.3, offer_view=0.8, offer_click=0.4, offer_claim=0.5)
    ),
    VariantPlan(
        "points", 0.33, Effect(order_rate=1.05, offer_view=0.8, offer_click=0.3, offer_claim=0.6)
    ),
)
_BATCH: Final = 10_000
_FIXED_MEMBER: Final = ("member_id", "personalisation_consent")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a filled database holds.

    Attributes:
        token: An API key that may do everything.
        member_ids: Of members whom every offer campaign admits.
        exposures: The facts of the analysed campaign, as they are sent.
        conversions: The year's events of all members, as they are sent.
    """

    token: str
    member_ids: tuple[str, ...]
    exposures: tuple[dict[str, Any], ...]
    conversions: tuple[dict[str, Any], ...]


def fill(url: str, offer_campaigns: Sequence[str]) -> Filled:
    """Fill an empty database with our schema.

    Args:
        url: Its address.
        offer_campaigns: Keys of the campaigns without facts.
    """
    simulated = simulate_campaign(
        simulate_world(WorldPlan(members=MEMBERS, seed=7)),
        CampaignPlan(ANALYSED, VARIANTS, STARTS_AT, ENDS_AT, tiers=("bronze", "silver"), seed=7),
    )
    members = [_member(row) for row in _rows(simulated.world.members_at(STARTS_AT))]
    exposures = tuple(_sent(row) for row in _rows(simulated.assignments.exposures()))
    conversions = tuple(_conversion(row) for row in _rows(simulated.world.conversions()))
    engine = open_engine(url)
    try:
        _configure(engine, offer_campaigns)
        for some in _batches(members):
            import_members(engine, some, STARTS_AT, with_consent=True)
        arrival, directory = Arrival(datetime.now(UTC), "bench"), Directory()
        for some in _batches(exposures):
            record_exposures(engine, directory, some, arrival)
        for some in _batches(conversions):
            record_conversions(engine, some, arrival)
        token = create_key(engine, "bench", Scope, datetime.now(UTC)).text
    finally:
        engine.dispose()
    eligible = [
        member.member_id
        for member in members
        if member.personalisation_consent and member.attributes["tier"] in {"bronze", "silver"}
    ]
    return Filled(token, tuple(eligible), exposures, conversions)


def _configure(engine: Engine, offer_campaigns: Sequence[str]) -> None:
    """Set the programme, and start every campaign."""
    started = Act(STARTS_AT - timedelta(days=1), "bench")
    document = {
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "locales": ["en", "zh-Hant-TW"],
        "tiers": [{"key": tier.key} for tier in FOUR_TIERS],
    }
    set_programme(engine, Programme.model_validate(document), started.now)
    designs = [_design(ANALYSED, assigned_by="external", starts_at=STARTS_AT.isoformat())]
    designs += [_design(key) for key in offer_campaigns]
    for design in designs:
        create_campaign(engine, design, started)
        launch_campaign(engine, design.key, started, make_plan=make_plan)


def _design(key: str, **more: str) -> CampaignDesign:
    """Give a campaign of the size that campaigns have: three offers, texts, metrics, a funnel."""
    texts = {
        "en": {
            "title": "A gift awaits you",
            "body": "Reach gold by the end of the month and choose your gift.",
            "call_to_action": "See my gift",
        },
        "zh-Hant-TW": {
            "title": "好禮等您來拿",
            "body": "月底前升上金卡就能挑選您的禮物。",
            "call_to_action": "查看禮物",
        },
    }
    offers: dict[str, dict[str, Any]] = {
        "gift": {
            "kind": "gift",
            "gift": "A tea set",
            "target_tier": "gold",
            "unit_cost_minor": 900,
            "currency": "EUR",
            "texts": texts,
        },
        "points": {
            "kind": "points_multiplier",
            "multiplier": 2,
            "unit_cost_minor": 400,
            "currency": "EUR",
            "texts": texts,
        },
    }
    condition = {"attribute": "tier", "operator": "ONE_OF", "value": ["bronze", "silver"]}
    return CampaignDesign.model_validate(
        {
            "key": key,
            "name": "Gold before the winter",
            "audience": {"any_of": [{"all_of": [condition]}]},
            "variants": [
                {"key": variant.key, "planned_share": round(variant.planned_share * 100)}
                | ({"offer": offers[variant.key]} if variant.key in offers else {})
                for variant in VARIANTS
            ],
            "metrics": [
                {"metric": "upgrade_conversion", "role": "oec"},
                {"metric": "refund_rate", "role": "guardrail", "margin": 0.02},
                *(
                    {"metric": metric, "role": "diagnostic"}
                    for metric in (
                        "repurchase_rate",
                        "purchase_frequency",
                        "spend_per_member",
                        "average_order_value",
                    )
                ),
            ],
            "conversion_window_days": 30,
            "funnel": ["offer_view", "offer_click", "offer_claim", "tier_change"],
            **more,
        }
    )


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _member(row: dict[str, Any]) -> Member:
    attributes = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in _FIXED_MEMBER and value is not None
    }
    return Member(row["member_id"], attributes, row["personalisation_consent"])


def _sent(row: dict[str, Any]) -> dict[str, Any]:
    """Give an item as a sender writes it: JSON values, without what is not known."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if value is not None
    }


def _conversion(row: dict[str, Any]) -> dict[str, Any]:
    properties = {name: row.pop(name) for name in PROPERTIES}
    known = {name: value for name, value in properties.items() if value is not None}
    return _sent(row) | ({"properties": known} if known else {})
