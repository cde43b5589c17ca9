"""One pure evaluator decides, and every refusal has its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from experiments.assignment import Assignment, NotAssigned, Reason, assign
from experiments.bucketing import shard
from experiments.campaign import Campaign, Phase, State
from experiments.catalogue import CompiledCampaign, compile_catalogue
from experiments.layer import SlotRange
from experiments.member import Member
from tests.experiments.designs import NOW, campaign, programme

SILVER = {
    "any_of": [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
}


def compiled(made: Campaign, *others: Campaign, **programme_changes: Any) -> CompiledCampaign:  # noqa: ANN401  # document fields
    """Give the compiled form of one campaign among others."""
    catalogue = compile_catalogue(programme(**programme_changes), [made, *others], revision=1)
    return catalogue.campaigns[made.key]


def members(n: int) -> list[Member]:
    """Give n members without attributes."""
    return [Member(f"m-{i}") for i in range(n)]


def assigned(answer: Assignment | NotAssigned) -> str | None:
    """Give the variant's key, or None."""
    return answer.variant.key if isinstance(answer, Assignment) else None


def test_the_variant_follows_the_published_bucket() -> None:
    """Slots below the first variant's share are its own, the next ones the next variant's."""
    running = compiled(campaign())
    for member in members(500):
        slot = shard("gold-q3:1:split", member.member_id)
        assert assigned(assign(running, member, NOW)) == ("control" if slot < 5_000 else "gift")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.DRAFT, Reason.NOT_STARTED),
        (State.PAUSED, Reason.PAUSED),
        (State.STOPPED, Reason.ENDED),
        (State.DECIDED, Reason.ENDED),
        (State.ARCHIVED, Reason.ENDED),
    ],
)
def test_a_campaign_that_does_not_run_gives_its_reason(state: State, reason: Reason) -> None:
    """Each state that serves nothing has a reason of its own."""
    answer = assign(compiled(campaign(state)), Member("m-1"), NOW)
    assert isinstance(answer, NotAssigned)
    assert answer.reason is reason


def test_a_scheduled_campaign_starts_by_the_clock() -> None:
    """Nobody has to press a button at the start."""
    start = NOW + timedelta(hours=1)
    scheduled = compiled(campaign(State.SCHEDULED, starts_at=start))
    before = assign(scheduled, Member("m-1"), start - timedelta(microseconds=1))
    assert before == NotAssigned("gold-q3", Reason.NOT_STARTED)
    assert isinstance(assign(scheduled, Member("m-1"), start), Assignment)


def test_a_campaign_ends_by_the_clock() -> None:
    """The end itself is no longer inside."""
    end = NOW + timedelta(hours=1)
    running = compiled(campaign(ends_at=end))
    assert isinstance(assign(running, Member("m-1"), end - timedelta(microseconds=1)), Assignment)
    assert assign(running, Member("m-1"), end) == NotAssigned("gold-q3", Reason.ENDED)


def test_who_opted_out_is_not_randomised() -> None:
    """Consent comes before every other rule of the campaign."""
    answer = assign(compiled(campaign()), Member("m-1", {}, personalisation_consent=False), NOW)
    assert answer == NotAssigned("gold-q3", Reason.OPTED_OUT)


def test_who_opts_out_later_is_served_the_default_though_assigned() -> None:
    """An opt-out holds at once, whatever was remembered."""
    member = Member("m-1", {}, personalisation_consent=False)
    answer = assign(compiled(campaign()), member, NOW, prior="gift")
    assert answer == NotAssigned("gold-q3", Reason.OPTED_OUT)


def test_who_is_not_eligible_learns_the_condition() -> None:
    """The reason names the condition that refused, not only that one did."""
    answer = assign(compiled(campaign(audience=SILVER)), Member("m-1", {"tier": "bronze"}), NOW)
    assert answer == NotAssigned("gold-q3", Reason.NOT_ELIGIBLE, "tier ONE_OF [silver]")


def test_the_holdout_is_the_same_in_every_campaign() -> None:
    """A member held out of one campaign is held out of all."""
    first = compiled(campaign(), holdout_share=10)
    second = compiled(campaign(key="other"), holdout_share=10)
    held = [m for m in members(2_000) if shard("holdout", m.member_id) < 1_000]
    assert 100 < len(held) < 300
    for member in held:
        for running in (first, second):
            answer = assign(running, member, NOW)
            assert isinstance(answer, NotAssigned)
            assert (answer.reason, answer.detail) == (Reason.HELD_OUT, "programme")


def in_layer(key: str, held: SlotRange) -> Campaign:
    """Give a running campaign that holds slots of the layer `home`."""
    share = (held.end - held.start) / 100
    made = campaign(key=key, layer={"key": "home", "share": share})
    start = datetime(2026, 2, 1, tzinfo=UTC)
    return replace(made, phases=(Phase(1, made.design, start, layer_ranges=(held,)),))


def test_campaigns_of_a_layer_exclude_one_another() -> None:
    """No member is in two campaigns of a layer, and the other campaign is named."""
    left, right = in_layer("left", SlotRange(0, 4_000)), in_layer("right", SlotRange(4_000, 7_000))
    first, second = compiled(left, right), compiled(right, left)
    for member in members(2_000):
        one, other = assign(first, member, NOW), assign(second, member, NOW)
        assert not (isinstance(one, Assignment) and isinstance(other, Assignment))
        if isinstance(one, Assignment):
            assert other == NotAssigned("right", Reason.OTHER_CAMPAIGN, "left")


def test_a_slot_of_the_layer_that_nobody_holds_is_said() -> None:
    """A share of a layer that no campaign took is not blamed on another campaign."""
    running = compiled(in_layer("left", SlotRange(0, 1)))
    answer = assign(running, Member("m-1"), NOW)
    assert isinstance(answer, NotAssigned)
    assert answer.reason is Reason.OTHER_CAMPAIGN
    assert "no campaign" in answer.detail


def test_a_layer_has_a_holdout_of_its_own() -> None:
    """The layer's holdout keeps members from its campaigns only."""
    layers = [{"key": "home", "holdout_share": 20}]
    running = compiled(in_layer("left", SlotRange(0, 10_000)), layers=layers)
    for member in members(500):
        held = shard("layer:home:holdout", member.member_id) < 2_000
        answer = assign(running, member, NOW)
        assert isinstance(answer, NotAssigned) is held


@given(
    unit=st.text(min_size=1, max_size=40),
    low=st.integers(0, 10_000),
    more=st.integers(0, 10_000),
)
def test_assignment_survives_a_change_of_traffic_share(unit: str, low: int, more: int) -> None:
    """Raising the traffic share never moves a member already assigned to another variant."""
    high = min(10_000, low + more)
    before = assign(compiled(campaign(traffic_share=low / 100)), Member(unit), NOW)
    after = assign(compiled(campaign(traffic_share=high / 100)), Member(unit), NOW)
    if isinstance(before, Assignment):
        assert assigned(after) == before.variant.key
    else:
        assert before.reason is Reason.TRAFFIC


def test_the_traffic_share_admits_to_all_variants_alike() -> None:
    """Who is admitted is independent of the split."""
    running = compiled(campaign(traffic_share=20))
    got = [assigned(assign(running, member, NOW)) for member in members(50_000)]
    counts = [got.count("control"), got.count("gift")]
    assert scipy_stats.binomtest(sum(counts), 50_000, 0.2).pvalue > 1e-3
    assert scipy_stats.chisquare(counts).pvalue > 1e-3


def test_a_remembered_variant_stays_when_attributes_change() -> None:
    """Eligibility is frozen at assignment: a member who climbs keeps the offer."""
    running = compiled(campaign(audience=SILVER))
    answer = assign(running, Member("m-1", {"tier": "gold"}), NOW, prior="gift")
    assert isinstance(answer, Assignment)
    assert (answer.variant.key, answer.remembered) == ("gift", True)


def test_a_cap_stops_enrolment_but_not_who_is_enrolled() -> None:
    """At the cap, new members get the default in every variant alike; the enrolled keep theirs."""
    running = compiled(campaign(caps={"units": 1}))
    for member in members(50):
        refused = assign(running, member, NOW, enrolment_open=False)
        assert refused == NotAssigned("gold-q3", Reason.CAPPED)
    kept = assign(running, Member("m-1"), NOW, prior="control", enrolment_open=False)
    assert assigned(kept) == "control"


def test_a_household_is_assigned_as_one() -> None:
    """Members of one household share slot and variant."""
    running = compiled(campaign(randomization_unit="household"))
    for i in range(200):
        one = assign(running, Member(f"a-{i}", {"household_id": f"h-{i}"}), NOW)
        other = assign(running, Member(f"b-{i}", {"household_id": f"h-{i}"}), NOW)
        assert isinstance(one, Assignment)
        assert isinstance(other, Assignment)
        assert (one.unit_id, one.variant) == (other.unit_id, other.variant)


def test_a_member_without_household_cannot_enter_a_household_campaign() -> None:
    """Nobody is counted as a household by accident."""
    answer = assign(compiled(campaign(randomization_unit="household")), Member("m-1"), NOW)
    assert answer == NotAssigned("gold-q3", Reason.NOT_ELIGIBLE, "household_id IS_NULL false")


def test_an_externally_assigned_campaign_assigns_nobody() -> None:
    """Its variants come with the exposures."""
    answer = assign(compiled(campaign(assigned_by="external")), Member("m-1"), NOW)
    assert answer == NotAssigned("gold-q3", Reason.EXTERNALLY_ASSIGNED)


def test_a_new_phase_randomises_anew() -> None:
    """The phase is part of the salt: about half of a 50/50 split changes sides."""
    first = campaign()
    again = replace(first, phases=(*first.phases, Phase(2, first.design, NOW)))
    one, two = compiled(first), compiled(again)
    moved = sum(
        assigned(assign(one, m, NOW)) != assigned(assign(two, m, NOW)) for m in members(4_000)
    )
    assert scipy_stats.binomtest(moved, 4_000, 0.5).pvalue > 1e-3


def test_a_variant_without_share_gets_nobody() -> None:
    """A planned share of zero is a share."""
    variants = [
        {"key": "control", "planned_share": 50},
        {"key": "idle", "planned_share": 0},
        {"key": "live", "planned_share": 50},
    ]
    running = compiled(campaign(variants=variants))
    got = {assigned(assign(running, member, NOW)) for member in members(2_000)}
    assert got == {"control", "live"}


def test_equal_catalogues_have_equal_versions() -> None:
    """The version is a hash of what was compiled, so two processes can compare it."""
    one = compile_catalogue(programme(), [campaign()], revision=1)
    two = compile_catalogue(programme(), [campaign()], revision=2)
    other = compile_catalogue(programme(), [campaign(traffic_share=10)], revision=3)
    assert one.version == two.version != other.version


def test_drafts_and_archived_campaigns_are_not_served() -> None:
    """A bulk answer names what members may ask for, by key; single answers say why not."""
    made = [campaign(state, key=f"c-{state}") for state in reversed(State)]
    catalogue = compile_catalogue(programme(), made, revision=1)
    served = [one.state for one in catalogue.served]
    assert served == sorted(set(State) - {State.DRAFT, State.ARCHIVED})
    assert set(catalogue.campaigns) == {one.key for one in made}


def test_who_holds_a_slot_of_a_crowded_layer_is_known_of_each() -> None:
    """Whoever holds a slot is named, be it the first range, the last one or one in between."""
    ranges = {f"c-{i}": SlotRange(i * 10, i * 10 + 9) for i in range(1_000)}
    made = [in_layer(key, held) for key, held in ranges.items()]
    catalogue = compile_catalogue(programme(), made, revision=1)
    holders = {id(one.layer.holders): one.layer.holders for one in catalogue.served if one.layer}
    assert [*holders.values()] == [
        tuple(f"c-{slot // 10}" if slot % 10 < 9 else None for slot in range(10_000))
    ]


@given(unit=st.text(min_size=1, max_size=40))
def test_every_share_ends_with_its_last_slot(unit: str) -> None:
    """A share of n slots has the slots below n and no other: traffic, split, holdouts, layer."""
    member = Member(unit)

    def answer(made: Campaign, **programme_changes: Any) -> Assignment | NotAssigned:  # noqa: ANN401  # document fields
        return assign(compiled(made, **programme_changes), member, NOW)

    def split(first: int) -> Campaign:
        shares = [{"key": "control", "planned_share": first / 100}]
        return campaign(
            variants=[*shares, {"key": "gift", "planned_share": (10_000 - first) / 100}]
        )

    slot = shard("gold-q3:1:traffic", unit)
    assert assigned(answer(campaign(traffic_share=slot / 100))) is None
    assert assigned(answer(campaign(traffic_share=(slot + 1) / 100))) is not None
    slot = shard("gold-q3:1:split", unit)
    assert assigned(answer(split(slot))) == "gift"
    assert assigned(answer(split(slot + 1))) == "control"
    slot = shard("holdout", unit)
    assert assigned(answer(campaign(), holdout_share=slot / 100)) is not None
    assert assigned(answer(campaign(), holdout_share=(slot + 1) / 100)) is None
    slot = shard("layer:home:holdout", unit)
    whole = in_layer("left", SlotRange(0, 10_000))
    layers = [[{"key": "home", "holdout_share": held / 100}] for held in (slot, slot + 1)]
    assert assigned(answer(whole, layers=layers[0])) is not None
    assert assigned(answer(whole, layers=layers[1])) is None
    slot = shard("layer:home", unit)
    for start, end in ((slot, slot + 1), (slot - 1, slot), (slot + 1, slot + 2)):
        held = SlotRange(max(start, 0), max(end, 1))
        assert (assigned(answer(in_layer("left", held))) is not None) is (slot in held)
