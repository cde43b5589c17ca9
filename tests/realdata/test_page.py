"""The page of this run: its documents are those that are sent, its asides are true."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import yaml

from experiments.campaign import CampaignDesign
from experiments.programme import Programme
from tests.realdata import oracle
from tests.realdata.campaigns import AAA, AAA_CAMPAIGN, PLANTED_CAMPAIGN, PROGRAMME
from tests.realdata.page import PAGE, money, words_of_the_page

if TYPE_CHECKING:
    from tests.realdata.conftest import Raw
    from tests.realdata.invoices import Shop

pytestmark = pytest.mark.realdata

HEREDOC = re.compile(r"^cat > (\S+) <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    """Give the text of the page."""
    return PAGE.read_text("utf-8")


def test_documents_are_those_that_are_sent(page: str) -> None:
    """Whoever follows the page creates the programme and the campaign of the run."""
    files = {name: yaml.safe_load(text) for name, text in HEREDOC.findall(page)}
    programme = Programme.model_validate(files["programme.yaml"])
    campaign = CampaignDesign.model_validate(files["campaign.yaml"])
    assert programme == Programme.model_validate(PROGRAMME)
    assert campaign == CampaignDesign.model_validate(AAA_CAMPAIGN)


def test_audience_of_the_planted_campaign(page: str) -> None:
    """The excerpt of the other campaign's document is a part of it."""
    excerpt = yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0])
    assert excerpt["audience"] == PLANTED_CAMPAIGN["audience"]
    assert excerpt["metrics"] == PLANTED_CAMPAIGN["metrics"][:1]


def test_member_of_the_page_is_real(page: str, shop: Shop, raw: Raw) -> None:
    """The member who is sent by hand is in the file as the page says, invoices included."""
    member = next(one for one in shop.members if one.member_id == "12362")
    assert (member.tier, member.country, member.orders_before) == ("silver", "Belgium", 2)
    assert oracle.variant_of(AAA, "12362") == "same-b"
    files = {name: yaml.safe_load(text) for name, text in HEREDOC.findall(page)}
    hers = raw.invoices[raw.invoices["member_id"] == "12362"].sort_values("at")
    sent = [*files["earlier.json"], *files["invoices.json"]]
    assert len(files["earlier.json"]) == (hers["at"] < oracle.EXPOSED_AT).sum()
    assert [
        (
            one["conversion_id"],
            one["event"],
            datetime.fromisoformat(one["occurred_at"]).replace(tzinfo=None),
            round(100 * float(one["amount"])),
        )
        for one in sent
    ] == [
        (number, "refund" if invoice.cancelled else "order", invoice.at, invoice.pence)
        for number, invoice in zip(hers.index, hers.head(len(sent)).itertuples(), strict=False)
    ]


def test_asides_about_the_file(raw: Raw) -> None:
    """The sizes that the page mentions are those of the file."""
    later = oracle.later_invoices(raw.invoices, raw.members)
    words = words_of_the_page()
    assert f"{len(raw.lines):,} invoice lines" in words
    earlier = raw.invoices["at"] < oracle.EXPOSED_AT
    earlier &= raw.invoices["member_id"].isin(raw.members.index)
    counts = f"{len(raw.members):,} members, {earlier.sum():,} earlier and {len(later):,} later"
    assert f"{counts} invoices" in words
    assert f"{(raw.members['tier'] == 'platinum').sum()} platinum customers" in words
    assert f"number 16446, ordered for {money(later.loc['581483', 'pence'])}" in words
    minutes = later["at"].astype("datetime64[s]").astype("int64") // 60
    assert minutes["C581484"] - minutes["581483"] == 12
    assert (later["pence"] == 0).sum() == 2
    assert list(later.loc[later["mills"] % 10 != 0, "mills"] % 10) == [1]
    assert f"The net revenue of the raw lines is £{later['mills'].sum() / 1000:,.3f}" in words
