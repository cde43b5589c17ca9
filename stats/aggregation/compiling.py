"""Relations to SQL, with what Ibis writes wrongly for an engine, or has no words for, put right.

PostgreSQL has no cast from a truth value to 64 bits. PostgreSQL and Spark write an exact order
statistic as `percentile_disc(share) WITHIN GROUP (ORDER BY value)`, which no function call gives.
Every other dialect is compiled as Ibis has it.
"""

from collections.abc import Mapping
from typing import Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.postgres import PostgresCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

ORDER_STATISTIC: Final = "percentile_disc"
"""Name under which an engine's functions ask for it: of the values, then the share."""


def to_sql(relation: ir.Expr, dialect: str) -> str:
    """Compile a relation to the SQL of a dialect."""
    own = _OWN.get(dialect)
    if own is None:
        return str(ibis.to_sql(relation, dialect=dialect))
    return str(own.to_sqlglot(relation.unbind()).sql(dialect=own.dialect, pretty=True))


def _within_group(
    compiler: SQLGlotCompiler, values: sge.Expression, share: sge.Expression, *, nulls_first: bool
) -> sge.Expression:
    # nulls are skipped; what the dialect takes for granted is not written
    order = sge.Order(expressions=[sge.Ordered(this=values, nulls_first=nulls_first)])
    return sge.WithinGroup(this=compiler.f.anon[ORDER_STATISTIC](share), expression=order)


class _PostgreSQL(PostgresCompiler):  # type: ignore[misc] # Ibis ships no annotations
    __slots__ = ()

    def visit_Cast(  # noqa: N802 - Ibis calls it by the name of the operation
        self, op: ops.Cast, *, arg: sge.Expression, to: dt.DataType
    ) -> object:
        if op.arg.dtype.is_boolean() and to.is_integer() and not to.is_int32():
            arg = self.cast(arg, dt.int32)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_AggUDF(  # noqa: N802 - as above
        self, op: ops.AggUDF, *, where: sge.Expression | None, **arguments: sge.Expression
    ) -> object:
        if self.__sql_name__(op) == ORDER_STATISTIC:
            return _within_group(self, *arguments.values(), nulls_first=False)
        return super().visit_AggUDF(op, where=where, **arguments)


class _Spark(PySparkCompiler):  # type: ignore[misc] # Ibis ships no annotations
    __slots__ = ()

    def visit_NonNullLiteral(  # noqa: N802 - as above
        self, op: ops.Literal, *, value: object, dtype: dt.DataType
    ) -> object:
        if dtype.is_floating():  # Ibis asks an option here that only a connection defines
            return None
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Field(  # noqa: N802 - as above
        self, op: ops.Field, *, rel: sge.Expression, name: str
    ) -> object:
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)  # for the same reason

    def visit_AggUDF(  # noqa: N802 - as above
        self, op: ops.AggUDF, *, where: sge.Expression | None, **arguments: sge.Expression
    ) -> object:
        if self.__sql_name__(op) == ORDER_STATISTIC:
            return _within_group(self, *arguments.values(), nulls_first=True)
        return super().visit_AggUDF(op, where=where, **arguments)


_OWN: Final[Mapping[str, SQLGlotCompiler]] = {"postgres": _PostgreSQL(), "pyspark": _Spark()}
