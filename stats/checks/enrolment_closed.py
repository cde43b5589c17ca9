"""Did something run out, so that nobody could be assigned any more?

A stock, a budget or a cap closes enrolment in every variant at one moment, so the variants stay
comparable: each has the members who came until then. What changes is whom the results are about,
and how many there will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import Sentence, in_turn, said, units_of


@dataclass(frozen=True, slots=True)
class Closing:
    """One time that enrolment closed.

    Attributes:
        what: What was exhausted, in words.
        limit: How much there was of it.
        at: When it was exhausted, aware.
        reopened_at: When it was raised; None while it keeps enrolment closed.
    """

    what: str
    limit: int
    at: datetime
    reopened_at: datetime | None = None


def check_enrolment_closed(plan: AnalysisPlan, closings: Sequence[Closing] | None) -> Finding:
    """Name the moments at which enrolment closed, and what had run out.

    Args:
        plan: For the variants, the unit and the time zone.
        closings: Of the phase, the oldest first; None where nobody knows.
    """
    if closings is None:
        reason = said("The analysis was not told what bounds the campaign.")
        return Finding.not_checked(FindingCode.ENROLMENT_CLOSED, said("Enrolment"), reason)
    noun = units_of(plan.randomization_unit)
    if not closings:
        return Finding(
            FindingCode.ENROLMENT_CLOSED,
            Severity.PASSED,
            said("Nothing ran out"),
            said(
                "No stock, budget or cap was exhausted, so {noun} could enter at any time.",
                noun=noun,
            ),
            "",
            {},
        )
    sentences = in_turn(_sentence(plan, closing) for closing in closings)
    closed = [closing for closing in closings if closing.reopened_at is None]
    evidence: Evidence = {
        closing.what: {
            "limit": closing.limit,
            "at": closing.at.isoformat(),
            "reopened_at": closing.reopened_at.isoformat() if closing.reopened_at else None,
        }
        for closing in closings
    }
    if not closed:
        return Finding(
            FindingCode.ENROLMENT_CLOSED,
            Severity.NOTICE,
            said("Enrolment was closed for a while"),
            said("{sentences} Nobody was assigned meanwhile, in any variant.", sentences=sentences),
            said("Read the results as those of {noun} who came at the other times.", noun=noun),
            evidence,
        )
    return Finding(
        FindingCode.ENROLMENT_CLOSED,
        Severity.WARNING,
        said("Enrolment is closed"),
        said(
            "{sentences} From then on nobody was assigned, in any variant; who was "
            "assigned before is analysed as planned, so the comparison stays valid.",
            sentences=sentences,
        ),
        said(
            "Read the results as those of {noun} who came until then; raise what ran "
            "out to enrol more.",
            noun=noun,
        ),
        evidence,
    )


def _sentence(plan: AnalysisPlan, closing: Closing) -> str:
    places = {
        "what": _with_capital(closing.what),
        "limit": f"{closing.limit:,}",
        "at": _moment(plan, closing.at),
    }
    if closing.reopened_at is None:
        return said("{what} ({limit}) was exhausted at {at}.", **places)
    return said(
        "{what} ({limit}) was exhausted at {at} and raised at {reopened_at}.",
        **places,
        reopened_at=_moment(plan, closing.reopened_at),
    )


def _with_capital(text: str) -> str:
    written = f"{text[:1].upper()}{text[1:]}"
    return text.written(written) if isinstance(text, Sentence) else written


def _moment(plan: AnalysisPlan, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(plan.time_zone)):%Y-%m-%d %H:%M} ({plan.time_zone})"
