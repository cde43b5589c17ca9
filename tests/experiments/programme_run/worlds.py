"""Draws programmes, members and facts: every field of the document, edges of days, odd values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from experiments.conversion import Conversion
from experiments.member import Member
from experiments.programme import Programme
from experiments.store.conversions import append_conversions
from experiments.store.engine import writing
from experiments.store.members import put_members
from experiments.store.programme import put_programme

if TYPE_CHECKING:
    import random

    from sqlalchemy import Engine

ZONES = ("Asia/Taipei", "America/New_York", "Europe/London", "Asia/Kathmandu", "UTC")
MEASURES = ("spend", "frequency", "engagement", "tenure", "referrals", "average_order_value")
FULL = {"spend": 90_000, "frequency": 12, "engagement": 40, "tenure": 500, "referrals": 6,
        "average_order_value": 9_000}  # fmt: skip
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 700


def a_programme(draw: random.Random) -> Programme:
    """Give a programme with any combination of rules."""
    measures = draw.sample(MEASURES, draw.randint(1, 6))
    scored = [_windowed(draw, {"measure": m, "weight": draw.choice([0.5, 1, 3, 0.3333]),
                               "full_at": draw.randint(1, FULL[m])}) for m in measures]  # fmt: skip
    has_score = draw.random() < 0.8
    tiers: list[dict[str, Any]] = []
    for place in range(draw.randint(1, 5)):
        tier: dict[str, Any] = {"key": f"t{place}", "manual": draw.random() < 0.15}
        if draw.random() < 0.7:
            tier["entry_threshold_minor"] = place * draw.randint(5_000, 20_000)
        if has_score and draw.random() < 0.4:
            tier["entry_score"] = round(draw.uniform(5, 90), 2)
        tier["paths"] = [
            _windowed(draw, {"measure": m, "threshold": draw.randint(1, FULL[m])})
            for m in draw.sample(MEASURES, draw.choice([0, 0, 1, 2]))
        ]
        tiers.append(tier)
    dormant = draw.randint(10, 200)
    return Programme.model_validate(
        {
            "time_zone": draw.choice(ZONES),
            "currency": "TWD",
            "score": {"version": draw.randint(1, 9), "measures": scored} if has_score else None,
            "qualifying_days": draw.randint(20, 500),
            "tier_validity_days": draw.choice([None, 1, 30, 90]),
            "tiers": tiers,
            "lifecycle": {"new_days": draw.randint(1, 60), "active_days": draw.randint(30, 400),
                          "loyal_orders": draw.randint(1, 6), "dormant_days": dormant,
                          "lost_days": dormant + draw.randint(1, 200)},
            "gross_margin_rate": draw.choice([None, 0, 0.35, 0.1234]),
            "acquisition_cost_minor": draw.choice([None, 0, 5_000]),
        }
    )  # fmt: skip


def members(draw: random.Random, count: int) -> dict[str, dict[str, Any]]:
    """Give what the business says of each member."""
    found: dict[str, dict[str, Any]] = {}
    for number in range(count):
        said: dict[str, Any] = {"region": draw.choice(["north", "south"])}
        if draw.random() < 0.1:
            said["tier"] = draw.choice(["t0", "t1", "t2", "elsewhere"])
        if draw.random() < 0.4:
            said["joined_on"] = draw.choice(
                ["2023-05-01", "2024-02-29T10:00:00+08:00", "2030-01-01", "once", 20240101]
            )
        found[draw.choice(["m", "M", "é", "李"]) + f"-{number:03}"] = said
    return found


def facts(draw: random.Random, programme: Programme, ids: list[str], count: int) -> pd.DataFrame:
    """Give facts, many of them at the edges of days."""
    zone = ZoneInfo(programme.time_zone)
    rows = []
    events = ["order"] * 8 + ["refund", "activity", "activity", "referral", "survey_response"]
    for number in range(count):
        at = BEGIN + timedelta(seconds=draw.randrange(DAYS * 86_400))
        if draw.random() < 0.3:
            local = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            at = local.astimezone(UTC) + timedelta(microseconds=draw.choice([-1, 0, 1]))
        event = draw.choice(events)
        money = event in {"order", "refund"} and draw.random() < 0.95
        rows.append(
            {
                "id": f"f-{number:05}",
                "member_id": draw.choice([*ids, "nobody"]),
                "event": event,
                "at": at,
                "amount": draw.randint(0, 9_000) if money else None,
                "currency": draw.choice(["TWD"] * 9 + ["EUR"]) if money else None,
                "to": None,
            }
        )
    rows += [
        {"id": f"t-{number:05}", "member_id": draw.choice(ids), "event": "tier_change",
         "at": BEGIN + timedelta(seconds=draw.randrange(DAYS * 86_400)), "amount": None,
         "currency": None, "to": draw.choice(["t0", "t1", "t2", "t3", "unknown"])}
        for number in range(count // 20)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["amount"] = frame["amount"].astype("Int64")
    return frame


def keep(
    engine: Engine, programme: Programme, said: dict[str, dict[str, Any]], known: pd.DataFrame
) -> None:
    """Put all into a store."""
    with writing(engine) as store:
        put_programme(store, programme, BEGIN)
        put_members(store, [Member(name, values) for name, values in said.items()], BEGIN)
        append_conversions(
            store,
            [
                Conversion(
                    row.id, row.member_id, row.event, row.at.to_pydatetime(), BEGIN,
                    None if pd.isna(row.amount) else int(row.amount),
                    row.currency if isinstance(row.currency, str) else None,
                    {"to": row.to, "cause": "manual"} if isinstance(row.to, str) else {},
                )
                for row in known.itertuples()
            ],
        )  # fmt: skip


def _windowed(draw: random.Random, one: dict[str, Any]) -> dict[str, Any]:
    if one["measure"] != "tenure" and draw.random() < 0.8:
        one["window_days"] = draw.randint(1, 500)
    return one
