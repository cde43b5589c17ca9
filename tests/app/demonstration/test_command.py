"""`tierlift demo` as a user runs it: loaded, printed, served, and every printed command works."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from click.testing import CliRunner

from app.cli import tierlift
from tests.app.serving import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 120.0
SMALL = ("--members", "1000")
OWN = "own.db"
YEARS_OF_WORK = b"years of work"


@dataclass(frozen=True, slots=True)
class Served:
    """A demonstration that is being served.

    Attributes:
        text: What was printed.
        address: Where it answers.
        directory: Where it was started.
    """

    text: str
    address: str
    directory: Path

    def commands(self) -> list[list[str]]:
        """Give the printed commands as a shell would split them."""
        return [shlex.split(line) for line in self.text.splitlines() if line.startswith("curl ")]

    def key(self, name: str) -> str:
        """Give a printed key."""
        found = re.search(rf"^  {name} +(tl_\S+)", self.text, re.MULTILINE)
        assert found, name
        return found.group(1)


@contextmanager
def served(directory: Path) -> Iterator[Served]:
    """Run `tierlift demo` in a directory until it answers."""
    port = free_port()
    printed = directory / "printed.txt"
    words = [str(Path(sys.executable).with_name("tierlift")), "demo", *SMALL, "--port", str(port)]
    own = directory / OWN
    own.write_bytes(YEARS_OF_WORK)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIERLIFT_")}
    environment["TIERLIFT_DATABASE_URL"] = f"sqlite:///{own}"
    with (
        printed.open("wb") as stream,
        (directory / "log.txt").open("wb") as log,
        subprocess.Popen(  # noqa: S603  # our own command
            words, cwd=directory, env=environment, stdout=stream, stderr=log
        ) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, process)
            yield Served(printed.read_text("utf-8"), address, directory)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the demonstration ended before it answered"
        try:
            httpx.get(f"{address}/readyz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"nothing answered at {address} within {PATIENCE_S} s")


def requested(command: list[str]) -> Any:  # noqa: ANN401  # JSON
    """Send what a printed curl command would send, and give the JSON of a good answer."""
    program, silent, *words = command
    assert (program, silent) == ("curl", "-sS")
    headers, body, url = {}, None, ""
    while words:
        match words:
            case ["-H", header, *words]:
                name, _, value = header.partition(": ")
                headers[name] = value
            case ["-d", text, *words]:
                body = text
            case [url, *words]:
                pass
    answer = httpx.request("GET" if body is None else "POST", url, headers=headers, content=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a demonstration that is served from an empty directory."""
    with served(tmp_path_factory.mktemp("demo")) as one:
        yield one


def test_the_printed_offer_is_in_traditional_chinese(demo: Served) -> None:
    """The first command fetches a treatment's offer with its Taiwanese texts."""
    offer = requested(demo.commands()[0])
    assert offer["reason"] == "assigned"
    assert offer["variant"] in {"points", "gift"}
    assert offer["locale"] == "zh-Hant-TW"
    assert offer["texts"]["call_to_action"] in {"領取雙倍點數", "看看還差多少"}


def test_the_printed_exposure_counts_once(demo: Served) -> None:
    """The second command is accepted, and harmless when it is sent again."""
    first, second = (requested(demo.commands()[1]) for _ in range(2))
    assert first["accepted"] + first["duplicates"] == 1
    assert second["duplicates"] == 1


def test_the_printed_scorecard_is_that_of_the_running_campaign(demo: Served) -> None:
    """The third command gives results for both treatments."""
    scorecard = requested(demo.commands()[2])
    assert scorecard["campaign"] == "tier-up"
    assert scorecard["state"] == "ready"
    assert [one["treatment"] for one in scorecard["metrics"][0]["comparisons"]] == [
        "points",
        "gift",
    ]


def test_the_printed_page_and_files_are_there(demo: Served) -> None:
    """The API page answers, and every file that is named exists."""
    page = re.search(r"^API page +(\S+)", demo.text, re.MULTILINE)
    assert page
    assert httpx.get(page.group(1)).status_code == 200
    named = re.findall(r"^(?:Truth|Report) +(.+)$", demo.text, re.MULTILINE)
    assert len(named) == 4
    assert all((demo.directory / path).is_file() for path in named)


def test_a_taken_port_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    """The refusal comes at once, loads nothing, and names a way out for make."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = CliRunner().invoke(
            tierlift, ["demo", "--port", str(port), "--directory", str(tmp_path / "demo")]
        )
    assert refused.exit_code == 1
    assert f"Port {port} of 127.0.0.1 is taken" in refused.stderr
    assert f"make demo PORT={port + 1}" in refused.stderr
    assert not (tmp_path / "demo").exists()


def test_the_users_own_database_is_not_touched(demo: Served) -> None:
    """Even where TIERLIFT_DATABASE_URL names a database, the demonstration uses its own."""
    assert (demo.directory / OWN).read_bytes() == YEARS_OF_WORK
    assert (demo.directory / "var" / "demo" / "tierlift.db").is_file()


def test_the_same_keys_are_printed_again(demo: Served) -> None:
    """A second start loads nothing, prints the keys that still open it, and says how to renew."""
    directory = str(demo.directory / "var" / "demo")
    again = CliRunner().invoke(tierlift, ["demo", "--no-serve", *SMALL, "--directory", directory])
    assert again.exit_code == 0, again.output
    assert "tierlift demo --fresh" in again.stdout
    assert re.findall(r"tl_\S+", again.stdout) == re.findall(r"tl_\S+", demo.text)


def test_the_python_of_the_readme_works(demo: Served) -> None:
    """What the README shows works against the demonstration, with the key that it means."""
    page = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert "http://127.0.0.1:8000" in code
    done = subprocess.run(  # noqa: S603  # our own documentation
        [sys.executable, "-c", code.replace("http://127.0.0.1:8000", demo.address)],
        env=os.environ | {"KEY": demo.key("frontend")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
