"""The rule that refused members, in the reader's language."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from app.language import Language, Words
from app.report.condition_words import refusal_said
from app.report.formatting import Formats
from app.report.translating import say
from experiments.audience import Condition, Operator

FORMATS = Formats("TWD", 2, ZoneInfo("Asia/Taipei"), Locale("en"))
CHINESE = {
    Language.TRADITIONAL_CHINESE: "會員等級是下列之一\N{FULLWIDTH COLON}gold",
    Language.SIMPLIFIED_CHINESE: "会员等级是下列之一\N{FULLWIDTH COLON}gold",
}


@pytest.mark.parametrize(
    ("operator", "value", "english"),
    [
        (Operator.ONE_OF, ("silver", "gold"), "Tier is one of: silver, gold"),
        (Operator.NOT_ONE_OF, ("gold",), "Tier is none of: gold"),
        (Operator.MATCHES, "^s", "Tier matches the pattern ^s"),
        (Operator.IS_NULL, False, "Tier is known"),
        (Operator.IS_NULL, True, "Tier is not known"),
    ],
)
def test_each_comparison_is_said(operator: Operator, value: object, english: str) -> None:
    """As the evaluator writes it, so it is read."""
    condition = Condition(attribute="tier", operator=operator, value=value)
    assert refusal_said(str(condition), FORMATS) == english


def test_money_is_in_units_of_the_currency() -> None:
    """An attribute holds minor units, which nobody reads."""
    condition = Condition(attribute="distance_to_next_minor", operator=Operator.LTE, value=36_050)
    assert refusal_said(str(condition), FORMATS) == (
        "Spend missing to the next tier is TWD 360.5 or less"
    )


def test_several_conditions_are_joined_and_unknown_words_stay() -> None:
    """Whatever an older version wrote is shown as it was."""
    said = refusal_said("tier ONE_OF [gold] and something else", FORMATS)
    assert said == "Tier is one of: gold and something else"


def test_it_is_said_in_both_chinese_languages() -> None:
    """Values stay as they are; everything around them is the reader's."""
    said = refusal_said("tier ONE_OF [gold]", FORMATS)
    for language, expected in CHINESE.items():
        assert say(said, Words(language)) == expected
