"""Composes a decision memo: what people wrote, beside the numbers of the snapshot that it names.

Every number is the scorecard's, composed as the report composes it, so that a memo reads in every
language and nothing in it was typed over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.language import marked
from app.report.compose import page_of
from app.report.formatting import Formats
from app.report.verdict_words import LABELS
from app.report.view import CampaignBrief, Goal, ReportView
from app.report.words import plain
from stats.decision.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from app.language import Words
    from app.report.block import Table
    from app.report.formatting import Moment
    from app.report.page import Change, Detail, Headline
    from experiments.memo import Decided, Memo
    from stats.scorecard import Scorecard

    Namer = Callable[[str], str]

CHOICES: Final[Mapping[str, str]] = {
    "ship": marked("Decision: ship {treatment}."),
    "do_not_ship": marked("Decision: ship none."),
    "inconclusive": marked("Decision: left open, the results do not tell."),
}


@dataclass(frozen=True, slots=True)
class MemoPage:
    """One version of a memo, every word and number of it as text.

    Attributes:
        title: Name of the campaign.
        programme: Name of the programme; may be empty.
        campaign: Key of the campaign.
        phase: Number of the phase.
        version: Number of the version.
        written: When it was written.
        author: Who wrote it.
        owner: Who answers for it.
        decision: What was decided, in sentences.
        reason: As it was given with the decision; empty before one, and where `why` repeats it.
        why: Why, as the memo says it.
        learned: What was learned.
        next_steps: What comes next; may be empty.
        headline: The verdict, or why there is none.
        health: The trust checks in a sentence.
        glance: Treatments by what decides, what guards it, and money; None where a check failed.
        purpose: Goal and hypothesis.
        design: What was fixed before start.
        deviations: What was changed while it ran.
        as_of: Facts up to when.
        erased: How many of its members were erased since, in words; empty without any.
    """

    title: str
    programme: str
    campaign: str
    phase: str
    version: str
    written: Moment
    author: str
    owner: str
    decision: tuple[str, ...]
    reason: str
    why: str
    learned: str
    next_steps: str
    headline: Headline
    health: str
    glance: Table | None
    purpose: tuple[Detail, ...]
    design: tuple[Detail, ...]
    deviations: tuple[Change, ...]
    as_of: Moment
    snapshot_hash: str
    erased: str = ""


def memo_page(
    memo: Memo, scorecard: Scorecard, words: Words, name: Namer, *, erased_since: int = 0
) -> MemoPage:
    """Compose a version.

    Args:
        memo: Of the campaign.
        scorecard: That its snapshot names.
        words: The language of its readers.
        name: Gives what people call an actor: ``user ID``, ``key ID``.
        erased_since: Members whose identity was erased since the scorecard was computed.
    """
    view = ReportView(scorecard, _brief(memo), words=words)
    page, formats = page_of(view), Formats.of(scorecard, words.language.value)
    erased = ""
    if erased_since:
        count = formats.count(erased_since).text
        erased = words.say("Members erased since, who are counted here still: {count}", count=count)
    return MemoPage(
        title=page.title,
        programme=page.programme,
        campaign=page.campaign,
        phase=formats.count(memo.phase).text,
        version=formats.count(memo.version).text,
        written=formats.moment(memo.written_at),
        author=plain(name(memo.author)),
        owner=_written(memo.prose.owner),
        decision=tuple(_decision(memo, words, formats, name)),
        reason=_reason(memo),
        why=_written(memo.prose.why),
        learned=_written(memo.prose.learned),
        next_steps=_written(memo.prose.next_steps),
        headline=page.headline,
        health=page.health.summary,
        glance=page.glance,
        purpose=page.purpose,
        design=page.design,
        deviations=tuple(replace(one, actor=plain(name(one.actor))) for one in page.deviations),
        as_of=page.as_of,
        snapshot_hash=memo.snapshot_hash,
        erased=erased,
    )


def _brief(memo: Memo) -> CampaignBrief:
    subject = memo.subject
    goal = subject.goal
    return CampaignBrief(
        name=subject.name,
        programme=subject.programme,
        hypothesis=subject.hypothesis,
        goal=None
        if goal is None
        else Goal(goal.metric, float(goal.baseline), float(goal.target), goal.deadline),
        variant_names=subject.variant_names,
    )


def _decision(memo: Memo, words: Words, formats: Formats, name: Namer) -> Iterator[str]:
    decided, say = memo.decided, words.say
    if decided is None:
        yield say("No decision was written down when this version was written.")
        return
    yield _choice(memo, decided, words)
    if decided.rule_verdict in set(Verdict):
        verdict = say(LABELS[Verdict(decided.rule_verdict)])
        yield say("The rule said: {verdict}.", verdict=verdict)
    if decided.against_rule is not None:
        yield (
            say("The decision goes against the rule.")
            if decided.against_rule
            else say("The decision follows the rule.")
        )
    who, when = plain(name(decided.by)), formats.moment(decided.at).text
    yield say("Decided by {who}, {when}.", who=who, when=when)


def _choice(memo: Memo, decided: Decided, words: Words) -> str:
    names = memo.subject.variant_names
    treatment = names.get(decided.treatment or "") or decided.treatment or ""
    return words.say(CHOICES.get(decided.choice, decided.choice), treatment=plain(treatment))


def _reason(memo: Memo) -> str:
    if memo.decided is None or memo.decided.reason.strip() == memo.prose.why.strip():
        return ""
    return _written(memo.decided.reason)


def _written(text: str) -> str:
    """Give what somebody wrote, its lines kept and what cannot be printed taken out."""
    return "\n".join(plain(line) for line in text.split("\n"))
