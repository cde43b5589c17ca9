"""All members at once are counted by the reasons that the evaluator gives one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from experiments.assignment import Assignment, Reason, assign, unit_of
from experiments.bulk.assigning import opened
from experiments.bulk.counting import (
    MemberCounter,
    MemberGroup,
    Standing,
    as_if_running,
    copy_standing,
)
from experiments.bulk.deciding import Decision
from experiments.bulk.member_relations import members_of_store
from experiments.campaign import Campaign, State
from experiments.catalogue import CompiledCampaign, compile_catalogue
from experiments.exposure import Exposure
from experiments.member import Member, text_of
from experiments.store.engine import writing
from experiments.store.exposures import append_exposures
from tests.experiments.bulk.members import NOW
from tests.experiments.bulk.test_assigning import KEY, World, worlds
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

TIERS = ("gold", "12")


def compiled_of(world: World, one: Campaign) -> CompiledCampaign:
    """Compile a campaign of a world as if it ran."""
    running = as_if_running(one, [world.campaign, world.other], NOW)
    others = [other for other in (world.campaign, world.other) if other.key != one.key]
    return compile_catalogue(world.programme, [running, *others], revision=1).campaigns[one.key]


def counted(
    engine: Engine, world: World, *, enrolment_open: bool = True
) -> tuple[tuple[MemberGroup, ...], tuple[Standing, ...], int]:
    """Count the members of a store, and those whom the other campaign takes, too."""
    decision = Decision(compiled_of(world, world.campaign), NOW)
    with opened() as connection:
        counter = MemberCounter(connection, members_of_store(engine, connection))
        standing = copy_standing(engine, connection, KEY, 1)
        groups = counter.count(
            decision, tiers=TIERS, enrolment_open=enrolment_open, has_standing=True
        )
        shared = counter.shared(Decision(compiled_of(world, world.other), NOW))
    return groups, standing, shared


def one_by_one(
    world: World, priors: Mapping[str, str], *, enrolment_open: bool = True
) -> tuple[Counter[tuple[object, ...]], int]:
    """Ask the evaluator about every member: who they are to the campaign, and to the other."""
    compiled = compiled_of(world, world.campaign)
    other = compiled_of(world, world.other)
    found: Counter[tuple[object, ...]] = Counter()
    shared = 0
    for member in world.members:
        unit = unit_of(member, compiled.unit)
        answer = assign(
            compiled,
            member,
            NOW,
            prior=priors.get(unit or ""),
            enrolment_open=enrolment_open,
        )
        admitted = compiled.admission is None or compiled.admission(member) is None
        tier = member.attributes.get("tier")
        tier = None if tier is None else text_of(tier)
        found[
            answer.reason,
            "" if isinstance(answer, Assignment) else answer.detail,
            admitted,
            member.personalisation_consent,
            tier if tier in TIERS else None,
            priors.get(unit or ""),
        ] += 1
        if isinstance(answer, Assignment):
            shared += isinstance(assign(other, member, NOW), Assignment)
    return found, shared


def as_counter(groups: tuple[MemberGroup, ...]) -> Counter[tuple[object, ...]]:
    """Give groups as the evaluator's answers are counted."""
    found: Counter[tuple[object, ...]] = Counter()
    for one in groups:
        key = (one.reason, one.detail, one.admitted, one.consents, one.tier, one.variant)
        found[key] += one.members
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds())
def test_members_are_counted_as_the_evaluator_decides(world: World, engine: Engine) -> None:
    """Each reason, with its words, has as many members in the bulk as one by one."""
    world.store(engine)

    for enrolment_open in (True, False):
        groups, standing, shared = counted(engine, world, enrolment_open=enrolment_open)

        expected, both = one_by_one(world, world.priors, enrolment_open=enrolment_open)
        assert as_counter(groups) == expected
        assert shared == both
        assert {one.variant: one.assigned for one in standing} == Counter(world.priors.values())


RULES = {
    "any_of": [
        {
            "all_of": [
                {"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]},
                {"attribute": "email_consent", "operator": "ONE_OF", "value": [True]},
            ]
        },
        {"all_of": [{"attribute": "vip", "operator": "ONE_OF", "value": [True]}]},
    ]
}


def world_of(members: list[Member], **changes: Any) -> World:  # noqa: ANN401  # fields of a document
    """Give a small world."""
    return World(programme(), campaign(**changes), campaign(key="other"), members, {})


def test_the_first_condition_that_refuses_is_named(engine: Engine) -> None:
    """The words are those of the rules, and the attribute is that of the first condition."""
    members = [
        Member("a", {"tier": "silver", "email_consent": False}),
        Member("b", {"tier": "gold"}),
        Member("c", {"tier": "silver", "email_consent": True}),
        Member("d", {"vip": True}),
    ]
    world = world_of(members, audience=RULES)
    world.store(engine)

    groups, _, _ = counted(engine, world)

    found = {one.detail: (one.condition, one.members) for one in groups}
    assert found == {
        "": ("", 2),
        "email_consent ONE_OF [true] and vip ONE_OF [true]": ("email_consent", 1),
        "tier ONE_OF [silver] and vip ONE_OF [true]": ("tier", 1),
    }


def test_an_exposure_stands_for_an_assignment_that_nobody_remembers(engine: Engine) -> None:
    """Whoever was exposed is assigned, folded or not, and counts as exposed."""
    world = world_of([Member("a"), Member("b")])
    world.store(engine)
    with writing(engine) as connection:
        seen = Exposure("e-1", KEY, 1, "gift", "a", "a", NOW - timedelta(days=1), NOW, "test")
        append_exposures(connection, [seen])

    groups, standing, _ = counted(engine, world)

    assert {(one.variant, one.exposed): one.members for one in groups} == {
        ("gift", True): 1,
        (None, False): 1,
    }
    assert standing == (Standing("gift", 1, 1),)


@pytest.mark.parametrize("state", [State.DRAFT, State.PAUSED, State.STOPPED])
def test_a_campaign_can_be_asked_in_any_state(state: State, engine: Engine) -> None:
    """What does not run is counted as if it did: a draft takes what a launch would take."""
    layer = {"key": "home", "share": 60}
    draft = campaign(state, layer=layer, starts_at="2027-01-01T00:00:00Z")
    other = campaign(key="other", layer={"key": "home", "share": 30})
    held = replace(
        other.phases[0], layer_ranges=as_if_running(other, [], NOW).phases[0].layer_ranges
    )
    other = replace(other, phases=(held,))
    world = World(programme(), draft, other, [Member(f"m-{n}") for n in range(200)], {})
    world.store(engine)

    groups, _, _ = counted(engine, world)

    assert as_counter(groups) == one_by_one(world, {})[0]
    assert sum(one.members for one in groups) == 200
    if state is State.DRAFT:
        by_reason = Counter[Reason]()
        for one in groups:
            by_reason[one.reason] += one.members
        assert by_reason[Reason.ASSIGNED] == pytest.approx(120, abs=35)
