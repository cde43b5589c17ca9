"""Who has the outcome, and what goes with it: a regression on attributes and variant.

Its coefficients are associations. Attributes were not assigned by chance, so that a gold member's
higher odds say nothing of what gold would do to another; only the variant's row compares what
chance assigned, and the scorecard compares that better.
"""

import math
import warnings
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

from stats.errors import NotIdentified, NoVariance, TooFewUnits, UndefinedStatus
from stats.inference.driver_design import (
    Design,
    DriverColumn,
    RowColumns,
    design_of_patterns,
    design_of_rows,
)
from stats.inference.driver_table import (
    DEFAULTS,
    DriverCoefficient,
    DriverModel,
    DriverNote,
    DriverOptions,
    Drivers,
    DriverUndefined,
    Interval,
    RobustError,
)
from stats.inference.multiplicity import Correction, adjust
from stats.sentence import said
from stats.summary import DriverPatterns

if TYPE_CHECKING:
    import pyarrow as pa  # results are read without it

Array: TypeAlias = NDArray[np.float64]
FARTHEST = 25.0
"""A log odds beyond it (a chance of 1 in 70 billion) is one that runs off to infinity."""
SMALLEST_PART = 1e-9
"""A column of which less than this share is its own repeats the others."""


def drivers_of_patterns(
    patterns: DriverPatterns, *, alpha: float, options: DriverOptions = DEFAULTS
) -> Drivers:
    """Fit the regression to counts; equals the fit to the rows they count, errors included.

    Args:
        patterns: Units counted by factors and outcome, as aggregation gives them.
        alpha: Two-sided error rate, strictly between 0 and 1.
        options: What may be chosen.

    Raises:
        TooFewUnits: There are not more units than coefficients.
        NoVariance: All units have the outcome, or none has.
        NotIdentified: Levels together forecast the outcome perfectly.
        InvalidSummary: A reference is not among the levels of its factor.

    Source: equals R's glm (or lm) and sandwich::vcovHC on rows.
    """
    design = design_of_patterns(patterns, options.references)
    return _fitted(design, patterns.outcome, alpha, options, options.error)


def drivers_of_rows(
    table: "pa.Table", columns: RowColumns, *, alpha: float, options: DriverOptions = DEFAULTS
) -> Drivers:
    """Fit the regression to unit rows: for attributes that are numbers, or units in clusters.

    The one function of the library that reads unit rows; `drivers_of_patterns` needs none.

    Args:
        table: One row per unit (an Arrow table; `pa.Table.from_pandas` makes one).
        columns: Which of its columns are what.
        alpha: Two-sided error rate, strictly between 0 and 1.
        options: What may be chosen.

    Raises:
        MissingColumn: The table lacks a column.
        NullInColumn: The outcome, a number or a cluster is null.
        NonFiniteValue: A number is NaN or infinite.
        TooFewUnits: There are not more units, or clusters, than coefficients.
        NoVariance: All units have the outcome, or none has.
        NotIdentified: Attributes together forecast the outcome perfectly.
        InvalidSummary: The outcome is neither 0 nor 1, or a reference is no level of its factor.

    Source: as `drivers_of_patterns`; with clusters statsmodels' cov_type="cluster".
    """
    design = design_of_rows(table, columns, options.references)
    error = options.error if columns.clusters is None else RobustError.CLUSTER
    return _fitted(design, columns.outcome, alpha, options, error)


def _fitted(
    full: Design, outcome: str, alpha: float, options: DriverOptions, error: RobustError
) -> Drivers:
    model = options.model
    design, undefined = _identified(full, model)
    if not 0 < design.successes < design.units:
        message = said(
            "{successes} of {units} units have the outcome: nothing varies.",
            successes=design.successes,
            units=design.units,
        )
        raise NoVariance(message)
    beta = _coefficients(design, model)
    covariance = _robust(design, beta, model, error)
    z = -float(ndtri(alpha / 2))
    errors = np.sqrt(np.diag(covariance))[1:]
    p_values = [2 * float(ndtr(-abs(b) / s)) for b, s in zip(beta[1:], errors, strict=True)]
    adjusted = adjust(p_values, alpha=alpha, correction=Correction.BENJAMINI_HOCHBERG)
    coefficients = []
    for i, column in enumerate(design.columns):
        b, s = float(beta[i + 1]), float(errors[i])
        half = z * s
        logistic = model is DriverModel.LOGISTIC
        coefficients.append(
            DriverCoefficient(
                column=column,
                coefficient=Interval(b, b - half, b + half),
                std_error=s,
                p_value=p_values[i],
                p_adjusted=adjusted[i].p_value,
                odds_ratio=Interval(math.exp(b), math.exp(b - half), math.exp(b + half))
                if logistic
                else None,
                marginal=_marginal(design, beta, covariance, i, z)
                if logistic
                else Interval(b, b - half, b + half),
                notes=_notes(column, options.minimum_units),
            )
        )
    return Drivers(
        outcome=outcome,
        model=model,
        error=error,
        alpha=alpha,
        units=design.units,
        successes=design.successes,
        left_out=full.units - design.units,
        intercept=float(beta[0]),
        coefficients=tuple(coefficients),
        undefined=undefined,
    )


def _identified(design: Design, model: DriverModel) -> tuple[Design, tuple[DriverUndefined, ...]]:
    """Take out what the data cannot tell.

    A level of which all units have the outcome, or none, has infinite log odds: its units are left
    out, as Stata's logit does. A column that repeats others is dropped, the units kept.
    """
    undefined: list[DriverUndefined] = []
    rows = np.ones(len(design.outcome), dtype=np.bool_)
    dropped = []
    if model is DriverModel.LOGISTIC:
        for i, column in enumerate(design.columns):
            if column.level is not None and column.successes in (0, column.units):
                places = {"units": column.units, "factor": column.factor, "level": column.level}
                sentence = (
                    said(
                        "None of the {units} units with {factor} = {level} have the outcome: the "
                        "odds have no finite estimate. They are left out.",
                        **places,
                    )
                    if column.successes == 0
                    else said(
                        "All of the {units} units with {factor} = {level} have the outcome: the "
                        "odds have no finite estimate. They are left out.",
                        **places,
                    )
                )
                undefined.append(DriverUndefined(column, UndefinedStatus.NOT_IDENTIFIED, sentence))
                dropped.append(i)
                rows &= design.matrix[:, i + 1] == 0
    if dropped:
        design = design.without(dropped, rows)
    repeated = _repeated(design)
    for i in repeated:
        column = design.columns[i]
        name = column.factor if column.level is None else f"{column.factor} = {column.level}"
        sentence = said(
            "{name} repeats what other attributes say already: it has no coefficient.", name=name
        )
        undefined.append(DriverUndefined(column, UndefinedStatus.NOT_IDENTIFIED, sentence))
    if repeated:
        design = design.without(repeated, np.ones(len(design.outcome), dtype=np.bool_))
    return design, tuple(undefined)


def _repeated(design: Design) -> list[int]:
    """Number the columns that earlier ones already span."""
    basis: list[Array] = []
    repeated = []
    for i, column in enumerate(design.matrix.T):
        own = column / max(float(np.linalg.norm(column)), 1.0)
        length = float(np.linalg.norm(own))
        for _ in range(2):  # twice, so that rounding leaves nothing of the earlier columns
            for earlier in basis:
                own = own - (earlier @ own) * earlier
        rest = float(np.linalg.norm(own))
        if rest <= SMALLEST_PART * length:
            repeated.append(i - 1)
        else:
            basis.append(own / rest)
    return repeated


def _coefficients(design: Design, model: DriverModel) -> Array:
    """Fit by statsmodels, with the number of units as frequency weights."""
    from statsmodels.api import GLM, families  # noqa: PLC0415 - four seconds to import

    parameters = design.matrix.shape[1]
    if design.units <= parameters:
        raise TooFewUnits(design.units, parameters + 1)
    logistic = model is DriverModel.LOGISTIC
    family = families.Binomial() if logistic else families.Gaussian()
    fit = GLM(design.outcome, design.matrix, family=family, freq_weights=design.weights)
    with warnings.catch_warnings():
        # perfect forecasts are found below, by the log odds that they leave
        warnings.simplefilter("ignore")
        beta = np.asarray(fit.fit(maxiter=200, tol=1e-10, tol_criterion="params").params)
    if not np.isfinite(beta).all() or (
        logistic and float(np.abs(design.matrix @ beta).max()) > FARTHEST
    ):
        message = said(
            "Some combination of attributes forecasts the outcome perfectly, so the "
            "odds have no finite estimate. Leave an attribute out, or merge levels."
        )
        raise NotIdentified(message)
    return beta


def _robust(design: Design, beta: Array, model: DriverModel, error: RobustError) -> Array:
    """Give the sandwich covariance of the coefficients, every unit a row of its own.

    Made here because statsmodels gives HC0 for a GLM whatever is asked for: its HC1 lacks the
    factor n / (n - k), its HC3 the leverage.

    Source: White (1980); MacKinnon and White (1985); equals R's sandwich::vcovHC and
    sandwich::vcovCL (its HC1 with the cluster factor) on rows.
    """
    x, weights = design.matrix, design.weights
    fitted = x @ beta
    if model is DriverModel.LOGISTIC:
        fitted = expit(fitted)
        spread = fitted * (1 - fitted)
    else:
        spread = np.ones_like(fitted)
    bread = np.linalg.inv((x * (weights * spread)[:, None]).T @ x)
    residual = design.outcome - fitted
    n, k = design.units, x.shape[1]
    if error is RobustError.CLUSTER and design.clusters is not None:
        labels, numbered = np.unique(design.clusters, return_inverse=True)
        groups = len(labels)
        if groups <= k:
            raise TooFewUnits(groups, k + 1)
        scores = np.zeros((groups, k))
        np.add.at(scores, numbered, x * (weights * residual)[:, None])
        factor = groups / (groups - 1) * (n - 1) / (n - k)
        clustered: Array = bread @ (scores.T @ scores) @ bread * factor
        return clustered
    scale = n / (n - k) if error is RobustError.HC1 else 1.0
    if error is RobustError.HC3:
        leverage = spread * np.einsum("ij,jk,ik->i", x, bread, x)
        residual = residual / (1 - leverage)
    meat = (x * (weights * residual**2)[:, None]).T @ x * scale
    covariance: Array = bread @ meat @ bread
    return covariance


def _marginal(design: Design, beta: Array, covariance: Array, i: int, z: float) -> Interval:
    """Average over all units what the column changes of the share, by the delta method."""
    column = design.columns[i]
    share = design.weights / design.weights.sum()
    if column.level is None:
        chance = expit(design.matrix @ beta)
        slope = chance * (1 - chance)
        estimate = float(share @ slope) * float(beta[i + 1])
        gradient = (share * slope * (1 - 2 * chance)) @ design.matrix * float(beta[i + 1])
        gradient[i + 1] += float(share @ slope)
    else:
        of_factor = [j + 1 for j, c in enumerate(design.columns) if c.factor == column.factor]
        without = design.matrix.copy()
        without[:, of_factor] = 0
        with_level = without.copy()
        with_level[:, i + 1] = 1
        high, low = expit(with_level @ beta), expit(without @ beta)
        estimate = float(share @ (high - low))
        gradient = (share * high * (1 - high)) @ with_level - (share * low * (1 - low)) @ without
    half = z * math.sqrt(float(gradient @ covariance @ gradient))
    return Interval(estimate, estimate - half, estimate + half)


def _notes(column: DriverColumn, minimum_units: int) -> tuple[DriverNote, ...]:
    notes = []
    if column.units < minimum_units:
        notes.append(DriverNote.RARE_LEVEL)
    if min(column.successes, column.units - column.successes) < minimum_units:
        notes.append(DriverNote.FEW_OUTCOMES)
    return tuple(notes)
