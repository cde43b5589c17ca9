"""Processes that show the figures of one another, and of those that have ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.monitoring import Monitor
from app.monitoring.figures import Figures, from_json, together
from app.monitoring.place import Place
from app.settings import LogFormat, Settings
from app.wiring import open_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUESTS = "tierlift_requests_total"

OTHER = """
import sys
from app.monitoring.figures import Figures
from app.monitoring.place import Place
place = Place(sys.argv[1])
mine = Figures({("tierlift_requests_total", "/a", "GET", "200"): 5},
               {("tierlift_request_duration_seconds", "/a"): [5] + [0] * 14 + [0.002]},
               {"tierlift_workers": 1, "tierlift_catalogue_age_seconds": 7.0})
place.take_over(mine)
print("left", flush=True)
sys.stdin.read()
"""


class Still:
    """Queues of a process in which nothing waits."""

    def writes_waiting(self) -> int:
        """Give none."""
        return 0

    def events_in_work_bytes(self) -> int:
        """Give none."""
        return 0

    def log_lines_waiting(self) -> int:
        """Give none."""
        return 0

    def log_lines_dropped(self) -> int:
        """Give none."""
        return 0

    def catalogue_age_s(self) -> float:
        """Give an age."""
        return 0.1


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Give a process that has left figures in the folder, and lives until it is left."""
    with subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-c", OTHER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "left\n"
        yield process


def monitor_of(folder: Path, written: StringIO | None = None) -> Monitor:
    """Give the monitor of this process."""
    log = open_log(Settings(log_format=LogFormat.JSON), written or StringIO())
    return Monitor(Still(), str(folder), log)


def shown(monitor: Monitor) -> dict[str, float]:
    """Give what is shown, by name and labels."""
    text, _ = monitor.text({}, "1.0")
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_one_process_answers_for_all(tmp_path: Path) -> None:
    """Counters and histograms are sums, queues are sums, and ages are the highest."""
    monitor = monitor_of(tmp_path)
    monitor.tally.answered("/a", "GET", 200, 0.0001)
    with another_process(tmp_path):
        values = shown(monitor)

    assert values[f"{REQUESTS} GET /a 200"] == 6
    assert values["tierlift_request_duration_seconds_count /a"] == 6
    assert values["tierlift_request_duration_seconds_bucket 0.0005 /a"] == 6
    assert values["tierlift_workers"] == 2
    assert values["tierlift_catalogue_age_seconds"] == 7


def test_what_an_ended_process_counted_stays(tmp_path: Path) -> None:
    """A counter never falls, whatever ended the process; how that stood counts no more."""
    monitor = monitor_of(tmp_path)
    with another_process(tmp_path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        values = shown(monitor)

    assert values[f"{REQUESTS} GET /a 200"] == 5
    assert values["tierlift_workers"] == 1
    assert values["tierlift_catalogue_age_seconds"] == 0


def test_the_next_process_takes_over_from_ended_ones(tmp_path: Path) -> None:
    """However often workers are replaced, the folder holds the files of those that live."""
    for _ in range(3):
        with another_process(tmp_path) as other:
            assert other.stdin is not None
            other.stdin.close()
    values = shown(monitor_of(tmp_path))

    assert values[f"{REQUESTS} GET /a 200"] == 15
    assert [path.name for path in tmp_path.glob("*.figures")] == [f"{os.getpid()}.figures"]


def test_a_number_that_another_process_had_is_taken_over(tmp_path: Path) -> None:
    """In a container every start has the same process numbers; nothing is counted twice or lost."""
    key = (REQUESTS, "/a", "GET", "200")
    Place(str(tmp_path)).take_over(Figures({key: 2}))
    later = Place(str(tmp_path))

    assert later.take_over(Figures()).counters == {key: 2}
    assert later.others() == []


@pytest.mark.parametrize("make", ["file", "broken"])
def test_a_folder_that_cannot_be_used_costs_nothing_but_the_others(
    make: str, tmp_path: Path
) -> None:
    """The process goes on, shows its own figures, and says once what is wrong."""
    folder = tmp_path / "folder"
    if make == "file":
        folder.write_text("in the way")
    else:
        folder.mkdir()
        (folder / f"{os.getppid()}.figures").write_text("{")
    written = StringIO()
    monitor = monitor_of(folder, written)
    monitor.tally.answered("/a", "GET", 200, 0.001)

    for _ in range(3):
        assert shown(monitor)[f"{REQUESTS} GET /a 200"] == 1
    assert written.getvalue().count("figures_not_shared") == (1 if make == "file" else 0)


def test_figures_come_back_as_they_were_left() -> None:
    """What a process leaves is what another one reads."""
    figures = Figures({("a", "b"): 1.5}, {("c", "d"): [1, 2, 0.5]}, {"e": 3})

    assert from_json(figures.to_json()) == figures
    assert together([figures]) == figures
    assert together([]) == Figures()
