"""Computes tiers, fifths and previews of the shop's customers from the raw file, with pandas.

Nothing here comes from Tierlift: the rules of ``docs/tutorial/programme.md`` are written down a
second time, over columns of naive London times, and a tier is followed from month to month.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

LADDER: Final = {"bronze": None, "silver": 30_000, "gold": 100_000, "platinum": 300_000}
QUALIFYING_DAYS: Final = 180
VALIDITY_DAYS: Final = 90
MARGIN: Final = 0.4
MOMENTS: Final = pd.date_range("2011-01-01", "2011-12-01", freq="MS")


def spend(invoices: pd.DataFrame, moment: pd.Timestamp, days: int = QUALIFYING_DAYS) -> pd.Series:
    """Give net pence by member of the days before a midnight."""
    begins = moment - pd.Timedelta(days=days)
    within = invoices[(invoices["at"] < moment) & (invoices["at"] >= begins)]
    signed = within["pence"].where(~within["cancelled"], -within["pence"])
    everybody = np.sort(invoices["member_id"].unique())
    return signed.groupby(within["member_id"]).sum().reindex(everybody, fill_value=0)


def reached(spent: pd.Series, ladder: dict[str, int | None] = LADDER) -> pd.Series:
    """Give the place of the highest tier whose threshold a spend reaches."""
    edges = [0, *(edge for edge in ladder.values() if edge is not None)]
    return pd.Series(np.searchsorted(edges, spent.clip(lower=0), side="right") - 1, spent.index)


@dataclass
class Tiers:
    """The tier of every member, from moment to moment.

    Attributes:
        place: On the ladder.
        since: From when.
        risen: Changes upwards at the latest moment.
        fallen: Changes downwards at the latest moment.
    """

    place: pd.Series = field(default_factory=pd.Series)
    since: pd.Series = field(default_factory=pd.Series)
    risen: int = 0
    fallen: int = 0

    def to(self, invoices: pd.DataFrame, moment: pd.Timestamp) -> pd.Series:
        """Give the members by tier at the next moment."""
        now = reached(spend(invoices, moment))
        if self.place.empty:
            self.place, self.since = now, pd.Series(moment, now.index)
        else:
            may_fall = self.since + pd.Timedelta(days=VALIDITY_DAYS) <= moment
            rises, falls = now > self.place, (now < self.place) & may_fall
            moved = rises | falls
            self.risen, self.fallen = int(rises.sum()), int(falls.sum())
            self.place = self.place.where(~moved, now)
            self.since = self.since.where(~moved, moment)
        names = dict(enumerate(LADDER))
        return self.place.map(names).value_counts().reindex(list(LADDER), fill_value=0)


def fifths(invoices: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """Give recency, frequency and monetary, 1 to 5, of the members who ordered, and their group."""
    before = invoices[invoices["at"] < moment]
    orders = before[~before["cancelled"]]
    signed = before["pence"].where(~before["cancelled"], -before["pence"])
    values = pd.DataFrame(
        {
            "rfm_recency": orders.groupby("member_id")["at"].max(),
            "rfm_frequency": orders.groupby("member_id").size(),
        }
    )
    values["rfm_monetary"] = signed.groupby(before["member_id"]).sum()
    found = pd.DataFrame(index=values.index)
    for name in values:
        in_order = values[name].reset_index().sort_values([name, "member_id"])["member_id"]
        for part, members in enumerate(np.array_split(in_order.to_numpy(dtype=object), 5), 1):
            found.loc[list(members), name] = part
    found = found.astype(int)
    worth = found["rfm_frequency"] + found["rfm_monetary"]
    found["rfm_group"] = np.select(
        [
            (found["rfm_recency"] >= 4) & (worth >= 8),
            found["rfm_recency"] >= 3,
            worth >= 7,
        ],
        ["high_value", "potential", "at_risk"],
        "dormant",
    )
    return found


def value_so_far(invoices: pd.DataFrame, moment: pd.Timestamp) -> pd.Series:
    """Give net pence times the margin, to the penny, half up."""
    return np.floor(spend(invoices, moment, 36_500) * MARGIN + 0.5).astype(int)


def progress(invoices: pd.DataFrame, moment: pd.Timestamp, place: pd.Series) -> pd.Series:
    """Give the part of the next tier's threshold that is covered; none at the top."""
    edges = np.array([edge or 0 for edge in LADDER.values()])
    spent = spend(invoices, moment).clip(lower=0)
    below = place[place < len(edges) - 1]
    return (spent[below.index] / edges[below + 1]).clip(upper=1.0)
