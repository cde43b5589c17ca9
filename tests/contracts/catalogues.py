"""Random catalogues and members, for comparing two evaluators of the same campaigns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from experiments.campaign import Campaign, Phase, State
from experiments.layer import SlotRange
from experiments.member import Member
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.member import Attribute
    from experiments.programme import Programme

ATTRIBUTES: Final = ("country", "cohort", "score", "vip", "id")

VALUES: Final[tuple[Attribute, ...]] = (
    *("tw", "TW", "gb", "台灣", "", " 5", "5 ", "5", "5.0", "+5", ".5", "5.", "5e2", "1.2.3"),
    *("inf", "-Infinity", "nan", "1e9999", "1_0", "٣", "true", "True", "a\nb", "x5y", "@x.com"),
    *(0, 1, 5, -3, 500, 2**40, 0.5, 5.0, -2.25, 123456.75, 1e15, True, False),
)
"""What members may have; numbers that every language writes alike (`docs/reference` says which)."""

PATTERNS: Final = (
    *(r"5", r"^tw$", r"\d", r"^\d+$", r"(?i)^TW$", r"\.", r"a.b", r"^[^@]*@x\.com$", r"[\d.]{2,}"),
    *(r"^(tw|gb)$", r"x?5", r"台", r"^$", r"\s", r"\W", r"^m-\d*[02468]$", r"e\d+$", r"[\w-]+5"),
)
"""Regular expressions of RE2 that can be written for every engine."""

UNPORTABLE: Final = (r"\bx", r"\pN", r"(?s)a.b", r"[[:alpha:]]", r"\Qa\E")


def seeded(seed: int) -> Random:
    """Give random numbers that are the same in every run."""
    return Random(seed)  # noqa: S311  # nothing is to be kept secret


def random_catalogue(random: Random, now: datetime) -> tuple[Programme, list[Campaign]]:
    """Give a programme with one to five campaigns, in all states, within and out of windows."""
    made = programme(
        holdout_share=random.choice((0, 0, 5, 20)),
        layers=[{"key": "home", "holdout_share": random.choice((0, 3, 10))}, {"key": "mail"}],
        constant_attributes=[name for name in ATTRIBUTES if name != "id"],
    )
    free = {"home": 0, "mail": 0}
    campaigns = []
    for number in range(random.randint(1, 5)):
        changes, ranges = _changes(random, now, free)
        state = random.choice((State.RUNNING,) * 8 + (State.SCHEDULED, State.PAUSED, State.STOPPED))
        built = campaign(state, key=f"c{number}-{random.randint(0, 999)}", **changes)
        started = built.design.starts_at or now - timedelta(days=3)
        phase = Phase(random.randint(1, 3), built.design, started, layer_ranges=ranges)
        campaigns.append(replace(built, phases=(phase,)))
    return made, campaigns


def random_member(random: Random) -> Member:
    """Give a member with some attributes, most of them with consent."""
    attributes = {name: random.choice(VALUES) for name in ATTRIBUTES if random.random() < 0.6}
    if random.random() < 0.8:
        attributes.pop("id", None)
    member_id = random.choice(("m-", "member ", "會員-", "")) + str(random.randint(0, 10**9))
    return Member(member_id, attributes, personalisation_consent=random.random() < 0.95)


def _changes(
    random: Random, now: datetime, free: dict[str, int]
) -> tuple[dict[str, Any], tuple[SlotRange, ...]]:
    changes: dict[str, Any] = {
        "traffic_share": random.choice((100, 100, 50, 12.34, 0)),
        "audience": _audience(random),
        "variants": _variants(random),
        "starts_at": now + timedelta(hours=random.choice((-48, -48, -48, -48, -1, 1))),
        "ends_at": random.choice((None, None, None, now + timedelta(hours=72))),
    }
    if random.random() < 0.1:
        changes["ends_at"] = max(changes["starts_at"], now - timedelta(hours=2)) + timedelta(
            hours=1
        )
    ranges: tuple[SlotRange, ...] = ()
    layer = random.choice(("home", "mail", None))
    if layer is not None and free[layer] < 9_000:
        share = random.randint(1, (10_000 - free[layer]) // 2)
        start = free[layer] + random.choice((0, 100))
        cut = start + random.randint(0, share)
        ranges = tuple(
            one
            for one in (SlotRange(start, cut), SlotRange(cut, start + share))
            if one.end > one.start
        )
        free[layer] = start + share
        changes["layer"] = {"key": layer, "share": share / 100}
    return changes, ranges


def _variants(random: Random) -> list[dict[str, Any]]:
    shares = random.choice(((50, 50), (33.33, 33.33, 33.34), (90, 10), (0, 100), (25, 25, 25, 25)))
    keys = ("control", "gift", "default", "none")
    return [{"key": key, "planned_share": share} for key, share in zip(keys, shares, strict=False)]


def _audience(random: Random) -> dict[str, Any]:
    return {
        "any_of": [
            {"all_of": [_condition(random) for _ in range(random.randint(1, 3))]}
            for _ in range(random.choice((0, 0, 1, 1, 2, 3)))
        ]
    }


def _condition(random: Random) -> dict[str, Any]:
    operator = random.choice(
        ("MATCHES", "NOT_MATCHES", "ONE_OF", "NOT_ONE_OF", "GT", "GTE", "LT", "LTE", "IS_NULL")
    )
    attribute = random.choice(ATTRIBUTES)
    value: Any
    match operator:
        case "MATCHES" | "NOT_MATCHES":
            value = random.choice(PATTERNS if random.random() < 0.97 else UNPORTABLE)
        case "ONE_OF" | "NOT_ONE_OF":
            value = random.sample(VALUES, random.randint(1, 8))
        case "IS_NULL":
            value = attribute == "id" or random.random() < 0.1
        case _:
            value = random.choice((0, 5, 5.0, -2.25, 500, "5", ".5", 1e15, "5e2"))
    return {"attribute": attribute, "operator": operator, "value": value}
