"""Campaigns that are over, with stored scorecards that say what a test wants them to say."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from experiments.campaign import Move
from experiments.lifecycle import Act, move_campaign
from experiments.store.engine import writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from tests.app.console.running import launched

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.wiring import Wiring

Value = tuple[float, float, int]
"""A variant's value, its standard error and its units."""
OFFER = {"gift": "A tea set", "unit_cost_minor": 30000, "currency": "TWD"}
BROKEN = {"findings": [{"code": "sample_ratio", "severity": "failure", "title": "Off"}]}
"""What the scorecard of a broken split tells."""
POINTS = {"kind": "points_multiplier", "multiplier": 2, "unit_cost_minor": 9, "currency": "TWD"}


def over(
    wiring: Wiring,
    key: str,
    values: Mapping[str, Value] | None = None,
    *,
    verdict: str | None = "inconclusive",
    state: str = "ready",
    offers: Mapping[str, dict[str, Any]] | None = None,
    reason: str = "",
    told: Mapping[str, Any] | None = None,
    **changes: Any,  # noqa: ANN401  # fields of a document
) -> None:
    """Keep a campaign that was launched, stopped and decided, and its scorecard if there is one."""
    offers = offers or {"gift": {"kind": "gift", **OFFER}}
    share = 100 / (1 + len(offers))
    variants = [
        {"key": "control", "planned_share": share},
        *({"key": one, "planned_share": share, "offer": offer} for one, offer in offers.items()),
    ]
    launched(wiring, key, variants=variants, **changes)
    now = wiring.clock() + timedelta(days=1)
    move_campaign(wiring.engine, key, Move.STOP, Act(now, "user ana"))
    if values is not None:
        text = orjson.dumps({**document(values, verdict, state), **(told or {})}).decode()
        with writing(wiring.engine) as connection:
            keep_scorecard(connection, StoredScorecard(key, 1, f"hash-{key}", now, text))
    choice = {"decision": "inconclusive", "treatment": None}
    act = Act(now, "user ana", reason or "So be it", choice)
    move_campaign(wiring.engine, key, Move.DECIDE, act)


def document(values: Mapping[str, Value], verdict: str | None, state: str) -> dict[str, Any]:
    """Give the part of a scorecard's document that lists read."""
    decision = {"verdict": verdict, "reason": "spans_threshold", "treatment": None}
    return {
        "as_of": "2026-02-01T00:00:00Z",
        "state": "ready",
        "decision": decision if verdict else None,
        "findings": [],
        "variants": [{"key": key, "units": n} for key, (_, _, n) in values.items()],
        "oec": None,
        "metrics": [
            {
                "key": "repurchase_rate",
                "role": "oec",
                "state": state,
                "definition": {"name": "Repurchase rate", "unit": "share", "direction": "higher"},
                "comparisons": [],
                "adjusted": {
                    "variants": [
                        {"variant": key, "value": value, "std_error": error}
                        for key, (value, error, _) in values.items()
                    ]
                },
                "variants": [
                    {"variant": key, "n": n, "value": None} for key, (_, _, n) in values.items()
                ],
            }
        ],
    }
