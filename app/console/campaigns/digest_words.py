"""Says what a digest of a scorecard says: its verdict, its lift, its checks, each in few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.console.campaigns.state_words import Badge
from app.language import marked
from app.report.formatting import Scale
from stats.decision.verdict import Verdict
from stats.scorecard import State as Readiness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.analysis.digest import Digest, Effect, Flag
    from app.language import Words
    from app.report.formatting import Formats
    from experiments.campaign import CampaignDesign

VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.SHIP: (marked("Ship"), "good"),
    Verdict.DO_NOT_SHIP: (marked("Do not ship"), "bad"),
    Verdict.KEEP_RUNNING: (marked("Keep running"), "busy"),
    Verdict.INCONCLUSIVE: (marked("Inconclusive"), "calm"),
    Verdict.NOT_TRUSTWORTHY: (marked("Not trustworthy"), "warn"),
}

READINESS: Final[Mapping[Readiness, str]] = {
    Readiness.NO_EXPOSURES: marked("Nobody exposed yet"),
    Readiness.EVENTS_MISSING: marked("Events missing"),
    Readiness.IMMATURE: marked("Too early"),
    Readiness.READY: marked("Results, no verdict"),
}

CHECKS: Final[Mapping[str, str]] = {
    "no_exposures": marked("Nobody has been exposed in a variant"),
    "sample_ratio": marked("The split contradicts the planned shares"),
    "assignment": marked("Exposures contradict the campaign's rule"),
    "crossover": marked("Members were seen in two variants"),
    "unplanned_variant": marked("Exposures in a variant that is not planned"),
    "unknown_unit": marked("Exposures of members who are not known"),
    "pre_period": marked("Variants differed before the campaign"),
    "interference": marked("Another campaign disturbs the comparison"),
    "spillover": marked("What one member does may change another"),
    "events_missing": marked("Events have never been seen"),
    "event_gaps": marked("Events are missing on some days"),
    "freshness": marked("Facts have stopped arriving"),
    "immature": marked("Conversion windows are still open"),
    "unfinished_week": marked("Members did not come in over whole weeks"),
    "enrolment_closed": marked("A budget, stock or cap ran out"),
    "other_currency": marked("Amounts in another currency are left out"),
    "amount_missing": marked("Amounts are missing from events"),
    "property_unusable": marked("Properties of events cannot be used"),
    "outliers": marked("A few members decide a metric's total"),
    "twyman": marked("An effect is too large to believe"),
}
"""What a check that did not pass has found, by its code."""

WIDTH: Final = 120
EDGE: Final = 4
NARROWEST: Final = 0.02


@dataclass(frozen=True, slots=True)
class Interval:
    """A lift with its interval, as text and as places on a small drawing.

    Attributes:
        text: The lift.
        bounds: Its interval in words.
        label: All of it, for those who do not see the drawing.
        low, high, point, zero: Places from the left, of `WIDTH`.
        tone: ``good`` or ``bad`` where the whole interval is on one side of 0, else ``calm``.
    """

    text: str
    bounds: str
    label: str
    low: float
    high: float
    point: float
    zero: float
    tone: str


def verdict_badge(digest: Digest | None, words: Words) -> Badge | None:
    """Give the verdict of a digest, or how far the results are; None where there are none."""
    if digest is None:
        return None
    if digest.state is not Readiness.READY and digest.verdict is not Verdict.NOT_TRUSTWORTHY:
        tone = "warn" if digest.state is Readiness.EVENTS_MISSING else "calm"
        return Badge(words.say(READINESS[digest.state]), tone)
    if digest.verdict is None:
        return Badge(words.say(READINESS[digest.state]), "calm")
    text, tone = VERDICTS[digest.verdict]
    return Badge(words.say(text), tone)


def flag_words(flag: Flag, words: Words) -> str:
    """Give what a check has found."""
    return words.say(CHECKS.get(flag.code, flag.title))


def widest(digests: Mapping[str, Digest]) -> float:
    """Give how far from 0 the axis of a list reaches, so that its intervals can be compared."""
    shown = [one.effect for one in digests.values() if one.effect is not None]
    reach = [abs(bound) for one in shown for bound in (one.low, one.high)]
    return min(max([NARROWEST, *reach]), 1.0)


def interval_of(
    digest: Digest | None, design: CampaignDesign, reach: float, formats: Formats, words: Words
) -> Interval | None:
    """Give the lift of a digest on an axis from -reach to reach; None where none may be quoted."""
    if digest is None or digest.effect is None:
        return None
    return effect_interval(digest.effect, design, reach, formats, words)


def effect_interval(
    effect: Effect, design: CampaignDesign, reach: float, formats: Formats, words: Words
) -> Interval:
    """Give the lift of one treatment on an axis from -reach to reach."""
    lift, low, high = formats.with_interval(
        effect.lift, (effect.low, effect.high), Scale.LIFT, signed=True
    )
    found = design.variant(effect.treatment)
    level = formats.level(1 - effect.level)
    bounds = words.say("{low} to {high}", low=low.text, high=high.text)
    return Interval(
        text=lift.text,
        bounds=bounds,
        label=words.say(
            "{treatment}: lift {lift}, {level} interval {low} to {high}",
            treatment=found.name or found.key if found else effect.treatment,
            lift=lift.text,
            level=level,
            low=low.text,
            high=high.text,
        ),
        low=place_on_axis(effect.low, reach),
        high=place_on_axis(effect.high, reach),
        point=place_on_axis(effect.lift, reach),
        zero=place_on_axis(0, reach),
        tone="good" if effect.low > 0 else "bad" if effect.high < 0 else "calm",
    )


def place_on_axis(value: float, reach: float) -> float:
    """Give where a lift stands on the small drawing, whose axis goes from -reach to reach."""
    share = (min(max(value, -reach), reach) + reach) / (2 * reach)
    return round(EDGE + share * (WIDTH - 2 * EDGE), 1)
