# ruff: noqa: INP001  # a program beside its page, not a package
"""Plays the shop: serves the page from an origin of its own, and says who is logged in.

In your shop this is the backend that you have. What it must do for Tierlift stands in `_session`:
give the page a member token for the member whose session it checked, and nobody else's.

    python shop.py [--port 8001] [--folder var/frontend-page]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import jwt

if TYPE_CHECKING:
    from socket import socket
    from socketserver import BaseServer

PAGE = Path(__file__).resolve().parent
PACKAGES = PAGE.parents[2] / "node_modules"
TOKEN_LIFE_S = 600


class Shop(SimpleHTTPRequestHandler):
    """Answers the browser."""

    extensions_map: ClassVar[dict[str, str]] = {  # the same on every machine
        ".html": "text/html",
        ".css": "text/css",
        ".js": "text/javascript",
    }

    known: ClassVar[dict[str, Any]]
    """What `start_tierlift.py` wrote down."""

    def __init__(self, request: socket, client: tuple[str, int], server: BaseServer) -> None:
        """Answer one connection."""
        super().__init__(request, client, server, directory=str(PAGE))

    def do_GET(self) -> None:
        """Give the session, or a file."""
        address = urlsplit(self.path)
        if address.path != "/session":
            super().do_GET()
            return
        # only here the visitor chooses who they are; in your shop the session cookie says it
        chosen = parse_qs(address.query).get("member", [""])[0]
        members = self.known["members"]
        member = next((one for one in members if one["id"] == chosen), members[0])
        body = json.dumps(self._session(member)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _session(self, member: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        claims = {"sub": member["id"], "iat": now, "exp": now + TOKEN_LIFE_S}
        others = [
            {name: one[name] for name in ("id", "name", "tier")} for one in self.known["members"]
        ]
        return {
            "tierlift": self.known["tierlift"],
            "browser_key": self.known["browser_key"],
            "member": member,
            "members": others,
            "token": jwt.encode(claims, self.known["secret"], "HS256"),
            "ends_at": claims["exp"],
        }

    def translate_path(self, path: str) -> str:
        """Find npm packages beside the page's own files."""
        asked = unquote(urlsplit(path).path)
        if asked.startswith("/node_modules/@openfeature/") and ".." not in asked:
            return str(PACKAGES / asked.removeprefix("/node_modules/"))
        return super().translate_path(path)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as the base class calls it
        """Say nothing about every file."""


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--folder", type=Path, default=Path("var/frontend-page"))
    given = parser.parse_args()
    written = given.folder / "shop.json"
    if not written.exists():
        sys.exit(f"{written} is absent; run start_tierlift.py first")
    Shop.known = json.loads(written.read_text("utf-8"))
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Shop)
    sys.stdout.write(f"the page is at http://localhost:{given.port}/\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
