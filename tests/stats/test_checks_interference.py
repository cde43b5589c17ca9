"""Another campaign on the same members: counted in SQL, judged by three tests."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.meta_analysis import combine_effects

from stats.aggregation.aggregates import Aggregates, FactsRange, VariantUnits
from stats.aggregation.duckdb_engine import DuckDBEngine
from stats.aggregation.overlap import (
    OUTCOMES,
    OVERLAPS,
    overlap_cells,
    read_overlaps,
)
from stats.aggregation.overlaps import OverlapCell, Overlaps
from stats.aggregation.relations import EXPOSED_UNITS
from stats.checks.all import run_checks
from stats.checks.finding import Finding, FindingCode, Severity
from stats.checks.interference import (
    ALPHA,
    INTERACTION_ALPHA,
    check_interference,
    independence,
)
from stats.summary import MeanSummary, RatioSummary
from tests.stats.facts import START, plan

OURS = ("control", "B")


def ours(control: int = 10_000, b: int = 10_000) -> Aggregates:
    """Aggregates of units per variant."""
    rows = tuple(
        VariantUnits(key, n, n, START, START) for key, n in zip(OURS, (control, b), strict=True)
    )
    return Aggregates(START, FactsRange(0, None, None, 0, None, None), rows, (), 0, (), (), ())


def shared(
    units: Sequence[Sequence[int]], rates: Sequence[Sequence[float]] | None = None
) -> Overlaps:
    """Overlap with one campaign: our variants by its variants x and y, perhaps with outcomes."""
    cells = []
    for i, variant in enumerate(OURS):
        for j, other in enumerate(("x", "y")):
            n = units[i][j]
            summary = None
            if rates is not None:
                successes = round(rates[i][j] * n)
                summary = MeanSummary.from_sums(n, successes, successes)
            cells.append(OverlapCell("tea", variant, other, n, summary))
    return Overlaps(tuple(cells))


def judged(overlaps: Overlaps | None) -> Finding:
    """The finding on 10,000 units a variant."""
    return check_interference(plan(), ours(), overlaps)


def test_independent_campaigns_pass() -> None:
    """Variants spread alike, entered alike and with one effect in each pass, and are named."""
    got = judged(shared([[1_000, 1_010], [990, 1_000]], [[0.2, 0.3], [0.25, 0.34]]))

    assert got.severity is Severity.PASSED
    assert "tea (20% of these members)" in got.detail
    assert set(got.evidence["p_values"]) == {"tea split", "tea entry", "tea interaction B"}


def test_a_split_that_depends_on_ours_is_a_failure() -> None:
    """The p-value is SciPy's of the contingency table, corrected for the two tests of counts."""
    table = [[1_200, 800], [800, 1_200]]

    got = judged(shared(table))

    assert got.severity is Severity.FAILURE
    want = scipy_stats.chi2_contingency(table, correction=False).pvalue
    assert got.evidence["p_values"]["tea split"] == pytest.approx(2 * want, rel=1e-9)
    assert "spread unequally" in got.detail


def test_unequal_entry_warns() -> None:
    """Where our treatment leads members into the other campaign, its effect is a consequence."""
    got = judged(shared([[500, 500], [700, 700]]))

    assert got.severity is Severity.WARNING
    assert "unequal shares of members in tea" in got.detail
    table = [[1_000, 9_000], [1_400, 8_600]]
    want = scipy_stats.chi2_contingency(table, correction=False).pvalue
    assert got.evidence["p_values"]["tea entry"] == pytest.approx(2 * want, rel=1e-9)


def test_an_effect_that_differs_between_its_variants_warns() -> None:
    """The p-value is that of Cochran's Q in statsmodels, over the differences."""
    units, rates = [[2_000, 2_000], [2_000, 2_000]], [[0.2, 0.2], [0.3, 0.2]]

    got = judged(shared(units, rates))

    assert got.severity is Severity.WARNING
    assert "The effect of B differs between the variants of tea" in got.detail
    variances = [sum(p * (1 - p) / (2_000 - 1) for p in (rates[0][j], rates[1][j])) for j in (0, 1)]
    effects = [rates[1][j] - rates[0][j] for j in (0, 1)]
    q = combine_effects(np.array(effects), np.array(variances)).q
    want = scipy_stats.chi2.sf(q, 1)
    assert got.evidence["p_values"]["tea interaction B"] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("overlaps", [Overlaps(()), shared([[50, 50], [49, 50]])])
def test_campaigns_that_share_next_to_nothing_are_not_tested(overlaps: Overlaps) -> None:
    """Below 1 % of our units, another campaign can pass on a hundredth of its effect at most."""
    got = judged(overlaps)

    assert got.severity is Severity.PASSED
    assert "p_values" not in got.evidence


def test_interference_that_cannot_be_judged_says_so() -> None:
    """Without the other campaigns' exposures, or with too few units, it is a notice."""
    few = check_interference(plan(), ours(5, 5), shared([[2, 1], [1, 2]]))

    for got, reason in ((judged(None), "not given"), (few, "Too few members")):
        assert (got.severity, got.title) == (Severity.NOTICE, "Interference not checked")
        assert reason in got.detail


def test_overlaps_reach_the_findings() -> None:
    """Whoever has overlaps hands them to `run_checks`."""
    got = run_checks(plan(), ours(), overlaps=shared([[1_200, 800], [800, 1_200]]))

    found = next(one for one in got if one.code is FindingCode.INTERFERENCE)
    assert found.severity is Severity.FAILURE


def test_independence_leaves_out_what_nobody_is_in() -> None:
    """Rows and columns of nothing give no degree of freedom; one row alone is no table."""
    full = independence([[30, 40, 0], [35, 20, 0], [0, 0, 0]])

    want = scipy_stats.chi2_contingency([[30, 40], [35, 20]], correction=False).pvalue
    assert full == pytest.approx(want, rel=1e-12)
    assert independence([[30, 40], [0, 0]]) is None
    assert independence([[30, 4], [30, 3]]) is None
    assert independence([]) is None


def test_independent_campaigns_rarely_raise_an_alarm() -> None:
    """Campaigns that do nothing to each other are called out at most at the levels together."""
    runs, level = 3_000, ALPHA + INTERACTION_ALPHA
    rng = np.random.default_rng(20260308)
    wrong = 0
    for _ in range(runs):
        inside = rng.binomial(10_000, 0.3, 2)
        xs = rng.binomial(inside, 0.5)
        units = [[int(x), int(n - x)] for x, n in zip(xs, inside, strict=True)]
        # the other campaign has an effect of its own, ours has one, and they add up
        chances = [[0.10, 0.14], [0.12, 0.16]]
        rates = [
            [rng.binomial(units[i][j], chances[i][j]) / units[i][j] for j in (0, 1)] for i in (0, 1)
        ]
        wrong += judged(shared(units, rates)).severity is not Severity.PASSED

    assert wrong / runs <= level + 3 * math.sqrt(level * (1 - level) / runs)


def random_overlap(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Units that count, exposures to other campaigns, outcomes of mature units."""
    rng = np.random.default_rng(seed)
    names = [f"會員{i}" for i in range(300)]
    start = datetime(2026, 1, 1)  # noqa: DTZ001 - relations hold UTC without a zone
    exposed = pd.DataFrame(
        {"unit_id": names, "variant": rng.choice(OURS, 300), "first_exposed_at": start}
    )
    n = 400
    overlaps = pd.DataFrame(
        {
            "unit_id": rng.choice([*names, "stranger"], n),
            "campaign": rng.choice(["tea", "spa"], n),
            "variant": rng.choice(["x", "y"], n, p=[0.8, 0.2]),
            "exposed_at": [start + timedelta(days=int(day)) for day in rng.integers(0, 40, n)],
        }
    )
    mature = rng.choice(names, 250, replace=False)
    outcomes = pd.DataFrame(
        {"unit_id": mature, "y": rng.integers(-50, 500, 250), "d": rng.integers(0, 4, 250)}
    )
    return exposed, overlaps, outcomes


def by_pandas(
    exposed: pd.DataFrame, overlaps: pd.DataFrame, outcomes: pd.DataFrame, until: datetime
) -> Mapping[tuple[str, str, str | None], tuple[int, int, int, int]]:
    """Units, mature units, Σy and Σyd per campaign, variant and other variant, row by row."""
    seen = overlaps[overlaps.exposed_at <= until]
    values = {row.unit_id: (row.y, row.d) for row in outcomes.itertuples()}
    result: dict[tuple[str, str, str | None], tuple[int, int, int, int]] = {}
    for unit in exposed.itertuples():
        for campaign, rows in seen[seen.unit_id == unit.unit_id].groupby("campaign"):
            several = len(set(rows.variant)) > 1
            key = (str(campaign), unit.variant, None if several else rows.variant.iloc[0])
            y, d = values.get(unit.unit_id, (None, None))
            units, n, sum_y, sum_yd = result.get(key, (0, 0, 0, 0))
            result[key] = (
                units + 1, n + (y is not None), sum_y + (y or 0), sum_yd + (y or 0) * (d or 0)
            )  # fmt: skip
    return result


@pytest.mark.parametrize("seed", range(3))
def test_overlaps_are_counted_as_a_plain_computation_does(seed: int) -> None:
    """Units, mature units and sums per cell equal those of pandas, row by row."""
    exposed, overlaps, outcomes = random_overlap(seed)
    until = START + timedelta(days=30)
    with duckdb.connect() as connection:
        for name, frame in (("exposed_units", exposed), ("overlaps", overlaps),
                            ("outcomes", outcomes)):  # fmt: skip
            connection.register(name, frame)
        engine = DuckDBEngine(connection)
        units, others = (
            ibis.table(EXPOSED_UNITS, name="exposed_units"), ibis.table(OVERLAPS, name="overlaps")
        )  # fmt: skip
        values = ibis.table(OUTCOMES | {"d": "int64"}, name="outcomes")
        ratio = read_overlaps(engine.fetch(overlap_cells(units, others, until, outcomes=values)))
        mean = read_overlaps(
            engine.fetch(overlap_cells(units, others, until, outcomes=values.drop("d")))
        )
        bare = read_overlaps(engine.fetch(overlap_cells(units, others, until)))

    want = by_pandas(exposed, overlaps, outcomes, until.replace(tzinfo=None))
    got = {}
    for cell in ratio.cells:
        summary = cell.summary
        assert isinstance(summary, RatioSummary)
        product = summary.co_moment + (
            summary.numerator.total * summary.denominator.total / summary.n if summary.n else 0
        )
        key = (cell.campaign, cell.variant, cell.other)
        got[key] = (cell.units, summary.n, summary.numerator.total, round(product))
    assert got == want
    assert ratio.campaigns == ("spa", "tea")
    for cell, other, plain in zip(ratio.cells, mean.cells, bare.cells, strict=True):
        assert isinstance(cell.summary, RatioSummary)
        assert other.summary == cell.summary.numerator
        assert (plain.units, plain.summary) == (cell.units, None)


def test_overlaps_compile_for_postgresql_too() -> None:
    """The relation needs no function of its own of the engine."""
    units = ibis.table(EXPOSED_UNITS, name="exposed_units")
    relation = overlap_cells(units, ibis.table(OVERLAPS, name="overlaps"), START)

    assert "SELECT" in str(ibis.to_sql(relation, dialect="postgres"))
