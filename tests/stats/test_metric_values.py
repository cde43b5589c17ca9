"""Every built-in metric, per variant, against a plain loop in exact fractions, on every engine."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.aggregates import Aggregates
from stats.aggregation.facts import FactTables
from stats.aggregation.postgresql_engine import PostgreSQLEngine
from stats.metric import (
    BUILTIN_KEYS,
    PARAMETRISED,
    Aggregate,
    Among,
    Condition,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Rates,
    Since,
    Term,
    Window,
    builtin,
)
from stats.plan import AnalysisPlan, Cap, MetricInUse, MetricRole
from stats.summary import RatioSummary
from tests.conftest import drop_postgresql_database, make_postgresql_database
from tests.stats.facts import START, facts, plan
from tests.stats.metric_oracle import event_value, random_events, unit_value

ZONE = "America/New_York"
AS_OF = START + timedelta(days=400)
RATES = Rates(Decimal("0.3333"), 12_345, 77)
ODD = MetricDefinition(
    key="odd",
    name="Odd",
    description="Everything at once.",
    kind=MetricKind.MEAN,
    numerator=(
        Term(("points",), Aggregate.PROPERTY_SUM, property="points", factor=Decimal("0.0125")),
        Term(("order",), Aggregate.AMOUNT, -1, less_share="breakage", factor=Decimal("1.5")),
        Term(("reward_issue",), less_share="breakage", since=Since.EVER),
        Term(("survey_response",), where=(Condition("score", at_least=Decimal("0.00005") * 2),)),
        Term(("progress",), Aggregate.PROPERTY_MAX, property="covered", lowest=Decimal(0)),
        Term(aggregate=Aggregate.UNIT, factor=Decimal("0.25")),
    ),
    unit=MetricUnit.COUNT,
    direction=Direction.HIGHER,
    window=Window(70, 5),
    among=Among("tier", values=("gold",)),
)


def metric_of(key: str) -> MetricInUse:
    """A built-in metric with the programme's rates and a tier."""
    named = {PARAMETRISED[key][0]: ["gold"]} if key in PARAMETRISED else {}
    return MetricInUse(builtin(key, rates=RATES, **named), MetricRole.DIAGNOSTIC)


def the_plan() -> AnalysisPlan:
    """A plan of all metrics, two of them in windows of their own."""
    metrics = [metric_of(key) for key in BUILTIN_KEYS]
    metrics += [
        replace(metric_of("clv_12m"), window=Window(77), definition=replace(
            builtin("clv_12m", rates=RATES), key="clv_77_days")),
        MetricInUse(ODD, MetricRole.DIAGNOSTIC, cap=Cap(percentile=Decimal("0.8"))),
    ]  # fmt: skip
    return plan(*metrics, time_zone=ZONE)


SEED = 7
EXPOSURES, EVENTS = random_events(SEED)
ATTRIBUTES: dict[str, dict[str, str | None]] = {
    name: {"contactable": ("true", "false", None)[i % 3], "tier": ("gold", "silver")[i % 2]}
    for i, (name, _, _) in enumerate(EXPOSURES)
    if i % 7
}


def the_facts() -> FactTables:
    """The facts of the oracle."""
    return facts(EXPOSURES, EVENTS, segments=ATTRIBUTES)


def counts(definition: MetricDefinition, name: str) -> bool:
    """Whether a member is among those that a metric counts."""
    if definition.among is None:
        return True
    value = ATTRIBUTES.get(name, {}).get(definition.among.attribute)
    if definition.among.values:
        return value in definition.among.values
    return value not in definition.among.except_values


def assert_is_the_oracle(got: Aggregates, design: AnalysisPlan) -> None:
    """Units, totals, squares and extremes of every summed metric are those of the loop."""
    zone = ZoneInfo(ZONE)
    for metric, row in zip(design.metrics, got.metrics, strict=True):
        definition, window = metric.definition, metric.effective_window
        if not definition.kind.is_summed:
            continue
        for variant in row.variants:
            pairs = [
                unit_value(definition, [e for e in EVENTS if e[0] == name], first, window, zone)
                for name, chosen, first in EXPOSURES
                if chosen == variant.variant and counts(definition, name)
            ]
            summary = variant.summary
            outcome = summary.numerator if isinstance(summary, RatioSummary) else summary
            y = [pair[0] for pair in pairs]
            assert summary.n == len(pairs), metric.key
            assert outcome.total == float(sum(y)), metric.key
            mean = sum(y) / len(y)
            assert outcome.centred_squares == float(sum((one - mean) ** 2 for one in y))
            assert variant.minimum == float(min(y)), metric.key
            assert variant.maximum == float(max(y)), metric.key
            assert variant.nonzero_units == sum(one != 0 for one in y), metric.key
            if isinstance(summary, RatioSummary):
                d = [pair[1] for pair in pairs]
                level = Fraction(sum(d)) / len(d)
                assert summary.denominator.total == float(sum(d)), metric.key
                joint = sum((a - mean) * (b - level) for a, b in pairs)
                assert summary.co_moment == float(joint), metric.key


def test_every_summed_metric_equals_the_plain_loop() -> None:
    """Totals, squares and extremes are exact, malformed events and earlier balances included."""
    design = the_plan()

    got = aggregate(the_facts(), design, AS_OF)

    assert_is_the_oracle(got, design)
    used = {key for key in BUILTIN_KEYS if builtin_is_summed(key)}
    moving = {m.key for m in got.metrics if m.key in used and any(v.maximum for v in m.variants)}
    assert moving == used  # none of them agrees only in being 0


def builtin_is_summed(key: str) -> bool:
    """Whether sums are all that a built-in metric needs."""
    return metric_of(key).definition.kind.is_summed


def test_winsorised_values_are_capped_in_the_metrics_own_unit() -> None:
    """A cap by percentile is a value that occurs among all units, in the metric's unit."""
    zone = ZoneInfo(ZONE)
    got = aggregate(the_facts(), the_plan(), AS_OF).metrics[-1]

    values = sorted(
        unit_value(ODD, [e for e in EVENTS if e[0] == name], first, ODD.window, zone)[0]
        for name, _, first in EXPOSURES
        if counts(ODD, name)
    )
    cap = values[-(-len(values) * 8 // 10) - 1]
    assert got.cap == float(cap)
    above = sum(value > cap for value in values)
    assert sum(v.capped_units or 0 for v in got.variants) == above
    held = sum(min(value, cap) for value in values)
    assert sum(v.capped.total for v in got.variants if v.capped) == pytest.approx(float(held))


def test_events_left_out_are_counted_per_property() -> None:
    """What a term cannot count is reported with its event and property, never silently 0."""
    got = aggregate(the_facts(), the_plan(), AS_OF)

    found = {(row.events, row.properties): row.left_out for row in got.unusable}
    covered = builtin("progress_completion").numerator[0]
    progress = [row for row in EVENTS if row[1] == "progress"]
    lost = sum(event_value(covered, row) is None for row in progress)
    assert 0 < lost < len(progress)
    # `odd` reads the same property without a ceiling: one reading, two metrics
    assert found[("progress",), ("covered",)] == lost
    issued = Counter(
        event_value(builtin("reward_cost_per_member").numerator[0], row) is None
        for row in EVENTS
        if row[1] == "reward_issue" and row[3] is not None
    )
    by_amount = [
        row.left_out
        for row in got.unusable
        if row.events == ("reward_issue",) and "reward_cost_per_member" in row.metrics
    ]
    assert by_amount == [issued[True]]


@pytest.fixture(scope="module")
def url(postgresql_server: str) -> Iterator[str]:
    """An empty database."""
    yield make_postgresql_database(postgresql_server, "tierlift_metric_values")
    drop_postgresql_database(postgresql_server, "tierlift_metric_values")


def test_postgresql_gives_the_same_to_the_last_bit(url: str) -> None:
    """Whatever metrics read, PostgreSQL hands over what DuckDB does."""
    with PostgreSQLEngine.over(url, the_facts()) as engine:
        got = aggregate_on(engine, the_plan(), AS_OF)

    assert got == aggregate(the_facts(), the_plan(), AS_OF)


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_spark_gives_the_same_to_the_last_bit() -> None:
    """Whatever metrics read, Spark hands over what DuckDB does."""
    from stats.aggregation.spark_engine import SparkEngine  # noqa: PLC0415 - Java, only here

    with SparkEngine.over("local[1]", the_facts()) as engine:
        got = aggregate_on(engine, the_plan(), AS_OF)

    assert got == aggregate(the_facts(), the_plan(), AS_OF)
