# ruff: noqa: INP001  # a program beside its page, not a package
"""Makes a Tierlift with one campaign for the example page, and serves it.

    python start_tierlift.py [--port 8000] [--shop http://localhost:8001] [--folder FOLDER]

Everything stays in the folder; delete it to begin again. `shop.json` in it is what the shop needs.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import secrets
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from app.cli import tierlift

HERE = Path(__file__).resolve().parent
SCOPES = ("--scope", "offers:read", "--scope", "events:write")
MEMBERS = [
    {"id": "hana", "name": "Hana", "tier": "silver"},
    {"id": "mei", "name": "Mei", "tier": "silver"},
    {"id": "kai", "name": "Kai", "tier": "diamond"},
]
SPENT = {"hana": 840_000, "mei": 300_000, "kai": 4_200_000}
"""What they spent in a year, in minor units; else `tierlift programme recompute` computes it."""


def run(*words: str) -> str:
    """Run a command, as if typed after `tierlift`, and give what it printed."""
    printed = StringIO()
    with redirect_stdout(printed):
        tierlift.main(list(words), standalone_mode=False)
    return printed.getvalue()


def prepare(folder: Path) -> None:
    """Describe the programme, launch the campaign, send the members, make a key for the page."""
    run("db", "upgrade")
    run("programme", "set", str(HERE / "programme.yaml"))
    run("campaign", "create", str(HERE / "campaign.yaml"))
    run("campaign", "launch", "gold-q3", "--allow-unseen-events")
    with (folder / "members.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["member_id", "tier", "revenue_365d_minor"])
        rows.writerows([one["id"], one["tier"], SPENT[one["id"]]] for one in MEMBERS)
    run("import", "members", str(folder / "members.csv"))


def main() -> None:
    """Prepare once, and serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--shop", default="http://localhost:8001", help="origin of the page")
    parser.add_argument("--folder", type=Path, default=Path("var/frontend-page"))
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "shop.json"
    known = json.loads(written.read_text("utf-8")) if written.exists() else {}
    secret = known.get("secret") or secrets.token_urlsafe(48)
    os.environ["TIERLIFT_DATABASE_URL"] = f"sqlite:///{folder / 'tierlift.db'}"
    os.environ["TIERLIFT_MEMBER_TOKEN_SECRET"] = secret
    os.environ["TIERLIFT_BROWSER_ORIGINS"] = given.shop
    key = known.get("browser_key")
    if key is None:
        prepare(folder)
        key = run("keys", "create", "the example page", "--browser", *SCOPES).strip()
    known = {
        "tierlift": f"http://localhost:{given.port}",
        "browser_key": key,
        "secret": secret,
        "members": MEMBERS,
    }
    written.touch(mode=0o600)
    written.write_text(json.dumps(known, indent=2), encoding="utf-8")
    program = Path(sys.executable).parent / "tierlift"
    os.execv(program, [str(program), "serve", "--port", str(given.port)])  # noqa: S606  # becomes it


if __name__ == "__main__":
    main()
