"""Column types that mean the same on SQLite and PostgreSQL: moments in UTC and JSON values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC: ``timestamptz`` on PostgreSQL, epoch microseconds on SQLite.

    SQLite has no time type; an integer keeps every microsecond, compares and indexes as a number,
    and becomes an Arrow timestamp without parsing.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give the column type that the dialect keeps."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Give what is sent to the database; a naive time is refused, since it names no moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a naive datetime was about to be stored: {value!r}; give it a time zone"
            raise ValueError(message)
        if dialect.name == "sqlite":
            return (value - EPOCH) // MICROSECOND
        return value.astimezone(UTC)

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        """Give the moment back, in UTC."""
        if isinstance(value, int):
            return EPOCH + MICROSECOND * value
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        if value is None:
            return None
        message = f"{dialect.name} gave {value!r} where a moment is kept"
        raise TypeError(message)


class JsonText(TypeDecorator[Any]):
    """A JSON value: ``jsonb`` on PostgreSQL, text on SQLite; a Python None is an SQL null.

    Not SQLAlchemy's JSON: on SQLite that declares a column whose affinity turns ``"123"`` into a
    number.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give the column type that the dialect keeps."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any | None:  # noqa: ANN401  # a JSON value
        """Give what is sent to the database."""
        if value is None or dialect.name != "sqlite":
            return value
        return orjson.dumps(value).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:  # noqa: ANN401  # a JSON value
        """Give the JSON value back."""
        if value is None or dialect.name != "sqlite":
            return value
        return orjson.loads(value)
