"""Metric definitions: built-in, custom, and refused."""

import json
from decimal import Decimal

import pytest

from stats.errors import InvalidMetric, UnknownMetric
from stats.metric import (
    BUILTIN_KEYS,
    PARAMETRISED,
    Aggregate,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
    builtin,
)


def any_builtin(key: str) -> MetricDefinition:
    """A built-in metric, with tiers if it takes any."""
    return builtin(key, **({PARAMETRISED[key][0]: ["gold"]} if key in PARAMETRISED else {}))


def custom(**changed: object) -> dict[str, object]:
    """The JSON of a sound custom definition, with changes."""
    document: dict[str, object] = {
        "key": "gift_orders",
        "name": "Gift orders",
        "description": "Orders of gifts per exposed unit.",
        "kind": "mean",
        "numerator": [
            {"events": ["order"], "where": [{"property": "gift", "values": ["yes"]}]},
            {"events": ["return"], "sign": -1},
        ],
        "unit": "count",
        "direction": "higher",
        "window": {"end_days": 14},
    }
    return document | changed


@pytest.mark.parametrize("key", BUILTIN_KEYS)
def test_builtin_metric_survives_json(key: str) -> None:
    """Written to JSON text and read back, a built-in definition is the same."""
    definition = any_builtin(key)

    assert MetricDefinition.from_json(json.loads(json.dumps(definition.to_json()))) == definition
    assert definition.key == key
    assert definition.description.endswith(".")


def test_custom_metric_is_read_from_json_with_defaults() -> None:
    """A campaign document may leave out what has a default."""
    definition = MetricDefinition.from_json(custom())

    assert definition.numerator[0].aggregate is Aggregate.COUNT
    assert definition.numerator[1].sign == -1
    assert definition.window == Window(14)
    assert definition.events == ("order", "return")


@pytest.mark.parametrize(
    ("changed", "field", "way_out"),
    [
        ({"kind": "median"}, "kind", "'quantile' or 'survival'"),
        ({"unit": "euros"}, "unit", "'money'"),
        ({"direction": "up"}, "direction", "'higher' or 'lower'"),
        ({"colour": "red"}, "colour", "Unexpected"),
        ({"key": "Gift orders"}, "key", "a to z"),
        ({"description": ""}, "description", "one sentence"),
        ({"numerator": []}, "numerator", "at least one term"),
        ({"numerator": [{"events": []}]}, "term.events", "at least one event"),
        ({"numerator": [{"events": ["a"], "sign": 2}]}, "sign", "1 or -1"),
        ({"numerator": [{"events": ["a"], "sign": -1}]}, "numerator.sign", "sign 1"),
        (
            {"numerator": [{"events": ["a"], "where": [{"property": "p", "values": []}]}]},
            "where.values",
            "at least one value",
        ),
        (
            {"numerator": [{"events": ["a"], "where": [{"property": "", "values": ["x"]}]}]},
            "where.property",
            "name a property",
        ),
        ({"window": {"end_days": 0}}, "window.end_days", "more than 0"),
        ({"window": {"end_days": 5, "start_days": 5}}, "window.end_days", "more than 5"),
        ({"window": {"end_days": 5, "start_days": -1}}, "window.start_days", "0 or more"),
        ({"window": {"end_days": 1.5}}, "window.end_days", "integer"),
        ({"kind": "ratio", "unit": "money_per_order"}, "denominator", "ratio metric"),
        ({"denominator": [{"events": ["a"]}]}, "denominator", "no other kind"),
        ({"absence": True}, "absence", "proportion"),
        ({"unit": "share"}, "unit", "share"),
        ({"kind": "proportion"}, "unit", "share"),
        ({"kind": "quantile"}, "quantile", "give one to a quantile metric"),
        ({"quantile": "0.9"}, "quantile", "no other kind"),
        ({"kind": "quantile", "quantile": "1"}, "quantile", "between 0 and 1"),
        ({"kind": "quantile", "quantile": "0"}, "quantile", "between 0 and 1"),
        ({"kind": "quantile", "quantile": "NaN"}, "quantile", "finite"),
        (
            {"kind": "quantile", "quantile": "0.9", "unit": "money_per_order"},
            "numerator",
            "amounts of one term",
        ),
        ({"kind": "survival"}, "unit", "in days"),
        ({"kind": "survival", "unit": "days"}, "numerator", "sign 1"),
        *(
            ({"numerator": [{"events": ["a"], **term}]}, field, way_out)
            for term, field, way_out in (
                ({"aggregate": "property_sum"}, "term.property", "name the property"),
                ({"aggregate": "amount", "property": "p"}, "term.property", "leave it out"),
                ({"lowest": "1"}, "term.lowest", "with a property"),
                ({"property": "p", "lowest": "0.00001"}, "term.lowest", "at most 4 decimals"),
                ({"aggregate": "property_max", "property": "p"}, "term.lowest", "at least 0"),
                ({"ceiling": "1"}, "term.ceiling", "property_max"),
                ({"aggregate": "margin", "less_share": "p"}, "term.less_share", "amount or count"),
                ({"aggregate": "margin", "rate": "1.5"}, "term.rate", "from 0 to 1"),
                ({"amount_if_missing": 5}, "term.amount_if_missing", "term of amount"),
                ({"factor": "0"}, "term.factor", "adds nothing"),
                ({"factor": "10000000"}, "term.factor", "1000000"),
                ({"aggregate": "unit"}, "term.events", "name none"),
                ({"since": "yesterday"}, "since", "'exposure', 'ever' or 'before'"),
                ({"where": [{"property": "p"}]}, "where.values", "at_least or at_most"),
                (
                    {"where": [{"property": "p", "at_least": "2", "at_most": "1"}]},
                    "where.at_most",
                    "not below the lower",
                ),
            )
        ),
        ({"numerator": [{"aggregate": "unit"}]}, "numerator", "at least one event"),
        ({"among": {"attribute": "tier"}}, "among.values", "either values or except_values"),
        ({"among": {"attribute": "Tier", "values": ["a"]}}, "among.attribute", "a to z"),
        ({"horizon_days": 0}, "horizon_days", "1 to 3660"),
        (
            {"horizon_days": 90, "numerator": [{"events": ["a"], "factor": "0.5"}]},
            "horizon_days",
            "without decimals",
        ),
        ({"companions": ["gift_orders"]}, "companions", "another metric"),
        (
            {
                "kind": "survival",
                "unit": "days",
                "numerator": [{"events": ["order"]}],
                "window": {"end_days": 9, "start_days": 2},
            },
            "window.start_days",
            "starts at first exposure",
        ),
    ],
)
def test_custom_metric_that_contradicts_itself_is_refused_by_field(
    changed: dict[str, object], field: str, way_out: str
) -> None:
    """The message names the field, the value that came and the way out."""
    with pytest.raises(InvalidMetric) as fault:
        MetricDefinition.from_json(custom(**changed))
    assert field in fault.value.field
    assert way_out in str(fault.value)


def test_unknown_metric_names_the_near_ones() -> None:
    """A misspelt key is answered with the keys it resembles."""
    with pytest.raises(UnknownMetric, match="retention_d30 or retention_d90"):
        builtin("retension_d30")


@pytest.mark.parametrize(
    ("key", "parameters"),
    [
        ("upgrade_conversion", {}),
        ("upgrade_conversion", {"tiers": ["gold"]}),
        ("upgrade_conversion", {"target_tiers": []}),
        ("upgrade_conversion", {"target_tiers": "gold"}),
        ("time_to_upgrade", {}),
        ("repurchase_rate", {"target_tiers": ["gold"]}),
    ],
)
def test_parameters_must_be_the_metrics_own(key: str, parameters: dict[str, list[str]]) -> None:
    """A parametrised metric needs its tiers, the others take no parameter."""
    with pytest.raises(InvalidMetric, match=key):
        builtin(key, **parameters)


@pytest.mark.parametrize("share", ["0.9", 0.9])
def test_quantile_is_read_exactly(share: str | float) -> None:
    """A quantile written as text or as a number is the same decimal share."""
    definition = MetricDefinition.from_json(custom(kind="quantile", unit="money", quantile=share))

    assert definition.quantile == Decimal("0.9")


@pytest.mark.parametrize(
    ("key", "kind", "unit", "days", "direction"),
    [
        ("time_to_upgrade", MetricKind.SURVIVAL, MetricUnit.DAYS, 90, Direction.LOWER),
        ("repurchase_interval", MetricKind.SURVIVAL, MetricUnit.DAYS, 90, Direction.LOWER),
        ("large_basket_p90", MetricKind.QUANTILE, MetricUnit.MONEY, 90, Direction.HIGHER),
    ],
)
def test_metrics_beyond_sums_are_as_required(
    key: str, kind: MetricKind, unit: MetricUnit, days: int, direction: Direction
) -> None:
    """Kind, unit, window and direction are those of the page of required metrics."""
    definition = any_builtin(key)

    assert (definition.kind, definition.unit) == (kind, unit)
    assert (definition.window, definition.direction) == (Window(days), direction)
    assert not definition.kind.is_summed


def test_ratio_of_like_to_like_is_a_share() -> None:
    """Refunded over gross revenue is a share; net revenue over orders is not."""
    assert builtin("refund_rate").unit is MetricUnit.SHARE
    with pytest.raises(InvalidMetric, match="unit"):
        MetricDefinition(
            "x", "X", "X.", MetricKind.RATIO, (Term(("order",), Aggregate.AMOUNT),),
            MetricUnit.SHARE, Direction.HIGHER, Window(1), denominator=(Term(("order",)),),
        )  # fmt: skip
