"""Composes the tables of money: amounts of each treatment, their sources, and tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.block import Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.known_names import known
from app.report.metric_plot import interval_text
from app.report.money_shown import known_cost, money_difference, money_value, show_quotient
from app.report.money_words import meaning
from app.report.outcomes import show_difference
from app.report.page import MoneyPart
from app.report.plot import Plot, PlotRow, RowKind, ticks_over
from app.report.segment_blocks import UNKNOWN, interaction_words
from app.report.shown import Shown
from app.report.words import Unit, name_of, plain
from stats.inference.outcome import Certain, Estimate, Undefined
from stats.sentence import labelled, said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard.money import (
        MoneyResult,
        MoneyTier,
        MoneyTiers,
        MoneyTreatment,
        MoneyVariant,
        Scaling,
    )


def added_table(view: ReportView, result: MoneyResult, formats: Formats) -> Table:
    """Give every amount of every treatment, each with what it is."""
    level = formats.level(view.scorecard.alpha)
    several = len(result.treatments) > 1
    groups = tuple(
        Group(
            name_of(view, one.treatment).name if several else "",
            _amounts(view, one, result.scaling, formats),
        )
        for one in result.treatments
        if result.scaling is not None
    )
    return Table(
        said("Money added"),
        said("Amount"),
        (Column(said("Estimate"), said("{level} interval", level=level)),),
        groups,
    )


def _amounts(
    view: ReportView, one: MoneyTreatment, scaling: Scaling | None, formats: Formats
) -> tuple[Line, ...]:
    if scaling is None:  # pragma: no cover - a ready result has it
        return ()
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    words = meaning(view, one, scaling, formats)
    money = {
        "incremental_margin": (said("Incremental margin"), one.incremental_margin),
        "per_thousand": (said("Per 1,000 {unit}", unit=unit.many), one.per_thousand),
        "per_year": (said("Per year"), one.per_year),
        "adjusted_margin": (said("Incremental margin, adjusted"), one.adjusted_margin),
    }
    quotients = {
        "roi": (said("Incremental ROI"), one.roi, Scale.LIFT),
        "cost_per_upgrade": (
            said("Cost per incremental upgrade"),
            one.cost_per_upgrade,
            Scale.MONEY,
        ),
        "break_even_reward": (said("Break-even reward"), one.break_even_reward, Scale.MONEY),
        "affordable_per_upgrade": (
            said("Affordable reward cost per incremental upgrade"),
            one.affordable_per_upgrade,
            Scale.MONEY,
        ),
    }
    shown = {
        key: Line(title, (Cell(show_difference(outcome, formats, Scale.MONEY)),), note=words[key])
        for key, (title, outcome) in money.items()
        if outcome is not None
    } | {
        key: Line(title, (Cell(show_quotient(outcome, formats, scale)),), note=words[key])
        for key, (title, outcome, scale) in quotients.items()
        if outcome is not None
    }
    order = ("incremental_margin", "per_thousand", "per_year", *quotients, "adjusted_margin")
    return tuple(shown[key] for key in order if key in shown)


def source_table(view: ReportView, result: MoneyResult, formats: Formats) -> Table:
    """Give what units of each variant brought and cost, and the differences."""
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    level = formats.level(view.scorecard.alpha)
    upgrades = any(row.upgraded_units is not None for row in result.variants)
    columns = [
        Column(said("Gross margin"), said("{level} interval", level=level)),
        Column(said("Rewards"), said("{level} interval", level=level)),
        Column(said("Contacts")),
        Column(said("Contribution margin"), said("{level} interval", level=level)),
        Column(said("Fixed costs"), said("in all")),
    ]
    if upgrades:
        columns.append(Column(said("Upgraded")))
    control = name_of(view, view.scorecard.plan.control.key).name
    groups = [
        Group(
            said("Per {unit}", unit=unit.one),
            tuple(_source(view, row, formats, upgrades=upgrades) for row in result.variants),
        )
    ]
    if result.treatments:
        lines = tuple(_gap(view, one, formats, upgrades=upgrades) for one in result.treatments)
        groups.append(
            Group(
                said("Difference to {control}, per {unit}", control=control, unit=unit.one), lines
            )
        )
    return Table(said("Where the money comes from"), said("Variant"), tuple(columns), tuple(groups))


def _source(view: ReportView, row: MoneyVariant, formats: Formats, *, upgrades: bool) -> Line:
    cells = [
        money_value(row.gross_margin, formats),
        money_value(row.reward_cost, formats),
        money_value(row.contact_cost, formats),
        money_value(row.contribution_margin, formats),
        known_cost(row.fixed_minor, formats, signed=False),
    ]
    if upgrades:
        upgraded = row.upgraded_units
        cells.append(Cell() if upgraded is None else Cell(number=formats.count(upgraded)))
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    counted = unit.counted(row.n, formats.count(row.n).text)
    return Line(name_of(view, row.variant).name, tuple(cells), note=counted)


def _gap(view: ReportView, one: MoneyTreatment, formats: Formats, *, upgrades: bool) -> Line:
    cells = [
        money_difference(one.gross_margin, formats),
        money_difference(one.reward_cost, formats),
        money_difference(one.contact_cost, formats),
        money_difference(one.contribution_margin, formats),
        known_cost(one.fixed_minor, formats, signed=True),
    ]
    if upgrades:
        cells.append(
            Cell()
            if one.upgraded is None
            else Cell(show_difference(one.upgraded, formats, Scale.POINTS))
        )
    return Line(name_of(view, one.treatment).name, tuple(cells))


def tier_part(view: ReportView, tiers: MoneyTiers, formats: Formats) -> MoneyPart:
    """Compose the money by tier: exploratory, whatever it shows."""
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    name = known(plain(tiers.name))
    smallest = unit.counted(tiers.minimum_units, formats.count(tiers.minimum_units).text)
    plot = _tier_plot(view, tiers, formats)
    readings = []
    for found in tiers.interactions:
        treatment = name_of(view, found.treatment).name
        if isinstance(found.test, Undefined):
            why = plain(found.test.sentence)
            readings.append(
                said(
                    "{treatment}: whether tiers differ cannot be tested. {why}",
                    treatment=treatment,
                    why=why,
                )
            )
        else:
            words = interaction_words(found.test, None, view, formats)
            readings.append(labelled(treatment, words))
    return MoneyPart(
        anchor="money-tiers",
        title=said("By {name}", name=name.lower()),
        tag=said("exploratory"),
        note=said(
            "Differences per {unit}, before fixed costs, which are no single tier's. "
            "Look for ideas here, not for results: among several tiers some leave "
            "out 0 by chance. One with fewer than {smallest} in a variant is listed "
            "and not estimated.",
            unit=unit.one,
            smallest=smallest,
        ),
        plots=() if plot is None else (plot,),
        readings=tuple(readings),
        table=_tier_table(view, tiers, formats),
    )


def _tier_name(tier: str | None) -> str:
    return UNKNOWN if tier is None else plain(tier) or said("(empty)")


def _by_tier(tiers: MoneyTiers) -> list[tuple[str, list[MoneyTier]]]:
    order = tuple(dict.fromkeys(one.tier for one in tiers.effects))
    return [
        (_tier_name(tier), [one for one in tiers.effects if one.tier == tier]) for tier in order
    ]


def _tier_table(view: ReportView, tiers: MoneyTiers, formats: Formats) -> Table:
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    level = formats.level(view.scorecard.alpha)
    upgrades = any(one.cost_per_upgrade is not None for one in tiers.effects)
    several = len(view.scorecard.plan.treatments) > 1
    columns = [
        Column(unit.many.capitalize(), said("treatment, control")),
        Column(said("Gross margin"), said("{level} interval", level=level)),
        Column(said("Rewards, contacts"), said("{level} interval", level=level)),
        Column(said("Contribution margin"), said("{level} interval", level=level)),
    ]
    if upgrades:
        columns.append(
            Column(said("Cost per incremental upgrade"), said("{level} interval", level=level))
        )

    def line(label: str, one: MoneyTier) -> Line:
        units = (
            f"{formats.count(one.treatment_units).text}, {formats.count(one.control_units).text}"
        )
        if isinstance(one.contribution_margin, Undefined) and isinstance(
            one.gross_margin, Undefined
        ):
            why = Cell(Shown(None, sentence=plain(one.gross_margin.sentence)))
            rest = (Cell(),) * (len(columns) - 2)
            return Line(label, (Cell(words=units), why, *rest))
        cells = [
            Cell(words=units),
            money_difference(one.gross_margin, formats),
            money_difference(one.cost, formats),
            money_difference(one.contribution_margin, formats),
        ]
        if upgrades:
            quotient = one.cost_per_upgrade
            cells.append(
                Cell() if quotient is None else Cell(show_quotient(quotient, formats, Scale.MONEY))
            )
        return Line(label, tuple(cells))

    groups = (
        tuple(
            Group(label, tuple(line(name_of(view, one.treatment).name, one) for one in ones))
            for label, ones in _by_tier(tiers)
        )
        if several
        else (
            Group("", tuple(line(label, one) for label, ones in _by_tier(tiers) for one in ones)),
        )
    )
    head = said("Treatment") if several else known(plain(tiers.name)).capitalize()
    return Table(
        said("Money by {tiers}", tiers=known(plain(tiers.name)).lower()),
        head,
        tuple(columns),
        groups,
    )


def _tier_plot(view: ReportView, tiers: MoneyTiers, formats: Formats) -> Plot | None:
    several = len(view.scorecard.plan.treatments) > 1
    rows: list[PlotRow] = []
    for label, ones in _by_tier(tiers):
        found = [one for one in ones if isinstance(one.contribution_margin, Estimate | Certain)]
        if several and found:
            rows.append(PlotRow(RowKind.HEADING, label))
        for one in found:
            outcome = one.contribution_margin
            text = interval_text(show_difference(outcome, formats, Scale.MONEY))
            name = name_of(view, one.treatment).name if several else label
            if isinstance(outcome, Estimate):
                low, high = outcome.ci_low, outcome.ci_high
                rows.append(PlotRow(RowKind.TREATMENT, name, text, outcome.estimate, low, high))
            elif isinstance(outcome, Certain):
                rows.append(PlotRow(RowKind.TREATMENT, name, text, outcome.estimate))
    ends = [end for row in rows for end in (row.low, row.high, row.estimate) if end is not None]
    if not ends or len({one.tier for one in tiers.effects}) == 1:
        return None  # one tier is the whole
    control, level = (
        name_of(view, view.scorecard.plan.control.key).name,
        formats.level(view.scorecard.alpha),
    )
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    return Plot(
        anchor="plot-money-tiers",
        title=said(
            "Contribution margin per {unit} by {tiers} against {control}, with {level} intervals",
            unit=unit.one,
            tiers=known(plain(tiers.name)).lower(),
            control=control,
            level=level,
        ),
        caption=said(
            "Contribution margin per {unit}, difference to {control}: estimate and "
            "{level} interval.",
            unit=unit.one,
            control=control,
            level=level,
        ),
        rows=tuple(rows),
        ticks=ticks_over(ends, formats, Scale.MONEY, signed=True),
    )
