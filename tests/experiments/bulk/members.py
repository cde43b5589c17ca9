"""Random members and audiences, and what the bulk decides about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from experiments.audience import Audience, Operator
from experiments.member import stored_member

if TYPE_CHECKING:
    from experiments.member import Attribute, Member

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("tier", "points", "id", "a.b", 'odd "name"/~', "會員")

_TEXTS = (
    "", "gold", "Gold", "金卡", "true", "false", "null", "12", "12.0", "012", "1e3", "+5", ".5",
    "5.", "-0", "-0.0", " 12", "1_0", "٣", "1e999", "-1e999", "1e-5", "9007199254740993", "it's",
    '"', "\\", "a\nb", "line\r", "%", "İ", "ß", "𐐀", "M-1", "inf", "nan", "x" * 300,
)  # fmt: skip
_NUMBERS = (
    0, 1, -1, 3, 12, 2**53, 2**53 + 1, 2**63 - 1, -(2**63) + 1, 0.0, -0.0, 0.1, 3.0, 3.5, 1e15,
    1e16, 1e17, 1e22, 1e40, 1e300, 5e-324, 1e-5, 1e-7, 123456.789, -2.5, 9.007199254740992e15,
)  # fmt: skip
_PATTERNS = (
    "gold", "^gold$", "(?i)GOLD", "^1", r"\d+", r"^\p{Lu}", r"\P{L}", "a.b", "(?s)a.b", "^b$",
    "(?m)^b$", "", "^$", "[金銀]", r"\s", "'", r"\\", '"', "^-?0$", "e", r"\bgold\b", "(gold|12)",
    "(?:x){300}", "ß",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(_TEXTS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)
numbers = st.one_of(
    st.sampled_from(_NUMBERS),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.integers(-20, 20),
    st.floats(allow_nan=False, allow_infinity=False),
)
attributes: st.SearchStrategy[Attribute] = st.one_of(st.none(), st.booleans(), numbers, texts)
spelt_numbers = st.one_of(
    numbers.map(str), numbers.map(repr), st.sampled_from(["1e999", "+5", ".5", "5."])
)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """Give a condition as a document has it."""
    operator = draw(st.sampled_from(Operator))
    match operator:
        case Operator.MATCHES | Operator.NOT_MATCHES:
            value: object = draw(st.sampled_from(_PATTERNS))
        case Operator.ONE_OF | Operator.NOT_ONE_OF:
            scalars = st.one_of(st.booleans(), numbers, texts)
            value = tuple(draw(st.lists(scalars, min_size=1, max_size=4)))
        case Operator.IS_NULL:
            value = draw(st.booleans())
        case _:
            number = st.one_of(numbers, spelt_numbers)
            value = draw(number)
    return {"attribute": draw(st.sampled_from(NAMES)), "operator": operator, "value": value}


@st.composite
def audiences(draw: st.DrawFn) -> Audience:
    """Give an audience of up to three rules."""
    rule = st.lists(conditions(), min_size=1, max_size=3)
    rules = draw(st.lists(rule, max_size=3))
    return Audience.model_validate({"any_of": [{"all_of": one} for one in rules]})


@st.composite
def populations(draw: st.DrawFn, values: Any = attributes) -> list[Member]:  # noqa: ANN401  # a strategy
    """Give members with different ids, some of one household, some computed, some opted out."""
    ids = draw(
        st.lists(
            st.one_of(
                st.integers(0, 999).map("m-{}".format),
                st.sampled_from(["12", "gold", "=1+1", "會員-42", "a b-c:d", "'", "1e3"]),
            ),
            min_size=1,
            max_size=25,
            unique=True,
        )
    )
    households = st.sampled_from([None, "", "h-1", "h-2", "h-3", 7, 7.0, True])
    said = st.dictionaries(st.sampled_from(NAMES), values)
    computed = st.dictionaries(st.sampled_from(NAMES), values.filter(lambda one: one is not None))
    return [
        stored_member(
            member_id,
            {**draw(said), "household_id": draw(households)},
            personalisation_consent=draw(st.sampled_from([True, True, True, False])),
            computed=draw(st.one_of(st.none(), computed)),
            computed_by="1-0123456789ab",
        )
        for member_id in ids
    ]
