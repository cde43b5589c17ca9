"""Sufficient statistics of one variant: all that inference ever sees of the members."""

from stats.summary.means import ROUNDING, MeanSummary, RatioSummary
from stats.summary.order_statistics import (
    OrderStatistic,
    QuantileRanks,
    QuantileSummary,
    centre_rank,
    quantile_ranks,
)
from stats.summary.patterns import MISSING, DriverPatterns, Pattern
from stats.summary.times import SurvivalSummary

__all__ = [
    "MISSING",
    "ROUNDING",
    "DriverPatterns",
    "MeanSummary",
    "OrderStatistic",
    "Pattern",
    "QuantileRanks",
    "QuantileSummary",
    "RatioSummary",
    "SurvivalSummary",
    "centre_rank",
    "quantile_ranks",
]
