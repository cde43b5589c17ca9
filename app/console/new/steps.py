"""Which steps the form has, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.console.new.audience import AudienceStep
from app.console.new.goal import GoalStep

if TYPE_CHECKING:
    from app.console.new.step import Step

STEPS: Final[tuple[Step, ...]] = (GoalStep(), AudienceStep())
"""The first one opens a form; the last one makes the campaign."""
