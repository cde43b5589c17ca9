"""All that is calibrated, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stats.calibration import coverage, false_alarms, peeking
from stats.calibration.study import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stats.calibration.study import Study

SECTIONS: Final = (
    Section(
        "false-alarms",
        "False alarms",
        "Both variants are the same (A/A), so every significant result is wrong. A test at 5 %\n"
        "has to be wrong in 5 % of runs: more often and nobody can rely on it, less often and it\n"
        "misses effects. For a lift, the share of intervals that leave out 0.",
        "significant",
        false_alarms.STUDIES,
    ),
    Section(
        "peeking",
        "Peeking",
        "Still A/A, but each campaign is looked at again and again, and stopped at the first "
        "significant result. The share counts campaigns with at least one.",
        "ever significant",
        peeking.STUDIES,
    ),
    Section(
        "coverage",
        "Coverage",
        "Few units and very skewed revenue, without and with a true lift: how often the 95 % "
        "interval holds the truth.",
        "hold the truth",
        coverage.STUDIES,
    ),
)
"""The tables."""

STUDIES: Final[Mapping[str, Study]] = {
    study.key: study for section in SECTIONS for study in section.studies
}
"""Every study by its key."""
