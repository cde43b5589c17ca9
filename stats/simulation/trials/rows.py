"""A world as rows, one a unit, with the truth beside: to test from end to end, and to practise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stats.simulation.plan import demand
from stats.simulation.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stats.simulation.trials.world import TrialWorld


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """One run of a world.

    Attributes:
        world: The law.
        units: Units of each variant, by variant; the control comes first.
        lifts: Relative effect on the outcome, by variant; 0 where a variant is left out.
        seed: Of every draw.
    """

    world: TrialWorld
    units: Mapping[str, int]
    lifts: Mapping[str, float]
    seed: int

    def __post_init__(self) -> None:
        """Refuse a run that cannot be compared."""
        sound = len(self.units) > 1 and min(self.units.values()) > 0
        wanted = "two variants or more, with at least one unit each"
        demand(sound, "units", dict(self.units), wanted)
        known = self.lifts.keys() <= self.units.keys()
        demand(known, "lifts", dict(self.lifts), f"variants among {', '.join(self.units)}")

    def lift(self, variant: str) -> float:
        """Give the lift planted in a variant."""
        return self.lifts.get(variant, 0.0)


def unit_rows(plan: TrialPlan) -> pa.Table:
    """Give a row for each unit: `unit_id`, `variant`, and the world's columns.

    A variant's draws depend on the seed and on its own name, so that a further variant changes
    nothing for the others.
    """
    parts = []
    for variant, units in plan.units.items():
        rng = stream(plan.seed, "trial", plan.world.key, variant)
        values = plan.world.values(rng, units=units, lift=plan.lift(variant))
        ids = [f"{variant}-{at}" for at in range(units)]
        columns = {name: _column(values[:, at]) for at, name in enumerate(plan.world.columns)}
        parts.append(pa.table({"unit_id": ids, "variant": [variant] * units} | columns))
    return pa.concat_tables(parts)


def _column(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pa.Array:
    whole = bool(np.all(values == np.floor(values)))
    return pa.array(values.astype(np.int64)) if whole else pa.array(values)


def write_trial(directory: Path, plan: TrialPlan) -> pa.Table:
    """Write `units.parquet` and `truth.json`; files of these names are replaced.

    The truth is that of the law, not the average of the rows.
    """
    table = unit_rows(plan)
    directory.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, directory / "units.parquet")
    truth = {
        "world": plan.world.key,
        "seed": plan.seed,
        "variants": {
            variant: {
                "units": units,
                "lift": plan.lift(variant),
                "true_means": dict(
                    zip(plan.world.columns, plan.world.means(plan.lift(variant)), strict=True)
                ),
            }
            for variant, units in plan.units.items()
        },
    }
    text = json.dumps(truth, indent=2) + "\n"
    (directory / "truth.json").write_text(text, encoding="utf-8")
    return table
