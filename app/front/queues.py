"""Tells how long the queues of a process are, for its monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.store.group_commit import group_commit

if TYPE_CHECKING:
    from app.front.access_log import AccessLog
    from app.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of one application; asked at any moment, by any thread."""

    wiring: Wiring
    log: AccessLog

    def writes_waiting(self) -> int:
        """Give how many requests wait to be committed: assignments and events."""
        wiring = self.wiring
        return wiring.serving.commits.waiting + group_commit(wiring.engine).waiting

    def events_in_work_bytes(self) -> int:
        """Give the size of the bodies of events in work."""
        return self.wiring.events_gate.inside_bytes

    def log_lines_waiting(self) -> int:
        """Give how many lines wait to be written."""
        return self.log.waiting

    def log_lines_dropped(self) -> int:
        """Give how many lines were not written."""
        return self.log.dropped

    def catalogue_age_s(self) -> float:
        """Give how long ago the store confirmed the campaigns."""
        return self.wiring.serving.watch.age_s
