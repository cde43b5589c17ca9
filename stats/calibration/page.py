"""Writes the page of a calibration, in Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stats.calibration.bar import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stats.calibration.run import Measurement
    from stats.calibration.study import Measured, Section

HEADER: Final = (
    "<!-- Written by `tierlift calibrate`, which `make calibrate` calls. Do not edit: it is "
    "overwritten. -->"
)

INTRODUCTION: Final = """\
# Do the tests keep their promises?

A test at 5 % promises to be wrong in 5 % of campaigns without an effect; a 95 % interval promises
to hold the truth in 95 %. Both are easily broken by a formula for other data, and nobody sees it
in a single campaign. So they are measured: worlds whose truth is known are drawn many thousand
times, and the methods that Tierlift offers judge every draw, by the same functions that make a
scorecard.

This page is the output of `make calibrate`. [How to calibrate](../how-to/calibrate.md) says how to
run it, and how to add a world or a test of your own; [the statistics](statistics.md) says what the
methods are.

## How to read the tables

*Share* is what the column says, over the runs that gave a result. *SE* is its Monte Carlo standard
error at the target: √(p·(100 % less p)/runs). *Bar* is what was asked **before** running:

| bar | met when |
|---|---|
| 5 % ± 3 SE | the share lies within three standard errors of 5 %, on either side |
| ≤ 5 % + 3 SE | it is not above 5 % by more than that |
| ≤ 5 % (conservative) | it is not above 5 % at all; the method is declared to be cautious |
| ≥ 94 % | it is not below 94 %; the nominal coverage is 95 % |
| none | there is none: the row shows a wrong use of a method, or where its approximation ends |

Three standard errors are left by chance in one row of 370, so in tables of this length a miss need
not mean a fault, nor a pass its absence; that is why the shares are printed, and not the verdicts
alone. A bar that is missed says **missed**; its remark says why, where that is known.
"""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and how a calibration was run.

    Attributes:
        command: What was typed.
        seed: Of all random numbers.
        scale: Share of the full number of runs.
        versions: Software by name.
        minutes: How long it took.
        processes: How many shared the work.
    """

    command: str
    seed: int
    scale: float
    versions: Sequence[tuple[str, str]]
    minutes: float
    processes: int


def page_of(
    sections: Sequence[Section],
    measurements: Sequence[Measurement],
    circumstances: Circumstances,
) -> str:
    """Give the whole page."""
    by_key = {measurement.study.key: measurement for measurement in measurements}
    lines = [HEADER, "", INTRODUCTION, *_summary(sections, by_key)]
    for section in sections:
        lines += [f"## {section.title}", "", section.text, ""]
        for study in section.studies:
            measurement = by_key[study.key]
            lines += [f"### {study.title}", ""]
            lines += [f"{measurement.rows[0].runs:,} runs."]
            lines += ["", *_table(section, measurement), *_remarks(measurement), ""]
    busy = sum(measurement.seconds for measurement in measurements) / 60
    lines += _circumstances(circumstances, busy)
    return "\n".join(lines) + "\n"


def _summary(sections: Sequence[Section], by_key: Mapping[str, Measurement]) -> Iterator[str]:
    yield "## In short"
    yield ""
    yield "| table | bars | met |"
    yield "|---|---:|---:|"
    missed = []
    for section in sections:
        measurements = [by_key[study.key] for study in section.studies]
        verdicts = [row.verdict() for m in measurements for row in m.rows]
        bars = len(verdicts) - verdicts.count(Verdict.SHOWN)
        yield f"| {section.title} | {bars} | {verdicts.count(Verdict.MET)} |"
        missed += [
            (m.study.title, row)
            for m in measurements
            for row in m.rows
            if row.verdict() is Verdict.MISSED
        ]
    yield ""
    if missed:
        yield "| missed | world | share | bar |"
        yield "|---|---|---:|---|"
    for title, row in missed:
        yield f"| {row.row.name} | {title} | {_percent(row.share)} | {row.row.bar.words} |"
    if missed:
        yield ""


def _table(section: Section, measurement: Measurement) -> Iterator[str]:
    undefined = any(row.undefined for row in measurement.rows)
    yield f"| method | {section.counted} | SE | bar | verdict |" + (
        " runs without a result |" if undefined else ""
    )
    yield "|---|---:|---:|---|---|" + ("---:|" if undefined else "")
    for row in measurement.rows:
        yield _line(row) + (f" {row.undefined:,} |" if undefined else "")


def _line(row: Measured) -> str:
    verdict = row.verdict()
    shown = f"**{verdict}**" if verdict is Verdict.MISSED else verdict.value
    error = row.row.bar.std_error(row.tally.defined) if row.tally.defined else 0.0
    return (
        f"| {row.row.name} | {_percent(row.share)} | {_percent(error)} | {row.row.bar.words} | "
        f"{shown} |"
    )


def _remarks(measurement: Measurement) -> Iterator[str]:
    remarks = [row.row for row in measurement.rows if row.row.remark or row.row.miss]
    if remarks:
        yield ""
    for row in remarks:
        yield f"- {row.name}: {'; '.join(filter(None, (row.remark, row.miss)))}."


def _circumstances(circumstances: Circumstances, busy_minutes: float) -> Iterator[str]:
    yield "## How it was made"
    yield ""
    yield "```console"
    yield f"$ {circumstances.command}"
    yield "```"
    yield ""
    full = "the full size" if circumstances.scale == 1 else f"{circumstances.scale:.3g} of the size"
    yield (
        f"Seed {circumstances.seed}, {full}, {busy_minutes:.1f} minutes of processor time; "
        f"{circumstances.minutes:.1f} minutes passed, with {circumstances.processes} processes. "
        "The counts depend on the seed and on the version of NumPy, not on the number of processes."
    )
    yield ""
    yield "| software | version |"
    yield "|---|---|"
    for name, version in circumstances.versions:
        yield f"| {name} | {version} |"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
