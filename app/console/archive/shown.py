"""Writes pooled effects as rows, sentences and a plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.analysis.pooling import ALPHA, Lacking
from app.console.archive.place import kind_address, kind_name
from app.console.campaigns.digest_words import Interval, place_on_axis
from app.console.campaigns.frame import address_of_campaign
from app.console.context import formats, words
from app.console.plots import Plot, interval_plot
from app.language import marked
from app.report.formatting import Scale
from app.report.plot import Plot as IntervalPlot
from app.report.plot import PlotRow, RowKind, ticks_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.analysis.ended import ArchiveSearch
    from app.analysis.pooling import CampaignEffect, LeftOut, PooledKind, Pooling

LACKING: Final[Mapping[Lacking, str]] = {
    Lacking.NO_RESULTS: marked("it has no results"),
    Lacking.NOT_TRUSTWORTHY: marked("a check failed, so its results are not trusted"),
    Lacking.NO_METRIC: marked("it does not have this metric"),
    Lacking.NOT_READY: marked("its windows are open, or its events are missing"),
    Lacking.BETTER_LOWER: marked("its metric is better when it is lower"),
    Lacking.NO_RATIO: marked("its values are too close to 0, or the metric has no ratios"),
}
FARTHEST: Final = 2.0
NARROWEST: Final = 0.02


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of offer in the table of pooled effects.

    Attributes:
        interval: Of the mean; of one campaign its own.
        is_pooled: Whether it is a mean of several.
        following: Where the next campaign is expected; empty below three.
    """

    name: str
    address: str
    interval: Interval
    is_pooled: bool
    following: str
    campaigns: str
    members: str


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A campaign that enters nowhere, and why."""

    name: str
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One campaign's effect.

    Attributes:
        lift: With its interval, in words.
        in_light: Its lift in the light of the others; empty where there is no other.
    """

    name: str
    address: str
    started: str
    metric: str
    variants: str
    members: str
    lift: str
    in_light: str


def kind_rows(pooling: Pooling, search: ArchiveSearch) -> tuple[KindRow, ...]:
    """Give the pooled effects, the kinds with most campaigns first."""
    ordered = sorted(pooling.kinds, key=lambda one: (-len(one.effects), kind_name(one.offer_kind)))
    reach = min(
        FARTHEST, max([NARROWEST, *(abs(end) for one in ordered for end in bounds_of(one)[1:])])
    )
    return tuple(_kind_row(one, search, reach) for one in ordered)


def bounds_of(kind: PooledKind) -> tuple[float, float, float]:
    """Give the lift of a kind with its interval; of one campaign its own."""
    if kind.lift is None or kind.low is None or kind.high is None:
        alone = kind.effects[0]
        return alone.lift, alone.low, alone.high
    return kind.lift, kind.low, kind.high


def _kind_row(kind: PooledKind, search: ArchiveSearch, reach: float) -> KindRow:
    lift, low, high = bounds_of(kind)
    first, left, right = texts_of(lift, low, high)
    name = kind_name(kind.offer_kind)
    return KindRow(
        name=name,
        address=kind_address(kind.offer_kind, search),
        interval=Interval(
            text=first,
            bounds=words().say("{low} to {high}", low=left, high=right),
            label=words().say(
                "{treatment}: lift {lift}, {level} interval {low} to {high}",
                treatment=name, lift=first, level=level(), low=left, high=right,
            ),
            low=place_on_axis(low, reach),
            high=place_on_axis(high, reach),
            point=place_on_axis(lift, reach),
            zero=place_on_axis(0, reach),
            tone="good" if low > 0 else "bad" if high < 0 else "calm",
        ),
        is_pooled=kind.pooled is not None,
        following=following_of(kind),
        campaigns=formats().count(len(kind.effects)).text,
        members=formats().count(kind.units).text,
    )  # fmt: skip


def texts_of(lift: float, low: float, high: float) -> tuple[str, str, str]:
    """Write a lift and its interval."""
    first, left, right = formats().with_interval(lift, (low, high), Scale.LIFT, signed=True)
    return first.text, left.text, right.text


def following_of(kind: PooledKind) -> str:
    """Say where the next campaign is expected; empty where that is not known."""
    if kind.lift is None or kind.next_low is None or kind.next_high is None:
        return ""
    _, low, high = texts_of(kind.lift, kind.next_low, kind.next_high)
    return words().say("{low} to {high}", low=low, high=high)


def level() -> str:
    """Give the level of all intervals of the archive."""
    return formats().level(ALPHA)


def left_out_rows(pooling: Pooling) -> tuple[LeftOutRow, ...]:
    """Give the campaigns that enter nowhere."""
    return tuple(_left_out(one) for one in pooling.left_out)


def _left_out(one: LeftOut) -> LeftOutRow:
    campaign = one.ended.campaign
    return LeftOutRow(
        campaign.design.name or campaign.key,
        address_of_campaign(campaign.key),
        words().say(LACKING[one.because]),
    )


def effect_rows(kind: PooledKind) -> tuple[EffectRow, ...]:
    """Give each campaign's effect."""
    return tuple(_effect_row(one) for one in kind.effects)


def _effect_row(one: CampaignEffect) -> EffectRow:
    say, campaign, digest = words().say, one.ended.campaign, one.ended.digest
    lift, low, high = texts_of(one.lift, one.low, one.high)
    started = one.ended.started_at
    return EffectRow(
        name=campaign.design.name or campaign.key,
        address=address_of_campaign(campaign.key),
        started=formats().day(started.astimezone(formats().zone).date()) if started else "",
        metric=say(digest.metrics[one.metric].name) if digest else one.metric,
        variants=formats().count(one.treatments).text,
        members=formats().count(one.units).text,
        lift=say("{lift} ({low} to {high})", lift=lift, low=low, high=high),
        in_light=formats().alone(one.in_light, Scale.LIFT, signed=True).text
        if one.in_light is not None
        else "",
    )


def forest_plot(kind: PooledKind, metric: str) -> Plot:
    """Draw every campaign's effect, and below them their mean and the next one."""
    say = words().say
    rows = [
        _plot_row(
            RowKind.TREATMENT,
            one.ended.campaign.design.name or one.ended.campaign.key,
            (one.lift, one.low, one.high),
        )
        for one in kind.effects
    ]
    if kind.lift is not None:
        rows.append(_plot_row(RowKind.CONTROL, say("Mean"), bounds_of(kind)))
        if kind.next_low is not None and kind.next_high is not None:
            following = (kind.lift, kind.next_low, kind.next_high)
            rows.append(_plot_row(RowKind.CONTROL, say("The next campaign"), following))
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    plot = IntervalPlot(
        anchor="pooled",
        title=say(
            "Lift of {metric} by offers of the kind: {kind}",
            metric=metric,
            kind=kind_name(kind.offer_kind),
        ),
        caption=say(
            "Lift and {level} interval of each campaign, and of their mean.", level=level()
        ),
        rows=tuple(rows),
        ticks=ticks_over(ends, formats(), Scale.LIFT, signed=True),
    )
    return interval_plot(plot, (say("Campaign"), say("Lift, with its interval")))


def _plot_row(kind: RowKind, label: str, values: tuple[float, float, float]) -> PlotRow:
    lift, low, high = texts_of(*values)
    text = words().say("{lift} ({low} to {high})", lift=lift, low=low, high=high)
    return PlotRow(kind, label, text, *values)
