"""What every unit did: unit_conversions -> unit_totals -> unit_values.

`unit_values` has one row per unit that counts, with or without conversions:

- `variant`; `first_exposed_at`, its clock start; `day`, that moment's calendar day;
- `closed`, how many of the plan's window ends have passed, shortest first: a unit is mature for a
  metric whose window end is number k when `closed` is at least k;
- `s0`, `s1`, …, its value of every segment of the plan;
- `v0`, `v1`, …, whole numbers that `layout` names, 0 for a unit that did nothing, null for one that
  is not among those that a metric counts.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from stats.aggregation.engine import EngineFunctions
from stats.aggregation.layout import Form, Layout, UnitValue
from stats.aggregation.parameters import Moment, moment
from stats.aggregation.properties import Properties
from stats.aggregation.terms import UnitTotal
from stats.metric import Among, Window
from stats.plan import AnalysisPlan


def unit_totals(layout: Layout, conversions: ir.Table, functions: EngineFunctions) -> ir.Table:
    """Add up the conversions of each unit that has any: `t0`, `t1`, …, as `layout` names them."""
    terms = [total.term for total in layout.totals]
    read = Properties.read_once(conversions, terms, functions)
    totals = {
        f"t{i}": total.expression(read, layout.reach) for i, total in enumerate(layout.totals)
    }
    return read.conversions.group_by("unit_id").agg(**totals)


def unit_values(
    plan: AnalysisPlan,
    layout: Layout,
    exposed: ir.Table,
    totals: ir.Table,
    as_of: Moment,
    functions: EngineFunctions,
    *,
    named: bool = False,
    unknown: frozenset[str] = frozenset(),
) -> ir.Table:
    """Give every unit that counts its values, as described above.

    Args:
        plan: The plan.
        layout: What the columns are.
        exposed: The units that count.
        totals: Of those with conversions.
        as_of: The analysis time.
        functions: The engine's own.
        named: With its `unit_id`.
        unknown: Attributes that the facts do not know: null of every unit.
    """
    joined = exposed.left_join(totals, "unit_id")
    segments: dict[str, ir.Value] = {}
    asked = {f"s{i}": one.key for i, one in enumerate(plan.segments)}
    known = [attribute for attribute in layout.attributes if attribute not in unknown]
    asked |= {f"a{i}": attribute for i, attribute in enumerate(known)}
    if asked:
        schema = {"unit_id": "string", **dict.fromkeys(asked.values(), "string")}
        units = ibis.table(schema, name="units").select(
            "unit_id", **{name: ibis._[attribute] for name, attribute in asked.items()}
        )
        joined = joined.drop("unit_id_right").left_join(units, "unit_id")
        segments = {f"s{i}": joined[f"s{i}"] for i in range(len(plan.segments))}
    attributes = {attribute: joined[f"a{i}"] for i, attribute in enumerate(known)}
    attributes |= {attribute: ibis.null("string") for attribute in unknown}
    names = {total: f"t{i}" for i, total in enumerate(layout.totals)}
    closed = [is_closed(joined, days, as_of).cast("int64") for days in layout.ends]
    return joined.select(
        *(["unit_id"] if named else []),
        "variant",
        "first_exposed_at",
        day=functions.local_day(joined.first_exposed_at),
        closed=sum(closed[1:], start=closed[0]),
        **segments,
        **{name: _value(joined, value, names, attributes) for name, value in layout.values},
    )


def is_closed(units: ir.Table, days: int, as_of: Moment) -> ir.BooleanValue:
    """Whether so many days have passed since a unit's clock start."""
    return units.first_exposed_at <= moment(as_of) - ibis.interval(hours=24 * days)


def is_mature(units: ir.Table, window: Window, as_of: Moment) -> ir.BooleanValue:
    """Whether a unit's window has closed by the analysis time."""
    return is_closed(units, window.end_days, as_of)


def _value(
    joined: ir.Table,
    value: UnitValue,
    names: Mapping[UnitTotal, str],
    attributes: Mapping[str, ir.StringValue],
) -> ir.IntegerValue:
    total: ir.IntegerValue = ibis.literal(0, type="int64")
    for part, weight in sorted(value.parts, key=lambda weighted: -weighted[1]):
        column = joined[names[part]].fill_null(0)
        step = column if abs(weight) == 1 else column * ibis.literal(abs(weight), type="int64")
        total = total + step if weight > 0 else total - step
    if value.constant:
        total = total + ibis.literal(value.constant, type="int64")
    result = _formed(total, value.form)
    if value.among is None:
        return result
    return ibis.cases((_is_among(attributes[value.among.attribute], value.among), result))


def _formed(total: ir.IntegerValue, form: Form) -> ir.IntegerValue:
    match form:
        case Form.TOTAL:
            return total
        case Form.POSITIVE:
            return (total > 0).cast("int64")
        case Form.ABSENT:
            return (total <= 0).cast("int64")


def _is_among(attribute: ir.StringValue, among: Among) -> ir.BooleanValue:
    if among.values:
        return attribute.isin(sorted(among.values))
    return attribute.isnull() | ~attribute.isin(sorted(among.except_values))
