"""Reads the sums of units, as the service added them up, where no rows were given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from app.exporting.notebook.cells.funnel import FunnelCounts, StepCount
from app.exporting.notebook.cells.sums import Counts, Sums, Table


def read_sums() -> Table:
    """Read the sums of every metric."""
    given = json.loads(Path("data/sums.json").read_text(encoding="utf-8"))
    sums = {
        (one["metric"], one["slice"], one["value"], one["variant"]): Sums(
            one["n"], np.array(one["totals"], dtype=float), np.array(one["centred"], dtype=float)
        )
        for one in given["sums"]
    }
    counts = {
        (one["metric"], one["variant"]): Counts(
            one["units"], one["nonzero"], None, None, one["capped_units"]
        )
        for one in given["counts"]
    }
    return Table(sums, counts, given["units"], given["caps"], given["withheld"])


def read_funnel() -> FunnelCounts:
    """Read the counts of every step."""
    given = json.loads(Path("data/sums.json").read_text(encoding="utf-8"))["funnel"]
    steps = {
        (one["tier"], one["step"], one["variant"]): StepCount(
            one["mature"], one["passed"], one["before"]
        )
        for one in given["steps"]
    }
    units = {(one["tier"], one["variant"]): one["units"] for one in given["units"]}
    return FunnelCounts(steps, units)
