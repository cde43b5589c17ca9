"""Tells a supervisor whether this process lives, and whether it can do its work."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.answers import json_answer
from app.api.context import wiring
from app.api.operation import operation
from app.errors import CatalogueStale
from experiments.errors import DatabaseLocked, DatabaseMissing, SchemaNewer, SchemaOutdated

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("health", __name__, tag="Health")


def _installed_version() -> str:
    try:
        return version("tierlift")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"


VERSION: Final = _installed_version()

LATEST_S: Final = 1.0
"""Campaigns of this age are always fresh enough: they are looked at several times a second."""


class Health(BaseModel):
    """A process that can answer."""

    status: Literal["ok"] = "ok"
    version: str = Field(description="The version of Tierlift that answers.")


@blueprint.get("/healthz")
@operation(scope=None, answer=Health)
def healthz() -> Response:
    """Tell whether the process is alive.

    It says nothing of the database: restarting the process would not help with that.
    """
    return json_answer(Health(version=VERSION))


@blueprint.get("/readyz")
@operation(
    scope=None,
    answer=Health,
    problems=(DatabaseMissing, DatabaseLocked, SchemaOutdated, SchemaNewer, CatalogueStale),
)
def readyz() -> Response:
    """Tell whether requests can be answered.

    The database is there with the schema it needs, and the campaigns that this process answers from
    are those that it holds. Anything else is answered with a problem that names what is wrong and
    what would do.
    """
    parts = wiring()
    parts.check_database()
    watch = parts.serving.watch
    watch.listing()
    if watch.age_s > max(parts.settings.stale_s, LATEST_S):
        raise CatalogueStale(watch.age_s)
    return json_answer(Health(version=VERSION))
