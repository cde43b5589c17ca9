"""What the running application and the present request carry; the only place that looks it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from flask import current_app, g

if TYPE_CHECKING:
    from app.auth import AdmittedKey, KeyRing
    from app.front.front import Front
    from app.wiring import Wiring

EXTENSION: Final = "tierlift"


@dataclass(frozen=True, slots=True)
class Running:
    """What one application runs on.

    Attributes:
        wiring: Settings, engine, clock and log.
        key_ring: Knows who may do what.
        front: Answers the addresses that frontends call often.
    """

    wiring: Wiring
    key_ring: KeyRing
    front: Front


def running() -> Running:
    """Give what the application of this request runs on."""
    return cast("Running", current_app.extensions[EXTENSION])


def wiring() -> Wiring:
    """Give the settings, engine, clock and log of this application."""
    return running().wiring


def trace_id() -> str:
    """Give the id under which this request is logged and answered."""
    return str(g.get("trace_id", ""))


def actor() -> str:
    """Name who asks, for histories and the audit log; only behind a scope."""
    return f"key {present_key().key_id}"


def present_key() -> AdmittedKey:
    """Give the API key that this request was admitted with; only behind a scope."""
    return cast("AdmittedKey", g.api_key)
