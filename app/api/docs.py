"""Shows the OpenAPI document as a page, with Swagger UI from the npm package beside the product.

Nothing comes from another host, and the page runs no inline script. The assets' address holds
their version, so a browser may keep them for a year.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint
from flask import Response, render_template, send_from_directory
from werkzeug.exceptions import NotFound

from app.api.context import wiring

if TYPE_CHECKING:
    from pathlib import Path


blueprint = APIBlueprint("docs", __name__, enable_openapi=False)

ASSETS: Final = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
A_YEAR_S: Final = 31_536_000

_PACKAGE: Final = "swagger-ui-dist"


@blueprint.get("/docs")
def docs() -> tuple[str, int]:
    """Show the addresses, with a form to try each; or say how to install the page's assets."""
    version = _assets_version(wiring().assets / _PACKAGE)
    if version is None:
        return render_template("docs_missing.html", folder=wiring().assets), 503
    return render_template("docs.html", version=version), 200


@blueprint.get("/docs/assets/<version>/<name>")
def asset(version: str, name: str) -> Response:
    """Give one file of Swagger UI."""
    folder = wiring().assets / _PACKAGE
    if name not in ASSETS or version != _assets_version(folder):
        raise NotFound
    answer = send_from_directory(folder, name, max_age=A_YEAR_S)
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    return answer


@lru_cache(maxsize=8)
def _read_version(package: Path, _modified_ns: int) -> str:
    return str(json.loads(package.read_text(encoding="utf-8"))["version"])


def _assets_version(folder: Path) -> str | None:
    """Give the version of the installed package, or None where it is not installed."""
    package = folder / "package.json"
    try:
        return _read_version(package, package.stat().st_mtime_ns)
    except FileNotFoundError:
        return None
