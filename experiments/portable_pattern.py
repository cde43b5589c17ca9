r"""Writes a regular expression of RE2 in the part of the syntax that other engines read alike.

RE2 and the engines of flag clients differ in what `\d` and `\b` mean beyond ASCII, in what stands
for itself (`a{`, `[[]`), and in what exists at all (`\Q`, `\C`, set operations). What is common is
rewritten so that no engine can read it otherwise; what is not is refused, never approximated.
"""

from __future__ import annotations

import re
from typing import Final

MAX_ATOMS: Final = 2_000
"""Largest expansion of counted repetitions; beyond some 10,000 the Rust engine gives up."""

MAX_DEPTH: Final = 100
"""Deepest nesting of groups; the Rust engine takes 250."""

_IGNORE_CASE: Final = "(?i)"
_COUNT: Final = re.compile(r"\{(\d{1,4})(?:,(\d{0,4}))?\}", re.ASCII)
_META: Final = frozenset("\\.+*?()|[]{}^$#&-~")
_CLASSES: Final = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_CONTROLS: Final = {"a": "\x07", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}


class _NotPortable(Exception):  # leaves the rewriting, never this module
    """The engines differ in what this means, or may."""


def portable(pattern: str) -> str | None:
    """Give a pattern that finds the same everywhere, or None where there is none that surely does.

    Args:
        pattern: One that RE2 has accepted; what it refuses is not looked for again.
    """
    ignore_case = pattern.startswith(_IGNORE_CASE)
    if ignore_case and not pattern.isascii():
        return None  # engines know different versions of Unicode's case folding
    rest = pattern.removeprefix(_IGNORE_CASE)
    try:
        return (_IGNORE_CASE if ignore_case else "") + _Rewriting(rest).whole()
    except _NotPortable:
        return None


class _Rewriting:
    """One walk over a pattern, with the sizes of the groups that are open."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._sizes = [0]
        self._last = 0

    def whole(self) -> str:
        parts = []
        while self._at < len(self._pattern):
            parts.append(self._next())
            if sum(self._sizes) > MAX_ATOMS or len(self._sizes) > MAX_DEPTH:
                raise _NotPortable
        return "".join(parts)

    def _take(self) -> str:
        if self._at >= len(self._pattern):
            raise _NotPortable
        taken = self._pattern[self._at]
        self._at += 1
        return taken

    def _atom(self, text: str) -> str:
        self._sizes[-1] += 1
        self._last = 1
        return text

    def _next(self) -> str:  # noqa: PLR0911  # one return a kind of token
        match taken := self._take():
            case "(":
                return self._group()
            case ")":
                self._last = self._sizes.pop()
                self._sizes[-1] += self._last
                return taken
            case "|" | "^" | "$":
                self._last = 0
                return taken
            case "*" | "+" | "?":
                return self._quantified(taken)
            case "{" if counted := _COUNT.match(self._pattern, self._at - 1):
                self._at = counted.end()
                times = max(int(counted[1]), int(counted[2] or 0), 1)
                self._sizes[-1] += self._last * (times - 1)
                return self._quantified(counted[0])
            case ".":
                return self._atom(r"[^\n]")
            case "[":
                return self._atom(self._class())
            case "\\":
                return self._escape()
            case _:
                return self._atom(_literal(taken))

    def _group(self) -> str:
        self._sizes.append(0)
        self._last = 0
        if not self._pattern.startswith("?", self._at):
            return "("
        if not self._pattern.startswith("?:", self._at):
            raise _NotPortable  # flags and names
        self._at += 2
        return "(?:"

    def _quantified(self, quantifier: str) -> str:
        if not self._last:
            raise _NotPortable  # of nothing, or of an anchor
        if self._pattern.startswith("?", self._at):
            self._at += 1
            quantifier += "?"
        self._last = 0  # a second quantifier has no common meaning
        return quantifier

    def _escape(self) -> str:
        match taken := self._take():
            case "d" | "w" | "s":
                return self._atom(f"[{_CLASSES[taken]}]")
            case "D" | "W" | "S":
                return self._atom(f"[^{_CLASSES[taken.lower()]}]")
            case "A" | "z":
                self._last = 0
                return "^" if taken == "A" else "$"
            case _:
                return self._atom(_literal(self._escaped(taken)))

    def _escaped(self, taken: str) -> str:
        """Give the character that an escape stands for."""
        if taken in _CONTROLS:
            return _CONTROLS[taken]
        if taken.isascii() and not taken.isalnum() and taken.isprintable():
            return taken
        raise _NotPortable

    def _class(self) -> str:
        """Rewrite what stands between brackets, of which the first is read already."""
        text = "["
        if self._pattern.startswith("^", self._at):
            self._at += 1
            text += "^"
        first = True
        while first or not self._pattern.startswith("]", self._at):
            text += self._class_item()
            first = False
        self._at += 1
        return f"{text}]"

    def _class_item(self) -> str:
        if self._pattern.startswith("[:", self._at):
            raise _NotPortable
        if self._pattern[self._at : self._at + 2] in {r"\d", r"\w", r"\s"}:
            self._at += 2
            return _CLASSES[self._pattern[self._at - 1]]
        low = self._class_character()
        ahead = self._pattern[self._at : self._at + 2]
        if len(ahead) < 2 or ahead[0] != "-" or ahead[1] == "]":  # noqa: PLR2004  # "-" and an end
            return _literal(low)
        self._at += 1
        return f"{_literal(low)}-{_literal(self._class_character())}"

    def _class_character(self) -> str:
        taken = self._take()
        return self._escaped(self._take()) if taken == "\\" else taken


def _literal(character: str) -> str:
    if character in _META:
        return f"\\{character}"
    return character if character.isprintable() else f"\\x{{{ord(character):X}}}"
