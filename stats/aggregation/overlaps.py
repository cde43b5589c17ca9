"""Units that are in other campaigns at the same time: counts and sums; no engine."""

from dataclasses import dataclass

from stats.summary import MeanSummary, RatioSummary


@dataclass(frozen=True, slots=True)
class OverlapCell:
    """Our units of one variant that are in one variant of another campaign.

    Attributes:
        campaign: Key of the other campaign.
        variant: Our variant.
        other: Its variant; `None` for units seen in several of them.
        units: Units that count with us.
        summary: The OEC over those of them that are mature; `None` where it was not asked for.
    """

    campaign: str
    variant: str
    other: str | None
    units: int
    summary: MeanSummary | RatioSummary | None = None


@dataclass(frozen=True, slots=True)
class Overlaps:
    """All cells, by campaign, variant and other variant; empty where nothing overlaps."""

    cells: tuple[OverlapCell, ...]

    @property
    def campaigns(self) -> tuple[str, ...]:
        """Keys of the other campaigns, sorted."""
        return tuple(sorted({cell.campaign for cell in self.cells}))

    def of(self, campaign: str) -> tuple[OverlapCell, ...]:
        """Give the cells of one other campaign."""
        return tuple(cell for cell in self.cells if cell.campaign == campaign)
