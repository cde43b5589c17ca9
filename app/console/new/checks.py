"""Looks through a campaign before its launch: what is in order, what to think about, what blocks.

Each check is one sentence of what was found. Only what the launch itself refuses and what is wrong
in the form are in the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.analysis import FactSource
from app.analysis.launching import unseen_events_of
from app.console.computing import Asking
from app.console.new.audience_reach import reach_of
from app.console.new.form import rows_of
from app.console.new.size import SizeStep
from experiments.wording import missing_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.console.new.form import Fields, Form, Setting
    from experiments.campaign import CampaignDesign

ITEMS: Final = "checklist.item"


class Found(StrEnum):
    """What a check found; the name is the tone in which it is shown."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    COMING = "busy"


class Allowed(StrEnum):
    """What a launch can leave aside, if somebody says so."""

    EMPTY_AUDIENCE = "allow_empty_audience"
    UNSEEN_EVENTS = "allow_unseen_events"


@dataclass(frozen=True, slots=True)
class Check:
    """One item of the checklist.

    Attributes:
        title: What was looked at.
        text: What was found.
        allowed_by: What a launch must be told to leave this aside, or None.
    """

    title: str
    text: str
    found: Found
    allowed_by: Allowed | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An item for people to tick before the launch."""

    number: int
    at: str
    text: str


def checks_of(form: Form, setting: Setting, asking: Asking | None = None) -> tuple[Check, ...]:
    """Look through a form as it was typed; its audience is counted beside the request."""
    return tuple(_checks(form, setting, asking or Asking.at_sight()))


def is_coming(checks: Iterable[Check]) -> bool:
    """Say whether a check is still being made."""
    return any(one.found is Found.COMING for one in checks)


def items_of(fields: Fields) -> tuple[Item, ...]:
    """Give the items that were added to a form."""
    return tuple(
        Item(row, at, text)
        for row in rows_of(fields, ITEMS)
        if (text := fields.get(f"{(at := f'{ITEMS}.{row}')}.text", "").strip())
    )


def _checks(form: Form, setting: Setting, asking: Asking) -> Iterator[Check]:
    say, many = setting.words.say, setting.words.say_many
    judged, design = form.judged, form.judged.design
    wrong = sum(map(len, judged.errors.values())) + len(judged.loose)
    yield Check(
        say("The campaign is complete"),
        many("{count} field needs another look.", "{count} fields need another look.", wrong,
             count=setting.formats.count(wrong).text)
        if wrong
        else say("Goal, audience, variants, metrics and dates fit together and fit the programme."),
        Found.BAD if wrong else Found.GOOD,
    )  # fmt: skip
    yield _audience(form, setting, asking)
    if design is None:
        return
    yield _events(design, setting)
    yield _traffic(form, setting)
    yield Check(
        say("Budget and caps"),
        say("A budget, a cap or a stock is set; enrolment stops in every variant alike.")
        if design.is_capped
        else say("Nothing is capped: rewards are given for as long as the campaign runs."),
        Found.GOOD if design.is_capped else Found.WARN,
    )
    yield Check(
        say("Consent"),
        say("Members who opted out of personalised offers get the default offer, always."),
        Found.GOOD,
    )
    yield _copy(design, setting)


def _audience(form: Form, setting: Setting, asking: Asking) -> Check:
    say, title = setting.words.say, setting.words.say("The audience is not empty")
    reach = reach_of(form.judged.document, setting, asking)
    if reach.refused:
        return Check(title, reach.refused, Found.BAD)
    if reach.is_coming:
        return Check(title, say("Members are being counted."), Found.COMING)
    if not reach.has_members:
        told = say("No members are kept here, so nobody can be counted.")
        return Check(title, told, Found.WARN)
    if reach.is_empty:
        told = say("Nobody would be taken.")
        return Check(title, told, Found.BAD, Allowed.EMPTY_AUDIENCE)
    told = say(
        "{eligible} of {members} members are eligible.",
        eligible=reach.eligible,
        members=reach.members,
    )
    return Check(title, told, Found.GOOD)


def _events(design: CampaignDesign, setting: Setting) -> Check:
    say, title = setting.words.say, setting.words.say("The events that decide are seen")
    source = FactSource.of(setting.settings)
    unseen = unseen_events_of(setting.engine, design, setting.now, source)
    if not unseen:
        return Check(title, say("The metric that decides has the events it needs."), Found.GOOD)
    events = unseen[0].message.rpartition(": ")[2]
    told = say("Never seen here: {events}. Send them first, or there is no result.", events=events)
    return Check(title, told, Found.BAD, Allowed.UNSEEN_EVENTS)


def _traffic(form: Form, setting: Setting) -> Check:
    title = setting.words.say("Enough members for the effect")
    sized = SizeStep().sized(form, setting)
    if sized is None:
        told = setting.words.say("Not planned yet: fill in size and duration to know.")
        return Check(title, told, Found.WARN)
    return Check(title, sized.verdict, Found.GOOD if sized.is_possible else Found.WARN)


def _copy(design: CampaignDesign, setting: Setting) -> Check:
    title = setting.words.say("Texts in every language")
    missing = missing_texts(design, setting.programme.locales)
    if not missing:
        told = setting.words.say("Every offer with texts has them in every language.")
        return Check(title, told, Found.GOOD)
    told = setting.words.say(
        "Readers of {locales} get an offer in another language.",
        locales=", ".join(dict.fromkeys(one.locale for one in missing)),
    )
    return Check(title, told, Found.WARN)
