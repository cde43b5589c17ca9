"""Any database for which Ibis has a backend: tables are read where they are, nothing is written.

What other engines keep is put in front of every query that reads it, as a named part of it, so the
right to read the declared tables suffices. The price is that a query computes again what it builds
on; engines of their own (`postgresql_engine`, `spark_engine`) keep it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Final, Self
from urllib.parse import urlsplit

import ibis
import ibis.expr.types as ir
import sqlglot as sg
from ibis.common.exceptions import TableNotFound

from stats.aggregation.compiling import to_sql
from stats.aggregation.declared_relations import DeclaredRelations, DeclaredSource
from stats.aggregation.declared_sources import open_declared
from stats.aggregation.duckdb_engine import DuckDBFunctions
from stats.aggregation.engine import CompilingEngine, EngineFunctions, Rows
from stats.aggregation.portable_functions import PortableFunctions
from stats.aggregation.postgresql_engine import PostgreSQLFunctions
from stats.errors import EngineUnavailable, MissingRelation

MOST_PLACES: Final = 2
"""Catalogue and schema."""
_OWN: Final[Mapping[str, Callable[[str], EngineFunctions]]] = {
    "postgres": PostgreSQLFunctions,
    "duckdb": DuckDBFunctions,
}
"""Functions written for an engine, by the dialect that it has."""


class WarehouseEngine(CompilingEngine):
    """Runs relations over the declared tables of one analysis.

    Attributes:
        dialect: The dialect into which Ibis compiles for it.
        multiplies_safely: Products are decimals from the start.
        relations: Names of the relations it holds, each with its columns.
        events_elsewhere: Names of events that somebody has had.
    """

    multiplies_safely = False

    def __init__(self, backend: ibis.BaseBackend) -> None:
        """Take over a connection."""
        self._backend = backend
        self._named: dict[str, str] = {}
        self.dialect: str = backend.name
        self.relations: dict[str, frozenset[str]] = {}
        self.events_elsewhere: frozenset[str] = frozenset()

    @classmethod
    @contextmanager
    def over(cls, url: str, facts: DeclaredRelations) -> Iterator[Self]:
        """Open an engine over a database; closed on leaving.

        Args:
            url: Its address, as `ibis.connect` takes it.
            facts: Which of its tables hold them.

        Raises:
            EngineUnavailable: The backend is not installed, or the database cannot be reached.
            InvalidFacts: A declared table is not there, or not what was declared.
        """
        backend = _connected(url)
        try:
            engine = cls(backend)
            engine.relations |= open_declared(engine, facts)
            engine.events_elsewhere = facts.events_elsewhere
            yield engine
        finally:
            backend.disconnect()

    def functions(self, time_zone: str) -> EngineFunctions:
        """Give its functions, days cut in a zone."""
        return _OWN.get(self.dialect, PortableFunctions)(time_zone)

    def describe(self, relation: str, source: DeclaredSource) -> ir.Table:
        """Give a table with its own columns and types, unbound."""
        shown = f"{relation} ({source.shown})"
        if source.table is None:
            raise MissingRelation(shown, "this engine reads tables, no files: declare a table")
        *place, name = source.table.split(".")
        if len(place) > MOST_PLACES:
            raise MissingRelation(shown, "give its name as catalogue.schema.table at most")
        if not place:  # unqualified, it could be taken for a relation of the same name
            current = getattr(self._backend, "current_database", None)
            place = [current] if current else []
        try:
            schema = self._backend.table(name, database=tuple(place) or None).schema()
        except TableNotFound as error:
            raise MissingRelation(shown, f"there is no such table in {'.'.join(place)}") from error
        except Exception as error:  # every backend raises faults of its own
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise MissingRelation(shown, reason) from error
        return ibis.table(schema, name=name, database=place[-1] if place else None,
                          catalog=place[0] if len(place) > 1 else None)  # fmt: skip

    def define(self, name: str, relation: ir.Table) -> None:
        """Make a relation known under a name, without computing it."""
        self.store(name, to_sql(relation, self.dialect))

    def store(self, name: str, sql: str) -> None:
        """Keep the words of a relation; it is computed by whatever reads it."""
        self._named.pop(name, None)  # what has the name now may read what was made since
        self._named[name] = sql

    def answer(self, sql: str) -> Rows:
        """Give the rows of a small compiled relation."""
        whole = self._whole(sql)
        cursor = self._backend.raw_sql(whole)
        if not hasattr(cursor, "fetchall"):  # not every backend has a cursor of Python's kind
            rows: Rows = self._backend.sql(whole).to_pyarrow().to_pylist()
            return rows
        with closing(cursor):
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _whole(self, sql: str) -> str:
        """Put what a query reads in front of it, and what that reads in front of that."""
        needed: list[str] = []
        words = sql
        for name in reversed(self._named):
            quoted = self._quoted(name)
            if re.search(rf"(?<![\w.]){re.escape(quoted)}", words):
                needed.insert(0, f"{quoted} AS ({self._named[name]})")
                words += self._named[name]
        if not needed:
            return sql
        return f"WITH {', '.join(needed)} SELECT * FROM ({sql}) AS answer"  # noqa: S608 - compiled

    def _quoted(self, name: str) -> str:
        return str(sg.to_identifier(name, quoted=True).sql(dialect=self._backend.dialect))


def _connected(url: str) -> ibis.BaseBackend:
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    try:
        return ibis.connect(url)
    except ImportError as error:
        way_out = f"install what Ibis needs for it: pip install 'ibis-framework[{parts.scheme}]'"
        reason = str(error).strip().splitlines()[0]
        raise EngineUnavailable(shown, reason, way_out) from error
    except Exception as error:  # every backend raises faults of its own
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        way_out = "check the address; https://ibis-project.org/backends says what one looks like"
        raise EngineUnavailable(shown, reason, way_out) from error
