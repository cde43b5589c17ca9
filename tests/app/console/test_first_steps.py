"""An empty installation leads to a programme, to sample data and to a first campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from app.console import first_steps
from app.console.programme.typed import proposed
from app.language import ENGLISH, Language
from experiments.beginning import LONGEST, Loading, begin_sample, end_sample, sample_of
from experiments.errors import Conflict
from experiments.lifecycle import find_programme, set_programme
from tests.app.console.conftest import post
from tests.experiments.designs import programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

HOME, EDIT, SAMPLE = "/console/", "/console/programme/edit", "/console/sample"


@pytest.mark.parametrize("language", Language)
def test_the_proposal_is_a_programme_as_it_stands(
    client_of: Callable[..., FlaskClient], wiring: Wiring, language: Language
) -> None:
    """Saved without a change it is kept, with its ladder and score, and Home ticks it."""
    admin = client_of(Role.ADMIN)
    fields = proposed(language, ENGLISH)
    assert post(admin, EDIT, page=EDIT, **fields).location == HOME
    kept = find_programme(wiring.engine)
    assert kept is not None
    assert [one.key for one in kept.tiers] == ["bronze", "silver", "gold", "diamond"]
    assert kept.score is not None
    assert len(kept.score.measures) == 4


def test_rows_of_tiers_are_added_moved_and_taken_away(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Nothing is saved by it, and what was typed stays."""
    admin, fields = client_of(Role.ADMIN), proposed(Language.ENGLISH, ENGLISH)
    for action, names in (
        ("add", ["Bronze", "Silver", "Gold", "Diamond", ""]),
        ("up.3", ["Bronze", "Silver", "Diamond", "Gold"]),
        ("remove.0", ["Silver", "Gold", "Diamond"]),
    ):
        assert post(admin, EDIT, page=EDIT, **fields, act=action).status_code == 200
        page = pages[-1]
        assert [page.fields[f"{one.at}.name"] for one in page.tiers] == names
        assert page.is_first


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("time_zone", "Taipei"),
        ("currency", "TW$"),
        ("locales", "english please"),
        ("tier.1.spend", "a lot"),
        ("tier.1.score", "101"),
        ("tier.2.key", "silver"),
        ("tier.2.key", "sil ver"),
        ("tier.3.cost", "-1"),
        ("measure.spend.weight", "0"),
        ("measure.tenure.full", "long"),
        ("qualifying_days", "0"),
        ("checklist", "a\na"),
    ],
)
def test_a_refusal_stands_at_its_field(  # a row of the table
    client_of: Callable[..., FlaskClient], wiring: Wiring, pages: list[Any], field: str, typed: str
) -> None:
    """Nothing is stored, and everything that was typed is kept."""
    fields = proposed(Language.ENGLISH, ENGLISH) | {field: typed}
    assert post(client_of(Role.ADMIN), EDIT, page=EDIT, **fields).status_code == 422
    assert list(pages[-1].errors) == [field]
    assert pages[-1].fields[field] == typed.strip()
    assert find_programme(wiring.engine) is None


def test_a_programme_is_changed_and_keeps_what_the_form_does_not_know(
    client_of: Callable[..., FlaskClient], wiring: Wiring, pages: list[Any]
) -> None:
    """Layers, holdout and other ways to a tier stay; a preview saves nothing."""
    before = programme(
        holdout_share=2,
        tiers=[
            {"key": "bronze"},
            {"key": "silver", "entry_threshold_minor": 200_000,
             "paths": [{"measure": "frequency", "threshold": 20}]},
        ],
        score={"measures": [{"measure": "frequency", "weight": 1, "full_at": 10}]},
    )  # fmt: skip
    set_programme(wiring.engine, before, wiring.clock())
    admin = client_of(Role.ADMIN)
    admin.get(EDIT)
    fields = pages[-1].fields
    assert post(admin, EDIT, page=EDIT, **fields).status_code == 302
    assert find_programme(wiring.engine) == before

    changed = fields | {"tier.1.spend": "1000", "measure.frequency.full": "12"}
    assert post(admin, EDIT, page=EDIT, **changed, act="preview").status_code == 200
    assert pages[-1].answer is not None
    assert find_programme(wiring.engine) == before
    post(admin, EDIT, page=EDIT, **changed)
    after = find_programme(wiring.engine)
    assert after is not None
    assert after.score is not None
    assert (after.tiers[1].entry_threshold_minor, after.score.version) == (100_000, 2)
    assert after.tiers[1].paths == before.tiers[1].paths
    assert after.layers == before.layers


def test_sample_data_is_asked_for_once(
    client_of: Callable[..., FlaskClient],
    wiring: Wiring,
    pages: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page says before what will be; then it says how far it is, and leads to Home."""
    begun: list[object] = []
    monkeypatch.setattr(first_steps, "begin_loading", begun.append)
    admin, part = client_of(Role.ADMIN), {"HX-Request": "true"}
    admin.get(SAMPLE)
    assert (pages[-1].can, pages[-1].state) == (True, None)
    for _ in range(2):
        assert post(admin, SAMPLE, page=SAMPLE).location == SAMPLE
    assert len(begun) == 1
    admin.get(SAMPLE)
    assert (pages[-1].can, pages[-1].state) == (False, Loading.BEGUN)
    assert "HX-Redirect" not in admin.get(SAMPLE, headers=part).headers
    end_sample(wiring.engine, Loading.DONE, "command line", wiring.clock())
    assert admin.get(SAMPLE, headers=part).headers["HX-Redirect"] == HOME


def test_sample_data_goes_into_an_empty_installation_only(wiring: Wiring) -> None:
    """What is there is never mixed with it; a loading that never ended counts as failed."""
    engine, now = wiring.engine, wiring.clock()
    begin_sample(engine, "user a", now)
    with pytest.raises(Conflict):
        begin_sample(engine, "user b", now)
    later = now + LONGEST + timedelta(seconds=1)
    sample = sample_of(engine, later)
    assert sample is not None
    assert sample.state is Loading.FAILED
    begin_sample(engine, "user b", later)
    end_sample(engine, Loading.FAILED, "command line", later)
    set_programme(engine, programme(), later)
    with pytest.raises(Conflict, match="empty"):
        begin_sample(engine, "user c", later)
