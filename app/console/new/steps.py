"""Which steps the form has, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.console.new.audience import AudienceStep
from app.console.new.checklist import ChecklistStep
from app.console.new.goal import GoalStep
from app.console.new.metrics import MetricsStep
from app.console.new.schedule import ScheduleStep
from app.console.new.size import SizeStep
from app.console.new.variants import VariantsStep

if TYPE_CHECKING:
    from app.console.new.step import Step

STEPS: Final[tuple[Step, ...]] = (
    GoalStep(),
    AudienceStep(),
    VariantsStep(),
    MetricsStep(),
    SizeStep(),
    ScheduleStep(),
    ChecklistStep(),
)
"""The first one opens a form; the last one makes the campaign."""
