"""Decides what members of a simulated world are sent, collect, cover and answer, beside buying.

None of it changes what they buy. So every metric that reads these events has a truth that can be
worked out: a chance, a rate or a share of what was planted.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stats.simulation.events import timestamps
from stats.simulation.outcomes import exposed_members
from stats.simulation.plan import NO_EFFECT, demand, demand_seed, demand_share
from stats.simulation.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    import numpy.typing as npt

    from stats.simulation.assignments import Assignments
    from stats.simulation.outcomes import Exposed
    from stats.simulation.world import World

MINOR_PER_POINT: Final = 100
"""Of an order's amount, for one point."""
NPS_CHANCES: Final = (0.02, 0.01, 0.02, 0.03, 0.03, 0.07, 0.10, 0.17, 0.22, 0.18, 0.15)
"""Chances of the scores 0 to 10 where a variant says none: 33 % promote, 28 % detract."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """What a variant's members do beside buying.

    Attributes:
        contacts: Messages a member is sent, on average (Poisson).
        contact_cost_minor: What each costs.
        burn_chance: Chance that a member burns points.
        burn_share: Which part of the points they have, where they do.
        response_chance: Chance to answer a survey, the same for NPS and satisfaction.
        nps_chances: Chances of the scores 0 to 10.
        satisfaction: Mean of the scores 1 to 5.
        progress: Mean share of the remaining threshold that is covered in the end, 0 to 1.
        service_chance: Chance to contact service.
        referral_chance: Chance to refer somebody.
    """

    contacts: float = 0.0
    contact_cost_minor: int = 0
    burn_chance: float = 0.2
    burn_share: float = 0.5
    response_chance: float = 0.3
    nps_chances: tuple[float, ...] = NPS_CHANCES
    satisfaction: float = 3.6
    progress: float = 0.4
    service_chance: float = 0.02
    referral_chance: float = 0.01

    def __post_init__(self) -> None:
        """Refuse chances outside 0 to 1 and scores that nobody can give."""
        for name in (
            "burn_chance",
            "burn_share",
            "response_chance",
            "progress",
            "service_chance",
            "referral_chance",
        ):
            demand_share(name, getattr(self, name))
        demand(0 <= self.contacts < math.inf, "contacts", self.contacts, "0 or more")
        demand(
            self.contact_cost_minor >= 0, "contact_cost_minor", self.contact_cost_minor, "0 or more"
        )
        total = math.fsum(self.nps_chances)
        sound = len(self.nps_chances) == len(NPS_CHANCES) and min(self.nps_chances) >= 0
        demand(sound and math.isclose(total, 1), "nps_chances", self.nps_chances, "11 that total 1")
        demand(1 <= self.satisfaction <= 5, "satisfaction", self.satisfaction, "1 to 5")  # noqa: PLR2004 - a scale of five

    @property
    def nps(self) -> float:
        """The true net promoter score."""
        return 100 * (math.fsum(self.nps_chances[9:]) - math.fsum(self.nps_chances[:7]))


@dataclass(slots=True)
class _Rows:
    """Conversions that are being gathered."""

    member: list[npt.NDArray[np.int64]] = field(default_factory=list)
    at: list[npt.NDArray[np.int64]] = field(default_factory=list)
    event: list[str] = field(default_factory=list)
    amount: list[int | None] = field(default_factory=list)
    properties: list[str | None] = field(default_factory=list)

    def add(
        self,
        event: str,
        member: npt.NDArray[np.int64],
        at: npt.NDArray[np.int64],
        *,
        amounts: Sequence[int] | None = None,
        properties: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Take events of one name."""
        size = member.size
        self.member.append(member)
        self.at.append(at)
        self.event += [event] * size
        self.amount += [None] * size if amounts is None else list(amounts)
        texts = [None] * size if properties is None else [json.dumps(one) for one in properties]
        self.properties += texts


def simulate_engagement(
    world: World,
    assignments: Assignments,
    engagement: Mapping[str, Engagement],
    *,
    window: timedelta,
    seed: int,
) -> pa.Table:
    """Give what the members of a campaign are sent, collect, cover and answer.

    Args:
        world: The world after the campaign: points are earned on its orders, before exposure, too.
        assignments: Who got what and when.
        engagement: What each variant's members do.
        window: How long after exposure.
        seed: Of these draws alone.

    Returns:
        Conversions as the analysis reads them: `conversion_id`, `member_id`, `event`,
        `occurred_at`, `amount_minor`, `currency`, and `properties` as JSON text.

    Raises:
        InvalidSimulation: See `exposed_members`.
    """
    demand_seed(seed)
    exposed = exposed_members(world, assignments, dict.fromkeys(engagement, NO_EFFECT), window)
    rows = _Rows()
    for variant, key in enumerate(exposed.keys):
        chosen = np.flatnonzero(exposed.variant == variant)
        draws = stream(seed, "engagement", exposed.campaign, key)
        _of_variant(rows, exposed, chosen, engagement[key], draws)
    _points(rows, world, exposed, engagement, stream(seed, "points", exposed.campaign))
    return _table(rows, world, exposed.campaign)


def _of_variant(
    rows: _Rows,
    exposed: Exposed,
    chosen: npt.NDArray[np.int64],
    does: Engagement,
    draws: np.random.Generator,
) -> None:
    member, begins = exposed.member[chosen], exposed.begins[chosen]
    length = exposed.ends[chosen] - begins

    def moments(which: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        drawn = draws.random(which.size) * length[which]
        return np.asarray(begins[which] + drawn.astype(np.int64))

    def those(chance: float) -> npt.NDArray[np.int64]:
        return np.flatnonzero(draws.random(member.size) < chance)

    sent = np.repeat(np.arange(member.size), draws.poisson(does.contacts, member.size))
    costs = [does.contact_cost_minor] * sent.size
    rows.add("contact_sent", member[sent], moments(sent), amounts=costs)
    mean = does.progress
    if 0 < mean < 1:
        share = np.round(draws.beta(2 * mean, 2 - 2 * mean, member.size), 4)
    else:
        share = np.full(member.size, mean)
    all_of_them = np.arange(member.size)
    rows.add(
        "progress",
        member,
        moments(all_of_them),
        properties=[{"covered": float(one)} for one in share],
    )
    answering = those(does.response_chance)
    scores = draws.choice(len(does.nps_chances), size=answering.size, p=does.nps_chances)
    rows.add(
        "survey_response",
        member[answering],
        moments(answering),
        properties=[{"survey": "nps", "score": int(one)} for one in scores],
    )
    answering = those(does.response_chance)
    scores = 1 + draws.binomial(4, (does.satisfaction - 1) / 4, answering.size)
    rows.add(
        "survey_response",
        member[answering],
        moments(answering),
        properties=[{"survey": "csat", "score": int(one)} for one in scores],
    )
    for event, chance in (
        ("service_contact", does.service_chance),
        ("referral", does.referral_chance),
    ):
        happened = those(chance)
        rows.add(event, member[happened], moments(happened))


def _points(
    rows: _Rows,
    world: World,
    exposed: Exposed,
    engagement: Mapping[str, Engagement],
    draws: np.random.Generator,
) -> None:
    """Earn points on every order, and burn some of what was there at exposure."""
    bought = np.isin(world.purchases.member, exposed.member)
    member, at = world.purchases.member[bought], world.purchases.at[bought]
    earned = world.purchases.amount_minor[bought] // MINOR_PER_POINT
    rows.add(
        "points",
        member,
        at,
        properties=[{"movement": "earn", "points": int(one)} for one in earned],
    )
    begins = np.full(world.plan.members, np.iinfo(np.int64).max)
    begins[exposed.member] = exposed.begins
    before = at < begins[member]
    balance = np.bincount(member[before], earned[before], minlength=world.plan.members)
    chances = np.array([engagement[key].burn_chance for key in exposed.keys])[exposed.variant]
    shares = np.array([engagement[key].burn_share for key in exposed.keys])[exposed.variant]
    burns = np.flatnonzero(draws.random(exposed.member.size) < chances)
    points = (balance[exposed.member[burns]] * shares[burns]).astype(np.int64)
    left = exposed.ends[burns] - exposed.begins[burns]
    rows.add(
        "points",
        exposed.member[burns],
        exposed.begins[burns] + (draws.random(burns.size) * left).astype(np.int64),
        properties=[{"movement": "burn", "points": int(one)} for one in points],
    )


def with_margins(
    conversions: pa.Table, margin_rate: float, *, spread: float = 0.1, seed: int
) -> pa.Table:
    """Give conversions whose orders say their margin: `margin_minor`, about a share of the amount.

    Args:
        conversions: With `properties` as JSON text; refunds stay as they are.
        margin_rate: Mean share of the amount.
        spread: Half of the range about it, evenly.
        seed: Of these draws.
    """
    demand_share("margin_rate", margin_rate)
    is_order = pc.equal(conversions["event"], "order").to_numpy(zero_copy_only=False)
    draws = stream(seed, "margins").uniform(
        margin_rate - spread, margin_rate + spread, is_order.sum()
    )
    amounts = conversions["amount_minor"].to_pylist()
    texts = conversions["properties"].to_pylist()
    for row, rate in zip(np.flatnonzero(is_order), draws, strict=True):
        known = {} if texts[row] is None else json.loads(texts[row])
        texts[row] = json.dumps({**known, "margin_minor": round(amounts[row] * rate)})
    place = conversions.schema.get_field_index("properties")
    return conversions.set_column(place, "properties", pa.array(texts, pa.string()))


def _table(rows: _Rows, world: World, campaign: str) -> pa.Table:
    member, at = np.concatenate(rows.member), np.concatenate(rows.at)
    amounts = pa.array(rows.amount, pa.int64())
    currency = pc.if_else(pc.is_valid(amounts), world.plan.currency, pa.scalar(None, pa.string()))
    ids = [f"e-{campaign}-{number}" for number in range(member.size)]
    table = pa.table(
        {
            "conversion_id": pa.array(ids, pa.string()),
            "member_id": world.people.member_id.take(pa.array(member)),
            "event": pa.array(rows.event, pa.string()),
            "occurred_at": timestamps(at),
            "amount_minor": amounts,
            "currency": currency,
            "properties": pa.array(rows.properties, pa.string()),
        }
    )
    return table.take(pc.sort_indices(table, [("occurred_at", "ascending"),
                                              ("conversion_id", "ascending")]))  # fmt: skip
