"""What holds for every report: the scorecard's numbers and no others, in a file that is whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from app.report.compose import page_of
from app.report.formatting import Moment, Number
from app.report.plot import Plot
from stats.inference.outcome import BareValue, Certain, Estimate, Lift, Rate, Undefined
from stats.scorecard import Enrolment, NotCounted
from tests.app.report.scorecards import CAST
from tests.app.report.trees import classed, rendered, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.scorecard import Scorecard

FORBIDDEN = (
    *("script", "link", "img", "iframe", "object", "embed", "form"),
    *("image", "use", "foreignobject"),
)
EVERY_REPORT = pytest.mark.parametrize("name", CAST)


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
