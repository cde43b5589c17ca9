"""Writes a year of the shop's programme as the tables of ``docs/tutorial/programme.md``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from experiments.member import Member

PAGE: Final = Path(__file__).parents[2] / "docs/tutorial/programme.md"

PROGRAMME: Final = """\
name: UK online gift shop
time_zone: Europe/London
currency: GBP
locales: [en]
qualifying_days: 180
tier_validity_days: 90
tiers:
  - {key: bronze, benefit_cost_minor: 0}
  - {key: silver, entry_threshold_minor: 30000, benefit_cost_minor: 200}
  - {key: gold, entry_threshold_minor: 100000, benefit_cost_minor: 1000}
  - {key: platinum, entry_threshold_minor: 300000, benefit_cost_minor: 4000}
gross_margin_rate: 0.4
"""
TIERS: Final = ("bronze", "silver", "gold", "platinum")


def figures(
    runs: Mapping[pd.Timestamp, dict[str, Any]],
    members: Mapping[str, Member],
    preview: dict[str, Any],
) -> Iterator[str]:
    """Give every line of the page's tables."""
    for moment, run in runs.items():
        counts = run["counts"]
        tiers = " | ".join(f"{counts[f'tier.{tier}']:,}" for tier in TIERS)
        yield f"| {moment.date()} | {tiers} | {counts['moved_up']:,} | {counts['moved_down']:,} |"
    groups = Counter(str(one.computed.get("rfm_group", "none")) for one in members.values())
    stages = Counter(str(one.computed["lifecycle_stage"]) for one in members.values())
    for name, count in [*groups.most_common(), *stages.most_common()]:
        yield f"| `{name}` | {count:,} |"
    for row in preview["tiers"]:
        yield (
            f"| {row['key']} | {row['now']:,} | {row['then']:,} | {row['settled']:,} | "
            f"{row['near_now']:,} | {row['near_then']:,} | £{row['cost_minor'] / 100:,.2f} |"
        )
