"""Turns the Markdown of `docs/` into pages of the console, and searches it.

Raw HTML is shown as text, no attribute carries a style, and links between pages lead to pages of
the console. What is outside of the folder is not linked.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from markdown_it.token import Token

INDEX: Final = "README"
PAGES: Final = "/console/help/"
FILES: Final = "/console/help/files/"
IMAGES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}
RESULTS: Final = 30
_AROUND: Final = 90
_COMMENT: Final = re.compile(r"\A\s*<!--.*?-->", re.DOTALL)
_NOT_IN_SLUG: Final = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a page."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class HelpText:
    """One page of the documentation.

    Attributes:
        name: Its path within the folder, without the ending.
        html: Without its first heading, which is the title.
        headings: Of the second level, in order.
        plain: Its text, for the search.
    """

    name: str
    title: str
    html: str
    headings: tuple[Heading, ...]
    plain: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A page in which all words of a search stand."""

    name: str
    title: str
    excerpt: str


@cache
def names_of(folder: Path) -> frozenset[str]:
    """Give the names of all pages; none where the documentation is not installed."""
    return frozenset(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.md")
    )


@cache
def page_of(folder: Path, name: str) -> HelpText | None:
    """Give a page, or None where there is none of this name."""
    if name not in names_of(folder):
        return None
    source = (folder / f"{name}.md").read_text(encoding="utf-8")
    markdown = _markdown()
    tokens = markdown.parse(_COMMENT.sub("", source))
    title = name
    if len(tokens) > 1 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title, tokens = _plain(tokens[1]), tokens[3:]
    headings = tuple(
        Heading(str(one.attrs.get("id", "")), _plain(following))
        for one, following in pairwise(tokens)
        if one.type == "heading_open" and one.tag == "h2"
    )
    _make_safe(tokens, posixpath.dirname(name), names_of(folder))
    html = markdown.renderer.render(tokens, markdown.options, {})
    html = html.replace("<pre><code", '<pre tabindex="0"><code').replace(
        "<pre>", '<pre tabindex="0">'
    )
    plain = " ".join(" ".join(_plain(one) for one in tokens).split())
    return HelpText(name, title, html, headings, plain)


def image_of(folder: Path, name: str) -> tuple[bytes, str] | None:
    """Give an image of the documentation and its type, or None where there is none."""
    known = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    path = known.get(name)
    if path is None or path.suffix not in IMAGES:
        return None
    return path.read_bytes(), IMAGES[path.suffix]


def search(folder: Path, words: str) -> tuple[Hit, ...]:
    """Give the pages in which all words stand: those with them in title or name first."""
    wanted = words.lower().split()
    if not wanted:
        return ()
    hits = []
    for name in sorted(names_of(folder)):
        page = page_of(folder, name)
        if page is None:
            continue
        title, plain = f"{page.title} {name}".lower(), page.plain.lower()
        if all(word in title or word in plain for word in wanted):
            misses = sum(word not in title for word in wanted)
            often = sum(plain.count(word) for word in wanted)
            hits.append((misses, -often, Hit(name, page.title, _excerpt(page.plain, wanted))))
    ordered = sorted(hits, key=lambda one: (one[0], one[1], one[2].title))
    return tuple(hit for _, _, hit in ordered)[:RESULTS]


def slug(text: str) -> str:
    """Give the anchor of a heading, as repositories make it."""
    return _NOT_IN_SLUG.sub("", text.strip().lower()).replace(" ", "-")


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return markdown.use(anchors_plugin, max_level=4, slug_func=slug)


def _make_safe(tokens: Iterable[Token], folder: str, names: frozenset[str]) -> None:
    """Rewrite addresses, and what the policy of the console does not let through."""
    listed = list(tokens)
    for number, token in enumerate(listed):
        match token.type:
            case "th_open" if not listed[number + 1].content:
                # a corner without a word heads nothing
                token.tag = listed[number + 2].tag = "td"
                token.attrs = {}
            case "th_open" | "td_open":
                style = str(token.attrs.pop("style", ""))
                if style.endswith("right"):
                    token.attrSet("class", "number")
                if token.type == "th_open":
                    token.attrSet("scope", "col")
            case "table_open":
                token.attrSet("class", "table table-sm")
                token.attrSet("tabindex", "0")
            case "fence" | "code_block":
                token.attrs = {}
            case "inline":
                token.children = _linked(token.children or [], folder, names)
            case _:
                pass


def _linked(children: Sequence[Token], folder: str, names: frozenset[str]) -> list[Token]:
    kept: list[Token] = []
    dropped = 0
    for token in children:
        if token.type == "image":
            source = posixpath.normpath(posixpath.join(folder, str(token.attrs.get("src", ""))))
            token.attrSet("src", f"{FILES}{source}")
        elif token.type == "link_open":
            address = _address(str(token.attrs.get("href", "")), folder, names)
            if address is None:
                dropped += 1
                continue
            token.attrSet("href", address)
        elif token.type == "link_close" and dropped:
            dropped -= 1
            continue
        kept.append(token)
    return kept


def _address(href: str, folder: str, names: frozenset[str]) -> str | None:
    """Give where a link leads in the console; None where it leads out of the documentation."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or href.startswith(("/", "#")):
        return href
    path = posixpath.normpath(posixpath.join(folder, parts.path))
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    name = path.removesuffix(".md")
    if path.endswith(".md") and name in names:
        return f"{PAGES}{'' if name == INDEX else name}{anchor}"
    if posixpath.splitext(path)[1] in IMAGES and not path.startswith(".."):
        return f"{FILES}{path}"
    return None


def _plain(token: Token) -> str:
    if token.type in {"fence", "code_block"}:
        return token.content
    return "".join(one.content or " " for one in token.children or ())


def _excerpt(plain: str, wanted: Sequence[str]) -> str:
    at = min((place for word in wanted if (place := plain.lower().find(word)) >= 0), default=0)
    start, end = max(0, at - _AROUND), at + _AROUND
    return f"{'… ' if start else ''}{plain[start:end].strip()}{' …' if end < len(plain) else ''}"
