"""Makes the campaign of a form that is right, or changes the one that it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, g, redirect, url_for

from app.analysis import make_plan
from app.console.context import person
from app.console.new.sentences import said
from app.console.new.showing import address_of
from app.console.new.steps import STEPS
from experiments import drafting
from experiments.campaign import State
from experiments.errors import CampaignExists, InvalidValues
from experiments.lifecycle import Act, create_campaign, find_campaign, update_campaign

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.new.form import Form, Setting
    from experiments.campaign import CampaignDesign
    from experiments.form_draft import FormDraft


def make_campaign(draft: FormDraft, form: Form, place: Setting) -> Response:
    """Make or change the campaign, and lead to its launch; or back to what is wrong."""
    say, design = place.words.say, form.judged.design
    if design is None or not form.judged.is_right:
        flash(say("Some steps need another look before this is a campaign."), "danger")
        return redirect(address_of(draft.draft_id, _first_wrong(form)))
    if draft.campaign_key is not None and _runs(draft.campaign_key, place):
        key = draft.campaign_key
        return redirect(url_for("console.campaign_again.ask", key=key, draft_id=draft.draft_id))
    try:
        kept = _keep(draft, design, place)
    except CampaignExists:
        flash(say("There is a campaign with this key already. Choose another key."), "danger")
        return redirect(address_of(draft.draft_id, STEPS[0].key))
    except InvalidValues as refused:
        flash(" ".join(said(one, place.words) for one in refused.problems), "danger")
        return redirect(form.address)
    if not kept:
        flash(
            say("The campaign was changed elsewhere meanwhile, and nothing was saved over that. "
                "Open it in the form again to see it as it is."),
            "danger",
        )  # fmt: skip
        return redirect(form.address)
    flash(say("The campaign is kept as a draft."), "success")
    return redirect(url_for("console.launch.ask", key=design.key))


def _keep(draft: FormDraft, design: CampaignDesign, place: Setting) -> bool:
    """Keep the design; False where the campaign is another than the form began with."""
    if draft.campaign_key is None:
        create_campaign(place.engine, design, _act(place))
    else:
        stands = find_campaign(place.engine, draft.campaign_key).design
        if stands.model_dump(mode="json", exclude_defaults=True) != dict(draft.base):
            return False
        if stands != design:
            update_campaign(
                place.engine, draft.campaign_key, design, _act(place), make_plan=make_plan
            )
    base = design.model_dump(mode="json", exclude_defaults=True)
    drafting.tie_draft(place.engine, draft.draft_id, design.key, base, place.now)
    return True


def _runs(key: str, place: Setting) -> bool:
    """Say whether a campaign runs, so that what was typed is a new phase of it."""
    state = find_campaign(place.engine, key).state_at(place.now)
    return state in {State.RUNNING, State.PAUSED}


def _act(place: Setting) -> Act:
    trace_id = str(g.get("trace_id", "")) or None
    return Act(place.now, f"user {person().user.user_id}", trace_id=trace_id)


def _first_wrong(form: Form) -> str:
    wrong = [key for key, errors in form.judged.errors.items() if errors]
    return wrong[0] if wrong else form.step
