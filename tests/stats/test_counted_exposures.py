"""A row of exposures that stands for many counts like as many rows."""

from datetime import timedelta
from random import Random

import pyarrow as pa
import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.audit import BucketingRule, Slots, VariantSlots
from stats.aggregation.audit_counts import AuditCounts
from stats.aggregation.facts import FactTables
from stats.plan import CrossoverRule, RandomizationUnit
from tests.stats.facts import ALL_METRICS, FUNNEL, START, fact_tables, plan, random_facts

SHARES = {"control": "0.4", "B": "0.3", "C": "0.3"}
RULE = BucketingRule(
    "split",
    (
        VariantSlots("control", Slots(0, 4_000)),
        VariantSlots("B", Slots(4_000, 7_000)),
        VariantSlots("C", Slots(7_000, 10_000)),
    ),
    "traffic",
)


def counted(facts: FactTables, chance: Random) -> tuple[FactTables, FactTables]:
    """Give the facts with exposures that stand for many, and with as many rows instead."""
    times = [chance.choice([1, 1, 2, 7]) for _ in range(facts.exposures.num_rows)]
    few = facts.exposures.append_column("times", pa.array(times, pa.int64()))
    each = [at for at, count in enumerate(times) for _ in range(count)]
    others = (facts.conversions, facts.unit_members)
    return FactTables(few, *others), FactTables(facts.exposures.take(pa.array(each)), *others)


@pytest.mark.parametrize("rule", list(CrossoverRule))
@pytest.mark.parametrize("unit", list(RandomizationUnit))
def test_a_row_that_stands_for_many_counts_like_many(
    unit: RandomizationUnit, rule: CrossoverRule
) -> None:
    """Everything that aggregation gives is the same, the number of exposures included."""
    made = random_facts(4, households=unit is RandomizationUnit.HOUSEHOLD)
    few, many = counted(fact_tables(*made), Random(4))  # noqa: S311 - a fixed draw
    the_plan = plan(*ALL_METRICS, shares=SHARES, unit=unit, rule=rule, funnel=FUNNEL)
    as_of = START + timedelta(days=60)

    got, want = (aggregate(facts, the_plan, as_of, audit=RULE) for facts in (few, many))

    assert got == want
    assert isinstance(got.audit, AuditCounts)
    assert got.audit.disagreements
    assert sum(row.exposures for row in got.variants) > few.exposures.num_rows / 2
