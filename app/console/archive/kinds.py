"""One kind of offer: what its campaigns say together, and each of them by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from flask import abort, url_for

from app.analysis.ended import ended_campaigns, matching
from app.analysis.pooling import ALPHA, pool_by_kind
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.archive.place import archive_address, asked, blueprint, kind_name, metric_names
from app.console.archive.shown import (
    bounds_of,
    effect_rows,
    following_of,
    forest_plot,
    left_out_rows,
    level,
    texts_of,
)
from app.console.context import formats, wiring, words
from app.console.new.offers_kinds import KINDS
from app.console.plots import plot_scripts
from app.console.rendering import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analysis.pooling import PooledKind
    from app.console.archive.shown import EffectRow, LeftOutRow
    from app.console.plots import Plot

NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class PooledFact:
    """A figure of the pooled effect, what it is, and how it is read."""

    term: str
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class KindPage:
    """One kind of offer.

    Attributes:
        sentence: What all its campaigns say together.
        following: What to expect of the next one; empty where that is not known.
        facts: How far they differ; none where there is one campaign or none.
        plot: None where no campaign enters.
    """

    template: ClassVar[str] = "console/archive/kind.html"
    title: str
    sentence: str
    following: str
    facts: tuple[PooledFact, ...]
    plot: Plot | None
    rows: tuple[EffectRow, ...]
    left_out: tuple[LeftOutRow, ...]
    archive_address: str
    help_address: str
    plot_scripts: tuple[str, ...]


@blueprint.get("/kinds/<kind>")
@open_to(Scope.REPORTS_READ)
def of_kind(kind: str) -> tuple[str, int]:
    """Show one kind, among the campaigns that are looked for."""
    if kind not in KINDS:
        abort(NOT_FOUND)
    parts, search = wiring(), replace(asked(), offer_kind=kind)
    ended = ended_campaigns(parts.engine, parts.clock())
    found = matching(ended, search, formats().zone)
    pooling = pool_by_kind(found, metric=search.metric, offer_kind=kind)
    pooled = pooling.kinds[0] if pooling.kinds else None
    metric = dict(metric_names(ended)).get(search.metric, words().say("the metric that decided"))
    return show(
        KindPage(
            title=words().say("Archive · {kind}", kind=kind_name(kind)),
            sentence=_sentence(pooled, metric),
            following=_following(pooled),
            facts=tuple(_facts(pooled)) if pooled else (),
            plot=forest_plot(pooled, metric) if pooled else None,
            rows=effect_rows(pooled) if pooled else (),
            left_out=left_out_rows(pooling),
            archive_address=archive_address(search),
            help_address=f"{url_for('console.help.index')}explanation/pooled-effects",
            plot_scripts=plot_scripts(),
        ),
    )


def _sentence(kind: PooledKind | None, metric: str) -> str:
    say = words().say
    if kind is None:
        return say("No campaign with such an offer has an effect that could enter.")
    lift, low, high = texts_of(*bounds_of(kind))
    places = {"lift": lift, "low": low, "high": high, "level": level(), "metric": metric,
              "members": formats().count(kind.units).text}  # fmt: skip
    if kind.pooled is None:
        return say(
            "There is one campaign, so there is nothing to pool: it lifted {metric} by {lift} "
            "({level} interval {low} to {high}), among {members} members.",
            **places,
        )
    return say(
        "Over {campaigns} campaigns with {members} members, such offers lifted {metric} by {lift} "
        "on average ({level} interval {low} to {high}).",
        campaigns=formats().count(len(kind.effects)).text,
        **places,
    )


def _following(kind: PooledKind | None) -> str:
    say = words().say
    if kind is None or kind.pooled is None:
        return ""
    span = following_of(kind)
    if not span:
        return say("Two campaigns do not tell how far such campaigns differ: expect anything.")
    return say("The next such campaign is expected to lift it by {span}. Plan by that.", span=span)


def _facts(kind: PooledKind) -> Iterator[PooledFact]:
    if kind.pooled is None:
        return
    say, spread = words().say, kind.pooled.heterogeneity
    yield PooledFact(
        say("Spread that chance does not explain (I²)"),
        formats().share(spread.i_squared, 0).text,
        say("0% where campaigns differ no more than chance would have it."),
    )
    yield PooledFact(
        say("Chance of such a spread without true differences"),
        formats().p_value(spread.p_value, ALPHA).text,
        say("Cochran's Q = {q} with {df} degrees of freedom.",
            q=formats().standard_errors(spread.q).text, df=formats().count(spread.df).text),
    )  # fmt: skip
    ends = (spread.tau_low, spread.tau_high)
    tau = formats().standard_errors(spread.tau).text
    yield PooledFact(
        say("Standard deviation of the true effects (tau)"),
        tau
        if ends[0] is None or ends[1] is None
        else say(
            "{tau} ({level} interval {low} to {high})",
            tau=tau,
            level=level(),
            low=formats().standard_errors(ends[0]).text,
            high=formats().standard_errors(ends[1]).text,
        ),
        say("On the logarithm of the ratio, where 0.10 is about 10%."),
    )
