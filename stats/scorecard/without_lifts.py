"""Results of a metric whose lift says nothing: every lift in them gives way to the reason why."""

import dataclasses
from typing import TypeVar, cast

from stats.errors import UndefinedStatus
from stats.inference.outcome import Undefined
from stats.sentence import said

Result = TypeVar("Result")
NO_LIFT = Undefined(
    UndefinedStatus.LIFT_SAYS_NOTHING,
    said("The size of this metric has no meaning to compare with: read the difference."),
)


def without_lifts(result: Result) -> Result:
    """Give the same result, every `lift` in it undefined, and no other share of the control."""
    if isinstance(result, tuple):
        return cast("Result", tuple(without_lifts(one) for one in result))
    if not dataclasses.is_dataclass(result) or isinstance(result, type):
        return result
    changed: dict[str, object] = {}
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if field.name == "lift" and value is not None:
            changed[field.name] = NO_LIFT
        elif field.name == "smallest_lift":
            changed[field.name] = None
        elif dataclasses.is_dataclass(value) or isinstance(value, tuple):
            held = without_lifts(value)
            if held != value:
                changed[field.name] = held
    return dataclasses.replace(result, **changed) if changed else result
