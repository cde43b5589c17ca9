"""The programme is computed and previewed from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run

PROGRAMME = """\
time_zone: Asia/Taipei
currency: USD
tiers:
  - {key: silver, benefit_cost_minor: 0}
  - {key: gold, entry_threshold_minor: 100000, benefit_cost_minor: 1550}
"""
MEMBERS = "member_id,region\nada,north\nbob,south\n"
ORDERS = """\
conversion_id,member_id,event,occurred_at,amount,currency
o-1,ada,order,2026-01-10T12:00:00+08:00,850,USD
o-2,bob,order,2026-01-11T12:00:00+08:00,20.50,USD
"""


@pytest.fixture
def club(run: Run, folder: Path) -> Run:
    """Run commands on a database with a programme, two members and two orders."""
    for name, content in {
        "programme.yaml": PROGRAMME, "members.csv": MEMBERS, "orders.csv": ORDERS,
    }.items():  # fmt: skip
        (folder / name).write_text(content, "utf-8")
    for words in (
        ("programme", "set", "programme.yaml"),
        ("import", "members", "members.csv"),
        ("import", "conversions", "orders.csv"),
    ):
        assert run(*words).exit_code == 0
    return run


def test_a_computation_says_what_it_did_and_stands_in_the_list(club: Run) -> None:
    """Members, changes and tiers; a second one changes nothing."""
    words = ("programme", "recompute", "--as-of", "2026-02-01T00:00:00+08:00")
    done = club(*words)
    assert done.exit_code == 0
    assert "Computed 2 members as of 2026-01-31 16:00Z" in done.stdout
    assert "2 changed, 0 climbed, 0 fell" in done.stdout
    again = orjson.loads(club(*words, "--json").stdout)
    assert again["counts"]["changed"] == 0
    listed = club("programme", "runs").stdout.splitlines()
    assert len(listed) == 3


def test_a_preview_takes_an_amount_as_people_write_it(club: Run) -> None:
    """850 dollars are 85,000 cents; who moves and what that costs is told."""
    words = ("programme", "preview", "--as-of", "2026-02-01T00:00:00+08:00", "--tier", "gold")
    done = club(*words, "--entry-threshold", "850.00")
    assert done.exit_code == 0
    assert "1 move from silver to gold." in done.stdout
    assert "Benefits cost USD 15.50 more a year." in done.stdout
    assert "0 move" not in club(*words, "--entry-threshold", "850.01").stdout


def test_a_preview_of_a_programme_in_a_file(club: Run, folder: Path) -> None:
    """The file is a programme as `set` takes one."""
    (folder / "other.yaml").write_text(PROGRAMME.replace("100000", "1000"), "utf-8")
    words = ("programme", "preview", "other.yaml", "--as-of", "2026-02-01T00:00:00+08:00")
    found = orjson.loads(club(*words, "--json").stdout)
    assert [tier["then"] for tier in found["tiers"]] == [0, 2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("preview",), "--tier is required"),
        (("preview", "--tier", "gold"), "--entry-threshold is required"),
        (("preview", "--tier", "gold", "--entry-threshold", "8.005"), "is no amount of USD"),
        (("preview", "--tier", "gold", "--entry-threshold", "NaN"), "is no amount of USD"),
        (("preview", "--tier", "gold", "--entry-score", "101"), "entry_score"),
        (("preview", "programme.yaml", "--tier", "gold"), "stands beside a threshold"),
        (("recompute", "--as-of", "yesterday"), "as_of"),
        (("recompute", "--as-of", "2999-01-01T00:00:00Z"), "future"),
        (("recompute", "--every", "day", "--as-of", "2026-01-01T00:00:00Z"), "beside --every"),
    ],
)
def test_what_cannot_be_computed_is_told_with_its_way_out(
    club: Run, words: tuple[str, ...], message: str
) -> None:
    """Exit with 1, the field and what came."""
    done = club("programme", *words)
    assert done.exit_code == 1
    assert message in done.stderr
