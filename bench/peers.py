"""The same campaign in other libraries: one rule on the tier, half and half, asked in-process.

Each is asked by the shortest way that its own interface has: no network, no callback, no log, and
what can be prepared for a member beforehand is. `bench/peers.txt` says where they come from.
"""

from __future__ import annotations

import collections
import collections.abc
import json
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Prepare = Callable[[str, str], Any]
    Decide = Callable[[Any], str | None]

KEY: Final = "gold-q3"
TIERS: Final = ("silver", "gold")
VARIANTS: Final = ("control", "gift")


@dataclass(frozen=True, slots=True)
class Peer:
    """A library that can make the same decision.

    Attributes:
        name: As it is installed.
        make: Imports it and sets the campaign up; gives what prepares a member of an id and a tier,
            and what decides for a member prepared: the variant's key, or something else for nobody.
        compiled: What decides is not Python.
    """

    name: str
    make: Callable[[], tuple[Prepare, Decide]]
    compiled: bool = False


def growthbook() -> tuple[Prepare, Decide]:
    """Run one experiment object: less than looking its feature up, and than GrowthBook.run."""
    types, core = import_module("growthbook.common_types"), import_module("growthbook.core")
    condition = {"tier": {"$in": list(TIERS)}}
    ranges = [(0.0, 0.5), (0.5, 1.0)]
    # Version 1 hashes once, version 2 twice.
    experiment = types.Experiment(
        KEY, list(VARIANTS), ranges=ranges, condition=condition, hashVersion=1
    )
    everything = types.GlobalContext(options=types.Options())
    run, context, stack = core.run_experiment, types.EvaluationContext, types.StackContext

    def decide(user: object) -> str | None:
        result = run(experiment, None, context(user=user, global_ctx=everything, stack=stack()))
        return str(result.value) if result.inExperiment else None

    return lambda who, tier: types.UserContext(attributes={"id": who, "tier": tier}), decide


def flagsmith() -> tuple[Prepare, Decide]:
    """Evaluate an environment of one feature, split in one segment."""
    get_evaluation_result = import_module("flag_engine.engine").get_evaluation_result
    rule = {
        "type": "ALL",
        "conditions": [{"property": "tier", "operator": "IN", "value": [*TIERS]}],
    }
    split = [
        {"key": variant, "value": variant, "weight": 50, "priority": place}
        for place, variant in enumerate(VARIANTS, 1)
    ]
    feature = {"key": "1", "name": KEY, "enabled": False, "value": None}
    override = {"key": "1", "name": KEY, "enabled": True, "value": None, "variants": split}
    environment = {
        "environment": {"key": "bench", "name": "bench"},
        "features": {KEY: feature},
        "segments": {"1": {"key": "1", "name": "s", "rules": [rule], "overrides": [override]}},
    }

    def prepare(who: str, tier: str) -> dict[str, Any]:
        return {
            **environment,
            "identity": {"identifier": who, "key": who, "traits": {"tier": tier}},
        }

    return prepare, lambda context: get_evaluation_result(context)["flags"][KEY]["value"]


def planout() -> tuple[Prepare, Decide]:
    """Make one random choice; the rule is plain Python, and an Experiment around it is left out.

    An Experiment reads its own source at each evaluation: with it, PlanOut is 25 times slower.
    """
    # PlanOut is older than Python 3.10, which has this name in collections.abc alone.
    collections.MutableMapping = collections.abc.MutableMapping  # type: ignore[attr-defined]
    assignment = import_module("planout.assignment").Assignment
    uniform_choice = import_module("planout.ops.random").UniformChoice
    tiers, choices = frozenset(TIERS), list(VARIANTS)

    def decide(asked: tuple[str, str]) -> str | None:
        who, tier = asked
        if tier not in tiers:
            return None
        made = assignment(KEY)
        made.variant = uniform_choice(choices=choices, unit=who)
        return str(made.variant)

    return lambda who, tier: (who, tier), decide


def unleash() -> tuple[Prepare, Decide]:
    """Ask the engine inside UnleashClient, without counting: less than the client does."""
    split = [{"name": variant, "weight": 500, "stickiness": "userId"} for variant in VARIANTS]
    rule = {"contextName": "tier", "operator": "IN", "values": [*TIERS]}
    strategy = {"name": "default", "constraints": [rule], "variants": split}
    feature = {"name": KEY, "enabled": True, "strategies": [strategy]}
    engine = import_module("yggdrasil_engine.engine").UnleashEngine()
    engine.take_state(json.dumps({"version": 1, "features": [feature]}))

    def prepare(who: str, tier: str) -> dict[str, Any]:
        return {"userId": who, "properties": {"tier": tier}}

    return prepare, lambda context: engine.check_variant(KEY, context).variant.name


PEERS: Final = (
    Peer("planout", planout),
    Peer("growthbook", growthbook),
    Peer("flagsmith-flag-engine", flagsmith),
    Peer("UnleashClient", unleash, compiled=True),
)
