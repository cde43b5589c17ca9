"""Does another campaign on the same members disturb this one?

Campaigns that share members do no harm while each splits for itself: then the other's variants are
spread alike over ours, and cancel in our comparison. Three things can go wrong, each tested on
every campaign that shares at least 1 % of our units:

- its split depends on ours (Pearson's test of independence), so that our difference has its effect;
- our variants enter it unequally often, so that it comes after our treatment;
- our effect is another one in each of its variants (Cochran's Q over the differences), so that the
  result holds for the mixture only.

Source: Kohavi, Tang and Xu (2020), section 4 (concurrent experiments); Cochran (1954).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scipy.special import chdtrc

from stats.aggregation.aggregates import Aggregates
from stats.aggregation.overlaps import OverlapCell, Overlaps
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.checks.shares import SMALLEST_EXPECTED
from stats.errors import TooFewCells
from stats.inference.cell_effect import cell_effects
from stats.inference.interaction import interaction
from stats.inference.multiplicity import adjust
from stats.plan import AnalysisPlan
from stats.sentence import in_turn, said, units_of, with_commas

NEGLIGIBLE_SHARE: Final = 0.01
"""Sharing fewer units than this, another campaign can pass on a hundredth of its effect at most."""
ALPHA: Final = 0.001
"""Error rate of one look for splits and entries, all campaigns together."""
INTERACTION_ALPHA: Final = 0.01
"""Error rate of one look for interactions: they are harder to see, and only a warning."""
FEWEST_UNITS: Final = 100
"""Mature units that a variant of the other campaign must have in each of ours, for its effect."""


class Question(StrEnum):
    """What is asked of another campaign."""

    SPLIT = "split"
    ENTRY = "entry"
    INTERACTION = "interaction"


@dataclass(frozen=True, slots=True)
class Answer:
    """One test on one other campaign.

    Attributes:
        campaign: Its key.
        question: What was asked.
        about: Of an interaction, our treatment; else empty.
        p_value: Uncorrected.
    """

    campaign: str
    question: Question
    about: str
    p_value: float

    @property
    def name(self) -> str:
        """How programs tell it from the others."""
        return " ".join(part for part in (self.campaign, self.question.value, self.about) if part)


def check_interference(
    plan: AnalysisPlan, aggregates: Aggregates, overlaps: Overlaps | None
) -> Finding:
    """Judge the overlaps with other campaigns.

    Args:
        plan: For the variants.
        aggregates: For the units of each.
        overlaps: Counted by `overlap_cells`; `None` where nobody handed them over.
    """
    if overlaps is None:
        return _not_run(said("The analysis was not given the exposures of other campaigns."), {})
    units = {row.variant: row.units for row in aggregates.variants}
    ours = {variant.key: units.get(variant.key, 0) for variant in plan.variants}
    total = sum(ours.values())
    shares = {
        campaign: sum(cell.units for cell in overlaps.of(campaign) if cell.variant in ours) / total
        for campaign in overlaps.campaigns
        if total
    }
    shared = {key: share for key, share in shares.items() if share >= NEGLIGIBLE_SHARE}
    noun = units_of(plan.randomization_unit)
    if not shared:
        return Finding(
            FindingCode.INTERFERENCE,
            Severity.PASSED,
            said("No other campaign on these members"),
            said(
                "No other campaign shares {negligible_share} of the {noun} or more.",
                negligible_share=f"{NEGLIGIBLE_SHARE:.0%}",
                noun=noun,
            ),
            "",
            {"shared": shares},
        )
    answers = [
        answer
        for campaign in shared
        for answer in _answers(plan, campaign, overlaps.of(campaign), ours)
    ]
    if not answers:
        return _not_run(
            said(
                "Too few {noun} are shared with {shared} for any test.",
                noun=noun,
                shared=", ".join(shared),
            ),
            {"shared": shares},
        )
    return _judged(noun, shares, _corrected(answers))


def _judged(
    noun: str, shares: Mapping[str, float], corrected: Sequence[tuple[Answer, float]]
) -> Finding:
    evidence: Evidence = {
        "shared": shares,
        "p_values": {answer.name: p_value for answer, p_value in corrected},
        "alpha": ALPHA,
        "interaction_alpha": INTERACTION_ALPHA,
    }
    found = [
        (answer, p_value)
        for answer, p_value in corrected
        if p_value < (INTERACTION_ALPHA if answer.question is Question.INTERACTION else ALPHA)
    ]
    tested = sorted({answer.campaign for answer, _ in corrected})
    named = with_commas(
        said("{key} ({shares} of these {noun})", key=key, shares=f"{shares[key]:.0%}", noun=noun)
        for key in tested
    )
    if not found:
        return Finding(
            FindingCode.INTERFERENCE,
            Severity.PASSED,
            said("Other campaigns do not disturb"),
            said(
                "Shared with {named}; their variants are spread alike over these, and "
                "the effect is the same in each.",
                named=named,
            ),
            "",
            evidence,
        )
    sentences = in_turn(_sentence(noun, answer, p_value) for answer, p_value in found)
    if any(answer.question is Question.SPLIT for answer, _ in found):
        return Finding(
            FindingCode.INTERFERENCE,
            Severity.FAILURE,
            said("Split of another campaign depends on ours"),
            said("Shared with {named}. {sentences}", named=named, sentences=sentences),
            said(
                "Do not decide by these results: part of the difference belongs to the "
                "other campaign. Let the two exclude one another in a layer, and start a "
                "new phase."
            ),
            evidence,
        )
    return Finding(
        FindingCode.INTERFERENCE,
        Severity.WARNING,
        said("Another campaign may disturb this one"),
        said("Shared with {named}. {sentences}", named=named, sentences=sentences),
        said(
            "Read the effect per variant of the other campaign, and let the two "
            "exclude one another in a layer next time."
        ),
        evidence,
    )


def _sentence(noun: str, answer: Answer, p_value: float) -> str:
    match answer.question:
        case Question.SPLIT:
            what = said(
                "The variants of {campaign} are spread unequally over ours",
                campaign=answer.campaign,
            )
        case Question.ENTRY:
            what = said(
                "Our variants have unequal shares of {noun} in {campaign}",
                noun=noun,
                campaign=answer.campaign,
            )
        case Question.INTERACTION:
            what = said(
                "The effect of {about} differs between the variants of {campaign}",
                about=answer.about,
                campaign=answer.campaign,
            )
    return said("{what} (p = {p_value}).", what=what, p_value=f"{p_value:.2g}")


def _corrected(answers: Sequence[Answer]) -> list[tuple[Answer, float]]:
    """Correct interactions and the other tests apart: their error rates differ."""
    corrected = []
    for of_effects, alpha in ((False, ALPHA), (True, INTERACTION_ALPHA)):
        family = [a for a in answers if (a.question is Question.INTERACTION) is of_effects]
        tests = adjust([answer.p_value for answer in family], alpha=alpha)
        corrected += [(a, test.p_value) for a, test in zip(family, tests, strict=True)]
    return corrected


def _answers(
    plan: AnalysisPlan, campaign: str, cells: Sequence[OverlapCell], ours: Mapping[str, int]
) -> Iterator[Answer]:
    others = sorted({cell.other for cell in cells if cell.other is not None})
    counts = {(cell.variant, cell.other): cell.units for cell in cells}
    split = [[counts.get((variant, other), 0) for other in others] for variant in ours]
    inside = {
        variant: sum(cell.units for cell in cells if cell.variant == variant) for variant in ours
    }
    entry = [[inside[variant], units - inside[variant]] for variant, units in ours.items()]
    for question, table in ((Question.SPLIT, split), (Question.ENTRY, entry)):
        p_value = independence(table)
        if p_value is not None:
            yield Answer(campaign, question, "", p_value)
    known = [
        (cell.variant, cell.summary, cell.other)
        for cell in cells
        if cell.variant in ours and cell.other is not None and cell.summary is not None
    ]
    for treatment in plan.treatments:
        effects = cell_effects(
            known,
            control=plan.control.key,
            treatment=treatment.key,
            alpha=plan.alpha,
            minimum_units=FEWEST_UNITS,
        )
        try:
            p_value = interaction(effects).p_value
        except TooFewCells:
            continue
        yield Answer(campaign, Question.INTERACTION, treatment.key, p_value)


def independence(table: Sequence[Sequence[int]]) -> float | None:
    """Give Pearson's p-value of rows and columns being independent.

    Rows and columns of nothing are left out. None where fewer than two of each are left, or where
    too few are expected in a cell.
    """
    rows = [row for row in table if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)] if rows else []
    if min(len(rows), len(columns)) < 2:  # noqa: PLR2004 - independence takes two of each
        return None
    row_totals = [sum(row) for row in rows]
    total = sum(row_totals)
    chi2 = 0.0
    for column in columns:
        for observed, row_total in zip(column, row_totals, strict=True):
            expected = row_total * sum(column) / total
            if expected < SMALLEST_EXPECTED:
                return None
            chi2 += (observed - expected) ** 2 / expected
    return float(chdtrc((len(rows) - 1) * (len(columns) - 1), chi2))


def _not_run(reason: str, evidence: Evidence) -> Finding:
    return Finding.not_checked(
        FindingCode.INTERFERENCE, said("Interference"), reason, evidence=evidence
    )
