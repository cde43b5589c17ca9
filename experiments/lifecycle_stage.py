"""Decides in which stage of its life a membership is, by how often and how lately it was used."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from experiments.document import Document
from experiments.score import WindowDays


class LifecycleStage(StrEnum):
    """Where a member stands; exactly one of these."""

    POTENTIAL = "potential"
    NEW = "new"
    ACTIVE = "active"
    LOYAL = "loyal"
    DORMANT = "dormant"
    LOST = "lost"


class Lifecycle(Document):
    """The rule; the first line that holds decides.

    A sign of life is an order or an activity. A member without any order is `potential`; without a
    sign of life for `lost_days` `lost`, for `dormant_days` `dormant`; with a first order in the
    last `new_days` `new`; with `loyal_orders` orders in the last `active_days` `loyal`; every other
    `active`.

    Attributes:
        new_days: For how many days after the first order a member is new.
        active_days: Over how many days orders count for loyalty.
        loyal_orders: How many of them make a member loyal.
        dormant_days: After how many days without a sign of life a member is dormant.
        lost_days: After how many of them a member is lost.
    """

    new_days: WindowDays = 30
    active_days: WindowDays = 365
    loyal_orders: Annotated[int, Field(strict=True, ge=1)] = 4
    dormant_days: WindowDays = 90
    lost_days: WindowDays = 365

    @field_validator("lost_days")
    @classmethod
    def _after_dormant(cls, lost: int, info: ValidationInfo) -> int:
        dormant = info.data.get("dormant_days")
        if dormant is not None and lost <= dormant:
            message = f"must be more than dormant_days, which is {dormant}"
            raise ValueError(message)
        return lost
