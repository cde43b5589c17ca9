"""What a notebook shows: escaped, complete, and with the numbers of the scorecard."""

import html
import json
from dataclasses import replace
from typing import cast

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert

from stats.aggregation.aggregate import aggregate
from stats.inference.outcome import Estimate, Lift, Rate
from stats.metric import MetricKind
from stats.notebook import Analysis, analyse_facts, analyse_units, drivers
from stats.plan import AnalysisPlan, Covariate, LookKind, Looks, MetricRole, SegmentBy
from tests.stats.facts import (
    DAY,
    FUNNEL,
    START,
    fact_tables,
    in_use,
    plan,
    random_facts,
    random_segments,
)

AS_OF = START + 150 * DAY
SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
EVIL = "<script>alert(1)</script>"


def whole_plan() -> AnalysisPlan:
    """Sums of every kind with covariates, a survival metric, a funnel, a segment."""
    oec = replace(in_use("spend_per_member", MetricRole.OEC), covariates=(Covariate("before", 30),))
    made = plan(
        oec,
        in_use("repurchase_rate"),
        in_use("average_order_value"),
        in_use("repurchase_interval"),
        shares=SHARES,
        funnel=FUNNEL,
    )
    looks = Looks(LookKind.CONTINUOUS, planned_units=300)
    return replace(made, looks=looks, segments=(SegmentBy("tier", "Tier", 20),))


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """All of it, on random facts of members in three variants."""
    exposures, conversions, units = random_facts(3, 3_000)
    tables = fact_tables(exposures, conversions, units, segments=random_segments(3, exposures))
    return analyse_facts(tables, whole_plan(), AS_OF)


def data_of(chart: alt.TopLevelMixin) -> list[pd.DataFrame]:
    """The tables inside a chart's specification."""
    specification = json.loads(chart.to_json())
    return [pd.DataFrame(rows) for rows in specification["datasets"].values()]


def with_column(chart: alt.TopLevelMixin, column: str) -> pd.DataFrame:
    """All rows of a chart that have a column, in order and each once."""
    frames = [frame for frame in data_of(chart) if column in frame]
    return pd.concat(frames, ignore_index=True).drop_duplicates().reset_index(drop=True)


def test_table_has_the_numbers_of_the_scorecard(analysis: Analysis) -> None:
    """Money in major units, all else as it is: to the last bit."""
    table = analysis.table()
    for metric in analysis.scorecard.metrics:
        divisor = 100 if metric.definition.is_money else 1
        for one in metric.comparisons:
            row = table.query(
                f"metric == '{metric.key}' and estimate == 'raw' and treatment == '{one.treatment}'"
            ).iloc[0]
            assert isinstance(one.difference, Estimate)
            assert row["difference"] == one.difference.estimate / divisor
            assert row["ci_low"] == one.difference.ci_low / divisor
            assert row["p_value"] == one.difference.p_value
            assert isinstance(one.lift, Lift)
            assert row["lift_high"] == one.lift.ci_high


def test_deciding_rows_are_those_of_the_oec(analysis: Analysis) -> None:
    """Under the plan's looks: the confidence sequence, with p-values for both treatments."""
    deciding = analysis.table().query("estimate == 'deciding'")
    oec = analysis.scorecard.oec
    assert oec is not None
    assert list(deciding["method"]) == ["confidence_sequence"] * 2
    for row, one in zip(deciding.itertuples(), oec.treatments, strict=True):
        assert isinstance(one.difference, Estimate)
        assert row.ci_low == one.difference.ci_low / 100
        assert row.p_value == one.adjusted_p_value


def test_course_ends_at_the_deciding_sequence(analysis: Analysis) -> None:
    """All cohorts added up are all units: the last band is the interval that decides."""
    last = analysis.over_time().groupby("treatment").last()
    deciding = analysis.table().query("estimate == 'deciding'").set_index("treatment")

    np.testing.assert_allclose(
        last[["difference", "ci_low", "ci_high"]],
        deciding.loc[last.index, ["difference", "ci_low", "ci_high"]],
        rtol=1e-9,
    )
    assert set(last["units"]) == {sum(v.summary.n for v in analysis.rows[0].variants)}


def test_course_holds_at_an_earlier_day_what_an_analysis_of_its_units_gives() -> None:
    """Cumulated cohorts equal a pass over the members exposed until that day."""
    exposures, conversions, units = random_facts(3, 3_000)
    single = whole_plan()
    tables = fact_tables(exposures, conversions, units, segments=random_segments(3, exposures))
    course = analyse_facts(tables, single, AS_OF).over_time()
    first = exposures.groupby("unit_id")["exposed_at"].transform("min")
    until = START + 20 * DAY
    early = exposures[first < until]
    segments = random_segments(3, exposures)
    alone = analyse_facts(
        fact_tables(early, conversions, units, segments=segments), single, AS_OF
    ).table().query("estimate == 'raw' and metric == 'spend_per_member'")  # fmt: skip
    alone = alone[alone["segment"].isna()].set_index("treatment")
    # exposed at midnight UTC: in Taipei the same calendar day
    row = course[course["at"] == (until - DAY).date()].set_index("treatment")

    np.testing.assert_allclose(row["difference"], alone.loc[row.index, "difference"], rtol=1e-12)


def test_interval_chart_draws_the_table(analysis: Analysis) -> None:
    """Every interval of the table is in the chart, with a line at zero; shares in points."""
    table = analysis.table()
    whole = table[table["segment"].isna() & (table["estimate"] != "deciding")]

    lifts = with_column(analysis.plot_intervals(), "lift_low")
    differences = with_column(analysis.plot_intervals(scale="difference"), "ci_low")

    drawn = whole[whole["lift_low"].notna() & whole["lift_high"].notna()]
    assert sorted(lifts["lift_low"]) == sorted(drawn["lift_low"])
    factor = np.where(whole["unit"] == "share", 100, 1)
    np.testing.assert_allclose(
        sorted(differences["ci_low"]), sorted(whole["ci_low"] * factor), rtol=1e-12
    )
    assert with_column(analysis.plot_intervals(), "zero")["zero"].tolist() == [0]


def test_segment_chart_is_labelled_exploratory(analysis: Analysis) -> None:
    """Its title says so, and its rows are the segment's values."""
    chart = analysis.plot_intervals("repurchase_rate", segment="Tier")

    assert "Exploratory" in chart.to_json()
    assert set(with_column(chart, "lift_low")["row"]) <= {"bronze", "銀", "gold", "(none)"}


def test_interval_that_does_not_exist_is_named_under_the_title() -> None:
    """A lift over 0 is not drawn, and not dropped in silence."""
    frame = pd.DataFrame(
        {"variant": ["control", "B"] * 50, "y": [0, 1] * 50, "z": [1.0, 2.0, 3.0, 5.0] * 25}
    )
    chart = analyse_units(frame, ["y", "z"]).plot_intervals()

    assert "Not drawn: y, B." in chart.to_json()


def test_over_time_chart_draws_the_course(analysis: Analysis) -> None:
    """Band and line are the numbers of `over_time`."""
    course = analysis.over_time()
    drawn = with_column(analysis.plot_over_time(), "fixed_low")

    known = course[course["ci_low"].notna()]
    assert sorted(drawn["ci_low"].dropna()) == pytest.approx(sorted(known["ci_low"]))


def test_funnel_chart_draws_every_step_over_all_units(analysis: Analysis) -> None:
    """Shares and intervals are those of the scorecard's funnel."""
    funnel = analysis.scorecard.funnel
    assert funnel is not None
    drawn = with_column(analysis.plot_funnel(), "share").dropna(subset=["share"])
    shares = [
        (one.share.estimate, one.share.ci_low)
        for step in funnel.steps
        for one in step.variants
        if isinstance(one.share, Rate)
    ]

    assert sorted(drawn["share"]) == pytest.approx(sorted(share for share, _ in shares))
    assert sorted(drawn["ci_low"]) == pytest.approx(sorted(low for _, low in shares))


def test_survival_chart_draws_curves_that_fall(analysis: Analysis) -> None:
    """From 1 on day 0, never rising, one curve per variant."""
    drawn = with_column(analysis.plot_survival(), "survival")

    assert set(drawn["variant"]) == set(SHARES)
    for _, curve in drawn.drop_duplicates(["variant", "day"]).groupby("variant"):
        falling = curve.sort_values("day")["survival"]
        assert falling.iloc[0] <= 1
        assert falling.is_monotonic_decreasing


def test_power_chart_rises_to_the_goal_at_the_smallest_effect(analysis: Analysis) -> None:
    """From the error rate upwards; 80 % at the smallest effect that is marked."""
    plan_of_power = analysis.power_plan("repurchase_rate")
    drawn = with_column(analysis.plot_power("repurchase_rate"), "power")
    curve = drawn.sort_values("lift")

    assert curve["power"].is_monotonic_increasing
    assert curve["power"].iloc[0] == pytest.approx(0.025, abs=1e-4)  # two treatments share 5 %
    at = np.interp(plan_of_power.smallest / plan_of_power.baseline.value,
                   curve["lift"], curve["power"])  # fmt: skip
    assert at == pytest.approx(0.8, abs=1e-3)
    assert plan_of_power.baseline.is_rate


@pytest.mark.parametrize(
    "plot", ["plot_intervals", "plot_over_time", "plot_funnel", "plot_survival", "plot_power"]
)
def test_every_chart_is_titled_and_can_be_saved_without_a_network(
    analysis: Analysis, plot: str
) -> None:
    """It becomes an SVG by itself, and its title is in it."""
    chart = cast("alt.TopLevelMixin", getattr(analysis, plot)())
    specification = json.loads(chart.to_json())

    picture = vl_convert.vegalite_to_svg(specification)

    assert picture.startswith("<svg")
    assert html.escape(specification["title"]["text"], quote=False) in picture


def test_html_is_escaped_and_needs_nothing_from_elsewhere() -> None:
    """Names come from data: none is taken for markup, no address is loaded."""
    frame = pd.DataFrame(
        {"variant": ["control", EVIL] * 200, EVIL: np.arange(400) % 7, "s": [EVIL] * 400}
    )
    got = analyse_units(frame, EVIL, segments=["s"])
    table = drivers(frame.assign(y=np.arange(400) % 3 == 0), "y", ["variant"])

    for page in (got._repr_html_(), table._repr_html_()):
        assert html.escape(EVIL) in page
        assert "<script" not in page
        assert "http" not in page


def test_plain_text_says_the_same_as_the_html(analysis: Analysis) -> None:
    """Every cell of the HTML is in the text of `repr`."""
    text, page = repr(analysis), analysis._repr_html_()
    cells = [part.split("<")[0] for part in page.split('1px solid #dbe1e7">')[1:]]

    assert len(cells) > 100
    assert not [cell for cell in cells if html.unescape(cell) not in text]
    assert "Verdict" in text
    assert "Spend per member" in text


def test_scorecard_is_that_of_the_parts_behind_it(analysis: Analysis) -> None:
    """Nothing is computed apart: aggregates and plan give the same again."""
    exposures, conversions, units = random_facts(3, 3_000)
    tables = fact_tables(exposures, conversions, units, segments=random_segments(3, exposures))

    assert aggregate(tables, analysis.plan, AS_OF) == analysis.aggregates
    kinds = {metric.definition.kind for metric in analysis.plan.metrics}
    assert MetricKind.SURVIVAL in kinds


def test_drivers_are_labelled_as_association() -> None:
    """Table, text and chart say so; the coefficients are those of the regression."""
    rng = np.random.default_rng(2)
    n = 3_000
    tier = rng.choice(["bronze", "silver", "gold"], n, p=[0.6, 0.3, 0.1])
    variant = rng.choice(["control", "B"], n)
    chance = 0.1 + 0.1 * (tier == "gold") + 0.03 * (variant == "B")
    frame = pd.DataFrame({"variant": variant, "tier": tier, "y": rng.random(n) < chance})

    got = drivers(frame, "y", ["variant", "tier"], references={"variant": "control"})

    assert "Association, not effect" in repr(got)
    assert "Association, not effect" in got.plot().to_json()
    table = got.table().set_index("level")
    assert list(table.index) == ["B", "gold", "silver"]
    fitted = {one.column.level: one for one in got.drivers.coefficients}
    assert table.loc["gold", "points"] == fitted["gold"].marginal.estimate
    assert with_column(got.plot(), "points_low")["points_low"].tolist() == pytest.approx(
        [one.marginal.ci_low for one in got.drivers.coefficients]
    )
