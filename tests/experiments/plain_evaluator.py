"""An evaluator that reads the documents as they are written: slow, and plain enough to be right.

It shares no code with `experiments.assignment`: no compiled campaign, no closures, another MD5.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.assignment import Reason
from experiments.campaign import Campaign, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from experiments.audience import Audience, Condition
    from experiments.member import Attribute, Member
    from experiments.programme import Programme

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
HOLDS_ITS_SLOTS = (State.SCHEDULED, State.RUNNING, State.PAUSED)


@dataclass(frozen=True)
class Answer:
    """What was decided; the variant's key where one was."""

    reason: Reason
    detail: str = ""
    unit_id: str = ""
    variant: str = ""
    remembered: bool = False


def slot(salt: str, unit_id: str) -> int:
    """Give the slot as it is published: first eight digits of the hash, modulo 10,000."""
    return int(hashlib.md5(f"{salt}-{unit_id}".encode()).hexdigest()[:8], 16) % 10_000  # noqa: S324  # a bucket, not a secret


def evaluate(  # noqa: C901, PLR0911, PLR0912  # the rules in their order, one after the other
    programme: Programme,
    campaigns: Sequence[Campaign],
    campaign: Campaign,
    member: Member,
    now: datetime,
    *,
    prior: str | None,
    enrolment_open: bool,
) -> Answer:
    """Decide as the documentation says, from the documents."""
    design, phase = campaign.design, campaign.phase
    if campaign.state is State.DRAFT or phase is None or now < phase.started_at:
        return Answer(Reason.NOT_STARTED)
    if campaign.state is State.PAUSED:
        return Answer(Reason.PAUSED)
    if campaign.state in (State.STOPPED, State.DECIDED, State.ARCHIVED):
        return Answer(Reason.ENDED)
    if design.ends_at is not None and now >= design.ends_at:
        return Answer(Reason.ENDED)
    if design.assigned_by == "external":
        return Answer(Reason.EXTERNALLY_ASSIGNED)
    if not member.personalisation_consent:
        return Answer(Reason.OPTED_OUT)
    unit_id = member.member_id
    if design.randomization_unit == "household":
        household = member.attributes.get("household_id")
        if household is None or household == "":
            return Answer(Reason.NOT_ELIGIBLE, "household_id IS_NULL false")
        unit_id = spelled(household)
    if prior in [variant.key for variant in design.variants]:
        return Answer(Reason.ASSIGNED, "", unit_id, str(prior), remembered=True)
    if slot("holdout", unit_id) < programme.holdout_share * 100:
        return Answer(Reason.HELD_OUT, "programme")
    if design.layer is not None:
        layer = design.layer.key
        held_out = {declared.key: declared.holdout_share * 100 for declared in programme.layers}
        if slot(f"layer:{layer}:holdout", unit_id) < held_out[layer]:
            return Answer(Reason.HELD_OUT, f"layer {layer}")
        place = slot(f"layer:{layer}", unit_id)
        if place not in slots_of(campaign):
            for other in campaigns:
                if other.state in HOLDS_ITS_SLOTS and place in slots_of(other):
                    return Answer(Reason.OTHER_CAMPAIGN, other.key)
            return Answer(Reason.OTHER_CAMPAIGN, f"layer {layer}: slots that no campaign holds")
    refused = refusal(design.audience, member)
    if refused is not None:
        return Answer(Reason.NOT_ELIGIBLE, refused)
    if slot(f"{campaign.key}:{phase.number}:traffic", unit_id) >= design.traffic_share * 100:
        return Answer(Reason.TRAFFIC)
    if not enrolment_open:
        return Answer(Reason.CAPPED)
    place = slot(f"{campaign.key}:{phase.number}:split", unit_id)
    total = 0
    for variant in design.variants:
        total += int(variant.planned_share * 100)
        if place < total:
            return Answer(Reason.ASSIGNED, "", unit_id, variant.key)
    raise AssertionError(place)


def slots_of(campaign: Campaign) -> set[int]:
    """Give every slot of the layer (there is one) that a campaign's phase holds."""
    ranges = campaign.phase.layer_ranges if campaign.phase else ()
    return {one for held in ranges for one in range(held.start, held.end)}


def refusal(audience: Audience, member: Member) -> str | None:
    """Give the first condition of each rule that does not hold, or None for who is admitted."""
    refused: list[str] = []
    for rule in audience.any_of:
        failing = [condition for condition in rule.all_of if not holds(condition, member)]
        if not failing:
            return None
        if str(failing[0]) not in refused:
            refused.append(str(failing[0]))
    return " and ".join(refused) if audience.any_of else None


def holds(condition: Condition, member: Member) -> bool:  # noqa: PLR0911  # one an operator
    """Say whether a condition holds for a member."""
    found = member.attributes.get(condition.attribute)
    if found is None and condition.attribute == "id":
        found = member.member_id
    operator, value = str(condition.operator), condition.value
    if found is None:
        return operator == "IS_NULL" and value is True
    if operator == "IS_NULL":
        return value is False
    if operator == "ONE_OF":
        return spelled(found) in [spelled(one) for one in value]  # type: ignore[union-attr]  # a list
    if operator == "NOT_ONE_OF":
        return spelled(found) not in [spelled(one) for one in value]  # type: ignore[union-attr]  # as above
    if operator == "MATCHES":
        return re.search(str(value), spelled(found)) is not None
    if operator == "NOT_MATCHES":
        return re.search(str(value), spelled(found)) is None
    left, right = numeric(found), numeric(value)  # type: ignore[arg-type]  # a number here
    if left is None or right is None:
        return False
    return {"GT": left > right, "GTE": left >= right, "LT": left < right, "LTE": left <= right}[
        operator
    ]


def spelled(value: Attribute) -> str:
    """Spell an attribute as rules compare it."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def numeric(value: Attribute) -> float | None:
    """Give a number, or None for what is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else None
