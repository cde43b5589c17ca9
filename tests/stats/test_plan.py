"""Analysis plans: stored, read back, and refused."""

import json
import subprocess
import sys
from decimal import Decimal

import pytest

from stats.errors import InvalidMetric, InvalidPlan
from stats.metric import Window, builtin
from stats.plan import (
    AnalysisPlan,
    Funnel,
    FunnelStep,
    MetricInUse,
    MetricRole,
)
from tests.stats.facts import ALL_METRICS, FUNNEL, in_use, plan


def test_plan_survives_json() -> None:
    """Written to JSON text and read back, a plan is the same, to the last digit of its shares."""
    shares: dict[str, str | None] = {"control": "0.3333", "B": "0.3333", "C": "0.3334"}
    the_plan = plan(*ALL_METRICS, shares=shares, funnel=FUNNEL)

    assert AnalysisPlan.from_json(json.loads(json.dumps(the_plan.to_json()))) == the_plan


def test_plan_reads_the_events_of_metrics_and_funnel() -> None:
    """The events of a plan are those of its metrics and its funnel, each once."""
    assert plan(in_use("average_order_value"), funnel=FUNNEL).events == (
        "offer_click",
        "order",
        "refund",
        "tier_change",
    )


def test_window_of_the_plan_replaces_that_of_the_definition() -> None:
    """A plan may set its own window; without one, the definition's holds."""
    assert in_use("spend_per_member", window=Window(90)).effective_window == Window(90)
    assert in_use("spend_per_member").effective_window == Window(30)


@pytest.mark.parametrize(
    ("shares", "field"),
    [
        ({"control": "0.4999", "B": "0.5"}, "planned_share"),
        ({"control": "0.5001", "B": "0.5"}, "planned_share"),
        ({"control": "0.9", "B": "0.2", "C": None}, "planned_share"),
        ({"control": "1.1", "B": "-0.1"}, "planned_share"),
        ({"control": "NaN", "B": "0.5"}, "planned_share"),
        ({"control": "1"}, "variants"),
        ({"": "0.5", "B": "0.5"}, "variants.key"),
    ],
)
def test_shares_that_do_not_total_one_are_refused(
    shares: dict[str, str | None], field: str
) -> None:
    """Shares of 99.99 % or 100.01 % are refused, never renormalised."""
    with pytest.raises(InvalidPlan, match=field):
        plan(shares=shares)


def test_shares_may_be_unplanned() -> None:
    """A split made elsewhere has variants without planned shares."""
    assert plan(shares={"control": None, "B": None}).variants[0].planned_share is None


def changed(**fields: object) -> dict[str, object]:
    """The JSON of a sound plan, with changes."""
    return {**plan().to_json(), **fields}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": 1.0}, "alpha"),
        ({"sample_ratio_alpha": 2}, "sample_ratio_alpha"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"currency": "twd"}, "currency"),
        ({"currency_exponent": 9}, "currency_exponent"),
        ({"phase": 0}, "phase"),
        ({"campaign": ""}, "campaign"),
        ({"metrics": []}, "metrics"),
        ({"crossover_rule": "ignore"}, "crossover_rule"),
        ({"randomization_unit": "basket"}, "randomization_unit"),
        ({"looks": 3}, "looks"),
    ],
)
def test_plan_that_contradicts_itself_is_refused_by_field(
    fields: dict[str, object], field: str
) -> None:
    """The message names the field that will not do."""
    with pytest.raises(InvalidPlan) as fault:
        AnalysisPlan.from_json(changed(**fields))
    assert field in fault.value.field


def test_exactly_one_variant_is_the_control() -> None:
    """None or two controls are refused."""
    document = plan().to_json()
    for flags in ((True, True), (False, False)):
        variants = [
            {"key": key, "planned_share": "0.5", "is_control": flag}
            for key, flag in zip("AB", flags, strict=True)
        ]
        with pytest.raises(InvalidPlan, match="exactly one"):
            AnalysisPlan.from_json({**document, "variants": variants})


def test_variant_and_metric_keys_are_unique() -> None:
    """Two variants, or two metrics, of one key are refused."""
    variants = [{"key": "a", "planned_share": "0.5", "is_control": flag} for flag in (True, False)]
    with pytest.raises(InvalidPlan, match="key of its own"):
        AnalysisPlan.from_json(changed(variants=variants))
    with pytest.raises(InvalidPlan, match="second window needs a second key"):
        plan(in_use("activity"), in_use("activity", window=Window(90)))


def test_at_most_one_metric_decides() -> None:
    """Two OECs are refused."""
    with pytest.raises(InvalidPlan, match="one metric be the OEC"):
        plan(in_use("activity", MetricRole.OEC), in_use("churn", MetricRole.OEC))


@pytest.mark.parametrize(
    ("role", "margin"),
    [(MetricRole.OEC, "0.1"), (MetricRole.GUARDRAIL, "0"), (MetricRole.GUARDRAIL, "NaN")],
)
def test_margin_belongs_to_a_guardrail_and_is_above_zero(role: MetricRole, margin: str) -> None:
    """A margin on another role, of nothing, or that is no number, is refused."""
    with pytest.raises(InvalidPlan, match="non_inferiority_margin"):
        MetricInUse(builtin("churn"), role, None, Decimal(margin))


def test_funnel_whose_steps_one_event_would_pass_at_once_is_refused() -> None:
    """Two steps that read the same event are refused, as are equal keys and no steps."""
    with pytest.raises(InvalidPlan, match="event of its own"):
        Funnel((FunnelStep("a", "A", ("order",)), FunnelStep("b", "B", ("order",))), Window(3))
    with pytest.raises(InvalidPlan, match="key of its own"):
        Funnel((FunnelStep("a", "A", ("order",)), FunnelStep("a", "B", ("x",))), Window(3))
    with pytest.raises(InvalidPlan, match="leave the funnel out"):
        Funnel((), Window(3))
    with pytest.raises(InvalidPlan, match="name an event"):
        FunnelStep("a", "A", ())


def test_fault_of_a_definition_inside_a_plan_is_a_fault_of_the_metric() -> None:
    """A custom definition that contradicts itself is refused where it stands."""
    document = plan().to_json()
    metrics = document["metrics"]
    assert isinstance(metrics, list)
    assert isinstance(metrics[0], dict)
    definition = metrics[0]["definition"]
    assert isinstance(definition, dict)
    definition["absence"] = True
    definition["kind"] = "mean"
    with pytest.raises(InvalidMetric):
        AnalysisPlan.from_json(document)


def test_reading_results_does_not_load_an_engine() -> None:
    """Plans and scorecards load without Ibis, DuckDB, pandas and statsmodels."""
    code = (
        "import sys, stats.plan, stats.metric, stats.scorecard;"
        "print({'ibis', 'duckdb', 'pandas', 'statsmodels', 'pyarrow'} & set(sys.modules))"
    )

    got = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert got.stdout.strip() == "set()"
