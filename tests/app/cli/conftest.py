"""Runs commands as a user would, in a folder and on a database of the test alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner

from app.cli import tierlift
from tests.experiments.designs import DESIGN, PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that commands run in: empty, and not that of the database."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run_on(folder: Path) -> Callable[[str], Run]:
    """Give what runs commands on a database."""
    assert folder.is_dir()

    def runner_of(url: str) -> Run:
        def run(*words: str, given: str | bytes | None = None, **variables: str) -> Result:
            environment = {"TIERLIFT_DATABASE_URL": url, **variables}
            # a fault that is not told would end the test here
            return CliRunner(env=environment, catch_exceptions=False).invoke(
                tierlift, words, input=given, prog_name="tierlift"
            )

        return run

    return runner_of


@pytest.fixture
def run(run_on: Callable[[str], Run], tmp_path: Path, sqlite_template: Path) -> Run:
    """Run commands on a migrated, empty SQLite database."""
    path = tmp_path / "cli.db"
    path.write_bytes(sqlite_template.read_bytes())
    return run_on(f"sqlite:///{path}")


@pytest.fixture
def run_on_each(run_on: Callable[[str], Run], database_url: str) -> Run:
    """Run commands on a migrated, empty database, on SQLite and on PostgreSQL in turn."""
    return run_on(database_url)


@pytest.fixture
def documents(folder: Path) -> Path:
    """Write the programme and the campaign of the tests as YAML, and give their folder."""
    for name, document in (("programme.yaml", PROGRAMME), ("campaign.yaml", DESIGN)):
        (folder / name).write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return folder
