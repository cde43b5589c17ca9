"""Decides who is assigned what in a simulation, and which exposures the logging loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stats.simulation.events import TIMESTAMP, timestamps
from stats.simulation.plan import demand, demand_key, demand_seed, demand_share
from stats.simulation.seasons import microseconds
from stats.simulation.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stats.simulation.plan import CampaignPlan
    from stats.simulation.world import World

_COLUMNS = ("member_id", "variant", "exposed_at")


@dataclass(frozen=True, slots=True, eq=False)
class Assignments:
    """Who got which variant of one campaign, and when they first felt it.

    Attributes:
        campaign: The campaign's key.
        table: member_id (unique), variant, exposed_at (timestamp[us, UTC]); no nulls.
    """

    campaign: str
    table: pa.Table

    def __post_init__(self) -> None:
        """Refuse a table without the columns, with nulls, or with a member twice."""
        demand_key("campaign key", self.campaign)
        demand(
            tuple(self.table.column_names) == _COLUMNS,
            "columns of assignments",
            ", ".join(self.table.column_names),
            ", ".join(_COLUMNS),
        )
        nulls = sum(column.null_count for column in self.table.columns)
        demand(nulls == 0, "nulls in assignments", nulls, "none")
        twice = self.table.num_rows - pc.count_distinct(self.table["member_id"]).as_py()
        demand(twice == 0, "members assigned twice", twice, "none")

    @classmethod
    def of(
        cls,
        campaign: str,
        member_ids: Sequence[str],
        variants: Sequence[str],
        exposed_at: Sequence[datetime],
    ) -> Assignments:
        """Give the assignments that somebody else made; the sequences have equal lengths."""
        table = pa.table(
            {
                "member_id": pa.array(member_ids, pa.string()),
                "variant": pa.array(variants, pa.string()),
                "exposed_at": pa.array(exposed_at, TIMESTAMP),
            }
        )
        return cls(campaign, table)

    def exposures(self) -> pa.Table:
        """Give one exposure a member, in the order of time, as the bulk import takes them.

        Returns:
            exposure_id, campaign, variant, member_id, exposed_at.
        """
        ids = pc.binary_join_element_wise(f"e-{self.campaign}-", self.table["member_id"], "")
        table = pa.table(
            {
                "exposure_id": ids,
                "campaign": pa.repeat(self.campaign, self.table.num_rows),
                "variant": self.table["variant"],
                "member_id": self.table["member_id"],
                "exposed_at": self.table["exposed_at"],
            }
        )
        return table.sort_by([("exposed_at", "ascending"), ("exposure_id", "ascending")])


def assign_members(world: World, campaign: CampaignPlan) -> Assignments:
    """Split the members of a campaign's tiers at random, and let each meet it at a random time.

    Those who withheld or withdrew their consent to personalisation by `starts_at` do not enter.
    """
    for tier in campaign.tiers:
        known = [rung.key for rung in world.ladder]
        demand(tier in known, "tier of the audience", tier, f"one of {', '.join(known)}")
    members = world.members_at(campaign.starts_at)
    entering = members["personalisation_consent"]
    if campaign.tiers:
        entering = pc.and_(entering, pc.is_in(members["tier"], pa.array(campaign.tiers)))
    member_ids = members.filter(entering)["member_id"]
    size = len(member_ids)
    borders = np.cumsum([variant.planned_share for variant in campaign.variants])[:-1]
    uniform = stream(campaign.seed, "split", campaign.key).random(size)
    variant = np.searchsorted(borders, uniform, side="right")
    start, end = microseconds(campaign.starts_at), microseconds(campaign.ends_at)
    waited = stream(campaign.seed, "exposure", campaign.key).random(size) * (end - start)
    keys = pa.array([one.key for one in campaign.variants])
    return Assignments(
        campaign.key,
        pa.table(
            {
                "member_id": member_ids,
                "variant": keys.take(pa.array(variant)),
                "exposed_at": timestamps(start + waited.astype(np.int64)),
            }
        ),
    )


def drop_exposures(
    assignments: Assignments, variant: str, share: float, *, seed: int
) -> Assignments:
    """Lose a random share of one variant's exposures, as broken logging does.

    The members keep what the variant did to them: simulate the outcomes from the full assignments
    and log the exposures of what is left.

    Raises:
        InvalidSimulation: The share is none, or no exposure has the variant.
    """
    demand_share("share of lost exposures", share)
    demand_seed(seed)
    hit = pc.equal(assignments.table["variant"], variant).to_numpy()
    known = pc.unique(assignments.table["variant"]).to_pylist()
    demand(bool(hit.any()), "variant", variant, f"one of {', '.join(sorted(known))}")
    drawn = stream(seed, "lost exposures", assignments.campaign, variant).random(hit.size)
    return Assignments(
        assignments.campaign, assignments.table.filter(pa.array(~hit | (drawn >= share)))
    )
