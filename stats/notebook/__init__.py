"""Analyse a campaign in a notebook: the same statistics as the service, on tables at hand.

    from stats.notebook import analyse

    analysis = analyse(exposures, conversions, metrics=["spend_per_member", "repurchase_rate"])
    analysis                      # the scorecard
    analysis.table()              # a pandas frame
    analysis.plot_intervals()     # an Altair chart

Three inputs: facts (`analyse`), one row per unit (`analyse_units`), means and variances that
somebody computed already (`analyse_summaries`); and `drivers`, a regression of who converts.
"""

from stats.notebook.analysis import Analysis
from stats.notebook.driver_results import DriverTable, drivers
from stats.notebook.facts import analyse, analyse_facts
from stats.notebook.summaries import SummaryAnalysis, analyse_summaries
from stats.notebook.units import UnitAnalysis, analyse_units

__all__ = [
    "Analysis",
    "DriverTable",
    "SummaryAnalysis",
    "UnitAnalysis",
    "analyse",
    "analyse_facts",
    "analyse_summaries",
    "analyse_units",
    "drivers",
]
