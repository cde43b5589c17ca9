"""The cast of the tests: a programme and a campaign that they vary."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from experiments.campaign import Campaign, CampaignDesign, Phase, State
from experiments.programme import Programme

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

PROGRAMME: dict[str, Any] = {
    "name": "Harbour Club",
    "time_zone": "Asia/Taipei",
    "currency": "TWD",
    "locales": ["zh-Hant-TW", "zh-Hans-CN", "en"],
    "tiers": [{"key": key} for key in ("bronze", "silver", "gold", "diamond")],
    "layers": [{"key": "home"}],
}

DESIGN: dict[str, Any] = {
    "key": "gold-q3",
    "name": "Gold before the summer",
    "variants": [
        {"key": "control", "planned_share": 50},
        {
            "key": "gift",
            "planned_share": 50,
            "offer": {
                "kind": "gift",
                "gift": "A tea set",
                "target_tier": "gold",
                "unit_cost_minor": 30000,
                "currency": "TWD",
                "texts": {"en": {"title": "A gift awaits"}, "zh-Hant-TW": {"title": "好禮等您"}},
            },
        },
    ],
    "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
}


def programme(**changes: Any) -> Programme:  # noqa: ANN401  # fields of a document
    """Give the programme of the tests with some fields changed."""
    return Programme.model_validate({**deepcopy(PROGRAMME), **changes})


def design(**changes: Any) -> CampaignDesign:  # noqa: ANN401  # fields of a document
    """Give the campaign document of the tests with some fields changed."""
    return CampaignDesign.model_validate({**deepcopy(DESIGN), **changes})


def campaign(state: State = State.RUNNING, **changes: Any) -> Campaign:  # noqa: ANN401  # as above
    """Give the campaign of the tests in a state; all but a draft have a first phase."""
    made = design(**changes)
    started = made.starts_at or datetime(2026, 2, 1, tzinfo=UTC)
    phases = () if state is State.DRAFT else (Phase(1, made, started),)
    return Campaign(made, state, created_at=NOW, updated_at=NOW, phases=phases)
