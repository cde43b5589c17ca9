"""The counts of a funnel over all assigned, per variant and tier."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StepCount:
    """One step.

    Attributes:
        mature: Units whose time for the step is over.
        passed: Those of them that passed it.
        before: Those of them that passed the step before it on its track.
    """

    mature: int = 0
    passed: int = 0
    before: int = 0

    def __add__(self, other: "StepCount") -> "StepCount":
        """Add up."""
        return StepCount(
            self.mature + other.mature, self.passed + other.passed, self.before + other.before
        )


@dataclass(frozen=True, slots=True)
class FunnelCell:
    """The assigned units of one variant that had one tier at assignment.

    Attributes:
        variant: Its key.
        tier: Key of the tier; `None` where it is unknown or not on the ladder.
        units: All of them, mature or not.
        exposed: The step of the exposure.
        steps: The steps of the plan, in its order.
    """

    variant: str
    tier: str | None
    units: int
    exposed: StepCount
    steps: tuple[StepCount, ...] = field(default=())

    @classmethod
    def total(cls, variant: str, cells: Sequence["FunnelCell"], steps: int) -> "FunnelCell":
        """Add up cells of one variant.

        Args:
            variant: Its key.
            cells: Some or none.
            steps: How many steps the plan has.
        """
        return cls(
            variant,
            None,
            sum(cell.units for cell in cells),
            sum((cell.exposed for cell in cells), StepCount()),
            tuple(sum((cell.steps[i] for cell in cells), StepCount()) for i in range(steps)),
        )
