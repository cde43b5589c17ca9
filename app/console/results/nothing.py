"""Says why there are no results yet, and what to do; in place of every page of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.console.campaigns.frame import address_of_campaign, is_page
from app.console.context import formats, words
from experiments.campaign import State

if TYPE_CHECKING:
    from app.console.campaigns.frame import Frame
    from app.console.results.stored import Unread


@dataclass(frozen=True, slots=True)
class NothingPage:
    """A campaign that has no results yet.

    Attributes:
        title: For the tab and the heading.
        frame: Of the campaign.
        icon: As Tabler names it.
        heading: What there is not.
        text: Why, and what to do.
        compute: Address that computes a scorecard; empty where nothing can be computed.
        next_address: Where to go otherwise; may be empty.
        next_label: What is there.
    """

    template: ClassVar[str] = "console/results/nothing.html"
    title: str
    frame: Frame
    icon: str
    heading: str
    text: str
    compute: str
    next_address: str
    next_label: str


def nothing(found: Unread) -> NothingPage:
    """Compose the page for a campaign without any stored scorecard."""
    say, key, phase = words().say, found.frame.key, found.campaign.phase
    to, label = address_of_campaign(key, "setup"), say("See how it is set up")
    compute = ""
    match found.campaign.state:
        case State.DRAFT:
            icon, heading = "pencil", say("Not launched yet")
            text = say("Results come once members have been shown an offer. Finish the draft.")
            to, label = address_of_campaign(key, "edit"), say("Go on with the draft")
        case State.SCHEDULED if phase is not None:
            icon, heading = "calendar-event", say("Not started yet")
            text = say(
                "It starts on {when}; results come after that.",
                when=formats().moment(phase.started_at).text,
            )
        case _ if phase is None:
            icon, heading = "archive", say("Never launched")
            text = say("It ended without ever being shown to anyone: there is nothing to report.")
        case _:
            icon, heading = "report", say("Nothing computed yet")
            text = say(
                "A scorecard is computed from what has been recorded, and is stored. The first "
                "one may take a few seconds."
            )
            compute = address_of_campaign(key, "compute")
    if not is_page(to):
        to = label = ""
    return NothingPage(found.frame.title, found.frame, icon, heading, text, compute, to, label)
