"""`tierlift simulate --world` writes a statistical world, and says what it does not understand."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from app.cli.simulation import command


def simulate(*words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, list(words))


def test_a_world_is_written_with_its_truth(tmp_path: Path) -> None:
    """Rows of every variant, and the true means that the law and the lift give."""
    words = ["--world", "binary", "--variant", "control=300", "--variant", "gift=200:0.5"]
    done = simulate(*words, "--seed", "7", "--out", str(tmp_path))
    assert done.exit_code == 0, done.output
    rows = pq.read_table(tmp_path / "units.parquet")
    assert rows["variant"].to_pylist() == ["control"] * 300 + ["gift"] * 200
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert truth["variants"]["gift"]["true_means"]["outcome"] == pytest.approx(0.015)


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    """Two runs of one seed write equal files, another seed does not."""
    words = ["--world", "orders", "--variant", "control=50", "--variant", "gift=50"]
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        assert simulate(*words, "--seed", seed, "--out", str(tmp_path / name)).exit_code == 0
    one, two, three = (
        (tmp_path / name / "units.parquet").read_bytes() for name in ("one", "two", "three")
    )
    assert one == two
    assert one != three


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--world", "moon", "--variant", "a=5", "--variant", "b=5"], "there are binary, revenue"),
        (["--world", "binary", "--variant", "a=many", "--variant", "b=5"], "NAME=UNITS"),
        (["--world", "binary", "--variant", "a=5"], "two variants or more"),
        (["--world", "binary", "--variant", "a=5", "--variant", "b=5:-2"], "lift of binary"),
        (["--world", "binary", "--variant", "a=5", "--members", "10"], "option for members"),
        (["--variant", "a=5"], "goes with --world"),
    ],
    ids=["world", "units", "one variant", "lift", "members", "without a world"],
)
def test_what_is_not_understood_is_said(tmp_path: Path, words: list[str], said: str) -> None:
    """A wrong word is refused before anything is written, with one that would do."""
    done = simulate(*words, "--out", str(tmp_path / "files"))
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert not (tmp_path / "files").exists()
