"""What people decide on a stopped campaign, beside what the plan's rule says.

The rule's verdict is written down with the decision, so that whoever reads the history sees whether
people followed it, and why not.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never

from app.analysis.facts import DATABASE, FactSource
from app.analysis.scoring import scorecard_of
from experiments.campaign import Campaign, Move, State
from experiments.errors import InvalidValues, Problem
from experiments.lifecycle import Act, find_campaign, move_campaign
from stats.decision.verdict import Decision, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Choice(StrEnum):
    """What becomes of a campaign."""

    SHIP = "ship"
    DO_NOT_SHIP = "do_not_ship"
    INCONCLUSIVE = "inconclusive"


def decide_campaign(
    engine: Engine,
    key: str,
    choice: Choice,
    treatment: str | None,
    act: Act,
    *,
    source: FactSource = DATABASE,
) -> Campaign:
    """Keep a decision on a stopped campaign, with the verdict of its rule at that time.

    Args:
        engine: The store.
        key: Key of the campaign.
        choice: What was decided.
        treatment: Key of the variant that ships; `None` unless one does.
        act: Who decides, when and why.
        source: Where the facts of the verdict are read.

    Raises:
        UnknownCampaign: No campaign has this key.
        InvalidValues: No reason is given, or the treatment is missing or none of the campaign's.
        IllegalMove: It is not stopped; the error names the moves that it allows.
    """
    campaign = find_campaign(engine, key)
    _check_treatment(campaign, choice, treatment)
    detail: dict[str, Any] = {"decision": str(choice), "treatment": treatment}
    if campaign.state_at(act.now) is State.STOPPED and campaign.phases:
        report = scorecard_of(engine, key, now=act.now, source=source)
        verdict = report.scorecard.decision
        detail |= {
            "snapshot_hash": report.scorecard.snapshot_hash,
            "rule_verdict": None if verdict is None else verdict.verdict.value,
            "rule_reason": None if verdict is None else verdict.reason.value,
            "rule_treatment": None if verdict is None else verdict.treatment,
            "against_rule": is_against(choice, treatment, verdict),
        }
    decided = Act(now=act.now, actor=act.actor, reason=act.reason, detail=detail)
    return move_campaign(engine, key, Move.DECIDE, decided)


def is_against(choice: Choice, treatment: str | None, decision: Decision | None) -> bool:
    """Say whether a decision goes against the rule.

    Shipping follows it only where the rule ships this treatment; not shipping goes against it only
    where the rule ships one; and leaving it open does where the rule says either.
    """
    verdict = None if decision is None else decision.verdict
    match choice:
        case Choice.DO_NOT_SHIP:
            return verdict is Verdict.SHIP
        case Choice.INCONCLUSIVE:
            return verdict in {Verdict.SHIP, Verdict.DO_NOT_SHIP}
        case Choice.SHIP:
            return decision is None or not any(
                one.verdict is Verdict.SHIP and one.treatment == treatment
                for one in decision.treatments
            )
        case _:
            assert_never(choice)


def _check_treatment(campaign: Campaign, choice: Choice, treatment: str | None) -> None:
    """Refuse a treatment that cannot ship.

    Raises:
        InvalidValues: It is missing, unknown or the control; or nothing ships.
    """
    control = campaign.design.control.key
    known = [v.key for v in campaign.design.variants if v.key != control]
    way_out = f"Use one of: {', '.join(known)}."
    problem = None
    if choice is not Choice.SHIP:
        if treatment is not None:
            problem = Problem(
                "treatment", treatment, "is given, but nothing ships", "Leave the treatment out."
            )
    elif treatment is None:
        problem = Problem("treatment", None, "is required: say what ships", way_out)
    elif treatment not in known:
        problem = Problem("treatment", treatment, "is no treatment of this campaign", way_out)
    if problem is not None:
        raise InvalidValues([problem])
