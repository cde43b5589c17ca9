"""Writes a scorecard as the tables of ``docs/tutorial/real-data.md``, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.realdata.agreement import finding_of, metric_of
from tests.realdata.oracle_ols import adjusted_by_ols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.realdata.oracle import Truth

PAGE: Final = Path(__file__).parents[2] / "docs/tutorial/real-data.md"


def share(value: float) -> str:
    """Give a share in per cent."""
    return f"{100 * value:.2f} %"


def number(value: float) -> str:
    """Give a mean of counts."""
    return f"{value:.4f}"


def money(pence: float) -> str:
    """Give pence as pounds."""
    return f"£{pence / 100:,.2f}"


def days(value: float) -> str:
    """Give a mean of days."""
    return f"{value:.2f}"


def signed(value: float, write: Callable[[float], str]) -> str:
    """Give a difference with its sign."""
    sign = "\N{MINUS SIGN}" if value < 0 else "+"
    return f"{sign}{write(abs(value))}"


FORMS: Final[dict[str, tuple[str, Callable[[float], str]]]] = {
    "repurchase_rate": ("repurchase rate", share),
    "purchase_frequency": ("orders per member", number),
    "spend_per_member": ("net revenue per member", money),
    "average_order_value": ("average order value", money),
    "refund_rate": ("refund rate", share),
    "large_basket_p90": ("90th percentile of net revenue", money),
    "repurchase_interval": ("days until the next order, of 180", days),
}
"""How each metric is called and written on the page."""


def member_lines(scorecard: dict[str, Any]) -> Iterator[str]:
    """Write the members per variant."""
    for row in scorecard["variants"]:
        yield f"| `{row['key']}` | {share(float(row['planned_share']))} | {row['units']} |"


def sample_ratio_line(scorecard: dict[str, Any]) -> str:
    """Write the sample-ratio check."""
    finding = finding_of(scorecard, "sample_ratio")
    return f"Sample ratio: {finding['severity']}, p = {finding['evidence']['p_value']:.4f}."


def value_lines(scorecard: dict[str, Any]) -> Iterator[str]:
    """Write each metric in each variant."""
    for key, (name, write) in FORMS.items():
        values = (write(row["value"]["estimate"]) for row in metric_of(scorecard, key)["variants"])
        yield f"| {name} | {' | '.join(values)} |"


def difference_lines(scorecard: dict[str, Any]) -> Iterator[str]:
    """Write each treatment against the control, with its interval, p-value and lift."""
    for key, (name, write) in FORMS.items():
        metric = metric_of(scorecard, key)
        yield from _comparison_lines(name, write, metric["comparisons"])
        if metric["capped"] is not None:
            at = f"{name}, capped at {write(metric['capped']['cap'])}"
            yield from _comparison_lines(at, write, metric["capped"]["comparisons"])


def _comparison_lines(
    name: str, write: Callable[[float], str], comparisons: list[dict[str, Any]]
) -> Iterator[str]:
    for one in comparisons:
        found = one["difference"]
        lift = signed(100 * one["lift"]["estimate"], "{:.1f} %".format)
        yield (
            f"| {name} | `{one['treatment']}` | {signed(found['estimate'], write)} "
            f"| {_span(found, write)} | {found['p_value']:.4f} | {lift} |"
        )


def _span(found: dict[str, Any], write: Callable[[float], str]) -> str:
    return f"{signed(found['ci_low'], write)} to {signed(found['ci_high'], write)}"


def adjusted_lines(scorecard: dict[str, Any], truth: Truth) -> Iterator[str]:
    """Write what earlier orders foretold, and by how much that lowers the variance."""
    for metric in scorecard["metrics"]:
        if metric["adjusted"] is None:
            continue
        name, write = FORMS[metric["key"]]
        by_ols = adjusted_by_ols(truth, metric["key"])
        reductions = {one["treatment"]: one["share"] for one in metric["adjusted"]["reductions"]}
        for one in metric["adjusted"]["comparisons"]:
            found, treatment = one["difference"], one["treatment"]
            yield (
                f"| {name} | `{treatment}` | {signed(found['estimate'], write)} "
                f"| {_span(found, write)} | {found['p_value']:.4f} "
                f"| {share(reductions[treatment])} | {share(by_ols.reduction(treatment))} |"
            )


def interaction_lines(scorecard: dict[str, Any]) -> Iterator[str]:
    """Write whether the effect on the OEC differs between the values of a segment."""
    for segment in metric_of(scorecard, scorecard["oec"]["metric"])["segments"]:
        for one in segment["interactions"]:
            test = one["test"]
            yield (
                f"| {segment['key']} | `{one['treatment']}` | {test['cells']} | {test['q']:.2f} "
                f"| {test['p_value']:.4f} | {one['adjusted_p_value']:.4f} |"
            )


def decision_lines(scorecard: dict[str, Any]) -> Iterator[str]:
    """Write the lifts that decide, and the verdict."""
    decided = {one["treatment"]: one for one in scorecard["decision"]["treatments"]}
    for one in scorecard["oec"]["treatments"]:
        lift, verdict = one["lift"], decided[one["treatment"]]
        interval = _span(lift, lambda value: f"{100 * value:.1f} %")
        yield (
            f"| `{one['treatment']}` | {signed(100 * lift['estimate'], '{:.1f} %'.format)} "
            f"| {interval} | {one['p_value']:.4f} | {one['adjusted_p_value']:.4f} "
            f"| `{verdict['verdict']}`, `{verdict['reason']}` |"
        )


def total_lines(scorecard: dict[str, Any]) -> Iterator[str]:
    """Write what all variants come to."""

    def total(key: str) -> int:
        return sum(row["numerator_total"] for row in metric_of(scorecard, key)["variants"])

    yield f"| orders | {total('purchase_frequency'):,} |"
    yield f"| refunded | {money(total('refund_rate'))} |"
    yield f"| net revenue | {money(total('spend_per_member'))} |"


def page_lines(scorecard: dict[str, Any], truth: Truth) -> list[str]:
    """Write everything that the page says of a scorecard, the regressions beside it."""
    return [
        *member_lines(scorecard),
        sample_ratio_line(scorecard),
        *value_lines(scorecard),
        *difference_lines(scorecard),
        *adjusted_lines(scorecard, truth),
        *interaction_lines(scorecard),
        *decision_lines(scorecard),
        *total_lines(scorecard),
    ]


def not_on_the_page(scorecard: dict[str, Any], truth: Truth) -> list[str]:
    """Give the lines that should be on the page and are not."""
    written = PAGE.read_text("utf-8").splitlines()
    return [line for line in page_lines(scorecard, truth) if line not in written]


def words_of_the_page() -> str:
    """Give the page without its line breaks."""
    return " ".join(PAGE.read_text("utf-8").split())
