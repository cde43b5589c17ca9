"""What the earlier orders foretell, by ordinary least squares of statsmodels over all members.

One dummy per variant and the covariates about their means: the dummies' coefficients are the
adjusted values, those of the covariates are CUPED's θ, and the residuals of a variant give the
error of its value. Nothing here comes from Tierlift.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd
import statsmodels.api as sm

from tests.realdata.oracle import VARIANTS, Estimated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.realdata.oracle import Truth

COVARIATES: Final = {
    "repurchase_rate": ("earlier_ordered",),
    "purchase_frequency": ("earlier_orders",),
    "spend_per_member": ("earlier_net", "earlier_orders"),
    "average_order_value": ("earlier_net", "earlier_orders"),
}
"""Of the 90 days before, per metric."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A metric by regression on the covariates.

    Attributes:
        thetas: Coefficients of the covariates.
        values: Per variant.
        raw: The same without covariates.
        explained: By how much the covariates lower the regression's residual variance, as a share.
    """

    thetas: tuple[float, ...]
    values: Mapping[str, Estimated]
    raw: Mapping[str, Estimated]
    explained: float

    def reduction(self, treatment: str) -> float:
        """Give 1 - variance of the adjusted difference over that of the raw one."""
        pair = ("control", treatment)
        after = sum(self.values[key].variance for key in pair)
        return 1 - after / sum(self.raw[key].variance for key in pair)


def adjusted_by_ols(truth: Truth, metric: str) -> Adjusted:
    """Regress a metric, of a ratio its linearised values, on variants and covariates."""
    outcome = pd.concat([truth.values(metric, key) for key in VARIANTS])
    dummies = pd.get_dummies(truth.variants.loc[outcome.index])[list(VARIANTS)].astype(float)
    covariates = truth.units.loc[outcome.index, list(COVARIATES[metric])].astype(float)
    # in units of their spread, so that pence beside counts lose no digits
    spread = covariates.std()
    design = dummies.join((covariates - covariates.mean()) / spread)
    alone = sm.OLS(outcome, dummies).fit(method="qr")
    fit = sm.OLS(outcome, design).fit(method="qr")
    # the covariates' degrees of freedom, shared among the variants by their size
    kept = fit.df_resid / alone.df_resid
    values = {}
    for key in VARIANTS:
        residuals = fit.resid[truth.variants.loc[outcome.index] == key]
        df = (len(residuals) - 1) * kept
        variance = float((residuals**2).sum()) / df / len(residuals)
        values[key] = Estimated(float(fit.params[key]), variance, math.floor(df))
    return Adjusted(
        thetas=tuple(float(theta) for theta in fit.params[covariates.columns] / spread),
        values=values,
        raw={key: Estimated.of(truth.values(metric, key)) for key in VARIANTS},
        explained=1 - float(fit.mse_resid / alone.mse_resid),
    )
