"""Serves what browsers need of npm packages and of our own, each file under its content's hash.

So a browser keeps it for a year and never has an old one. Only what stands in `FILES` is served;
text is compressed once.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from app.console.access import open_to_all
from app.console.context import wiring

blueprint = Blueprint("assets", __name__)

A_YEAR_S: Final = 31_536_000
OURS: Final = Path(__file__).parents[1] / "static" / "console"

FILES: Final = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "vega.js": "vega/build/vega.min.js",
    "vega-lite.js": "vega-lite/build/vega-lite.min.js",
    "vega-embed.js": "vega-embed/build/vega-embed.min.js",
    "vega-interpreter.js": "vega-interpreter/build/vega-interpreter.js",
}
"""Files of npm packages, by the name that they are served under."""

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    digest: str
    plain: bytes
    packed: bytes
    media_type: str


def address_of(name: str) -> str:
    """Give the address of an asset, with the hash of what it holds."""
    found = _asset(wiring().assets, name)
    return url_for("console.assets.asset", digest=found.digest if found else "missing", name=name)


def prepare(packages: Path, name: str) -> None:
    """Read an asset, and compress it, before it is asked for."""
    _asset(packages, name)


@blueprint.get("/assets/<digest>/<name>")
@open_to_all
def asset(digest: str, name: str) -> Response:
    """Give one file."""
    found = _asset(wiring().assets, name)
    if found is None or digest != found.digest:
        raise NotFound
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = Response(found.packed if is_packed else found.plain, content_type=found.media_type)
    answer.vary.add("Accept-Encoding")
    if is_packed:
        answer.content_encoding = "gzip"
    answer.cache_control.max_age = A_YEAR_S
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    return answer


@cache
def _asset(packages: Path, name: str) -> Asset | None:
    path = packages / FILES[name] if name in FILES else OURS / Path(name).name
    media_type = _TYPES.get(path.suffix)
    if media_type is None or not path.is_file():
        return None
    plain = path.read_bytes()
    if name == "vega-interpreter.js":
        plain = _as_script(plain)
    # a map would be asked for beside the file, and is not served
    plain = plain.replace(b"\n//# sourceMappingURL=", b"\n// map left out: ")
    plain = plain.replace(b"/*# sourceMappingURL=", b"/* map left out: ")
    digest = hashlib.sha256(plain).hexdigest()[:16]
    return Asset(digest, plain, gzip.compress(plain, 9, mtime=0), media_type)


def _as_script(module: bytes) -> bytes:
    """Give the interpreter, which is published as a module only, as a script that follows vega."""
    taken = re.sub(rb"import (\{[^}]+\}) from 'vega-util';", rb"const \1 = vega;", module)
    given = re.sub(rb"export \{ expression as (\w+) \};", rb"vega.\1 = expression;", taken)
    return b"(() => {\n" + given + b"\n})();\n"
