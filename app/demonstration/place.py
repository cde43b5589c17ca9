"""Decides where the demonstration lives, and whether what lies there can be used again.

It has a directory of its own and touches nothing outside. Everything is made beside its final place
and moved there when complete; ``demonstration.json`` says that it is, and is written last. Whatever
a crash leaves behind is therefore either not there or known to be incomplete, and is made anew.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from app.auth import Scope, create_key
from app.auth.administering import new_password
from app.auth.people import create_user
from app.auth.roles import Role
from app.demonstration.loading import load
from app.demonstration.reporting import REPORTED, write_reports
from app.errors import StartRefused
from experiments.errors import StoreError
from experiments.store import schema
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from app.demonstration.playing import Progress
    from app.demonstration.programme import DemonstrationPlan

DATABASE: Final = "tierlift.db"
KEYS: Final = "keys.json"
USERS: Final = "users.json"
TRUTH: Final = "truth.json"
REPORTS: Final = "reports"
MANIFEST: Final = "demonstration.json"
FORMAT: Final = 5
"""Raised whenever another version of the program would load other things."""

_BUILDING: Final = ".loading-"
_ABANDONED_S: Final = 3_600
_SCOPES: Final[Mapping[str, tuple[Scope, ...]]] = {
    "frontend": (Scope.OFFERS_READ, Scope.EVENTS_WRITE),
    "backend": (
        Scope.MEMBERS_WRITE,
        Scope.EVENTS_WRITE,
        Scope.FLAGS_READ,
        Scope.GRANTS_WRITE,
        Scope.CONSENT_WRITE,
    ),
    "marketer": (Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE, Scope.MEMBERS_READ),
    "approver": (Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_APPROVE),
    "analyst": (
        Scope.REPORTS_READ,
        Scope.REPORTS_WRITE,
        Scope.ROWS_READ,
        Scope.QUARANTINE_WRITE,
        Scope.GRANTS_READ,
    ),
    "operator": (
        Scope.METRICS_READ,
        Scope.WEBHOOKS_WRITE,
        Scope.MEMBERS_EXPORT,
        Scope.PRIVACY_WRITE,
        Scope.PROGRAMME_WRITE,
        Scope.USERS_WRITE,
        Scope.KEYS_WRITE,
        Scope.AUDIT_READ,
    ),
}


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key of the demonstration, kept so that it can be printed again.

    Attributes:
        name: Who would use it.
        scopes: What it may do.
        text: The whole key.
    """

    name: str
    scopes: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ShownUser:
    """Somebody who can sign in to the demonstration's console.

    Attributes:
        email: By which they do.
        password: The demonstration's own, kept so that it can be printed again.
    """

    email: str
    role: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A demonstration that is ready.

    Attributes:
        directory: Where everything is.
        loaded_at: When it was loaded.
        end: The moment after its last fact.
        reused: Whether it was there already.
        newcomer: A member whom the running campaign admits and nobody has exposed yet.
        variant: The variant that this member gets.
        keys: In the order in which they are shown.
        users: Likewise, one a role.
    """

    directory: Path
    loaded_at: datetime
    end: datetime
    reused: bool
    newcomer: str
    variant: str
    keys: tuple[ShownKey, ...]
    users: tuple[ShownUser, ...]

    @property
    def reports(self) -> tuple[Path, ...]:
        """Where the reports are."""
        return tuple(self.directory / REPORTS / f"{key}.html" for key in REPORTED)

    @property
    def database_url(self) -> str:
        """The address of its database."""
        return url_of(self.directory)

    def key(self, name: str) -> str:
        """Give the text of a key.

        Raises:
            KeyError: There is none of this name.
        """
        return {key.name: key.text for key in self.keys}[name]


def url_of(directory: Path) -> str:
    """Give the address of the database in a directory."""
    return f"sqlite:///{directory.resolve() / DATABASE}"


def prepare(
    directory: Path,
    plan: DemonstrationPlan,
    *,
    now: datetime,
    progress: Progress,
    fresh: bool = False,
) -> Demonstration:
    """Give the demonstration in a directory, loaded if it is not there complete.

    Args:
        directory: Its own; made where it does not exist.
        plan: What to load. One of another day is used again, one of other members or seed is not.
        now: Aware UTC.
        progress: Told how far the loading is.
        fresh: Load it anew, whatever is there.

    Raises:
        StartRefused: The directory has a database that is not the demonstration's.
    """
    found = _manifest(directory)
    if found is None and (directory / DATABASE).exists():
        message = (
            f"{directory / DATABASE} is not a database of the demonstration, so it is left alone. "
            "Choose another directory with --directory."
        )
        raise StartRefused(message)
    if not fresh and found is not None and _is_usable(directory, found, plan):
        return _read(directory, found, reused=True)
    directory.mkdir(parents=True, exist_ok=True)
    _sweep(directory)
    with tempfile.TemporaryDirectory(dir=directory, prefix=_BUILDING) as made:
        manifest = _build(Path(made), plan, now, progress)
        _move(Path(made), directory, manifest)
    return _read(directory, manifest, reused=False)


def _build(
    directory: Path, plan: DemonstrationPlan, now: datetime, progress: Progress
) -> dict[str, Any]:
    url = url_of(directory)
    schema.upgrade(url)
    engine = open_engine(url)
    try:
        loaded = load(engine, plan, progress)
        keys, users = _make_keys(engine, now), _make_users(engine, now)
        progress("Reports are written", 0, 1)
        write_reports(engine, directory / REPORTS, now)
        progress("Reports are written", 1, 1)
    finally:
        engine.dispose()  # the last connection to close takes the write-ahead log into the file
    (directory / TRUTH).write_bytes(orjson.dumps(loaded.truth, option=orjson.OPT_INDENT_2) + b"\n")
    _write_private(directory / KEYS, keys)
    _write_private(directory / USERS, users)
    return {
        "format": FORMAT,
        "members": plan.members,
        "seed": plan.seed,
        "end": plan.end.isoformat(),
        "loaded_at": now.isoformat(),
        "newcomer": loaded.newcomer,
        "variant": loaded.variant,
    }


def _make_keys(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    made = [create_key(engine, name, scopes, now) for name, scopes in _SCOPES.items()]
    return [{"name": key.name, "scopes": sorted(key.scopes), "key": key.text} for key in made]


def _make_users(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """Make somebody of every role, by passwords of this demonstration alone."""
    made = []
    for role in Role:
        email, password = f"{role}@harbour.example", new_password()
        create_user(
            engine, email, role.title(), role, password, now, must_change_password=False
        )  # fmt: skip
        made.append({"email": email, "role": str(role), "password": password})
    return made


def _write_private(path: Path, document: object) -> None:
    """Write a file that nobody else may read, at no moment."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _move(made: Path, directory: Path, manifest: dict[str, Any]) -> None:
    """Put what was made in place of what was there; until the end it counts as incomplete."""
    _write_manifest(directory, manifest | {"complete": False})
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        # the log of the old database must never be read into the new one
        (directory / name).unlink(missing_ok=True)
    shutil.rmtree(directory / REPORTS, ignore_errors=True)
    for name in (DATABASE, KEYS, USERS, TRUTH, REPORTS):
        (made / name).replace(directory / name)
    _write_manifest(directory, manifest | {"complete": True})


def _write_manifest(directory: Path, manifest: dict[str, Any]) -> None:
    waiting = directory / f"{MANIFEST}.new"
    waiting.write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    waiting.replace(directory / MANIFEST)


def _manifest(directory: Path) -> dict[str, Any] | None:
    try:
        manifest = orjson.loads((directory / MANIFEST).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
    return manifest if isinstance(manifest, dict) else None


def _is_usable(directory: Path, manifest: dict[str, Any], plan: DemonstrationPlan) -> bool:
    """Say whether what lies there is complete, of this version, and what was asked for."""
    wanted = {"complete": True, "format": FORMAT, "members": plan.members, "seed": plan.seed}
    if any(manifest.get(name) != value for name, value in wanted.items()):
        return False
    if not all((directory / name).exists() for name in (DATABASE, KEYS, USERS, TRUTH, REPORTS)):
        return False
    engine = open_engine(url_of(directory))
    try:
        schema.check_schema(engine)
    except StoreError:
        return False
    finally:
        engine.dispose()
    return True


def _read(directory: Path, manifest: dict[str, Any], *, reused: bool) -> Demonstration:
    keys = orjson.loads((directory / KEYS).read_bytes())
    users = orjson.loads((directory / USERS).read_bytes())
    return Demonstration(
        directory=directory,
        loaded_at=datetime.fromisoformat(manifest["loaded_at"]),
        end=datetime.fromisoformat(manifest["end"]),
        reused=reused,
        newcomer=manifest["newcomer"],
        variant=manifest["variant"],
        keys=tuple(ShownKey(key["name"], tuple(key["scopes"]), key["key"]) for key in keys),
        users=tuple(ShownUser(one["email"], one["role"], one["password"]) for one in users),
    )


def _sweep(directory: Path) -> None:
    """Remove what a process that was killed left half-loaded."""
    for left in directory.glob(f"{_BUILDING}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)
