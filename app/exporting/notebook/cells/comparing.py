"""Notes what was computed here beside what the report says, and judges the differences."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = dict[str, Any]  # a JSON object of the report

TOLERANCE = 1e-9
# What the plan says, or what names a thing: no result.
SETTINGS = {
    "alpha", "margin", "minimum_units", "non_inferiority_margin", "goal", "closes_after_days",
    "start_days", "end_days", "planned_share", "threshold", "minimum_days", "planned_effect",
    "forecast_share", "days", "values_left_out", "fixed_minor", "quantile",
}  # fmt: skip
SETTING_PARTS = {
    "plan", "deviations", "sentences", "definition", "window", "schema_version", "phase",
    "currency_exponent", "scaling",
}  # fmt: skip
# What no row of the analysis tells, and why.
ELSEWHERE = {
    "facts": "logged facts are counted in the database, repeats included",
    "exposures": "logged exposures are counted in the database, repeats included",
    "crossovers": "units seen in two variants are left out of the rows",
    "events": "logged events are counted in the database",
    "other_currencies": "events in other currencies are left out of the rows",
    "enrolment": "members who were never assigned have no row",
    "findings": "this check reads logs that the rows do not hold",
    "remaining": "a forecast from traffic, no result",
    "units_needed": "a plan for more units, no result",
}


class Ledger:
    """Every number of the report, and beside it what was computed here."""

    def __init__(self, report: Node, rest: str = "") -> None:
        self.report = report
        self.rest = rest  # why a figure is not computed here, where nothing else says it
        self.noted: dict[tuple[int, str | int], tuple[float | None, float, float]] = {}

    def note(
        self,
        node: Any,  # noqa: ANN401 - an object or a list of the report
        name: str | int,
        value: float | None,
        *,
        scale: float = 0.0,
        tolerance: float = TOLERANCE,
    ) -> None:
        """Note a number that belongs to `node[name]`.

        The difference is relative to the larger of both numbers, or to `scale` where that is
        larger: an effect near zero is as exact as its error, not as its own size.
        """
        if isinstance(node, list) or name in node:
            self.noted[id(node), name] = (value, scale, tolerance)

    def table(self) -> pd.DataFrame:
        """Give a row per figure of the report that is a number."""
        rows = [self._row(*leaf) for leaf in leaves(self.report)]
        return pd.DataFrame(
            rows, columns=["figure", "report", "here", "difference", "tolerance", "why"]
        )

    def _row(self, path: str, node: Any, name: str | int, value: float) -> tuple[Any, ...]:  # noqa: ANN401
        found = self.noted.get((id(node), name))
        if found is None:
            return (path, value, None, None, None, self._why(path, name))
        here, scale, tolerance = found
        if here is None or not np.isfinite(here):
            return (path, value, here, np.inf, tolerance, "")
        size = max(abs(value), abs(here), scale)
        return (path, value, here, abs(value - here) / size if size else 0.0, tolerance, "")

    def _why(self, path: str, name: str | int) -> str:
        parts = [part.split("[")[0] for part in path.split(".")]
        if any(part in SETTING_PARTS for part in parts) or name in SETTINGS:
            return "setting"
        return next((why for part, why in ELSEWHERE.items() if part in parts), self.rest)


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any, str | int, float]]:  # noqa: ANN401
    """Give every number of a JSON document: its path, where it stands, and its value."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaf(node, name, value, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _leaf(node, i, value, f"{path}[{name_of(value, i)}]")


def _leaf(
    node: Any,  # noqa: ANN401
    name: str | int,
    value: Any,  # noqa: ANN401
    path: str,
) -> Iterator[tuple[str, Any, str | int, float]]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield path, node, name, value
    else:
        yield from leaves(value, path)


def name_of(value: Any, place: int) -> str:  # noqa: ANN401
    """Name an element of a list by what it says of itself."""
    if not isinstance(value, dict):
        return str(place)
    names = ("key", "code", "metric", "variant", "treatment", "tier", "value", "day", "days")
    said = [str(value[name]) for name in names if isinstance(value.get(name), str | int | float)]
    return ", ".join(said) or str(place)


def hash_of(report: Node) -> str:
    """Give the SHA-256 by which the report names its snapshot."""
    left_out = {"as_of", "computed_at", "snapshot_hash", "sentences"}
    hashed = {name: value for name, value in report.items() if name not in left_out}
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def judge(table: pd.DataFrame) -> None:
    """Stop where a figure differs from the report by more than its tolerance."""
    compared = table[table["difference"].notna()]
    off = compared[compared["difference"] > compared["tolerance"]]
    exact = compared[compared["tolerance"] <= TOLERANCE]
    print(f"{len(compared)} figures computed here; the largest relative difference is "
          f"{exact['difference'].max():.2g} (bar {TOLERANCE:g}).")  # fmt: skip
    if len(exact) < len(compared):
        solved = compared[compared["tolerance"] > TOLERANCE]
        print(f"{len(solved)} of them are solved for numerically, by another method than the "
              f"report's; the largest relative difference is {solved['difference'].max():.2g} "
              f"(bar {solved['tolerance'].max():g}).")  # fmt: skip
    if len(off):
        message = f"{len(off)} figures are not what the report says:\n{off.to_string()}"
        raise AssertionError(message)
