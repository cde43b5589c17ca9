"""Puts what a preview found into words, a table and a plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.console.context import formats, words
from app.console.plots import Plot, specification_of
from app.console.programme.place import money, tier_name

if TYPE_CHECKING:
    from experiments.programme import Programme
    from experiments.programme_run.previewing import Preview

ROW: Final = 56
UNKNOWN: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class TierThen:
    """What becomes of a tier.

    Attributes:
        settled: Members once tiers that are only kept for their validity have run out.
        cost: What the difference costs a year; a dash where it is unknown.
    """

    name: str
    now: str
    then: str
    change: str
    settled: str
    near_now: str
    near_then: str
    cost: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What other thresholds would do.

    Attributes:
        summary: A sentence each.
        tiers: Lowest first.
        moves: From, to and how many members.
        plot: Members in each tier, now and then.
    """

    summary: tuple[str, ...]
    tiers: tuple[TierThen, ...]
    moves: tuple[tuple[str, str, str], ...]
    plot: Plot


def answer_of(found: Preview, programme: Programme) -> Answer:
    """Say what a preview found."""
    names = {tier.key: tier_name(tier) for tier in programme.tiers}
    count, say = formats().count, words().say
    tiers = tuple(
        TierThen(
            names.get(one.key, one.key),
            count(one.now).text,
            count(one.then).text,
            _signed(one.then - one.now),
            count(one.settled).text,
            count(one.near_now).text,
            count(one.near_then).text,
            UNKNOWN if one.cost_minor is None else money(one.cost_minor),
        )
        for one in found.tiers
    )
    none = say("No tier")
    moves = tuple(
        (names.get(one.before or "", none), names.get(one.after or "", none),
         count(one.members).text)
        for one in found.moves
    )  # fmt: skip
    return Answer(_summary(found, names), tiers, moves, _plot(found, names))


def _summary(found: Preview, names: dict[str, str]) -> tuple[str, ...]:
    say, count = words().say, formats().count
    told = [
        say("Of {members} members, {up} would move up and {down} down.",
            up=count(found.moved_up).text, down=count(found.moved_down).text,
            members=count(found.members).text)
    ]  # fmt: skip
    if found.cost_minor is not None:
        told.append(
            say("Benefits would cost {amount} more a year.", amount=money(found.cost_minor))
            if found.cost_minor >= 0
            else say("Benefits would cost {amount} less a year.", amount=money(-found.cost_minor))
        )
    else:
        tiers = ", ".join(names.get(key, key) for key in found.unknown_cost)
        told.append(
            say("What it costs is not known: the programme does not say what benefits of these "
                "tiers cost: {tiers}.", tiers=tiers)
        )  # fmt: skip
    if found.imported:
        told.append(
            say("{members} members have a tier that the business imports; theirs wins.",
                members=count(found.imported).text)
        )  # fmt: skip
    return tuple(told)


def _plot(found: Preview, names: dict[str, str]) -> Plot:
    say, count = words().say, formats().count
    series = (say("Today"), say("With these thresholds"))
    tiers = [names.get(one.key, one.key) for one in found.tiers]
    values = [
        {"tier": name, "series": label, "members": number, "text": count(number).text}
        for name, one in zip(tiers, found.tiers, strict=True)
        for label, number in zip(series, (one.now, one.then), strict=True)
    ]
    most = max((max(one.now, one.then) for one in found.tiers), default=0) or 1
    shared = {
        "y": {"field": "tier", "type": "nominal", "sort": tiers, "title": None,
              "axis": {"labelFontSize": 13, "ticks": False, "domain": False}},
        "yOffset": {"field": "series", "sort": list(series)},
        "x": {"field": "members", "type": "quantitative", "axis": None,
              "scale": {"domain": [0, most * 1.2],
                        "nice": False}},
    }  # fmt: skip
    legend = {"orient": "top", "title": None, "labelLimit": 260}
    colour = {"field": "series", "type": "nominal", "legend": legend,
              "scale": {"domain": list(series)}}  # fmt: skip
    layers = [
        {"mark": {"type": "bar"}, "encoding": shared | {"color": colour}},
        {"mark": {"type": "text", "align": "left", "dx": 4, "style": "ink", "fontSize": 12},
         "encoding": shared | {"text": {"field": "text", "type": "nominal"}}},
    ]  # fmt: skip
    chart = {"height": ROW * len(tiers), "data": {"values": values}, "layer": layers}
    return Plot(
        specification_of(chart),
        say("Members in each tier, today and with these thresholds"),
        "",
        (),
        (),
    )


def _signed(number: int) -> str:
    text = formats().count(abs(number)).text
    if not number:
        return text
    return f"+{text}" if number > 0 else f"\N{MINUS SIGN}{text}"
