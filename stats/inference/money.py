"""What a treatment earns and costs beyond its control, from the cross moments of both.

All of it is differences, by intention to treat: Δ is treatment minus control per unit, N the units
treated, k what contacting one costs more where no event says it, F what the treatment costs more
once. With G gross margin, R reward cost, K contact cost, U upgrades and W rewards per unit:

    incremental margin          N (ΔG - ΔR - ΔK - k) - F
    incremental ROI             (ΔG - ΔR - ΔK - k - F/N) / (ΔR + ΔK + k + F/N)
    cost per upgrade            (ΔR + ΔK + k) / ΔU
    break-even reward           (ΔG - ΔK - k - F/N) / ΔW
    affordable per upgrade      (ΔG - ΔK - k - F/N) / ΔU

Quotients have Fieller's intervals from the joint covariance. Where the effect that something is
divided by cannot be told from 0, or is on the wrong side of it, there is no such number.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from stats.errors import EffectNearZero, NoExtraCost, NoGain, NoVariance
from stats.inference.combination import Combination, combined_moments
from stats.inference.difference import point_difference, welch_spread
from stats.inference.outcome import Certain, Estimate
from stats.inference.point import t_quantile
from stats.inference.ratio_of_differences import (
    Pair,
    RatioEstimate,
    UnboundedRatio,
    ratio_of_differences,
)
from stats.moments import Moments
from stats.sentence import said

Quotient: TypeAlias = RatioEstimate | UnboundedRatio | Certain

GROSS, REWARD, CONTACT, UPGRADED, REWARDS = range(5)
COLUMNS = 5
"""Columns of the moments: G, R, K, U, W; any others are covariates."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What the treatment costs beyond its control that no event says.

    Attributes:
        units: Units treated, N.
        fixed: Once, F, in minor units.
        contact: Per unit treated, k, in minor units.
    """

    units: int
    fixed: float = 0.0
    contact: float = 0.0

    @property
    def per_unit(self) -> float:
        """All of it per unit treated."""
        return self.contact + self.fixed / self.units

    def total(self, per_unit: float) -> float:
        """Give what so much per unit comes to over all units treated, less all of it."""
        return self.units * (per_unit - self.contact) - self.fixed

    def per_unit_of(self, total: float) -> float:
        """Give what a unit must bring so that all of them come to a total, less all of it."""
        return self.per_unit + total / self.units


@dataclass(frozen=True, slots=True)
class Incremental:
    """The money of one treatment against its control.

    Attributes:
        pair: Moments of both, in minor units and numbers: G, R, K, U, W.
        costs: What the treatment costs beside.
        alpha: Two-sided error rate of every interval.
    """

    pair: Pair
    costs: Costs
    alpha: float

    def difference(self, *signs: float) -> Estimate | Certain:
        """Estimate the difference per unit of a weighted sum of G, R, K, U and W.

        Raises:
            TooFewUnits: A variant has fewer than two units.
            NoVariance: Neither variant varies and they are equal.
        """
        control, treatment = self.pair.points(self._of(*signs))
        return point_difference(control, treatment, alpha=self.alpha)

    def cost(self, *signs: float, known: float = 0.0) -> Estimate | Certain:
        """Estimate the difference per unit of costs, and add what is known beforehand.

        Where no unit of either variant has any, or all have the same, the difference is what is
        known: nothing is left to chance.

        Raises:
            TooFewUnits: A variant has fewer than two units.
        """
        combination = self._of(*signs, constant=known)
        try:
            return self._plain(combination)
        except NoVariance:
            sentence = said(
                "Every unit of both variants costs the same: the difference is certain."
            )
            return Certain(0.0, sentence)

    def margin(self, *, units: float | None = None, fixed: float | None = None) -> (
        Estimate | Certain
    ):  # fmt: skip
        """Estimate the incremental margin of some units, in minor units; its test is that of 0.

        Args:
            units: How many; those treated by default.
            fixed: What it costs once; F by default.

        Raises:
            TooFewUnits: A variant has fewer than two units.
            NoVariance: Neither variant varies and they are equal.
        """
        n = self.costs.units if units is None else units
        once = self.costs.fixed if fixed is None else fixed
        net = self._of(1, -1, -1, constant=-self.costs.contact - once / n)
        return times(self._plain(net), n)

    def yearly(self, audience: float, *, runs: float, season: float) -> Estimate | Certain:
        """Estimate the incremental margin of a year, the fixed cost paid at every run.

        Args:
            audience: Units of one run.
            runs: How often a year.
            season: What an average run earns per unit, over what this one did.

        Raises:
            TooFewUnits: A variant has fewer than two units.
            NoVariance: Neither variant varies and they are equal.
        """
        return times(self.margin(units=audience * season), runs)

    def roi(self) -> Quotient:
        """Estimate what a unit of money spent beyond the control brings back beyond itself.

        Returns:
            `UnboundedRatio` where extra spending cannot be told from 0.

        Raises:
            NoExtraCost: The treatment costs less than the control, or exactly as much.
            TooFewUnits: A variant has fewer than two units.
        """
        extra = self.costs.per_unit
        cost = self._of(0, 1, 1, constant=extra)
        if self._side(cost) < 0 or self.pair.difference(cost) == 0:
            raise NoExtraCost
        net = self._of(1, -1, -1, constant=-extra)
        return ratio_of_differences(self.pair, net, cost, alpha=self.alpha)

    def cost_per_upgrade(self) -> Quotient:
        """Estimate what an upgrade costs that would not have happened, in minor units.

        Raises:
            EffectNearZero: The effect on upgrades cannot be told from 0.
            NoGain: It is below 0.
            TooFewUnits: A variant has fewer than two units.
        """
        cost = self._of(0, 1, 1, constant=self.costs.contact)
        return self._over(cost, UPGRADED, said("upgrades"))

    def break_even_reward(self) -> Quotient:
        """Estimate what a reward may cost so that the incremental margin is 0, in minor units.

        Raises:
            EffectNearZero: The treatment is not shown to grant more rewards than the control.
            NoGain: It grants fewer.
            TooFewUnits: A variant has fewer than two units.
        """
        return self._over(self._before_reward, REWARDS, said("rewards granted"))

    def affordable_per_upgrade(self) -> Quotient:
        """Estimate what rewards may cost per incremental upgrade so that nothing is lost.

        Raises:
            EffectNearZero: The effect on upgrades cannot be told from 0.
            NoGain: It is below 0.
            TooFewUnits: A variant has fewer than two units.
        """
        return self._over(self._before_reward, UPGRADED, said("upgrades"))

    @property
    def _before_reward(self) -> Combination:
        return self._of(1, 0, -1, constant=-self.costs.per_unit)

    def _of(self, *signs: float, constant: float = 0.0) -> Combination:
        columns = self.pair.control.columns
        return Combination((*signs, *(0.0,) * (columns - len(signs))), constant)

    def _plain(self, combination: Combination) -> Estimate | Certain:
        return point_difference(*self.pair.points(combination), alpha=self.alpha)

    def _side(self, combination: Combination) -> int:
        """Say on which side of 0 the whole interval of a difference lies; 0 where on neither."""
        control, treatment = self.pair.points(combination)
        gap = treatment.value - control.value
        if control.std_error == treatment.std_error == 0:
            return (gap > 0) - (gap < 0)
        error, df = welch_spread(control, treatment)
        if abs(gap) <= t_quantile(df, self.alpha) * error:
            return 0
        return 1 if gap > 0 else -1

    def _over(self, top: Combination, column: int, what: str) -> Quotient:
        """Divide by an effect that is above 0."""
        effect = self._of(*(float(i == column) for i in range(COLUMNS)))
        side = self._side(effect)
        if side == 0:
            raise EffectNearZero(what)
        if side < 0:
            raise NoGain(what)
        control, treatment = self.pair.points(effect)
        df = None
        if control.std_error or treatment.std_error:
            df = welch_spread(control, treatment)[1]
        return ratio_of_differences(self.pair, top, effect, alpha=self.alpha, df=df)


def times(outcome: Estimate | Certain, factor: float) -> Estimate | Certain:
    """Multiply a difference by a number above 0; its test of zero stays what it is."""
    if isinstance(outcome, Certain):
        return replace(outcome, estimate=outcome.estimate * factor)
    return replace(
        outcome,
        estimate=outcome.estimate * factor,
        std_error=outcome.std_error * factor,
        ci_low=outcome.ci_low * factor,
        ci_high=outcome.ci_high * factor,
    )


def net_of(moments: Moments, covariates: tuple[int, ...]) -> Moments:
    """Give the moments of G - R - K and of these covariates."""
    k = range(moments.columns)
    weights = {GROSS: 1.0, REWARD: -1.0, CONTACT: -1.0}
    net = Combination(tuple(weights.get(i, 0.0) for i in k))
    others = [Combination(tuple(float(i == j) for i in k)) for j in covariates]
    return combined_moments(moments, [net, *others])
