"""All members at once are assigned as one by one, remembered, and written as they stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from experiments.assignment import Assignment, Reason, assign, unit_of
from experiments.bulk.assigning import Order, Summary, assign_all
from experiments.bulk.delivering import FileFormat, Who
from experiments.campaign import State
from experiments.catalogue import CompiledCampaign, compile_catalogue
from experiments.errors import NobodyAssigned, StaleCampaign, UnknownCampaign
from experiments.layer import SlotRange
from experiments.lifecycle import history_of
from experiments.member import Member
from experiments.store.assignments import RecordedAssignment, prior_variants, remember_all
from experiments.store.campaigns import add_campaign
from experiments.store.computed import Computed, write_computed
from experiments.store.engine import reading, writing
from experiments.store.enrolments import read_enrolled, try_enrol
from experiments.store.members import put_members
from experiments.store.programme import put_programme
from experiments.store.tables import metadata
from tests.experiments.bulk.members import NOW, audiences, populations
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from experiments.audience import Audience
    from experiments.campaign import Campaign
    from experiments.programme import Programme

KEY = "gold-q3"
SILVER = {
    "any_of": [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
}


@dataclass(frozen=True)
class World:
    """A programme, its campaigns, its members, and what was assigned before."""

    programme: Programme
    campaign: Campaign
    other: Campaign
    members: list[Member]
    priors: dict[str, str]

    def store(self, engine: Engine) -> None:
        """Keep everything in a database that may have been used before."""
        with writing(engine) as connection:
            for table in reversed(metadata.sorted_tables):
                if table.name != "audit_entries":  # nobody empties the audit log
                    connection.execute(delete(table))
            put_programme(connection, self.programme, NOW)
            add_campaign(connection, self.campaign)
            add_campaign(connection, self.other)
            put_members(connection, self.members, NOW)
            computed = [
                Computed(one.member_id, orjson.dumps(dict(one.computed)).decode())
                for one in sorted(self.members, key=lambda one: one.member_id)
                if one.computed
            ]
            if computed:
                write_computed(connection, computed, "1-0123456789ab")
            remember_all(connection, [recorded(unit, key) for unit, key in self.priors.items()])
            for _ in self.priors:
                try_enrol(connection, KEY, 1, 1_000)

    def compiled(self) -> CompiledCampaign:
        """Give the campaign as the evaluator reads it."""
        everything = [self.campaign, self.other]
        return compile_catalogue(self.programme, everything, revision=1).campaigns[KEY]

    def expected(self) -> dict[str, tuple[str | None, str]]:
        """Give variant and reason of each member, decided one by one by the evaluator.

        Units enter in the order of their ids, until the cap; a household has entered once one of
        its members has.
        """
        compiled = self.compiled()
        standing, capped = dict(self.priors), set()
        first = {}
        for member in self.members:
            unit = unit_of(member, compiled.unit)
            answer = assign(compiled, member, NOW, prior=standing.get(unit or ""))
            if isinstance(answer, Assignment) and not answer.remembered:
                first[answer.unit_id] = answer.variant.key
        room = len(first) if compiled.cap is None else compiled.cap - len(self.priors)
        for place, unit in enumerate(sorted(first)):
            if place < room:
                standing[unit] = first[unit]
            else:
                capped.add(unit)
        found = {}
        for member in self.members:
            unit = unit_of(member, compiled.unit) or ""
            answer = assign(
                compiled,
                member,
                NOW,
                prior=standing.get(unit),
                enrolment_open=unit not in capped,
            )
            variant = answer.variant.key if isinstance(answer, Assignment) else None
            found[member.member_id] = (variant, str(answer.reason))
        return found


def recorded(unit: str, variant: str) -> RecordedAssignment:
    """Give an assignment that was made before."""
    return RecordedAssignment(KEY, 1, unit, variant, "somebody", NOW)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Give a world in which every reason can come up."""
    members = draw(populations())
    by_household = draw(st.booleans())
    percent = st.sampled_from([0, 10, 50, 100])
    ranges = draw(st.sampled_from([(), ((0, 5_000),), ((0, 2_000), (7_000, 9_000))]))
    layer = {"key": "home", "share": 50} if draw(st.booleans()) else None
    shares = draw(st.sampled_from([(50, 50), (0, 100), (99.99, 0.01)]))
    audience: Audience = draw(audiences())
    changes: dict[str, Any] = {
        "randomization_unit": "household" if by_household else "member",
        "traffic_share": draw(st.sampled_from([100, 100, 50, 0])),
        "layer": layer,
        "audience": audience.model_dump(mode="json"),
        "ends_at": draw(st.sampled_from([None, NOW, NOW + timedelta(days=1)])),
        "caps": {"units": draw(st.sampled_from([None, None, 1, 3, 8]))},
        "variants": [
            {"key": "control", "planned_share": shares[0]},
            {"key": "gift", "planned_share": shares[1]},
        ],
    }
    state = draw(st.sampled_from([State.RUNNING] * 6 + [State.PAUSED, State.STOPPED]))
    made = campaign(state, **changes)
    held = tuple(SlotRange(start, end) for start, end in ranges) if layer else ()
    made = replace(made, phases=(replace(made.phases[0], layer_ranges=held),))
    shared = {"key": "other", "layer": {"key": "home", "share": 10}}
    units = sorted({unit_of(one, made.design.randomization_unit) or "" for one in members} - {""})
    priors = draw(
        st.dictionaries(st.sampled_from(units), st.sampled_from(["control", "gift"]), max_size=3)
        if units
        else st.just({})
    )
    return World(
        programme(
            holdout_share=draw(percent),
            layers=[{"key": "home", "holdout_share": draw(percent)}],
        ),
        made,
        campaign(**shared),
        members,
        priors,
    )


def run(engine: Engine, path: Path, **changes: Any) -> tuple[Summary, dict[str, dict[str, Any]]]:  # noqa: ANN401  # fields of an order
    """Assign all members, and give the summary and the rows of the file by member."""
    order = replace(Order(KEY, path, FileFormat.PARQUET, who=Who.EVERYONE), **changes)
    summary = assign_all(engine, order, now=NOW)
    rows = pyarrow.parquet.read_table(path).to_pylist()
    return summary, {row["member_id"]: row for row in rows}


def decided(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[str | None, str]]:
    """Give variant and reason of each row."""
    return {member_id: (row["variant"], row["reason"]) for member_id, row in rows.items()}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds())
def test_every_member_is_assigned_as_by_the_evaluator(
    world: World, engine: Engine, tmp_path: Path
) -> None:
    """Rules, consent, holdouts, layers, traffic, caps, households, earlier assignments: alike."""
    world.store(engine)
    path = tmp_path / "out.parquet"
    expected = world.expected()

    rehearsed, rows = run(engine, path, remembers=False)
    assert decided(rows) == expected
    with reading(engine) as connection:
        units = sorted({unit_of(one, world.compiled().unit) or "" for one in world.members})
        assert prior_variants(connection, KEY, 1, units) == world.priors

    summary, rows = run(engine, path)
    assert decided(rows) == expected
    assert rehearsed.reasons == summary.reasons
    with reading(engine) as connection:
        remembered = prior_variants(connection, KEY, 1, units)
        enrolled = read_enrolled(connection, KEY, 1)
    assert len(remembered) == len(world.priors) + summary.remembered
    if world.compiled().cap is not None:
        assert enrolled == len(remembered)

    again, rows = run(engine, path)
    assert decided(rows) == expected
    assert again.remembered == 0


def simple(engine: Engine, members: list[Member], **changes: Any) -> None:  # noqa: ANN401  # fields of a document
    """Keep a running campaign and some members."""
    World(programme(), campaign(**changes), campaign(key="other"), members, {}).store(engine)


def many(count: int, **attributes: Any) -> list[Member]:  # noqa: ANN401  # an attribute
    """Give members who are all alike."""
    return [Member(f"m-{number:05}", attributes) for number in range(count)]


def test_what_another_process_decided_first_is_what_the_file_shows(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading and remembering somebody else may assign a unit: theirs stands."""
    simple(engine, many(40))
    from experiments.bulk import assigning  # noqa: PLC0415  # the step before which it happens

    remember_chunk = assigning.remember_chunk

    def late(*arguments: Any) -> Any:  # noqa: ANN401  # handed on
        with writing(engine) as connection:
            remember_all(connection, [recorded(one.member_id, "gift") for one in many(40)])
        return remember_chunk(*arguments)

    monkeypatch.setattr(assigning, "remember_chunk", late)
    summary, rows = run(engine, tmp_path / "out.parquet")
    assert {row["variant"] for row in rows.values()} == {"gift"}
    assert summary.remembered == 0
    assert summary.variants == {"control": 0, "gift": 40}


def test_a_campaign_that_is_paused_meanwhile_gives_no_file_away(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause is in force at once: the run ends, and what was remembered before stands."""
    from experiments import lifecycle  # noqa: PLC0415  # for this test alone
    from experiments.bulk import assigning  # noqa: PLC0415  # the step before which it happens

    simple(engine, many(10))
    write_file = assigning.write_file

    def late(*arguments: Any) -> int:  # noqa: ANN401  # handed on
        act = lifecycle.Act(NOW, "somebody")
        lifecycle.move_campaign(engine, KEY, lifecycle.Move.PAUSE, act)
        return write_file(*arguments)

    monkeypatch.setattr(assigning, "write_file", late)
    with pytest.raises(StaleCampaign):
        run(engine, tmp_path / "out.parquet")


def test_attributes_are_remembered_as_they_decided(engine: Engine, tmp_path: Path) -> None:
    """The analysis slices by what a member was when it was assigned."""
    from experiments.store.assignments import find_assignment  # noqa: PLC0415  # here alone

    known = {"tier": "silver", "points": 12, "share": 0.25, "vip": True, "city": "臺北"}
    simple(engine, [Member("m-1", known)], audience=SILVER)
    run(engine, tmp_path / "out.parquet")
    with reading(engine) as connection:
        kept = find_assignment(connection, KEY, 1, "m-1")
    assert kept is not None
    assert dict(kept.attributes) == known
    assert kept.assigned_at == NOW


def test_a_campaign_that_assigns_nobody_writes_nothing(engine: Engine, tmp_path: Path) -> None:
    """An empty list would look like a success; only a file of everyone says why in its rows."""
    made = campaign(State.PAUSED)
    World(programme(), made, campaign(key="other"), many(3), {}).store(engine)
    with pytest.raises(NobodyAssigned, match="paused"):
        run(engine, tmp_path / "out.parquet", who=Who.TREATED)
    _, rows = run(engine, tmp_path / "out.parquet")
    assert {row["reason"] for row in rows.values()} == {Reason.PAUSED}


def test_an_unknown_campaign_is_named(engine: Engine, tmp_path: Path) -> None:
    """A mistyped key is told with the keys that exist."""
    simple(engine, many(1))
    with pytest.raises(UnknownCampaign, match=KEY):
        assign_all(engine, Order("silver", tmp_path / "x", FileFormat.CSV), now=NOW)


def test_an_export_stands_in_the_campaign_s_history(engine: Engine, tmp_path: Path) -> None:
    """Who took out how many members, for which channel, stays known."""
    simple(engine, many(20))
    summary, _ = run(engine, tmp_path / "out.parquet", actor="key k-1")
    move = history_of(engine, KEY)[-1]
    assert (move.move, move.actor) == ("assign", "key k-1")
    assert move.detail is not None
    assert move.detail["written"] == summary.written == 20
    assert move.detail["channel"] == "email"


def test_chunks_do_not_change_what_stands(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many transactions it takes, as many enter as the cap says, the first by id."""
    from experiments.bulk import assigning  # noqa: PLC0415  # its constant

    monkeypatch.setattr(assigning, "CHUNK_UNITS", 7)
    simple(engine, many(50), caps={"units": 23}, traffic_share=Decimal(100))
    summary, rows = run(engine, tmp_path / "out.parquet")
    entered = sorted(member_id for member_id, row in rows.items() if row["variant"])
    assert entered == [one.member_id for one in many(23)]
    assert summary.remembered == 23
    assert summary.reasons == {Reason.CAPPED: 27}
