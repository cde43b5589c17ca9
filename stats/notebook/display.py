"""How results look in a notebook: HTML without any script, style sheet or font from elsewhere.

Every text is escaped; the same rows make the plain text of a terminal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from stats.checks.finding import Finding, Severity
from stats.notebook.effect import Effect, EstimateKind, Level
from stats.notebook.numerals import difference_text, lift_text, number_text, p_text
from stats.scorecard import Scorecard, State

CELL = "padding:3px 10px;text-align:left;border-bottom:1px solid #dbe1e7"
BOX = "font-family:system-ui,sans-serif;font-size:13px;line-height:1.45"
MUTED = "color:#55616e"
GAP = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, sentences and a table; each may be absent."""

    heading: str
    lines: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A title and blocks under it."""

    title: str
    blocks: tuple[Block, ...]

    def html(self) -> str:
        """Write it as HTML."""
        parts = [f"<h3>{escape(self.title)}</h3>"]
        for block in self.blocks:
            if block.heading:
                parts.append(f"<h4>{escape(block.heading)}</h4>")
            parts += [f'<p style="{MUTED}">{escape(line)}</p>' for line in block.lines]
            if block.rows:
                parts.append(_table(block))
        return f'<div style="{BOX}">{"".join(parts)}</div>'

    def text(self) -> str:
        """Write it as plain text."""
        lines = [self.title, "=" * len(self.title)]
        for block in self.blocks:
            lines.append("")
            lines += [block.heading] if block.heading else []
            lines += block.lines
            if block.rows:
                lines += _columns((block.header, *block.rows))
        return "\n".join(lines)


def _table(block: Block) -> str:
    head = "".join(f'<th scope="col" style="{CELL}">{escape(one)}</th>' for one in block.header)
    rows = "".join(
        "<tr>" + "".join(f'<td style="{CELL}">{escape(one)}</td>' for one in row) + "</tr>"
        for row in block.rows
    )
    return (
        f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    space = " " * GAP
    return [
        space.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def scorecard_page(
    scorecard: Scorecard, effects: Sequence[Effect], levels: Sequence[Level]
) -> Page:
    """Lay out a scorecard: verdict, findings, units, comparisons, segments."""
    share = {row.key: row.planned_share for row in scorecard.variants}
    units = Block(
        "Units",
        header=("variant", "units", "exposures", "planned share"),
        rows=tuple(
            (
                f"{row.key} (control)" if row.is_control else row.key,
                f"{row.units:,}",
                f"{row.exposures:,}",
                "none" if share[row.key] is None else f"{float(share[row.key] or 0):.2%}",
            )
            for row in scorecard.variants
        ),
    )
    return Page(
        f"{scorecard.campaign}: scorecard as of {scorecard.as_of:%Y-%m-%d %H:%M} UTC",
        (
            _verdict(scorecard),
            finding_block(scorecard.findings),
            units,
            *effect_blocks(effects, levels),
            *_waiting(scorecard),
        ),
    )


def _verdict(scorecard: Scorecard) -> Block:
    decision = scorecard.decision
    if decision is None:
        return Block("Verdict", ("The scorecard has none.",))
    words = f"{decision.verdict.value}: {decision.reason.value}".replace("_", " ")
    which = "" if decision.treatment is None else f" ({decision.treatment})"
    return Block("Verdict", (words.capitalize() + which + ".",))


def finding_block(findings: Sequence[Finding]) -> Block:
    """Give the table of findings that did not pass."""
    shown = [one for one in findings if one.severity is not Severity.PASSED]
    passed = len(findings) - len(shown)
    return Block(
        "Trust checks",
        (f"{passed} of {len(findings)} passed.",),
        ("severity", "finding", "detail"),
        tuple((one.severity.value, one.title, one.detail) for one in shown),
    )


def effect_blocks(effects: Sequence[Effect], levels: Sequence[Level]) -> tuple[Block, ...]:
    """Give the table of comparisons of all units, then one per segment."""
    whole = [one for one in effects if one.segment is None]
    known = {(one.metric, one.variant): one for one in levels}
    blocks = [
        Block(
            "Comparisons",
            () if whole else ("Nothing can be compared yet.",),
            (
                "metric",
                "estimate",
                "treatment",
                "of the control",
                "of the treatment",
                "difference",
                "p",
                "lift",
            ),
            tuple(_row(one, known.get((one.measure.key, one.control))) for one in whole),
        )
    ]
    segments = dict.fromkeys(one.segment for one in effects if one.segment is not None)
    for segment in segments:
        within = [one for one in effects if one.segment == segment]
        blocks.append(
            Block(
                f"By {segment} (exploratory)",
                (),
                ("metric", "value", "treatment", "units", "difference", "lift"),
                tuple(
                    (
                        one.measure.name,
                        one.value or "",
                        one.treatment,
                        f"{one.control_units:,} and {one.treatment_units:,}",
                        difference_text(one) if one.difference is not None else one.sentence,
                        lift_text(one),
                    )
                    for one in within
                ),
            )
        )
    return tuple(blocks)


def _row(effect: Effect, control: Level | None) -> tuple[str, ...]:
    before = effect.control_value
    if before is None and control is not None and effect.estimate is EstimateKind.RAW:
        before = control.value
    return (
        effect.measure.name,
        effect.estimate.value,
        effect.treatment,
        number_text(effect.measure, before),
        number_text(effect.measure, effect.treatment_value),
        difference_text(effect) if effect.difference is not None else effect.sentence,
        p_text(effect.p_value),
        lift_text(effect),
    )


def _waiting(scorecard: Scorecard) -> tuple[Block, ...]:
    lines = tuple(
        f"{one.definition.name}: {one.sentence}"
        for one in scorecard.metrics
        if one.state is not State.READY
    )
    return (Block("Not ready", lines),) if lines else ()
