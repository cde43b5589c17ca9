"""How the report writes numbers, money, p-values and times; expected texts are made by hand."""

# ruff: noqa: RUF001 - a true minus sign is the rule that these tests state

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from app.report.formatting import Formats, Scale, clipped, columns_of

POUNDS = Formats("GBP", 2, ZoneInfo("Europe/London"), Locale("en"))
YEN = Formats("JPY", 0, ZoneInfo("Asia/Tokyo"), Locale("en"))
TAIPEI = Formats("TWD", 2, ZoneInfo("Asia/Taipei"), Locale("en"))
DINARS = Formats("KWD", 3, ZoneInfo("Asia/Kuwait"), Locale("en"))


@pytest.mark.parametrize(
    ("estimate", "bounds", "scale", "signed", "expected"),
    [
        (0.123, (0.041, 0.205), Scale.LIFT, True, ("+12.3%", "+4.1%", "+20.5%")),
        (0.0152, (-0.0031, 0.0335), Scale.POINTS, True, ("+1.5 pp", "−0.3 pp", "+3.4 pp")),
        (0.30543, (0.29031, 0.32109), Scale.SHARE, False, ("30.5%", "29.0%", "32.1%")),
        (0.0219, (0.0175, 0.0273), Scale.SHARE, False, ("2.19%", "1.75%", "2.73%")),
        (2.5, (-3.0, 8.0), Scale.LIFT, True, ("+250%", "−300%", "+800%")),
        (1.2, (1.13, 1.27), Scale.COUNT, False, ("1.200", "1.130", "1.270")),
        (3.0, (2.0, 4.0), Scale.DAYS, True, ("+3.0 days", "+2.0 days", "+4.0 days")),
    ],
)
def test_digits_follow_the_interval(
    estimate: float,
    bounds: tuple[float, float],
    scale: Scale,
    signed: bool,  # noqa: FBT001 - a case of the table
    expected: tuple[str, str, str],
) -> None:
    """Half of the interval's width has two significant digits; per cent have at least one."""
    texts = tuple(n.text for n in TAIPEI.with_interval(estimate, bounds, scale, signed=signed))
    assert texts == expected


@pytest.mark.parametrize(
    ("formats", "estimate", "bounds", "expected"),
    [
        (POUNDS, -443.3, (-458.7, -427.9), ("−£4.43", "−£4.59", "−£4.28")),
        (POUNDS, 123456.0, (100000.0, 146912.0), ("+£1,235", "+£1,000", "+£1,469")),
        (POUNDS, 0.6, (0.4, 0.8), ("+£0.0060", "+£0.0040", "+£0.0080")),
        (YEN, 1234.7, (1230.1, 1239.3), ("+¥1,235", "+¥1,230", "+¥1,239")),
        (TAIPEI, 4500.0, (4400.0, 4600.0), ("+NT$45", "+NT$44", "+NT$46")),
        (TAIPEI, 123450.0, (123400.0, 123500.0), ("+NT$1,234.50", "+NT$1,234.00", "+NT$1,235.00")),
        (TAIPEI, 420.0, (-130.0, 970.0), ("+NT$4.2", "−NT$1.3", "+NT$9.7")),
        (TAIPEI, 42.0, (31.0, 53.0), ("+NT$0.42", "+NT$0.31", "+NT$0.53")),
        (DINARS, 1500.0, (1400.0, 1600.0), ("+KWD1.500", "+KWD1.400", "+KWD1.600")),
    ],
)
def test_money_is_written_in_major_units_by_the_exponent_of_the_scorecard(
    formats: Formats, estimate: float, bounds: tuple[float, float], expected: tuple[str, str, str]
) -> None:
    """Minor units become major ones by the scorecard's exponent; decimals are none or enough."""
    texts = tuple(n.text for n in formats.with_interval(estimate, bounds, Scale.MONEY, signed=True))
    assert texts == expected


def test_totals_of_money_are_exact() -> None:
    """A total of money has all decimals of its currency, and none is lost in a large one."""
    assert POUNDS.total(-123456789012345678, is_money=True).text == "−£1,234,567,890,123,456.78"
    assert YEN.total(1000, is_money=True).text == "¥1,000"


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (0, "NT$0"),
        (12_00, "NT$12"),
        (12_50, "NT$12.50"),
        (42, "NT$0.42"),
        (99_99, "NT$99.99"),
        (123_456_78, "NT$123,457"),
        (-200_00, "−NT$200"),
    ],
)
def test_new_taiwan_dollars_are_whole(minor: int, text: str) -> None:
    """Nobody writes cents of them, but where an amount is so small that they are what it says."""
    assert TAIPEI.total(minor, is_money=True).text == text


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (42.0, "NT$0.420"),
        (123.4, "NT$1.23"),
        (999.0, "NT$9.99"),
        (1234.0, "NT$12"),
        (123450.0, "NT$1,234"),
    ],
)
def test_a_small_mean_never_reads_nothing(minor: float, text: str) -> None:
    """Below NT$10 a mean has three significant digits; from there on it is whole."""
    assert TAIPEI.alone(minor, Scale.MONEY, signed=False).text == text
    assert YEN.total(1000, is_money=False).text == "1,000"


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (0.0, "< 0.001"),
        (2e-212, "< 0.001"),
        (0.00099, "< 0.001"),
        (0.0051368, "0.005"),
        (0.37202, "0.372"),
        (0.0499, "0.0499"),
        (0.04996, "0.04996"),
        (0.05004, "0.050"),
        (0.9996, "> 0.999"),
    ],
)
def test_p_values_are_never_0_and_never_rounded_across_alpha(p_value: float, text: str) -> None:
    """Tiny ones are bounded; one beside alpha keeps the digits that say on which side it is."""
    assert TAIPEI.p_value(p_value, 0.05).text == text


def test_a_bound_beside_0_keeps_its_side() -> None:
    """A bound that is not 0 is not rounded to 0, however wide the interval is."""
    _, low, high = TAIPEI.with_interval(0.1, (0.00004, 0.2), Scale.LIFT, signed=True)
    assert low.text == "+0.004%"
    assert high.text == "+20.000%"


def test_zero_has_no_sign_and_no_decimals() -> None:
    """0 is 0, not +0.000%."""
    estimate, low, _ = TAIPEI.with_interval(0.0, (-0.0, 0.0011), Scale.SHARE, signed=False)
    assert (estimate.text, low.text) == ("0%", "0%")


def test_a_negative_number_has_a_minus_sign_and_no_hyphen() -> None:
    """Readers and screen readers take a hyphen for a dash."""
    text = POUNDS.alone(-123.0, Scale.MONEY, signed=True).text
    assert text == "−£1.23"


def test_shares_that_somebody_chose_keep_their_digits() -> None:
    """A margin of 2 % is written 2%, a share of a third as it was given."""
    assert TAIPEI.exact_share(Decimal("0.02")).text == "2%"
    assert TAIPEI.exact_share(Decimal("0.3334")).text == "33.34%"
    assert TAIPEI.exact_share(Decimal(1)).text == "100%"
    assert TAIPEI.level(0.05) == "95%"
    assert TAIPEI.level(0.001) == "99.9%"


def test_moments_stand_in_the_zone_of_the_programme_beside_utc() -> None:
    """The date of UTC is repeated only where it is another one."""
    moment = TAIPEI.moment(datetime(2026, 7, 31, 20, 30, tzinfo=UTC))
    assert moment.text == "1 Aug 2026, 04:30 Asia/Taipei (31 Jul 20:30 UTC)"
    assert moment.iso == "2026-07-31T20:30:00Z"
    same_day = TAIPEI.moment(datetime(2026, 7, 31, 1, 0, tzinfo=UTC))
    assert same_day.text == "31 Jul 2026, 09:00 Asia/Taipei (01:00 UTC)"


def test_times_within_a_sentence_are_rewritten() -> None:
    """The sentences of findings carry ISO times, which readers should not have to read."""
    sentence = "The last one closes at 2026-08-25T00:00+00:00."
    assert TAIPEI.with_moments(sentence) == (
        "The last one closes at 25 Aug 2026, 08:00 Asia/Taipei (00:00 UTC)."
    )


def test_labels_are_cut_by_width_and_not_by_characters() -> None:
    """Chinese and emoji take two columns a character."""
    assert clipped("A short name", 26) == "A short name"
    assert clipped("升級禮物活動", 12) == "升級禮物活動"
    assert columns_of(clipped("升級禮物活動🎁", 12)) <= 12
    assert clipped("abcdef", 5) == "abcd…"


@given(
    st.floats(-1e12, 1e12),
    st.floats(0, 1e12),
    st.floats(0, 1e12),
    st.sampled_from(Scale),
    st.sampled_from([POUNDS, YEN, DINARS]),
    st.booleans(),
)
def test_any_interval_can_be_written(
    estimate: float,
    below: float,
    above: float,
    scale: Scale,
    formats: Formats,
    signed: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    """Every estimate with its bounds becomes text, its number unchanged beside it."""
    bounds = (estimate - below, estimate + above)
    numbers = formats.with_interval(estimate, bounds, scale, signed=signed)
    assert tuple(number.value for number in numbers) == (estimate, *bounds)
    assert all(number.text and "-" not in number.text for number in numbers)


def test_a_level_is_never_rounded_to_certainty() -> None:
    """A correction or an early look has an odd level: two digits of its error rate are shown."""
    assert TAIPEI.level(0.05 / 3) == "98.33%"
    assert TAIPEI.level(0.00052) == "99.948%"
    assert TAIPEI.level(1e-12) == "> 99.9999%"


def test_a_probability_is_never_written_as_certain() -> None:
    """No chance is 0% or 100%, however close it comes."""
    assert TAIPEI.chance(0.97312).text == "97.3%"
    assert TAIPEI.chance(1.0).text == "> 99.9%"
    assert TAIPEI.chance(1e-9).text == "< 0.1%"
    assert TAIPEI.chance(1e-9).value == 1e-9


def test_an_estimate_and_its_standard_error_are_alike_in_digits() -> None:
    """The error has two significant digits, and the estimate as many decimals."""
    value, error = TAIPEI.with_error(1203.4, 92.7, Scale.MONEY)
    assert (value.text, error.text) == ("NT$12.03", "NT$0.93")
    share, of_share = TAIPEI.with_error(0.30543, 0.0078, Scale.SHARE)
    assert (share.text, of_share.text) == ("30.54%", "0.78 pp")


def test_an_expected_loss_has_the_digits_of_the_interval() -> None:
    """One too small to be seen is written as below the smallest, never as 0."""
    bounds = (0.036, 0.084)
    assert TAIPEI.loss(0.0599, bounds, Scale.POINTS).text == "6.0 pp"
    assert TAIPEI.loss(1e-9, bounds, Scale.POINTS).text == "< 0.1 pp"
    assert TAIPEI.loss(0.0, bounds, Scale.POINTS).text == "0.0 pp"


def test_error_rates_have_three_digits_at_most() -> None:
    """A rate that was spent at an early look is written, however small."""
    assert TAIPEI.exact_rate(0.05) == "0.05"
    assert TAIPEI.exact_rate(0.003178) == "0.00318"
    assert TAIPEI.exact_rate(1e-12) == "< 0.000001"


def test_one_day_is_a_day() -> None:
    """Restricted means are differences of days."""
    bounds = (-300.0, 400.0)
    assert TAIPEI.with_interval(1.0, bounds, Scale.DAYS, signed=True)[0].text == "+1 day"
    assert TAIPEI.with_interval(12.0, bounds, Scale.DAYS, signed=True)[0].text == "+12 days"
