"""Simulated files: they import as they are, and their truth is found."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from app.analysis import scorecard_of
from app.cli import tierlift
from app.demonstration.samples import equal_shares, midnight_before
from app.wiring import utc_now
from experiments.store.engine import open_engine
from stats.checks.finding import Severity
from stats.inference.outcome import Estimate

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

STANDARD_ERRORS = 4.0


def run(directory: Path, *words: str) -> Result:
    """Run a command on a database in the directory."""
    url = f"sqlite:///{directory / 'own.db'}"
    return CliRunner().invoke(tierlift, words, env={"TIERLIFT_DATABASE_URL": url})


def told(result: Result) -> str:
    """Give what a refused command said on standard error, in one line."""
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_files_import_as_they_are(tmp_path: Path, file_format: str) -> None:
    """Programme, campaign and all three tables are taken without a quarantined row; truth found."""
    files = tmp_path / "files"
    simulated = run(
        tmp_path, "simulate", "--members", "3000", "--seed", "4", "--out", str(files),
        "--format", file_format, "--effect", "gift=order_rate:1.5", "--effect", "mail=",
    )  # fmt: skip
    assert simulated.exit_code == 0, simulated.output
    for words in (
        ("db", "upgrade"),
        ("programme", "set", f"{files}/programme.yaml"),
        ("campaign", "create", f"{files}/campaign.yaml"),
        ("campaign", "launch", "simulated", "--allow-unseen-events"),
    ):
        assert run(tmp_path, *words).exit_code == 0, words
    for kind in ("members", "exposures", "conversions"):
        imported = run(tmp_path, "import", kind, f"{files}/{kind}.{file_format}", "--json")
        assert imported.exit_code == 0, imported.output
        summary = json.loads(imported.stdout)
        assert summary["quarantined"] == 0
        assert summary["accepted"] == summary["rows"] > 0
    _check_scorecard(tmp_path, json.loads((files / "truth.json").read_text("utf-8")))


def _check_scorecard(directory: Path, truth: dict[str, list[dict[str, float]]]) -> None:
    engine = open_engine(f"sqlite:///{directory / 'own.db'}")
    scorecard = scorecard_of(engine, "simulated", now=utc_now()).scorecard
    engine.dispose()
    values = {one["variant"]: one for one in truth["true_values"]}
    oec = scorecard.metrics[0]
    assert oec.key == "purchase_frequency"
    for comparison in oec.comparisons:
        found = comparison.difference
        assert isinstance(found, Estimate)
        planted = (
            values[comparison.treatment]["orders_per_member"]
            - values["control"]["orders_per_member"]
        )
        assert abs(found.estimate - planted) < STANDARD_ERRORS * found.std_error
    # nothing was offered, so the steps of the funnel were never seen, which is noticed
    assert {one.severity for one in scorecard.findings} == {Severity.PASSED, Severity.NOTICE}


def test_the_same_options_give_the_same_files(tmp_path: Path) -> None:
    """One seed and one end give the same bytes."""
    end = f"{utc_now() - timedelta(days=3):%Y-%m-%d}"
    for name in ("one", "two"):
        out = str(tmp_path / name)
        made = run(tmp_path, "simulate", "--members", "500", "--end", end, "--out", out)
        assert made.exit_code == 0, made.output
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == [
        "campaign.yaml", "conversions.csv", "exposures.csv",
        "members.csv", "programme.yaml", "truth.json",
    ]  # fmt: skip
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_lost_exposures_break_the_split(tmp_path: Path) -> None:
    """A variant may lose exposures on purpose, so that the check can be seen to fail."""
    made = run(
        tmp_path, "simulate", "--members", "2000", "--out", str(tmp_path / "files"),
        "--effect", "gift=order_rate:1.2,lost_exposures:0.5",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    rows = (tmp_path / "files" / "exposures.csv").read_text("utf-8").splitlines()[1:]
    gift = sum(',"gift",' in row or ",gift," in row for row in rows)
    assert gift < 0.4 * len(rows)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--effect", "gift"), "not VARIANT=NAME:VALUE"),
        (("--effect", "gift=oops:1"), "'oops' is no effect; use upgrade, order_rate"),
        (("--effect", "gift=order_rate:much"), "no number after its colon"),
        (("--effect", "gift=reward_cost_minor:1.5"), "no whole number"),
        (("--effect", "gift=", "--effect", "gift="), "stands twice"),
        (("--effect", "gift=order_rate:-1"), "0 or more"),
        (("--effect", "control=order_rate:2"), "'control' is added"),
        (("--days", "20"), "Ask for 60 or more"),
        (("--end", "2099-01-01"), "lies ahead"),
        (("--end", "yesterday"), "does not match"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    """Each option that will not do is named with what would, and nothing is written."""
    refused = run(tmp_path, "simulate", "--out", str(tmp_path / "files"), *words)
    assert refused.exit_code in {1, 2}
    assert reason in told(refused)
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize("variants", range(2, 9))
def test_equal_shares_total_a_hundred(variants: int) -> None:
    """Shares differ by at most 0.01 % and total exactly 100.00 %."""
    shares = equal_shares(variants)
    assert sum(shares) == Decimal(100)
    assert max(shares) - min(shares) <= Decimal("0.01")


def test_the_history_ends_at_a_midnight_that_has_been() -> None:
    """Without --end nothing is simulated that an import would refuse as the future."""
    now = utc_now()
    end = midnight_before(now)
    assert timedelta(0) <= now - end < timedelta(hours=25)
    assert (end.hour, end.minute) == (0, 0)
