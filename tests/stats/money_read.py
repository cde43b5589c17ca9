"""The money of a scorecard, read: of a world, and as numbers."""

from datetime import datetime

from stats.aggregation.aggregate import aggregate
from stats.inference.outcome import Estimate, Rate
from stats.inference.ratio_of_differences import RatioEstimate
from stats.plan import AnalysisPlan, MetricRole
from stats.scorecard import Scorecard, assemble_scorecard
from stats.scorecard.money import MoneyResult
from tests.stats.facts import in_use
from tests.stats.money_world import AS_OF, World, money_plan

OEC = in_use("repurchase_rate", MetricRole.OEC)


def scored(
    world: World, the_plan: AnalysisPlan | None = None, as_of: datetime = AS_OF
) -> Scorecard:
    """The scorecard of a world."""
    the_plan = the_plan or money_plan(OEC)
    return assemble_scorecard(the_plan, aggregate(world.facts, the_plan, as_of), computed_at=as_of)


def money_of(card: Scorecard) -> MoneyResult:
    """Its money, which is there."""
    assert card.money is not None
    return card.money


def ends(outcome: object) -> tuple[float, float, float]:
    """Estimate and both ends of what is an estimate."""
    assert isinstance(outcome, Estimate | RatioEstimate | Rate)
    return outcome.estimate, outcome.ci_low, outcome.ci_high
