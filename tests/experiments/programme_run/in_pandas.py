"""Computes the programme's attributes a second time, in pandas and from the reference page alone.

Days are cut by pandas' own time zones, fact by fact, where the product compares moments; fifths by
`numpy.array_split` of sorted members, where it asks SQL's NTILE.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from experiments.programme import Programme

MINOR = {"order": 1, "refund": -1}
_NAMES = {
    "spend": "revenue_{}d_minor",
    "frequency": "orders_{}d",
    "engagement": "active_days_{}d",
    "referrals": "referrals_{}d",
    "average_order_value": "average_order_value_{}d_minor",
    "tenure": "tenure_days",
}
"""What the attributes of measures are called, by the reference page."""


@dataclass
class InPandas:
    """What is computed of members over a sequence of moments.

    Attributes:
        programme: The rules.
        imported: What the business says of each member.
        facts: `id`, `member_id`, `event`, `at` (UTC), `amount`, `currency`, `to`.
        had: The tier that was computed of each member, and since when.
        moves: Changes of tier: moment, member, from, to, cause.
    """

    programme: Programme
    imported: Mapping[str, Mapping[str, Any]]
    facts: pd.DataFrame
    had: dict[str, tuple[str | None, pd.Timestamp]] = field(default_factory=dict)
    moves: list[tuple[pd.Timestamp, str, str | None, str | None, str]] = field(default_factory=list)

    def compute(self, as_of: datetime) -> dict[str, dict[str, Any]]:
        """Give the attributes of every member, and remember tiers."""
        moment = pd.Timestamp(as_of)
        zone = self.programme.time_zone
        last = (moment - pd.Timedelta(microseconds=1)).tz_convert(zone).date()
        facts = self.facts[self.facts["at"] < moment].copy()
        facts["day"] = facts["at"].dt.tz_convert(zone).dt.date
        facts["ago"] = [(last - day).days for day in facts["day"]]
        ours = facts["currency"] == self.programme.currency
        sign = facts["event"].map(MINOR).fillna(0).astype(int)
        facts["money"] = [
            int(s) * int(a) if o and pd.notna(a) else 0
            for s, a, o in zip(sign, facts["amount"], ours, strict=True)
        ]
        fifths = self._fifths(facts)
        by_member = dict(tuple(facts.groupby("member_id")))
        empty = facts.iloc[:0]
        return {
            member: self._member(member, by_member.get(member, empty), fifths, last, moment)
            for member in self.imported
        }

    def _fifths(self, facts: pd.DataFrame) -> dict[str, dict[str, int]]:
        orders = facts[facts["event"] == "order"]
        found: dict[str, dict[str, int]] = {}
        values = {
            "rfm_recency": orders.groupby("member_id")["at"].max(),
            "rfm_frequency": orders.groupby("member_id")["at"].count(),
            "rfm_monetary": facts.groupby("member_id")["money"].sum(),
        }
        buyers = sorted(set(orders["member_id"]) & set(self.imported))
        for name, value in values.items():
            in_order = sorted(buyers, key=lambda member, value=value: (value[member], member))
            for part, members in enumerate(np.array_split(np.array(in_order, dtype=object), 5), 1):
                for member in members:
                    found.setdefault(member, {})[name] = part
        return found

    def _measure(self, facts: pd.DataFrame, measure: str, window: int | None, tenure: int) -> int:
        within = facts if window is None else facts[facts["ago"] < window]
        orders = int((within["event"] == "order").sum())
        spend = int(within["money"].sum())
        match measure:
            case "spend":
                return spend
            case "frequency":
                return orders
            case "engagement":
                return within[within["event"].isin(["order", "activity"])]["day"].nunique()
            case "referrals":
                return int((within["event"] == "referral").sum())
            case "average_order_value":
                return max(spend, 0) // orders if orders else 0
            case _:
                return tenure

    def _member(
        self,
        member: str,
        facts: pd.DataFrame,
        fifths: dict[str, dict[str, int]],
        last: Any,  # noqa: ANN401  # pandas gives a date
        moment: pd.Timestamp,
    ) -> dict[str, Any]:
        programme, said = self.programme, self.imported[member]
        seen = facts[facts["event"].isin(["order", "activity", "referral"])]
        joined = pd.to_datetime(str(said.get("joined_on"))[:10], format="%Y-%m-%d", errors="coerce")
        if pd.notna(joined):
            tenure = (last - joined.date()).days
        else:
            tenure = int(seen["ago"].max()) if len(seen) else 0
        tenure = min(max(0, tenure), self._most_tenure())
        found: dict[str, Any] = {}
        for days in (30, 90, 365):
            found[f"orders_{days}d"] = self._measure(facts, "frequency", days, 0)
            found[f"revenue_{days}d_minor"] = self._measure(facts, "spend", days, 0)
        for measure, window in self._measured():
            value = self._measure(facts, measure, window, tenure)
            found[_NAMES[measure].format(window)] = value
        score = 0.0
        if programme.score is not None:
            total = sum(float(one.weight) for one in programme.score.measures)
            weighted = 0.0
            for one in programme.score.measures:
                value = self._measure(facts, one.measure, one.window_days, tenure)
                part = float(one.weight) * (min(max(value, 0), one.full_at) / float(one.full_at))
                weighted += part
                found[f"score_{one.measure}"] = _hundredths(part, total)
            found["score"] = score = _hundredths(weighted, total)
        if programme.gross_margin_rate is not None:
            margin = int(facts["money"].sum()) * programme.gross_margin_rate
            found["clv_so_far_minor"] = int(np.floor(float(margin * 10_000) / 10_000 + 0.5)) - (
                programme.acquisition_cost_minor or 0
            )
        found |= self._tier(member, facts, score, tenure, moment)
        if member in fifths:
            found |= fifths[member] | {"rfm_group": _group(**fifths[member])}
        found["lifecycle_stage"] = self._stage(facts)
        return found

    def _measured(self) -> list[tuple[str, int | None]]:
        """Give what the score and the ways to the tiers are made of."""
        programme = self.programme
        asked = list(programme.score.measures) if programme.score is not None else []
        measured = [(str(one.measure), one.window_days) for one in asked]
        for tier in programme.tiers:
            if tier.manual:
                continue
            if tier.entry_threshold_minor is not None:
                measured.append(("spend", programme.qualifying_days))
            measured += [(str(path.measure), path.window_days) for path in tier.paths]
        return measured

    def _most_tenure(self) -> int:
        """Give the longest tenure that anybody asks for."""
        programme = self.programme
        scored = programme.score.measures if programme.score is not None else ()
        asked = [one.full_at for one in scored if one.measure == "tenure"]
        for tier in programme.tiers:
            if not tier.manual:
                asked += [path.threshold for path in tier.paths if path.measure == "tenure"]
        return max(asked, default=0)

    def _stage(self, facts: pd.DataFrame) -> str:
        rule, orders = self.programme.lifecycle, facts[facts["event"] == "order"]
        if orders.empty:
            return "potential"
        silent = facts[facts["event"].isin(["order", "activity"])]["ago"].min()
        if silent >= rule.lost_days:
            return "lost"
        if silent >= rule.dormant_days:
            return "dormant"
        if orders["ago"].max() < rule.new_days:
            return "new"
        loyal = (orders["ago"] < rule.active_days).sum() >= rule.loyal_orders
        return "loyal" if loyal else "active"

    def _ways(
        self, place: int, facts: pd.DataFrame, score: float, tenure: int
    ) -> list[tuple[str, int, int]]:
        """Give name, value and threshold of each way to a tier."""
        programme, tier = self.programme, self.programme.tiers[place]
        if tier.manual:
            return []
        ways = []
        if tier.entry_threshold_minor is not None:
            spend = self._measure(facts, "spend", programme.qualifying_days, tenure)
            ways.append(("spend", spend, tier.entry_threshold_minor))
        if tier.entry_score is not None:
            ways.append(("score", round(score * 100), int(tier.entry_score * 100)))
        for path in tier.paths:
            value = self._measure(facts, path.measure, path.window_days, tenure)
            ways.append((str(path.measure), value, path.threshold))
        return ways

    def _tier(
        self, member: str, facts: pd.DataFrame, score: float, tenure: int, moment: pd.Timestamp
    ) -> dict[str, Any]:
        ladder = self.programme.ladder.keys()
        ways = [self._ways(i, facts, score, tenure) for i in range(len(ladder))]
        reached = self._reached(ways)
        had, since, told = self._has(member, moment)
        held = -1 if had is None else had
        now = reached
        if reached < held and self._is_kept(held, since, moment):
            now = held
        if now != held or since is None:
            since = moment
        tier = ladder[now] if now >= 0 else None
        if now != held and (had is not None or told) and not self.imported[member].get("tier"):
            cause = "organic" if now > held else "expiry"
            self.moves.append((moment, member, ladder[held] if held >= 0 else None, tier, cause))
        self.had[member] = (tier, since)
        found: dict[str, Any] = {}
        if tier is not None:
            found |= {"tier": tier, "tier_since": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        imported = self.imported[member].get("tier")
        standing = ladder.index(imported) if imported in ladder else now
        later = [i for i in range(standing + 1, len(ladder)) if ways[i]]
        if later:
            found |= {"next_tier": ladder[later[0]], **_distances(ways[later[0]])}
        return found

    def _reached(self, ways: list[list[tuple[str, int, int]]]) -> int:
        """Give the place of the highest tier that is reached, -1 for none."""
        if not any(ways):
            return -1
        first = self.programme.tiers[0]
        everybody = 0 if not first.manual and not first.has_rule else -1
        places = [
            place
            for place, found in enumerate(ways)
            if any(max(value, 0) >= threshold for _, value, threshold in found)
        ]
        return max(places, default=everybody)

    def _is_kept(self, place: int, since: pd.Timestamp | None, moment: pd.Timestamp) -> bool:
        """Say whether a tier that is reached no more is kept for its validity."""
        programme, days = self.programme, self.programme.tier_validity_days
        if programme.tiers[place].manual or days is None or since is None:
            return True
        zone = programme.time_zone
        ends = since.tz_convert(zone).tz_localize(None) + pd.Timedelta(days=days)
        return bool(ends > moment.tz_convert(zone).tz_localize(None))

    def _has(
        self, member: str, moment: pd.Timestamp
    ) -> tuple[int | None, pd.Timestamp | None, bool]:
        """Give place and moment of the tier that is had, and whether an event ever told."""
        ladder = self.programme.ladder.keys()
        told = self.facts[
            (self.facts["member_id"] == member)
            & (self.facts["event"] == "tier_change")
            & (self.facts["at"] <= moment)
        ].sort_values(["at", "id"])
        tier, since = self.had.get(member, (None, None))
        own = [move for move in self.moves if move[1] == member]
        if len(told) and (since is None or told["at"].iloc[-1] >= since):
            tier, since = told["to"].iloc[-1], told["at"].iloc[-1]
        place = ladder.index(tier) if tier in ladder else None
        return place, since if place is not None else None, bool(len(told) or own)


def _distances(ways: list[tuple[str, int, int]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tier_progress": max(
            min(10_000, max(value, 0) * 10_000 // threshold) if threshold else 10_000
            for _, value, threshold in ways
        )
        / 10_000
    }
    spend = [max(0, threshold - value) for name, value, threshold in ways if name == "spend"]
    score = [max(0, threshold - value) for name, value, threshold in ways if name == "score"]
    if spend:
        found["distance_to_next_minor"] = min(spend)
    if score:
        found["distance_to_next_score"] = score[0] / 100
    return found


def _hundredths(part: float, total: float) -> float:
    return float(np.floor(10_000 * part / total + 0.5)) / 100


def _group(rfm_recency: int, rfm_frequency: int, rfm_monetary: int) -> str:
    value = rfm_frequency + rfm_monetary
    if rfm_recency >= 4:
        return "high_value" if value >= 8 else "potential"
    if rfm_recency == 3:
        return "potential"
    return "at_risk" if value >= 7 else "dormant"
