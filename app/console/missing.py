"""Answers the addresses of the console at which there is nothing."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.exceptions import NotFound

from app.console.access import open_to

blueprint = Blueprint("missing", __name__)


@blueprint.get("/<path:rest>")
@open_to()
def nothing(rest: str) -> str:
    """Refuse.

    Raises:
        NotFound: Always.
    """
    del rest
    raise NotFound
