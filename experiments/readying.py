"""Decides whether people have said what a campaign needs before it starts: approval and checklist.

What is written wrongly in the campaign itself is `experiments.launch`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.approval import launch_refusal, phase_refusal
from experiments.campaign import State
from experiments.checklist import open_items
from experiments.errors import LaunchRefused, Problem
from experiments.store.approvals import read_approvals
from experiments.store.campaigns import read_campaign
from experiments.store.engine import reading
from experiments.store.programme import read_programme
from experiments.ticking import items_in

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from experiments.campaign import Campaign


def readiness_problems(engine: Engine, key: str) -> tuple[Problem, ...]:
    """Give what people still have to say before a draft starts; of another state nothing.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        campaign = read_campaign(connection, key)
        return _problems(connection, campaign) if campaign.state is State.DRAFT else ()


def approval_problem(engine: Engine, key: str) -> Problem | None:
    """Give why a campaign is not approved as it is now, or None.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        campaign = read_campaign(connection, key)
        return launch_refusal(campaign, read_approvals(connection, key))


def check_ready(connection: Connection, campaign: Campaign) -> None:
    """Refuse the launch of a campaign that lacks an approval or a tick.

    Raises:
        LaunchRefused: Everything that it lacks is named.
    """
    problems = _problems(connection, campaign)
    if problems:
        raise LaunchRefused(problems)


def check_phase(connection: Connection, campaign: Campaign) -> None:
    """Refuse a new phase where the programme asks for approvals: nobody approved its design.

    Raises:
        LaunchRefused: It asks for them.
    """
    programme = read_programme(connection)
    if programme is not None and programme.approval_required:
        raise LaunchRefused([phase_refusal(campaign.key)])


def _problems(connection: Connection, campaign: Campaign) -> tuple[Problem, ...]:
    programme = read_programme(connection)
    problems = list(open_items(items_in(connection, campaign), campaign.key))
    if programme is not None and programme.approval_required:
        refusal = launch_refusal(campaign, read_approvals(connection, campaign.key))
        problems += [refusal] if refusal is not None else []
    return tuple(problems)
