"""Runs studies on all cores; the result depends on the seed alone."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stats.calibration.study import Measured, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stats.calibration.study import Section, Study


@dataclass(frozen=True, slots=True)
class Measurement:
    """A study with what came out.

    Attributes:
        study: What was asked.
        rows: What was measured, in the order of its rows.
        seconds: Processor time it took.
    """

    study: Study
    rows: tuple[Measured, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Job:
    """Some runs of one study.

    Attributes:
        study: Its key.
        chunk: Which part.
        runs: How many.
        seed: Of the whole calibration.
    """

    study: str
    chunk: int
    runs: int
    seed: int

    def generator(self) -> np.random.Generator:
        """Give the random numbers of this part, whoever draws them and when."""
        digest = hashlib.sha256(self.study.encode()).digest()
        entropy = [self.seed, int.from_bytes(digest[:16], "big")]
        sequence = np.random.SeedSequence(entropy, spawn_key=(self.chunk,))
        return np.random.Generator(np.random.PCG64(sequence))


def run_job(job: Job) -> tuple[tuple[Tally, ...], float]:
    """Draw and count one part; also tell the processor time in seconds."""
    from time import process_time  # noqa: PLC0415  # runs in a process of its own

    # deferred: the catalogue names everything that is calibrated
    from stats.calibration.catalogue import STUDIES  # noqa: PLC0415  # as said above

    began = process_time()
    tallies = STUDIES[job.study].tally(job.generator(), job.runs)
    return tallies, process_time() - began


def jobs_of(study: Study, *, seed: int, scale: float) -> list[Job]:
    """Divide a study, or a share of its runs, into jobs."""
    runs = max(1, round(study.runs * scale))
    return [Job(study.key, at, some, seed) for at, some in enumerate(study.chunks(runs))]


def measure(
    sections: Sequence[Section],
    *,
    seed: int,
    scale: float = 1.0,
    processes: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Measurement, ...]:
    """Run every study of some sections.

    Args:
        sections: Which.
        seed: Of all random numbers: the same seed gives the same counts on any number of cores.
        scale: Share of the runs; 1 is the full size.
        processes: How many; 1 stays in this process, None takes one for each core.
        progress: Is told the share of the runs that are done.
    """
    studies = [study for section in sections for study in section.studies]
    jobs = [job for study in studies for job in jobs_of(study, seed=seed, scale=scale)]
    tallies: dict[str, tuple[Tally, ...]] = {}
    seconds: dict[str, float] = {}
    results = zip(jobs, _results(jobs, processes), strict=True)
    for done, (job, (counted, took)) in enumerate(results, start=1):
        before = tallies.get(job.study, (Tally(),) * len(counted))
        tallies[job.study] = tuple(a + b for a, b in zip(before, counted, strict=True))
        seconds[job.study] = seconds.get(job.study, 0.0) + took
        progress(done / len(jobs))
    return tuple(
        Measurement(
            study,
            tuple(
                Measured(row, tally, max(1, round(study.runs * scale)))
                for row, tally in zip(study.rows, tallies[study.key], strict=True)
            ),
            seconds[study.key],
        )
        for study in studies
    )


def _results(
    jobs: Sequence[Job], processes: int | None
) -> Iterator[tuple[tuple[Tally, ...], float]]:
    if processes == 1:
        yield from map(run_job, jobs)
        return
    # matrices here are small: threads that share one out only wait for each other
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # spawned, not forked: libraries that have started threads do not survive a fork
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=context) as pool:
        yield from pool.map(run_job, jobs)
