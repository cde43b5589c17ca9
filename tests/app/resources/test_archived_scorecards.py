"""A scorecard read from the archive is the one read from the database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.analysis import FactSource, scorecard_of
from experiments.errors import InvalidValues
from stats.errors import EngineUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.resources.service import Service

METRICS = [
    {"metric": "spend_per_member", "role": "oec", "cap": {"percentile": 0.9}},
    {"metric": "repurchase_rate", "role": "guardrail", "margin": 0.1},
    {"metric": "average_order_value", "role": "diagnostic"},
]
DESIGNS: dict[str, dict[str, Any]] = {
    "members": {},
    "segments": {"analysis": {"segments": [{"key": "tier", "minimum_units": 2}]}},
    "assigned": {"analysis": {"basis": "assigned", "segments": [{"key": "vip"}]}},
    "households": {"randomization_unit": "household"},
}


def play(service: Service, members: range) -> None:
    """Let members come, be offered, be exposed and order; every third belongs to a household."""
    for i in members:
        member = f"m-{i}"
        service.put_member(
            member,
            tier="silver" if i % 2 else "gold",
            vip=i % 5 == 0,
            household_id=f"h-{i // 3}",
        )
        service.send(
            "conversions",
            {
                "conversion_id": f"early-{i}",
                "member_id": member,
                "event": "order",
                "amount_minor": 100 * i,
                "currency": "TWD",
            },
        )
        offer = service.offer(member)
        if i % 7 and offer["reason"] == "assigned":
            service.send(
                "exposures",
                {
                    "exposure_id": f"e-{i}",
                    "campaign": "gold-q3",
                    "variant": offer["variant"],
                    "member_id": member,
                },
            )
        service.clock.forward(timedelta(minutes=30))
        service.send(
            "conversions",
            [
                {
                    "conversion_id": f"{event}-{i}",
                    "member_id": f"m-{i - i % 2}",
                    "event": event,
                    "amount_minor": 5_000 + 37 * i,
                    "currency": currency,
                }
                for event, currency in (("order", "TWD"), ("refund", "TWD"), ("order2", "USD"))
            ],
        )


@pytest.mark.parametrize("design", DESIGNS)
def test_archive_and_database_give_the_same_scorecard(
    service: Service, tmp_path: Path, design: str
) -> None:
    """Whatever counts and however it is sliced; also once more facts have arrived."""
    service.launch(
        metrics=METRICS,
        audience={"any_of": []},
        **DESIGNS[design],
    )
    source = FactSource(archive_url=str(tmp_path / "archive"))
    for members in (range(40), range(40, 60)):
        play(service, members)
        service.clock.forward(timedelta(days=31))
        now = service.clock()
        live = scorecard_of(service.engine, "gold-q3", now=now).scorecard
        archived = scorecard_of(service.engine, "gold-q3", now=now, source=source).scorecard
        assert live.facts.exposures > 0
        assert archived == live


def test_a_scorecard_of_an_archive_without_facts_is_one(service: Service, tmp_path: Path) -> None:
    """Nothing archived yet is a state, not a fault."""
    service.launch(**DESIGNS["segments"])
    source = FactSource(archive_url=str(tmp_path / "archive"), memory_limit="200MB")
    found = scorecard_of(service.engine, "gold-q3", now=service.clock(), source=source)
    assert found.scorecard.state == "no_exposures"


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_another_engine_gives_the_same_scorecard(service: Service) -> None:
    """The address alone decides where it is computed."""
    service.launch(metrics=METRICS, audience={"any_of": []}, **DESIGNS["segments"])
    play(service, range(40))
    service.clock.forward(timedelta(days=31))
    now = service.clock()
    address = service.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    source = FactSource(analysis_url=address)
    ours = scorecard_of(service.engine, "gold-q3", now=now, as_of=now).scorecard
    theirs = scorecard_of(service.engine, "gold-q3", now=now, as_of=now, source=source).scorecard
    assert theirs == ours


def test_an_engine_that_cannot_be_reached_is_named(service: Service) -> None:
    """Nothing is computed elsewhere instead."""
    service.launch()
    source = FactSource(analysis_url="postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(EngineUnavailable, match="postgresql"):
        scorecard_of(service.engine, "gold-q3", now=service.clock(), source=source)


def test_a_declaration_that_is_not_there_is_named(service: Service, tmp_path: Path) -> None:
    """The setting, the file and the way out."""
    service.launch()
    source = FactSource(relations=tmp_path / "relations.yaml")
    with pytest.raises(InvalidValues, match="TIERLIFT_ANALYSIS_RELATIONS"):
        scorecard_of(service.engine, "gold-q3", now=service.clock(), source=source)
