"""Runs the main job on the real shop and compares it with the oracle.

python -m tests.realdata.run aaa
python -m tests.realdata.run planted --database-url postgresql://localhost/empty
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.realdata import oracle
from tests.realdata.agreement import all_pairs
from tests.realdata.campaigns import AAA_CAMPAIGN, PLANTED_CAMPAIGN, PLANTED_VARIANT
from tests.realdata.invoices import FILE, read_shop
from tests.realdata.job import Job
from tests.realdata.oracle import Truth
from tests.realdata.page import page_lines

if TYPE_CHECKING:
    from collections.abc import Callable


def run(planted_variant: str | None, database_url: str, tell: Callable[[str], None]) -> bool:
    """Run a job, print what came out, and say whether everything agreed."""
    campaign = AAA_CAMPAIGN if planted_variant is None else PLANTED_CAMPAIGN
    tell(f"reading {FILE}")
    job = Job(read_shop(FILE), campaign, tell, planted_variant)
    with tempfile.TemporaryDirectory() as folder:
        observed = job.run(database_url or f"sqlite:///{folder}/tierlift.db", Path(folder, "log"))
    scorecard = observed.first.scorecard.body
    expected = truth(planted_variant)
    pairs = all_pairs(scorecard, expected)
    off = [pair for pair in pairs if not pair.agrees]
    largest = max(pair.off for pair in pairs)
    tell(f"{len(pairs)} numbers compared, {len(off)} differ, at most by {largest:.0e} relative")
    same = (
        observed.first.rows == observed.second.rows
        and scorecard["snapshot_hash"] == observed.second.scorecard.body["snapshot_hash"]
    )
    tell(f"sending everything again {'changed nothing' if same else 'CHANGED SOMETHING'}")
    sys.stdout.write("\n".join((*page_lines(scorecard, expected), *map(str, off), "")))
    return same and not off


def truth(planted_variant: str | None) -> Truth:
    """Give what the oracle says."""
    invoices = oracle.read_invoices(oracle.read_lines(FILE))
    members = oracle.find_members(invoices)
    if planted_variant is None:
        return Truth.of("aaa", members, oracle.later_invoices(invoices, members))
    members = members[members["tier"] != "platinum"]
    later = oracle.later_invoices(invoices, members)
    chosen = [one for one in members.index if oracle.variant_of("plus-twenty", one) == "same-b"]
    return Truth.of(
        "plus-twenty", members, oracle.multiply_orders(later, members.loc[chosen].index)
    )


def main() -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.realdata.run")
    parser.add_argument("job", choices=["aaa", "planted"])
    parser.add_argument("--database-url", default="", help="an empty database; SQLite by default")
    asked = parser.parse_args()
    began = time.monotonic()

    def tell(message: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {message}\n")
        sys.stdout.flush()

    planted_variant = PLANTED_VARIANT if asked.job == "planted" else None
    return 0 if run(planted_variant, asked.database_url, tell) else 1


if __name__ == "__main__":
    sys.exit(main())
