"""How results of metrics are read: lifts that say nothing, events left out, effects that cross."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from stats.aggregation.aggregate import aggregate
from stats.checks.finding import FindingCode, Severity
from stats.errors import InvalidPlan
from stats.inference.outcome import Estimate, Undefined
from stats.metric import Window, builtin
from stats.plan import (
    AnalysisPlan,
    DecisionRule,
    DecisionScale,
    MetricInUse,
    MetricRole,
    RandomizationUnit,
)
from stats.scorecard import (
    Scorecard,
    assemble_scorecard,
    scorecard_from_json,
    scorecard_to_json,
)
from tests.stats.facts import DAY, START, Conversion, facts, in_use, order, plan

AS_OF = START + timedelta(days=200)
MEMBERS = [f"m{i}" for i in range(40)]
EXPOSURES = [(name, ("control", "B")[i % 2], START) for i, name in enumerate(MEMBERS)]
ORDERS = [order(name, START + DAY, 1_000 + 10 * i) for i, name in enumerate(MEMBERS)]


def card_of(design: AnalysisPlan, events: list[Conversion]) -> Scorecard:
    """The scorecard of some events."""
    return assemble_scorecard(
        design, aggregate(facts(EXPOSURES, events), design, AS_OF), computed_at=AS_OF
    )


def finding(card: Scorecard, code: FindingCode) -> Severity:
    """What a check said."""
    return next(one.severity for one in card.findings if one.code is code)


def test_a_lifetime_value_has_a_difference_and_no_lift() -> None:
    """Neither in its comparison nor where it decides, and the document survives being stored."""
    clv = MetricInUse(builtin("clv_6m"), MetricRole.OEC, Window(90))
    rule = DecisionRule(scale=DecisionScale.DIFFERENCE)
    design = replace(plan(), metrics=(clv,), decision_rule=rule)

    card = card_of(design, ORDERS)

    (compared,) = card.metrics[0].comparisons
    assert isinstance(compared.difference, Estimate)
    assert isinstance(compared.lift, Undefined)
    assert compared.lift.status == "lift_says_nothing"
    assert card.oec is not None
    assert isinstance(card.oec.treatments[0].lift, Undefined)
    assert isinstance(card.oec.treatments[0].difference, Estimate)
    assert card.metrics[0].forecast_share == 0.5
    assert scorecard_from_json(scorecard_to_json(card)) == card


def test_a_plan_that_decides_by_a_lift_that_says_nothing_is_refused() -> None:
    """The way out is the scale of the difference."""
    with pytest.raises(InvalidPlan, match="scale of the difference"):
        plan(MetricInUse(builtin("nps"), MetricRole.OEC))


def test_events_without_a_usable_property_are_a_finding() -> None:
    """A warning, and a failure where the OEC loses more than one in a hundred."""
    covered: list[Conversion] = [
        (name, "progress", START + DAY, None, None, {"covered": 0.5})  # type: ignore[dict-item] # any JSON
        for name in MEMBERS
    ]
    broken: Conversion = ("m0", "progress", START + DAY, None, None, {"covered": "half"})
    design = plan(in_use("repurchase_rate", MetricRole.OEC), in_use("progress_completion"))
    deciding = plan(in_use("progress_completion", MetricRole.OEC))

    sound = card_of(design, [*ORDERS, *covered])
    warned = card_of(design, [*ORDERS, *covered, broken])
    failed = card_of(deciding, [*covered, broken])

    code = FindingCode.PROPERTY_UNUSABLE
    assert finding(sound, code) is Severity.PASSED
    assert finding(warned, code) is Severity.WARNING
    assert finding(failed, code) is Severity.FAILURE
    assert next(f for f in warned.findings if f.code is code).evidence == {
        "events": {"progress: covered": 1}
    }


def test_an_order_of_unknown_margin_is_left_out_and_told() -> None:
    """Without the programme's rate nothing stands in for it."""
    design = plan(MetricInUse(builtin("gross_margin_per_member"), MetricRole.OEC))

    card = card_of(design, ORDERS)

    detail = next(f for f in card.findings if f.code is FindingCode.PROPERTY_UNUSABLE)
    assert detail.severity is Severity.FAILURE
    assert "gross_margin_rate" in detail.what_to_do


@pytest.mark.parametrize(
    ("role", "unit", "severity"),
    [
        (MetricRole.OEC, RandomizationUnit.MEMBER, Severity.WARNING),
        (MetricRole.DIAGNOSTIC, RandomizationUnit.MEMBER, Severity.NOTICE),
        (MetricRole.OEC, RandomizationUnit.HOUSEHOLD, Severity.PASSED),
    ],
)
def test_referrals_by_member_are_told(
    role: MetricRole, unit: RandomizationUnit, severity: Severity
) -> None:
    """Whoever is referred may have another variant."""
    metrics = [in_use("referral", role)]
    if role is not MetricRole.OEC:
        metrics.append(in_use("repurchase_rate", MetricRole.OEC))
    households: dict[str, str | None] | None = (
        {name: f"h-{name}" for name in MEMBERS} if unit is RandomizationUnit.HOUSEHOLD else None
    )
    design = plan(*metrics, unit=unit)
    got = aggregate(facts(EXPOSURES, ORDERS, households), design, AS_OF)

    card = assemble_scorecard(design, got, computed_at=AS_OF)

    assert finding(card, FindingCode.SPILLOVER) is severity


def test_units_that_a_metric_does_not_count_are_neither_mature_nor_immature() -> None:
    """Among the contactable, also those who wait are counted alone."""
    design = plan(in_use("unsubscribe"))
    known: dict[str, dict[str, str | None]] = {
        name: {"contactable": "false" if i % 4 == 0 else None} for i, name in enumerate(MEMBERS)
    }
    exposures = [(name, variant, START + (i % 3) * 20 * DAY) for i, (name, variant, _) in
                 enumerate(EXPOSURES)]  # fmt: skip

    got = aggregate(facts(exposures, [], segments=known), design, START + 50 * DAY)

    for row in got.metrics[0].variants:
        mine = [(i, name) for i, (name, variant, _) in enumerate(exposures)
                if variant == row.variant and i % 4]  # fmt: skip
        assert row.summary.n == sum(i % 3 < 2 for i, _ in mine)
        assert row.immature_units == sum(i % 3 == 2 for i, _ in mine)
    assert Decimal(0) == builtin("unsubscribe").forecast_share(Window(30))
