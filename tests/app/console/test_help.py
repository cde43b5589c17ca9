"""The documentation is read and searched within the console."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from app.console.help_pages import names_of, page_of, slug

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from app.wiring import Wiring

LINK = re.compile(r'(?:href|src)="([^"]*)"')
ID = re.compile(r'<h\d[^>]* id="([^"]*)"')


@pytest.fixture
def docs(wiring: Wiring) -> Path:
    """Give the folder of the documentation."""
    return wiring.assets.parent / "docs"


def test_everybody_reads_the_help(client_of: Callable[..., FlaskClient], pages: list[Any]) -> None:
    """The index leads to pages, which have their title and headings."""
    client = client_of(Role.VIEWER)
    assert 'href="/console/help/tutorial/first-offer"' in client.get("/console/help/").text
    assert client.get("/console/help/explanation/statistics").status_code == 200
    assert pages[-1].title == "What is computed, and why"
    assert pages[-1].headings
    assert client.get("/console/help/nowhere").status_code == 404
    assert client.get("/console/help/files/../pyproject.toml").status_code == 404
    assert client.get("/console/help/files/report.png").content_type == "image/png"


def test_links_between_pages_lead_somewhere(docs: Path) -> None:
    """Every link within the documentation leads to a page of it, and to a heading that it has."""
    wrong = []
    for name in names_of(docs):
        page = page_of(docs, name)
        assert page is not None
        for link in LINK.findall(page.html):
            path, _, anchor = link.partition("#")
            if path.startswith("/console/help/files/") or link.startswith(("http", "/docs", "/v1")):
                continue
            there = (
                page if not path else page_of(docs, path.removeprefix("/console/help/") or "README")
            )
            if there is None or (anchor and anchor not in ID.findall(there.html)):
                wrong.append((name, link))
    assert not wrong


def test_pages_have_neither_styles_nor_raw_html(docs: Path) -> None:
    """Nothing that the policy of the console refuses."""
    for name in names_of(docs):
        page = page_of(docs, name)
        assert page is not None
        assert " style=" not in re.sub(r"<code.*?</code>", "", page.html, flags=re.DOTALL)
        assert "<script" not in page.html


def test_a_search_finds_pages_by_all_words(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Those with the words in their title come first; without any the page says so."""
    client = client_of(Role.VIEWER)
    client.get("/console/help/search?words=peeking")
    assert pages[-1].hits[0][1] == "/console/help/explanation/peeking"
    assert "No page has all of these words" in client.get("/console/help/search?words=zzqq").text


def test_absent_documentation_is_said(
    wiring: Wiring, client_of: Callable[..., FlaskClient], tmp_path: Path
) -> None:
    """An installation without the folder says what to do."""
    object.__setattr__(wiring, "assets", tmp_path / "node_modules")
    assert "not installed" in client_of(Role.VIEWER).get("/console/help/").text


def test_the_reader_of_another_language_is_told(client_of: Callable[..., FlaskClient]) -> None:
    """The documentation is English, and says so."""
    answer = client_of(Role.VIEWER).get("/console/help/?language=zh-Hant-TW")
    assert 'lang="en"' in answer.text


def test_anchors_are_those_of_repositories() -> None:
    """As they are written in links."""
    assert slug("What `stats` does, and why") == "what-stats-does-and-why"
