"""The pages on real data print what they say they print."""

from pathlib import Path

import pytest

from tests.stats.notebook.pages import DATA, ROOT, outputs, stated

HOW_TO = ROOT / "docs" / "how-to"
PAGES = {
    HOW_TO / "analyse-summary-statistics.md": DATA / "asos_digital_experiments.parquet",
    HOW_TO / "analyse-unit-rows.md": DATA / "uci_online_retail.parquet",
}

pytestmark = pytest.mark.realdata


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_on_real_data_prints_what_it_states(page: Path) -> None:
    """The Python blocks run one after the other; each prints the text that follows it."""
    if not PAGES[page].exists():
        pytest.skip(f"{PAGES[page].name} is not in {DATA}")

    assert [text for text in outputs(page) if text] == stated(page)
