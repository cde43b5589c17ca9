"""What keeps the database from its work."""

from __future__ import annotations

from experiments.errors.fault import ExperimentError


class StoreError(ExperimentError):
    """The database cannot do its work; nothing was stored."""


class MalformedDatabaseUrl(StoreError):
    """A database address that cannot be understood."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database address {url!r} cannot be used: {reason}. "
            "Write sqlite:///path/to/tierlift.db or postgresql://user:password@host:5432/name."
        )


class DatabaseMissing(StoreError):
    """There is no database at the address, or nothing answers there."""

    def __init__(self, url: str, reason: str, way_out: str) -> None:
        self.url, self.reason, self.way_out = url, reason, way_out
        super().__init__(f"There is no usable database at {url}: {reason}. {way_out}")


class DatabaseLocked(StoreError):
    """Another process kept the database locked for longer than the busy timeout."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} stayed locked by another process ({reason}); nothing was stored. "
            "Try again, or find the process that holds a transaction open."
        )


class DatabaseFull(StoreError):
    """There is no room for what was to be written; its transaction was undone."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} has no room left ({reason}); nothing was stored. "
            "Make room on its disk; then what was refused can be sent again."
        )


class DatabaseFailed(StoreError):
    """The file of the database cannot be read or written; its transaction was undone."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} could not be read or written ({reason}); nothing was stored. "
            "See whether its disk has room, works and may be written to, then try again."
        )


class QueryTimedOut(StoreError):
    """A statement ran longer than the database allows; its transaction was undone."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} stopped a statement ({reason}); nothing was stored. "
            "Try again when it is less busy, or send less at once."
        )


class SchemaOutdated(StoreError):
    """The database has an older schema than this version needs."""

    def __init__(self, url: str, found: str | None, needed: str) -> None:
        self.url, self.found, self.needed = url, found, needed
        super().__init__(
            f"The database {url} has {f'schema {found}' if found else 'no schema yet'}; "
            f"this version needs {needed}. Run `tierlift db upgrade`."
        )


class SchemaNewer(StoreError):
    """The database has a schema that this version does not know."""

    def __init__(self, url: str, found: str, known: str) -> None:
        self.url, self.found, self.known = url, found, known
        super().__init__(
            f"The database {url} has schema {found}, which this version (up to {known}) does not "
            "know. Install the newer Tierlift that made it."
        )


class UnreadableDocument(StoreError):
    """A stored document that this version's rules refuse; nobody who asks can mend it."""

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"The stored {what} cannot be read by this version: {reason}.")
