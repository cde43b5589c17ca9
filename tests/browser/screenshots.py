"""Takes the pictures of the README and the documentation, from the demonstration.

``make screenshots`` runs it: ``python -m tests.browser.screenshots [FOLDER]``. With ``--all`` it
takes every page in three languages, light and dark, on a desktop and on a phone, to be looked at.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.console_site import Site, Theme, addresses, reader, site_of
from tests.conftest import BROWSERS

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
LANGUAGES: Final = ("en", "zh-Hant-TW", "zh-Hans-CN")
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
WIDTHS: Final = (1280, 390)
MEMBERS: Final = 30_000


class Picture(NamedTuple):
    """One picture of the documentation."""

    name: str
    address: str
    language: str = "en"
    theme: Theme = "light"
    width: int = 1280


BEST: Final = (
    Picture("home", "/console/"),
    Picture("campaigns", "/console/campaigns"),
    Picture("verdict", "/console/campaigns/gold-trial"),
    Picture("results", "/console/campaigns/gold-trial/results", "zh-Hant-TW"),
    Picture("money", "/console/campaigns/gold-trial/money", "en", "dark"),
    Picture("new-campaign", "/console/campaigns/new", "zh-Hans-CN"),
)


def take(page: Page, site: Site, address: str, path: Path, *, whole: bool) -> None:
    """Take one picture."""
    page.goto(f"{site.address}{address}", wait_until="networkidle")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole)


def take_best(browser: Browser, site: Site, folder: Path) -> None:
    """Take the pictures of the documentation."""
    for one in BEST:
        with reader(browser, site, language=one.language, theme=one.theme, width=one.width) as page:
            take(page, site, one.address, folder / f"{one.name}.png", whole=False)


def take_all(browser: Browser, site: Site, folder: Path, only: str) -> None:
    """Take every page, in every language, light and dark, wide and narrow."""
    with reader(browser, site) as page:
        found = [one[0] for one in addresses(page, site).values()]
    for language in LANGUAGES:
        for theme in THEMES:
            for width in WIDTHS:
                with reader(browser, site, language=language, theme=theme, width=width) as page:
                    for address in found:
                        if only and not re.search(only, address):
                            continue
                        name = re.sub(r"[^\w-]+", "_", address.removeprefix("/console")) or "home"
                        path = folder / f"{language}-{theme}-{width}" / f"{name.strip('_')}.png"
                        take(page, site, address, path, whole=True)


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    parser.add_argument("--all", action="store_true", help="every page")
    parser.add_argument("--only", default="", help="pages whose address matches")
    parser.add_argument("--members", type=int, default=MEMBERS)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as scratch,
        site_of(Path(scratch), members=asked.members) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSERS))),
            args=["--no-sandbox", "--disable-gpu"],
        )
        if asked.all:
            take_all(browser, site, asked.folder, asked.only)
        else:
            take_best(browser, site, asked.folder)
        browser.close()


if __name__ == "__main__":
    main()
