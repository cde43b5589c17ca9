"""The HTTP face: one file per resource, put together here.

A resource is a file with a `blueprint`; it is served once it stands in `RESOURCES`. Its views read
with `app.api.requests`, call one use case, and answer with `app.api.answers`; `operation` admits
the caller and documents the view; faults are raised, and `app.errors` says how they are answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from apiflask import APIBlueprint, APIFlask
from werkzeug.routing import PathConverter

from app.api import (
    approvals,
    archive,
    assignments,
    audience,
    audit,
    campaigns,
    checklist,
    consent,
    conversions,
    docs,
    exports,
    exposures,
    flag_config,
    grants,
    health,
    member_data,
    members,
    memos,
    metric_definitions,
    metrics,
    offers,
    ofrep,
    openapi,
    privacy,
    problems,
    programme,
    progress,
    quarantine,
    reports,
    scorecards,
    share_links,
    templates,
    tracing,
    webhooks,
)
from app.api.context import EXTENSION, Running
from app.api.operation import SECURITY_SCHEMES
from app.auth import KeyRing
from app.front.opening import open_front
from app.front.outside import seen_from_outside
from app.settings import unknown_variables

if TYPE_CHECKING:
    from app.wiring import Wiring

RESOURCES: Final[tuple[APIBlueprint, ...]] = (
    offers.blueprint,
    progress.blueprint,
    ofrep.blueprint,
    flag_config.blueprint,
    exposures.blueprint,
    conversions.blueprint,
    grants.blueprint,
    members.blueprint,
    consent.blueprint,
    member_data.blueprint,
    privacy.blueprint,
    campaigns.blueprint,
    checklist.blueprint,
    approvals.blueprint,
    templates.blueprint,
    audience.blueprint,
    assignments.blueprint,
    quarantine.blueprint,
    scorecards.blueprint,
    memos.blueprint,
    share_links.blueprint,
    reports.blueprint,
    exports.blueprint,
    archive.blueprint,
    programme.blueprint,
    metric_definitions.blueprint,
    webhooks.blueprint,
    audit.blueprint,
    health.blueprint,
    metrics.blueprint,
)
"""Every resource, in the order in which the API page shows them."""

DESCRIPTION: Final = """\
Which upgrade offer makes which members climb a tier, and is it worth the money: fetch a member's
offer, report exposures and conversions, read the scorecard.

Every fault is answered as `application/problem+json`, with the values that were refused and a
`trace_id` that is also the header `X-Request-Id`. Facts are idempotent by the sender's id: sending
one again is answered as success and changes nothing.
"""


class AnyPath(PathConverter):
    """The rest of a path, whatever it holds: what is wrong with an id is said of the id."""

    regex = "(?s:.+?)"  # Werkzeug's own leaves out line breaks, and a slash at the beginning
    part_isolating = False


def build(wiring: Wiring) -> APIFlask:
    """Give the web application that runs on `wiring`."""
    app = APIFlask(
        "app",
        title="Tierlift API",
        version=health.VERSION,
        docs_path=None,
        json_errors=False,
    )
    app.config.update(
        MAX_CONTENT_LENGTH=wiring.settings.max_body_bytes,
        SEND_FILE_MAX_AGE_DEFAULT=3_600,
        DESCRIPTION=DESCRIPTION,
        LICENSE={"name": "MIT", "identifier": "MIT"},
        SECURITY_SCHEMES=SECURITY_SCHEMES,
        # Everything that an operation needs or answers is said by itself, in `openapi.complete`.
        AUTO_SERVERS=False,
        AUTO_200_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_OPERATION_ID=True,
    )
    # A member's id may hold two slashes in a row: a redirect to one would name another member.
    app.url_map.merge_slashes = False
    app.url_map.converters["path"] = AnyPath
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    key_ring = KeyRing(wiring.engine, settings=wiring.settings)
    front = open_front(app.wsgi_app, wiring, key_ring)
    app.extensions[EXTENSION] = Running(wiring, key_ring, front)
    outside = seen_from_outside(front, wiring.settings)
    app.wsgi_app = outside  # type: ignore[assignment, method-assign]  # how Flask says to wrap it
    tracing.register(app, wiring.log)
    problems.register(app)
    for resource in (*RESOURCES, docs.blueprint):
        app.register_blueprint(resource)
    app.spec_processor(openapi.complete)
    for message in unknown_variables():
        wiring.log.warning("unknown_variable", message=message)
    return app
