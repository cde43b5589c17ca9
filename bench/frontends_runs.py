"""What was measured of frontends: bars, and the runs of each subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Final

from load import load
from measurement import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from load import Load

CONNECTIONS: Final = 16
SLICE_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """What was asked for, and what came."""

    name: str
    figure: float
    wanted: float
    at_least: bool = True

    @property
    def is_met(self) -> bool:
        """Whether it holds."""
        return self.figure >= self.wanted if self.at_least else self.figure <= self.wanted


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a part, by subject and round."""

    loads: dict[str, dict[int, Load]] = field(default_factory=dict)

    def subject(
        self,
        name: str,
        port: int,
        requests: Callable[[int], Sequence[bytes]],
        *,
        connections: int = CONNECTIONS,
        seconds: float | None = SLICE_S,
        limits: tuple[str, ...] = (),
    ) -> Subject:
        """Give a subject that sends the requests of a round."""

        def run(number: int) -> float:
            came = load(port, requests(number), connections=connections, seconds=seconds)
            self.loads.setdefault(name, {})[number] = came
            return came.rate

        return Subject(name, run, limits)

    def detail(self, name: str) -> Mapping[str, float | str]:
        """Give the times of a subject."""
        runs = list(self.loads.get(name, {}).values())
        if not runs:
            return {}
        return {
            "median_ms": round(median(one.median_ms for one in runs), 2),
            "p99_ms": round(median(one.p99_ms for one in runs), 2),
            "client_core_share": round(median(one.client_core_share for one in runs), 2),
        }

    def p99_ratio(self, name: str, limit: str) -> float:
        """Give the median over the rounds of one subject's p99 over another's."""
        held = self.loads[limit]
        return median(one.p99_ms / held[number].p99_ms for number, one in self.loads[name].items())
