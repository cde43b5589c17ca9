"""A pattern is written so that every engine finds the same by it, or not at all."""

from __future__ import annotations

import pytest
import re2

from experiments.portable_pattern import MAX_ATOMS, MAX_DEPTH, portable


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("silver", "silver"),
        (r"\d+", "[0-9]+"),
        (r"\W", "[^0-9A-Za-z_]"),
        (r"a.b", r"a[^\n]b"),
        (r"[\d_]{2,}?", "[0-9_]{2,}?"),
        ("a{,2}", r"a\{,2\}"),
        ("[]a]", r"[\]a]"),
        ("[a&&b]", r"[a\&\&b]"),
        ("[[]", r"[\[]"),
        ("[a-]", r"[a\-]"),
        (r"\A(?:x|y)\z", "^(?:x|y)$"),
        ("(?i)gold", "(?i)gold"),
        ("好禮", "好禮"),
        (r"\t\a", r"\x{9}\x{7}"),
    ],
)
def test_what_engines_read_differently_is_written_out(pattern: str, written: str) -> None:
    """Classes get the meaning that RE2 gives them, and what stands for itself is escaped."""
    assert portable(pattern) == written


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"\bx", r"\pN", r"\Qa\E", "[[:alpha:]]", "(?P<n>a)", "(?s)a", "(?m)^a", r"\x41", r"\C"),
        *("(?i)é", "^*a", "(|a)(^)*", r"[\D]", r"\1", "(?", "[a", "a\\"),
    ],
)
def test_what_has_no_common_form_is_refused(pattern: str) -> None:
    """Nothing is approximated: a rule that a client may read otherwise is not written."""
    assert portable(pattern) is None


def test_what_grows_too_large_is_refused() -> None:
    """Engines stop at different sizes, so what is written stays far below all of them."""
    assert portable("a{1000}b{999}") is not None
    assert portable("a{1000}b{1000}c") is None
    assert portable("((x{10}){10}){10}" * 3) is None
    assert portable("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1)) is None
    assert MAX_ATOMS == 2_000


@pytest.mark.parametrize("letter", ["k", "s", "K", "S"])
def test_a_folded_letter_keeps_its_kin(letter: str) -> None:
    """Without regard to case, the signs for kelvin and long s are a k and an s, as RE2 has it."""
    written = portable(f"(?i){letter}")
    assert written is not None
    assert re2.search(written, "\u212a\u017f") is not None
