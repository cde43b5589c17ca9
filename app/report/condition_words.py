"""Says a condition of an audience in words, as the evaluator writes it of a member it refused.

The evaluator writes ``tier ONE_OF [silver, gold]``, and so does the scorecard that counted it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.language import marked
from app.report.words import listed, plain
from experiments.audience import Operator
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats

MONEY: Final = "_minor"
"""How names of attributes end whose values are minor units of the programme's currency."""

AND: Final = " and "
"""What the evaluator writes between conditions."""


class Compare(StrEnum):
    """How an attribute is compared, as people choose it."""

    ONE_OF = "ONE_OF"
    NOT_ONE_OF = "NOT_ONE_OF"
    GTE = "GTE"
    LTE = "LTE"
    GT = "GT"
    LT = "LT"
    KNOWN = "KNOWN"
    UNKNOWN = "UNKNOWN"
    MATCHES = "MATCHES"
    NOT_MATCHES = "NOT_MATCHES"


SENTENCES: Final = {
    Compare.ONE_OF: marked("{attribute} is one of: {value}"),
    Compare.NOT_ONE_OF: marked("{attribute} is none of: {value}"),
    Compare.GTE: marked("{attribute} is {value} or more"),
    Compare.LTE: marked("{attribute} is {value} or less"),
    Compare.GT: marked("{attribute} is more than {value}"),
    Compare.LT: marked("{attribute} is less than {value}"),
    Compare.KNOWN: marked("{attribute} is known"),
    Compare.UNKNOWN: marked("{attribute} is not known"),
    Compare.MATCHES: marked("{attribute} matches the pattern {value}"),
    Compare.NOT_MATCHES: marked("{attribute} does not match the pattern {value}"),
}
ATTRIBUTES: Final = {
    "tier": marked("Tier"),
    "next_tier": marked("Next tier"),
    "tier_progress": marked("Progress to the next tier (0 to 1)"),
    "distance_to_next_minor": marked("Spend missing to the next tier"),
    "distance_to_next_score": marked("Score missing to the next tier"),
    "rfm_group": marked("RFM group"),
    "rfm_recency": marked("RFM recency (1 to 5)"),
    "rfm_frequency": marked("RFM frequency (1 to 5)"),
    "rfm_monetary": marked("RFM monetary value (1 to 5)"),
    "tags": marked("Tags"),
    "lifecycle_stage": marked("Lifecycle stage"),
    "region": marked("Region"),
    "country": marked("Country"),
    "city": marked("City"),
    "language": marked("Language"),
    "channel": marked("Channel"),
    "score": marked("Score"),
    "household_id": marked("Household"),
    "email_consent": marked("Consent to e-mail"),
    "sms_consent": marked("Consent to SMS"),
    "push_consent": marked("Consent to push messages"),
    "marketing_consent": marked("Consent to marketing"),
}
_EVALUATED: Final = re.compile(rf"(.+?) ({'|'.join(Operator)}) (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ConditionRead:
    """A condition, taken apart.

    Attributes:
        attribute: Its name.
        sentence: With places for ``attribute`` and ``value``, in English.
        value: As people read it; money in units of the currency.
    """

    attribute: str
    sentence: str
    value: str


def condition_read(words: str, formats: Formats) -> ConditionRead | None:
    """Take a condition apart; None where the evaluator wrote something else."""
    found = _EVALUATED.fullmatch(words)
    if found is None:
        return None
    name, operator, value = found[1], found[2], found[3].strip("[]")
    if operator == Operator.IS_NULL:
        operator = Compare.UNKNOWN if value == "true" else Compare.KNOWN
    elif name.endswith(MONEY):
        value = _money(value, formats)
    return ConditionRead(name, SENTENCES[Compare(operator)], value)


def refusal_said(detail: str, formats: Formats) -> str:
    """Say the conditions that refused members; what cannot be read stays as it was written."""
    return listed([_said(one, formats) for one in detail.split(AND)])


def _said(words: str, formats: Formats) -> str:
    found = condition_read(words, formats)
    if found is None:
        return plain(words)
    known = ATTRIBUTES.get(found.attribute)
    name = said(known) if known else plain(found.attribute)
    return said(found.sentence, attribute=name, value=plain(found.value))


def _money(value: str, formats: Formats) -> str:
    try:
        amount = Decimal(value).scaleb(-formats.exponent)
    except InvalidOperation:
        return value  # several amounts, or none: as they stand
    return f"{formats.currency} {amount.normalize():f}"
