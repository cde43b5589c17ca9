"""Puts the front together: everything that one application answers frontends from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from app.auth import RateLimiter
from app.auth.member_token import MemberTokens
from app.auth.override import Overrides
from app.front.access_log import AccessLog
from app.front.admission import Admission
from app.front.climbs import Progresses
from app.front.desk import Desk
from app.front.flags import Flags
from app.front.front import Front
from app.front.origins import Origins
from app.front.queues import Queues
from app.front.shapes import Shapes
from app.monitoring import Monitor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from app.auth import KeyRing
    from app.wiring import Wiring


def open_front(inner: WSGIApplication, wiring: Wiring, key_ring: KeyRing) -> Front:
    """Give the front of an application.

    Args:
        inner: What answers everything else.
        wiring: What the application runs on.
        key_ring: Knows the API keys.
    """
    settings = wiring.settings
    admission = Admission(
        key_ring, MemberTokens(settings, wiring.log), RateLimiter(settings.workers)
    )
    shapes, overrides = Shapes(), Overrides(wiring.engine, wiring.log)
    log = AccessLog(sys.stderr, settings.log_format)
    monitor = Monitor(Queues(wiring, log), settings.monitoring_folder, wiring.log)
    desk = Desk(
        wiring=wiring,
        serving=wiring.serving,
        admission=admission,
        signed=overrides,
        shapes=shapes,
        flags=Flags(shapes),
        progresses=Progresses(wiring.serving.watch),
        monitor=monitor,
    )
    return Front(inner, desk, Origins(settings.browser_origins), log)
