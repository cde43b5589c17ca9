"""What the page says: the right numbers, nothing that was not computed, and trouble first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html as markup

from app.report import CampaignBrief, ReportView, render_html
from app.report.compose import page_of
from app.report.formatting import Moment, Number
from app.report.html import render_page
from app.report.page import Page, Tone
from app.report.plot import Plot
from stats.checks.finding import Severity
from stats.inference.noninferiority import NonInferiority
from stats.inference.outcome import BareValue, Certain, Estimate, Lift, Rate, Undefined
from stats.scorecard import Enrolment, NotCounted
from tests.app.report import scorecards
from tests.app.report.scorecards import CAST, HOSTILE, story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.scorecard import Scorecard

FORBIDDEN = (
    *("script", "link", "img", "iframe", "object", "embed", "form"),
    *("image", "use", "foreignobject"),
)
EVERY_REPORT = pytest.mark.parametrize("name", CAST)


@cache
def rendered(name: str) -> markup.HtmlElement:
    """Give a report of the cast as a tree."""
    return markup.document_fromstring(render_html(CAST[name]()))


def classed(element: markup.HtmlElement, *names: str) -> list[markup.HtmlElement]:
    """Give the elements below, in order, that have one of these classes."""
    return [e for e in element.iterdescendants() if set(names) & set(e.get("class", "").split())]


def texts_of(element: markup.HtmlElement) -> str:
    """Give the text of an element with single spaces."""
    return " ".join(element.text_content().split())


def outcomes_in(value: object) -> Iterator[object]:
    """Give every outcome of inference within a scorecard."""
    if isinstance(value, Estimate | Lift | Rate | Certain | BareValue | Undefined):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from outcomes_in(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from outcomes_in(getattr(value, field.name))


def numbers_in(value: object) -> Iterator[object]:
    """Give every number within a scorecard, wherever it stands."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float | Decimal):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from numbers_in(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from numbers_in(getattr(value, field.name))


def numbers_of_enrolment(enrolment: Enrolment | NotCounted | None) -> Iterator[object]:
    """Give what a report says of who was assigned: shares of all members, and who did not ask."""
    if isinstance(enrolment, Enrolment):
        yield enrolment.eligible - enrolment.assigned
        counted = [*numbers_in(enrolment), enrolment.eligible - enrolment.assigned]
        yield from (count / enrolment.members for count in counted if isinstance(count, int))


def numbers_shown(scorecard: Scorecard) -> Iterator[object]:
    """Give every number that a report may show: the scorecard's, and what follows from them."""
    yield from numbers_in(scorecard)
    yield from numbers_of_enrolment(scorecard.enrolment)
    # fixed costs are whole minor units, which a page writes as it writes other money
    yield from (float(one) for one in numbers_in(scorecard.money) if isinstance(one, int))
    for outcome in outcomes_in(scorecard.metrics):
        if isinstance(outcome, Estimate | Certain):
            for field in ("estimate", "ci_low", "ci_high"):
                number = getattr(outcome, field, None)
                if number is not None:
                    yield number * 1000  # money is shown per 1,000 units, too
    total = sum(row.units for row in scorecard.variants)
    for row in scorecard.variants:
        yield row.units / (total or 1)


def shown_in(value: object) -> Iterator[Any]:
    """Give every number and moment that a page shows, wherever it stands; plots aside."""
    if isinstance(value, Plot):
        return
    if isinstance(value, Number | Moment):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from shown_in(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from shown_in(getattr(value, field.name))


@EVERY_REPORT
def test_every_number_of_the_page_is_one_of_the_scorecard(name: str) -> None:
    """The results on the page are the scorecard's, to the last digit; nothing is computed here."""
    scorecard = CAST[name]().scorecard
    known = {str(number) for number in numbers_shown(scorecard)}
    written = [data.get("value") for data in rendered(name).iter("data")]
    assert set(written) <= known


@EVERY_REPORT
def test_the_template_writes_all_it_is_given(name: str) -> None:
    """Each number and time of the page's value stands in the file, and none besides."""
    page = page_of(CAST[name]())
    tree = rendered(name)
    written = {(d.get("value"), d.text_content()) for d in tree.iter("data")}
    given = {(str(n.value), n.text) for n in shown_in(page) if isinstance(n, Number)}
    assert written <= given
    text = texts_of(tree)
    missing = {shown for _, shown in given - written if shown not in text}
    assert not missing


@EVERY_REPORT
def test_what_could_not_be_computed_is_a_sentence(name: str) -> None:
    """Every undefined result of a scorecard shows its sentence, and no number in its place."""
    view = CAST[name]()
    text = texts_of(rendered(name))
    shown = [
        outcome
        for metric in view.scorecard.metrics
        if any(row.n for row in metric.variants)
        for outcome in outcomes_in(metric)
        if isinstance(outcome, Undefined | BareValue | Certain)
    ]
    for outcome in shown:
        assert " ".join(outcome.sentence.split()) in text


@EVERY_REPORT
def test_a_number_that_was_estimated_stands_beside_its_interval(name: str) -> None:
    """Wherever an estimate stands in a table, its interval or the reason for none stands too."""
    for estimate in classed(rendered(name), "estimate"):
        beside = classed(estimate.getparent(), "interval", "none")
        assert beside, texts_of(estimate.getparent())


@EVERY_REPORT
def test_every_plot_has_a_name_a_caption_and_a_table(name: str) -> None:
    """Whoever cannot see the plot hears what it is and finds its numbers in a table."""
    for figure in rendered(name).iter("figure"):
        assert texts_of(figure.find("figcaption"))
        plots = [svg for svg in figure.iter("svg") if svg.get("role") == "img"]
        assert len(plots) == 2
        assert all(svg.get("aria-label") for svg in plots)
        assert list(figure.getparent().iter("table"))


@EVERY_REPORT
def test_ids_are_unique_and_references_lead_somewhere(name: str) -> None:
    """Labels point at elements that are there; no two elements share an id."""
    tree = rendered(name)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(tree.xpath("//@aria-labelledby")) <= set(ids)


@EVERY_REPORT
def test_the_file_needs_nothing_else(name: str) -> None:
    """No script, no link, no image, no font: one file, under a policy that forbids the rest."""
    tree = rendered(name)
    assert not list(tree.iter(*FORBIDDEN))
    assert not tree.xpath("//@src | //@style")
    assert set(tree.xpath("//@href")) == {"#results"}
    assert not [n for n in tree.xpath("//@*") if getattr(n, "attrname", "").startswith("on")]
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    style = tree.find(".//style").text
    assert "url(" not in style
    assert "@import" not in style


@EVERY_REPORT
def test_the_footer_names_the_snapshot(name: str) -> None:
    """Every report carries the hash of what it was made from."""
    snapshot = CAST[name]().scorecard.snapshot_hash
    assert snapshot in texts_of(rendered(name).find(".//footer"))


def test_the_headline_says_what_the_oec_shows() -> None:
    """A sound campaign opens with the verdict and the interval that decides, per treatment."""
    view = story()
    top = page_of(view).headline
    assert (top.tone, top.label) == (Tone.SHIP, "Ship")
    assert top.sentence == (
        "Ship Gift with next order: it is better than No offer on Repurchase rate."
    )
    gift, trial = top.lines
    assert view.scorecard.oec is not None
    deciding = view.scorecard.oec.treatments[0]
    lift = deciding.lift
    assert isinstance(lift, Lift)
    assert gift.quantity == "lift"
    assert gift.shown.estimate is not None
    assert gift.shown.estimate.value == lift.estimate
    assert gift.level == "97.5%"  # Holm's first step of two treatments
    assert (gift.label, trial.label) == ("Ship", "Inconclusive")
    assert gift.reading == "The whole interval is better than No offer."
    assert trial.reading.startswith("The interval includes 0")
    units = {row.variant: row.n for row in view.scorecard.metrics[0].variants}
    assert gift.members == f"{units['control'] + units['gift']:,} members"
    assert [note.term for note in top.notes] == ["Rule", "Guardrails", "Looks"]
    assert "unresolved for Unsubscribe and Refund rate" in top.notes[1].text
    assert top.notes[2].text.startswith("Fixed horizon, at its end.")


def test_a_failed_check_stands_before_every_result_and_takes_the_headline() -> None:
    """With a broken split no effect is quoted on top, and each section repeats the warning."""
    view = CAST["broken_split"]()
    assert {f.code.value for f in view.scorecard.findings if f.severity is Severity.FAILURE} == {
        "sample_ratio"
    }
    top = page_of(view).headline
    assert (top.tone, top.lines) == (Tone.BROKEN, ())
    assert top.sentence == "Do not decide by these results: sample ratio mismatch."
    tree = rendered("broken_split")
    assert not list(classed(tree, "headline")[0].iter("data"))
    sections = tree.get_element_by_id("results").findall("section")
    assert sections
    for section in sections:
        warning = classed(section, "distrust")[0]
        assert all(warning in data.xpath("preceding::p") for data in section.iter("data"))


def test_what_needs_attention_comes_first_and_what_passed_is_folded() -> None:
    """Findings are ordered worst first; passed checks wait in a closed fold."""
    order = [Severity.FAILURE, Severity.WARNING, Severity.NOTICE]
    for name in CAST:
        health = page_of(CAST[name]()).health
        ranks = [order.index(line.severity) for line in health.open]
        assert ranks == sorted(ranks)
    fold = rendered("story").find(".//details")
    assert fold.get("open") is None
    passed = [f for f in story().scorecard.findings if f.severity is Severity.PASSED]
    assert len(list(fold.iter("li"))) == len(passed) > 9


@pytest.mark.parametrize(
    ("name", "label", "sentence"),
    [
        ("empty", "No exposures yet", "There is no result yet: nobody has been exposed."),
        (
            "events_missing",
            "Events missing",
            "There is no result: the events behind Repurchase rate have never been seen.",
        ),
        (
            "immature",
            "Too early",
            "It is too early for results on Repurchase rate: the first ones come on",
        ),
    ],
)
def test_each_state_has_a_label_and_a_sentence_of_its_own(
    name: str, label: str, sentence: str
) -> None:
    """Nobody exposed, a broken feed and open windows are told apart, and show no result."""
    top = page_of(CAST[name]()).headline
    assert (top.tone, top.label) == (Tone.WAITING, label)
    assert top.sentence.startswith(sentence)
    assert not top.lines
    assert not list(classed(rendered(name), "headline")[0].iter("data"))


def test_an_immature_report_says_when_results_come() -> None:
    """The date of the first results stands in the programme's zone beside UTC."""
    view = CAST["immature"]()
    when = view.scorecard.metrics[0].first_results_at
    assert when is not None
    text = texts_of(rendered("immature"))
    assert f"{when:%H:%M} UTC" in text
    assert "Asia/Taipei" in text


def test_members_whose_window_is_open_are_shown_apart() -> None:
    """A preliminary report says how many are left out of each metric, per variant."""
    view = CAST["preliminary"]()
    looks = page_of(view).headline.notes[-1].text
    assert looks.startswith("Fixed horizon, and windows are still open.")
    metric = view.scorecard.metrics[0]
    left_out = sum(row.immature_units for row in metric.variants)
    assert left_out
    pending = texts_of(classed(rendered("preliminary"), "pending")[0])
    assert pending.startswith(f"{left_out:,} members are still in their window")


def test_a_lift_over_0_is_replaced_by_the_difference() -> None:
    """Where the control does nothing, headline and plot fall back on the difference."""
    page = page_of(CAST["zero_baseline"]())
    assert page.headline.lines[0].quantity == "difference"
    plot = page.groups[0].metrics[0].plot
    assert plot is not None
    assert plot.title.startswith("Difference of Offer click-through")


def test_money_is_given_per_thousand_members() -> None:
    """A difference in spend is also given per 1,000 members, with its interval."""
    view = CAST["story"]()
    spend = next(m for m in view.scorecard.metrics if m.key == "spend_per_member")
    section = next(m for group in page_of(view).groups for m in group.metrics if m.key == spend.key)
    difference = spend.comparisons[0].difference
    assert isinstance(difference, Estimate)
    shown = section.lines[1].per_thousand
    assert shown is not None
    assert shown.estimate is not None
    assert shown.low is not None
    assert shown.estimate.value == difference.estimate * 1000
    assert shown.low.value == difference.ci_low * 1000


def test_a_guardrail_shows_its_margin_and_where_the_interval_lies() -> None:
    """The margin stands in words and in the plot; the verdict on it is said in a word."""
    view = CAST["story"]()
    section = next(
        m for group in page_of(view).groups for m in group.metrics if m.key == "refund_rate"
    )
    assert "margin: at most 10% worse than control" in section.facts
    assert section.plot is not None
    assert section.plot.margin == 0.1  # lower is better, so worse is above
    held = next(block for block in section.blocks if block.title == "Held against its margin")
    assert held.table is not None
    results = next(m for m in view.scorecard.metrics if m.key == "refund_rate").comparisons
    for line, comparison in zip(held.table.groups[0].lines, results, strict=True):
        found = comparison.non_inferiority
        assert isinstance(found, NonInferiority)
        assert line.cells[0].words.lower().startswith(f"{found.verdict.value}:")
        assert line.cells[1].number is not None
        assert line.cells[1].number.value == found.worst


def test_a_scorecard_of_an_earlier_version_still_renders_and_says_that_it_has_no_verdict() -> None:
    """Where intervals lie is said of it, and that no rule was applied; nothing is made up."""
    view = story()
    old = dataclasses.replace(
        view.scorecard,
        oec=None,
        outlook=None,
        decision=None,
        metrics=tuple(
            dataclasses.replace(
                metric,
                adjusted=None,
                capped=None,
                segments=(),
                over_time=None,
                comparisons=tuple(
                    dataclasses.replace(one, exact=None, non_inferiority=None)
                    for one in metric.comparisons
                ),
            )
            for metric in view.scorecard.metrics
        ),
    )
    view = dataclasses.replace(view, scorecard=old)
    page = page_of(view)
    assert page.headline.tone is Tone.RESULT
    assert page.headline.sentence == (
        "Repurchase rate: Gift with next order is above No offer; "
        "Gold for a month cannot be told from No offer."
    )
    assert "not a verdict" in page.headline.notes[0].text
    assert not [block for group in page.groups for m in group.metrics for block in m.blocks]
    lines = [line for group in page.groups for m in group.metrics for line in m.lines]
    assert any("reaches beyond the margin" in line.margin_reading for line in lines)
    assert render_html(view).startswith("<!doctype html>")


def test_hostile_text_stays_text() -> None:
    """Markup, template syntax and direction marks in names are shown, not obeyed."""
    tree = rendered("hostile")
    assert not list(tree.iter("script", "img"))
    assert "{{7*7}}" in texts_of(tree.find(".//h1"))
    source = render_html(CAST["hostile"]())
    assert "\u202e" in HOSTILE
    assert not {"\u202e", "\x00", "\x1b"} & set(source)


def test_a_report_without_a_brief_falls_back_on_keys() -> None:
    """The key stands in for a missing name; nothing is left blank."""
    tree = markup.document_fromstring(render_html(ReportView(scorecards.same_variants())))
    assert texts_of(tree.find(".//h1")) == "gift-or-trial"
    assert not classed(tree, "purpose")


def test_goal_hypothesis_and_owner_stand_beside_the_result() -> None:
    """What was wanted is read together with what came."""
    purpose = texts_of(classed(rendered("story"), "purpose")[0])
    assert "Repurchase rate from 31% to 36% by 31 Dec 2025, 23:59" in purpose
    assert "Mei-Ling Chen" in purpose
    assert "A small gift with the next order" in purpose


def test_households_are_called_households() -> None:
    """The page counts what was randomised."""
    text = texts_of(rendered("households"))
    assert "households compared" in text
    page = page_of(CAST["households"]())
    assert page.unit == "households"
    assert any(not line.in_plan for line in page.variants)


def test_a_page_is_rendered_from_its_value_alone() -> None:
    """The same value gives the same bytes: no clock, no state."""
    page: Page = page_of(ReportView(scorecards.refunds(), CampaignBrief(name="Refunds")))
    assert render_page(page) == render_page(page)
