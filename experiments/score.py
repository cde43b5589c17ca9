"""Decides what a score is made of: measures of a member, each with a weight, a window and a cap.

How the measures are computed from facts is `experiments.programme_run`; here is what a document may
say of them.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, PlainSerializer, ValidationInfo, field_validator

from experiments.document import Document

DEFAULT_WINDOW_DAYS: Final = 365

WindowDays = Annotated[int, Field(strict=True, ge=1, le=36_500)]
"""Whole days in the programme's zone, the day of the computation included."""

Factor = Annotated[
    Decimal,
    Field(gt=0, le=1_000, decimal_places=4),
    PlainSerializer(float, return_type=float, when_used="json"),
]
"""A weight: above 0, with at most four decimals."""

Rate = Annotated[
    Decimal,
    Field(ge=0, le=1, decimal_places=4),
    PlainSerializer(float, return_type=float, when_used="json"),
]
"""A part of 1, with at most four decimals."""

Points = Annotated[
    Decimal,
    Field(ge=0, le=100, decimal_places=2),
    PlainSerializer(float, return_type=float, when_used="json"),
]
"""A score between 0 and 100, with at most two decimals."""


class Measure(StrEnum):
    """What is counted of a member.

    Money is in minor units of the programme's currency and net of refunds.
    """

    SPEND = "spend"
    FREQUENCY = "frequency"
    ENGAGEMENT = "engagement"
    TENURE = "tenure"
    REFERRALS = "referrals"
    AVERAGE_ORDER_VALUE = "average_order_value"


class _Counted(Document):
    """A measure over a window.

    Attributes:
        measure: What is counted.
        window_days: Over how many days up to the computation. Of tenure none: it counts from the
            day on which the member joined.
    """

    measure: Measure
    window_days: Annotated[WindowDays | None, Field(validate_default=True)] = None

    @field_validator("window_days")
    @classmethod
    def _has_a_window(cls, days: int | None, info: ValidationInfo) -> int | None:
        measure = info.data.get("measure")
        if measure is Measure.TENURE:
            if days is not None:
                message = "tenure has no window: it counts from the day the member joined"
                raise ValueError(message)
            return None
        return DEFAULT_WINDOW_DAYS if days is None else days


class Path(_Counted):
    """A way to a tier: a measure that reaches a threshold.

    Attributes:
        threshold: Minor units of spend and average order value; orders, active days, days since
            joining, or referrals.
    """

    threshold: Annotated[int, Field(strict=True, ge=1)]


class ScoredMeasure(_Counted):
    """A part of the score.

    Attributes:
        weight: Its part of the whole is the weight over the sum of the weights.
        full_at: The value that gives all of its points; more gives no more.
    """

    weight: Factor
    full_at: Annotated[int, Field(strict=True, ge=1)]


class Score(Document):
    """The score: 100 times the weighted mean of min(value, full_at) / full_at.

    Attributes:
        version: Raised by whoever changes the measures; it stands with every computed score.
        measures: What it is made of, each once.
    """

    version: Annotated[int, Field(strict=True, ge=1)] = 1
    measures: Annotated[tuple[ScoredMeasure, ...], Field(min_length=1)]

    @field_validator("measures")
    @classmethod
    def _each_once(cls, measures: tuple[ScoredMeasure, ...]) -> tuple[ScoredMeasure, ...]:
        names = [one.measure for one in measures]
        if len(set(names)) < len(names):
            message = f"each measure stands once; these are {', '.join(names)}"
            raise ValueError(message)
        return measures
