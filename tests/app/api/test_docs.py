"""The API page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.api import build

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.wiring import Wiring

STATIC = Path(__file__).parents[3] / "app" / "static"


@pytest.fixture
def installed(wiring: Wiring) -> FlaskClient:
    """Give a client of an application whose page's assets are installed."""
    if not (wiring.assets / "swagger-ui-dist").is_dir():
        pytest.skip("the npm packages are not installed; `make setup` installs them")
    return build(wiring).test_client()


@pytest.fixture
def bare(wiring: Wiring, tmp_path: Path) -> FlaskClient:
    """Give a client of an application whose page's assets are not installed."""
    return build(replace(wiring, assets=tmp_path / "none")).test_client()


def test_the_page_loads_only_what_we_serve(installed: FlaskClient) -> None:
    """Every script, style and picture is an address of ours that answers; none stands inline."""
    page = installed.get("/docs").get_data(as_text=True)
    addresses = re.findall(r'(?:src|href|data-document)="([^"]+)"', page)

    assert len(addresses) >= 5
    for address in addresses:
        assert address.startswith("/")
        with installed.get(address) as answer:
            assert answer.status_code == 200
    assert re.findall(r"<script>|<style|\son[a-z]+=|style=", page) == []


def test_the_assets_are_kept_by_the_browser(installed: FlaskClient) -> None:
    """An address that holds the version never changes what it means."""
    page = installed.get("/docs").get_data(as_text=True)
    (address,) = re.findall(r'src="([^"]+bundle\.js)"', page)

    with installed.get(address) as answer:
        headers = answer.headers

    assert "immutable" in headers["Cache-Control"]
    assert "max-age=31536000" in headers["Cache-Control"]
    assert "javascript" in headers["Content-Type"]


@pytest.mark.parametrize(
    "address",
    [
        "/docs/assets/0.0.0/swagger-ui-bundle.js",
        "/docs/assets/VERSION/package.json",
        "/docs/assets/VERSION/..%2Fpackage.json",
        "/docs/assets/VERSION/index.html",
    ],
)
def test_nothing_else_of_the_package_is_served(address: str, installed: FlaskClient) -> None:
    """Only the files that the page needs, in the version that is there."""
    page = installed.get("/docs").get_data(as_text=True)
    (version,) = re.findall(r"/docs/assets/([^/]+)/swagger-ui\.css", page)

    assert installed.get(address.replace("VERSION", version)).status_code == 404


def test_without_the_assets_the_page_says_how_to_install_them(bare: FlaskClient) -> None:
    """An empty page would look like a fault of the browser."""
    answer = bare.get("/docs")
    page = answer.get_data(as_text=True)

    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert "make setup" in page
    assert "/openapi.json" in page


def test_our_script_asks_no_other_host() -> None:
    """Swagger UI would send the document to a validator of its makers unless told not to."""
    script = (STATIC / "docs.js").read_text()

    assert "validatorUrl: null" in script
    assert "http" not in script
