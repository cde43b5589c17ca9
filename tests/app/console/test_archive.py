"""The archive: what is over is found, null results too, and pooled where that may be done."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from app.analysis.digest_points import points_of
from app.analysis.ended import admits_tier, ended_campaigns
from app.analysis.pooling import Lacking, pool_by_kind
from app.auth import Scope
from app.auth.roles import Role
from experiments.audience import Audience
from stats.inference.log_ratio import log_ratio
from stats.inference.point import Point
from stats.inference.random_effects import pool
from tests.app.console.over import BROKEN, OFFER, POINTS, over
from tests.app.console.running import launched

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

BASE = (0.10, 0.004, 5_000)
GIFTS = {"kind": "gift", **OFFER}


def three_gifts(wiring: Wiring) -> None:
    """Three campaigns with a gift, one of them without an effect."""
    over(wiring, "cup", {"control": BASE, "gift": (0.12, 0.004, 5_000)}, reason="Cups are kept")
    over(wiring, "tea", {"control": BASE, "gift": (0.13, 0.004, 5_000)})
    over(wiring, "mug", {"control": BASE, "gift": (0.10, 0.004, 5_000)}, name="A mug for all")


def test_an_empty_archive_says_what_comes_into_it(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """While nothing is over, the page leads to the campaigns."""
    launched(wiring, "gold-q3")
    text = client_of(Role.VIEWER).get("/console/archive/").get_data(as_text=True)
    assert pages[-1].total == 0
    assert "No campaign is over yet" in text


def test_effects_of_a_kind_are_pooled_above_what_was_found(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The mean is that of `stats`; the null result enters it, the broken one is named."""
    three_gifts(wiring)
    over(wiring, "broken", {"control": BASE, "gift": (0.3, 0.004, 5_000)}, told=BROKEN)
    over(wiring, "empty")
    page = client_of(Role.VIEWER).get("/console/archive/")
    assert page.status_code == 200
    expected = pool(
        [
            log_ratio(Point(*BASE), [Point(rate, 0.004, 5_000)])
            for rate in (0.10, 0.13, 0.12)
        ],
        alpha=0.05,
    )  # fmt: skip

    found = pool_by_kind(ended_campaigns(wiring.engine, wiring.clock())).kinds
    assert [one.offer_kind for one in found] == ["gift"]
    assert found[0].lift == pytest.approx(math.expm1(expected.estimate))
    assert found[0].low == pytest.approx(math.expm1(expected.ci_low))
    assert (len(pages[-1].rows), pages[-1].total) == (5, 5)
    assert [(one.name, one.campaigns, one.members) for one in pages[-1].kinds] == [
        ("Gift", "3", "30,000")
    ]
    assert pages[-1].kinds[0].following
    assert {(one.name, one.reason) for one in pages[-1].left_out} == {
        ("Gold before the summer", "a check failed, so its results are not trusted"),
        ("Gold before the summer", "it has no results"),
    }


SEARCHES = {
    "q=cups+kept": ["cup"],
    "q=MUG": ["mug"],
    "kind=gift": ["cup", "mug", "tea"],
    "kind=lottery": [],
    "verdict=ship": [],
    "verdict=inconclusive&metric=repurchase_rate": ["cup", "mug", "tea"],
    "metric=orders_per_member": [],
    "tier=gold": ["cup", "mug", "tea"],
    "year=2026&quarter=1": ["cup", "mug", "tea"],
    "year=2025": [],
    "quarter=3&year=nonsense": [],
}


def test_every_field_of_the_search_narrows_it(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """All that is chosen must hold; htmx gets what was found alone."""
    three_gifts(wiring)
    client = client_of(Role.VIEWER)
    for query, found in SEARCHES.items():
        client.get(f"/console/archive/?{query}")
        assert sorted(row.key for row in pages[-1].rows) == found, query
    part = client.get("/console/archive/?q=mug", headers={"HX-Request": "true"})
    assert "<html" not in part.get_data(as_text=True)


def test_a_long_archive_has_pages_and_pools_all_of_them(
    wiring: Wiring,
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each page leads to the ones beside it, and keeps what is looked for."""
    monkeypatch.setattr("app.console.archive.listing.ROWS", 2)
    monkeypatch.setattr("app.console.archive.place.ROWS", 2)
    three_gifts(wiring)
    client = client_of(Role.VIEWER)
    client.get("/console/archive/?kind=gift")
    assert (len(pages[-1].rows), pages[-1].later_address) == (2, "")
    assert pages[-1].kinds[0].campaigns == "3"
    client.get(pages[-1].earlier_address)
    assert (len(pages[-1].rows), pages[-1].earlier_address) == (1, "")
    client.get(pages[-1].later_address)
    assert (len(pages[-1].rows), pages[-1].choices.typed["kind"]) == (2, "gift")
    client.get("/console/archive/?from=900")
    assert len(pages[-1].rows) == 2


def test_one_kind_shows_each_campaign_and_what_to_expect(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """With a plot and its table, the spread, and every campaign in the light of the others."""
    three_gifts(wiring)
    client = client_of(Role.VIEWER)
    assert client.get("/console/archive/kinds/gift").status_code == 200
    page = pages[-1]
    assert len(page.rows) == 3
    assert [row[0] for row in page.plot.rows][-2:] == ["Mean", "The next campaign"]
    assert "Over 3 campaigns with 30,000 members" in page.sentence
    assert len(page.facts) == 3
    assert client.get("/console/archive/kinds/lottery").status_code == 200
    assert pages[-1].plot is None
    assert client.get("/console/archive/kinds/nonsense").status_code == 404


def test_one_campaign_is_no_mean(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Its own lift is shown, and said to be that."""
    over(wiring, "cup", {"control": BASE, "gift": (0.12, 0.004, 5_000)})
    client = client_of(Role.VIEWER)
    client.get("/console/archive/")
    assert not pages[-1].kinds[0].is_pooled
    assert "one campaign" in client.get("/console/archive/kinds/gift").get_data(as_text=True)


def test_variants_of_one_kind_enter_as_one_effect_and_kinds_apart(wiring: Wiring) -> None:
    """Two gifts share a control and make one study; points in the same campaign make another."""
    offers = {"mug": GIFTS, "tea": GIFTS, "points": POINTS}
    values = {"control": BASE, "mug": (0.12, 0.004, 5_000), "tea": (0.14, 0.005, 4_000),
              "points": (0.11, 0.004, 5_000)}  # fmt: skip
    over(wiring, "many", values, offers=offers)
    kinds = {one.offer_kind: one for one in pool_by_kind(_ended(wiring)).kinds}
    joined = log_ratio(Point(*BASE), [Point(*values["mug"]), Point(*values["tea"])])
    assert kinds["gift"].effects[0].study == joined
    assert kinds["gift"].effects[0].units == 14_000
    assert kinds["points_multiplier"].effects[0].treatments == 1


def test_why_a_campaign_is_left_out_is_said(wiring: Wiring) -> None:
    """Nothing drops out of a mean in silence."""
    over(wiring, "open", {"control": BASE, "gift": BASE}, state="immature")
    over(wiring, "zero", {"control": (0.001, 0.004, 5_000), "gift": BASE})
    reasons = {one.ended.campaign.key: one.because for one in pool_by_kind(_ended(wiring)).left_out}
    assert reasons == {"open": Lacking.NOT_READY, "zero": Lacking.NO_RATIO}
    found = pool_by_kind(_ended(wiring), metric="orders_per_member").left_out
    assert {one.because for one in found} == {Lacking.NO_METRIC}


def test_points_are_taken_back_from_what_the_scorecard_shows() -> None:
    """A rate has its binomial error, a mean that of its t interval; a quantile has none."""
    rate = {"estimate": 0.2, "ci_low": 0.19, "ci_high": 0.22, "alpha": 0.05, "method": "wilson",
            "status": "estimated"}  # fmt: skip
    mean = {"estimate": 5.0, "ci_low": 5 - 1.9602012636, "ci_high": 5 + 1.9602012636,
            "alpha": 0.05, "method": "student", "status": "estimated"}  # fmt: skip
    quantile = {**mean, "method": "order_statistics"}
    values = {"rate": rate, "mean": mean, "quantile": quantile, "none": None}
    variants = [{"variant": name, "n": 10_001, "value": one} for name, one in values.items()]
    metric = {"key": "m", "role": "diagnostic", "state": "ready", "definition": {},
              "variants": variants, "adjusted": None}  # fmt: skip
    points = points_of({"metrics": [metric], "oec": None})["m"].points
    assert set(points) == {"rate", "mean"}
    assert points["rate"].std_error == pytest.approx(0.004)
    assert points["mean"].std_error == pytest.approx(1.0, rel=1e-6)


def test_an_audience_admits_a_tier_unless_every_way_in_leaves_it_out() -> None:
    """Rules that say nothing of tiers admit all of them."""
    tiers = {"attribute": "tier", "operator": "ONE_OF", "value": ["gold"]}
    others = {"attribute": "tier", "operator": "NOT_ONE_OF", "value": ["gold"]}
    region = {"attribute": "region", "operator": "ONE_OF", "value": ["north"]}

    def audience(*rules: list[dict[str, Any]]) -> Audience:
        return Audience.model_validate({"any_of": [{"all_of": rule} for rule in rules]})

    assert admits_tier(Audience(), "silver")
    assert admits_tier(audience([region]), "silver")
    assert not admits_tier(audience([tiers, region]), "silver")
    assert admits_tier(audience([tiers], [others]), "silver")
    assert not admits_tier(audience([others]), "gold")


def test_the_api_gives_the_archive_as_json(
    wiring: Wiring, client: FlaskClient, bearer: Callable[..., dict[str, str]]
) -> None:
    """The same campaigns and means, with filters that are checked."""
    three_gifts(wiring)
    headers = bearer(Scope.REPORTS_READ)
    answer = client.get("/v1/archive?offer_kind=gift&q=mug", headers=headers).get_json()
    assert [one["campaign"] for one in answer["campaigns"]] == ["mug"]
    assert answer["pooled"][0]["mean"] is None
    answer = client.get("/v1/archive", headers=headers).get_json()
    assert answer["pooled"][0]["mean"]["alpha"] == 0.05
    assert answer["campaigns"][0]["decision"] == "inconclusive"
    assert client.get("/v1/archive?quarter=5", headers=headers).status_code == 422


def _ended(wiring: Wiring) -> Any:  # noqa: ANN401  # campaigns that are over
    return ended_campaigns(wiring.engine, wiring.clock())
