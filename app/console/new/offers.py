"""Turns an offer of a campaign document into fields of the form, and what is typed into one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from app.console.new.form import Refusal
from app.console.new.offers_kinds import COPY, KINDS, Input, Typed, inputs_of
from app.console.new.schedule import time_refusals
from app.console.new.schedule_times import Exact, Which, read_local, write_local
from experiments.money import as_typed, exponent, to_minor_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.console.new.form import Fields, Json, Setting

HUNDRED: Final = Decimal(100)
KEPT: Final = ("paths", "offer_id")
"""Parts of an offer that no field has; they stay while its kind does."""


def fields_of_offer(offer: Json, at: str, setting: Setting) -> dict[str, str]:
    """Give the fields that an offer fills, below the row of its variant."""
    kind = offer.get("kind", "none")
    found = {f"{at}.kind": kind}
    for one in inputs_of(kind):
        found[f"{at}.{one.name}"] = _typed(_part(offer, one.part), one, setting)
    for tier, worth in (offer.get("values") or {}).items():
        found[f"{at}.value.{tier}"] = money_text(worth, setting.programme.currency)
    for locale, texts in (offer.get("texts") or {}).items():
        for name in COPY:
            found[f"{at}.text.{locale}.{name}"] = texts.get(name) or ""
    return found


def offer_of(fields: Fields, at: str, before: Json, setting: Setting) -> Json:
    """Give the offer that is typed in a row; what cannot be read goes in as it was typed."""
    kind = fields.get(f"{at}.kind") or "none"
    offer: Json = {"kind": kind}
    if before.get("kind", "none") == kind:
        offer |= {name: before[name] for name in KEPT if before.get(name)}
    for one in inputs_of(kind):
        value = _read(fields.get(f"{at}.{one.name}", ""), one, setting)
        if value is not None:
            _place(offer, one.part, value)
    if kind != "none":
        offer["currency"] = before.get("currency") or setting.programme.currency
        worths = _worths(fields, at, setting)
        if worths:
            offer["values"] = worths
    texts = texts_of(fields, at)
    if texts:
        offer["texts"] = texts
    return offer


def offer_refusals(fields: Fields, at: str, setting: Setting) -> Iterable[Refusal]:
    """Refuse amounts and times that cannot be read, each at its field."""
    for one in inputs_of(fields.get(f"{at}.kind") or "none"):
        name = f"{at}.{one.name}"
        text = fields.get(name, "").strip()
        if one.typed is Typed.MOMENT:
            # an offer lasts until the later moment, of a time that comes twice
            yield from time_refusals({**fields, f"{name}_which": Which.LATER}, name, setting)
        elif one.typed is Typed.MONEY and text:
            yield from money_refusals(fields, name, setting)
        elif one.name == "multiplier" and text and (_number(text) or 0) <= 0:
            say = setting.words.say
            yield Refusal(name, say("Write a number above 0, such as 2 for twice the points."))
        elif one.typed in {Typed.NUMBER, Typed.SHARE} and text and _number(text) is None:
            yield Refusal(name, setting.words.say("Write a number."))
        elif not text and one.required:
            yield Refusal(name, setting.words.say("This is required."))
    for name in _worth_names(fields, at):
        yield from money_refusals(fields, name, setting)


def money_refusals(fields: Fields, name: str, setting: Setting) -> Iterator[Refusal]:
    """Refuse what is no amount of the programme's currency."""
    text, currency = fields.get(name, "").strip(), setting.programme.currency
    if text and not isinstance(read_money(text, currency), int):
        example = "120" if not exponent(currency) else f"12.{'5':0<{exponent(currency)}}"
        sentence = setting.words.say(
            "Write an amount in {currency}, such as {example}.", currency=currency, example=example
        )
        yield Refusal(name, sentence)


def texts_of(fields: Fields, at: str) -> dict[str, dict[str, str]]:
    """Give what members read, by locale; a locale without a word is left out."""
    texts: dict[str, dict[str, str]] = {}
    prefix = f"{at}.text."
    for name, value in fields.items():
        locale, _, part = name.removeprefix(prefix).rpartition(".")
        if name.startswith(prefix) and part in COPY and value.strip():
            texts.setdefault(locale, {})[part] = value.replace("\r\n", "\n")
    return texts


def field_of_offer(path: str, at: str, kind: str) -> str:
    """Give the field at which a refusal of a part of an offer stands."""
    if path.startswith("texts."):
        return f"{at}.text.{path.removeprefix('texts.')}"
    if path.startswith("values."):
        return f"{at}.value.{path.removeprefix('values.')}"
    if path.startswith("values"):
        return f"{at}.values"
    for one in inputs_of(kind):
        if one.part == path:
            return f"{at}.{one.name}"
    return f"{at}.kind"


def read_money(text: str, currency: str) -> int | str:
    """Give an amount in minor units, or the text where it is none."""
    try:
        return to_minor_units(text.replace(",", ""), currency)
    except ValueError:
        return text


def money_text(minor: object, currency: str) -> str:
    """Give an amount as it is typed, in major units."""
    if not isinstance(minor, int):
        return "" if minor is None else str(minor)
    return as_typed(minor, currency)


def plain(value: object) -> str:
    """Give a number as it is typed: without an exponent or zeros at its end."""
    number = _number(str(value))
    if number is None:
        return str(value)
    text = f"{number.normalize():f}"
    return text or "0"


def whole(text: str) -> int | str:
    """Give a whole number, or the text where it is none."""
    bare = text.strip().replace(",", "")
    return int(bare) if bare.isdecimal() and bare.isascii() else text


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def share_of(text: str) -> str:
    """Give a share of 0 to 1 that is typed in per cent, or the text where it is none."""
    number = _number(text)
    return text if number is None else f"{number / HUNDRED:f}"


def per_cent(share: object) -> str:
    """Give a share of 0 to 1 as it is typed, in per cent."""
    number = _number(str(share))
    return str(share) if number is None else plain(number * HUNDRED)


def _part(offer: Json, path: str) -> Any:  # noqa: ANN401  # whatever JSON holds
    first, _, rest = path.partition(".")
    value = offer.get(first)
    return _part(value, rest) if rest and isinstance(value, dict) else value


def _place(offer: Json, path: str, value: object) -> None:
    first, _, rest = path.partition(".")
    if rest:
        offer.setdefault(first, {})[rest] = value
    else:
        offer[first] = value


def _typed(value: object, one: Input, setting: Setting) -> str:
    if value is None:
        return ""
    match one.typed:
        case Typed.MONEY:
            return money_text(value, setting.programme.currency)
        case Typed.SHARE:
            return per_cent(value)
        case Typed.NUMBER | Typed.WHOLE:
            return plain(value)
        case Typed.MOMENT:
            return write_local(str(value), setting.formats.zone)
        case Typed.TEXT | Typed.TIER | Typed.CHOICE:
            return str(value)


def _read(text: str, one: Input, setting: Setting) -> object:
    text = text.strip()
    if not text:
        return None
    match one.typed:
        case Typed.MONEY:
            return read_money(text, setting.programme.currency)
        case Typed.SHARE:
            return share_of(text)
        case Typed.WHOLE:
            return whole(text)
        case Typed.MOMENT:
            found = read_local(text, setting.formats.zone, Which.LATER)
            return found.moment.isoformat() if isinstance(found, Exact) else text
        case Typed.TEXT | Typed.TIER | Typed.CHOICE | Typed.NUMBER:
            return text


def _worth_names(fields: Fields, at: str) -> tuple[str, ...]:
    return tuple(name for name in fields if name.startswith(f"{at}.value."))


def _worths(fields: Fields, at: str, setting: Setting) -> dict[str, int | str]:
    return {
        name.removeprefix(f"{at}.value."): read_money(
            fields[name].strip(), setting.programme.currency
        )
        for name in _worth_names(fields, at)
        if fields[name].strip()
    }


def kind_words(kind: str, setting: Setting) -> str:
    """Give what people call a kind of offer."""
    return setting.words.say(KINDS.get(kind, (kind, ()))[0])
