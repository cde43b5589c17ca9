"""What tables are made of: their metadata, lengths, and the columns that recur."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    DefaultClause,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    String,
)
from sqlalchemy.ext.compiler import compiles

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

KEY_LENGTH: Final = 128
"""Longest key that the operator chooses."""

ID_LENGTH: Final = 255
"""Longest id or name that others send."""

OFFER_ID_LENGTH: Final = 2 * KEY_LENGTH + 1
"""Longest id of an offer, which the keys of its campaign and its variant may make."""

WRITTEN_BY: Final = "written_by"
"""The column with the number of the transaction that wrote a row."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_check(column: str) -> CheckConstraint:
    """Refuse an id that is empty or too long: SQLite ignores the length of a VARCHAR."""
    return CheckConstraint(f"length({column}) BETWEEN 1 AND {ID_LENGTH}", name=f"{column}_length")


class WritingTransaction(ColumnElement[int]):
    """The number of the transaction that runs, which PostgreSQL knows by itself.

    SQLite knows none: who writes there gives it, from `write_counter`, and to forget it is refused.
    """

    inherit_cache = True


@compiles(WritingTransaction)
def _transaction_number(*_: SQLCompiler, **__: Any) -> str:  # noqa: ANN401  # SQLAlchemy's signature
    return "(pg_current_xact_id()::text)::bigint"


@compiles(WritingTransaction, "sqlite")
def _no_transaction_number(*_: SQLCompiler, **__: Any) -> str:  # noqa: ANN401  # as above
    return "NULL"


def written_by() -> Column[int]:
    """Give the column with the number of the transaction that wrote the row."""
    return Column(
        WRITTEN_BY, BigInteger, nullable=False, server_default=DefaultClause(WritingTransaction())
    )


def row_id() -> Column[int]:
    """Give the column by which the database numbers the rows."""
    # SQLite numbers rows by itself only in a column declared INTEGER, exactly
    return Column(
        "id", BigInteger().with_variant(Integer(), "sqlite"), Identity(), primary_key=True
    )


def phase_reference() -> ForeignKeyConstraint:
    """Refuse rows of a phase that there is not."""
    return ForeignKeyConstraint(["campaign_key", "phase"], ["phases.campaign_key", "phases.number"])


def campaign_reference() -> Column[str]:
    """Give the column with the key of a campaign that there is."""
    return Column("campaign_key", String(KEY_LENGTH), ForeignKey("campaigns.key"), nullable=False)
