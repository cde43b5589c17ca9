"""What an application is built from."""

from __future__ import annotations

from datetime import UTC
from io import StringIO

import orjson
import pytest

from app import create_app
from app.api.context import EXTENSION
from app.settings import InvalidSettings, LogFormat, LogLevel, Settings
from app.wiring import open_log, utc_now


def test_two_applications_share_nothing(settings: Settings) -> None:
    """Engine, log and key ring belong to one application."""
    first, second = (create_app(settings).extensions[EXTENSION] for _ in range(2))

    assert first.wiring.engine is not second.wiring.engine
    assert first.key_ring is not second.key_ring


def test_an_application_reads_the_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any WSGI server that imports wsgi.application runs with the operator's settings."""
    monkeypatch.setenv("TIERLIFT_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("TIERLIFT_PROT", "80")

    app = create_app()

    assert app.extensions[EXTENSION].wiring.settings.database_url == settings.database_url
    assert "did you mean TIERLIFT_PORT?" in capsys.readouterr().err


def test_an_application_is_not_built_from_malformed_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong value stops the start."""
    monkeypatch.setenv("TIERLIFT_PORT", "http")

    with pytest.raises(InvalidSettings):
        create_app()


def test_the_clock_is_aware_and_in_utc() -> None:
    """No moment without an offset enters the product."""
    assert utc_now().tzinfo is UTC


def test_a_json_log_is_one_object_a_line() -> None:
    """A collector reads every line by itself, with text in any script."""
    stream = StringIO()

    open_log(Settings(log_format=LogFormat.JSON), stream).info("offered", name="黃金\n會員")

    (line,) = stream.getvalue().splitlines()
    event = orjson.loads(line)
    assert (event["event"], event["name"], event["level"]) == ("offered", "黃金\n會員", "info")
    assert event["timestamp"].endswith("Z")


def test_a_text_log_is_readable_and_without_colours_in_a_file() -> None:
    """A person reads the event and its values."""
    stream = StringIO()

    open_log(Settings(), stream).info("offered", name="gold")

    assert "offered" in stream.getvalue()
    assert "name=gold" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_less_grave_events_are_not_written() -> None:
    """The level of the settings is the least that is written."""
    stream = StringIO()

    open_log(Settings(log_level=LogLevel.WARNING), stream).info("offered")

    assert stream.getvalue() == ""


def test_a_log_line_carries_the_traceback() -> None:
    """Whoever reads the log finds where it failed."""
    for form in LogFormat:
        stream = StringIO()

        open_log(Settings(log_format=form), stream).error("failed", exc_info=KeyError("x"))

        assert "KeyError" in stream.getvalue()
