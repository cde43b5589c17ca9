"""A campaign document is checked when it is read, and states change by legal moves only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from experiments.amendment import plan_changes, unsafe_changes
from experiments.campaign import LEGAL, CampaignDesign, Move, State
from experiments.document import problems_of
from experiments.errors import IllegalMove
from experiments.launch import launch_problems
from tests.experiments.designs import DESIGN, NOW, campaign, design, programme


def variants(*shares: float, control: str | None = "control") -> list[dict[str, Any]]:
    """Give variants with these shares; the first one has the control's key."""
    keys = [control or "a", "b", "c", "d", "e", "f", "g", "h", "i"]
    return [{"key": key, "planned_share": s} for key, s in zip(keys, shares, strict=False)]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"variants": variants(50, 49.99)}, "variants", "50.00 + 49.99 = 99.99"),
        ({"variants": variants(50, 50.01)}, "variants", "= 100.01"),
        ({"variants": variants(33.333, 66.667)}, "variants[0].planned_share", "two decimals"),
        ({"variants": variants(100)}, "variants", "at least 2"),
        ({"variants": variants(*[11] * 8, 12)}, "variants", "at most 8"),
        ({"variants": variants(50, 50, control=None)}, "variants", "must be the control"),
        (
            {"variants": [{"key": "control", "planned_share": 50}] * 2},
            "variants",
            "control stands more than once",
        ),
        ({"variants": variants(-1, 101)}, "variants[0].planned_share", "greater than or equal"),
        ({"key": "gold q3"}, "key", "match pattern"),
        ({"key": "a/b"}, "key", "match pattern"),
        ({"colour": "red"}, "colour", "not a field"),
        ({"starts_at": "2026-07-01"}, "starts_at", "timezone"),
        (
            {"starts_at": "2026-07-02T00:00:00Z", "ends_at": "2026-07-01T00:00:00Z"},
            "(document)",
            "must be after starts_at",
        ),
        (
            {"metrics": [{"metric": "a", "role": "oec"}, {"metric": "b", "role": "oec"}]},
            "metrics",
            "only one",
        ),
        (
            {"metrics": [{"metric": "a", "role": "oec"}, {"metric": "a", "role": "diagnostic"}]},
            "metrics",
            "a stands more often",
        ),
        ({"metrics": [{"metric": "a", "role": "guardrail"}]}, "metrics[0]", "needs a margin"),
        (
            {"metrics": [{"metric": "a", "role": "oec", "margin": 1}]},
            "metrics[0]",
            "only a guardrail",
        ),
        ({"traffic_share": 100.01}, "traffic_share", "less than or equal to 100"),
        ({"funnel": ["view", "view"]}, "funnel", "stands once"),
        ({"alpha": 0.6}, "alpha", "less than 0.5"),
    ],
)
def test_a_document_that_cannot_work_is_refused_at_its_field(
    changes: dict[str, Any], field: str, words: str
) -> None:
    """The error names the field as the sender wrote it, and what is wrong with it."""
    with pytest.raises(ValidationError) as refused:
        design(**changes)
    problem = problems_of(refused.value)[0]
    assert problem.field == field
    assert words in problem.message


OFFER = {"unit_cost_minor": 100, "currency": "TWD"}
GIFT = {"kind": "gift", "gift": "tea", **OFFER}
CHALLENGE = {
    "kind": "challenge",
    "goal": {"measure": "frequency", "target": 3},
    "reward": "A tea set",
    "deadline": "2026-07-01T00:00:00Z",
    **OFFER,
}


@pytest.mark.parametrize(
    ("offer", "field"),
    [
        ({"kind": "points_multiplier", "multiplier": 0, **OFFER}, "offer.multiplier"),
        ({"kind": "points_multiplier", "multiplier": -2, **OFFER}, "offer.multiplier"),
        ({"kind": "gift", "gift": "tea", "unit_cost_minor": 1}, "offer.currency"),
        ({"kind": "gift", "gift": "tea", "currency": "TWD"}, "offer.unit_cost_minor"),
        (
            {"kind": "gift", "gift": "tea", "unit_cost_minor": -1, "currency": "TWD"},
            "offer.unit_cost_minor",
        ),
        (
            {"kind": "gift", "gift": "tea", "unit_cost_minor": 1, "currency": "DEM"},
            "offer.currency",
        ),
        ({"kind": "discount", **OFFER}, "offer"),
        ({"kind": "discount", "percent": 101, **OFFER}, "offer.percent"),
        (
            {"kind": "lottery", "prize": "car", "win_probability": 0, **OFFER},
            "offer.win_probability",
        ),
        ({"kind": "upgrade_trial", "target_tier": "gold", **OFFER}, "offer.duration_days"),
        ({"kind": "threshold_change", "target_tier": "gold", **OFFER}, "offer"),
        (
            {
                "kind": "threshold_change",
                "target_tier": "gold",
                "paths": [{"measure": "referrals", "threshold": n} for n in (1, 2)],
                **OFFER,
            },
            "offer.paths",
        ),
        ({"kind": "points_exchange", "points": 0, "reward": "mug", **OFFER}, "offer.points"),
        ({"kind": "coupon", "purchases": 0, "percent": 5, **OFFER}, "offer.purchases"),
        ({"kind": "coupon", "purchases": 3, **OFFER}, "offer"),
        ({"kind": "exclusive_offer", "exclusive": "", **OFFER}, "offer.exclusive"),
        ({**CHALLENGE, "goal": {"measure": "tenure", "target": 3}}, "offer.goal.measure"),
        ({**CHALLENGE, "goal": {"measure": "spend", "target": 0}}, "offer.goal.target"),
        ({**CHALLENGE, "deadline": "2026-07-01"}, "offer.deadline"),
        ({**CHALLENGE, "expires_at": CHALLENGE["deadline"]}, "offer.deadline"),
        ({**GIFT, "breakage": 1.1}, "offer.breakage"),
        ({**GIFT, "breakage": 0.12345}, "offer.breakage"),
        ({**GIFT, "stock": 0}, "offer.stock"),
        ({**GIFT, "stock": "10"}, "offer.stock"),
        ({**GIFT, "values": {"gold": -1}}, "offer.values.gold"),
        ({**GIFT, "values": {"go ld": 1}}, "offer.values.go ld.[key]"),
        (
            {
                "kind": "early_access",
                "access_to": "sale",
                "expires_at": "2026-07-01T00:00:00Z",
                "opens_at": "2026-07-01T08:00:00+08:00",
                **OFFER,
            },
            "offer.opens_at",
        ),
        ({"kind": "free_lunch", **OFFER}, "offer"),
        ({"kind": "none", "texts": {"xx-yy": {"title": "?"}}}, "offer.texts.xx-yy.[key]"),
    ],
)
def test_an_offer_that_cannot_be_given_is_refused_at_its_field(
    offer: dict[str, Any], field: str
) -> None:
    """Multipliers, costs, currencies and kinds are checked when the offer is written."""
    variants = [
        {"key": "control", "planned_share": 50},
        {"key": "gift", "planned_share": 50, "offer": offer},
    ]
    with pytest.raises(ValidationError) as refused:
        design(variants=variants)
    assert [problem.field for problem in problems_of(refused.value)] == [f"variants[1].{field}"]


def test_a_document_survives_json_and_back() -> None:
    """What is stored is what was written."""
    made = design(traffic_share=12.34, starts_at="2026-07-01T00:00:00+08:00")
    assert CampaignDesign.model_validate_json(made.model_dump_json()) == made


def test_a_document_is_frozen() -> None:
    """A design cannot change behind the catalogue's back."""
    made = design()
    with pytest.raises(ValidationError):
        made.name = "other"


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("move", list(Move))
def test_every_illegal_move_is_refused_by_name(state: State, move: Move) -> None:
    """The refusal names the campaign, its state, the move and the moves that are legal."""
    # Seen before its start: by the clock, a scheduled campaign becomes a running one.
    start = NOW + timedelta(days=1) if state is State.SCHEDULED else None
    made = campaign(state, starts_at=start)
    if move in LEGAL[state]:
        assert made.moved(move, NOW) is LEGAL[state][move]
        return
    with pytest.raises(IllegalMove) as refused:
        made.moved(move, NOW)
    words = str(refused.value)
    assert f"'gold-q3' is {state}, so it cannot {move}" in words
    assert all(legal in words for legal in LEGAL[state])


def test_the_whole_life_is_draft_to_archived() -> None:
    """The states follow one another as a campaign lives."""
    made = campaign(State.DRAFT)
    states = [made.state]
    for move in (Move.LAUNCH, Move.PAUSE, Move.RESUME, Move.STOP, Move.DECIDE, Move.ARCHIVE):
        made = replace(made, state=made.moved(move, NOW))
        states.append(made.state)
    assert states == ["draft", "running", "paused", "running", "stopped", "decided", "archived"]


def test_a_launch_ahead_of_its_start_is_scheduled() -> None:
    """The clock makes a scheduled campaign a running one, which can then be paused."""
    start = NOW + timedelta(days=1)
    assert campaign(State.DRAFT, starts_at=start).moved(Move.LAUNCH, NOW) is State.SCHEDULED
    scheduled = campaign(State.SCHEDULED, starts_at=start)
    assert scheduled.state_at(NOW) is State.SCHEDULED
    assert scheduled.state_at(start) is State.RUNNING
    assert scheduled.moved(Move.PAUSE, start) is State.PAUSED


def fields(problems: Any) -> list[str]:  # noqa: ANN401  # an iterator of problems
    """Give the fields of problems."""
    return [problem.field for problem in problems]


def test_a_launch_needs_an_oec() -> None:
    """Without a metric that decides, nothing is decided."""
    assert fields(launch_problems(design(metrics=[]), programme(), NOW)) == ["metrics"]


def test_a_launch_needs_a_programme() -> None:
    """Without zone and currency, days and money mean nothing."""
    assert fields(launch_problems(design(), None, NOW)) == ["programme"]


def test_a_launch_after_its_end_is_refused() -> None:
    """An end that has passed is named."""
    assert fields(launch_problems(design(ends_at=NOW), programme(), NOW)) == ["ends_at"]


def test_an_unknown_layer_is_refused() -> None:
    """A typing error in a layer's key would silently give up exclusion."""
    made = design(layer={"key": "hoem", "share": 50})
    assert fields(launch_problems(made, programme(), NOW)) == ["layer.key"]


def with_offer(**terms: Any) -> CampaignDesign:  # noqa: ANN401  # fields of an offer
    """Give the design with other terms of its gift."""
    offer = {**DESIGN["variants"][1]["offer"], **terms}
    return design(variants=[DESIGN["variants"][0], {**DESIGN["variants"][1], "offer": offer}])


def test_an_expired_offer_is_refused() -> None:
    """An offer that nobody can take is not launched."""
    made = with_offer(expires_at=NOW - timedelta(seconds=1))
    assert fields(launch_problems(made, programme(), NOW)) == ["variants[1].offer.expires_at"]


@pytest.mark.parametrize(
    ("target", "tiers", "refused"),
    [
        ("gold", None, False),
        ("gold", ["silver"], False),
        ("gold", ["silver", "gold"], True),
        ("gold", ["gold", "diamond"], True),
        ("platinum", None, True),
        ("bronze", None, True),
    ],
)
def test_the_target_tier_is_above_every_tier_that_the_audience_names(
    target: str, tiers: list[str] | None, *, refused: bool
) -> None:
    """Nobody can be lifted to where they stand already."""
    rule = {"attribute": "tier", "operator": "ONE_OF", "value": tiers}
    made = with_offer(target_tier=target)
    if tiers is not None:
        audience = {"any_of": [{"all_of": [rule]}]}
        made = CampaignDesign.model_validate({**made.model_dump(), "audience": audience})
    expected = ["variants[1].offer.target_tier"] if refused else []
    assert fields(launch_problems(made, programme(), NOW)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"traffic_share": 100},
        {"name": "Gold at last"},
        {"hypothesis": "A gift makes silver members climb."},
        {"ends_at": "2026-09-01T00:00:00Z"},
        {"ends_at": None},
    ],
)
def test_safe_changes_pass_while_a_phase_runs(changes: dict[str, Any]) -> None:
    """More traffic, a later end and words for people move nobody."""
    old = design(traffic_share=50, ends_at="2026-08-01T00:00:00Z")
    new = design(**{"traffic_share": 50, "ends_at": "2026-08-01T00:00:00Z", **changes})
    assert not list(unsafe_changes(old, new))


def test_texts_may_be_mended_while_a_phase_runs() -> None:
    """A typing error in an offer need not wait for a new phase."""
    assert not list(unsafe_changes(design(), with_offer(texts={"en": {"title": "A gift"}})))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"traffic_share": 40}, "traffic_share"),
        ({"ends_at": "2026-07-01T00:00:00Z"}, "ends_at"),
        ({"variants": variants(40, 60)}, "variants"),
        ({"randomization_unit": "household"}, "randomization_unit"),
    ],
)
def test_unsafe_changes_are_refused_with_the_way_out(changes: dict[str, Any], field: str) -> None:
    """What would make the phase unreadable is named, and a new phase is offered."""
    old = design(traffic_share=50, ends_at="2026-08-01T00:00:00Z")
    new = design(**{"traffic_share": 50, "ends_at": "2026-08-01T00:00:00Z", **changes})
    (problem,) = unsafe_changes(old, new)
    assert problem.field == field
    assert "new_phase=true" in problem.way_out


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metrics": [{"metric": "spend_per_member", "role": "oec"}]}, "metrics"),
        ({"alpha": 0.1}, "alpha"),
        ({"conversion_window_days": 7}, "conversion_window_days"),
        ({"crossover": "keep_first"}, "crossover"),
        ({"funnel": ["offer_view"]}, "funnel"),
        ({"analysis": {"segments": [{"key": "tier"}]}}, "analysis"),
    ],
)
def test_a_change_of_the_analysis_is_a_deviation(changes: dict[str, Any], field: str) -> None:
    """It moves no member, so it is not unsafe; but it is another plan, and told apart as such."""
    assert not list(unsafe_changes(design(), design(**changes)))
    assert plan_changes(design(), design(**changes)) == (field,)


def test_words_for_people_are_no_deviation() -> None:
    """A new owner changes nothing that is computed."""
    assert plan_changes(design(), design(owner="ben")) == ()


def test_an_offer_may_not_change_while_a_phase_runs() -> None:
    """Another gift is another treatment."""
    assert fields(unsafe_changes(design(), with_offer(gift="A kettle"))) == ["variants"]
