"""All that is calibrated, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stats.calibration import (
    amounts,
    coverage,
    edge,
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
    whole,
)
from stats.calibration.study import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stats.calibration.study import Study

EDGE: Final = """\
Every test here leans on means that are nearly normal. In an even split the skewness of both
variants cancels, and 5,000 units were enough for all that is above. In an uneven one it does not:
the smaller variant has to have enough units for itself. Edgeworth's expansion of a t statistic
(Hall, 1992, *The Bootstrap and Edgeworth Expansion*, section 2.6) says how many take the error
rate to within half a percentage point of 5 %, by the skewness s of one unit's value:

- **50 s²** in the smaller variant for a two-sided test, whose error is about 0.25 s²/n;
- **490 s²** for a one-sided test, and so for a guardrail: its error is about 0.11 s/√n on either
  side, which vanishes slowly. (Kohavi and others, 2014, *Seven rules of thumb for web site
  experimenters*, ask for 355 s² so that each tail of a two-sided test is right.)

| metric | skewness | two-sided | one-sided, guardrails |
|---|---:|---:|---:|
| a share of 38 % | 0.5 | 100 | 120 |
| a share of 10 % | 2.7 | 360 | 3,500 |
| a share of 1 % | 9.8 | 4,800 | 48,000 |
| a share of 0.1 % | 32 | 50,000 | 490,000 |
| revenue per member, as here | 10.4 | 5,400 | 53,000 |
| the same, winsorised at its 99th percentile | 3.8 | 730 | 7,200 |

A share p has the skewness (1 - 2p)/√(p(1 - p)). Whoever has fewer units takes a larger share for
the smaller variant, winsorises, or asks two-sided questions. A correction would need third
moments, which are not aggregated. The rows below have no bar. They show what is reported with
fewer units, and at looks that come early: error rates; how often a guardrail at its margin is
called safe, which should be 5 %; and how often a planned effect is found."""

SECTIONS: Final = (
    Section(
        "false-alarms",
        "False alarms",
        "Both variants are the same (A/A), so every significant result is wrong. A test at 5 %\n"
        "has to be wrong in 5 % of runs: more often and nobody can rely on it, less often and it\n"
        "misses effects. For a lift, the share of intervals that leave out 0.\n\n"
        "Uneven splits have the units that the skewness of the metric takes; the section *Where\n"
        "the approximation ends* says how many those are, and shows what fewer do.",
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
        "The treatment is worse by exactly the margin of 5 %: lower by so much, or higher where\n"
        "lower is better. To call it safe is an error, which a one-sided test at 5 % makes in 5 %\n"
        "of runs.",
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
        "Still A/A, but each campaign is looked at again and again, and stopped at the first\n"
        "significant result. The share counts campaigns with at least one. A look at fewer than\n"
        "100 units in a variant, or fewer than 20 outcomes expected in the smaller one, is "
        "refused.\nA planned look asks for more outcomes in an uneven split, 306 at 20:1 and 43 at "
        "the last one,\nand spends nothing where it is refused; [looking before the end]"
        "(peeking.md) says why.",
        "ever significant",
        peeking.STUDIES,
    ),
    Section(
        "coverage",
        "Coverage",
        "Few units and very skewed revenue, without and with a true lift, and an effect that\n"
        "wears off: how often the 95 % interval holds the truth.",
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
    Section(
        "whole",
        "The whole way, with fewer runs",
        "What takes too long for 20,000 runs; the standard errors are larger accordingly. A\n"
        "scorecard with planned looks at several treatments, under A/A: the share of campaigns in\n"
        "which it ever calls one of them significant. Holm keeps that at 5 % or less. A look that\n"
        "the scorecard refuses spends nothing. And, still A/A, the regression that needs every "
        "unit.",
        "significant",
        (*whole.STUDIES, *unit_rows.FEWER_RUNS),
    ),
    Section("edge", "Where the approximation ends", EDGE, "share", edge.STUDIES),
)
"""The tables."""

STUDIES: Final[Mapping[str, Study]] = {
    study.key: study for section in SECTIONS for study in section.studies
}
"""Every study by its key."""
