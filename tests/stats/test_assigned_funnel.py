"""The funnel over all assigned equals a plain loop, and means what it says."""

import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.proportion import proportion_confint

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.aggregates import Aggregates
from stats.aggregation.funnel_cells import FunnelCell, StepCount
from stats.aggregation.postgresql_engine import PostgreSQLEngine
from stats.errors import InvalidPlan
from stats.inference.outcome import Estimate, Rate
from stats.metric import Window
from stats.plan import Basis, CrossoverRule, Funnel, FunnelStep, RandomizationUnit, Track
from stats.scorecard import (
    FunnelResult,
    FunnelStepResult,
    State,
    assemble_scorecard,
    scorecard_from_json,
    scorecard_to_json,
)
from tests.conftest import drop_postgresql_database, make_postgresql_database
from tests.stats.facts import DAY, START, Conversion, Exposure, event, facts, order, plan
from tests.stats.funnel_worlds import FUNNEL, RETAINED, STEPS, UPGRADED, FunnelWorld, funnel_world

NOW = datetime(2026, 9, 1, tzinfo=UTC)
CLICKED = FunnelStep("clicked", "Clicked", ("offer_click",), track=Track.OFFER)
CLOSES = {"exposed": 30, **{step.key: FUNNEL.closes_after(i) for i, step in enumerate(STEPS)}}


def counted(world: FunnelWorld) -> dict[tuple[str, str | None], FunnelCell]:
    """The counts of the plain loop, by variant and tier."""
    cells: dict[tuple[str, str | None], FunnelCell] = {}
    for one in world.passed():
        if one.variant not in {"control", "B", "C"}:
            continue
        counts = {}
        for key, days in CLOSES.items():
            mature = one.start + days * DAY <= world.as_of
            passed = key in one.reached
            counts[key] = StepCount(mature, mature and passed, mature and one.before[key])
        own = FunnelCell(one.variant, one.tier, 1, counts.pop("exposed"), tuple(counts.values()))
        at = (one.variant, one.tier)
        both = [own, *([cells[at]] if at in cells else [])]
        cells[at] = replace(FunnelCell.total(one.variant, both, len(STEPS)), tier=one.tier)
    return cells


def assert_equals_loop(got: Aggregates, world: FunnelWorld) -> None:
    """Counts by variant and tier, and times between steps, are those of the loop."""
    assert {(cell.variant, cell.tier): cell for cell in got.funnel_cells} == counted(world)
    taken: dict[tuple[str, str], list[float]] = {}
    for one in world.passed():
        for key, seconds in one.seconds.items():
            if one.start + CLOSES[key] * DAY <= world.as_of:
                taken.setdefault((one.variant, key), []).append(seconds / 86_400)
    for row in got.step_times:
        assert [step.step for step in row.steps] == list(CLOSES)
        for step in row.steps:
            days = taken.get((row.variant, step.step), [])
            assert step.passed == len(days)
            if days:
                assert step.median_days == pytest.approx(statistics.median_low(days), rel=1e-12)
                assert step.mean_days == pytest.approx(statistics.mean(days), rel=1e-9)


@pytest.mark.parametrize("rule", list(CrossoverRule))
@pytest.mark.parametrize("unit", list(RandomizationUnit))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_funnel_equals_a_plain_loop(
    seed: int, unit: RandomizationUnit, rule: CrossoverRule
) -> None:
    """Random facts with every fault: each count by variant and tier, and each time, is equal."""
    world = funnel_world(seed, unit, rule)

    got = aggregate(world.facts, world.plan, world.as_of)

    assert_equals_loop(got, world)
    assert got.funnel == ()
    total = FunnelCell.total("all", got.funnel_cells, len(STEPS))
    assert all(step.passed for step in total.steps)
    assert total.exposed.passed < total.exposed.mature
    assert total.steps[-1].mature < total.units


@pytest.fixture(scope="module")
def url(postgresql_server: str) -> Iterator[str]:
    """An empty database."""
    yield make_postgresql_database(postgresql_server, "tierlift_funnel")
    drop_postgresql_database(postgresql_server, "tierlift_funnel")


@pytest.mark.parametrize("rule", list(CrossoverRule))
def test_postgresql_gives_the_same_funnel(url: str, rule: CrossoverRule) -> None:
    """The engine makes no difference, down to the snapshot's hash."""
    world = funnel_world(4, RandomizationUnit.HOUSEHOLD, rule)

    with PostgreSQLEngine.over(url, world.facts) as engine:
        got = aggregate_on(engine, world.plan, world.as_of)

    embedded = aggregate(world.facts, world.plan, world.as_of)
    assert got == embedded
    assert_equals_loop(got, world)
    hashes = {
        assemble_scorecard(world.plan, one, computed_at=NOW).snapshot_hash
        for one in (got, embedded)
    }
    assert len(hashes) == 1


# --- what the counts mean -----------------------------------------------------------------------


def result(
    assigned: list[Exposure],
    exposed: list[Exposure] | None = None,
    rows: list[Conversion] | None = None,
    *,
    funnel: Funnel = FUNNEL,
    days: int = 200,
    tiers: dict[str, dict[str, str | None]] | None = None,
) -> FunnelResult:
    """The funnel of a scorecard of two variants."""
    given = facts(exposed or [], rows or [], assignments=assigned, segments=tiers)
    the_plan = plan(shares={"control": "0.5", "B": "0.5"}, funnel=funnel)
    found = aggregate(given, the_plan, START + days * DAY)
    scorecard = assemble_scorecard(the_plan, found, computed_at=NOW)
    assert scorecard_from_json(scorecard_to_json(scorecard)) == scorecard
    assert scorecard.funnel is not None
    return scorecard.funnel


def half(units: int) -> list[Exposure]:
    """So many assigned to each variant, `c0`, … and `t0`, …."""
    rows = [(f"c{i}", "control", START) for i in range(units)]
    return rows + [(f"t{i}", "B", START) for i in range(units)]


def step_of(funnel: FunnelResult, key: str) -> FunnelStepResult:
    """A step by its key."""
    return next(step for step in funnel.steps if step.key == key)


FULL = Funnel((CLICKED, UPGRADED, RETAINED), Window(30), Basis.ASSIGNED, ("B",))


def test_every_share_is_over_all_assigned() -> None:
    """Members who were never exposed stay in the denominator of every step."""
    seen = [("t0", "B", START + DAY), ("c0", "control", START + DAY)]
    rows = [event("t0", "offer_click", START + 2 * DAY)]

    got = result(half(4), seen, rows, funnel=FULL)

    assert [step.key for step in got.steps] == [
        "assigned", "exposed", "clicked", "upgraded", "retained",
    ]  # fmt: skip
    assert [(v.units, v.n) for v in step_of(got, "assigned").variants] == [(4, 4), (4, 4)]
    assert [(v.units, v.n) for v in step_of(got, "exposed").variants] == [(1, 4), (1, 4)]
    clicked = step_of(got, "clicked").variants[1]
    assert (clicked.units, clicked.n, clicked.share_of_previous) == (1, 4, 1.0)


def test_an_upgrade_needs_no_claim() -> None:
    """Control members upgrade without an offer, and are compared in it."""
    rows = [event(f"c{i}", "tier_change", START + DAY, to="gold") for i in range(2)]
    rows += [event(f"t{i}", "tier_change", START + DAY, to="gold") for i in range(3)]

    upgraded = step_of(result(half(5), rows=rows, funnel=FULL), "upgraded")

    assert [v.units for v in upgraded.variants] == [2, 3]
    assert [v.share_of_previous for v in upgraded.variants] == [None, None]
    assert [(c.control, c.treatment) for c in upgraded.comparisons] == [("control", "B")]


def test_steps_of_the_offer_are_not_compared_with_a_control_without_one() -> None:
    """A control shows no offer, so its 0 clicks are no result."""
    rows = [event("t0", "offer_click", START + 2 * DAY)]
    seen = [("t0", "B", START + DAY)]

    clicked = step_of(result(half(5), seen, rows, funnel=FULL), "clicked")

    assert clicked.comparisons == ()
    assert [v.takes_part for v in clicked.variants] == [False, True]


def test_steps_of_the_offer_compare_the_variants_that_show_one() -> None:
    """Of two treatments with an offer, the second is compared with the first."""
    three: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
    funnel = Funnel((CLICKED,), Window(30), Basis.ASSIGNED, ("C", "B"))
    assigned = [(f"{v}{i}", v, START) for v in three for i in range(6)]
    rows = [event(f"{v}{i}", "offer_click", START + DAY) for v in "BC" for i in range(3)]
    given = facts(assigned, rows, assignments=assigned)
    the_plan = plan(shares=three, funnel=funnel)

    found = aggregate(given, the_plan, START + 60 * DAY)
    got = assemble_scorecard(the_plan, found, computed_at=NOW).funnel

    assert got is not None
    pairs = [(c.control, c.treatment) for c in step_of(got, "clicked").comparisons]
    assert pairs == [("B", "C")]
    exposed = step_of(got, "exposed")
    assert [(c.control, c.treatment) for c in exposed.comparisons] == [
        ("control", "B"),
        ("control", "C"),
    ]


@pytest.mark.parametrize(("days", "retained"), [(29.99, 0), (30, 1), (35.99, 1), (36, 0), (1, 0)])
def test_retained_is_asked_for_days_after_the_upgrade(days: float, retained: int) -> None:
    """An order counts from day 30 up to day 36 after the member's own upgrade."""
    upgrade = START + 20 * DAY
    rows = [
        event("t0", "tier_change", upgrade, to="gold"),
        order("t0", upgrade + days * DAY, 100),
        event("c0", "activity", START + 50 * DAY),
    ]

    step = step_of(result(half(3), rows=rows, funnel=FULL), "retained")

    assert [v.units for v in step.variants] == [0, retained]
    assert [v.n for v in step.variants] == [3, 3]
    assert step.variants[1].share_of_previous == retained
    assert step.variants[0].share_of_previous is None


def test_retained_matures_later_than_the_steps_before() -> None:
    """Until 66 days have passed, a unit counts in the upgrade and not yet in retention."""
    got = result(half(3), rows=[event("t0", "tier_change", START, to="gold")], funnel=FULL, days=50)

    assert got.state is State.READY
    assert [v.n for v in step_of(got, "upgraded").variants] == [3, 3]
    retained = step_of(got, "retained")
    assert [v.n for v in retained.variants] == [0, 0]
    assert retained.comparisons == ()
    assert retained.closes_after_days == 66


def test_the_first_exposure_is_the_assignment_where_nobody_remembered_one() -> None:
    """A split that was made elsewhere is counted from the first exposure on."""
    seen = [("t0", "B", START + 3 * DAY), ("c0", "control", START)]

    got = result([], seen, [order("t0", START + DAY, 1)], funnel=FULL, days=100)

    exposed = step_of(got, "exposed")
    assert [(v.units, v.n, v.median_days) for v in exposed.variants] == [(1, 1, 0), (1, 1, 0)]


def test_a_unit_assigned_to_one_variant_and_shown_another_is_excluded() -> None:
    """Assignments and exposures together say who was in two variants."""
    got = result(half(2), [("t0", "control", START + DAY)], funnel=FULL)

    assert [v.n for v in step_of(got, "assigned").variants] == [2, 1]


def test_tiers_with_few_units_are_counted_and_not_shown() -> None:
    """A tier below the minimum in any variant says how many it has and no result."""
    funnel = replace(FULL, tiers=("silver", "gold"), minimum_units=3)
    tiers: dict[str, dict[str, str | None]] = {
        **{f"{v}{i}": {"tier": "silver"} for v in "ct" for i in range(3)},
        "c3": {"tier": "gold"},
        "t3": {"tier": "platinum"},
    }
    rows = [event(f"t{i}", "tier_change", START + DAY, to="gold") for i in range(2)]

    silver, gold, other = result(half(4), rows=rows, funnel=funnel, tiers=tiers).by_tier

    assert (silver.tier, silver.shown, silver.units) == ("silver", True, {"control": 3, "B": 3})
    upgraded = next(step for step in silver.steps if step.key == "upgraded")
    assert [(v.units, v.n) for v in upgraded.variants] == [(0, 3), (2, 3)]
    assert isinstance(upgraded.comparisons[0].difference, Estimate)
    assert (gold.tier, gold.shown, gold.steps, gold.units["control"]) == ("gold", False, (), 1)
    assert (other.tier, other.shown, other.units["B"]) == (None, False, 1)


def test_shares_and_differences_are_those_of_statsmodels_and_scipy() -> None:
    """Wilson intervals of shares, and Welch's interval of the difference, step by step."""
    rows = [event(f"c{i}", "tier_change", START + DAY, to="gold") for i in range(40)]
    rows += [event(f"t{i}", "tier_change", START + DAY, to="gold") for i in range(75)]

    upgraded = step_of(result(half(400), rows=rows, funnel=FULL), "upgraded")

    for variant, passed in zip(upgraded.variants, (40, 75), strict=True):
        low, high = proportion_confint(passed, 400, alpha=0.05, method="wilson")
        assert isinstance(variant.share, Rate)
        assert (variant.share.ci_low, variant.share.ci_high) == pytest.approx((low, high), rel=1e-9)
    difference = upgraded.comparisons[0].difference
    assert isinstance(difference, Estimate)
    ones = [[1] * passed + [0] * (400 - passed) for passed in (75, 40)]
    welch = scipy_stats.ttest_ind(*ones, equal_var=False)
    interval = welch.confidence_interval(0.95)
    assert difference.p_value == pytest.approx(welch.pvalue, rel=1e-9)
    assert (difference.ci_low, difference.ci_high) == pytest.approx(
        (interval.low, interval.high), rel=1e-9
    )


def test_p_values_are_corrected_over_all_steps() -> None:
    """As many comparisons as a funnel has, Benjamini and Hochberg's correction leaves apart."""
    rows = [event(f"t{i}", "tier_change", START + DAY, to="gold") for i in range(20)]
    rows += [event(f"c{i}", "tier_change", START + DAY, to="gold") for i in range(8)]
    seen = [(f"c{i}", "control", START + DAY) for i in range(70)]
    seen += [(f"t{i}", "B", START + DAY) for i in range(80)]

    got = result(half(100), seen, rows, funnel=FULL)

    tests = {
        step.key: one.difference.p_value
        for step in got.steps
        for one in step.comparisons
        if isinstance(one.difference, Estimate)
    }
    assert len(tests) >= 2
    wanted = scipy_stats.false_discovery_control(list(tests.values()))
    corrected = [step_of(got, key).corrected_p_values["B"] for key in tests]
    assert corrected == pytest.approx(list(wanted), rel=1e-12)


@pytest.mark.parametrize(
    ("assigned", "days", "state", "word"),
    [
        ([("c0", "control", START)], 100, State.NO_EXPOSURES, "assigned to B"),
        (half(2), 100, State.EVENTS_MISSING, "no step"),
    ],
)
def test_states_speak_of_assignment(
    assigned: list[Exposure], days: int, state: State, word: str
) -> None:
    """A funnel over the assigned says that nobody was assigned, not that nobody was exposed."""
    got = result(assigned, funnel=FULL, days=days)

    assert got.state is state
    assert word in got.sentence


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"basis": Basis.EXPOSED}, "need the basis assigned"),
        ({"steps": (FunnelStep("exposed", "E", ("order",)),)}, "begins anyway"),
        ({"window": Window(30, 2)}, "begin at once"),
        ({"steps": (UPGRADED, RETAINED, FunnelStep("p", "P", ("order",)))}, "days after it"),
    ],
)
def test_a_funnel_that_contradicts_itself_is_refused(change: dict[str, object], word: str) -> None:
    """Tracks and tiers need assignments, and the first two steps are there anyway."""
    with pytest.raises(InvalidPlan, match=word):
        replace(FULL, **change)  # type: ignore[arg-type]  # one field a case
