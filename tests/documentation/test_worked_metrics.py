"""The worked examples of the reference, computed by hand, are what the product computes."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from stats.aggregation.aggregate import aggregate
from stats.metric import BUILTIN_KEYS, PARAMETRISED, Rates, Window, builtin
from stats.plan import MetricInUse, MetricRole
from stats.scorecard import assemble_scorecard
from stats.scorecard.document import MetricResult
from tests.stats.facts import START, Conversion, facts, plan

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")
WORKED = PAGE.split("## Worked examples")[1].split("\n## ")[0]
RATES = Rates(Decimal("0.4"), 2_000, 5)
AS_OF = START + timedelta(days=400)
ROW = re.compile(r"^\| [^|`]*`(\w+)` \| [^|]+ \| (-?[\d.]+) \|$", re.MULTILINE)
VALUES = {key: float(value) for key, value in ROW.findall(WORKED)}
MEMBERS = ("ann", "bo", "cy", "di")


def conversion(line: str) -> Conversion:
    """An event as the page writes it: member, day, event, amount, properties."""
    member, day, event, *rest = line.split()
    amount = int(rest.pop(0)) if rest and re.fullmatch(r"\d+", rest[0]) else None
    properties: dict[str, object] = {}
    if rest:
        name, value = rest
        number: object = json.loads(value) if re.fullmatch(r"-?[\d.]+", value) else value
        match event:
            case "points":
                properties = {"movement": name, "points": number}
            case "survey_response":
                properties = {"survey": name, "score": number}
            case _:
                properties = {name: number}
    at = START + timedelta(days=int(day))
    currency = None if amount is None else "TWD"
    return (member, event, at, amount, currency, properties or None)  # type: ignore[return-value] # any JSON, not only text


def results(*metrics: MetricInUse) -> dict[str, MetricResult]:
    """What the product computes of the four members, all of one variant."""
    block = re.search(r"```text\n(.*?)```", WORKED, re.DOTALL)
    assert block
    events = [conversion(line) for line in block[1].splitlines()]
    attributes: dict[str, dict[str, str | None]] = {m: {"contactable": None} for m in MEMBERS}
    attributes["cy"] = {"contactable": "false"}
    exposures = [(member, "B", START) for member in MEMBERS] + [("zoe", "control", START)]
    design = plan(*metrics)
    got = aggregate(facts(exposures, events, segments=attributes), design, AS_OF)
    card = assemble_scorecard(design, got, computed_at=AS_OF)
    return {metric.key: metric for metric in card.metrics}


def in_use(key: str, window: Window | None = None) -> MetricInUse:
    """A built-in metric with the tiers and rates of the page."""
    tiers = {"target_tiers": ["gold"], "lower_tiers": ["bronze", "silver"]}
    named = {PARAMETRISED[key][0]: tiers[PARAMETRISED[key][0]]} if key in PARAMETRISED else {}
    return MetricInUse(builtin(key, rates=RATES, **named), MetricRole.DIAGNOSTIC, window)


def value_of(metric: MetricResult) -> float:
    """The value of the treated variant."""
    treated = next(row for row in metric.variants if row.variant == "B")
    return float(treated.value.estimate)  # type: ignore[union-attr] # every one of them has one


def test_every_built_in_metric_has_a_worked_example() -> None:
    """None is left out."""
    assert set(VALUES) == set(BUILTIN_KEYS)


def test_worked_examples_are_what_the_product_computes() -> None:
    """Each value on the page, to its six digits."""
    got = results(*(in_use(key) for key in BUILTIN_KEYS))

    for key, want in VALUES.items():
        assert value_of(got[key]) == pytest.approx(want, abs=1e-6), key


def test_a_lifetime_value_of_a_shorter_window_says_how_much_is_forecast() -> None:
    """Half of six months lies ahead of a window of 90 days."""
    got = results(in_use("clv_6m", Window(90)))["clv_6m"]

    assert value_of(got) == 7_500
    assert "7,500" in WORKED
    assert got.forecast_share == 0.5
