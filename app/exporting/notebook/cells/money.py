"""Money: what each variant brought and cost, what a treatment added, and Fieller's quotients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.exporting.notebook.cells.deciding import costs_of
from app.exporting.notebook.cells.effects import (
    Point,
    check_interval,
    quantile_of,
    two_sided,
    welch,
)
from app.exporting.notebook.cells.slices import check_interaction
from app.exporting.notebook.cells.sums import together

if TYPE_CHECKING:
    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.sums import Sums, Table

GROSS, REWARD, CONTACT, UPGRADED, REWARDS, WITHOUT_MARGIN, EARLIER = range(7)


class Amount(NamedTuple):
    """A weighted sum of a unit's amounts, and what the treatment has beside it."""

    weights: dict[int, float]
    constant: float = 0.0

    def vector(self, columns: int) -> np.ndarray:
        """Give a weight per column."""
        found = np.zeros(columns)
        for place, weight in self.weights.items():
            found[place] = weight
        return found


def amount_of(sums: Sums, weights: np.ndarray) -> Point:
    """Give the mean of a weighted sum and its error."""
    parts = np.outer(weights, weights) * sums.centred
    spread = float(parts.sum())
    if abs(spread) <= 1e-12 * float(np.abs(parts).sum()):
        spread = 0.0
    error = math.sqrt(max(spread, 0.0) / (sums.n - 1) / sums.n)
    return Point(float(weights @ sums.mean), error, sums.n, sums.n - 1)


class Pair(NamedTuple):
    """The amounts of control and treatment."""

    control: Sums
    treatment: Sums

    def points(self, amount: Amount) -> tuple[Point, Point]:
        """Give an amount in both."""
        weights = amount.vector(len(self.control.totals))
        control, treatment = (amount_of(one, weights) for one in self)
        return control, treatment._replace(value=treatment.value + amount.constant)

    def covariance(self, left: Amount, right: Amount) -> float:
        """Give the covariance of two differences."""
        k = len(self.control.totals)
        a, b = left.vector(k), right.vector(k)
        return sum(float(a @ one.centred @ b) / (one.n - 1) / one.n for one in self)


def check_money(ledger: Ledger, table: Table) -> None:
    """Check every amount of the report."""
    money = ledger.report["money"]
    if money is None:
        return
    plan = ledger.report["plan"]
    costs = {one["variant"]: one for one in plan["money"]["costs"]}
    for node in money["variants"]:
        sums = table.of("money", node["variant"])
        contact = float(costs.get(node["variant"], {}).get("contact_minor", 0))
        check_variant_money(ledger, node, sums, contact)
        ledger.note(node, "immature_units", table.units.get(node["variant"], 0) - sums.n)
    every = [table.of("money", one["key"]) for one in plan["variants"]]
    missing = sum(float(one.totals[WITHOUT_MARGIN]) for one in every if one.n)
    ledger.note(money, "orders_without_margin", missing)
    control = next(one["key"] for one in plan["variants"] if one["is_control"])
    for node in money["treatments"]:
        pair = Pair(table.of("money", control), table.of("money", node["treatment"]))
        check_treatment(ledger, node, pair)
        if node["adjusted_margin"] is not None:
            check_adjusted_margin(ledger, node, table)
    if money["tiers"] is not None:
        check_tiers(ledger, money["tiers"], table)


def check_variant_money(ledger: Ledger, node: Node, sums: Sums, contact: float) -> None:
    """Check what a unit of a variant brought and cost, and all of them together."""
    ledger.note(node, "n", sums.n)
    if not sums.n:
        return
    ledger.note(node, "gross_margin_total", sums.totals[GROSS])
    ledger.note(node, "reward_cost_total", sums.totals[REWARD])
    ledger.note(node, "contact_cost_total", sums.totals[CONTACT] + contact * sums.n)
    ledger.note(node, "rewards", sums.totals[REWARDS])
    if node["upgraded_units"] is not None:
        ledger.note(node, "upgraded_units", sums.totals[UPGRADED])
    if sums.n < 2:  # noqa: PLR2004 - a variance takes two
        return
    for name, amount in (
        ("gross_margin", Amount({GROSS: 1})),
        ("reward_cost", Amount({REWARD: 1})),
        ("contact_cost", Amount({CONTACT: 1}, contact)),
        ("contribution_margin", Amount({GROSS: 1, REWARD: -1, CONTACT: -1}, -contact)),
    ):
        point = amount_of(sums, amount.vector(len(sums.totals)))
        moved = point._replace(value=point.value + amount.constant)
        check_interval(ledger, node[name], moved, ledger.report["alpha"])


def net(units: float, fixed: float, contact: float) -> Amount:
    """Give the margin of a unit after its costs, fixed ones spread over units."""
    return Amount({GROSS: 1, REWARD: -1, CONTACT: -1}, -contact - fixed / units)


def check_treatment(ledger: Ledger, node: Node, pair: Pair) -> None:
    """Check what a treatment added, in units, thousands, years and quotients."""
    report = ledger.report
    units, fixed, contact = costs_of(report, node["treatment"], planned=False)
    scaling, per_unit = report["money"]["scaling"], contact + fixed / units
    ledger.note(node, "units", units)
    cost = Amount({REWARD: 1, CONTACT: 1}, per_unit)
    season = float(scaling["season_factor"])
    audience, runs = scaling["audience"] * season, float(scaling["runs_per_year"])
    for name, amount, factor in (
        ("gross_margin", Amount({GROSS: 1}), 1),
        ("reward_cost", Amount({REWARD: 1}), 1),
        ("contact_cost", Amount({CONTACT: 1}, contact), 1),
        ("contribution_margin", net(1, 0, contact), 1),
        ("upgraded", Amount({UPGRADED: 1}), 1),
        ("rewards", Amount({REWARDS: 1}), 1),
        ("incremental_margin", net(units, fixed, contact), units),
        ("per_thousand", net(1000, fixed * 1000 / units, contact), 1000),
        ("per_year", net(audience, fixed, contact), audience * runs),
    ):
        check_amount(ledger, node[name], pair, amount, factor)
    before_reward = Amount({GROSS: 1, CONTACT: -1}, -per_unit)
    upgrade, reward = Amount({UPGRADED: 1}), Amount({REWARDS: 1})
    check_quotient(ledger, node["roi"], pair, net(1, 0, per_unit), cost)
    for name, top, bottom in (
        ("cost_per_upgrade", Amount({REWARD: 1, CONTACT: 1}, contact), upgrade),
        ("affordable_per_upgrade", before_reward, upgrade),
        ("break_even_reward", before_reward, reward),
    ):
        check_quotient(ledger, node[name], pair, top, bottom, df_of=bottom)
    if node["reward_now"] is not None:
        given = pair.treatment.totals
        ledger.note(node, "reward_now", given[REWARD] / given[REWARDS])


def check_amount(
    ledger: Ledger, node: Node | None, pair: Pair, amount: Amount, factor: float
) -> None:
    """Check the difference of an amount, for so many units."""
    if node is None or "estimate" not in node:
        return
    control, treatment = pair.points(amount)
    gap = treatment.value - control.value
    if node["status"] == "certain":
        ledger.note(node, "estimate", gap * factor, scale=1e-9)
        return
    error, df = welch(control, treatment)
    half = quantile_of(df, node["alpha"]) * error
    for name, value in (("estimate", gap), ("ci_low", gap - half), ("ci_high", gap + half)):
        ledger.note(node, name, value * factor, scale=half * factor)
    ledger.note(node, "std_error", error * factor)
    ledger.note(node, "p_value", two_sided(gap / error, df))
    ledger.note(node, "df", df)


def check_quotient(
    ledger: Ledger,
    node: Node | None,
    pair: Pair,
    top: Amount,
    bottom: Amount,
    *,
    df_of: Amount | None = None,
) -> None:
    """Check one difference over another: every r with (X - r Y)^2 <= q^2 Var(X - r Y)."""
    if node is None or "estimate" not in node:
        return
    (left, above), (base, below) = pair.points(top), pair.points(bottom)
    x, y = above.value - left.value, below.value - base.value
    if node["status"] == "certain":
        ledger.note(node, "estimate", x / y)
        return
    error, df = welch(*pair.points(df_of or top))
    if not error:
        df = pair.control.n + pair.treatment.n - 2
    q = quantile_of(df, node["alpha"])
    a = y * y - q * q * pair.covariance(bottom, bottom)
    b = x * y - q * q * pair.covariance(top, bottom)
    c = x * x - q * q * pair.covariance(top, top)
    root = b * b - a * c
    ends = sorted((b + s * math.sqrt(root)) / a for s in (-1, 1)) if root > 0 and a else (0.0, 0.0)
    half = (ends[1] - ends[0]) / 2
    ledger.note(node, "estimate", x / y, scale=half)
    names = ("ci_low", "ci_high") if node["status"] == "estimated" else ("at_most", "at_least")
    for name, end in zip(names, ends, strict=True):
        if node.get(name) is not None:
            ledger.note(node, name, end, scale=half)
    ledger.note(node, "df", df)


def check_adjusted_margin(ledger: Ledger, node: Node, table: Table) -> None:
    """Check the incremental margin with what units earned before taken out (CUPED)."""
    if node["adjusted_margin"].get("status") != "estimated":
        return
    units, fixed, contact = costs_of(ledger.report, node["treatment"], planned=False)
    keys = [one["key"] for one in ledger.report["plan"]["variants"]]
    parts = {key: table.of("money", key) for key in keys}
    pooled = together(list(parts.values()))
    weights = net(1, 0, 0).vector(len(pooled.totals))
    xx = sum(one.centred[EARLIER, EARLIER] for one in parts.values())
    xy = sum(float(weights @ one.centred[:, EARLIER]) for one in parts.values())
    theta, left_over = (xy / xx, 1 - 1 / sum(one.n - 1 for one in parts.values())) if xx else (0, 1)
    points = {}
    for key in (node["control"], node["treatment"]):
        one = parts[key]
        own = weights.copy()
        own[EARLIER] = -theta
        df = (one.n - 1) * left_over
        value = float(own @ one.mean) + theta * pooled.mean[EARLIER]
        error = math.sqrt(float(own @ one.centred @ own) / df / one.n)
        points[key] = Point(value, error, one.n, max(1, math.floor(df + 1e-9)))
    control, treatment = points[node["control"]], points[node["treatment"]]
    gap = treatment.value - contact - fixed / units - control.value
    error, df = welch(control, treatment)
    half = quantile_of(df, ledger.report["alpha"]) * error
    found = node["adjusted_margin"]
    for name, value in (("estimate", gap), ("ci_low", gap - half), ("ci_high", gap + half)):
        ledger.note(found, name, value * units, scale=half * units)
    ledger.note(found, "std_error", error * units)
    ledger.note(found, "p_value", two_sided(gap / error, df))
    ledger.note(found, "df", df)


def check_tiers(ledger: Ledger, tiers: Node, table: Table) -> None:
    """Check money by tier, and that it is the same in all."""
    plan = ledger.report["plan"]
    keys = [one["key"] for one in plan["variants"]]
    control = next(one["key"] for one in plan["variants"] if one["is_control"])
    cells = table.slices("money", tiers["key"])
    margins: dict[str, list[tuple[float, float] | None]] = {}
    for node in tiers["effects"]:
        cell = cells.get(node["tier"], {})
        if not cell:
            continue
        sizes = {key: cell[key].n if key in cell else 0 for key in keys}
        ledger.note(node, "control_units", sizes[control])
        ledger.note(node, "treatment_units", sizes[node["treatment"]])
        effect = None
        if min(sizes.values()) >= max(tiers["minimum_units"], 2):
            pair = Pair(cell[control], cell[node["treatment"]])
            _, _, contact = costs_of(ledger.report, node["treatment"], planned=False)
            costs = Amount({REWARD: 1, CONTACT: 1}, contact)
            check_amount(ledger, node["gross_margin"], pair, Amount({GROSS: 1}), 1)
            check_amount(ledger, node["cost"], pair, costs, 1)
            check_amount(ledger, node["contribution_margin"], pair, net(1, 0, contact), 1)
            check_amount(ledger, node["per_thousand"], pair, net(1000, 0, contact), 1000)
            check_quotient(ledger, node["cost_per_upgrade"], pair, costs, Amount({UPGRADED: 1}),
                           df_of=Amount({UPGRADED: 1}))  # fmt: skip
            points = pair.points(net(1, 0, contact))
            error = welch(*points)[0]
            effect = (points[1].value - points[0].value, error) if error else None
        margins.setdefault(node["treatment"], []).append(effect)
    for node in tiers["interactions"]:
        if "q" in node["test"]:
            few: list[tuple[float, float] | None] = [None] * table.withheld.get(
                f"money/{tiers['key']}", 0
            )
            check_interaction(ledger, node["test"], margins[node["treatment"]] + few)
