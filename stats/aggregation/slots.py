"""The published bucketing formula in the SQL of each engine.

slot = u32_be(md5(salt + "-" + unit_id)[0:4]) % 10000, as docs/reference/bucketing.md has it. Ibis
has no MD5 that every engine takes, so the functions are named here.
"""

from collections.abc import Mapping
from typing import Final, Protocol

import ibis
import ibis.expr.types as ir
from ibis import udf

from stats.errors import InvalidBucketing

TOTAL_SLOTS: Final = 10_000
"""Slots per salt; one slot is 0.01 % of all units."""
FIRST_HEX_DIGITS: Final = 8
"""Four bytes of the digest."""


class SlotFunctions(Protocol):
    """The one function that an audit needs from the engine."""

    def md5_slot(self, salt: str, unit_id: ir.StringValue) -> ir.IntegerValue:
        """Give the slot of a unit under a salt, 0 to 9999."""


def _compiled_one(value: object) -> object:
    """Stand for a function of the engine of one argument; never called."""
    raise NotImplementedError(value)


def _compiled_two(left: object, right: object) -> object:
    """Stand for a function of the engine of two arguments; never called."""
    raise NotImplementedError(left, right)


def _compiled_three(left: object, middle: object, right: object) -> object:
    """Stand for a function of the engine of three arguments; never called."""
    raise NotImplementedError(left, middle, right)


_md5 = udf.scalar.builtin(_compiled_one, name="md5", signature=(("string",), "string"))
_decode = udf.scalar.builtin(
    _compiled_two, name="decode", signature=(("string", "string"), "binary")
)
_get_byte = udf.scalar.builtin(
    _compiled_two, name="get_byte", signature=(("binary", "int32"), "int32")
)
_conv = udf.scalar.builtin(
    _compiled_three, name="conv", signature=(("string", "int32", "int32"), "string")
)


# Ibis' own substring guards against negative starts, which hides the formula in the SQL
_substr = udf.scalar.builtin(
    _compiled_three, name="substr", signature=(("string", "int32", "int32"), "string")
)


def _digest(salt: str, unit_id: ir.StringValue) -> ir.StringValue:
    return _md5(ibis.literal(f"{salt}-") + unit_id)


class DuckDBSlots:
    """`('0x' || substr(md5(…), 1, 8))::BIGINT % 10000`."""

    def md5_slot(self, salt: str, unit_id: ir.StringValue) -> ir.IntegerValue:
        """Give the slot of a unit under a salt, 0 to 9999."""
        digits = _substr(_digest(salt, unit_id), 1, FIRST_HEX_DIGITS)
        return (ibis.literal("0x") + digits).cast("int64") % TOTAL_SLOTS


class PostgreSQLSlots:
    """The four bytes one by one: Ibis has no type for `::bit(32)`, the result is the same."""

    def md5_slot(self, salt: str, unit_id: ir.StringValue) -> ir.IntegerValue:
        """Give the slot of a unit under a salt, 0 to 9999."""
        raw = _decode(_digest(salt, unit_id), "hex")
        number = _get_byte(raw, 0).cast("int64")
        for place in (1, 2, 3):
            number = number * 256 + _get_byte(raw, place).cast("int64")
        return number % TOTAL_SLOTS


class SparkSlots:
    """`cast(conv(substr(md5(…), 1, 8), 16, 10) as bigint) % 10000`."""

    def md5_slot(self, salt: str, unit_id: ir.StringValue) -> ir.IntegerValue:
        """Give the slot of a unit under a salt, 0 to 9999."""
        digits = _substr(_digest(salt, unit_id), 1, FIRST_HEX_DIGITS)
        return _conv(digits, 16, 10).cast("int64") % TOTAL_SLOTS


_BY_DIALECT: Final[Mapping[str, SlotFunctions]] = {
    "duckdb": DuckDBSlots(),
    "postgres": PostgreSQLSlots(),
    "pyspark": SparkSlots(),
}


def slot_functions(dialect: str) -> SlotFunctions:
    """Give the functions of an engine by the dialect into which Ibis compiles for it.

    Raises:
        InvalidBucketing: The formula has not been written down for that engine.
    """
    if dialect not in _BY_DIALECT:
        way_out = f"recompute slots on one of {', '.join(_BY_DIALECT)}"
        raise InvalidBucketing(dialect, field="dialect", expected=way_out)
    return _BY_DIALECT[dialect]
