"""The money in a notebook: the scorecard's amounts, in major units."""

import pandas as pd
import pytest

from stats.inference.outcome import Estimate
from stats.notebook.facts import analyse_facts
from stats.plan import MetricRole
from tests.stats.facts import in_use
from tests.stats.money_world import AS_OF, MONEY, money_plan, money_world


def test_money_is_tidy_and_in_major_units() -> None:
    """Each amount of the scorecard is a row, money over 100 and shares as they are."""
    world = money_world(5, members=400)
    deciding = in_use("repurchase_rate", MetricRole.OEC)

    analysis = analyse_facts(world.facts, money_plan(deciding, money=MONEY), AS_OF)

    frame = analysis.money().set_index("amount")
    assert analysis.scorecard.money is not None
    (one,) = analysis.scorecard.money.treatments
    margin = one.incremental_margin
    assert isinstance(margin, Estimate)
    row = frame.loc["incremental_margin"]
    assert (row["estimate"], row["ci_low"]) == pytest.approx(
        (margin.estimate / 100, margin.ci_low / 100)
    )
    assert isinstance(one.upgraded, Estimate)
    assert frame.loc["upgraded", "estimate"] == pytest.approx(one.upgraded.estimate)
    assert set(frame["treatment"]) == {"B"}


def test_without_money_the_frame_is_empty() -> None:
    """A plan that asks for no money gives no rows, and the same columns."""
    world = money_world(5, members=100)
    plan = money_plan(in_use("repurchase_rate", MetricRole.OEC))
    bare = analyse_facts(
        world.facts, type(plan).from_json({**plan.to_json(), "money": None}), AS_OF
    )

    frame = bare.money()

    assert isinstance(frame, pd.DataFrame)
    assert frame.empty
    assert "ci_low" in frame.columns
