"""What an engine must offer for aggregation to run on it.

Relations are Ibis expressions that know no engine; they are compiled to the engine's dialect once a
plan and run as text. An engine holds the facts under the names and columns that `facts` documents
(times are UTC without a zone), can compute a relation once and store it, and can answer a small
one. `duckdb_engine` is the embedded one. Another takes its place by deriving from `CompilingEngine`
and offering the rest of `Engine`; `aggregate.aggregate_on` then runs on it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

import ibis
import ibis.expr.types as ir

from stats.aggregation.compiling import to_sql

Row: TypeAlias = Mapping[str, object]
Rows: TypeAlias = Sequence[Row]


class EngineFunctions(Protocol):
    """The functions that every engine has under a name or a meaning of its own.

    Those that compile alike are equal: compiled relations are kept by them.
    """

    def __hash__(self) -> int:
        """Fit equality."""

    def local_day(self, at: ir.TimestampValue) -> ir.DateValue:
        """Give the calendar day of a UTC time in the programme's time zone."""

    def property_text(self, properties: ir.StringValue, name: str) -> ir.StringValue:
        """Give a property of a JSON object: a string as it is, another value as its JSON text.

        Null where the object has no such property, or has null.
        """

    def order_statistic(self, values: ir.Column, share: ir.FloatingScalar) -> ir.Scalar:
        """Give the lowest of the values that at least this share of them do not exceed.

        Of n sorted values it is number ceil(share n), counted from 1 (SQL's `percentile_disc`).
        """


class Engine(Protocol):
    """Runs compiled relations over the facts of one analysis.

    Attributes:
        dialect: The dialect into which Ibis compiles for it.
        relations: Names of the relations it holds, each with its columns.
        events_elsewhere: Names of events that somebody has had, where `conversions` holds those of
            exposed units only.
        multiplies_safely: Whether a product of two whole numbers beyond 64 bits makes it raise
            `WholeNumberOverflow`; if not, products are taken as decimals from the start.
    """

    @property
    def dialect(self) -> str: ...  # noqa: D102 - said above
    @property
    def relations(self) -> Mapping[str, frozenset[str]]: ...  # noqa: D102 - said above
    @property
    def events_elsewhere(self) -> frozenset[str]: ...  # noqa: D102 - said above
    @property
    def multiplies_safely(self) -> bool: ...  # noqa: D102 - said above

    def functions(self, time_zone: str) -> EngineFunctions:
        """Give its functions, days cut in a zone."""

    def store(self, name: str, sql: str) -> None:
        """Compute a compiled relation once and keep it; replaces what had the name."""

    def keep(self, name: str, relation: ir.Table) -> ir.Table:
        """Compute a relation once, under a name; `CompilingEngine` has it."""

    def fetch(self, relation: ir.Table) -> Rows:
        """Give the rows of a small relation; `CompilingEngine` has it."""

    def answer(self, sql: str) -> Rows:
        """Give the rows of a small compiled relation.

        Whole numbers (integers, or decimals without places), text, booleans, dates, lists of text,
        and times in UTC without a zone.

        Raises:
            WholeNumberOverflow: A product or a sum left the range of whole numbers.
        """


class CompilingEngine(ABC):
    """What every engine does alike with a relation that is not compiled yet."""

    dialect: str

    @abstractmethod
    def store(self, name: str, sql: str) -> None:
        """Compute a compiled relation once and keep it."""

    @abstractmethod
    def answer(self, sql: str) -> Rows:
        """Give the rows of a small compiled relation."""

    def keep(self, name: str, relation: ir.Table) -> ir.Table:
        """Compute a relation once, under a name, for those that read it more than once."""
        self.store(name, to_sql(relation, self.dialect))
        return ibis.table(relation.schema(), name=name)

    def fetch(self, relation: ir.Table) -> Rows:
        """Give the rows of a small relation."""
        return self.answer(to_sql(relation, self.dialect))


class WholeNumberOverflow(ArithmeticError):
    """A product or sum left 64 bits; never reaches callers, decimals are used instead."""
