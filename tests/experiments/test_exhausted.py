"""Once something is exhausted nobody is assigned any more, in any variant, until it is raised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from experiments.amendment import unsafe_changes
from experiments.assignment import Reason
from experiments.bulk.assigning import Order, assign_all
from experiments.bulk.delivering import FileFormat, Who
from experiments.directory import Directory
from experiments.lifecycle import Act, update_campaign
from experiments.member import Member
from experiments.memory import Memory
from experiments.serving import Asking, OfferAnswer, Serving, offer_for
from experiments.store.assignments import prior_variants
from experiments.store.campaigns import add_campaign
from experiments.store.engine import reading, writing
from experiments.store.enrolments import read_enrolled
from experiments.store.exhaustions import read_exhaustions
from experiments.store.group_commit import GroupCommit
from experiments.store.members import put_members
from experiments.ufc import ufc_document
from experiments.watch import CHECK_EVERY_S, Watch
from tests.experiments.designs import NOW, campaign, design
from tests.experiments.rewards import KEY, Till, order, variants

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

PEOPLE = [f"p{number}" for number in range(200)]


@dataclass
class Process:
    """One of several processes that answer, with a clock of its own for looking at the store."""

    serving: Serving
    elapsed: list[float]

    def ask(self, member_id: str) -> OfferAnswer:
        """Give a member's answer."""
        listing = self.serving.watch.listing()
        return offer_for(self.serving, listing, KEY, Asking(member_id, NOW))

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.elapsed[0] += seconds


def process(engine: Engine) -> Process:
    """Give another process on the same store."""
    elapsed, memory = [0.0], Memory()
    watch = Watch(engine, Directory(), memory, elapsed=lambda: elapsed[0])
    return Process(Serving(engine, watch, memory, GroupCommit(engine)), elapsed)


def make(engine: Engine, **changes: Any) -> None:  # noqa: ANN401  # fields of a document
    """Keep the running campaign of the tests."""
    with writing(engine) as connection:
        add_campaign(connection, campaign(**changes))


def exhausted(engine: Engine) -> list[tuple[str, str, int]]:
    """Give what is exhausted now."""
    with reading(engine) as connection:
        found = read_exhaustions(connection, [KEY], standing=True)
    return [(str(one.resource), one.subject, one.bound) for one in found]


def enrolled(engine: Engine) -> dict[str, str]:
    """Give who is assigned to what."""
    with reading(engine) as connection:
        return prior_variants(connection, KEY, 1, PEOPLE)


def test_a_stock_that_runs_out_closes_every_process(engine: Engine) -> None:
    """Within a quarter of a second other processes answer capped, and remember nobody before."""
    make(engine, variants=variants(stock=1))
    here, there = process(engine), process(engine)
    gifted = next(one for one in PEOPLE if (got := here.ask(one).variant) and got.key == "gift")
    assert there.ask("p150").reason is Reason.ASSIGNED
    before = enrolled(engine)
    Till(engine).ask_all([order("grant", gifted)])
    # what is written is exact at once, though the process does not know yet
    assert there.ask("p151").reason is Reason.CAPPED
    there.forward(CHECK_EVERY_S)
    here.forward(CHECK_EVERY_S)
    for one in (here, there):
        assert {one.ask(f"p{number}").reason for number in range(160, 200)} == {Reason.CAPPED}
        assert one.ask(gifted).reason is Reason.ASSIGNED
        assert one.ask("p150").reason is Reason.ASSIGNED
    assert enrolled(engine) == before
    assert exhausted(engine) == [("stock", "gold-q3.gift", 1)]


@pytest.mark.parametrize(
    ("caps", "resource"),
    [
        ({"units": 6}, ("units", "", 6)),
        ({"variants": {"gift": {"units": 3}}}, ("variant_units", "gift", 3)),
        ({"units": 100, "variants": {"control": {"units": 3}}}, ("variant_units", "control", 3)),
    ],
)
def test_a_cap_on_units_is_a_moment_too(
    engine: Engine, caps: dict[str, Any], resource: tuple[str, str, int]
) -> None:
    """The last place closes enrolment in all variants, whichever variant it was of."""
    make(engine, caps=caps)
    here = process(engine)
    reasons = [here.ask(one).reason for one in PEOPLE]
    admitted = reasons.index(Reason.CAPPED)
    assert set(reasons[admitted:]) == {Reason.CAPPED}
    assigned = list(enrolled(engine).values())
    name, subject, limit = resource
    assert len(assigned) == admitted
    counted = len(assigned) if name == "units" else assigned.count(subject)
    assert counted == limit
    assert exhausted(engine) == [resource]
    with reading(engine) as connection:
        assert read_enrolled(connection, KEY, 1, subject) == limit


@pytest.mark.parametrize("remembers", [True, False], ids=["remembered", "rehearsed"])
@pytest.mark.parametrize("caps", [{"units": 6}, {"variants": {"gift": {"units": 3}}}])
def test_bulk_assignment_stops_at_the_same_place(
    engine: Engine,
    tmp_path: Path,
    caps: dict[str, Any],
    remembers: bool,  # noqa: FBT001  # a case
) -> None:
    """All members at once are assigned as far as one by one, a rehearsal included."""
    make(engine, caps=caps)
    with writing(engine) as connection:
        put_members(connection, [Member(one) for one in PEOPLE], NOW)
    here = process(engine)
    ordered = sorted(PEOPLE)
    summary = assign_all(
        engine,
        Order(KEY, tmp_path / "out.csv", FileFormat.CSV, who=Who.EVERYONE, remembers=remembers),
        now=NOW,
    )
    taken = summary.variants
    counted = sum(taken.values()) if "units" in caps else taken["gift"]
    assert counted == (6 if "units" in caps else 3)
    assert sum(taken.values()) + summary.reasons[Reason.CAPPED] == len(PEOPLE)
    if remembers:
        assert sorted(enrolled(engine)) == ordered[: sum(taken.values())]
        assert len(exhausted(engine)) == 1
        assert here.ask("somebody else").reason is Reason.CAPPED
    else:
        assert enrolled(engine) == {}
        assert exhausted(engine) == []


def test_bulk_assignment_finds_a_closed_campaign_closed(engine: Engine, tmp_path: Path) -> None:
    """A stock that ran out stops all members at once, too."""
    make(engine, variants=variants(stock=1))
    here = process(engine)
    gifted = next(one for one in PEOPLE if (got := here.ask(one).variant) and got.key == "gift")
    Till(engine).ask_all([order("grant", gifted)])
    with writing(engine) as connection:
        put_members(connection, [Member(one) for one in PEOPLE], NOW)
    before = enrolled(engine)
    for remembers in (False, True):
        summary = assign_all(
            engine,
            Order(KEY, tmp_path / "out.csv", FileFormat.CSV, who=Who.EVERYONE, remembers=remembers),
            now=NOW,
        )
        assert sum(summary.variants.values()) == len(before)
    assert enrolled(engine) == before


@pytest.mark.parametrize("caps", [{"units": 4}, {"variants": {"gift": {"units": 2}}, "units": 100}])
def test_raising_a_cap_opens_enrolment_again(engine: Engine, caps: dict[str, Any]) -> None:
    """At a recorded moment; what was assigned meanwhile is nothing."""
    make(engine, caps=caps)
    here = process(engine)
    for one in PEOPLE[:50]:
        here.ask(one)
    before = len(enrolled(engine))
    later = NOW + timedelta(hours=1)
    act = Act(later, "a test")
    higher = {"units": 1_000, "variants": {"gift": {"units": 500}}} if "variants" in caps else {}
    update_campaign(engine, KEY, design(caps=higher), act, make_plan=lambda *_: {})
    here.forward(CHECK_EVERY_S)
    assert exhausted(engine) == []
    assert here.ask("p199").reason is Reason.ASSIGNED
    assert len(enrolled(engine)) == before + 1
    with reading(engine) as connection:
        (closed,) = read_exhaustions(connection, [KEY])
    assert (closed.at, closed.reopened_at) == (NOW, later)


@pytest.mark.parametrize(
    ("before", "after", "is_safe"),
    [
        ({"units": 5}, {"units": 6}, True),
        ({"units": 5}, {}, True),
        ({"units": 5}, {"units": 4}, False),
        ({}, {"units": 5}, False),
        ({"budget_minor": 60_000}, {"budget_minor": 90_000}, True),
        ({"budget_minor": 60_000}, {"budget_minor": 50_000}, False),
        ({"grants_per_member": 1}, {"grants_per_member": 2}, True),
        ({"variants": {"gift": {"units": 5}}}, {"variants": {"gift": {"units": 6}}}, True),
        ({"variants": {"gift": {"units": 5}}}, {"variants": {"gift": {"units": 4}}}, False),
        ({"variants": {"gift": {"units": 5}}}, {}, True),
        ({}, {"variants": {"gift": {"units": 5}}}, False),
    ],
)
def test_only_raising_a_bound_is_safe(
    before: dict[str, Any],
    after: dict[str, Any],
    is_safe: bool,  # noqa: FBT001  # a case
) -> None:
    """Lowering one would end the enrolment of members who were to come, in mid-phase."""
    problems = tuple(unsafe_changes(design(caps=before), design(caps=after)))
    assert (problems == ()) is is_safe


@pytest.mark.parametrize(
    ("before", "after", "is_safe"),
    [(5, 6, True), (5, None, True), (5, 4, False), (None, 5, False)],
)
def test_only_more_stock_is_safe(before: int | None, after: int | None, is_safe: bool) -> None:  # noqa: FBT001  # a case
    """The rest of the offer stays what it is."""
    old, new = design(variants=variants(stock=before)), design(variants=variants(stock=after))
    assert (tuple(unsafe_changes(old, new)) == ()) is is_safe
    dearer = design(variants=variants(stock=after, unit_cost_minor=1))
    assert tuple(unsafe_changes(old, dearer)) != ()


@pytest.mark.parametrize(
    "changes", [{"caps": {"budget_minor": 90_000}}, {"variants": variants(stock=9)}]
)
def test_what_may_run_out_is_not_decided_by_clients(
    engine: Engine, changes: dict[str, Any]
) -> None:
    """A client that decides for itself could not be stopped."""
    make(engine, **changes)
    with reading(engine) as connection:
        listing = Directory().current(connection)
    document = ufc_document(listing.catalogue, listing.campaigns, listing.programme)
    omitted = document["tierlift"]["omitted"]  # type: ignore[index, call-overload]  # JSON
    assert omitted == [{"key": KEY, "reason": "cap", "detail": ""}]
