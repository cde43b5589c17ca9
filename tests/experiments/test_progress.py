"""How far a member is from the next tier: by the ladder's ways, the offer's own, or not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from experiments.climb import ProgressState, ProgressUnit, climb_of, measured_attribute, standing
from experiments.member import Member
from experiments.offer import NoOffer, Offer
from experiments.progress import progress_of
from experiments.score import Measure
from tests.experiments.designs import NOW, programme

if TYPE_CHECKING:
    from experiments.progress import Progress

SCORE = {"measures": [{"measure": "spend", "weight": 1, "full_at": 2_000_000}]}
TIERS: list[dict[str, Any]] = [
    {"key": "bronze"},
    {"key": "silver", "entry_threshold_minor": 300_000},
    {
        "key": "gold",
        "entry_threshold_minor": 1_000_000,
        "entry_score": 60,
        "paths": [{"measure": "referrals", "threshold": 5}],
    },
    {"key": "diamond", "entry_threshold_minor": 2_500_000},
    {"key": "honorary", "manual": True},
]
COST = {"unit_cost_minor": 1, "currency": "TWD"}
OFFERS: TypeAdapter[Offer] = TypeAdapter(Offer)


def progress(
    offer: dict[str, Any] | None = None,
    ladder: dict[str, Any] | None = None,
    **attributes: Any,  # noqa: ANN401  # attributes of every type
) -> Progress:
    """Give a member's progress under an offer."""
    made = programme(**{"tiers": TIERS, "score": SCORE, **(ladder or {})})
    under = NoOffer() if offer is None else OFFERS.validate_python({**COST, **offer})
    tier, following = standing({one.key for one in made.tiers}, attributes)
    return progress_of(climb_of(made, tier, following, under), Member("m-1", attributes), NOW, None)


def test_the_numbers_are_those_of_the_nearest_way() -> None:
    """Of spend, score and referrals the one that is covered furthest counts; all are listed."""
    found = progress(tier="silver", revenue_365d_minor=840_000, score=34.43, referrals_365d=4)
    assert (found.state, found.tier, found.to) == (ProgressState.UNDER_WAY, "silver", "gold")
    assert (found.by, found.unit, found.currency) == ("spend", ProgressUnit.MONEY, "TWD")
    assert (found.current, found.target, found.remaining) == (840_000, 1_000_000, 160_000)
    assert (found.share, found.window_days) == (0.84, 365)
    assert [(one.by, one.current, one.target, one.remaining) for one in found.paths] == [
        ("spend", 840_000, 1_000_000, 160_000),
        ("score", 34.43, 60.0, 25.57),
        ("referrals", 4, 5, 1),
    ]
    assert [one.share for one in found.paths] == [0.84, 0.5738, 0.8]
    assert [one.nearest for one in found.paths] == [True, False, False]
    assert not any(one.changed for one in found.paths)


def test_another_way_may_be_the_nearest() -> None:
    """Whoever brings friends sees friends, and no currency."""
    found = progress(tier="silver", revenue_365d_minor=0, score=1.0, referrals_365d=4)
    assert (found.by, found.unit, found.currency) == ("referrals", ProgressUnit.REFERRALS, None)
    assert (found.current, found.target, found.share) == (4, 5, 0.8)


def test_what_is_not_known_is_not_zero() -> None:
    """Without spend and score there is a target and no number of the member's."""
    found = progress(tier="silver")
    assert (found.state, found.to) == (ProgressState.UNKNOWN, "gold")
    assert (found.by, found.target) == ("spend", 1_000_000)
    assert (found.current, found.remaining, found.share) == (None, None, None)
    assert {one.current for one in found.paths} == {None}
    assert not any(one.nearest for one in found.paths)


def test_a_spend_of_zero_is_known() -> None:
    """Nothing was spent; refunds of what was spent earlier cover nothing either."""
    for spent in (0, -500):
        found = progress(tier="silver", revenue_365d_minor=spent)
        assert (found.state, found.current, found.share) == ("under_way", spent, 0.0)
        assert found.remaining == 1_000_000 - spent


@pytest.mark.parametrize("value", [True, "", "much", float(2**60), "9e999", 2**53 * 10])
def test_a_value_that_nobody_has_is_not_known(value: Any) -> None:  # noqa: ANN401  # an attribute
    """What the business sends under the name of a number may be none."""
    found = progress(tier="silver", revenue_365d_minor=value)
    assert (found.state, found.current) == (ProgressState.UNKNOWN, None)
    orjson.dumps(found)


def test_a_number_may_be_sent_as_text_or_with_a_fraction() -> None:
    """It counts as rules count it; a part of a minor unit is not had."""
    assert progress(tier="silver", revenue_365d_minor="840000").current == 840_000
    assert progress(tier="silver", revenue_365d_minor=999_999.99).current == 999_999


def test_spend_in_another_window_is_told_by_its_distance() -> None:
    """The spend of 200 days is no attribute, but what is missing of it is."""
    ladder = {"qualifying_days": 200}
    known: dict[str, Any] = {"tier": "silver", "next_tier": "gold"}
    known["distance_to_next_minor"] = 160_000
    found = progress(ladder=ladder, revenue_365d_minor=5, **known)
    assert (found.current, found.remaining, found.window_days) == (840_000, 160_000, 200)
    threshold = {"kind": "threshold_change", "target_tier": "gold", "threshold_minor": 900_000}
    assert progress(threshold, ladder, **known).current == 840_000
    assert progress(ladder=ladder, **{**known, "next_tier": "diamond"}).current is None


def test_the_top_tier_has_nothing_above_it() -> None:
    """A tier that is given by hand is nothing to climb to; the validity of the top one counts."""
    found = progress(
        ladder={"tier_validity_days": 365}, tier="diamond", tier_since="2026-01-01T00:00:00+00:00"
    )
    assert (found.state, found.tier, found.to) == (ProgressState.TOP_TIER, "diamond", None)
    assert (found.paths, found.target) == ((), None)
    assert (found.deadline, found.deadline_by) == (datetime(2027, 1, 1, tzinfo=UTC), "tier")


def test_a_manual_tier_is_a_case_of_its_own() -> None:
    """Whoever has it climbs nowhere, whatever an offer says."""
    gift = {"kind": "gift", "gift": "tea", "target_tier": "gold"}
    for offer in (None, gift):
        found = progress(offer, tier="honorary", revenue_365d_minor=5)
        assert (found.state, found.to, found.paths) == (ProgressState.MANUAL_TIER, None, ())


def test_a_ladder_that_says_no_way_is_told_apart() -> None:
    """That nobody wrote down how to climb is not the same as not knowing what was spent."""
    ladder = {"tiers": [{"key": "silver"}, {"key": "gold"}]}
    assert progress(ladder=ladder, tier="silver").state is ProgressState.NO_PATH
    assert progress(ladder=ladder, tier="gold").state is ProgressState.TOP_TIER
    gift = {"kind": "gift", "gift": "tea", "target_tier": "gold"}
    found = progress(gift, ladder, tier="silver")
    assert (found.state, found.to, found.paths) == (ProgressState.NO_PATH, "gold", ())


def test_a_tier_without_a_way_is_skipped() -> None:
    """The next tier is the lowest above that facts can reach, as the recomputation has it."""
    tiers = [{"key": "a"}, {"key": "b"}, {"key": "c", "manual": True}, {**TIERS[1], "key": "d"}]
    assert progress(ladder={"tiers": tiers}, tier="a").to == "d"


def test_nobody_without_a_tier_is_guessed_about() -> None:
    """Only what was computed says where somebody stands who has no tier."""
    assert progress(revenue_365d_minor=5).state is ProgressState.UNKNOWN
    assert progress(tier="platinum").tier is None
    found = progress(next_tier="silver", revenue_365d_minor=150_000)
    assert (found.state, found.tier, found.to, found.share) == ("under_way", None, "silver", 0.5)


def test_what_is_reached_is_said_before_the_tier_follows() -> None:
    """The tier comes with the next recomputation."""
    found = progress(tier="silver", revenue_365d_minor=1_000_000)
    assert (found.state, found.share, found.remaining) == (ProgressState.REACHED, 1.0, 0)
    found = progress(tier="silver", revenue_365d_minor=999_999)
    assert (found.state, found.share, found.remaining) == (ProgressState.UNDER_WAY, 0.9999, 1)


THRESHOLD = {"kind": "threshold_change", "target_tier": "gold"}


def test_a_variant_may_ask_for_less_spend() -> None:
    """Its threshold stands in the place of the ladder's; the other ways stay."""
    found = progress(
        {**THRESHOLD, "threshold_minor": 900_000}, tier="silver", revenue_365d_minor=840_000
    )
    assert (found.target, found.remaining, found.share) == (900_000, 60_000, 0.9333)
    assert [(one.by, one.changed) for one in found.paths] == [
        ("spend", True),
        ("score", False),
        ("referrals", False),
    ]


def test_a_variant_may_ask_for_another_score_or_path() -> None:
    """A path takes the place of the ladder's by the same measure, or is one more."""
    paths = [
        {"measure": "referrals", "threshold": 3, "window_days": 90},
        {"measure": "engagement", "threshold": 20, "window_days": 30},
    ]
    found = progress(
        {**THRESHOLD, "threshold_score": 50, "paths": paths},
        tier="silver",
        score=34.43,
        referrals_90d=1,
        active_days_30d=15,
    )
    assert [(one.by, one.target, one.current, one.changed) for one in found.paths] == [
        ("spend", 1_000_000, None, False),
        ("score", 50.0, 34.43, True),
        ("referrals", 3, 1, True),
        ("engagement", 20, 15, True),
    ]
    assert (found.by, found.unit, found.share, found.window_days) == (
        *("engagement", "active_days"),
        *(0.75, 30),
    )


def test_an_offer_leads_to_a_tier_further_up() -> None:
    """Its target counts and not the next rung; once that is had, it is reached."""
    gift = {"kind": "gift", "gift": "tea", "target_tier": "gold"}
    found = progress(gift, tier="bronze", revenue_365d_minor=200_000)
    assert (found.to, found.share) == ("gold", 0.2)
    found = progress(gift, tier="gold", revenue_365d_minor=200_000)
    assert (found.state, found.to) == (ProgressState.REACHED, "gold")
    assert progress(gift, tier="diamond").state is ProgressState.TOP_TIER
    assert progress(gift, revenue_365d_minor=200_000).to == "gold"


def test_a_threshold_in_another_currency_compares_with_nothing() -> None:
    """The programme's currency may have changed since the launch, at which it is refused."""
    offer = {**THRESHOLD, "threshold_minor": 900, "currency": "GBP"}
    found = progress(offer, tier="silver", revenue_365d_minor=840_000)
    assert found.paths[0].current is None


DAY = timedelta(days=1)
SINCE = {"tier": "silver", "tier_since": "2026-02-20T08:00:00+08:00"}


@pytest.mark.parametrize(
    ("offer", "validity", "deadline", "by"),
    [
        (None, None, None, None),
        (None, 30, datetime(2026, 3, 22, tzinfo=UTC), "tier"),
        (None, 5, None, None),
        ({"kind": "gift", "gift": "tea", "expires_at": NOW + DAY}, 30, NOW + DAY, "offer"),
        ({"kind": "gift", "gift": "tea", "expires_at": NOW}, None, None, None),
        (
            {"kind": "gift", "gift": "tea", "expires_at": NOW + 60 * DAY},
            30,
            datetime(2026, 3, 22, tzinfo=UTC),
            "tier",
        ),
        ({"kind": "discount", "percent": 5, "expires_at": NOW + DAY}, None, None, None),
        (
            {
                "kind": "challenge",
                "goal": {"measure": "frequency", "target": 3},
                "reward": "tea",
                "deadline": NOW + DAY,
                "expires_at": NOW + 2 * DAY,
            },
            None,
            NOW + DAY,
            "offer",
        ),
        (
            {**THRESHOLD, "threshold_minor": 5, "expires_at": NOW + DAY},
            None,
            NOW + DAY,
            "offer",
        ),
    ],
)
def test_the_deadline_is_what_ends_first(
    offer: dict[str, Any] | None, validity: int | None, deadline: datetime | None, by: str | None
) -> None:
    """Of the offer that rewards the climb and of the tier's validity; what has passed is none."""
    found = progress(offer, {"tier_validity_days": validity}, **SINCE)
    assert (found.deadline, found.deadline_by) == (deadline, by)


@pytest.mark.parametrize("since", [5, "", "soon", "9999-12-31T23:59:59-23:59", "2026-02-30"])
def test_a_moment_that_is_none_gives_no_deadline(since: Any) -> None:  # noqa: ANN401  # an attribute
    """What the business sends under the name of a moment may be none."""
    found = progress(ladder={"tier_validity_days": 36_500}, tier="silver", tier_since=since)
    assert found.deadline is None


def test_a_member_says_up_to_when_it_was_computed() -> None:
    """Only where something was computed; what the business alone says has no such moment."""
    made = programme(tiers=TIERS, score=SCORE)
    climb = climb_of(made, "silver", "", NoOffer())
    computed = Member("m-1", {"tier": "silver"}, computed={"score": 1.0}, computed_by="3-abc")
    found = progress_of(climb, computed, NOW, NOW - DAY)
    assert (found.as_of, found.computed_by) == (NOW - DAY, "3-abc")
    found = progress_of(climb, Member("m-1", {"tier": "silver"}), NOW, NOW - DAY)
    assert (found.as_of, found.computed_by) == (None, None)


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        (Measure.SPEND, "revenue_90d_minor"),
        (Measure.FREQUENCY, "orders_90d"),
        (Measure.ENGAGEMENT, "active_days_90d"),
        (Measure.REFERRALS, "referrals_90d"),
        (Measure.AVERAGE_ORDER_VALUE, "average_order_value_90d_minor"),
        (Measure.TENURE, "tenure_days"),
    ],
)
def test_every_measure_has_its_attribute(measure: Measure, name: str) -> None:
    """The names are those that a recomputation writes."""
    assert measured_attribute(measure, 90) == name


MONEY = st.integers(-(10**9), 10**9)
POINTS = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)


@settings(deadline=None)
@given(
    spent=MONEY | st.none(),
    score=POINTS | st.none(),
    friends=st.integers(0, 9) | st.none(),
    spend_target=st.integers(0, 10**9),
    score_target=st.integers(1, 10_000),
)
def test_progress_is_what_fractions_say(
    spent: int | None,
    score: float | None,
    friends: int | None,
    spend_target: int,
    score_target: int,
) -> None:
    """The nearest way, its share rounded down and the state are those of exact arithmetic."""
    gold = {
        "key": "gold",
        "entry_threshold_minor": spend_target,
        "entry_score": score_target / 100,
        "paths": [{"measure": "referrals", "threshold": 5}],
    }
    known = {"revenue_365d_minor": spent, "score": score, "referrals_365d": friends}
    attributes: dict[str, Any] = {n: value for n, value in known.items() if value is not None}
    found = progress(ladder={"tiers": [{"key": "silver"}, gold]}, tier="silver", **attributes)
    exact = [
        None if value is None else _exact(Fraction(str(value)), target)
        for value, target in (
            (spent, Fraction(spend_target)),
            (score, Fraction(score_target, 100)),
            (friends, Fraction(5)),
        )
    ]
    shares = [None if one.share is None else Fraction(str(one.share)) for one in found.paths]
    assert shares == exact
    had = [one for one in exact if one is not None]
    if not had:
        assert found.state is ProgressState.UNKNOWN
        return
    assert found.state == ("reached" if max(had) == 1 else "under_way")
    assert [one.nearest for one in found.paths].index(True) == exact.index(max(had))
    assert sum(one.nearest for one in found.paths) == 1
    assert found.share == float(max(had))


def _exact(value: Fraction, target: Fraction) -> Fraction:
    """Give the share in ten-thousandths, rounded down."""
    if value >= target:
        return Fraction(1)
    return Fraction(int(value / target * 10_000), 10_000) if value > 0 else Fraction(0)
