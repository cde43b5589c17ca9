"""The notebook in order: what each section says, which code it holds, and what it calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.language import marked


class Form(StrEnum):
    """What a notebook computes from."""

    ROWS = "rows"
    SUMS = "sums"


BOTH: Final = frozenset(Form)
ROWS: Final = frozenset({Form.ROWS})
SUMS: Final = frozenset({Form.SUMS})


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its text, modules of `cells`, and the lines that run them.

    Attributes:
        forms: In which notebooks it stands.
    """

    heading: str
    text: str
    modules: tuple[str, ...] = ()
    call: str = ""
    forms: frozenset[Form] = BOTH


OPENING: Final = """\
import json
from pathlib import Path

report = json.loads(Path("scorecard.json").read_text(encoding="utf-8"))
columns = json.loads(Path("data/columns.json").read_text(encoding="utf-8"))
assert hash_of(report) == report["snapshot_hash"], "scorecard.json is not what was exported"
ledger = Ledger(report, {rest!r})
print(report["campaign"], "phase", report["phase"], "as of", report["as_of"])
print("snapshot", report["snapshot_hash"])"""
CLOSING: Final = """\
figures = ledger.table()
compared = figures[figures["difference"].notna()]
largest = compared.sort_values("difference", ascending=False)
display(largest[["figure", "report", "here", "difference"]].head(20))
parts = compared["figure"].str.extract(r"^(\\w+(?:\\[[^\\]]*\\])?)")[0]
display(compared.groupby(parts)["difference"].agg(figures="count", largest="max"))"""
LEFT_OUT: Final = """\
left_out = figures[figures["difference"].isna() & (figures["why"] != "setting")]
display(left_out.groupby("why")["figure"].agg(figures="count", for_example="first"))"""

REST: Final = marked("takes the rows of members, and so the permission rows:read")

SECTIONS: Final = (
    Section(
        marked("The report"),
        marked(
            "`scorecard.json` is the stored scorecard, byte for byte. Its hash says that nobody "
            "has changed it. `Ledger` keeps every number that is computed below beside the one "
            "that the report has in the same place."
        ),
        ("comparing",),
        OPENING,
    ),
    Section(
        marked("The units"),
        marked(
            "One row per member who counts, under a pseudonym of this export alone. Means, shares "
            "and ratios need their sums and co-moments, by variant, segment value and day."
        ),
        ("sums", "from_rows"),
        'units = read_rows("units")\ntable = add_up(report, columns, units)\n'
        'display(units.groupby("variant").size().rename("units").to_frame())',
        ROWS,
    ),
    Section(
        marked("The sums"),
        marked(
            "No rows of members are here, but what they add up to: sums and co-moments by variant, "
            "segment value and day. Values that too few members of a variant share are held back. "
            "What takes rows is listed at the end."
        ),
        ("sums",),
        "",
        SUMS,
    ),
    Section(
        marked("How effects are computed"),
        marked(
            "A difference has Welch's interval and test. A lift has Fieller's interval, whose test "
            "of zero is that of the difference. A ratio is taken by the delta method over members. "
            "A share has Wilson's interval. A guardrail is tested one-sided against its margin."
        ),
        ("effects",),
    ),
    Section(
        marked("Metrics"),
        marked(
            "Values, differences and lifts of every metric, guardrails, variance reduction by what "
            "was known before (CUPED), and values with outliers held."
        ),
        ("metrics",),
    ),
    Section(
        "",
        "",
        ("funnel", "from_sums"),
        "table, steps = read_sums(), read_funnel()\nprint(table.units)",
        SUMS,
    ),
    Section("", "", (), "check_metrics(ledger, columns, table)"),
    Section(
        marked("Trust checks"),
        marked(
            "The units of the variants against the shares that were planned, in all and by day and "
            "segment value, and whether variants were alike before the campaign."
        ),
        ("health",),
        "check_health(ledger, columns, table)",
    ),
    Section("", "", (), "check_places(ledger, columns, units)", ROWS),
    Section(
        marked("Segments and time"),
        marked(
            "Effects within segment values with Cochran's test that they are one, and over days of "
            "first exposure and days since. All of it is exploratory."
        ),
        ("slices",),
        "check_slices(ledger, table)",
    ),
    Section(
        marked("Times to an event"),
        marked(
            "Kaplan-Meier curves with Greenwood's errors, medians, differences of restricted "
            "means, the log-rank test, and Cox's regression as statsmodels solves it."
        ),
        ("survival",),
        "others = check_survival(ledger, columns, units)",
        ROWS,
    ),
    Section(
        marked("Quantiles"),
        marked("The value of a rank, with the ranks about it whose chances are binomial."),
        ("quantiles",),
        'others |= check_quantiles(ledger, columns, table, units, read_rows("events"))',
        ROWS,
    ),
    Section(
        marked("What decides"),
        marked(
            "The metric that decides, at the level that its looks and the number of treatments "
            "leave: boundaries of planned looks from alpha that is spent over them, or a "
            "confidence sequence that holds at every look; corrected p-values; the Bayesian view; "
            "and the numbers of the verdict."
        ),
        ("looks", "deciding", "estimates"),
        "check_decision(ledger, columns, table, {others})",
    ),
    Section(
        marked("What goes with the outcome"),
        marked("A logistic regression with robust errors: association, not effect."),
        ("drivers",),
        "check_drivers(ledger, columns, units)",
        ROWS,
    ),
    Section(
        marked("The funnel"),
        marked("Every step over all members, its effects, and how long it took."),
        ("funnel",),
        'steps = read_rows("funnel")\n'
        "check_funnel(ledger, table, count_funnel(report, columns, steps))\n"
        "check_step_times(ledger, columns, steps)",
        ROWS,
    ),
    Section(
        marked("The funnel"),
        marked("Every step over all members, and its effects."),
        (),
        "check_funnel(ledger, table, steps)",
        SUMS,
    ),
    Section(
        marked("Money"),
        marked(
            "What each variant brought and cost, what a treatment added, and quotients of two "
            "differences with Fieller's interval. Amounts are in minor units."
        ),
        ("money",),
        "check_money(ledger, table)",
    ),
    Section(
        marked("The comparison"),
        marked(
            "Every figure of the report beside what was computed here, the largest difference "
            "first. Differences are relative. What is solved for by numerical methods (boundaries "
            "of looks, exact tests, regressions) has a tolerance of its own."
        ),
        (),
        CLOSING,
    ),
    Section(
        marked("What is not computed here"),
        marked("Numbers of the report that these data cannot tell, and why."),
        (),
        LEFT_OUT,
    ),
    Section(
        marked("Effects at a glance"),
        marked("The lift of every metric with its interval, as computed here."),
        ("plots",),
        "plot_effects(ledger)",
    ),
    Section(
        marked("The verdict of this notebook"),
        marked("It stops here with an error where a figure is not what the report says."),
        (),
        "judge(figures)",
    ),
)
"""All sections, in order."""
