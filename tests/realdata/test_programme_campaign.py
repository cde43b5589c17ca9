"""A campaign on members near their next tier finds the margin that was planted in its treatment.

The audience is the computed attribute `tier_progress`, of everybody within 20 % of the next tier on
2011-06-01. Every later order of the treated is a fifth larger than it was, and the money of the
report must hold what that brought within its interval. Slow, and skipped where the file is absent.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
import pytest
from click.testing import CliRunner

from app.cli import tierlift
from tests.realdata import oracle_programme as pandas_says
from tests.realdata.invoices import Invoice, read_invoices, to_pence
from tests.realdata.page_programme import PAGE, PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.realdata.conftest import Raw

pytestmark = pytest.mark.realdata

START = pd.Timestamp("2011-06-01", tz="Europe/London")
DAYS = 90
PLANTED = Decimal("1.2")
CAMPAIGN = """\
key: nearly-there
name: A gift for those who are nearly there
owner: anna
hypothesis: Who is within a fifth of the next tier orders more for a gift.
starts_at: 2011-06-01T00:00:00+01:00
audience:
  any_of:
    - all_of: [{attribute: tier_progress, operator: GTE, value: 0.8}]
variants:
  - {key: control, planned_share: 50}
  - key: gift
    planned_share: 50
    offer:
      kind: gift
      gift: A tea set
      unit_cost_minor: 0
      currency: GBP
      texts: {en: {title: A gift awaits}}
metrics:
  - {metric: spend_per_member, role: oec, window_days: 90}
analysis:
  money: {window_days: 90}
"""


@dataclass(frozen=True)
class Found:
    """What came of the campaign: variant by member, and the money of its scorecard."""

    variants: dict[str, str]
    money: dict[str, Any]


@pytest.fixture(scope="module")
def found(
    fresh_database: str, tmp_path_factory: pytest.TempPathFactory, invoice_file: Path
) -> Found:
    """Run the campaign on the shop's customers."""
    folder = tmp_path_factory.mktemp("campaign")

    def run(*words: str) -> str:
        done = CliRunner(env={"TIERLIFT_DATABASE_URL": fresh_database}).invoke(tierlift, words)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    invoices = read_invoices(invoice_file)
    (folder / "programme.yaml").write_text(PROGRAMME, "utf-8")
    (folder / "campaign.yaml").write_text(CAMPAIGN, "utf-8")
    (folder / "members.csv").write_text(
        "member_id\n" + "\n".join(sorted({one.customer for one in invoices})) + "\n", "utf-8"
    )
    write(folder / "earlier.csv", (one for one in invoices if one.at < START), {})
    run("db", "upgrade")
    run("programme", "set", str(folder / "programme.yaml"))
    run("import", "members", str(folder / "members.csv"))
    run("import", "conversions", str(folder / "earlier.csv"))
    run("programme", "recompute", "--as-of", START.isoformat())
    run("campaign", "create", str(folder / "campaign.yaml"))
    run("campaign", "launch", "nearly-there")
    out = str(folder / "assigned.csv")
    run("assign", "--campaign", "nearly-there", "--out", out, "--include-control")
    with (folder / "assigned.csv").open(encoding="utf-8") as file:
        variants = {row["member_id"]: row["variant"] for row in csv.DictReader(file)}
    with (folder / "exposures.csv").open("w", encoding="utf-8") as file:
        file.write("exposure_id,campaign,variant,member_id,exposed_at\n")
        file.writelines(
            f"e-{member},nearly-there,{variant},{member},{START.isoformat()}\n"
            for member, variant in variants.items()
        )
    write(folder / "later.csv", (one for one in invoices if one.at >= START), variants)
    run("import", "exposures", str(folder / "exposures.csv"))
    run("import", "conversions", str(folder / "later.csv"))
    scorecard = orjson.loads(run("report", "nearly-there", "--format", "json"))
    return Found(variants, scorecard["money"])


def write(path: Path, invoices: Iterable[Invoice], variants: dict[str, str]) -> None:
    """Write invoices as an import takes them, a fifth larger where the effect is planted."""
    with path.open("w", encoding="utf-8") as file:
        file.write("conversion_id,member_id,event,occurred_at,amount,currency\n")
        for one in invoices:
            planted = variants.get(one.customer) == "gift" and not one.is_cancellation
            amount = to_pence(one.amount * PLANTED) if planted else one.amount
            event = "refund" if one.is_cancellation else "order"
            file.write(f"{one.number},{one.customer},{event},{one.at.isoformat()},{amount},GBP\n")


def net_pence(raw: Raw, member_ids: list[str], *, planted: bool) -> pd.Series:
    """Give net pence of each member within the window, from the raw file."""
    ends = (START + pd.Timedelta(days=DAYS)).tz_localize(None)
    within = raw.invoices[
        (raw.invoices["at"] >= START.tz_localize(None)) & (raw.invoices["at"] < ends)
    ]
    pence = within["pence"]
    if planted:
        # 1.2 of whole pence, half up
        pence = pence.where(within["cancelled"], (pence * 12 + 5) // 10)
    signed = pence.where(~within["cancelled"], -pence)
    return signed.groupby(within["member_id"]).sum().reindex(member_ids, fill_value=0)


def test_the_audience_is_who_pandas_finds_near_the_next_tier(found: Found, raw: Raw) -> None:
    """Computed attributes decide in bulk assignment who takes part."""
    moment = START.tz_localize(None)
    places = pandas_says.reached(pandas_says.spend(raw.invoices, moment))
    near = pandas_says.progress(raw.invoices, moment, places)
    assert sorted(found.variants) == sorted(near[near >= 0.8].index)


def test_the_planted_margin_is_within_the_interval(found: Found, raw: Raw) -> None:
    """Incremental margin: the estimate is pandas', and its interval holds what was planted."""
    by_variant = {
        variant: sorted(m for m, given in found.variants.items() if given == variant)
        for variant in ("control", "gift")
    }
    control = net_pence(raw, by_variant["control"], planted=False)
    gift = net_pence(raw, by_variant["gift"], planted=True)
    as_it_was = net_pence(raw, by_variant["gift"], planted=False)
    expected = (gift.mean() - control.mean()) * pandas_says.MARGIN * len(gift)
    planted = (gift.sum() - as_it_was.sum()) * pandas_says.MARGIN

    (treatment,) = found.money["treatments"]
    margin = treatment["incremental_margin"]
    assert margin["estimate"] == pytest.approx(expected, rel=1e-9)
    assert margin["ci_low"] <= planted <= margin["ci_high"]
    line = (
        f"| {len(control)} | {len(gift)} | {pounds(planted)} | {pounds(margin['estimate'])} | "
        f"{pounds(margin['ci_low'])} to {pounds(margin['ci_high'])} |"
    )
    assert line in PAGE.read_text("utf-8"), line


def pounds(pence: float) -> str:
    """Give pence as whole pounds."""
    sign = "\N{MINUS SIGN}" if pence < 0 else ""
    return f"{sign}£{abs(pence) / 100:,.0f}"
