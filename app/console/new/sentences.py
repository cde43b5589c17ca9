"""Says a refusal of the domain in the reader's language, where its sentence is known here.

The domain speaks of documents, for whoever writes one; the form speaks of its fields. Where it says
a refusal otherwise, a pattern finds what is said and its values; all others are said as everywhere
in the console (`app.console.refusals`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.console.refusals import sentence
from app.language import marked

if TYPE_CHECKING:
    from app.language import Words
    from experiments.errors import Problem

KNOWN: Final[tuple[tuple[str, str], ...]] = (
    (r"is required", marked("This is required.")),
    (r"input should be a valid (integer|number|decimal).*", marked("Write a number.")),
    (r"input should be a valid string", marked("This is required.")),
    (r"input should be greater than or equal to (?P<bound>.+)", marked("Write {bound} or more.")),
    (r"input should be less than or equal to (?P<bound>.+)", marked("Write {bound} or less.")),
    (r"input should be greater than (?P<bound>.+)", marked("Write more than {bound}.")),
    (r"input should be less than (?P<bound>.+)", marked("Write less than {bound}.")),
    (r"string should have at most (?P<most>\d+) characters?",
     marked("Write {most} characters at most.")),
    (r"string should have at least (?P<least>\d+) characters?", marked("This is required.")),
    (r"string should match pattern .*",
     marked("Use only letters without accents, digits, full stop, hyphen and underscore.")),
    (r"input should be a valid datetime.*", marked("Choose a day and a time.")),
    (r"has passed", marked("This has passed. Choose a later time.")),
    (r"has more than two decimals; .*", marked("Write at most two decimals.")),
    (r"has no OEC, so nothing would decide", marked("Choose the metric that decides.")),
    (r"planned shares must total (?P<whole>.+) %; (?P<sum>.+) = (?P<total>.+)",
     marked("Planned shares must total {whole} %; {sum} make {total} %.")),
    (r"variant keys must differ; (?P<keys>.+) stands more than once",
     marked("Two variants have the key {keys}. Give each its own.")),
    (r"(.+) needs a list of at least one value", marked("Give at least one value.")),
    (r"(GT|GTE|LT|LTE) needs a number", marked("Write a number.")),
    (r"is not a regular expression of RE2.*", marked("This pattern cannot be read.")),
    (r"is required: (?P<keys>.+) differs? in price from other variants",
     marked("Say why members may be asked different prices: {keys} differs from the others.")),
    (r"is not above (?P<tiers>.+), which the audience admits",
     marked("The audience admits members of {tiers}, who are at this tier or above it already.")),
    (r"is more than the (?P<free>.+) % of layer '(?P<layer>.+)' that is free.*",
     marked("Only {free} % of this layer is free. Ask for less, or stop a campaign in it.")),
)  # fmt: skip
"""What the domain says, as a pattern for all of it, and what the form says in its place."""

_COMPILED: Final = tuple((re.compile(pattern, re.DOTALL), text) for pattern, text in KNOWN)


def said(problem: Problem, words: Words) -> str:
    """Give a refusal as one sentence, in the reader's language where it is known."""
    for pattern, text in _COMPILED:
        found = pattern.fullmatch(problem.message)
        if found is not None:
            return words.say(text, **found.groupdict())
    return sentence(problem, words)
