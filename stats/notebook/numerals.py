"""Numbers as text for the tables of a notebook; a number always comes with its interval."""

from stats.notebook.effect import AS_GIVEN, Effect, Measure

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EM DASH}"
SMALL_P = 0.0001
PERCENT_DIGITS, FEWEST, MOST = 2, 2, 4


def _signed(text: str, number: float, *, plus: bool) -> str:
    if number < 0:
        return MINUS + text.lstrip("-")
    return "+" + text if plus and number > 0 else text


def number_text(measure: Measure, number: float | None, *, change: bool = False) -> str:
    """Write a value of a metric in its unit; a change of it with its sign, of shares in points."""
    if number is None:
        return NONE
    if measure.unit == "share":
        unit = "pp" if change else "%"
        return _signed(f"{100 * number:.{PERCENT_DIGITS}f}", number, plus=change) + f" {unit}"
    money = measure.unit.isupper()
    digits = FEWEST if abs(number) >= 1 else MOST
    if money:
        digits = len(str(measure.divisor)) - 1
    text = _signed(f"{number:,.{digits}f}", number, plus=change)
    return f"{text} {measure.unit}" if money else text


def percent_text(share: float | None) -> str:
    """Write a lift."""
    return NONE if share is None else _signed(f"{100 * share:.1f}", share, plus=True) + " %"


def p_text(p_value: float | None) -> str:
    """Write a p-value."""
    if p_value is None:
        return NONE
    return f"< {SMALL_P}" if p_value < SMALL_P else f"{p_value:.4f}"


def difference_text(effect: Effect) -> str:
    """Write a difference with its interval; of shares in percentage points."""
    if effect.difference is None:
        return NONE
    measure = effect.measure
    text = number_text(measure, effect.difference, change=True)
    if effect.ci_low is None or effect.ci_high is None:
        return text
    low, high = (number_text(measure, end, change=True) for end in (effect.ci_low, effect.ci_high))
    return f"{text} ({low} to {high})"


def lift_text(effect: Effect) -> str:
    """Write a lift with its interval; an end that does not exist is said in words."""
    if effect.lift is None:
        return NONE
    low, high = effect.lift_low, effect.lift_high
    if low is None and high is None:
        span = "no bounds"
    elif low is None:
        span = f"at most {percent_text(high)}"
    elif high is None:
        span = f"at least {percent_text(low)}"
    else:
        span = f"{percent_text(low)} to {percent_text(high)}"
    return f"{percent_text(effect.lift)} ({span})"


def unit_text(measure: Measure) -> str:
    """Write the unit of a difference, for an axis."""
    if measure.unit == "share":
        return "percentage points"
    if measure.unit == AS_GIVEN:
        return "unit of the column"
    return measure.unit


def points_text(share: float, low: float, high: float) -> str:
    """Write a difference of shares with its interval, in percentage points."""
    texts = [_signed(f"{100 * one:.2f}", one, plus=True) for one in (share, low, high)]
    return f"{texts[0]} pp ({texts[1]} to {texts[2]})"
