"""Sufficient statistics of one variant: all that inference ever sees of the members."""

from stats.summary.means import ROUNDING, MeanSummary, RatioSummary
from stats.summary.order_statistics import (
    OrderStatistic,
    QuantileRanks,
    QuantileSummary,
    centre_rank,
    quantile_ranks,
)
from stats.summary.times import SurvivalSummary

__all__ = [
    "ROUNDING",
    "MeanSummary",
    "OrderStatistic",
    "QuantileRanks",
    "QuantileSummary",
    "RatioSummary",
    "SurvivalSummary",
    "centre_rank",
    "quantile_ranks",
]
