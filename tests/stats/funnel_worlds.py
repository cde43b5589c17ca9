"""Random facts of a funnel over all assigned, and the same funnel written as a plain loop."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from stats.aggregation.facts import FactTables
from stats.metric import Condition, Window
from stats.plan import (
    AnalysisPlan,
    Basis,
    CrossoverRule,
    Funnel,
    FunnelStep,
    RandomizationUnit,
    Track,
)
from tests.stats.facts import (
    DAY,
    START,
    assignments_table,
    fact_tables,
    in_use,
    plan,
    random_facts,
    random_segments,
)

SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
UPGRADED = FunnelStep(
    "upgraded", "Upgraded", ("tier_change",), (Condition("to", ("gold", "黄金")),)
)
RETAINED = FunnelStep("retained", "Retained", ("order", "activity"), after=Window(36, 30))
STEPS = (
    FunnelStep("clicked", "Clicked", ("offer_click",), track=Track.OFFER),
    UPGRADED,
    FunnelStep("served", "Served", ("activity",), track=Track.OFFER),
    FunnelStep("paid", "Paid", ("order",)),
    replace(RETAINED, after=Window(36, 5)),
)
FUNNEL = Funnel(
    STEPS,
    Window(30),
    basis=Basis.ASSIGNED,
    offering=("B", "C"),
    tiers=("bronze", "gold"),
    minimum_units=5,
)


@dataclass(frozen=True)
class Passed:
    """What the loop finds of one unit: seconds since the step before, per step passed."""

    variant: str
    tier: str | None
    start: datetime
    reached: dict[str, datetime]
    before: dict[str, bool]
    seconds: dict[str, float]


@dataclass(frozen=True)
class FunnelWorld:
    """Facts, and the frames that they were made of."""

    plan: AnalysisPlan
    as_of: datetime
    facts: FactTables
    starts: pd.DataFrame
    conversions: pd.DataFrame
    units: dict[str, str | None] | None
    tiers: dict[str, dict[str, str | None]]

    def passed(self) -> Iterator[Passed]:
        """Go through every assigned unit, one by one."""
        starts = self.starts[self.starts["at"] <= self.as_of]
        own = (self.conversions["currency"] == "TWD") | self.conversions["amount_minor"].isna()
        events = self.conversions[own & (self.conversions["occurred_at"] <= self.as_of)]
        owner = events["member_id"]
        if self.units is not None:
            owner = owner.map(self.units)
        by_unit = dict(list(events.groupby(owner)))
        for unit, rows in starts.groupby("unit_id"):
            first = rows["at"].min()
            crossed = len(set(rows["variant"])) > 1
            if crossed and self.plan.crossover_rule is CrossoverRule.EXCLUDE:
                continue
            seen = self.starts[
                (self.starts["unit_id"] == unit)
                & self.starts["is_exposure"]
                & (self.starts["at"] <= self.as_of)
            ]["at"].min()
            tier = self.tiers.get(str(unit), {}).get("tier")
            yield _follow(
                min(rows.loc[rows["at"] == first, "variant"]),
                tier if tier in FUNNEL.tiers else None,
                first,
                seen,
                by_unit.get(unit),
            )


def _follow(
    variant: str,
    tier: str | None,
    first: pd.Timestamp,
    seen: pd.Timestamp,
    rows: pd.DataFrame | None,
) -> Passed:
    reached: dict[str, datetime] = {}
    before: dict[str, bool] = {"exposed": True}
    seconds: dict[str, float] = {}
    if not pd.isna(seen) and seen < first + 30 * DAY:
        reached["exposed"] = seen
        seconds["exposed"] = (seen.floor("s") - first.floor("s")).total_seconds()
    last: dict[Track, datetime | None] = {
        Track.OFFER: reached.get("exposed"),
        Track.OUTCOME: first,
    }
    for step in STEPS:
        since = last[step.track]
        before[step.key] = since is not None
        last[step.track] = None
        if since is None or rows is None:
            continue
        fits = rows["event"].isin(step.events)
        for condition in step.where:
            fits &= rows[condition.property].isin(condition.values)
        low: datetime = since
        high: datetime = first + 30 * DAY
        if step.after is not None:
            low = since + step.after.start_days * DAY
            high = since + step.after.end_days * DAY
        else:
            fits &= rows["occurred_at"] >= first
        times = rows.loc[fits & (rows["occurred_at"] >= low) & (rows["occurred_at"] < high),
                         "occurred_at"]  # fmt: skip
        if times.empty:
            continue
        at = times.min()
        reached[step.key] = last[step.track] = at
        elapsed = at.floor("s") - pd.Timestamp(since).floor("s")
        seconds[step.key] = elapsed.total_seconds()
    return Passed(variant, tier, first, reached, before, seconds)


def funnel_world(
    seed: int,
    unit: RandomizationUnit = RandomizationUnit.MEMBER,
    rule: CrossoverRule = CrossoverRule.EXCLUDE,
) -> FunnelWorld:
    """Random assignments and exposures that lack one another, precede one another, and cross."""
    households = unit is RandomizationUnit.HOUSEHOLD
    exposures, conversions, units = random_facts(seed, households=households)
    rng = np.random.default_rng(seed)
    known = exposures[exposures["unit_id"].notna()]
    remembered = known[rng.random(len(known)) < 0.8]
    days = pd.to_timedelta(rng.integers(-40, 3, len(remembered)), unit="D")
    assigned = pd.DataFrame(
        {
            "unit_id": remembered["unit_id"].to_numpy(),
            "variant": remembered["variant"].to_numpy(),
            "at": (remembered["exposed_at"] + days).to_numpy(),
        }
    ).drop_duplicates("unit_id")
    exposures = exposures[rng.random(len(exposures)) < 0.7]
    known = exposures[exposures["unit_id"].notna()]
    seen = pd.DataFrame(
        {
            "unit_id": known["unit_id"].to_numpy(),
            "variant": known["variant"].to_numpy(),
            "at": known["exposed_at"].to_numpy(),
        }
    )
    starts = pd.concat(
        [assigned.assign(is_exposure=False), seen.assign(is_exposure=True)], ignore_index=True
    )
    starts["at"] = pd.to_datetime(starts["at"], utc=True)
    tiers = random_segments(seed, exposures)
    given = fact_tables(exposures, conversions, units, segments=tiers)
    remembered = starts[~starts["is_exposure"]]
    rows = [
        (str(unit_id), str(variant), pd.Timestamp(at).to_pydatetime())
        for unit_id, variant, at in zip(
            *(remembered[name] for name in remembered.columns[:3]), strict=True
        )
    ]
    the_plan = plan(in_use("repurchase_rate"), shares=SHARES, unit=unit, rule=rule, funnel=FUNNEL)
    return FunnelWorld(
        the_plan,
        START + timedelta(days=105, hours=seed),
        replace(given, assignments=assignments_table(rows)),
        starts,
        conversions,
        units,
        tiers,
    )
