"""What will be analysed and how, fixed before anyone looks.

A plan is stored with the phase at launch and never changes afterwards; it is all that the analysis
knows of the campaign.
"""

from stats.plan.analysis import AnalysisPlan
from stats.plan.funnel import Funnel, FunnelStep, Track
from stats.plan.looks import LookKind, Looks, PowerGoal, Spending
from stats.plan.metrics import Cap, Covariate, LiftMethod, MetricInUse, MetricRole
from stats.plan.money import MarginKnown, MoneyPlan, VariantCost
from stats.plan.rules import DecisionRule, DecisionScale, EstimateUsed, Multiplicity, SegmentBy
from stats.plan.variants import Basis, CrossoverRule, PlannedVariant, RandomizationUnit

__all__ = [
    "AnalysisPlan",
    "Basis",
    "Cap",
    "Covariate",
    "CrossoverRule",
    "DecisionRule",
    "DecisionScale",
    "EstimateUsed",
    "Funnel",
    "FunnelStep",
    "LiftMethod",
    "LookKind",
    "Looks",
    "MarginKnown",
    "MetricInUse",
    "MetricRole",
    "MoneyPlan",
    "Multiplicity",
    "PlannedVariant",
    "PowerGoal",
    "RandomizationUnit",
    "SegmentBy",
    "Spending",
    "Track",
    "VariantCost",
]
