"""What a supervisor is told."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.api import build
from app.settings import Settings
from app.wiring import wire

if TYPE_CHECKING:
    import pytest
    from flask.testing import FlaskClient

    from app.wiring import Wiring


def test_a_living_process_says_its_version(client: FlaskClient) -> None:
    """A supervisor sees at once which version answers."""
    assert client.get("/healthz").get_json() == {"status": "ok", "version": version("tierlift")}


def test_life_does_not_hang_on_the_database(client: FlaskClient, wiring: Wiring) -> None:
    """Restarting a process would not bring a database back, so it is not asked for."""
    Path(str(wiring.engine.url.database)).unlink()

    assert client.get("/healthz").status_code == 200


def test_a_migrated_database_is_ready(database_url: str) -> None:
    """On both databases, a process whose schema is there takes requests."""
    wiring = wire(Settings(database_url=database_url))

    answer = build(wiring).test_client().get("/readyz")
    wiring.engine.dispose()

    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


def test_a_database_without_a_schema_is_not_ready(empty_database_url: str) -> None:
    """The problem says what is wrong; a missing SQLite file is not made by asking."""
    wiring = wire(Settings(database_url=empty_database_url))

    answer = build(wiring).test_client().get("/readyz")
    backend = wiring.engine.dialect.name
    wiring.engine.dispose()

    assert answer.status_code == 503
    name = "database-missing" if backend == "sqlite" else "schema-outdated"
    assert answer.get_json()["type"] == f"urn:tierlift:problem:{name}"


def test_an_older_schema_is_not_ready_and_says_the_way_out(database_url: str) -> None:
    """Whoever forgot the migration is told the command."""
    wiring = wire(Settings(database_url=database_url))
    with wiring.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))

    answer = build(wiring).test_client().get("/readyz")
    wiring.engine.dispose()

    assert answer.status_code == 503
    assert "tierlift db upgrade" in answer.get_json()["detail"]


def test_a_newer_schema_is_not_ready(database_url: str) -> None:
    """An old process does not write into a database that a newer version made."""
    wiring = wire(Settings(database_url=database_url))
    with wiring.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    answer = build(wiring).test_client().get("/readyz")
    wiring.engine.dispose()

    assert answer.get_json()["type"] == "urn:tierlift:problem:schema-newer"


def test_campaigns_that_nobody_confirms_are_not_ready(
    client: FlaskClient, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has not seen the store's campaigns for long gets no requests, and says why."""
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(type(wiring.serving.watch), "age_s", 31.0)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["type"] == "urn:tierlift:problem:catalogue-stale"
    assert "31 s ago" in answer.get_json()["detail"]


def test_campaigns_that_cannot_be_read_are_not_ready(client: FlaskClient, wiring: Wiring) -> None:
    """A schema of the right number is not enough: the campaigns must be there."""
    with wiring.engine.begin() as connection:
        connection.execute(text("DROP TABLE programme"))

    assert client.get("/readyz").status_code >= 500
