"""The notebook of a report finds every figure again, by itself, and notices a wrong one."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import nbformat
import pandas as pd
import pyarrow as pa
import pytest
from nbclient.exceptions import CellExecutionError

from app.exporting.notebook.sections import SECTIONS, Form
from app.exporting.notebook.sources import source_of
from app.language import Language, Words
from experiments.bulk.delivering import harmless_sql
from stats.aggregation.duckdb_engine import DuckDBEngine
from stats.aggregation.unit_rows import RowOptions, write_unit_rows
from stats.metric import Window, builtin
from stats.plan import DecisionRule, EstimateUsed, LookKind, Looks, MetricInUse, MetricRole
from stats.plan.money import VariantCost
from tests.app.exporting.bundles import computed, run, unpacked
from tests.app.report import moneys, rich
from tests.stats import funnel_worlds, money_world

if TYPE_CHECKING:
    from pathlib import Path

    from stats.aggregation.facts import FactTables
    from stats.plan import AnalysisPlan

    Campaign = tuple[FactTables, AnalysisPlan, datetime]

PUBLIC = {"numpy", "pandas", "scipy", "statsmodels", "matplotlib"}
STANDARD = {"datetime", "decimal", "hashlib", "json", "math", "pathlib", "typing", "warnings",
            "zoneinfo", "__future__"}  # fmt: skip
HEAD_COUNTS = {
    "logged facts are counted in the database, repeats included",
    "logged exposures are counted in the database, repeats included",
    "logged events are counted in the database",
    "units seen in two variants are left out of the rows",
    "events in other currencies are left out of the rows",
    "members who were never assigned have no row",
    "this check reads logs that the rows do not hold",
    "a forecast from traffic, no result",
    "a plan for more units, no result",
    "setting",
}


def planned() -> Campaign:
    """Two treatments, ratio, CUPED, cap, segments, a guardrail, the second of three looks."""
    rule = DecisionRule(threshold=Decimal("0.01"), estimate=EstimateUsed.ADJUSTED)
    facts = rich.facts_of(rich.TWO)
    return facts, rich.designed(rich.TWO, rich.PLANNED, rule=rule), rich.NOW


def continuous() -> Campaign:
    """A confidence sequence."""
    looks = Looks(LookKind.CONTINUOUS, planned_units=16_000)
    return rich.facts_of(rich.ONE), rich.designed(rich.ONE, looks), rich.NOW


def small() -> Campaign:
    """Few units, with exact tests, a regression, and a covariate that says nothing."""
    metrics = (
        dataclasses.replace(rich.METRICS[1], role=MetricRole.OEC),
        dataclasses.replace(rich.METRICS[2], covariates=(rich.NOBODY_HAD_CLAIMED,)),
    )
    plan = rich.designed(rich.ONE, Looks(planned_end=rich.NOW), metrics, rich.SEGMENTS[:1], None)
    return rich.facts_of(rich.ONE, 500), plan, datetime(2025, 11, 3, tzinfo=UTC)


def times() -> Campaign:
    """Times to an order, quantiles of members and of orders, and a funnel over the exposed."""
    baskets = MetricInUse(
        dataclasses.replace(builtin("large_basket_p90"), key="basket", quantile=Decimal("0.75")),
        MetricRole.DIAGNOSTIC,
        Window(14),
    )
    metrics = (*rich.TIMES, baskets)
    plan = rich.designed(rich.ONE, Looks(planned_end=rich.NOW), metrics, funnel=rich.CLICKS)
    return rich.facts_of(rich.ONE, 4_000), plan, rich.NOW


def money() -> Campaign:
    """Money by tier with two treatments, fixed costs, rewards and upgrades."""
    costs = (*money_world.MONEY.costs, VariantCost("C", 250_000))
    plan = money_world.money_plan(
        moneys.UPGRADES,
        money=dataclasses.replace(money_world.MONEY, costs=costs),
        shares=moneys.SHARES,
    )
    facts = money_world.money_world(3, 3_000, ("control", "B", "C")).facts
    return facts, plan, money_world.START + timedelta(days=100)


def assigned() -> Campaign:
    """A funnel over all assigned, by tier."""
    world = funnel_worlds.funnel_world(3)
    return world.facts, world.plan, world.as_of


def _off(figures: pd.DataFrame) -> pd.DataFrame:
    return figures[figures["difference"] > figures["tolerance"]]


@pytest.mark.parametrize("campaign", [continuous, small, times, money, assigned])
def test_rows_give_every_figure_of_the_report(
    campaign: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is a result is computed again; the rest is named with its reason."""
    assert callable(campaign)
    folder = unpacked(tmp_path / "bundle", *campaign(), Form.ROWS)
    figures = computed(folder, monkeypatch)
    compared = figures[figures["difference"].notna()]
    exact = compared[compared["tolerance"] <= 1e-9]

    assert len(compared) > 300
    assert _off(figures).empty
    assert exact["difference"].max() < 1e-9
    assert set(figures.loc[figures["difference"].isna(), "why"]) <= HEAD_COUNTS


def test_a_notebook_runs_offline_where_tierlift_is_not(tmp_path: Path) -> None:
    """In a kernel that may import no part of Tierlift, it ends with the largest difference."""
    said = run(unpacked(tmp_path / "bundle", *planned(), Form.ROWS))

    assert re.search(r"^1\d{3} figures computed here", said, re.MULTILINE)
    assert said.endswith("alone\n")


def test_sums_give_what_moments_are_enough_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without rows the same formulas run on sums, and what takes rows is named."""
    folder = unpacked(tmp_path / "bundle", *planned(), Form.SUMS)
    figures = computed(folder, monkeypatch)
    missing = figures[figures["why"].str.contains("rows:read")]

    assert not (folder / "data" / "units.csv").exists()
    assert figures["difference"].notna().sum() > 1_000
    assert _off(figures).empty
    assert missing["figure"].str.contains(r"minimum|maximum|by_day|segments|cap|tests|frac").all()


def test_sums_hold_no_small_group(tmp_path: Path) -> None:
    """A value of a slice is there only where enough units of every variant share it."""
    folder = unpacked(tmp_path / "bundle", *planned(), Form.SUMS)
    given = json.loads((folder / "data" / "sums.json").read_text())
    sizes = {"tier": 100, "channel": 400, "day": 400}
    sliced = [one for one in given["sums"] if one["slice"] != "all"]

    assert sliced
    assert all(one["n"] >= sizes[one["slice"]] for one in sliced)
    assert given["withheld"]


@pytest.mark.parametrize("hides", [False, True])
def test_a_wrong_number_in_the_report_stops_the_notebook(
    hides: bool,  # noqa: FBT001 - a parameter of the test
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One digit is noticed by the hash, and by the figure itself where the hash was made anew."""
    folder = unpacked(tmp_path / "bundle", *continuous(), Form.ROWS)
    report = json.loads((folder / "scorecard.json").read_text())
    report["metrics"][0]["comparisons"][0]["difference"]["ci_low"] *= 1 + 1e-6
    if hides:
        left_out = {"as_of", "computed_at", "snapshot_hash", "sentences"}
        hashed = {name: value for name, value in report.items() if name not in left_out}
        text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        report["snapshot_hash"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "scorecard.json").write_text(json.dumps(report))
    with pytest.raises(AssertionError, match="ci_low" if hides else "not what was exported"):
        computed(folder, monkeypatch)


def test_a_failing_cell_ends_the_run(tmp_path: Path) -> None:
    """A kernel stops at the cell that failed, as whoever runs it sees."""
    folder = unpacked(tmp_path / "bundle", *assigned(), Form.SUMS)
    report = json.loads((folder / "scorecard.json").read_text())
    report["variants"][0]["units"] += 1
    (folder / "scorecard.json").write_text(json.dumps(report))
    with pytest.raises(CellExecutionError, match="not what was exported"):
        run(folder)


def test_cells_import_public_packages_alone() -> None:
    """What a cell imports is in requirements.txt or in Python itself."""
    modules = {name for section in SECTIONS for name in section.modules}
    for name in modules:
        for node in ast.walk(ast.parse(source_of(name))):
            found = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {one.split(".")[0] for one in found} <= PUBLIC | STANDARD, name


def test_rows_have_no_id_of_a_member(tmp_path: Path) -> None:
    """A pseudonym is salted anew for each export, and rows are in the order of pseudonyms."""
    facts, plan, as_of = assigned()
    first = unpacked(tmp_path / "first", facts, plan, as_of, Form.ROWS)
    second = unpacked(tmp_path / "second", facts, plan, as_of, Form.ROWS)
    ids = set(facts.exposures["unit_id"].to_pylist())
    for name in ("units.csv", "funnel.csv"):
        one, other = ((folder / "data" / name).read_text() for folder in (first, second))
        pseudonyms = [line.split(",")[0] for line in one.splitlines()[1:]]
        assert pseudonyms == sorted(pseudonyms)
        assert not ids & set(pseudonyms)
        assert one != other


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("form", list(Form))
def test_the_text_is_in_the_language_of_whoever_asks(
    language: Language, form: Form, tmp_path: Path
) -> None:
    """Headings and README are translated; code is the same in every language."""
    folder = unpacked(tmp_path / "bundle", *assigned(), form, Words(language))
    notebook = nbformat.read(folder / "report.ipynb", as_version=4)
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    is_chinese = language is not Language.ENGLISH

    assert ("快照" in text) is is_chinese
    assert ("快照" in (folder / "README.md").read_text(encoding="utf-8")) is is_chinese
    assert ("The comparison" in text) is not is_chinese


def test_rows_for_others_tools_have_no_rare_combination(tmp_path: Path) -> None:
    """Segment values that too few share become one group; text that is a formula is none."""
    facts, plan, as_of = money()
    rare = facts.units.to_pandas()
    rare.loc[rare.index[:3], "tier"] = "=HYPERLINK(1)"
    rare.loc[rare.index[3:60], "tier"] = "@sum"
    facts = dataclasses.replace(facts, units=pa.Table.from_pandas(rare, preserve_index=False))
    with DuckDBEngine.over(facts) as engine:
        options = RowOptions("salt", harmless_sql, fewest=50, units_alone=True)
        columns = write_unit_rows(engine, plan, as_of, tmp_path, options)
    rows = pd.read_csv(tmp_path / "units.csv", dtype=str)
    sizes = rows["segment.tier"].value_counts()

    assert columns.rows == len(rows)
    assert sizes["other"] == columns.coarsened >= 50
    assert sizes.min() >= 50
    assert not rows["segment.tier"].str.startswith(("=", "@")).any()
    assert [one.name for one in tmp_path.iterdir()] == ["units.csv"]
