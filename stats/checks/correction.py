"""Several tests in one check share its error rate."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values so that those below a level are wrong together as often as one may be.

    Valid for tests that depend on one another in any way.

    Source: Holm (1979), Scandinavian Journal of Statistics 6; equals
    statsmodels.stats.multitest.multipletests(method="holm").
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return tuple(adjusted)
