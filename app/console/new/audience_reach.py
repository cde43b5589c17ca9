"""Says whom a campaign would take, whom not and why, and with which campaigns it shares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from pydantic import ValidationError

from app.analysis import count_design
from app.console.computing import computations_of
from app.console.new.audience_rules import refusal_words
from app.report.enrolment_part import LOST
from experiments.campaign import CampaignDesign
from stats.scorecard import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.analysis import AudienceCount
    from app.console.computing import Asking
    from app.console.new.form import Json, Setting
    from stats.scorecard import KeptCount

DESIGNED = ("audience", "layer", "traffic_share", "randomization_unit", "assigned_by")
"""What of a document decides who is taken."""


@dataclass(frozen=True, slots=True)
class LostRow:
    """Members whom something keeps away."""

    reason: str
    detail: str
    members: str


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """A campaign that takes some of the same members."""

    name: str
    state: str
    members: str
    share: str
    is_kept_apart: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """The count, as it is shown.

    Attributes:
        refused: Why it could not be counted; then nothing else is said.
        is_coming: Whether it is being counted; then nothing else is said either.
        is_empty: Whether nobody would be taken, which blocks a launch.
        has_members: Whether any member is kept here.
        counted: When, in the programme's zone.
    """

    refused: str
    is_coming: bool = False
    is_empty: bool = False
    has_members: bool = True
    eligible: str = ""
    members: str = ""
    share: str = ""
    lost: tuple[LostRow, ...] = ()
    tiers: tuple[tuple[str, str, str], ...] = ()
    overlaps: tuple[OverlapRow, ...] = ()
    counted: str = ""


def reach_of(document: Json, setting: Setting, asking: Asking) -> Reach:
    """Count whom a document would take, whatever else is wrong with it."""
    design = design_of(document)
    if design is None:
        return Reach(setting.words.say("Mend the conditions first; then members can be counted."))
    engine, now = setting.engine, asking.now
    question = orjson.dumps(
        [design.key, *(document.get(name) for name in DESIGNED)], option=orjson.OPT_SORT_KEYS
    )
    found = computations_of(engine).ask(
        f"audience {question.decode()}", lambda: count_design(engine, design, now), asking
    )
    return Reach("", is_coming=True) if found is None else reach_shown(found.answer, setting)


def design_of(document: Json) -> CampaignDesign | None:
    """Give a campaign of the parts that decide who is taken, or None where they are wrong."""
    halves = [{"key": "control", "planned_share": 50}, {"key": "treatment", "planned_share": 50}]
    known = {name: document[name] for name in DESIGNED if name in document}
    try:
        return CampaignDesign.model_validate(
            {"key": document.get("key") or "new", "variants": halves, **known}
        )
    except ValidationError:
        try:  # the key alone may be wrong, which has nothing to do with whom it takes
            return CampaignDesign.model_validate({"key": "new", "variants": halves, **known})
        except ValidationError:
            return None


def reach_shown(count: AudienceCount, setting: Setting) -> Reach:
    """Give a count as it is shown."""
    formats, say = setting.formats, setting.words.say
    found = count.enrolment
    share = found.eligible / found.members if found.members else 0.0
    names = {one.tier: one.name for one in found.by_tier}
    return Reach(
        "",
        False,  # it is there
        not found.eligible,
        bool(found.members),
        formats.count(found.eligible).text,
        formats.count(found.members).text,
        formats.share(share, 1).text,
        tuple(
            LostRow(
                say(LOST[one.reason]),
                _detail(one, names, setting),
                formats.count(one.members).text,
            )
            for one in found.kept
        ),
        tuple(
            (
                one.name or say("Not on the ladder"),
                formats.count(one.members).text,
                formats.count(one.eligible).text,
            )
            for one in found.by_tier
        ),
        tuple(
            OverlapRow(
                one.name,
                str(one.state),
                say("Not known: another system makes its split")
                if one.members is None
                else formats.count(one.members).text,
                "" if one.share is None else formats.share(one.share, 1).text,
                one.same_layer,
            )
            for one in count.shared
        ),
        f"{count.counted_at.astimezone(formats.zone):%H:%M}",
    )


def _detail(one: KeptCount, names: Mapping[str | None, str], setting: Setting) -> str:
    match one.reason:
        case Kept.MANUAL_TIER:
            return names.get(one.detail, one.detail)
        case Kept.HELD_OUT if one.detail == "programme":
            return setting.words.say("from every campaign of the programme")
        case Kept.NOT_ELIGIBLE | Kept.CONSENT:
            refused = refusal_words(one.detail, setting)
            return setting.words.say("Does not hold: {conditions}", conditions=refused)
        case _:
            return one.detail
