"""A year of the shop's customers, recomputed month by month, is what pandas makes of the raw file.

Slow, and skipped where the file is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
import pytest
from click.testing import CliRunner

from app.cli import tierlift
from experiments.store.engine import open_engine, reading
from experiments.store.members import find_members
from tests.realdata import oracle_programme as pandas_says
from tests.realdata.invoices import read_invoices
from tests.realdata.page_programme import PAGE, PROGRAMME, figures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from experiments.member import Member
    from tests.realdata.conftest import Raw

pytestmark = pytest.mark.realdata


@dataclass(frozen=True)
class Year:
    """What came of a year.

    Attributes:
        runs: What each month's computation said, by moment.
        members: After the last one.
        preview: Of gold from 800 pounds, at the last moment.
    """

    runs: dict[pd.Timestamp, dict[str, Any]]
    members: dict[str, Member]
    preview: dict[str, Any]


@pytest.fixture(scope="module")
def year(
    fresh_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    tell: Callable[[str], None],
    invoice_file: Path,
) -> Year:
    """Import the shop's invoices, and compute its customers at the end of every month."""
    folder = tmp_path_factory.mktemp("programme")

    def run(*words: str) -> str:
        done = CliRunner(env={"TIERLIFT_DATABASE_URL": fresh_database}).invoke(tierlift, words)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    run("db", "upgrade")
    (folder / "programme.yaml").write_text(PROGRAMME, "utf-8")
    run("programme", "set", str(folder / "programme.yaml"))
    write_files(folder, invoice_file)
    run("import", "members", str(folder / "members.csv"))
    run("import", "conversions", str(folder / "invoices.csv"))
    runs = {}
    for moment in pandas_says.MOMENTS:
        at = moment.tz_localize("Europe/London").isoformat()
        runs[moment] = orjson.loads(run("programme", "recompute", "--as-of", at, "--json"))
        tell(f"computed {moment.date()}")
    preview = orjson.loads(
        run("programme", "preview", "--tier", "gold", "--entry-threshold", "800", "--as-of", at,
            "--json")
    )  # fmt: skip
    engine = open_engine(fresh_database)
    with reading(engine) as store:
        members = find_members(store, sorted({one.customer for one in read_invoices(invoice_file)}))
    engine.dispose()
    return Year(runs, members, preview)


def write_files(folder: Path, invoice_file: Path) -> None:
    """Write customers and invoices as an import takes them."""
    invoices = read_invoices(invoice_file)
    with (folder / "members.csv").open("w", encoding="utf-8") as file:
        file.write("member_id,market\n")
        markets = {one.customer: "uk" if one.country == "United Kingdom" else "abroad"
                   for one in invoices}  # fmt: skip
        file.writelines(f"{member},{market}\n" for member, market in markets.items())
    with (folder / "invoices.csv").open("w", encoding="utf-8") as file:
        file.write("conversion_id,member_id,event,occurred_at,amount,currency\n")
        file.writelines(
            f"{one.number},{one.customer},{'refund' if one.is_cancellation else 'order'},"
            f"{one.at.isoformat()},{one.amount},GBP\n"
            for one in invoices
        )


def test_tier_counts_equal_pandas_in_every_month(year: Year, raw: Raw) -> None:
    """Climbing at once, falling after the validity: members of each tier, and who moved."""
    tiers = pandas_says.Tiers()
    for moment, run in year.runs.items():
        expected = tiers.to(raw.invoices, moment)
        counts = run["counts"]
        assert {key: counts[f"tier.{key}"] for key in expected.index} == expected.to_dict()
        assert (counts["moved_up"], counts["moved_down"]) == (tiers.risen, tiers.fallen)
    said = {name: one.computed["tier"] for name, one in year.members.items()}
    assert said == tiers.place.map(dict(enumerate(pandas_says.LADDER))).to_dict()


def test_every_fifth_and_group_equals_pandas(year: Year, raw: Raw) -> None:
    """Recency, frequency, monetary and group of everybody who ordered; nobody else has one."""
    expected = pandas_says.fifths(raw.invoices, pandas_says.MOMENTS[-1])
    said = pd.DataFrame(
        {name: {column: one.computed.get(column) for column in expected.columns}
         for name, one in year.members.items()}
    ).T.dropna()  # fmt: skip
    assert said.sort_index().to_dict() == expected.sort_index().to_dict()


def test_value_and_progress_equal_pandas(year: Year, raw: Raw) -> None:
    """What a customer was worth so far, and how near the next tier."""
    last = pandas_says.MOMENTS[-1]
    values = pandas_says.value_so_far(raw.invoices, last)
    assert {n: one.computed["clv_so_far_minor"] for n, one in year.members.items()} == (
        values.to_dict()
    )
    places = {key: place for place, key in enumerate(pandas_says.LADDER)}
    has = pd.Series({n: places[str(one.computed["tier"])] for n, one in year.members.items()})
    expected = pandas_says.progress(raw.invoices, last, has)
    said = {
        name: one.computed["tier_progress"]
        for name, one in year.members.items()
        if "tier_progress" in one.computed
    }
    assert said.keys() == set(expected.index)
    assert all(0 <= expected[name] - share < 0.0001 for name, share in said.items())


def test_a_preview_of_a_lower_threshold_equals_pandas(year: Year, raw: Raw) -> None:
    """Gold from 800 pounds: members of each tier, once validities have run out, and who moves."""
    last = pandas_says.MOMENTS[-1]
    spent = pandas_says.spend(raw.invoices, last)
    lower = pandas_says.reached(spent, {**pandas_says.LADDER, "gold": 80_000})
    places = {key: place for place, key in enumerate(pandas_says.LADDER)}
    had = pd.Series({n: places[str(one.computed["tier"])] for n, one in year.members.items()})
    had = had.reindex(lower.index)  # a database gives members in any order
    tiers = pandas_says.Tiers()
    for moment in pandas_says.MOMENTS:
        tiers.to(raw.invoices, moment)
    may_fall = tiers.since + pd.Timedelta(days=pandas_says.VALIDITY_DAYS) <= last
    then = had.where(~((lower > had) | ((lower < had) & may_fall)), lower)
    rows = {row["key"]: row for row in year.preview["tiers"]}
    for key, place in places.items():
        assert rows[key]["now"] == int((had == place).sum())
        assert rows[key]["then"] == int((then == place).sum())
        assert rows[key]["settled"] == int((lower == place).sum())
    assert year.preview["moved_up"] == int((then > had).sum())
    assert year.preview["moved_down"] == int((then < had).sum())
    gained = sum(
        (int((then == places[key]).sum()) - int((had == places[key]).sum())) * pounds * 100
        for key, pounds in {"bronze": 0, "silver": 2, "gold": 10, "platinum": 40}.items()
    )
    assert year.preview["cost_minor"] == gained


def test_the_figures_of_the_page_are_these(year: Year) -> None:
    """The tables of docs/tutorial/programme.md stand there as they come out."""
    page = PAGE.read_text("utf-8")
    missing = [line for line in figures(year.runs, year.members, year.preview) if line not in page]
    assert not missing, "\n".join(missing)
