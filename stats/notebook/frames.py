"""Tidy pandas frames: one row per comparison, per variant's value, or per look."""

from collections.abc import Sequence
from dataclasses import fields

import pandas as pd

from stats.notebook.course import CoursePoint
from stats.notebook.effect import Effect, Level, Measure

MEASURE = ("metric", "name", "role", "unit")


def _measure(measure: Measure) -> dict[str, object]:
    return dict(zip(MEASURE, (measure.key, measure.name, measure.role, measure.unit), strict=True))


def _row(value: Effect | CoursePoint) -> dict[str, object]:
    own = {f.name: getattr(value, f.name) for f in fields(value) if f.name != "measure"}
    return _measure(value.measure) | own


def effects_frame(effects: Sequence[Effect]) -> pd.DataFrame:
    """Give one row per comparison; what could not be computed is missing, `status` says why."""
    columns = [*MEASURE, *(f.name for f in fields(Effect) if f.name != "measure")]
    frame = pd.DataFrame([_row(one) for one in effects], columns=columns)
    numbers = ["control_value", "treatment_value", "difference", "ci_low", "ci_high", "p_value",
               "lift", "lift_low", "lift_high", "alpha"]  # fmt: skip
    types = dict.fromkeys(numbers, "float64")
    return frame.assign(estimate=[one.estimate.value for one in effects]).astype(types)


def levels_frame(levels: Sequence[Level]) -> pd.DataFrame:
    """Give one row per metric and variant."""
    columns = [f.name for f in fields(Level)]
    return pd.DataFrame(
        [[getattr(one, name) for name in columns] for one in levels], columns=columns
    )


def course_frame(points: Sequence[CoursePoint]) -> pd.DataFrame:
    """Give one row per metric, treatment and look."""
    columns = [*MEASURE, *(f.name for f in fields(CoursePoint) if f.name != "measure")]
    numbers = [name for name in columns if name.endswith(("_low", "_high", "p_value"))]
    frame = pd.DataFrame([_row(one) for one in points], columns=columns)
    return frame.astype(dict.fromkeys([*numbers, "difference"], "float64"))
