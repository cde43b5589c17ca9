"""Hazard ratios: how much faster a treatment's units have the event, whenever that is.

Proportional hazards: the ratio is taken to be the same at every time. Where curves cross it is a
mean of ratios with weights that nobody chose; the restricted mean is the default for that reason.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from stats.errors import NoEvents, NotIdentified
from stats.inference.survival import risk_table
from stats.sentence import said
from stats.summary import SurvivalSummary

Array: TypeAlias = NDArray[np.float64]
STEPS = 50
CLOSE = 1e-9
"""A step of this share of the standard error is the last: the next would be its square."""
FARTHEST = 20.0
"""A log ratio beyond it (a ratio of half a billion) is one that runs off to infinity."""


class Ties(StrEnum):
    """How events at one time are taken."""

    EFRON = "efron"  # as if one after another, R's own
    BRESLOW = "breslow"  # as if each before all others, faster, closer to 1


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """The hazard of a treatment over the control's.

    Attributes:
        treatment: Its key.
        estimate: The ratio; above 1 the treatment's units have the event sooner.
        ci_low: Lower end of the two-sided 1 - alpha interval, by the normal on the logarithm.
        ci_high: Upper end.
        log_std_error: Standard error of the ratio's logarithm.
        p_value: Two-sided, of a ratio of 1 (Wald).
        alpha: Two-sided error rate.
        ties: How ties were taken.
    """

    treatment: str
    estimate: float
    ci_low: float
    ci_high: float
    log_std_error: float
    p_value: float
    alpha: float
    ties: Ties


def hazard_ratios(
    control: SurvivalSummary,
    treatments: Mapping[str, SurvivalSummary],
    *,
    alpha: float,
    ties: Ties = Ties.EFRON,
) -> tuple[HazardRatio, ...]:
    """Fit Cox's model with one indicator per treatment, from the counts at distinct times.

    Args:
        control: The control's times.
        treatments: The treatments' times, by key.
        alpha: Two-sided error rate, strictly between 0 and 1.
        ties: How events at one time are taken.

    Raises:
        TooFewUnits: A variant has no unit.
        NoEvents: A variant has no event, so that its ratio is 0 or infinite.
        NotIdentified: The likelihood has no maximum: one variant's events all lie where no other
            variant was watched.

    Source: Cox (1972), JRSS B 34; Efron (1977), JASA 72; Breslow (1974), Biometrics 30; equals R's
    survival::coxph.
    """
    at_risk, events = risk_table((control, *treatments.values()))
    for name, total in zip(("control", *treatments), events.sum(axis=0), strict=True):
        if not total:
            where = said("of {name}", name=name)
            raise NoEvents(where)
    risk, weight = _risk_sets(at_risk, events, ties)
    beta = np.zeros(len(treatments))
    observed = events.sum(axis=0)[1:]
    likelihood, score, information = _partial(beta, risk, weight, observed)
    for _ in range(STEPS):
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            break
        if float(score @ step) < CLOSE * CLOSE:
            beta = beta + step
            if float(np.abs(beta).max()) > FARTHEST:
                break
            covariance = np.linalg.inv(information)
            return tuple(
                _ratio(key, float(b), math.sqrt(v), alpha, ties)
                for key, b, v in zip(treatments, beta, np.diag(covariance), strict=True)
            )
        # halve a step that overshoots; at the maximum rounding alone may lower the likelihood
        for _ in range(STEPS):
            trial = _partial(beta + step, risk, weight, observed)
            if trial[0] >= likelihood - 1e-9 * abs(likelihood):
                break
            step = step / 2
        beta = beta + step
        likelihood, score, information = trial
    message = said(
        "The hazard ratio has no finite estimate: at the events of one variant "
        "no other was watched."
    )
    raise NotIdentified(message)


def _risk_sets(at_risk: Array, events: Array, ties: Ties) -> tuple[Array, Array]:
    """Give the risk set of every factor of the likelihood, and how often it occurs."""
    total = events.sum(axis=1).astype(np.int64)
    if ties is Ties.BRESLOW:
        return at_risk, total.astype(np.float64)
    repeated = np.repeat(np.arange(len(total)), total)
    # the l-th of d tied events: a share l/d of the tied units has gone already
    place = np.arange(len(repeated)) - np.repeat(np.cumsum(total) - total, total)
    gone = place / total[repeated]
    return at_risk[repeated] - gone[:, None] * events[repeated], np.ones(len(repeated))


def _partial(
    beta: Array, risk: Array, weight: Array, observed: Array
) -> tuple[float, Array, Array]:
    """Give the log partial likelihood, its gradient and the negative of its curvature."""
    hazard = np.exp(np.concatenate([[0.0], beta]))
    mass = risk * hazard
    total = mass.sum(axis=1)
    shares = (mass / total[:, None])[:, 1:]
    likelihood = float(observed @ beta - weight @ np.log(total))
    score = observed - weight @ shares
    information = np.diag(weight @ shares) - (shares * weight[:, None]).T @ shares
    return likelihood, score, information


def _ratio(key: str, beta: float, std_error: float, alpha: float, ties: Ties) -> HazardRatio:
    half = -float(ndtri(alpha / 2)) * std_error
    p_value = 2 * math.exp(float(log_ndtr(-abs(beta) / std_error)))
    return HazardRatio(
        key,
        math.exp(beta),
        math.exp(beta - half),
        math.exp(beta + half),
        std_error,
        p_value,
        alpha,
        ties,
    )
