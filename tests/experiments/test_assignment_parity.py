"""The evaluator that is fast decides as the one that is plain, whatever it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment import Assignment, NotAssigned, assign
from experiments.audience import Audience, compiled
from experiments.bucketing import shard
from experiments.campaign import Campaign, Phase, State
from experiments.catalogue import compile_catalogue
from experiments.layer import SlotRange, take
from experiments.member import Member
from tests.experiments import designs, plain_evaluator
from tests.experiments.designs import NOW
from tests.experiments.plain_evaluator import Answer

if TYPE_CHECKING:
    from experiments.programme import Programme

SHARES = st.sampled_from([100, 100, 99.99, 50, 12.34, 0.01, 0])
WORDS = st.sampled_from(
    ["gold", "Gold", "silver", "金卡", "", "12", "12.0", "12.5", "1e2", "-3", ".5", "0x10", "true"]
)
SCALARS = st.one_of(
    WORDS,
    st.booleans(),
    st.sampled_from([0, 1, -3, 12, 10**18, 0.0, -0.5, 12.0, 12.5, 1e300]),
    st.integers(-20, 20),
    st.floats(-20, 20),
)
NAMES = st.sampled_from(["tier", "spend", "id"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "ONE_OF": st.lists(SCALARS, min_size=1, max_size=3),
    "NOT_ONE_OF": st.lists(SCALARS, min_size=1, max_size=3),
    "MATCHES": st.sampled_from(["^g", "old|金", "[0-9]+", "", r"^\d+\.5", "^m-1"]),
    "NOT_MATCHES": st.sampled_from(["^g", "old|金", "[0-9]+", "", r"^\d+\.5", "^m-1"]),
    "IS_NULL": st.booleans(),
    **dict.fromkeys(("GT", "GTE", "LT", "LTE"), st.sampled_from([0, 12, 12.5, "12", "-1e1"])),
}
LONG_AGO, FAR_OFF = NOW - timedelta(days=30), NOW + timedelta(days=30)
EDGES = [NOW + timedelta(microseconds=i) for i in (-1, 0, 1)]
MOSTLY = st.sampled_from([True] * 7 + [False])
MEMBERS = st.builds(
    Member,
    st.integers(0, 9_999).map("m-{}".format) | st.text(min_size=1, max_size=8),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["tier", "spend", "id", "household_id"], SCALARS | st.none())
    ),
    personalisation_consent=MOSTLY,
)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """Give a condition of any operator with a value that fits it."""
    operator = draw(st.sampled_from(sorted(VALUES)))
    return {"attribute": draw(NAMES), "operator": operator, "value": draw(VALUES[operator])}


AUDIENCES = st.lists(
    st.lists(conditions(), min_size=1, max_size=3).map(lambda all_of: {"all_of": all_of}),
    max_size=3,
).map(lambda any_of: {"any_of": any_of})


@st.composite
def splits(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Give two to five variants whose shares total 100 %; some have none."""
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=4)))
    ends = [*cuts, 10_000]
    shares = [end - start for start, end in zip([0, *cuts], ends, strict=True)]
    keys = ["control", "B", "C", "D", "E"]
    return [
        {"key": key, "planned_share": f"{share // 100}.{share % 100:02}"}
        for key, share in zip(keys, shares, strict=False)
    ]


@st.composite
def campaigns(draw: st.DrawFn) -> list[Campaign]:
    """Give one to four campaigns of any state, some of them in one layer on disjoint slots."""
    made: list[Campaign] = []
    taken: list[SlotRange] = []
    states = [State.RUNNING] * 9 + [State.SCHEDULED] * 5 + list(State)
    for number in range(draw(st.integers(1, 4))):
        held = None
        if draw(st.booleans()):
            share = draw(st.integers(1, 6_000))
            held = take(share, taken)
        layer = {"key": "home", "share": share / 100} if held else None
        state = draw(st.sampled_from(states))
        campaign = designs.campaign(
            state,
            key=f"c-{number}",
            layer=layer,
            variants=draw(splits()),
            audience=draw(AUDIENCES),
            traffic_share=draw(SHARES),
            ends_at=draw(st.sampled_from([None, FAR_OFF] * 4 + [LONG_AGO, *EDGES])),
            randomization_unit=draw(st.sampled_from(["member", "member", "household"])),
            assigned_by=draw(st.sampled_from(["tierlift"] * 9 + ["external"])),
        )
        started = draw(st.sampled_from([LONG_AGO] * 8 + [FAR_OFF, *EDGES]))
        phases = tuple(
            Phase(phase, campaign.design, started, layer_ranges=held or ())
            for phase in range(1, draw(st.integers(1, 2)) + 1)
        )
        if state is not State.DRAFT:
            campaign = replace(campaign, phases=phases)
            if state in plain_evaluator.HOLDS_ITS_SLOTS:
                taken += held or ()
        made.append(campaign)
    return made


PROGRAMMES = st.builds(
    lambda programme, layer: designs.programme(
        holdout_share=programme, layers=[{"key": "home", "holdout_share": layer}]
    ),
    st.sampled_from([0, 0, 0, 5, 50, 100]),
    st.sampled_from([0, 0, 0, 5, 50, 100]),
)


def as_answer(decided: Assignment | NotAssigned) -> Answer:
    """Give what the evaluator decided in the words of the plain one."""
    if isinstance(decided, NotAssigned):
        return Answer(decided.reason, decided.detail)
    return Answer(
        decided.reason, "", decided.unit_id, decided.variant.key, remembered=decided.remembered
    )


@settings(max_examples=300)
@given(
    programme=PROGRAMMES,
    everything=campaigns(),
    members=st.lists(MEMBERS, min_size=1, max_size=8),
    prior=st.sampled_from([None, None, None, "control", "C", "gone"]),
    enrolment_open=MOSTLY,
)
def test_the_evaluator_decides_as_the_documents_say(
    *,
    programme: Programme,
    everything: list[Campaign],
    members: list[Member],
    prior: str | None,
    enrolment_open: bool,
) -> None:
    """Reason, detail, unit and variant are those of the plain evaluator, in every campaign."""
    catalogue = compile_catalogue(programme, everything, revision=1)
    for member in members:
        slot_of = cache(shard)
        for campaign in everything:
            decide = partial(
                assign,
                catalogue.campaigns[campaign.key],
                member,
                NOW,
                prior=prior,
                enrolment_open=enrolment_open,
            )
            decided = decide()
            expected = plain_evaluator.evaluate(
                programme,
                everything,
                campaign,
                member,
                NOW,
                prior=prior,
                enrolment_open=enrolment_open,
            )
            assert as_answer(decided) == expected
            assert decided.campaign == campaign.key
            assert decided == decide(slot_of=slot_of)


@settings(max_examples=500)
@given(audience=AUDIENCES.map(Audience.model_validate), member=MEMBERS)
def test_rules_refuse_in_the_same_words(audience: Audience, member: Member) -> None:
    """A compiled audience admits whom its document admits, and names the same conditions."""
    admission = compiled(audience)
    refused = None if admission is None else admission(member)
    assert refused == plain_evaluator.refusal(audience, member)


@given(salt=st.text(max_size=20), unit=st.text(max_size=20))
def test_a_slot_is_the_published_one_whatever_the_text(salt: str, unit: str) -> None:
    """Salt and unit are hashed as UTF-8, of any script and any length."""
    assert shard(salt, unit) == plain_evaluator.slot(salt, unit)
