"""The calibration's own arithmetic: bars, seeds, and the page that it writes."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from stats.calibration import (
    SECTIONS,
    STUDIES,
    Bar,
    Circumstances,
    Judge,
    Kind,
    Measured,
    Measurement,
    Section,
    Study,
    Verdict,
    measure,
    page_of,
    study,
)
from stats.calibration.run import jobs_of
from stats.calibration.study import Row, Tally

PAGE = Path(__file__).parents[2] / "docs/explanation/calibration.md"


def coins(rng: np.random.Generator, runs: int) -> np.ndarray:
    """Draw runs of which a twentieth is true."""
    return rng.random(runs) < 0.05


def test_the_standard_error_is_that_of_a_share() -> None:
    """Over 20,000 runs an error rate of 5 % has a standard error of √(0.05 · 0.95 / 20,000)."""
    assert Bar(Kind.EQUAL, 0.05).std_error(20_000) == pytest.approx(0.001541103500742244)


@pytest.mark.parametrize(
    ("kind", "low", "middle", "high"),
    [
        (Kind.EQUAL, Verdict.MISSED, Verdict.MET, Verdict.MISSED),
        (Kind.AT_MOST, Verdict.MET, Verdict.MET, Verdict.MISSED),
        (Kind.CONSERVATIVE, Verdict.MET, Verdict.MISSED, Verdict.MISSED),
        (Kind.AT_LEAST, Verdict.MISSED, Verdict.MET, Verdict.MET),
        (Kind.SHOWN, Verdict.SHOWN, Verdict.SHOWN, Verdict.SHOWN),
    ],
)
def test_a_bar_says_what_chance_may_do(
    kind: Kind, low: Verdict, middle: Verdict, high: Verdict
) -> None:
    """Three standard errors are allowed around a target, none beyond a limit."""
    bar, error = Bar(kind, 0.05), Bar(kind, 0.05).std_error(1_000)
    verdicts = [bar.verdict(0.05 + steps * error, 1_000) for steps in (-3.1, 0.1, 3.1)]
    assert verdicts == [low, middle, high]


def test_a_method_without_a_result_meets_no_bar() -> None:
    """A judge that never decides has missed, whatever its bar says about a share of 0."""
    nothing = Measured(Row("none", Bar(Kind.AT_MOST, 0.05)), Tally(0, 0), runs=10)
    assert nothing.verdict() is Verdict.MISSED
    assert nothing.undefined == 10


def test_runs_without_a_result_are_counted_apart() -> None:
    """A share is taken over the runs with a result, and the others are told."""
    judge: Judge[np.ndarray] = Judge("half", lambda drawn: [None, *drawn[1:].tolist()])
    one = study("half", "half", coins, [judge], runs=100, chunk=100)
    (tally,) = one.tally(np.random.default_rng(1), 100)
    assert tally.defined == 99


def test_jobs_cover_every_run_once() -> None:
    """The parts of a study add up to its runs, also where they do not divide evenly."""
    one = study("coins", "coins", coins, [], runs=2_500, chunk=1_000)
    assert [job.runs for job in jobs_of(one, seed=1, scale=1)] == [1_000, 1_000, 500]
    assert [job.runs for job in jobs_of(one, seed=1, scale=0.1)] == [250]


def test_parts_of_a_study_draw_different_numbers() -> None:
    """No two parts, studies or seeds share random numbers; the same part has the same ones."""
    studies = list(STUDIES.values())[:2]
    jobs = [job for one in studies for job in jobs_of(one, seed=1, scale=1)[:2]]
    jobs += jobs_of(studies[0], seed=2, scale=1)[:1]
    first = [job.generator().random() for job in jobs]
    assert len(set(first)) == 5
    assert first == [job.generator().random() for job in jobs]


def test_the_number_of_processes_changes_no_count() -> None:
    """Two processes give the counts that one gives."""
    some = Section(
        "coverage", "", "", "", tuple(STUDIES[f"coverage/500/{x}"] for x in ("0", "0.3"))
    )
    alone = measure([some], seed=3, scale=0.06, processes=1)
    together = measure([some], seed=3, scale=0.06, processes=2)
    assert [m.rows for m in alone] == [m.rows for m in together]


def test_keys_are_unique() -> None:
    """Every study has a key of its own, since its random numbers depend on it."""
    assert len(STUDIES) == sum(len(section.studies) for section in SECTIONS)
    for one in STUDIES.values():
        names = [row.name for row in one.rows]
        assert len(set(names)) == len(names)


def test_every_error_rate_has_the_runs_and_units_that_were_asked_for() -> None:
    """False alarms are measured over 20,000 runs, with 5,000 units or more in a variant."""
    (section,) = [section for section in SECTIONS if section.key == "false-alarms"]
    for one in section.studies:
        assert one.runs == 20_000
        sizes = [int(size.replace(",", "")) for size in re.findall(r"[\d,]{5,}", one.title)]
        assert min(sizes) >= 5_000


def test_nothing_beyond_the_approximation_is_held_to_a_bar() -> None:
    """Rows that show what too few units do have no bar, in their own section and elsewhere none."""
    (section,) = [section for section in SECTIONS if section.key == "edge"]
    kinds = {row.bar.kind for one in section.studies for row in one.rows}
    assert kinds == {Kind.SHOWN}


@pytest.mark.parametrize("share", [0.38, 0.1, 0.01, 0.001])
def test_the_sizes_in_the_text_are_those_of_the_expansion(share: float) -> None:
    """Sizes follow from the terms of Hall (1992), section 2.6, to two digits."""
    (section,) = [section for section in SECTIONS if section.key == "edge"]
    skewness = (1 - 2 * share) / math.sqrt(share * (1 - share))
    two, one = float(norm.isf(0.025)), float(norm.isf(0.05))
    # what half a percentage point takes: of the term in 1/n, both sides, and of that in 1/√n
    second = 2 * norm.pdf(two) * (two**5 + 2 * two**3 - 3 * two) / 18
    first = norm.pdf(one) * (2 * one**2 + 1) / 6
    sizes = skewness**2 * second / 0.005, (skewness * first / 0.005) ** 2
    line = next(line for line in section.text.splitlines() if f"share of {100 * share:g} %" in line)
    said = [float(cell.replace(",", "")) for cell in line.split("|")[2:-1]]
    assert said == pytest.approx([skewness, max(100, sizes[0]), sizes[1]], rel=0.06)


def structure(text: str) -> list[str]:
    """Give the headings, methods and bars of a page, without what was measured."""
    found = []
    for line in text.splitlines():
        if line.startswith("##"):
            found.append(line)
        elif (cells := line.split(" | ")) and len(cells) >= 5 and cells[0] != "| method":
            found.append(f"{cells[0]} {cells[3]}")
    return found


def test_a_page_says_what_was_measured() -> None:
    """A page has a row for each method, with share, error, bar and verdict."""
    judges = [
        Judge[np.ndarray]("fair", lambda drawn: drawn.tolist()),
        Judge[np.ndarray]("always", lambda drawn: [True] * len(drawn), remark="never use it"),
    ]
    one = study("coins", "Coins", coins, judges, runs=2_000)
    tallies = one.tally(np.random.default_rng(5), 2_000)
    section = Section("s", "Errors", "What is asked.", "significant", (one,))
    rows = tuple(Measured(row, t, 2_000) for row, t in zip(one.rows, tallies, strict=True))
    text = page_of(
        [section],
        [Measurement(one, rows, 1.0)],
        Circumstances("tierlift calibrate", 5, 1.0, (("NumPy", "2"),), 0.1, 2),
    )

    share = 100 * tallies[0].counted / 2_000
    assert f"| fair | {share:.2f} % | 0.49 % | 5 % ± 3 SE | met |" in text
    assert "| always | 100.00 % | 0.49 % | 5 % ± 3 SE | **missed** |" in text
    assert "- always: never use it." in text
    assert "| Errors | 2 | 1 |" in text


def test_the_page_is_that_of_the_catalogue() -> None:
    """The published page has the tables, methods and bars of the catalogue; else write it anew."""
    empty = tuple(measure_nothing(one) for section in SECTIONS for one in section.studies)
    expected = page_of(SECTIONS, empty, Circumstances("", 0, 1.0, (), 0.0, 1))
    got = structure(PAGE.read_text("utf-8"))
    assert got == structure(expected), "run `make calibrate`"


def measure_nothing(one: Study) -> Measurement:
    """Give a measurement of no run."""
    return Measurement(one, tuple(Measured(row, Tally(), 0) for row in one.rows), 0.0)


SMALL = 0.01
"""Share of the runs that `make test` draws: 200 of 20,000."""


@pytest.mark.parametrize("key", [s.key for s in SECTIONS])
def test_methods_keep_their_promise_on_a_smaller_scale(key: str) -> None:
    """Every row meets its bar, but for what chance does once in a hundred times to one of all."""
    (section,) = [section for section in SECTIONS if section.key == key]
    rows = sum(len(one.rows) for one in STUDIES.values())
    # two-sided, Bonferroni over all rows of all tables
    slack = float(norm.isf(0.01 / rows / 2))
    barred = any(row.bar.kind is not Kind.SHOWN for one in section.studies for row in one.rows)
    scale = SMALL if barred else SMALL / 5  # without a bar, that it runs is all
    measured = measure([section], seed=20260102, scale=scale, processes=1)
    missed = [
        f"{m.study.key}: {row.row.name} {row.share:.3f}, {row.row.bar.words}"
        for m in measured
        for row in m.rows
        if not row.row.miss and row.verdict(slack) is Verdict.MISSED
    ]
    assert not missed
    assert all(math.isfinite(m.seconds) for m in measured)
