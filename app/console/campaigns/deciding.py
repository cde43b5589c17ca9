"""Writes down what was decided about a stopped campaign, beside what its rule says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request

from app.analysis import Choice, FactSource, decide_campaign
from app.analysis.digest import newest_digests
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.acting import act, changed_words, has_changed
from app.console.campaigns.digest_words import interval_of, verdict_badge, widest
from app.console.campaigns.frame import address_of_campaign, frame_of
from app.console.context import formats, wiring, words
from app.console.refusals import by_field
from app.console.rendering import show
from app.language import marked
from experiments.campaign import LEGAL, Move
from experiments.errors import IllegalMove, InvalidValues, StaleCampaign
from experiments.lifecycle import find_campaign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from app.console.campaigns.digest_words import Interval
    from app.console.campaigns.frame import Frame
    from app.console.campaigns.state_words import Badge
    from experiments.campaign import Campaign

blueprint = Blueprint("campaign_decision", __name__)

CHOICES: Final[Mapping[Choice, str]] = {
    Choice.SHIP: marked("Ship a variant to everyone"),
    Choice.DO_NOT_SHIP: marked("Ship none"),
    Choice.INCONCLUSIVE: marked("Leave it open: the results do not tell"),
}


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """The form of a decision.

    Attributes:
        verdict: What the rule says by the newest stored scorecard; None without one.
        lift: Of the metric that decides.
        choices: Value and text.
        treatments: Keys and names of what may ship, an empty one first.
        chosen, treatment, reason: As they were typed.
        errors: By field; ``""`` is the whole form.
        can: Whether the state allows a decision.
    """

    template: ClassVar[str] = "console/campaign/decide.html"
    title: str
    frame: Frame
    verdict: Badge | None
    lift: Interval | None
    choices: tuple[tuple[str, str], ...]
    treatments: tuple[tuple[str, str], ...]
    chosen: str
    treatment: str
    reason: str
    errors: dict[str, str]
    version: int
    can: bool
    back: str


@blueprint.get("/campaigns/<key>/decide")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask(key: str) -> tuple[str, int]:
    """Show the form."""
    campaign = find_campaign(wiring().engine, key)
    can = _can(campaign)
    errors = {} if can else {"": words().say(_NOT_STOPPED)}
    return _shown(campaign, errors, 200 if can else 409)


@blueprint.post("/campaigns/<key>/decide")
@open_to(Scope.CAMPAIGNS_WRITE)
def decide(key: str) -> tuple[str, int] | Response:
    """Keep the decision."""
    parts, form = wiring(), request.form
    campaign = find_campaign(parts.engine, key)
    if has_changed(campaign):
        return _shown(campaign, {"": changed_words(campaign)}, 409)
    errors = _problems(campaign)
    if errors:
        return _shown(campaign, errors, 422)
    choice = Choice(form["decision"])
    treatment = form.get("treatment") if choice is Choice.SHIP else None
    try:
        decided = decide_campaign(
            parts.engine, key, choice, treatment, act(form.get("reason")),
            source=FactSource.of(parts.settings),
        )  # fmt: skip
    except (IllegalMove, StaleCampaign):
        return _shown(find_campaign(parts.engine, key), {"": words().say(_NOT_STOPPED)}, 409)
    except InvalidValues as refused:
        return _shown(campaign, by_field(refused, words()), 422)
    name = decided.design.name or key
    flash(words().say("The decision on {name} is written down.", name=name), "success")
    return redirect(address_of_campaign(key, "history"))


_NOT_STOPPED: Final = marked(
    "Only a stopped campaign can be decided on. What can be done now stands above."
)


def _problems(campaign: Campaign) -> dict[str, str]:
    say, form = words().say, request.form
    errors = {}
    if form.get("decision") not in set(Choice):
        errors["decision"] = say("Choose what becomes of the campaign.")
    known = {key for key, _ in _treatments(campaign) if key}
    if form.get("decision") == Choice.SHIP and form.get("treatment") not in known:
        errors["treatment"] = say("Choose the variant that ships.")
    if not form.get("reason", "").strip():
        errors["reason"] = say("Say why, for whoever reads this in a year.")
    return errors


def _shown(campaign: Campaign, errors: dict[str, str], status: int) -> tuple[str, int]:
    say, frame = words().say, frame_of(campaign)
    digests = newest_digests(wiring().engine)
    digest = digests.get(campaign.key)
    chosen = request.form.get("decision", "")
    reach = widest({campaign.key: digest}) if digest is not None else 1.0
    page = DecisionPage(
        title=say("Decide on {name}", name=frame.name),
        frame=frame,
        verdict=verdict_badge(digest, words()),
        lift=interval_of(digest, campaign.design, reach, formats(), words()),
        choices=tuple((str(choice), say(label)) for choice, label in CHOICES.items()),
        treatments=_treatments(campaign),
        chosen=chosen,
        treatment=request.form.get("treatment", ""),
        reason=request.form.get("reason", ""),
        errors=errors,
        version=campaign.version,
        can=_can(campaign),
        back=address_of_campaign(campaign.key, "history"),
    )
    return show(page, status)


def _treatments(campaign: Campaign) -> tuple[tuple[str, str], ...]:
    control = campaign.design.control.key
    found = [(one.key, one.name or one.key) for one in campaign.design.variants]
    return (("", "\N{EN DASH}"), *((key, name) for key, name in found if key != control))


def _can(campaign: Campaign) -> bool:
    return Move.DECIDE in LEGAL[campaign.state_at(wiring().clock())]
