"""Turns the text of a variable into a value, or raises ValueError where it means nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def text(raw: str) -> str:
    """Read text that may not be empty."""
    if not raw.strip():
        raise ValueError(raw)
    return raw.strip()


def whole(low: int, high: int) -> Callable[[str], int]:
    """Give a reader of whole numbers within two ends."""

    def parse(raw: str) -> int:
        number = int(raw) if raw.strip().isascii() else low - 1
        if not low <= number <= high:
            raise ValueError(raw)
        return number

    return parse


def yes_or_no(raw: str) -> bool:
    """Read true or false."""
    match raw.strip().lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError(raw)


_ORIGIN: Final = re.compile(r"\*|https?://[^\s/?#*]+")


def origins(raw: str) -> str:
    """Read origins of pages."""
    origins = raw.split()
    if not origins or not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError(raw)
    return " ".join(origins)


MEMORY: Final = re.compile(r"\d{1,6}(\.\d{1,3})?\s?(MB|GB|MiB|GiB)")


def memory(raw: str) -> str:
    """Read an amount of memory."""
    if raw.strip() and not MEMORY.fullmatch(raw.strip()):
        raise ValueError(raw)
    return raw.strip()


SECRET_BYTES: Final = 32
"""The shortest secret for HS256: as long as what it makes (RFC 7518, section 3.2)."""


def secret(raw: str) -> str:
    """Read a secret that signs."""
    # A public key in its place would let everybody sign; no one is a secret.
    too_short = len(raw.encode()) < SECRET_BYTES
    if raw and (too_short or raw != raw.strip() or raw.startswith(("-----BEGIN", "ssh-", "{"))):
        raise ValueError(raw)
    return raw


def key_set(raw: str) -> str:
    """Read where keys are."""
    address = raw.strip()
    # with a password before the host, urllib finds no host and tells the password
    if "://" in address and not re.match(r"https://[^/?#@]+([/?#]|$)", address):
        raise ValueError(raw)
    return address


_PUBLIC: Final = re.compile(r"https?://[^/?#@\s]+")


def public_address(raw: str) -> str:
    """Read where people open Tierlift; it stands at the root of its host."""
    address = raw.strip().removesuffix("/")
    if address and not _PUBLIC.fullmatch(address):
        raise ValueError(raw)
    return address
