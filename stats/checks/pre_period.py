"""Were the variants alike before anyone could feel a difference?

What units did before their first exposure cannot be an effect of the offer. A covariate that
differs between variants beyond chance shows that the split was not random, even where the numbers
of units are right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.errors import NoVariance
from stats.inference.difference import point_difference
from stats.inference.multiplicity import adjust
from stats.inference.outcome import Certain
from stats.inference.point import mean_point
from stats.metric import MetricKind
from stats.moments import Moments
from stats.plan import AnalysisPlan, MetricInUse
from stats.sentence import said, with_semicolons

ALPHA: Final = 0.001
"""Error rate of all tests of one look together; that of the sample ratio."""
FEWEST_UNITS: Final = 100
"""Per variant: with fewer, the skew of spending leaves the far tail of t wrong."""


@dataclass(frozen=True, slots=True)
class Balance:
    """One covariate in one treatment against the control.

    Attributes:
        name: Metric, covariate and treatment.
        control: Mean before exposure.
        treatment: The same.
        p_value: Two-sided, of no difference, uncorrected.
    """

    name: str
    control: float
    treatment: float
    p_value: float


def check_pre_period(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Test every covariate of every treatment against the control, corrected together."""
    if not any(metric.covariates for metric in plan.metrics):
        return _not_run(
            said("The plan names no covariate, so nothing is known of the time before.")
        )
    balances = list(_balances(plan, aggregates))
    if not balances:
        return _not_run(
            said(
                "No covariate varies among at least {fewest_units} units of two variants "
                "whose window has closed.",
                fewest_units=FEWEST_UNITS,
            )
        )
    adjusted = adjust([balance.p_value for balance in balances], alpha=ALPHA)
    evidence: Evidence = {
        "tests": len(balances),
        "alpha": ALPHA,
        "p_values": {
            balance.name: test.p_value for balance, test in zip(balances, adjusted, strict=True)
        },
    }
    off = [
        (balance, test.p_value)
        for balance, test in zip(balances, adjusted, strict=True)
        if test.significant
    ]
    if off:
        parts = with_semicolons(
            said(
                "{balance}: {treatment} against {control} in the control (p = {p_value})",
                balance=balance.name,
                treatment=f"{balance.treatment:.6g}",
                control=f"{balance.control:.6g}",
                p_value=f"{p_value:.2g}",
            )
            for balance, p_value in sorted(off, key=lambda pair: pair[1])
        )
        return Finding(
            FindingCode.PRE_PERIOD,
            Severity.FAILURE,
            said("Variants differed before the campaign"),
            said(
                "Means before first exposure differ beyond chance: {parts}. The offer "
                "cannot have done that, so the split was not random, or who is counted "
                "depends on the variant.",
                parts=parts,
            ),
            said(
                "Do not decide by these results. Look for filters, late exposures and "
                "reused splits, repair the cause, and start a new phase."
            ),
            evidence,
        )
    return Finding(
        FindingCode.PRE_PERIOD,
        Severity.PASSED,
        said("Alike before the campaign"),
        said(
            "{balances} comparisons of what units did before first exposure show no "
            "difference beyond chance.",
            balances=len(balances),
        ),
        "",
        evidence,
    )


def _balances(plan: AnalysisPlan, aggregates: Aggregates) -> Iterator[Balance]:
    rows = {row.key: row.variants for row in aggregates.metrics}
    for metric in plan.metrics:
        moments = {one.variant: one.moments for one in rows.get(metric.key, ())}
        control = moments.get(plan.control.key)
        for variant in plan.treatments:
            treatment = moments.get(variant.key)
            if not metric.covariates or control is None or treatment is None:
                continue
            if min(control.n, treatment.n) < FEWEST_UNITS:
                continue
            for column, covariate in covariate_columns(metric):
                name = f"{metric.key}, {covariate}, {variant.key}"
                balance = _balance(name, control, treatment, column)
                if balance is not None:
                    yield balance


def covariate_columns(metric: MetricInUse) -> Iterator[tuple[int, str]]:
    """Give the number and name of every column of the moments that holds a covariate.

    A ratio metric has two outcome columns, and two for a covariate that is its own numerator.
    """
    ratio = metric.definition.kind is MetricKind.RATIO
    column = 2 if ratio else 1
    for covariate in metric.covariates:
        if ratio and not covariate.numerator:
            yield column, said("{key} (numerator)", key=covariate.key)
            yield column + 1, said("{key} (denominator)", key=covariate.key)
            column += 2
        else:
            yield column, covariate.key
            column += 1


def _balance(name: str, control: Moments, treatment: Moments, column: int) -> Balance | None:
    left = mean_point(control.mean_summary(column))
    right = mean_point(treatment.mean_summary(column))
    try:
        difference = point_difference(left, right, alpha=ALPHA)
    except NoVariance:  # every unit alike, in both variants: nothing to tell apart
        return None
    p_value = 0.0 if isinstance(difference, Certain) else difference.p_value
    return Balance(name, left.value, right.value, p_value)


def _not_run(reason: str) -> Finding:
    return Finding.not_checked(
        FindingCode.PRE_PERIOD,
        said("Balance before the campaign"),
        reason,
        what_to_do=said(
            "Name a covariate in the plan of the next campaign, such as the same "
            "metric in the 28 days before."
        ),
    )
