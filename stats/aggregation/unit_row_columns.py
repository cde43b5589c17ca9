"""Which columns the files of unit rows have, for whoever reads them without Tierlift."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CovariateColumn:
    """A covariate of a metric, and its column."""

    name: str
    column: str


@dataclass(frozen=True, slots=True)
class MetricRowColumns:
    """The columns of one metric.

    Attributes:
        value: Its value, or the numerator of a ratio, in the metric's unit; empty for a unit that
            it does not count.
        mature: Whether the unit's window has closed.
        denominator: Of a ratio.
        covariates: In the order of the plan.
        step, had_event: Of a survival metric: when the unit had the event or was seen last, in
            steps since its clock start, and which of both.
        steps_per_day: How fine time is cut.
        per_event: Whether its values are single events, in a file of their own.
    """

    key: str
    value: str
    mature: str
    denominator: str | None = None
    covariates: tuple[CovariateColumn, ...] = ()
    step: str | None = None
    had_event: str | None = None
    steps_per_day: int | None = None
    per_event: bool = False


@dataclass(frozen=True, slots=True)
class HorizonRowColumns:
    """The metric that decides, counted until some days after the clock start."""

    days: int
    value: str
    denominator: str | None


@dataclass(frozen=True, slots=True)
class StepRowColumns:
    """The columns of one step of a funnel.

    Attributes:
        mature: Whether the unit's time for it is over.
        before: Whether it passed the step before.
        seconds: Since the step before; empty for a unit that did not pass.
    """

    key: str
    mature: str
    before: str
    seconds: str


@dataclass(frozen=True, slots=True)
class UnitRowColumns:
    """What the columns of all files are.

    Attributes:
        segments: Column of every segment, by its key.
        money: Column of every amount, in minor units; empty where the plan does not ask.
        money_mature: Whether the unit's window for money has closed.
        steps: Of the funnel, in its own file.
        rows: How many units were written.
        coarsened: How many of them have no segment values but `OTHER`, as too few share theirs.
    """

    metrics: tuple[MetricRowColumns, ...]
    horizons: tuple[HorizonRowColumns, ...]
    segments: dict[str, str]
    money: dict[str, str]
    money_mature: str | None
    steps: tuple[StepRowColumns, ...]
    rows: int
    coarsened: int = 0
