"""Amounts become integer minor units exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.money import as_typed, exponent, is_known, to_minor_units


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.30", "GBP", 1230),
        ("12.3", "GBP", 1230),
        ("12.300", "GBP", 1230),
        (" 5 ", "GBP", 500),
        ("-0.01", "GBP", -1),
        ("1e2", "GBP", 10_000),
        (".5", "USD", 50),
        ("100", "JPY", 100),
        ("1.234", "KWD", 1234),
    ],
)
def test_decimals_become_minor_units_exactly(amount: str, currency: str, minor: int) -> None:
    """Each currency has its own number of decimals."""
    assert to_minor_units(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("12.345", "GBP", "more than the 2 decimals of GBP"),
        ("12.30000000000000000000000000000001", "GBP", "more than the 2 decimals"),
        ("1.5", "JPY", "more than the 0 decimals"),
        ("NaN", "GBP", "not a finite decimal"),
        ("Infinity", "GBP", "not a finite decimal"),
        ("1,5", "GBP", "not a finite decimal"),
        ("1_000", "GBP", "not a finite decimal"),
        ("", "GBP", "not a finite decimal"),
        ("1e99", "GBP", "larger than"),
    ],
)
def test_what_is_not_exact_is_refused(amount: str, currency: str, words: str) -> None:
    """Nothing is rounded, guessed or cut."""
    with pytest.raises(ValueError, match=words):
        to_minor_units(amount, currency)


@given(st.integers(-(10**11), 10**11), st.sampled_from(["GBP", "JPY", "KWD", "TWD"]))
def test_minor_units_survive_the_way_to_decimals_and_back(minor: int, currency: str) -> None:
    """Writing minor units as a decimal and reading it gives the same minor units."""
    written = format(Decimal(minor).scaleb(-exponent(currency)), "f")
    assert to_minor_units(written, currency) == minor


def test_only_currencies_in_use_are_known() -> None:
    """The mark is history, a typing error is none."""
    assert is_known("GBP")
    assert is_known("TWD")
    assert not is_known("DEM")
    assert not is_known("gbp")
    assert not is_known("ZZZ")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1200, "TWD", "12"),
        (1250, "TWD", "12.50"),
        (60, "GBP", "0.60"),
        (-1234, "KWD", "-1.234"),
        (5, "JPY", "5"),
        (0, "TWD", "0"),
    ],
)
def test_amounts_are_put_into_forms_as_people_type_them(
    minor: int, currency: str, text: str
) -> None:
    """Decimals that are all 0 are left out; read again, the text is the same amount."""
    assert as_typed(minor, currency) == text
    assert to_minor_units(text, currency) == minor
