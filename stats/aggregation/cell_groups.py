"""Cells by what they are asked for: variants, days, values of segments."""

from collections.abc import Callable, Hashable, Sequence
from datetime import date

from stats.aggregation.aggregates import Cell, UnitCount
from stats.aggregation.answers import text, whole
from stats.aggregation.engine import Row, Rows
from stats.aggregation.layout import MetricColumns
from stats.aggregation.tallies import Frame, ReadCell, Tally, read_cells, summary_of
from stats.moments import Moments


class _Groups:
    """Cells sorted by a key, and added up over those that are mature."""

    def __init__(
        self, cells: Sequence[ReadCell], key: Callable[[Row], Hashable], frame: Frame
    ) -> None:
        self._cells: dict[Hashable, list[tuple[int, ReadCell]]] = {}
        for cell in cells:
            closed = whole(cell.row.get("closed", 0))
            self._cells.setdefault(key(cell.row), []).append((closed, cell))
        self._frame = frame
        self._tallies: dict[tuple[Hashable, int], Tally] = {}

    def tally(self, key: Hashable, closed: int) -> Tally:
        """Add up the cells of a key of which at least so many windows have closed."""
        if (key, closed) not in self._tallies:
            cells = [cell for passed, cell in self._cells.get(key, ()) if passed >= closed]
            self._tallies[key, closed] = Tally.of(cells, self._frame)
        return self._tallies[key, closed]


class CellGroups:
    """Cells added up per variant, per day, and per value of each segment."""

    def __init__(
        self,
        variants: Sequence[str],
        segments: Sequence[str],
        frame: Frame,
        by_day: Rows,
        by_segment: tuple[Rows, ...],
    ) -> None:
        """Take the cells per day, and per value of each segment; only these variants count."""
        self._planned, self._segments, self._frame = tuple(variants), tuple(segments), frame
        cells = read_cells(by_day)
        dated = [cell for cell in cells if cell.row.get("day") is not None]
        self._days = sorted({day_of(cell.row["day"]) for cell in dated})
        self._variants = _Groups(cells, lambda row: text(row["variant"]), frame)
        self._by_day = _Groups(dated, lambda row: (text(row["variant"]), day_of(row["day"])), frame)
        self._values = tuple(
            sorted({_value(row, i) for row in rows}, key=lambda value: (value is None, value or ""))
            for i, rows in enumerate(by_segment)
        )
        self._by_segment = tuple(
            _Groups(read_cells(rows), _variant_and_value(i), frame)
            for i, rows in enumerate(by_segment)
        )

    def tally(self, variant: str, closed: int = 0) -> Tally:
        """Add up the units of a variant of which at least so many windows have closed."""
        return self._variants.tally(variant, closed)

    def pooled(self, closed: int = 0) -> Tally:
        """Add up those of all variants that count."""
        return Tally.together([self.tally(key, closed) for key in self._planned], self._frame)

    def day_cells(self, columns: MetricColumns) -> tuple[Cell, ...]:
        """Give a metric per day and variant, over mature units."""
        return tuple(
            _cell(columns, key, tally, day=day)
            for day in self._days
            for key in self._planned
            if (tally := self._by_day.tally((key, day), columns.closed)).n
        )

    def segment_cells(self, columns: MetricColumns) -> tuple[Cell, ...]:
        """Give a metric per segment, value and variant, over mature units."""
        return tuple(
            _cell(columns, key, tally, segment=segment, value=value)
            for i, segment in enumerate(self._segments)
            for value in self._values[i]
            for key in self._planned
            if (tally := self._by_segment[i].tally((key, value), columns.closed)).n
        )

    def units_by_day(self) -> tuple[UnitCount, ...]:
        """Count the units, mature or not, per day and variant."""
        return tuple(
            UnitCount(key, n, day=day)
            for day in self._days
            for key in self._planned
            if (n := self._by_day.tally((key, day), 0).n)
        )

    def units_by_segment(self) -> tuple[UnitCount, ...]:
        """Count the units, mature or not, per segment, value and variant."""
        return tuple(
            UnitCount(key, n, segment=segment, value=value)
            for i, segment in enumerate(self._segments)
            for value in self._values[i]
            for key in self._planned
            if (n := self._by_segment[i].tally((key, value), 0).n)
        )


def _cell(
    columns: MetricColumns,
    variant: str,
    tally: Tally,
    *,
    segment: str | None = None,
    value: str | None = None,
    day: date | None = None,
) -> Cell:
    moments = tally.moments(columns)
    summary = summary_of(columns, moments)
    covariates, nonzero = with_covariates(columns, moments), tally.nonzero(columns)
    return Cell(variant, summary, segment, value, day, covariates, nonzero)


def with_covariates(columns: MetricColumns, moments: Moments) -> Moments | None:
    """Give moments only where there are covariates, which a plain summary has no room for."""
    return moments if columns.covariates else None


def _value(row: Row, i: int) -> str | None:
    value = row[f"s{i}"]
    return None if value is None else text(value)


def _variant_and_value(i: int) -> Callable[[Row], Hashable]:
    return lambda row: (text(row["variant"]), _value(row, i))


def day_of(value: object) -> date:
    """Read a calendar day."""
    if isinstance(value, date):
        return value
    message = f"the engine answered {value!r} where a day was asked for"
    raise TypeError(message)
