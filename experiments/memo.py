"""What a decision memo is: what people wrote of a result, bound to the snapshot that shows it.

Its numbers are the snapshot's, read whenever the memo is shown, so that nobody types over them.
What the snapshot does not hold (names, hypothesis, goal, decision) is kept as it was when the
version was written, so that a version says the same for good.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from experiments.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT: Final = 10_000
LONGEST_OWNER: Final = 200


@dataclass(frozen=True, slots=True)
class Prose:
    """What people write in a memo; everything else comes from the snapshot and the campaign.

    Attributes:
        learned: What was learned.
        why: Why it was decided so.
        next_steps: What comes next; may be empty.
        owner: Who answers for it.
    """

    learned: str
    why: str
    next_steps: str
    owner: str

    def tidied(self) -> Prose:
        """Give it without blanks around it, and with one kind of line break."""
        texts = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(
            self,
            **{name: text.replace("\r\n", "\n").strip() for name, text in texts.items()},
        )


@dataclass(frozen=True, slots=True)
class MemoGoal:
    """What the campaign was for; values in the metric's unit, money in major units."""

    metric: str
    baseline: Decimal
    target: Decimal
    deadline: datetime


@dataclass(frozen=True, slots=True)
class MemoSubject:
    """What the snapshot does not say of the campaign.

    Attributes:
        programme: Name of the membership programme.
        variant_names: Name by key.
    """

    name: str
    programme: str
    hypothesis: str
    goal: MemoGoal | None
    variant_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided on the campaign.

    Attributes:
        choice: ``ship``, ``do_not_ship`` or ``inconclusive``.
        treatment: Key of the variant that ships; None where none does.
        reason: As it was written.
        rule_verdict: What the rule said at that moment; None where it said nothing.
        against_rule: Whether the two disagree; None where that is not known.
        by: Actor: ``user ID``, ``key ID`` or the person at the command line.
    """

    choice: str
    treatment: str | None
    reason: str
    rule_verdict: str | None
    against_rule: bool | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Memo:
    """One version of a memo on one phase of a campaign; never changed.

    Attributes:
        version: Counts from 1 in its phase.
        snapshot_hash: Names the scorecard whose numbers it shows.
        decided: None where nothing was decided yet when it was written.
        author: Actor, as in `Decided`.
    """

    campaign: str
    phase: int
    version: int
    snapshot_hash: str
    prose: Prose
    subject: MemoSubject
    decided: Decided | None
    author: str
    written_at: datetime

    def says_the_same(self, other: Memo) -> bool:
        """Say whether both say the same of the same snapshot, whoever wrote them."""
        return replace(
            self, version=other.version, author=other.author, written_at=other.written_at
        ) == replace(other)

    def content(self) -> dict[str, Any]:
        """Give what people wrote, and what the snapshot does not hold, as JSON values."""
        return cast(
            "dict[str, Any]",
            _plain(
                {
                    "prose": asdict(self.prose),
                    "subject": asdict(self.subject),
                    "decided": None if self.decided is None else asdict(self.decided),
                }
            ),
        )


def prose_problems(prose: Prose) -> list[Problem]:
    """Say what keeps a text from being a memo, at each field."""
    problems = []
    for name, way_out in _REQUIRED.items():
        if not getattr(prose, name).strip():
            problems.append(Problem(name, getattr(prose, name), "is required", way_out))
    for one in fields(prose):
        text, longest = getattr(prose, one.name), LONGEST_TEXT
        if one.name == "owner":
            longest = LONGEST_OWNER
        if len(text) > longest:
            problems.append(
                Problem(one.name, text, "is too long", f"Use at most {longest} characters.")
            )
        if "\0" in text:
            problems.append(Problem(one.name, text, "holds a NUL character", "Remove it."))
    return problems


_REQUIRED: Final = {
    "learned": "Say what was learned, for whoever reads this in a year.",
    "why": "Say why it was, or should be, decided so.",
    "owner": "Name who answers for it.",
}


def content_of(
    content: Mapping[str, Any],
) -> tuple[Prose, MemoSubject, Decided | None]:
    """Give what `Memo.content` gave."""
    subject, decided = dict(content["subject"]), content["decided"]
    goal = subject.pop("goal")
    if goal is not None:
        goal = MemoGoal(
            goal["metric"],
            Decimal(goal["baseline"]),
            Decimal(goal["target"]),
            datetime.fromisoformat(goal["deadline"]),
        )
    if decided is not None:
        decided = Decided(**{**decided, "at": datetime.fromisoformat(decided["at"])})
    return Prose(**content["prose"]), MemoSubject(**subject, goal=goal), decided


def _plain(value: object) -> object:
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            return value
