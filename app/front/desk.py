"""What the endpoints of the front run on; made once for each application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.auth.override import Overrides
    from app.front.admission import Admission
    from app.front.climbs import Progresses
    from app.front.exchange import Call
    from app.front.flags import Flags
    from app.front.shapes import Shapes
    from app.monitoring import Monitor
    from app.wiring import Wiring
    from experiments.serving import OfferAnswer, Serving


@dataclass(frozen=True, slots=True)
class Desk:
    """What one process answers frontends from.

    Attributes:
        wiring: Settings, engine, clock and log.
        serving: Campaigns, members and assignments, as this process knows them.
        admission: Who may ask.
        signed: Reads signed overrides.
        shapes: Offers as JSON.
        flags: Flags as JSON.
        progresses: How far members are, as JSON.
        monitor: Counts what is done.
    """

    wiring: Wiring
    serving: Serving
    admission: Admission
    signed: Overrides
    shapes: Shapes
    flags: Flags
    progresses: Progresses
    monitor: Monitor

    def overrides(self, call: Call, given: str, member_id: str) -> Mapping[str, str]:
        """Give the variants that a signed override asks to look at, by campaign.

        A forged or expired one is ignored, and the log says so.
        """
        token = given or call.header("X_TIERLIFT_OVERRIDE")
        if not token:
            return {}
        return self.signed.variants(token, member_id, call.now)

    def observed(self, answers: Sequence[OfferAnswer]) -> None:
        """Count the offers that a request was answered with."""
        self.monitor.tally.evaluated(answers)
