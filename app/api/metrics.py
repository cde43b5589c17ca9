"""Shows what the processes of this server do, in the form that Prometheus collects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from app.api.context import running
from app.api.health import VERSION
from app.api.operation import operation
from app.auth import Scope
from experiments.errors import StoreError
from experiments.quarantining import open_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.wiring import Wiring

PLAIN: Final = "text/plain"
OPENMETRICS: Final = "application/openmetrics-text"

blueprint = APIBlueprint("metrics", __name__, tag="Health")


@blueprint.get("/metrics")
@operation(scope=Scope.METRICS_READ, answer=None, files=(PLAIN, OPENMETRICS))
def read_metrics() -> Response:
    """Show what the processes of this server have done, for Prometheus.

    Whichever process is asked answers for all. The header `Accept` chooses the form: the text of
    Prometheus, or OpenMetrics.
    """
    parts, monitor = running().wiring, running().front.monitor
    text, media_type = monitor.text(
        _quarantined(parts), VERSION, accept=request.headers.get("Accept", "")
    )
    return Response(text, content_type=media_type)


def _quarantined(parts: Wiring) -> Mapping[str, int]:
    """Give the open items by kind, where the database can be asked."""
    try:
        return {str(kind): number for kind, number in open_items(parts.engine).items()}
    except (StoreError, SQLAlchemyError):
        return {}  # what this process knows by itself is wanted most just then
