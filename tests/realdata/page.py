"""Writes a scorecard as the tables of ``docs/tutorial/real-data.md``, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.realdata.agreement import finding_of, metric_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        for one in metric_of(scorecard, key)["comparisons"]:
            found = one["difference"]
            low, high = signed(found["ci_low"], write), signed(found["ci_high"], write)
            lift = signed(100 * one["lift"]["estimate"], "{:.1f} %".format)
            yield (
                f"| {name} | `{one['treatment']}` | {signed(found['estimate'], write)} "
                f"| {low} to {high} | {found['p_value']:.4f} | {lift} |"
            )


def total_lines(scorecard: dict[str, Any]) -> Iterator[str]:
    """Write what all variants come to."""

    def total(key: str) -> int:
        return sum(row["numerator_total"] for row in metric_of(scorecard, key)["variants"])

    yield f"| orders | {total('purchase_frequency'):,} |"
    yield f"| refunded | {money(total('refund_rate'))} |"
    yield f"| net revenue | {money(total('spend_per_member'))} |"


def page_lines(scorecard: dict[str, Any]) -> list[str]:
    """Write everything that the page says of a scorecard."""
    return [
        *member_lines(scorecard),
        sample_ratio_line(scorecard),
        *value_lines(scorecard),
        *difference_lines(scorecard),
        *total_lines(scorecard),
    ]


def not_on_the_page(scorecard: dict[str, Any]) -> list[str]:
    """Give the lines that should be on the page and are not."""
    written = PAGE.read_text("utf-8").splitlines()
    return [line for line in page_lines(scorecard) if line not in written]


def words_of_the_page() -> str:
    """Give the page without its line breaks."""
    return " ".join(PAGE.read_text("utf-8").split())
