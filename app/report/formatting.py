"""Turns numbers, money, intervals and times into text; no other module of the report does.

Digits follow the interval: an estimate and its bounds share as many decimals as give half of the
interval's width two significant digits, so that no digit is shown that the data cannot support.

Money is written as people write it: New Taiwan dollars whole, although their minor unit is a cent,
but for amounts so small that their cents are what they say (`docs/explanation/console.md`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from unicodedata import combining, east_asian_width
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from stats.metric import MetricUnit
from stats.sentence import Sentence, replaced, said, said_many

if TYPE_CHECKING:
    from datetime import date

    from stats.scorecard import Scorecard

MINUS: Final = "\N{MINUS SIGN}"
PLACES: Final = 6  # more decimals than this say nothing to a reader
SMALLEST_P: Final = 0.001
SMALLEST_RATE: Final = 0.000001
WHOLE_PER_CENT: Final = 100  # half widths from here on need no decimal
WHOLE_CURRENCIES: Final = frozenset({"TWD"})  # have a minor unit that nobody writes
SMALL_MONEY: Final = 10  # estimates in whole units: one below keeps its decimals
SMALL_PRICE: Final = 100  # exact amounts in whole units: one below keeps its cents, if it has any
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")


class Scale(StrEnum):
    """What a number measures, and so how it is written."""

    SHARE = "share"  # 0.0699 -> 7.0%
    POINTS = "points"  # a difference of shares: 0.015 -> +1.5 pp
    LIFT = "lift"  # 0.214 -> +21.4%
    COUNT = "count"
    MONEY = "money"  # minor units
    DAYS = "days"

    @classmethod
    def of_value(cls, unit: MetricUnit) -> Scale:
        """Give the scale of a metric's own value."""
        return _OF_VALUE[unit]

    @classmethod
    def of_difference(cls, unit: MetricUnit) -> Scale:
        """Give the scale of a difference between two values."""
        return cls.POINTS if unit is MetricUnit.SHARE else _OF_VALUE[unit]


_OF_VALUE: Final = {
    MetricUnit.SHARE: Scale.SHARE,
    MetricUnit.COUNT: Scale.COUNT,
    MetricUnit.MONEY: Scale.MONEY,
    MetricUnit.MONEY_PER_ORDER: Scale.MONEY,
    MetricUnit.DAYS: Scale.DAYS,
    MetricUnit.POINTS: Scale.COUNT,
    MetricUnit.SCORE: Scale.COUNT,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is and as it is read.

    Attributes:
        value: Every digit, as in the scorecard's JSON.
        text: For readers.
    """

    value: int | float | Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the programme's time zone, and beside it in UTC.

    Attributes:
        iso: For machines, in UTC.
        local: In the programme's time zone.
        zone: Its name.
        utc: In UTC; without the date where that is the same.
    """

    iso: str
    local: str
    zone: str
    utc: str

    @property
    def text(self) -> str:
        """Both in one line."""
        return f"{self.local} {self.zone} ({self.utc})"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one report writes.

    Attributes:
        currency: ISO 4217 code.
        exponent: Decimal places of its minor unit, by the scorecard and not by Babel: they say
            what the integers mean.
        zone: The programme's time zone.
        locale: Whose separators, symbols and month names.
    """

    currency: str
    exponent: int
    zone: ZoneInfo
    locale: Locale

    @classmethod
    def of(cls, scorecard: Scorecard, locale: str = "en") -> Formats:
        """Give the formats of a scorecard, in a locale by its tag: zh-Hant-TW."""
        zone = ZoneInfo(scorecard.time_zone)
        exponent = scorecard.currency_exponent
        return cls(scorecard.currency, exponent, zone, Locale.parse(locale, sep="-"))

    def count(self, number: int) -> Number:
        """Write a whole number: 12,034."""
        return Number(number, _signs(format_decimal(number, "#,##0", locale=self.locale)))

    def share(self, share: Decimal | float, decimals: int = 2) -> Number:
        """Write a share that has no interval because nothing was sampled: 33.34%."""
        return Number(share, self._write(Scale.SHARE, share, decimals, signed=False))

    def exact_share(self, share: Decimal) -> Number:
        """Write a share that somebody chose, with the digits they gave: 2%, 33.34%."""
        exponent = (share * 100).normalize().as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 2
        return self.share(share, min(decimals, PLACES))

    def level(self, alpha: float) -> str:
        """Write the confidence level of an error rate: 95%, 98.33%, 99.948%."""
        rate = Decimal(str(alpha))
        enough = max(2, -1 - rate.adjusted())  # two digits of the rate in per cent
        if enough > PLACES:
            return f"> {self.share(1 - Decimal(1).scaleb(-PLACES), PLACES - 2).text}"
        exponent = ((1 - rate) * 100).normalize().as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 2
        return self.share(1 - rate, min(decimals, enough)).text

    def chance(self, chance: float) -> Number:
        """Write a probability, never as certain: 97.3%, > 99.9%."""
        if chance < SMALLEST_P:
            return Number(chance, f"< {self.share(SMALLEST_P, 1).text}")
        if chance > 1 - SMALLEST_P:
            return Number(chance, f"> {self.share(1 - SMALLEST_P, 1).text}")
        return self.share(chance, 1)

    def standard_errors(self, number: float) -> Number:
        """Write a number of standard errors: 2.86."""
        return Number(number, _signs(format_decimal(number, "0.00", locale=self.locale)))

    def weight(self, number: float) -> Number:
        """Write a number without a unit in three significant digits: a weight of a covariate."""
        return self.alone(number, Scale.COUNT, signed=False)

    def day(self, day: date, *, with_year: bool = True) -> str:
        """Write a calendar day: 5 Nov 2025."""
        if self.is_chinese:
            return format_date(day, "y年M月d日" if with_year else "M月d日", locale=self.locale)
        return format_date(day, "d MMM y" if with_year else "d MMM", locale=self.locale)

    def day_number(self, day: float) -> str:
        """Write a day since first exposure, as a rule a whole one: 28."""
        if day == int(day):
            return self.count(int(day)).text
        return self.alone(day, Scale.COUNT, signed=False).text

    def total(self, number: float, *, is_money: bool) -> Number:
        """Write a total or a price, money as its currency is written, others with two decimals."""
        if not is_money:
            whole = isinstance(number, int)
            text = self._write(Scale.COUNT, number, 0 if whole else 2, signed=False)
            return Number(number, text)
        shown = abs(self._shown(Scale.MONEY, number))
        is_whole = self._is_whole and (shown >= SMALL_PRICE or shown == int(shown))
        decimals = 0 if is_whole else self.exponent
        return Number(number, self._write(Scale.MONEY, number, decimals, signed=False))

    def with_interval(
        self, estimate: float, bounds: tuple[float, float], scale: Scale, *, signed: bool
    ) -> tuple[Number, Number, Number]:
        """Write an estimate and the bounds of its interval, alike in digits."""
        largest = max(map(abs, (estimate, *bounds)))
        half = (bounds[1] - bounds[0]) / 2
        decimals = self._decimals(scale, half, significant=2, largest=largest)
        while decimals < PLACES and any(
            bound and not round(self._shown(scale, bound), decimals) for bound in bounds
        ):
            decimals += 1  # a bound that is not 0 must not read 0: which side it is on matters
        first, low, high = (
            Number(value, self._write(scale, value, decimals if value else 0, signed=signed))
            for value in (estimate, *bounds)
        )
        return first, low, high

    def with_error(self, estimate: float, error: float, scale: Scale) -> tuple[Number, Number]:
        """Write an estimate and its standard error, alike in digits."""
        decimals = self._decimals(scale, error, significant=2, largest=abs(estimate))
        of_error = Scale.POINTS if scale is Scale.SHARE else scale
        return (
            Number(estimate, self._write(scale, estimate, decimals, signed=False)),
            Number(error, self._write(of_error, error, decimals, signed=False)),
        )

    def loss(self, loss: float, bounds: tuple[float, float], scale: Scale) -> Number:
        """Write an expected loss with the digits of an interval, and one too small as below that.

        Args:
            loss: 0 or more.
            bounds: Of the interval of the difference that may be lost.
            scale: Of both.
        """
        half, largest = (bounds[1] - bounds[0]) / 2, max(map(abs, bounds))
        decimals = self._decimals(scale, half, significant=2, largest=largest)
        smallest = float(Decimal(1).scaleb(-decimals)) / self._shown(scale, 1.0)
        if 0 < loss < smallest / 2:
            return Number(loss, f"< {self._write(scale, smallest, decimals, signed=False)}")
        return Number(loss, self._write(scale, loss, decimals, signed=False))

    def exact_rate(self, rate: float) -> str:
        """Write an error rate in three significant digits at most: 0.05, 0.00318."""
        if rate < SMALLEST_RATE:
            return f"< {format_decimal(SMALLEST_RATE, '0.######', locale=self.locale)}"
        exact = Decimal(str(rate))
        decimals = max(0, 2 - exact.adjusted())
        return format_decimal(round(exact, decimals), "0.#########", locale=self.locale)

    def alone(self, estimate: float, scale: Scale, *, signed: bool) -> Number:
        """Write a number that has no interval, in three significant digits."""
        decimals = self._decimals(scale, abs(estimate), significant=3)
        return Number(estimate, self._write(scale, estimate, decimals, signed=signed))

    def tick(self, value: float, step: float, scale: Scale, *, signed: bool) -> str:
        """Write a tick of an axis whose ticks are a step apart."""
        size = abs(self._shown(scale, step))
        decimals = max(0, -math.floor(math.log10(size) + 1e-9)) if size else 0
        return self._write(scale, value, decimals if value else 0, signed=signed)

    def p_value(self, p_value: float, alpha: float) -> Number:
        """Write a p-value, never 0, and never rounded onto the other side of alpha."""
        if p_value < SMALLEST_P:
            return Number(p_value, f"< {SMALLEST_P}")
        if p_value > 1 - SMALLEST_P:
            return Number(p_value, f"> {1 - SMALLEST_P}")
        decimals = 3
        while decimals < PLACES and (round(p_value, decimals) < alpha) != (p_value < alpha):
            decimals += 1
        pattern = f"0.{'0' * decimals}"
        return Number(p_value, format_decimal(p_value, pattern, locale=self.locale))

    def moment(self, moment: datetime) -> Moment:
        """Write a moment in the programme's time zone and in UTC."""
        utc = moment.astimezone(UTC)
        local = utc.astimezone(self.zone)
        same_day = local.date() == utc.date()
        return Moment(
            iso=utc.isoformat().replace("+00:00", "Z"),
            local=self._when(local),
            zone=self.zone.key,
            utc=f"{self._when(utc, 'HH:mm' if same_day else self._day_and_time)} UTC",
        )

    def with_moments(self, sentence: str) -> str:
        """Rewrite the ISO times within a sentence as `moment` writes them."""
        if isinstance(sentence, Sentence):
            places = {name: self.with_moments(text) for name, text in sentence.places.items()}
            return replaced(sentence, self.with_moments(sentence[:]), places)
        return _MOMENT.sub(
            lambda match: self.moment(datetime.fromisoformat(match[0])).text, sentence
        )

    @property
    def is_chinese(self) -> bool:
        """Whether days are written as Chinese does, the year first."""
        return bool(self.locale.language == "zh")

    @property
    def _is_whole(self) -> bool:
        """Whether nobody writes a minor unit of its money: there is none, or it is too small."""
        return self.exponent == 0 or self.currency in WHOLE_CURRENCIES

    @property
    def _day_and_time(self) -> str:
        return "M月d日 HH:mm" if self.is_chinese else "d MMM HH:mm"

    def _when(self, moment: datetime, pattern: str = "") -> str:
        whole = "y年M月d日 HH:mm" if self.is_chinese else "d MMM y, HH:mm"
        return format_datetime(moment, pattern or whole, tzinfo=moment.tzinfo, locale=self.locale)

    def _shown(self, scale: Scale, value: float) -> float:
        """The number as it stands on the page: per cent, points, major units."""
        match scale:
            case Scale.SHARE | Scale.POINTS | Scale.LIFT:
                return value * 100
            case Scale.MONEY:
                return value / float(10**self.exponent)
            case Scale.COUNT | Scale.DAYS:
                return value

    def _decimals(
        self, scale: Scale, value: float, *, significant: int, largest: float | None = None
    ) -> int:
        """Give the decimals that show a value in so many significant digits.

        Args:
            scale: Of all of them.
            value: What must be seen: a half width, an error, or the number itself.
            significant: Digits of it.
            largest: The largest of the numbers that are written alike; None for the value.
        """
        size = self._shown(scale, value)
        magnitude = math.floor(math.log10(size)) if size > 0 else 0
        decimals = min(max(0, significant - 1 - magnitude), PLACES)
        if scale is Scale.MONEY and self._is_whole:
            beside = size if largest is None else self._shown(scale, largest)
            return 0 if size >= 1 and beside >= SMALL_MONEY else decimals
        if scale is Scale.MONEY and decimals:
            return max(decimals, self.exponent)  # none, or at least those of the currency
        if scale in _PER_CENT and size < WHOLE_PER_CENT:
            return max(decimals, 1)
        return decimals

    def _write(self, scale: Scale, value: Decimal | float, decimals: int, *, signed: bool) -> str:
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        if scale is Scale.MONEY:
            exact = exact.scaleb(-self.exponent)
        unit = Decimal(1).scaleb(-decimals - (2 if scale in _PER_CENT else 0))
        rounded = exact.quantize(unit, ROUND_HALF_EVEN) + 0  # + 0: no minus before a zero
        digits = "#,##0" + ("." + "0" * decimals if decimals else "")
        signs = "+{};-{}" if signed and rounded else "{};-{}"
        match scale:
            case Scale.SHARE | Scale.LIFT:
                body = f"{digits}%"
                pattern = signs.format(body, body)
                text = format_percent(
                    rounded, pattern, locale=self.locale, decimal_quantization=False
                )
            case Scale.POINTS:
                pattern = signs.format(digits, digits)
                points = format_decimal(rounded * 100, pattern, locale=self.locale)
                return said("{points} pp", points=_signs(points))
            case Scale.MONEY:
                body = f"¤{digits}"
                pattern = signs.format(body, body)
                text = format_currency(
                    rounded, self.currency, pattern, locale=self.locale, currency_digits=False
                )
            case Scale.COUNT:
                text = format_decimal(rounded, signs.format(digits, digits), locale=self.locale)
            case Scale.DAYS:
                days = format_decimal(rounded, signs.format(digits, digits), locale=self.locale)
                plural = 1 if abs(rounded) == 1 and not decimals else 2
                return said_many("{count} day", "{count} days", plural, count=_signs(days))
        return _signs(text)


_PER_CENT: Final = frozenset({Scale.SHARE, Scale.POINTS, Scale.LIFT})


def clipped(text: str, columns: int) -> str:
    """Cut a label to a width; Chinese, Japanese, Korean and emoji take two columns a character."""
    width = 0
    for index, character in enumerate(text):
        wide = east_asian_width(character) in "WF"
        width += 0 if combining(character) else 2 if wide else 1
        if width > columns:
            return f"{text[: max(0, index - 1)].rstrip()}…"
    return text


def columns_of(text: str) -> int:
    """Give the width of a text in columns, as `clipped` counts them."""
    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


def _signs(text: str) -> str:
    return text.replace("-", MINUS)
