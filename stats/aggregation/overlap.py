"""Which units are in other campaigns at the same time, in which variants, and with what outcome.

::

    overlaps -> memberships -+-> overlap_cells
    exposed_units, outcomes -+

Campaigns that do not exclude one another share members. Each splits by a salt of its own, so that
half of the one has either variant of the other, by chance alike. The cells let a check see whether
that held, and whether the effect is another one where the other campaign's treatment was felt.
"""

from typing import Final

import ibis
import ibis.expr.types as ir

from stats.aggregation.answers import text, whole
from stats.aggregation.engine import Row, Rows
from stats.aggregation.overlaps import OverlapCell, Overlaps
from stats.aggregation.parameters import TIME, Moment, moment
from stats.moments import Moments
from stats.summary import MeanSummary, RatioSummary

OVERLAPS: Final = {
    "unit_id": "string",
    "campaign": "string",
    "variant": "string",
    "exposed_at": TIME,
}
"""Exposures of our units to other campaigns: the columns that the facts must have."""
OUTCOMES: Final = {"unit_id": "string", "y": "int64"}
"""Value of the OEC per mature unit; a ratio metric has its denominator `d`, too."""
WHOLE: Final = "decimal(19, 0)"  # any int64
SUM: Final = "decimal(38, 0)"  # a product of two of them, summed; engines raise when it overflows


def memberships(overlaps: ir.Table, as_of: Moment) -> ir.Table:
    """Give per unit and other campaign its variant there (`other`): null if it had several."""
    until = overlaps.filter(overlaps.exposed_at <= moment(as_of))
    spans = until.group_by(["unit_id", "campaign"]).agg(
        low=until.variant.min(), high=until.variant.max()
    )
    one = ibis.cases((spans.low == spans.high, spans.low), else_=None)
    return spans.select("unit_id", "campaign", other=one)


def overlap_cells(
    exposed_units: ir.Table,
    overlaps: ir.Table,
    as_of: Moment,
    *,
    outcomes: ir.Table | None = None,
) -> ir.Table:
    """Count our units per other campaign, our variant and its variant.

    Args:
        exposed_units: The units that count: `unit_id`, `variant`.
        overlaps: Exposures to other campaigns (`OVERLAPS`).
        as_of: The analysis time.
        outcomes: The OEC of mature units (`OUTCOMES`), each once.

    Returns:
        `campaign`, `variant`, `other`, `units`; with outcomes also the sums `n`, `y`, `yy` and of a
        ratio metric `d`, `dd`, `yd`.
    """
    ours = exposed_units.select("unit_id", "variant")
    shared = ours.join(memberships(overlaps, as_of), "unit_id")
    by = ["campaign", "variant", "other"]
    if outcomes is None:
        return shared.group_by(by).agg(units=shared.count())
    valued = shared.left_join(outcomes, "unit_id")
    sums = {"n": valued.y.count(), "y": _sum(valued, "y"), "yy": _sum(valued, "y", "y")}
    if "d" in outcomes.columns:
        sums |= {"d": _sum(valued, "d"), "dd": _sum(valued, "d", "d"), "yd": _sum(valued, "y", "d")}
    return valued.group_by(by).agg(units=valued.count(), **sums)


def read_overlaps(rows: Rows, *, scale: int = 1) -> Overlaps:
    """Read the rows of `overlap_cells`, whose outcomes are in so many steps a unit."""
    cells = [
        OverlapCell(
            text(row["campaign"]),
            text(row["variant"]),
            None if row["other"] is None else text(row["other"]),
            whole(row["units"]),
            _summary(row, scale),
        )
        for row in rows
    ]
    return Overlaps(tuple(sorted(cells, key=lambda c: (c.campaign, c.variant, c.other or ""))))


def _sum(valued: ir.Table, *columns: str) -> ir.Scalar:
    product = valued[columns[0]].cast(WHOLE)
    for column in columns[1:]:
        product = product * valued[column].cast(WHOLE)
    return product.sum().fill_null(0).cast(SUM)


def _summary(row: Row, scale: int) -> MeanSummary | RatioSummary | None:
    if "n" not in row:
        return None
    n, y, yy = (whole(row[name]) for name in ("n", "y", "yy"))
    if "d" not in row:
        return Moments.from_sums(n, [y], [[yy]], scales=[scale]).mean_summary()
    d, dd, yd = (whole(row[name]) for name in ("d", "dd", "yd"))
    moments = Moments.from_sums(n, [y, d], [[yy, yd], [yd, dd]], scales=[scale, scale])
    return moments.ratio_summary()
