"""Times to an event, counted in SQL, against a plain computation; and the time between steps."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import mean, median_low

import pytest

from stats.aggregation.aggregates import VariantStepTimes
from stats.aggregation.duckdb_engine import DuckDBEngine, DuckDBFunctions
from stats.aggregation.facts import FactTables
from stats.aggregation.relations import exposed_units, unit_conversions, unit_spans
from stats.aggregation.step_times import read_step_times, step_times
from stats.aggregation.survival import read_survival, steps_per_day, survival_counts
from stats.metric import Window
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import SurvivalSummary
from tests.stats.facts import (
    DAY,
    FUNNEL,
    MICROSECOND,
    START,
    Conversion,
    event,
    fact_tables,
    facts,
    in_use,
    order,
    plan,
    random_facts,
)
from tests.stats.pandas_oracle import analyse

LATER = START + 400 * DAY
HOUR = timedelta(hours=1)
REPURCHASE = in_use("repurchase_interval")


def times_of(
    given: FactTables, the_plan: AnalysisPlan, metric: MetricInUse, as_of: datetime = LATER
) -> dict[str, SurvivalSummary]:
    """Times per variant by the embedded engine."""
    with DuckDBEngine.over(given) as engine:
        spans = engine.keep("unit_spans", unit_spans(the_plan, as_of))
        exposed = engine.keep("exposed_units", exposed_units(the_plan, spans, as_of))
        conversions = unit_conversions(the_plan, exposed, as_of)
        functions = DuckDBFunctions(the_plan.time_zone)
        counts = survival_counts(metric, exposed, conversions, as_of, functions)
        return read_survival(the_plan, metric, engine.fetch(counts))


def control_times(
    conversions: Sequence[Conversion], metric: MetricInUse = REPURCHASE, as_of: datetime = LATER
) -> SurvivalSummary:
    """Times of one exposed control member."""
    given = facts([("m", "control", START)], conversions)
    return times_of(given, plan(metric), metric, as_of)["control"]


@pytest.mark.parametrize(
    ("at", "step", "is_event"),
    [
        (START - MICROSECOND, 90 * 24, False),
        (START, 0, True),
        (START + HOUR - MICROSECOND, 0, True),
        (START + HOUR, 1, True),
        (START + 90 * DAY - MICROSECOND, 90 * 24 - 1, True),
        (START + 90 * DAY, 90 * 24, False),
    ],
)
def test_time_is_completed_hours_within_the_window(
    at: datetime, step: int, *, is_event: bool
) -> None:
    """An event counts from first exposure until before the window's end; then it is censored."""
    got = control_times([order("m", at, 100)])

    assert got == SurvivalSummary(24, (step,), (int(is_event),), (int(not is_event),))


def test_first_event_counts() -> None:
    """Later events change nothing, nor does the order in which they arrive."""
    got = control_times([order("m", START + 9 * DAY, 1), order("m", START + 3 * DAY, 1)])

    assert got == SurvivalSummary(24, (72,), (1,), (0,))


@pytest.mark.parametrize(
    ("as_of", "step"),
    [
        (START, 0),
        (START + 10 * DAY + 30 * timedelta(minutes=1), 240),
        (START + 90 * DAY - MICROSECOND, 90 * 24 - 1),
        (START + 90 * DAY, 90 * 24),
    ],
)
def test_open_window_is_censored_at_the_analysis_time(as_of: datetime, step: int) -> None:
    """An immature unit counts for as long as it was watched, and ends before a closed window."""
    got = control_times([order("m", START + 91 * DAY, 100)], as_of=as_of)

    assert got == SurvivalSummary(24, (step,), (0,), (1,))
    assert got.censored_before(90) == (0 if step == 90 * 24 else 1)


def test_event_of_an_immature_unit_counts() -> None:
    """Unlike other kinds, survival uses what an open window has already shown."""
    got = control_times([order("m", START + DAY, 100)], as_of=START + 2 * DAY)

    assert got == SurvivalSummary(24, (24,), (1,), (0,))


@pytest.mark.parametrize(
    ("days", "steps"),
    [(1, 1440), (3, 1440), (4, 24), (180, 24), (181, 4), (1080, 4), (1081, 1), (3660, 1)],
)
def test_time_is_cut_so_that_a_variant_is_a_few_thousand_rows(days: int, steps: int) -> None:
    """Minutes, hours, quarters of a day or days: at most 4,320 of them in a window."""
    assert steps_per_day(Window(days)) == steps
    assert steps * days <= 4_320


def test_only_the_named_events_end_the_time() -> None:
    """Time to upgrade ends with reaching a target tier, not with another change of tier."""
    metric = in_use("time_to_upgrade", target_tiers=["gold", "platinum"])
    conversions = [
        event("m", "tier_change", START + DAY, to="silver"),
        event("m", "tier_change", START + 5 * DAY, to="platinum"),
        event("m", "tier_change", START + 6 * DAY, to="gold"),
    ]

    assert control_times(conversions, metric) == SurvivalSummary(24, (120,), (1,), (0,))


def test_variant_without_units_has_an_empty_summary() -> None:
    """Every planned variant is there, in the order of the plan."""
    got = times_of(facts([("m", "control", START)]), plan(REPURCHASE), REPURCHASE)

    assert list(got) == ["control", "B"]
    assert (got["control"].n, got["B"].n) == (1, 0)


@pytest.mark.parametrize("households", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_times_equal_a_plain_computation(seed: int, *, households: bool) -> None:
    """Random facts with every oddity, counted unit by unit in Python, give the same times."""
    exposures, conversions, units = random_facts(seed, households=households)
    shares: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
    as_of = START + 100 * DAY
    kind = plan().randomization_unit if units is None else type(plan().randomization_unit).HOUSEHOLD
    the_plan = plan(REPURCHASE, shares=shares, unit=kind)

    got = times_of(fact_tables(exposures, conversions, units), the_plan, REPURCHASE, as_of)

    want: dict[str, Counter[tuple[int, bool]]] = {key: Counter() for key in shares}
    owned = conversions.assign(
        unit=conversions["member_id"] if units is None else conversions["member_id"].map(units)
    )
    orders = owned[
        (owned["event"] == "order")
        & (owned["occurred_at"] <= as_of)
        & (owned["amount_minor"].isna() | (owned["currency"] == "TWD"))
    ]
    known = exposures[exposures["unit_id"].notna() & (exposures["exposed_at"] <= as_of)]
    for unit, seen in known.groupby("unit_id"):
        if seen["variant"].nunique() > 1 or seen["variant"].iloc[0] not in want:
            continue
        first = seen["exposed_at"].min()
        end = first + 90 * DAY
        times = orders.loc[orders["unit"] == unit, "occurred_at"]
        times = times[(times >= first) & (times < end)]
        had = len(times) > 0
        last = times.min() if had else min(end, as_of)
        want[seen["variant"].iloc[0]][int((last - first) // HOUR), had] += 1
    for key, counter in want.items():
        assert got[key] == SurvivalSummary.from_counts(
            24, ((step, n if had else 0, 0 if had else n) for (step, had), n in counter.items())
        )
        assert got[key].n > 30


# --- time between steps -------------------------------------------------------------------------


def step_times_of(given: FactTables, as_of: datetime = LATER) -> tuple[VariantStepTimes, ...]:
    """Times between the steps of the funnel by the embedded engine."""
    the_plan = plan(funnel=FUNNEL)
    with DuckDBEngine.over(given) as engine:
        spans = engine.keep("unit_spans", unit_spans(the_plan, as_of))
        exposed = engine.keep("exposed_units", exposed_units(the_plan, spans, as_of))
        conversions = unit_conversions(the_plan, exposed, as_of)
        functions = DuckDBFunctions(the_plan.time_zone)
        taken = step_times(FUNNEL, exposed, conversions, as_of, functions)
        return read_step_times(the_plan, engine.fetch(taken))


def test_time_between_steps_is_of_those_who_passed() -> None:
    """Days from first exposure to the first step, and from each step to the next."""
    conversions = [
        event("a", "offer_click", START + DAY),
        order("a", START + 3 * DAY, 1),
        event("a", "tier_change", START + 10 * DAY, to="gold"),
        event("b", "offer_click", START + 2 * DAY),
        order("b", START + 2 * DAY + HOUR, 1),
        event("c", "offer_click", START + 6 * DAY),
        order("d", START + DAY, 1),
    ]
    given = facts([(m, "control", START) for m in "abcde"], conversions)

    control, other = step_times_of(given)

    clicked, ordered, gold = control.steps
    assert (clicked.passed, clicked.median_days, clicked.mean_days) == (3, 2, 3)
    assert (ordered.passed, ordered.median_days) == (2, 1 / 24)
    assert ordered.mean_days == pytest.approx((2 + 1 / 24) / 2, rel=1e-12)
    assert (gold.step, gold.passed, gold.median_days, gold.mean_days) == ("gold", 1, 7, 7)
    assert [(s.passed, s.median_days, s.mean_days) for s in other.steps] == [(0, None, None)] * 3


def test_without_a_funnel_there_are_no_step_times() -> None:
    """A plan without a funnel has no steps to time."""
    assert read_step_times(plan(), ()) == ()


@pytest.mark.parametrize("seed", [3, 4])
def test_step_times_equal_a_plain_computation(seed: int) -> None:
    """Random facts: those who passed are the funnel's own, and their times those of Python."""
    exposures, conversions, units = random_facts(seed, members=600)
    as_of = START + 80 * DAY
    the_plan = plan(funnel=FUNNEL)
    owned = conversions[conversions["occurred_at"] <= as_of]
    owned = owned[owned["amount_minor"].isna() | (owned["currency"] == "TWD")]
    taken: dict[str, list[list[timedelta]]] = {}
    for _, seen in exposures[exposures["exposed_at"] <= as_of].groupby("unit_id"):
        first = seen["exposed_at"].min()
        if seen["variant"].nunique() > 1 or first + 30 * DAY > as_of:
            continue
        mine = owned[owned["member_id"] == seen["member_id"].iloc[0]]
        mine = mine[(mine["occurred_at"] >= first) & (mine["occurred_at"] < first + 30 * DAY)]
        after = first
        for i, named in enumerate(
            (
                mine["event"] == "offer_click",
                mine["event"] == "order",
                (mine["event"] == "tier_change") & mine["to"].isin(["gold", "黄金"]),
            )
        ):
            times = mine.loc[named & (mine["occurred_at"] >= after), "occurred_at"]
            if times.empty:
                break
            lists = taken.setdefault(seen["variant"].iloc[0], [[], [], []])
            lists[i].append(times.min().floor("s") - after.floor("s"))
            after = times.min()

    for variant in step_times_of(fact_tables(exposures, conversions, units), as_of):
        for step, times in zip(variant.steps, taken[variant.variant], strict=True):
            assert step.passed == len(times)
            if not times:
                assert (step.median_days, step.mean_days) == (None, None)
                continue
            assert step.median_days == median_low(times) / DAY
            assert step.mean_days == pytest.approx(mean(t / DAY for t in times), rel=1e-9)
    assert len(taken["control"][2]) > 0
    funnel = analyse(the_plan, exposures, conversions, units, as_of).funnel
    assert [len(t) for t in taken["control"]] == funnel["control"][1:]
