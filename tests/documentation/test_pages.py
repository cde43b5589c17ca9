"""Documentation that cannot lie: links lead somewhere, documents are valid, code runs."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from experiments.assignment import Reason
from experiments.audience import Operator
from experiments.campaign import LEGAL, CampaignDesign, MetricInUse
from experiments.climb import ProgressState, ProgressUnit
from experiments.offer import Offer, benefit_of
from experiments.programme import Programme
from experiments.progress import DeadlineBy, PathProgress, Progress
from experiments.variant import Variant

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")

RUN_ELSEWHERE = {
    "docs/how-to/evaluate-locally.md",  # against a served process, by the tests of contracts
    "README.md",  # against the server of `make demo`, by the tests of the demonstration
    "docs/how-to/send-a-report.md",  # on a scorecard, by the tests of the report
    "docs/how-to/analyse-summary-statistics.md",  # on real data, by the tests of the notebook
    "docs/how-to/analyse-unit-rows.md",  # the same
}
"""Pages whose Python needs something; the tests that have it run it."""


def blocks(page: Path, language: str) -> list[str]:
    """Give the code blocks of a page in one language."""
    return [code for found, code in FENCE.findall(page.read_text("utf-8")) if found == language]


def anchors(page: Path) -> set[str]:
    """Give the anchors that the headings of a page have."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in words}


def name(page: Path) -> str:
    """Give a page's path inside the project."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Each link inside the project names a file that exists and a heading that it has."""
    text = FENCE.sub("", page.read_text("utf-8"))
    for path, anchor in LINK.findall(text):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links to {path}, which does not exist"
        if anchor:
            assert anchor in anchors(target), f"{name(page)}: {path} has no heading #{anchor}"


def test_every_page_is_listed() -> None:
    """The table of contents names every page."""
    contents = (ROOT / "docs/README.md").read_text("utf-8")
    missing = [
        name(page)
        for page in ROOT.glob("docs/*/*.md")
        if f"({page.relative_to(ROOT / 'docs').as_posix()})" not in contents
    ]
    assert not missing


def test_documented_documents_are_valid() -> None:
    """The campaign and the programme on the reference page are accepted as they stand."""
    campaign, programme = blocks(ROOT / "docs/reference/campaign-document.md", "yaml")
    assert CampaignDesign.model_validate(yaml.safe_load(campaign)).key == "gold-q3"
    assert Programme.model_validate(yaml.safe_load(programme)).currency == "TWD"


@pytest.mark.parametrize("model", [CampaignDesign, Variant, MetricInUse, Programme])
def test_every_field_of_a_document_is_documented(model: type[CampaignDesign]) -> None:
    """A field that a document may have stands on the reference page."""
    page = (ROOT / "docs/reference/campaign-document.md").read_text("utf-8")
    assert not [field for field in model.model_fields if f"`{field}`" not in page]


def test_every_offer_kind_and_field_is_documented() -> None:
    """Kinds and their own fields stand on the reference page."""
    page = (ROOT / "docs/reference/campaign-document.md").read_text("utf-8")
    kinds = Offer.__origin__.__args__  # type: ignore[attr-defined]  # Annotated[A | B, …]
    for kind in kinds:
        assert f"`{kind.model_fields['kind'].annotation.__args__[0]}`" in page
        assert not [
            field
            for field in kind.model_fields
            if f"`{field}`" not in page.replace("kind: ", "`kind` ")
        ]


def test_every_offer_kind_has_an_example_that_is_accepted() -> None:
    """The page of offers has a heading and a valid document for each kind, and its benefit."""
    page = ROOT / "docs/reference/offers.md"
    read: TypeAdapter[Offer] = TypeAdapter(Offer)
    examples = [read.validate_python(yaml.safe_load(text)) for text in blocks(page, "yaml")]
    kinds = [
        kind.model_fields["kind"].annotation.__args__[0]
        for kind in Offer.__origin__.__args__  # type: ignore[attr-defined]  # Annotated[A | B, …]
    ]
    section = re.compile(r"^### (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    sections = dict(section.findall(page.read_text("utf-8")))
    assert list(sections) == kinds
    assert {one.kind for one in examples} == set(kinds)
    for one in examples:
        if (benefit := benefit_of(one)) is not None:
            assert f"`{benefit}`" in sections[one.kind]


def test_every_progress_state_and_unit_is_documented() -> None:
    """What a frontend has to tell apart stands on the page of the answer."""
    page = (ROOT / "docs/reference/offer-answer.md").read_text("utf-8")
    words = [*ProgressState, *ProgressUnit, *DeadlineBy]
    words += [field.name for shown in (Progress, PathProgress) for field in fields(shown)]
    assert not [word for word in words if f"`{word}`" not in page]


def test_every_reason_operator_and_move_is_documented() -> None:
    """A word that an answer or a document may have stands on its page."""
    offers = (ROOT / "docs/reference/offer-answer.md").read_text("utf-8")
    campaigns = (ROOT / "docs/reference/campaign-document.md").read_text("utf-8")
    assert not [reason for reason in Reason if f"`{reason}`" not in offers]
    assert not [operator for operator in Operator if f"`{operator}`" not in campaigns]
    for state, moves in LEGAL.items():
        row = re.search(rf"^\| `{state}` \| (.*) \|$", campaigns, re.MULTILINE)
        assert row, state
        assert all(move in row.group(1) for move in moves)


@pytest.mark.parametrize(
    "page",
    [p for p in PAGES if blocks(p, "python") and name(p) not in RUN_ELSEWHERE],
    ids=name,
)
def test_python_on_a_page_runs(page: Path) -> None:
    """The Python blocks of a page run one after the other, with warnings as errors."""
    code = "\n".join(blocks(page, "python"))
    done = subprocess.run(  # noqa: S603  # our own documentation
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "sh")], ids=name)
def test_commands_on_a_page_run(page: Path, tmp_path: Path) -> None:
    """The shell blocks of a page run one after the other, in an empty folder."""
    if shutil.which("curl") is None:
        pytest.skip("the page uses curl, which is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TIERLIFT_")
    } | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORT": str(port),
    }
    done = subprocess.run(  # noqa: S603  # our own documentation
        ["/bin/bash", "-c", script + "\n".join(blocks(page, "sh"))],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
