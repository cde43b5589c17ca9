"""The planned looks of each treatment: which were taken, and what the present one may claim.

A look at too few outcomes is refused, and then it is none: nothing is found at it, it spends
nothing, and its share of the error rate is there for the next. Which looks are refused follows from
the units and outcomes of both variants together, so it says nothing of their difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stats.errors import CannotEstimate
from stats.inference.boundary import CEILING
from stats.inference.burn_in import check_planned_look
from stats.inference.group_sequential import FLOOR, Monitoring
from stats.plan import AnalysisPlan, LookKind

SMALLEST_SHARE = 1e-6
"""Of the information: what a look has at least, since it cannot have none."""


@dataclass(frozen=True, slots=True)
class LookTaken:
    """A planned look.

    Attributes:
        number: Of this look, from 1.
        planned: How many looks are planned.
        fractions: Information over the information planned, at every look that was taken, and at
            this one. Looks that were refused are left out: they spent nothing.
        boundary: How many standard errors the effect must reach; 8 where this look is refused.
        nominal_alpha: The error rate that this look may spend by itself; that of 8 standard errors,
            which is next to nothing, where it is refused.
        final: Whether it is the last one.
    """

    number: int
    planned: int
    fractions: tuple[float, ...]
    boundary: float
    nominal_alpha: float
    final: bool

    @property
    def spends(self) -> bool:
        """Whether anything can be decided by it; a refused look spends nothing."""
        return self.boundary < CEILING


@dataclass(frozen=True, slots=True)
class Counted:
    """What a variant had at a look.

    Attributes:
        units: Mature ones.
        nonzero: Those with a value that is not zero; `None` where unknown.
    """

    units: int
    nonzero: int | None


@dataclass(frozen=True, slots=True)
class LookDue:
    """A planned look whose time has come.

    Attributes:
        at: When.
        units: Of all variants together: its information. None too many, so that no look claims
            more than it knew.
        counted: Each variant. Of a look that is past all that it may have seen, so that none
            counts as refused that may have been taken.
    """

    at: datetime
    units: int
    counted: Mapping[str, Counted]


@dataclass(frozen=True, slots=True)
class Information:
    """How far the campaign is.

    Attributes:
        as_of: The analysis time.
        started_at: When the first unit came.
        units: Units over which the OEC is computed, of all variants together.
        looks: Every planned look that is due; the present one last, with the units of now. Once
            enrolment has ended between two looks, that is one, too.
        over: Whether enrolment has ended.
        nonzero: Units with a value that is not zero, per variant; `None` where unknown.
        counted: Units that count, mature or not, per variant: over whom a fixed cost is spread.
    """

    as_of: datetime
    started_at: datetime
    units: int
    looks: tuple[LookDue, ...]
    over: bool
    nonzero: Mapping[str, int | None]
    counted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedLooks:
    """The planned looks of one treatment so far.

    Attributes:
        monitoring: The looks taken, and the present one, as if it were taken, too.
        refusal: Why it is not; `None` where it is.
    """

    monitoring: Monitoring
    refusal: CannotEstimate | None

    def taken(self) -> Monitoring:
        """Give the looks up to the present one.

        Raises:
            CannotEstimate: That is refused.
        """
        if self.refusal is not None:
            raise self.refusal
        return self.monitoring

    def level(self, alpha: float) -> float:
        """Give the present look's own error rate where the campaign's is alpha."""
        if self.refusal is not None:
            return FLOOR
        monitoring = self.monitoring
        looks = Monitoring(monitoring.fractions, alpha, monitoring.spending, monitoring.final)
        return looks.boundaries[-1].nominal_alpha


def planned_looks(
    plan: AnalysisPlan, information: Information, treatment: str
) -> PlannedLooks | None:
    """Give the planned looks of a treatment so far; `None` for other looks, and before the first.

    Args:
        plan: With the looks.
        information: Which of them are due.
        treatment: Its key. In uneven splits one treatment may see enough where another does not.
    """
    looks, due = plan.looks, information.looks
    if looks.kind is not LookKind.PLANNED or not due or not due[-1].units:
        return None
    final = len(due) == len(looks.dates) or information.over
    pair = (plan.control.key, treatment)
    seen = [one for one in due[:-1] if _refusal(one, pair, final=False) is None]
    shares = [_share(plan, information, one) for one in (*seen, due[-1])]
    rising = tuple(sorted(max(share, SMALLEST_SHARE) for share in shares))
    monitoring = Monitoring(rising, plan.alpha, looks.spending, final)
    return PlannedLooks(monitoring, _refusal(due[-1], pair, final=final))


def look_taken(
    plan: AnalysisPlan, information: Information, looks: Mapping[str, PlannedLooks | None]
) -> LookTaken | None:
    """Say which look the present one is; `None` for other looks, and before the first.

    Where treatments differ, it is that of the one that has had most looks, and sees enough now.

    Args:
        plan: With the looks.
        information: Which of them are due.
        looks: Of every treatment, by its key.
    """
    known = [one for one in looks.values() if one is not None]
    if not known:
        return None
    one = max(known, key=lambda one: (one.refusal is None, len(one.monitoring.fractions)))
    refused = one.refusal is not None
    boundary = one.monitoring.boundaries[-1]
    return LookTaken(
        number=len(information.looks),
        planned=len(plan.looks.dates),
        fractions=one.monitoring.fractions,
        boundary=CEILING if refused else boundary.z,
        nominal_alpha=FLOOR if refused else boundary.nominal_alpha,
        final=one.monitoring.final,
    )


def _refusal(look: LookDue, pair: tuple[str, str], *, final: bool) -> CannotEstimate | None:
    """Give why a look at two variants is none."""
    before, after = (look.counted.get(key, Counted(0, None)) for key in pair)
    known = before.nonzero is not None and after.nonzero is not None
    nonzero = (before.nonzero or 0) + (after.nonzero or 0) if known else None
    try:
        check_planned_look((before.units, after.units), nonzero_units=nonzero, final=final)
    except CannotEstimate as error:
        return error
    return None


def _share(plan: AnalysisPlan, information: Information, look: LookDue) -> float:
    """Give the share of the planned information that a look had."""
    if plan.looks.planned_units is not None:
        return look.units / plan.looks.planned_units
    # without a planned size, information is taken to come evenly over time
    whole = plan.looks.dates[-1] - information.started_at
    return 1.0 if whole <= timedelta(0) else (look.at - information.started_at) / whole
