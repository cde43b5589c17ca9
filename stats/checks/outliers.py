"""Do a few units hold most of a metric's total?

Where one unit holds a share s of the total of two equal variants, its variant's total is 2s of the
other one's higher for that alone: the result is decided by where one unit happened to fall, and the
normal approximation behind every interval asks that no unit matters (Lindeberg's condition).

For the top 1 % the yardstick is the 80/20 law. Under a Pareto tail the top part q of the units with
a value holds q^(1 - 1/a) of the total; the law that 20 % hold 80 % has a = log 5 / log 4 = 1.16. A
tail that heavy has no variance (that takes a > 2), so means over it do not settle down.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from stats.aggregation.aggregates import Aggregates, MetricAggregates
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, MetricInUse, RandomizationUnit
from stats.sentence import in_turn, said, unit_of, units_of

ONE_UNIT: Final = 0.05
"""Share of the total from which one unit is too many: it moves a lift of two variants by 0.1."""
TIMES_EVEN: Final = 10
"""And so many times what it would hold if all who have a value had the same: few is not uneven."""
PARETO_INDEX: Final = math.log(5) / math.log(4)
"""Tail of the 80/20 law."""


@dataclass(frozen=True, slots=True)
class Dominance:
    """A metric of which a few units hold more than they should."""

    metric: MetricInUse
    sentence: str


def check_outliers(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Compare the shares of the highest units with what a mean can bear."""
    shares: dict[str, float | None] = {}
    dominated: list[Dominance] = []
    judged = 0
    kind_of_unit = plan.randomization_unit
    rows = {row.key: row for row in aggregates.metrics}
    for metric in plan.metrics:
        row, kind = rows.get(metric.key), metric.definition.kind
        if row is None or kind is MetricKind.PROPORTION or not kind.is_summed:
            continue  # of a proportion a unit holds 0 or 1; quantiles and survival have no total
        shares |= {f"{row.key}: top {top.units}": top.share for top in row.top_shares}
        judged += any(top.share is not None for top in row.top_shares)
        sentences = list(_sentences(kind_of_unit, metric, row))
        if sentences:
            dominated.append(Dominance(metric, in_turn(sentences)))
    evidence: Evidence = {
        "shares": shares,
        "metrics": ", ".join(one.metric.key for one in dominated),
    }
    if dominated:
        open_ = [one for one in dominated if one.metric.cap is None]
        return Finding(
            FindingCode.OUTLIERS,
            Severity.WARNING if open_ else Severity.NOTICE,
            said("A few units hold most of a total"),
            in_turn(one.sentence for one in dominated),
            said(
                "Read these results with the highest values in mind, and declare a cap "
                "in the plan of the next campaign, before it starts."
            )
            if open_
            else said("Read the capped results, which stand beside the raw ones."),
            evidence,
        )
    if not judged:
        return Finding.not_checked(
            FindingCode.OUTLIERS,
            said("Outliers"),
            said(
                "No metric adds up amounts or counts to a total above 0, so there is "
                "nothing that a few units could hold."
            ),
            evidence=evidence,
        )
    return Finding(
        FindingCode.OUTLIERS,
        Severity.PASSED,
        said("No unit dominates"),
        said("No metric's total rests on a few units."),
        "",
        evidence,
    )


def _sentences(
    unit: RandomizationUnit, metric: MetricInUse, row: MetricAggregates
) -> Iterator[str]:
    units = sum(one.summary.n for one in row.variants)
    nonzero = sum(
        one.summary.n if one.nonzero_units is None else one.nonzero_units for one in row.variants
    )
    name = metric.definition.name or metric.key
    for top in row.top_shares:
        if top.share is None:
            continue
        if top.units == 1:
            if top.share >= ONE_UNIT and top.share * nonzero >= TIMES_EVEN:
                yield said(
                    "One {noun} holds {share} of the total of {name}.",
                    noun=unit_of(unit),
                    share=f"{top.share:.0%}",
                    name=name,
                )
        elif top.units < nonzero and top.share > _bearable(top.units / nonzero):
            yield (
                said(
                    "The top {top} of {units} {noun} hold {share} of the total of "
                    "{name}, more than the 80/20 law gives.",
                    top=top.units,
                    units=units,
                    noun=units_of(unit),
                    share=f"{top.share:.0%}",
                    name=name,
                )
            )


def _bearable(part: float) -> float:
    return float(part ** (1 - 1 / PARETO_INDEX))
