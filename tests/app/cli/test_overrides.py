"""`tierlift campaign override` lets a tester see a variant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import structlog

from app.auth.override import Overrides
from experiments.store.engine import open_engine
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run

KEY = str(DESIGN["key"])
VARIANT = str(DESIGN["variants"][-1]["key"])


def test_an_override_stands_alone_on_standard_output(
    run_on_each: Run, documents: Path, database_url: str
) -> None:
    """It holds for the member, the variant and the time that were said."""
    run_on_each("programme", "set", str(documents / "programme.yaml"))
    run_on_each("campaign", "create", str(documents / "campaign.yaml"))
    done = run_on_each("campaign", "override", KEY, "--member", "ada", "--variant", VARIANT,
                       "--expires", "2d")  # fmt: skip
    assert done.exit_code == 0
    assert "X-Tierlift-Override" in done.stderr
    engine = open_engine(database_url)
    overrides = Overrides(engine, structlog.get_logger())
    token, now = done.stdout.rstrip("\n"), datetime.now(UTC)
    later = now + timedelta(days=1, hours=23)
    assert overrides.variants(token, "ada", later) == {KEY: VARIANT}
    engine.dispose()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["gold-q9", "--member", "a", "--variant", VARIANT], 1, "no campaign 'gold-q9'"),
        ([KEY, "--member", "a", "--variant", "x"], 1, "no variant 'x'"),
        ([KEY, "--member", "", "--variant", VARIANT], 1, "member is empty"),
        ([KEY, "--member", "a", "--variant", VARIANT, "--expires", "8d"], 1, "too long"),
        ([KEY, "--member", "a", "--variant", VARIANT, "--expires", "soon"], 2, "no time such as"),
        ([KEY, "--variant", VARIANT], 2, "Missing option '--member'"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(
    run: Run, documents: Path, words: list[str], code: int, told: str
) -> None:
    """The reason is told, and nothing is printed that could be used."""
    run("programme", "set", str(documents / "programme.yaml"))
    run("campaign", "create", str(documents / "campaign.yaml"))
    done = run("campaign", "override", *words)
    assert done.exit_code == code
    assert told in done.stderr
    assert done.stdout == ""
