"""`analyse` gives the service's scorecard, from whatever table the facts come in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.aggregation.unit_tables import Source
from stats.errors import (
    InvalidPlan,
    MissingColumn,
    MissingRelation,
    UnknownMetric,
    UnknownVariant,
    WrongColumnType,
)
from stats.notebook import Analysis, analyse
from stats.plan import AnalysisPlan, MetricInUse, MetricRole
from stats.scorecard import assemble_scorecard
from tests.stats.facts import (
    ALL_METRICS,
    DAY,
    FUNNEL,
    START,
    fact_tables,
    in_use,
    plan,
    random_facts,
)

AS_OF = START + 115 * DAY
SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
SURVIVAL = in_use("repurchase_interval")


def given() -> FactTables:
    """Random facts with everything that can go wrong in them."""
    return fact_tables(*random_facts(1))


def whole_plan() -> AnalysisPlan:
    """A plan with every metric and a funnel."""
    return plan(*ALL_METRICS, SURVIVAL, shares=SHARES, funnel=FUNNEL)


def frames(tables: FactTables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The facts as an analyst would have them."""
    return tables.exposures.to_pandas(), tables.conversions.to_pandas()


def in_memory(table: pa.Table, _folder: Path, _name: str) -> Source:
    """An Arrow table."""
    return table


def as_frame(table: pa.Table, _folder: Path, _name: str) -> Source:
    """A pandas frame."""
    frame: Source = table.to_pandas()
    return frame


def in_ibis(table: pa.Table, _folder: Path, _name: str) -> Source:
    """An Ibis table, which its backend executes."""
    expression: Source = ibis.memtable(table)
    return expression


def in_parquet(table: pa.Table, folder: Path, name: str) -> Source:
    """Two Parquet files behind a pattern."""
    half = table.num_rows // 2
    pq.write_table(table.slice(0, half), folder / f"{name}-0.parquet")
    pq.write_table(table.slice(half), folder / f"{name}-1.parquet")
    return str(folder / f"{name}-*.parquet")


KINDS: dict[str, Callable[[pa.Table, Path, str], Source]] = {
    "arrow": in_memory,
    "pandas": as_frame,
    "ibis": in_ibis,
    "parquet": in_parquet,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_scorecard_of_the_service(kind: str, tmp_path: Path) -> None:
    """The snapshot hash is that of the service's path, whatever kind of table came."""
    tables, the_plan = given(), whole_plan()
    expected = assemble_scorecard(
        the_plan, aggregate(tables, the_plan, AS_OF), computed_at=AS_OF
    ).snapshot_hash
    make = KINDS[kind]

    got = analyse(
        make(tables.exposures, tmp_path, "exposures"),
        make(tables.conversions, tmp_path, "conversions"),
        the_plan,
        as_of=AS_OF,
    )

    assert got.scorecard.snapshot_hash == expected


def test_files_and_a_frame_may_be_mixed(tmp_path: Path) -> None:
    """One relation in files and one in memory give the same as both in memory."""
    tables, the_plan = given(), whole_plan()
    together = analyse(tables.exposures, tables.conversions, the_plan, as_of=AS_OF)

    mixed = analyse(
        in_parquet(tables.exposures, tmp_path, "exposures"),
        tables.conversions,
        the_plan,
        as_of=AS_OF,
    )

    assert mixed.scorecard.snapshot_hash == together.scorecard.snapshot_hash


def test_few_words_make_the_plan_that_many_do() -> None:
    """Metrics by key, roles by place and margin, variants and currency from the facts."""
    exposures, conversions = frames(given())
    exposures = exposures[exposures["variant"] != "rogue"]
    conversions = conversions[conversions["currency"].isna() | (conversions["currency"] == "TWD")]
    expected = replace(
        plan(
            in_use("spend_per_member", MetricRole.OEC),
            in_use("refund_rate", MetricRole.GUARDRAIL, margin="0.1"),
            in_use("repurchase_rate"),
            shares={"control": "0.4", "B": "0.3", "C": "0.3"},
            time_zone="Asia/Taipei",
        ),
        campaign="gold-q3",
    )

    got = analyse(
        exposures,
        conversions,
        metrics=["spend_per_member", "refund_rate", "repurchase_rate"],
        as_of=AS_OF,
        guardrails={"refund_rate": 0.1},
        shares={"control": 0.4, "B": 0.3, "C": 0.3},
        time_zone="Asia/Taipei",
        name="gold-q3",
    )

    assert got.plan == expected


def test_columns_that_hold_nothing_may_be_left_out() -> None:
    """Without unit_id the unit is the member; without amounts nobody has one."""
    exposures, conversions = frames(given())
    conversions = conversions[conversions["currency"].isna()]
    the_plan = plan(in_use("repurchase_rate", MetricRole.OEC), shares=SHARES)
    bare = analyse(
        exposures[["member_id", "variant", "exposed_at"]],
        conversions[["member_id", "event", "occurred_at"]],
        the_plan,
        as_of=AS_OF,
    )

    full = analyse(exposures, conversions, the_plan, as_of=AS_OF)

    assert bare.scorecard.metrics == full.scorecard.metrics


def test_amounts_without_a_currency_are_in_the_one_that_is_said() -> None:
    """Where the table has no column of currencies, all amounts are in that of the analysis."""
    exposures, conversions = frames(given())
    conversions = conversions[conversions["currency"].isna() | (conversions["currency"] == "TWD")]
    said = analyse(exposures, conversions, metrics="spend_per_member", as_of=AS_OF)

    bare = analyse(
        exposures,
        conversions.drop(columns="currency"),
        metrics="spend_per_member",
        as_of=AS_OF,
        currency="TWD",
    )

    assert bare.scorecard.snapshot_hash == said.scorecard.snapshot_hash


def test_amounts_in_major_units_and_properties_as_objects_are_taken() -> None:
    """12.34 is 1234 minor units, and a column of dicts is JSON."""
    tables, the_plan = given(), whole_plan()
    exposures, conversions = frames(tables)
    objects = conversions.assign(
        amount=conversions["amount_minor"] / 100,
        properties=[
            None if text is None or pd.isna(text) else pd.io.json.ujson_loads(text)
            for text in conversions["properties"]
        ],
    ).drop(columns="amount_minor")

    got = analyse(exposures, objects, the_plan, as_of=AS_OF)

    expected = analyse(exposures, conversions, the_plan, as_of=AS_OF)
    assert got.scorecard.snapshot_hash == expected.scorecard.snapshot_hash


def test_analysis_time_is_that_of_the_last_fact_unless_given() -> None:
    """An export says nothing of the time after it, so that no window closes beyond its end."""
    exposures, conversions = frames(given())
    latest = max(exposures["exposed_at"].max(), conversions["occurred_at"].max())

    got = analyse(exposures, conversions, metrics="repurchase_rate", currency="TWD")

    assert got.scorecard.as_of == latest.to_pydatetime()


def test_household_assignments_and_segments_are_read() -> None:
    """Further relations come by name, and change unit and basis."""
    exposures, conversions, units = random_facts(2, households=True)
    tables = fact_tables(exposures, conversions, units, assigned=True)

    got = analyse(
        tables.exposures,
        tables.conversions,
        metrics="repurchase_rate",
        currency="TWD",
        as_of=AS_OF,
        unit_members=tables.unit_members,
        assignments=tables.assignments,
    )

    assert got.plan.basis.value == "assigned"
    assert got.plan.randomization_unit.value == "household"
    assert sum(row.units for row in got.scorecard.variants) > 0


def test_time_without_a_zone_names_its_column() -> None:
    """A naive time is refused by column, never taken as UTC."""
    exposures, conversions = frames(given())
    exposures["exposed_at"] = exposures["exposed_at"].dt.tz_localize(None)

    with pytest.raises(WrongColumnType, match=r"exposures\.exposed_at .* tz=UTC"):
        analyse(exposures, conversions, metrics="repurchase_rate", currency="TWD", as_of=AS_OF)


def test_files_of_times_without_a_zone_name_the_column(tmp_path: Path) -> None:
    """The same holds for files, whose times are looked for first where `as_of` is not given."""
    exposures, conversions = frames(given())
    naive = exposures.assign(exposed_at=exposures["exposed_at"].dt.tz_localize(None))
    shown = in_parquet(pa.Table.from_pandas(naive), tmp_path, "exposures")
    events = in_parquet(pa.Table.from_pandas(conversions), tmp_path, "conversions")

    with pytest.raises(WrongColumnType, match=r"exposures\.exposed_at"):
        analyse(shown, events, metrics="repurchase_rate", currency="TWD")


def test_analysis_time_without_a_zone_is_refused() -> None:
    """`as_of` needs its zone, too."""
    exposures, conversions = frames(given())

    with pytest.raises(InvalidPlan, match="as_of"):
        analyse(
            exposures,
            conversions,
            metrics="repurchase_rate",
            currency="TWD",
            as_of=datetime(2026, 5, 1),  # noqa: DTZ001 - the fault itself
        )


def test_unknown_control_names_the_variants_that_are_there() -> None:
    """A control that nobody is in is refused with those that the table has."""
    exposures, conversions = frames(given())

    with pytest.raises(UnknownVariant, match="'kontrol'; there are B, C, control, rogue"):
        analyse(
            exposures,
            conversions,
            metrics="repurchase_rate",
            control="kontrol",
            currency="TWD",
            as_of=AS_OF,
        )


def test_amount_with_too_many_decimals_is_refused() -> None:
    """Half a minor unit is no money."""
    exposures, conversions = frames(given())
    conversions = conversions.assign(amount=12.345).drop(columns="amount_minor")

    with pytest.raises(WrongColumnType, match=r"conversions\.amount .* at most 2 decimals"):
        analyse(exposures, conversions, metrics="spend_per_member", currency="TWD", as_of=AS_OF)


def test_other_mistakes_are_named() -> None:
    """A missing column, file or metric, several currencies, and plan with options."""
    exposures, conversions = frames(given())
    the_plan: AnalysisPlan = whole_plan()

    with pytest.raises(MissingColumn, match="no column 'variant'"):
        analyse(exposures.drop(columns="variant"), conversions, metrics="repurchase_rate")
    with pytest.raises(MissingRelation, match=r"no file matches nowhere/\*.parquet"):
        analyse("nowhere/*.parquet", conversions, metrics="repurchase_rate")
    with pytest.raises(UnknownMetric, match="did you mean repurchase_rate"):
        analyse(exposures, conversions, metrics="repurchase_rat", currency="TWD")
    with pytest.raises(InvalidPlan, match="currency"):
        analyse(exposures, conversions, metrics="repurchase_rate")
    with pytest.raises(InvalidPlan, match="a plan, or metrics and options"):
        analyse(exposures, conversions, the_plan, metrics="repurchase_rate", as_of=AS_OF)
    with pytest.raises(InvalidPlan, match="guardrails"):
        analyse(
            exposures,
            conversions,
            metrics="repurchase_rate",
            currency="TWD",
            guardrails={"unsubscribe": 0.1},
        )


def test_metric_in_use_is_taken_as_it_is() -> None:
    """Whoever gives a metric in use decides its role, window and covariates."""
    exposures, conversions = frames(given())
    own: MetricInUse = in_use("spend_per_member", MetricRole.DIAGNOSTIC)

    got: Analysis = analyse(exposures, conversions, metrics=[own], currency="TWD", as_of=AS_OF)

    assert got.plan.metrics == (own,)
    assert got.plan.oec is None
