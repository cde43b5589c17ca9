"""Single values of the rows that an engine answers with."""

from decimal import Decimal


def whole(value: object) -> int:
    """Read a whole number.

    Raises:
        TypeError: The engine answered with something else.
    """
    if isinstance(value, Decimal | int):  # an exact sum arrives as a decimal without places
        return int(value)
    message = f"the engine answered {value!r} where a whole number was asked for"
    raise TypeError(message)


def number(value: object) -> float:
    """Read a number.

    Raises:
        TypeError: The engine answered with something else.
    """
    if isinstance(value, Decimal | int | float):
        return float(value)
    message = f"the engine answered {value!r} where a number was asked for"
    raise TypeError(message)


def text(value: object) -> str:
    """Read a text.

    Raises:
        TypeError: The engine answered with something else.
    """
    if isinstance(value, str):
        return value
    message = f"the engine answered {value!r} where a text was asked for"
    raise TypeError(message)
