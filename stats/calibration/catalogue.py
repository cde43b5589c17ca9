"""All that is calibrated, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stats.calibration import (
    amounts,
    coverage,
    false_alarms,
    families,
    guardrails,
    peeking,
    power,
    sample_ratio,
    small_samples,
    strata,
    times,
    unit_rows,
)
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
        (
            *false_alarms.STUDIES,
            *amounts.STUDIES,
            *strata.STUDIES,
            *times.STUDIES,
            *unit_rows.STUDIES,
        ),
    ),
    Section(
        "small-samples",
        "Few units",
        "Still A/A. Exact tests promise *at most* 5 %, whatever the size, and are declared\n"
        "conservative: with few units they cannot reach 5 % from below.",
        "significant",
        small_samples.STUDIES,
    ),
    Section(
        "families",
        "Several tests together",
        "Still A/A. For several treatments, the share of campaigns in which any of them is called\n"
        "significant; for segments and cohorts, how often the one effect of all is called several.",
        "significant",
        families.STUDIES,
    ),
    Section(
        "guardrails",
        "Guardrails",
        "The treatment is worse by exactly the margin of 5 %. To call it safe is an error, which\n"
        "a one-sided test at 5 % makes in 5 % of runs.",
        "called safe",
        guardrails.STUDIES,
    ),
    Section(
        "sample-ratio",
        "Sample ratio",
        "Every unit goes where the plan says, so each alarm is false.",
        "alarm",
        sample_ratio.STUDIES,
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
    Section(
        "power",
        "Power",
        "There is an effect, and units enough to find it in 80 % of campaigns, if planning is\n"
        "right about the outcome and its spread. The bar is what was planned.",
        "found",
        power.STUDIES,
    ),
)
"""The tables."""

STUDIES: Final[Mapping[str, Study]] = {
    study.key: study for section in SECTIONS for study in section.studies
}
"""Every study by its key."""
