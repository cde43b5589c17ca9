"""Hands out the data behind a report: a notebook that computes it anew, and rows of members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from app.analysis import FactSource
from app.api.context import actor, present_key, wiring
from app.api.operation import operation
from app.api.requests import query_as
from app.auth import Scope
from app.auth.keys import allows
from app.errors import RowsElsewhere, SnapshotOutdated, UnknownSnapshot
from app.exporting.columns import FileFormat
from app.exporting.handing import handed
from app.exporting.notebook.bundle import BundleOrder, write_bundle
from app.exporting.notebook.sections import Form
from app.exporting.row_file import RowsOrder, write_rows
from app.language import Language, Words
from experiments.errors import ArchiveError, UnknownCampaign
from experiments.lifecycle import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

blueprint = APIBlueprint("exports", __name__, tag="Reports")

FAULTS = (UnknownCampaign, UnknownSnapshot, SnapshotOutdated, RowsElsewhere, ArchiveError)
ZIP = "application/zip"
MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}


class NotebookQuery(BaseModel):
    """Which notebook."""

    model_config = ConfigDict(extra="forbid")

    snapshot: Annotated[
        str | None,
        Field(
            min_length=6,
            max_length=64,
            description="The `snapshot_hash` of a stored scorecard, or its begin; the latest one "
            "by default.",
        ),
    ] = None
    data: Annotated[
        Form | None,
        Field(
            description="`rows` of members, which takes the scope `rows:read`, or the `sums` of "
            "their values; by default the most that the key may have."
        ),
    ] = None
    language: Annotated[Language, Field(description="Of its text.")] = Language.ENGLISH


class RowsQuery(BaseModel):
    """Which rows, and how they are written."""

    model_config = ConfigDict(extra="forbid")

    snapshot: Annotated[
        str | None,
        Field(
            min_length=6,
            max_length=64,
            description="As for the notebook.",
        ),
    ] = None
    format: Annotated[FileFormat, Field(description="How the file is written.")] = FileFormat.CSV


@blueprint.get("/v1/campaigns/<key>/notebook")
@operation(
    scope=Scope.REPORTS_READ, query=NotebookQuery, answer=None, files=(ZIP,), problems=FAULTS
)
def read_notebook(key: str) -> Response:
    """Give a Jupyter notebook that computes every figure of a stored scorecard again, offline.

    A ZIP with the notebook, the scorecard and its data. One with rows of members is written to the
    audit log.
    """
    query, parts, caller = query_as(NotebookQuery), wiring(), present_key()
    if query.data is Form.ROWS:
        caller.require(Scope.ROWS_READ)
    may_have_rows = allows(caller.scopes, Scope.ROWS_READ)
    form = query.data or (Form.ROWS if may_have_rows else Form.SUMS)
    order = BundleOrder(key, query.snapshot, form, Words(query.language))
    act, source = Act(parts.clock(), actor()), FactSource.of(parts.settings)
    bundle, content = handed(
        lambda path: write_bundle(parts.engine, order, path, act, source=source)
    )
    return _file(content, ZIP, bundle.name)


@blueprint.get("/v1/campaigns/<key>/rows")
@operation(
    scope=Scope.ROWS_READ,
    query=RowsQuery,
    answer=None,
    files=tuple(MEDIA_TYPES.values()),
    problems=FAULTS,
)
def read_rows(key: str) -> Response:
    """Give the members behind a stored scorecard, one row each, under pseudonyms.

    Segment values that too few share are `other`; the header `Rows-Coarsened` says in how many
    rows. Every export is written to the audit log.
    """
    query, parts = query_as(RowsQuery), wiring()
    order = RowsOrder(key, query.snapshot, query.format)
    act, source = Act(parts.clock(), actor()), FactSource.of(parts.settings)
    found, content = handed(lambda path: write_rows(parts.engine, order, path, act, source=source))
    answer = _file(content, MEDIA_TYPES[query.format], found.name)
    answer.headers["Rows-Coarsened"] = str(found.coarsened)
    return answer


def _file(content: Iterator[bytes], media_type: str, name: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
