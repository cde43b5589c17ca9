"""Which events count: windows, maturity, units, currencies, days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.aggregates import Aggregates, MetricAggregates, VariantSummary
from stats.aggregation.facts import FactTables
from stats.errors import InvalidPlan, MissingColumn, MissingRelation
from stats.metric import Condition, Term, Window, builtin
from stats.plan import (
    AnalysisPlan,
    Basis,
    Cap,
    Covariate,
    CrossoverRule,
    Funnel,
    FunnelStep,
    MetricInUse,
    RandomizationUnit,
    SegmentBy,
)
from stats.summary import MeanSummary
from tests.stats.facts import (
    DAY,
    MICROSECOND,
    START,
    event,
    facts,
    in_use,
    order,
    plan,
    refund,
)

LATER = START + 400 * DAY
ORDERS = in_use("purchase_frequency")
SPEND = in_use("spend_per_member")


def control(metric: MetricAggregates) -> VariantSummary:
    """The control's row."""
    return metric.variants[0]


def total(given: FactTables, the_plan: AnalysisPlan, as_of: datetime = LATER) -> int:
    """The control's total of the first metric."""
    summary = control(aggregate(given, the_plan, as_of).metrics[0]).summary
    assert isinstance(summary, MeanSummary)
    assert isinstance(summary.total, int)
    return summary.total


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (START - MICROSECOND, 0),
        (START, 1),
        (START + 30 * DAY - MICROSECOND, 1),
        (START + 30 * DAY, 0),
    ],
)
def test_window_begins_at_exposure_and_ends_before_its_last_moment(
    at: datetime, counted: int
) -> None:
    """An event counts from the moment of first exposure until just before the window's end."""
    given = facts([("m", "control", START)], [order("m", at, 100)])

    assert total(given, plan(ORDERS)) == counted


@pytest.mark.parametrize(("days", "retained"), [(29.999, 0), (30, 1), (35.999, 1), (36, 0)])
def test_retention_counts_from_day_30_until_day_36(days: float, retained: int) -> None:
    """D30 retention reads a window that opens 30 days and closes 36 days after exposure."""
    at = START + timedelta(days=days)
    given = facts([("m", "control", START)], [event("m", "activity", at)])

    assert total(given, plan(in_use("retention_d30"))) == retained


def test_unit_is_mature_once_its_window_has_closed() -> None:
    """A window that ends at the analysis time is closed; one that ends later is not."""
    exposures = [("a", "control", START), ("b", "control", START + MICROSECOND)]

    got = aggregate(facts(exposures), plan(ORDERS), START + 30 * DAY)

    row = control(got.metrics[0])
    assert (row.summary.n, row.immature_units) == (1, 1)
    assert row.first_window_closes_at == START + 30 * DAY
    assert row.last_window_closes_at == START + 30 * DAY + MICROSECOND


def test_facts_after_the_analysis_time_are_ignored() -> None:
    """An exposure and an event after the analysis time are as if they had not happened."""
    as_of = START + 40 * DAY
    given = facts(
        [("a", "control", START), ("b", "control", as_of + MICROSECOND)],
        [order("a", START, 100), order("a", as_of + MICROSECOND, 100)],
    )

    got = aggregate(given, plan(in_use("purchase_frequency", window=Window(40))), as_of)

    assert got.variants[0].units == 1
    assert got.facts.exposures == 1
    assert got.facts.conversions == 1
    assert got.events[0].seen == 1


def test_only_the_first_exposure_opens_the_window() -> None:
    """A later exposure neither counts again nor prolongs the window."""
    given = facts(
        [("m", "control", START + 10 * DAY), ("m", "control", START)],
        [order("m", START + 35 * DAY, 100), order("m", START + 5 * DAY, 100)],
    )

    got = aggregate(given, plan(ORDERS), LATER)

    assert (got.variants[0].units, got.variants[0].exposures) == (1, 2)
    assert total(given, plan(ORDERS)) == 1


def test_equal_rows_are_two_facts() -> None:
    """Rows are never dropped for looking like another: two equal orders are two orders."""
    given = facts([("m", "control", START)], [order("m", START, 100)] * 2)

    assert total(given, plan(ORDERS)) == 2
    assert total(given, plan(SPEND)) == 200


def test_refunds_are_subtracted_and_may_exceed_orders() -> None:
    """Spend is net of refunds, and below zero when more is refunded than ordered."""
    given = facts(
        [("m", "control", START)], [order("m", START, 100), refund("m", START + DAY, 250)]
    )

    assert total(given, plan(SPEND)) == -150


def test_event_in_another_currency_is_left_out_and_counted() -> None:
    """Money is never summed across currencies; the event is left out of every metric."""
    given = facts(
        [("m", "control", START)],
        [
            order("m", START, 100),
            order("m", START, 100, "USD"),
            ("m", "order", START, 100, None, None),
        ],
    )

    got = aggregate(given, plan(ORDERS), LATER)

    assert total(given, plan(ORDERS)) == 1
    assert [(row.currency, row.events) for row in got.other_currencies] == [("USD", 1), (None, 1)]


def test_money_is_exact_beyond_the_precision_of_floats() -> None:
    """A total is exact to the minor unit even where a float could no longer hold it."""
    large = 2**53
    given = facts([("m", "control", START)], [order("m", START, large), order("m", START, 1)])

    assert total(given, plan(SPEND)) == large + 1


@pytest.mark.parametrize(("zone", "days"), [("UTC", 1), ("Asia/Taipei", 2)])
def test_days_are_cut_in_the_time_zone_of_the_programme(zone: str, days: int) -> None:
    """15:59 and 16:01 UTC are one day in UTC, and two in Taipei, where midnight is at 16:00."""
    day = datetime(2026, 1, 2, tzinfo=UTC)
    at = [day.replace(hour=15, minute=59), day.replace(hour=16, minute=1)]
    given = facts([("m", "control", START)], [event("m", "activity", t) for t in at])

    assert total(given, plan(in_use("activity"), time_zone=zone)) == days


def test_day_across_a_change_of_clocks_is_24_hours_of_window() -> None:
    """A window counts elapsed time: a night with a change of clocks does not shift its end."""
    exposed = datetime(2026, 3, 7, 12, tzinfo=UTC)  # New York springs forward on 8 March
    metric = in_use("purchase_frequency", window=Window(1))
    given = facts(
        [("m", "control", exposed)],
        [order("m", exposed + DAY - MICROSECOND, 1), order("m", exposed + DAY, 1)],
    )

    assert total(given, plan(metric, time_zone="America/New_York")) == 1


def test_condition_reads_a_property_of_the_event() -> None:
    """A tier change counts as an upgrade only if it reaches a target tier."""
    given = facts(
        [(m, "control", START) for m in "abc"],
        [
            event("a", "tier_change", START, to="gold"),
            event("b", "tier_change", START, to="silver"),
            event("c", "tier_change", START),
        ],
    )

    assert total(given, plan(in_use("upgrade_conversion", target_tiers=["gold"]))) == 1


@pytest.mark.parametrize(
    "name", ["a.b", "gift type", "類別", "it's", 'q"uote', "$", "a[0]", "*", "a/b~c", "😀", "0"]
)
@pytest.mark.parametrize("value", ["gold", "it's", 'q"x', "黄金", "%", "\\"])
def test_condition_takes_names_and_values_as_they_are(name: str, value: str) -> None:
    """No character in the name or value of a property has a meaning of its own."""
    definition = replace(
        builtin("purchase_frequency"),
        key="custom",
        numerator=(Term(("ev'ent",), where=(Condition(name, (value,)),)),),
    )
    properties = [{name: value}, {name: "other"}, {"x": value}, {}]
    given = facts(
        [("m", "control", START)],
        [("m", "ev'ent", START, None, None, one) for one in properties],
    )

    assert total(given, plan(in_use(definition))) == 1


def test_condition_compares_other_values_by_their_json_text() -> None:
    """A number or a truth value meets a condition that spells it as JSON does; null meets none."""
    definition = replace(
        builtin("purchase_frequency"),
        key="custom",
        numerator=(Term(("order",), where=(Condition("p", ("3", "true", "null")),)),),
    )
    given = facts([("m", "control", START)], [order("m", START, 1)] * 4)
    texts = ['{"p": 3}', '{"p": true}', '{"p": null}', '{"p": "3"}']
    table = given.conversions.set_column(5, "properties", pa.array(texts))

    assert total(FactTables(given.exposures, table), plan(in_use(definition))) == 3


def test_condition_passes_over_malformed_properties_of_other_events() -> None:
    """Text that is no JSON, on an event that the condition is not about, harms nothing."""
    given = facts([("a", "control", START)], [event("a", "tier_change", START, to="gold")])
    broken = given.conversions.append_column("x", given.conversions.column("event")).to_pylist()
    broken.append({**broken[0], "event": "order", "properties": "{not json"})
    table = FactTables(given.exposures, type(given.conversions).from_pylist(broken))

    assert total(table, plan(in_use("upgrade_conversion", target_tiers=["gold"]), ORDERS)) == 1


def test_crossover_is_left_out_or_kept_in_its_first_variant() -> None:
    """By the plan's rule, a unit seen in two variants counts nowhere or where it was first."""
    given = facts([("m", "B", START), ("m", "control", START + DAY), ("n", "control", START)])

    def units(rule: CrossoverRule) -> list[int]:
        return [row.units for row in aggregate(given, plan(rule=rule), LATER).variants]

    assert units(CrossoverRule.EXCLUDE) == [1, 0]
    assert units(CrossoverRule.KEEP_FIRST) == [1, 1]


def test_crossovers_are_counted_per_set_of_variants() -> None:
    """Each set of variants in which units were seen has its own count."""
    given = facts(
        [("m", v, START) for v in ("B", "control")]
        + [("n", v, START) for v in ("control", "B")]
        + [("o", v, START) for v in ("control", "B", "C")]
    )
    shares: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}

    got = aggregate(given, plan(shares=shares), LATER)

    assert {row.variants: row.units for row in got.crossovers} == {
        ("B", "control"): 2,
        ("B", "C", "control"): 1,
    }


def test_household_counts_conversions_of_all_its_members() -> None:
    """A household is exposed with its first member and credited with what any member does."""
    units: dict[str, str | None] = {"a": "h", "b": "h", "c": None}
    given = facts(
        [("a", "control", START), ("c", "control", START)],
        [order("a", START, 1), order("b", START + DAY, 2), order("c", START, 4)],
        units,
    )

    got = aggregate(given, plan(SPEND, unit=RandomizationUnit.HOUSEHOLD), LATER)

    assert got.variants[0].units == 1
    assert got.unknown_unit_members == 1
    assert total(given, plan(SPEND, unit=RandomizationUnit.HOUSEHOLD)) == 3


def test_household_day_on_which_two_members_are_active_is_one_day() -> None:
    """Active days are days of the unit, not the sum of its members' days."""
    units: dict[str, str | None] = {"a": "h", "b": "h"}
    given = facts([("a", "control", START)], [event(m, "activity", START) for m in "ab"], units)

    assert total(given, plan(in_use("activity"), unit=RandomizationUnit.HOUSEHOLD)) == 1


def test_household_campaign_needs_to_know_who_belongs_to_which() -> None:
    """Without the relation of members to households, aggregation refuses."""
    given = facts([("a", "control", START)])

    with pytest.raises(MissingRelation, match="unit_members"):
        aggregate(given, plan(unit=RandomizationUnit.HOUSEHOLD), LATER)


def test_analysis_time_needs_a_zone() -> None:
    """A time without a zone could mean any of twenty-four, so it is refused."""
    with pytest.raises(InvalidPlan, match="as_of"):
        aggregate(facts([]), plan(), datetime(2026, 1, 1))  # noqa: DTZ001 - the fault under test


def test_funnel_takes_steps_in_order_over_all_exposed() -> None:
    """A step counts at or after the earliest time of the step before, over every exposed unit."""
    funnel = Funnel(
        (FunnelStep("click", "Click", ("offer_click",)), FunnelStep("buy", "Buy", ("order",))),
        Window(10),
    )
    given = facts(
        [(m, "control", START) for m in "abcde"],
        [
            order("a", START, 1),  # before the click: not in order
            event("a", "offer_click", START + DAY),
            event("b", "offer_click", START + DAY),
            order("b", START + DAY, 1),  # at the very moment
            event("c", "offer_click", START + DAY),
            order("c", START + 10 * DAY, 1),  # the window has closed
            order("d", START, 1),  # never clicked
        ],
    )

    got = aggregate(given, plan(funnel=funnel), LATER)

    assert got.funnel[0].mature_units == 5
    assert got.funnel[0].step_units == (3, 1)


def test_no_facts_give_empty_aggregates() -> None:
    """Without any fact there are no units, no ranges and no faults."""
    got = aggregate(facts([]), plan(ORDERS, in_use("average_order_value")), LATER)

    assert [row.units for row in got.variants] == [0, 0]
    assert [row.summary.n for metric in got.metrics for row in metric.variants] == [0] * 4
    assert got.facts.first_exposed_at is None
    assert [(row.event, row.seen) for row in got.events] == [("order", 0), ("refund", 0)]


def test_order_of_rows_and_number_of_threads_do_not_change_a_bit() -> None:
    """Aggregates of the same facts in another order are equal, not merely close."""
    exposures = [
        (f"m{i}", "B" if i % 3 else "control", START + i * MICROSECOND) for i in range(500)
    ]
    conversions = [order(f"m{i % 500}", START + DAY, i * i + 1) for i in range(3000)]
    the_plan = plan(SPEND, in_use("average_order_value"))

    one = aggregate(facts(exposures, conversions), the_plan, LATER)
    other = aggregate(facts(exposures[::-1], conversions[::-1]), the_plan, LATER)

    assert one == other


CLICKED_BEFORE = Covariate("clicked", 7, (Term(("offer_click",)),))


def before(metric: MetricInUse, covariate: Covariate) -> MetricInUse:
    """The metric with one covariate."""
    return replace(metric, covariates=(covariate,))


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (START - 7 * DAY - MICROSECOND, 0),
        (START - 7 * DAY, 1),
        (START - MICROSECOND, 1),
        (START, 0),
    ],
)
def test_pre_period_ends_where_the_window_begins(at: datetime, counted: int) -> None:
    """A covariate counts from its days before first exposure until just before that moment."""
    given = facts([("m", "control", START)], [event("m", "offer_click", at)])

    row = control(aggregate(given, plan(before(ORDERS, CLICKED_BEFORE)), LATER).metrics[0])

    assert row.moments is not None
    assert row.moments.totals == (0, counted)


def test_event_before_exposure_counts_for_the_covariate_alone() -> None:
    """Reading earlier events for a covariate lets none of them into the metric or the funnel."""
    funnel = Funnel((FunnelStep("buy", "Buy", ("order",)),), Window(10))
    given = facts([("m", "control", START)], [order("m", START - DAY, 5)])

    got = aggregate(given, plan(before(SPEND, Covariate("own", 30)), funnel=funnel), LATER)

    row = control(got.metrics[0])
    assert row.moments is not None
    assert row.moments.totals == (0, 5)
    assert got.funnel[0].step_units == (0,)


def test_own_covariate_of_a_proportion_is_a_proportion() -> None:
    """Of churn, it is whether the unit was absent in the pre-period; without events it was."""
    churn = before(in_use("churn"), Covariate("own", 30))
    given = facts(
        [(m, "control", START) for m in "ab"],
        [order("a", START - DAY, 5), order("a", START - 2 * DAY, 5)],
    )

    row = control(aggregate(given, plan(churn), LATER).metrics[0])

    assert row.moments is not None
    assert row.moments.totals == (2, 1)


def test_own_covariate_of_a_ratio_is_two_columns() -> None:
    """The numerator and the denominator of the pre-period follow those of the window."""
    given = facts(
        [("m", "control", START)],
        [order("m", START - DAY, 5), refund("m", START - DAY, 2), order("m", START, 100)],
    )
    value = before(in_use("average_order_value"), Covariate("own", 30))

    row = control(aggregate(given, plan(value), LATER).metrics[0])

    assert row.moments is not None
    assert row.moments.totals == (100, 1, 3, 1)


def test_household_covariate_counts_every_member() -> None:
    """The pre-period of a household ends with its own first exposure and counts all members."""
    units: dict[str, str | None] = {"a": "h", "b": "h"}
    given = facts(
        [("a", "control", START)], [order("b", START - DAY, 2), order("b", START, 4)], units
    )
    the_plan = plan(before(SPEND, Covariate("own", 30)), unit=RandomizationUnit.HOUSEHOLD)

    row = control(aggregate(given, the_plan, LATER).metrics[0])

    assert row.moments is not None
    assert row.moments.totals == (4, 2)


def test_basis_assigned_counts_whoever_was_assigned_from_then_on() -> None:
    """Assigned units count without exposure, and their clock starts at assignment."""
    given = facts(
        [("a", "control", START + 10 * DAY), ("c", "control", START)],
        [order("a", START, 1), order("b", START + 30 * DAY, 1)],
        assignments=[("a", "control", START), ("b", "B", START), ("b", "B", START + DAY)],
    )

    got = aggregate(given, replace(plan(ORDERS), basis=Basis.ASSIGNED), LATER)

    assert [row.units for row in got.variants] == [1, 1]
    assert [row.exposures for row in got.variants] == [2, 0]
    summaries = [row.summary for row in got.metrics[0].variants]
    assert summaries == [MeanSummary(1, 1, 0.0), MeanSummary(1, 0, 0.0)]


def test_unit_assigned_to_two_variants_falls_under_the_rule() -> None:
    """The rule for units in two variants holds for assignments as it does for exposures."""
    given = facts([], assignments=[("m", "B", START), ("m", "control", START + DAY)])

    def got(rule: CrossoverRule) -> Aggregates:
        return aggregate(given, replace(plan(rule=rule), basis=Basis.ASSIGNED), LATER)

    assert [row.units for row in got(CrossoverRule.EXCLUDE).variants] == [0, 0]
    assert [row.units for row in got(CrossoverRule.KEEP_FIRST).variants] == [0, 1]
    assert got(CrossoverRule.EXCLUDE).crossovers[0].variants == ("B", "control")


def test_plan_that_reads_a_relation_needs_it() -> None:
    """Without assignments or the values of segments, aggregation refuses and names what lacks."""
    given = facts([("m", "control", START)])
    with pytest.raises(MissingRelation, match="assignments"):
        aggregate(given, replace(plan(), basis=Basis.ASSIGNED), LATER)
    with pytest.raises(MissingRelation, match="units"):
        aggregate(given, replace(plan(), segments=(SegmentBy("tier"),)), LATER)
    other = facts([("m", "control", START)], segments={"m": {"country": "TW"}})
    with pytest.raises(MissingColumn, match="'tier'"):
        aggregate(other, replace(plan(), segments=(SegmentBy("tier"),)), LATER)


@pytest.mark.parametrize(("zone", "day"), [("UTC", 7), ("Asia/Taipei", 8), ("America/New_York", 7)])
def test_day_of_exposure_is_that_of_the_programme(zone: str, day: int) -> None:
    """Units belong to the calendar day, in the programme's zone, of their first exposure."""
    exposed = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)
    given = facts([("m", "control", exposed)])

    got = aggregate(given, plan(ORDERS, time_zone=zone), LATER)

    assert [cell.day for cell in got.metrics[0].by_day] == [date(2026, 3, day)]
    assert [row.day for row in got.units_by_day] == [date(2026, 3, day)]


def test_day_of_25_hours_is_one_day() -> None:
    """On the day on which clocks go back, all 25 hours are that day's."""
    midnight = datetime(2026, 11, 1, 4, tzinfo=UTC)  # New York falls back on 1 November
    times = [midnight, midnight + timedelta(hours=25) - MICROSECOND, midnight + timedelta(hours=25)]
    given = facts([(f"m{i}", "control", at) for i, at in enumerate(times)])

    got = aggregate(given, plan(ORDERS, time_zone="America/New_York"), LATER)

    assert [(row.day, row.units) for row in got.units_by_day] == [
        (date(2026, 11, 1), 2),
        (date(2026, 11, 2), 1),
    ]


def test_events_are_counted_per_day_and_days_without_any_are_absent() -> None:
    """How often each event of the plan was seen per calendar day shows where a feed stopped."""
    given = facts(
        [("m", "control", START)],
        [
            order("m", START, 1),
            order("m", START, 1, "USD"),
            order("m", START + 3 * DAY, 1),
            event("m", "activity", START),  # which the plan does not read
        ],
    )

    got = aggregate(given, plan(ORDERS, time_zone="UTC"), LATER)

    assert [(row.event, row.day, row.seen) for row in got.event_days] == [
        ("order", date(2026, 1, 1), 2),
        ("order", date(2026, 1, 4), 1),
    ]
    assert got.facts.conversions == 3


def test_last_microsecond_of_a_day_is_that_days() -> None:
    """An event just before midnight is not rounded into the next day, in a zone of 45 minutes."""
    midnight = datetime(2026, 1, 1, 18, 15, tzinfo=UTC)  # in Kathmandu
    given = facts(
        [("m", "control", START)],
        [order("m", midnight - MICROSECOND, 1), order("m", midnight, 1)],
    )

    got = aggregate(given, plan(ORDERS, time_zone="Asia/Kathmandu"), LATER)

    assert [(row.day.day, row.seen) for row in got.event_days] == [(1, 1), (2, 1)]


def test_unit_without_a_segment_value_is_in_a_cell_of_its_own() -> None:
    """A unit that has no value, or no row at all, counts under no value, and in the total."""
    given = facts(
        [(m, "control", START) for m in "abc"],
        segments={"a": {"tier": "gold"}, "b": {"tier": None}},
    )

    got = aggregate(given, replace(plan(ORDERS), segments=(SegmentBy("tier"),)), LATER)

    assert [(cell.value, cell.summary.n) for cell in got.metrics[0].by_segment] == [
        ("gold", 1),
        (None, 2),
    ]
    assert control(got.metrics[0]).summary.n == 3


def test_cap_is_pooled_over_the_planned_variants_mature_units() -> None:
    """Neither an immature unit nor one of a variant outside the plan moves a percentile cap."""
    capped = replace(SPEND, cap=Cap(percentile=Decimal("0.5")))
    exposures = [(f"m{i}", "control" if i % 2 else "B", START) for i in range(4)]
    exposures += [("late", "B", LATER), ("rogue", "rogue", START)]
    given = facts(
        exposures,
        [order(f"m{i}", START, 100 * (i + 1)) for i in range(4)]
        + [order("late", LATER, 10**6), order("rogue", START, 10**6)],
    )

    metric = aggregate(given, plan(capped), LATER).metrics[0]

    assert metric.cap == 200
    assert [row.capped.total for row in metric.variants if row.capped] == [400, 300]


def test_cap_over_no_units_caps_nothing() -> None:
    """Where no unit is mature, there is no percentile, and no result that pretends there was."""
    capped = replace(SPEND, cap=Cap(percentile=Decimal("0.5")))

    metric = aggregate(facts([("m", "control", LATER)]), plan(capped), LATER).metrics[0]

    assert metric.cap is None
    assert [row.capped for row in metric.variants] == [MeanSummary(0, 0, 0.0)] * 2


def test_share_of_the_highest_unit_needs_a_total_above_zero() -> None:
    """Where refunds outweigh orders, no unit holds a share of the total."""
    given = facts(
        [("a", "control", START), ("b", "B", START)],
        [order("a", START, 100), refund("b", START, 100)],
    )

    shares = aggregate(given, plan(SPEND), LATER).metrics[0].top_shares

    assert [(share.units, share.share) for share in shares] == [(1, None), (1, None)]


def test_conversions_are_bounded_by_the_first_and_the_last_clock_start() -> None:
    """What counts for the first and the last unit counts to the microsecond; nothing beside it."""
    last = START + 7 * DAY
    exposures = [("a", "control", START), ("b", "control", last), ("c", "B", START + DAY)]
    events = [
        order("a", START - 28 * DAY - MICROSECOND, 1),
        order("a", START - 28 * DAY, 10),
        order("b", last + 30 * DAY - MICROSECOND, 100),
        order("b", last + 30 * DAY, 1000),
    ]
    metric = replace(SPEND, covariates=(Covariate("before", 28),))

    moments = control(aggregate(facts(exposures, events), plan(metric), LATER).metrics[0]).moments

    assert moments is not None
    assert moments.totals == (100, 10)
