"""Composes the funnel by tier at assignment: exploratory, whatever it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.known_names import known
from app.report.outcomes import show_difference, show_value
from app.report.words import Unit, name_of, plain
from stats.inference.outcome import Estimate
from stats.plan.funnel import ASSIGNED
from stats.scorecard import Enrolment
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard import FunnelResult, FunnelStepVariant, FunnelTier
    from stats.scorecard.comparison import Comparison

NO_TIER: Final = said("Tier unknown or not on the ladder")
NO_OFFER: Final = said("shows no offer")


def tier_blocks(view: ReportView, funnel: FunnelResult, formats: Formats) -> tuple[Block, ...]:
    """Compose the block of tiers, if there is any."""
    if not funnel.by_tier:
        return ()
    plan, level = view.scorecard.plan, formats.level(view.scorecard.alpha)
    unit = Unit.of(plan.randomization_unit)
    minimum = plan.funnel.minimum_units if plan.funnel else 0
    few = unit.counted(minimum, formats.count(minimum).text)
    return (
        Block(
            title=said("By tier at assignment"),
            tag=said("exploratory"),
            notes=(
                (
                    said(
                        "Shares are of all assigned {unit} of the tier. A tier with fewer than "
                        "{few} in a variant is counted and not shown. Among so many numbers some "
                        "differ by chance.",
                        unit=unit.many,
                        few=few,
                    )
                ),
            ),
            table=Table(
                said("Funnel by tier at assignment"),
                said("Step"),
                tuple(
                    Column(
                        name_of(view, variant.key).name,
                        said("share, {level} interval", level=level),
                    )
                    for variant in plan.variants
                ),
                tuple(_group(view, tier, funnel, unit, formats) for tier in funnel.by_tier),
            ),
            fold=said("The funnel of each tier"),
        ),
    )


def _group(
    view: ReportView, tier: FunnelTier, funnel: FunnelResult, unit: Unit, formats: Formats
) -> Group:
    total = sum(tier.units.values())
    heading = said(
        "{name}: {counted} assigned",
        name=_name(view, tier.tier),
        counted=unit.counted(total, formats.count(total).text),
    )
    if not tier.shown:
        return Group(said("{heading}, too few to be shown apart", heading=heading), ())
    names = {step.key: known(plain(step.name or step.key)) for step in funnel.steps}
    return Group(
        heading,
        tuple(
            Line(
                names[step.key],
                tuple(
                    _cell(
                        row,
                        next((c for c in step.comparisons if c.treatment == row.variant), None),
                        formats,
                    )
                    for row in step.variants
                ),
            )
            for step in tier.steps
            if step.key != ASSIGNED
        ),
    )


def _cell(row: FunnelStepVariant, comparison: Comparison | None, formats: Formats) -> Cell:
    if not row.takes_part and not row.units:
        return Cell(words=NO_OFFER)
    words = ""
    if comparison is not None and isinstance(comparison.difference, Estimate):
        shown = show_difference(comparison.difference, formats, Scale.POINTS)
        if shown.estimate and shown.low and shown.high:
            words = said(
                "{estimate} ({low} to {high})",
                estimate=shown.estimate.text,
                low=shown.low.text,
                high=shown.high.text,
            )
    return Cell(show_value(row.share, formats, Scale.SHARE), words=words)


def _name(view: ReportView, tier: str | None) -> str:
    if tier is None:
        return NO_TIER
    found = view.scorecard.enrolment
    names = {one.tier: one.name for one in found.by_tier} if isinstance(found, Enrolment) else {}
    return plain(names.get(tier) or tier)
