"""Writes values into SQL so that no value can be taken for SQL."""

from __future__ import annotations


def text(value: str) -> str:
    """Give a text; DuckDB knows no escape within one but the doubled quote."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """Give the name of a column."""
    return '"' + value.replace('"', '""') + '"'


def number(value: float) -> str:
    """Give a 64-bit float, infinities too; a bare 0.1 would be a decimal."""
    return f"CAST('{value!r}' AS DOUBLE)"
