"""Words for money: what each amount is, what a treatment earned, and what all of it assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.formatting import Scale
from app.report.money_shown import known_cost
from app.report.outcomes import side_of_zero
from app.report.words import Unit, listed, name_of, window_words
from stats.inference.outcome import Certain, Estimate
from stats.inference.ratio_of_differences import RatioEstimate
from stats.plan import LookKind, MarginKnown
from stats.scorecard.money import AudienceSource, MoneyState
from stats.sentence import after, said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.plan import MoneyPlan
    from stats.scorecard.money import MoneyResult, MoneyTreatment, QuotientOutcome, Scaling

TITLES = {
    MoneyState.NO_EXPOSURES: said("No exposures yet"),
    MoneyState.EVENTS_MISSING: said("Events missing"),
    MoneyState.MARGIN_UNKNOWN: said("Margin unknown"),
    MoneyState.IMMATURE: said("Too early"),
    MoneyState.READY: "",
}


def earned(view: ReportView, one: MoneyTreatment, formats: Formats) -> str:
    """Say in one sentence whether a treatment earned money."""
    name, control = name_of(view, one.treatment).name, name_of(view, one.control).name
    outcome = one.incremental_margin
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    treated = unit.counted(one.units, formats.count(one.units).text)
    side = side_of_zero(outcome)
    if isinstance(outcome, Estimate):
        bounds = (outcome.ci_low, outcome.ci_high)
        if side == 0:
            _, low, high = formats.with_interval(outcome.estimate, bounds, Scale.MONEY, signed=True)
            return said(
                "{name}: it cannot be told whether it earns or loses money. On {treated} "
                "anything from {low} to {high} against {control} fits the data.",
                name=name,
                treated=treated,
                low=low.text,
                high=high.text,
                control=control,
            )
        ends = sorted((abs(outcome.ci_low), abs(outcome.ci_high)))
        size, least, most = formats.with_interval(
            abs(outcome.estimate), (ends[0], ends[1]), Scale.MONEY, signed=False
        )
        places = {
            "name": name,
            "size": size.text,
            "least": least.text,
            "most": most.text,
            "control": control,
            "treated": treated,
        }
        if outcome.estimate > 0:
            return said(
                "{name} earns {size} ({least} to {most}) against {control}, on {treated} and after "
                "all costs.",
                **places,
            )
        return said(
            "{name} loses {size} ({least} to {most}) against {control}, on {treated} and after "
            "all costs.",
            **places,
        )
    if isinstance(outcome, Certain):
        amount = formats.alone(outcome.estimate, Scale.MONEY, signed=True).text
        return said(
            "{name}: {amount} against {control} on {treated}, for certain.",
            name=name,
            amount=amount,
            control=control,
            treated=treated,
        )
    return said(
        "{name}: there is no incremental margin to tell. {found}", name=name, found=outcome.sentence
    )


def meaning(view: ReportView, one: MoneyTreatment, scaling: Scaling, formats: Formats) -> dict[
    str, str
]:  # fmt: skip
    """Say of each amount what it is."""
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    treated = unit.counted(one.units, formats.count(one.units).text)
    fixed = ""
    if one.fixed_minor:
        amount = formats.alone(float(one.fixed_minor), Scale.MONEY, signed=False).text
        fixed = said(", after {amount} of fixed costs", amount=amount)
    audience = unit.counted(scaling.audience, formats.count(scaling.audience).text)
    now = ""
    if one.reward_now is not None:
        now = said(
            "; one costs {reward_now} now",
            reward_now=formats.alone(one.reward_now, Scale.MONEY, signed=False).text,
        )
    below = said("; below 0 not even free ones would pay")
    return {
        "incremental_margin": said("of the {treated} treated{fixed}", treated=treated, fixed=fixed),
        "per_thousand": said("with their share of the fixed costs") if one.fixed_minor else "",
        "per_year": said(
            "if all {audience} got it, {times}", audience=audience, times=_times(scaling, formats)
        ),
        "roi": said("what comes back on top of each unit of extra money spent; 0% is break-even"),
        "cost_per_upgrade": said(
            "extra rewards and contacts for each upgrade that would not have happened otherwise"
        ),
        "break_even_reward": said(
            "what a reward may cost so that nothing is lost{now}{below}",
            now=now,
            below=below if _is_negative(one.break_even_reward) else "",
        ),
        "affordable_per_upgrade": said(
            "what rewards may cost for each such upgrade so that nothing is lost{below}",
            below=below if _is_negative(one.affordable_per_upgrade) else "",
        ),
        "adjusted_margin": said(
            "the incremental margin with less noise: what {unit} earned before is taken out",
            unit=unit.many,
        ),
    }


def _is_negative(outcome: QuotientOutcome | None) -> bool:
    return isinstance(outcome, RatioEstimate | Certain) and outcome.estimate < 0


def _times(scaling: Scaling, formats: Formats) -> str:
    runs = scaling.runs_per_year
    if runs == 1:
        return said("once a year")
    if runs == int(runs):
        return said("{int} times a year", int=formats.count(int(runs)).text)
    return said(
        "{float} times a year", float=formats.alone(float(runs), Scale.COUNT, signed=False).text
    )


def assumptions(
    view: ReportView, money: MoneyPlan, result: MoneyResult, formats: Formats
) -> tuple[str, ...]:
    """List what the amounts rest on."""
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    lines = [
        (
            said(
                "Everything counts within {window_words}, for everyone in the variant "
                "that they were given, whether or not they took the offer. {unit} of the "
                "control upgrade and earn rewards, too: amounts are differences between "
                "variants, never what the treated alone cost.",
                window_words=window_words(money.window),
                unit=unit.many.capitalize(),
            )
        ),
        _margin(money, result, formats),
        (
            said(
                "A reward counts when it is granted, less the share expected never to be "
                "redeemed, and is taken back when it is reversed."
            )
        ),
        _costs(view, money, formats),
    ]
    open_units = sum(row.immature_units for row in result.variants)
    if open_units:
        counted = unit.counted(open_units, formats.count(open_units).text)
        lines.append(
            said(
                "The window of {counted} is still open: they are left out of all "
                "averages, and taken to become what the others are where amounts are "
                "added up.",
                counted=counted,
            )
        )
    if result.scaling is not None:
        lines.append(_year(view, result.scaling, formats))
    if view.scorecard.plan.looks.kind is not LookKind.FIXED:
        lines.append(
            said(
                "These intervals are for one look at the end. The verdict above goes by "
                "an interval of its own, which allows for its looks."
            )
        )
    return tuple(lines)


def _margin(money: MoneyPlan, result: MoneyResult, formats: Formats) -> str:
    rate = next((term.rate for term in money.gross_margin if term.rate is not None), None)
    if money.margin_known is MarginKnown.BY_RATE and rate is not None:
        share = formats.exact_share(rate).text
        return said(
            "An order that says neither its margin nor its cost counts with {share} "
            "of its amount. Refunds take it back the same way.",
            share=share,
        )
    text = said("Margins are those that orders say, or their amount less their cost.")
    if result.orders_without_margin:
        missing = formats.count(result.orders_without_margin).text
        text += said(" {missing} orders say neither and count as 0.", missing=missing)
    return after(text, said("Refunds take them back the same way."))


def _costs(view: ReportView, money: MoneyPlan, formats: Formats) -> str:
    def amount(minor: int) -> str:
        number = known_cost(minor, formats, signed=False).number
        return "" if number is None else number.text

    fixed = [
        said(
            "{amount} for {name_of}",
            amount=amount(cost.fixed_minor),
            name_of=name_of(view, cost.variant).name,
        )
        for cost in money.costs
        if cost.fixed_minor
    ]
    contact = [
        said(
            "{amount} each for {name_of}",
            amount=amount(cost.contact_minor),
            name_of=name_of(view, cost.variant).name,
        )
        for cost in money.costs
        if cost.contact_minor
    ]
    text = said("Contacts cost what their events say")
    text += said(", and {listed} beside them. ", listed=listed(contact)) if contact else said(". ")
    text += (
        said("Fixed costs: {listed}.", listed=listed(fixed))
        if fixed
        else said("No fixed costs were named.")
    )
    return text


def _year(view: ReportView, scaling: Scaling, formats: Formats) -> str:
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    audience = unit.counted(scaling.audience, formats.count(scaling.audience).text)
    who = (
        said("{audience}, as planned", audience=audience)
        if scaling.source is AudienceSource.PLAN
        else said("the {audience} that the campaign has reached so far", audience=audience)
    )
    season = ""
    if scaling.season_factor != 1:
        factor = formats.exact_share(scaling.season_factor).text
        season = said(", each run earning {factor} of what this one did", factor=factor)
    return said(
        "A year: {who}, {times}{season}, with the fixed costs paid at every run. "
        "That the offer does the same to all of them, again and again, is "
        "assumed and not measured: its interval is that of chance alone.",
        who=who,
        times=_times(scaling, formats),
        season=season,
    )
