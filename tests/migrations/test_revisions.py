"""The rules of migrations: up, down and up again, alike on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import migrations
from experiments.errors import DatabaseMissing, SchemaNewer, SchemaOutdated
from experiments.store import schema
from experiments.store.engine import open_engine, reading, writing
from experiments.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

ONLY_POSTGRESQL: Final = frozenset({"ix_members_member_id_characters"})


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    """Give an engine on a database without a schema."""
    engine = open_engine(empty_database_url)
    yield engine
    engine.dispose()


def shape(connection: Connection) -> dict[str, Any]:
    """Give everything that the database says about its tables, checks and indexes included."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            ],
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(map(str, inspector.get_foreign_keys(table))),
            "checks": sorted(map(str, inspector.get_check_constraints(table))),
            "unique": sorted(map(str, inspector.get_unique_constraints(table))),
            "indexes": sorted(map(_index_text, inspector.get_indexes(table))),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _index_text(index: Any) -> str:  # noqa: ANN401  # SQLAlchemy's ReflectedIndex, a TypedDict
    """Give an index as text; the condition of a partial one is an object of its own each time."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def test_up_down_and_up_again(empty_database_url: str, empty: Engine) -> None:
    """Every revision can be taken back and made again; nothing is left after the way down."""
    assert schema.upgrade(empty_database_url) == schema.head()
    assert schema.downgrade(empty_database_url, "base") is None
    with reading(empty) as connection:
        assert inspect(connection).get_table_names() in ([], ["alembic_version"])
    assert schema.current(empty) is None
    assert schema.upgrade(empty_database_url) == schema.head()
    schema.check_schema(empty)


def test_upgrading_twice_changes_nothing(engine: Engine, database_url: str) -> None:
    """A deployment may run the migration at every start."""
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO catalogue_state VALUES (1, 7)"))
    assert schema.upgrade(database_url) == schema.head()
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT revision FROM catalogue_state")) == 7


def test_migrations_make_what_the_tables_say(engine: Engine) -> None:
    """Alembic finds nothing to generate between the migrated database and the tables in code."""
    with reading(engine) as connection:
        # Alembic does not ask for which database an index is
        of_other = set() if connection.dialect.name == "postgresql" else ONLY_POSTGRESQL
        options = {"include_object": lambda _, name, *__: name not in of_other}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_migrations_make_the_same_checks_and_names(engine: Engine, empty_database_url: str) -> None:
    """Alembic does not compare checks and names; they are those of the tables in code too."""
    made = open_engine(empty_database_url, create=True)
    with writing(made) as connection:
        metadata.create_all(connection)
        from_code = shape(connection)
    made.dispose()
    with reading(engine) as connection:
        migrated = shape(connection)
    assert migrated == from_code


def test_every_revision_says_why_and_what_it_locks() -> None:
    """A revision explains itself, is numbered in order, and imports no product code."""
    files = sorted((Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))
    assert files
    for number, file in enumerate(files, start=1):
        code = file.read_text(encoding="utf-8")
        assert file.name.startswith(f"{number:04}_")
        assert "\nWhy: " in code
        assert "\nLocks: " in code
        assert "experiments" not in code


def test_a_database_without_a_schema_is_outdated(empty_database_url: str, empty: Engine) -> None:
    """An empty database is answered with the command that makes the tables."""
    schema.upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "base")
    with pytest.raises(SchemaOutdated, match="tierlift db upgrade") as caught:
        schema.check_schema(empty)
    assert (caught.value.found, caught.value.needed) == (None, schema.head())


def test_an_older_schema_is_outdated(engine: Engine, database_url: str) -> None:
    """A database that lacks a revision is refused with both revisions, and nothing is changed."""
    schema.downgrade(database_url, "0001")
    needed = rf"schema 0001.*needs {schema.head()}.*tierlift db upgrade"
    with pytest.raises(SchemaOutdated, match=needed):
        schema.check_schema(engine)
    assert schema.current(engine) == "0001"


def test_an_unknown_schema_is_newer(engine: Engine, database_url: str) -> None:
    """A database of a later version is neither used nor migrated."""
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaNewer, match="9999"):
        schema.check_schema(engine)
    with pytest.raises(SchemaNewer, match="9999"):
        schema.upgrade(database_url)
    with pytest.raises(SchemaNewer, match="9999"):
        schema.downgrade(database_url, "base")


def test_only_a_migration_makes_a_file(tmp_path: Path) -> None:
    """A mistyped path is told, never answered with an empty database."""
    url = f"sqlite:///{tmp_path / 'mistyped.db'}"
    engine = open_engine(url)
    with pytest.raises(DatabaseMissing, match="tierlift db upgrade"):
        schema.check_schema(engine)
    with pytest.raises(DatabaseMissing):
        schema.downgrade(url, "base")
    assert list(tmp_path.iterdir()) == []
    schema.upgrade(url)
    schema.check_schema(engine)
    engine.dispose()


def test_a_failed_migration_leaves_the_schema_as_it_was(
    empty_database_url: str, empty: Engine
) -> None:
    """A revision that fails half-way leaves no table behind, on SQLite too."""
    schema.upgrade(empty_database_url)
    schema.downgrade(empty_database_url, "base")
    with writing(empty) as connection:
        connection.execute(text("CREATE TABLE scorecards (id INTEGER)"))  # the last one made
    with pytest.raises(Exception, match="scorecards"):
        schema.upgrade(empty_database_url)
    with reading(empty) as connection:
        assert "campaigns" not in inspect(connection).get_table_names()
    assert schema.current(empty) is None


def test_processes_that_migrate_at_once_take_turns(empty_database_url: str) -> None:
    """Several servers may start on a new database together."""
    script = "import sys; from experiments.store import schema; print(schema.upgrade(sys.argv[1]))"
    started = [
        subprocess.Popen(  # noqa: S603  # this interpreter, our script
            [sys.executable, "-c", script, empty_database_url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=60) for process in started]
    assert answers == [(f"{schema.head()}\n", "")] * 3


def test_a_new_revision_gets_the_next_number(tmp_path: Path) -> None:
    """Developers start a revision with a command; the file asks for the why and the locks."""
    copy = tmp_path / "migrations"
    source = Path(migrations.__file__).parent
    for file in [*source.glob("*.py"), *source.glob("*.mako"), *source.glob("versions/*.py")]:
        target = copy / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "migrations", "add holdout"],
        check=True,
        cwd=tmp_path,
        capture_output=True,
    )
    made = next(copy.glob("versions/*_add_holdout.py"))
    assert made.name == f"{int(schema.head()) + 1:04}_add_holdout.py"
    assert "Why: " in made.read_text(encoding="utf-8")
