"""The report inside the console: the stored scorecard's numbers, and nothing where none may be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import altair as alt
import orjson
import pytest
import sqlalchemy as sa
from babel import Locale

from app.auth.roles import Role
from app.console.plots import interval_plot
from app.console.results.effects import EffectsPage
from app.console.results.health import HealthPage
from app.console.results.nothing import NothingPage
from app.console.results.overview import OverviewPage
from app.report.formatting import Formats, Scale
from app.report.outcomes import show_lift, show_value
from app.report.plot import Plot, PlotRow, RowKind, Tick
from experiments.campaign import State
from experiments.lifecycle import set_programme
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from stats.scorecard import scorecard_to_json
from tests.app.console.conftest import post
from tests.app.report.scorecards import CAST
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring
    from stats.scorecard import Scorecard

HOME = "/console/campaigns/gold-q3"
TABS = ("", "/health", "/results", "/funnel", "/time", "/segments", "/money")
VIEWS = ("fixed", "sequential", "bayesian")


@pytest.fixture
def stored(wiring: Wiring) -> Callable[..., Scorecard]:
    """Keep a scorecard of the tests' campaign, which is there from then on."""
    set_programme(wiring.engine, programme(), wiring.clock())
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(State.RUNNING))

    def keep(name: str) -> Scorecard:
        scorecard = CAST[name]().scorecard
        row = StoredScorecard(
            "gold-q3",
            1,
            scorecard.snapshot_hash,
            scorecard.computed_at,
            orjson.dumps(scorecard_to_json(scorecard)).decode(),
        )
        with writing(wiring.engine) as connection:
            keep_scorecard(connection, row)
        return scorecard

    return keep


def formats_of(scorecard: Scorecard) -> Formats:
    """Give the formats of an English reader."""
    own = Formats.of(scorecard)
    return Formats(own.currency, own.exponent, own.zone, Locale.parse("en"))


def test_the_overview_gives_the_verdict_and_what_to_do_next(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Callable[..., Scorecard]
) -> None:
    """The verdict's sentence, the effect that decides with its interval, and a next step."""
    scorecard = stored("story")
    assert client_of(Role.VIEWER).get(HOME).status_code == 200
    page = pages[-1]
    assert isinstance(page, OverviewPage)
    assert page.top.sentence
    assert page.step.text
    assert [line.treatment.key for line in page.top.lines] == [
        one.key for one in scorecard.plan.treatments
    ]
    assert page.plot is not None
    assert page.snapshots[0].is_here


def test_a_decided_campaign_leads_to_its_memo(
    wiring: Wiring,
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    stored: Callable[..., Scorecard],
) -> None:
    """Nobody is told to decide what is decided."""
    stored("story")
    with writing(wiring.engine) as connection:
        connection.execute(sa.text("UPDATE campaigns SET state = 'decided'"))
    client_of(Role.VIEWER).get(HOME)
    assert pages[-1].step.address == f"{HOME}/memo"


def test_results_are_the_scorecards_numbers(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Callable[..., Scorecard]
) -> None:
    """Members, totals, values and lifts stand in the table as the formats write them."""
    scorecard = stored("story")
    client_of(Role.VIEWER).get(f"{HOME}/results?view=fixed&scale=relative")
    page, formats = pages[-1], formats_of(scorecard)
    assert isinstance(page, EffectsPage)
    metric = scorecard.metrics[0]
    card = next(one for one in page.cards if one.key == metric.key)
    table = card.parts[0].table
    assert table is not None
    lines = table.groups[0].lines
    for row, line in zip(metric.variants, lines, strict=True):
        assert line.cells[0].number == formats.count(row.n)
        totals = [cell.number.value for cell in line.cells[1:3] if cell.number is not None]
        assert totals == [row.numerator_total, row.denominator_total]
        scale = Scale.of_value(metric.definition.unit)
        assert line.cells[3].shown == show_value(row.value, formats, scale)
    for comparison in metric.comparisons:
        shown = [line.cells[4].shown for line in lines if line.cells[4].shown]
        assert show_lift(comparison.lift, formats) in shown


def test_a_failed_check_hides_verdict_and_effects(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Callable[..., Scorecard]
) -> None:
    """The overview shows what failed and what to do, and no effect; other tabs warn."""
    stored("broken_split")
    client = client_of(Role.VIEWER)
    client.get(HOME)
    page = pages[-1]
    assert page.failed
    assert all(one.what_to_do for one in page.failed)
    assert (page.top.lines, page.plot, page.glance) == ((), None, None)
    client.get(f"{HOME}/results")
    assert pages[-1].standing.warning


def test_states_without_results_are_told_apart(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Callable[..., Scorecard]
) -> None:
    """Nobody exposed, events missing and open windows have each their words and next step."""
    client, seen = client_of(Role.VIEWER), set()
    for name in ("empty", "events_missing", "immature"):
        scorecard = stored(name)
        client.get(f"{HOME}?snapshot={scorecard.snapshot_hash}")
        seen.add((pages[-1].top.label, pages[-1].step.text))
    assert len(seen) == 3


@pytest.mark.parametrize("name", ["story", "broken_split", "empty", "immature", "planned_looks",
                                  "continuous", "funnel", "money", "times", "hostile"])  # fmt: skip
def test_every_tab_shows_every_scorecard(
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    stored: Callable[..., Scorecard],
    name: str,
) -> None:
    """No tab and no view fails, and every plot is one that Vega-Lite's schema allows."""
    stored(name)
    client = client_of(Role.VIEWER)
    views = [f"/results?view={view}&scale={scale}" for view in VIEWS
             for scale in ("relative", "absolute", "money")]  # fmt: skip
    for tab in (*TABS, *views):
        answer = client.get(f"{HOME}{tab}")
        assert answer.status_code == 200, tab
        assert b"<script>alert" not in answer.data
        for plot in _plots(pages[-1]):
            alt.LayerChart.from_dict(json.loads(plot.specification))


def _plots(page: Any) -> list[Any]:  # noqa: ANN401  # any page
    parts = [part for card in getattr(page, "cards", ()) for part in card.parts]
    parts += getattr(page, "parts", ())
    own = getattr(page, "plot", None)
    return [plot for part in parts for plot in part.plots] + ([own] if own else [])


def test_health_shows_every_finding_the_worst_first(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Callable[..., Scorecard]
) -> None:
    """All of the scorecard's findings stand there, with evidence."""
    scorecard = stored("broken_split")
    client_of(Role.VIEWER).get(f"{HOME}/health")
    page = pages[-1]
    assert isinstance(page, HealthPage)
    codes = [one.code for one in (*page.open, *page.passed)]
    assert sorted(codes) == sorted(str(one.code) for one in scorecard.findings)
    assert page.open[0].tone == "bad"
    assert page.open[0].evidence


def test_an_older_snapshot_is_opened_by_its_hash(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Callable[..., Scorecard]
) -> None:
    """It is shown as it was, with the way to the newest; what nobody stored is not there."""
    older = stored("story")
    stored("broken_split")
    client = client_of(Role.VIEWER)
    client.get(HOME)
    assert [one.is_here for one in pages[-1].snapshots] == [True, False]
    assert pages[-1].snapshots[1].against
    client.get(f"{HOME}?snapshot={older.snapshot_hash}")
    assert pages[-1].standing.newest == HOME
    assert pages[-1].standing.snapshot == older.snapshot_hash[:12]
    assert client.get(f"{HOME}?snapshot={'0' * 64}").status_code == 404


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("tab", TABS)
def test_without_a_scorecard_there_is_a_next_step(
    client_of: Callable[..., FlaskClient], pages: list[Any], tab: str
) -> None:
    """A running campaign offers to compute one."""
    assert client_of(Role.VIEWER).get(f"{HOME}{tab}").status_code == 200
    assert isinstance(pages[-1], NothingPage)
    assert pages[-1].compute


def test_a_draft_has_nothing_to_compute(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """It says that it is not launched."""
    set_programme(wiring.engine, programme(), wiring.clock())
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(State.DRAFT))
    client_of(Role.VIEWER).get(HOME)
    assert (pages[-1].heading, pages[-1].compute) == ("Not launched yet", "")


def test_results_are_for_whom_may_read_reports(client_of: Callable[..., FlaskClient]) -> None:
    """Nobody gets any tab without signing in, and an unknown campaign is not there."""
    client = client_of(Role.VIEWER)
    assert client.get("/console/campaigns/never").status_code == 404
    client.delete_cookie("tierlift", path="/console")
    assert [client.get(f"{HOME}{tab}").status_code for tab in TABS] == [302] * len(TABS)


def test_computing_a_campaign_that_was_never_launched_says_so(
    client_of: Callable[..., FlaskClient], wiring: Wiring
) -> None:
    """The fault is a page, and nothing is stored."""
    set_programme(wiring.engine, programme(), wiring.clock())
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(State.DRAFT))
    answer = post(client_of(Role.VIEWER), f"{HOME}/compute", page=HOME)
    assert answer.status_code == 409


def test_a_switch_of_view_swaps_the_effects_alone(
    client_of: Callable[..., FlaskClient], stored: Callable[..., Scorecard]
) -> None:
    """Htmx gets the same part that the whole page includes."""
    stored("continuous")
    client = client_of(Role.VIEWER)
    part = client.get(f"{HOME}/results?view=sequential", headers={"HX-Request": "true"})
    assert b"<html" not in part.data
    assert b"data-plot" in part.data


@pytest.mark.parametrize("view", ["sequential", "bayesian"])
def test_every_view_shows_what_was_counted(
    view: str,
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    stored: Callable[..., Scorecard],
) -> None:
    """Members, numerators and denominators stand beside each method's numbers, not one's alone."""
    scorecard = stored("continuous")
    client_of(Role.VIEWER).get(f"{HOME}/results?view={view}")
    card, formats = pages[-1].cards[0], formats_of(scorecard)
    metric = next(one for one in scorecard.metrics if one.key == card.key)
    table = card.parts[-1].table
    for row, line in zip(metric.variants, table.groups[0].lines, strict=True):
        assert line.cells[0].number == formats.count(row.n)
        totals = [cell.number.value for cell in line.cells[1:3]]
        assert totals == [row.numerator_total, row.denominator_total]


def test_a_long_page_has_an_index_of_its_metrics(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Callable[..., Scorecard]
) -> None:
    """Each metric is one link away from the top."""
    stored("story")
    text = client_of(Role.VIEWER).get(f"{HOME}/results").text
    assert len(pages[-1].cards) > 3
    for card in pages[-1].cards:
        assert f'href="#card-{card.key}"' in text
        assert f'id="card-{card.key}"' in text


def test_a_plot_has_its_numbers_in_a_table() -> None:
    """Every row of an interval plot is a row of its table."""
    rows = (PlotRow(RowKind.TREATMENT, "Gift", "+1 (0 to 2)", 1.0, 0.0, 2.0),)
    plot = Plot("a", "Effects", "", rows, (Tick(0.0, "0"), Tick(2.0, "2")))
    made = interval_plot(plot, ("Variant", "Effect"))
    assert made.rows == (("Gift", "+1 (0 to 2)"),)
    assert json.loads(made.specification)["width"] == "container"
