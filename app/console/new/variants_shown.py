"""What the step of variants shows of one: fields of its offer, its words, a phone's card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.console.new.offers import texts_of
from app.console.new.offers_kinds import COPY, KINDS, Input, Typed, inputs_of
from app.language import Language
from experiments.locale import fall_back, negotiate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.console.new.form import Form, Setting

ROWS: Final = 6


@dataclass(frozen=True, slots=True)
class InputShown:
    """A field of an offer.

    Attributes:
        kind: ``text``, ``datetime-local`` or ``choice``.
        mode: What a phone's keyboard offers.
        options: Value and words of a choice.
    """

    name: str
    label: str
    hint: str
    kind: str
    mode: str
    required: bool
    suffix: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CopyShown:
    """What members read in one locale.

    Attributes:
        locale: Its tag.
        name: What its readers call it, or the tag.
        falls_back: A sentence where nothing is written in it, and others are; else empty.
    """

    locale: str
    name: str
    falls_back: str


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """An offer as a phone would show it.

    Attributes:
        locale: Whose words they are: another one than asked for where those are missing.
    """

    name: str
    locale: str
    title: str
    body: str
    call_to_action: str
    falls_back: str


@dataclass(frozen=True, slots=True)
class VariantShown:
    """A variant as it is typed.

    Attributes:
        at: What the names of its fields begin with.
        heading: What it is called.
        inputs: The fields of its kind of offer, those that every variant has left out.
        worths: Fields of what it is worth by tier, each with the tier's name.
        has_worths: Whether one of them is filled in.
        copies: A column for each locale of the programme.
        cards: How it looks, by locale; none without words.
    """

    at: str
    row: int
    heading: str
    is_control: bool
    inputs: tuple[InputShown, ...]
    worths: tuple[tuple[str, str], ...]
    has_worths: bool
    copies: tuple[CopyShown, ...]
    cards: tuple[PhoneCard, ...]


@dataclass(frozen=True, slots=True)
class OfferLabels:
    """Choices that every variant has.

    Attributes:
        kinds: Kinds of offers, value and words.
    """

    kinds: tuple[tuple[str, str], ...]


def labels(setting: Setting) -> OfferLabels:
    """Give the choices that every variant has."""
    return OfferLabels(tuple((kind, setting.words.say(name)) for kind, (name, _) in KINDS.items()))


def shown(form: Form, row: int, setting: Setting) -> VariantShown:
    """Give a variant as it is typed."""
    at, fields, say = f"variants.{row}", form.fields, setting.words.say
    inputs = inputs_of(fields.get(f"{at}.kind") or "none")
    tiers = setting.programme.tiers if inputs else ()
    texts, locales = texts_of(fields, at), setting.programme.locales
    worths = tuple((f"{at}.value.{tier.key}", tier.name or tier.key) for tier in tiers)
    return VariantShown(
        at=at,
        row=row,
        heading=fields.get(f"{at}.name") or fields.get(f"{at}.key") or say("A new variant"),
        is_control=fields.get("variants.control") == str(row),
        inputs=tuple(_input(one, at, setting) for one in inputs),
        worths=worths,
        has_worths=any(fields.get(name) for name, _ in worths),
        copies=tuple(
            CopyShown(locale, name_of_locale(locale), _falls_back(locale, locales, texts, setting))
            for locale in locales
        ),
        cards=cards_of(texts, locales, setting),
    )


def cards_of(
    texts: Mapping[str, Mapping[str, str]], locales: tuple[str, ...], setting: Setting
) -> tuple[PhoneCard, ...]:
    """Give how an offer looks to readers of every locale; none where it has no words."""
    cards = []
    for locale in locales:
        read = negotiate([locale], tuple(texts)) or fall_back([locale], locales, tuple(texts))
        if read is not None:
            title, body, button = (texts[read].get(part, "") for part in COPY)
            told = _falls_back(locale, locales, texts, setting)
            cards.append(PhoneCard(name_of_locale(locale), read, title, body, button, told))
    return tuple(cards)


def name_of_locale(tag: str) -> str:
    """Give what readers of a locale call it; the tag of one that the console does not speak."""
    return Language(tag).own_name if tag in set(Language) else tag


def _falls_back(
    locale: str,
    locales: tuple[str, ...],
    texts: Mapping[str, Mapping[str, str]],
    setting: Setting,
) -> str:
    written = tuple(texts)
    if not written or negotiate([locale], written) is not None:
        return ""
    served = fall_back([locale], locales, written)
    if served is None:
        return ""
    return setting.words.say(
        "Nothing is written in {locale}: its readers get {served}.",
        locale=name_of_locale(locale),
        served=name_of_locale(served),
    )


def _input(one: Input, at: str, setting: Setting) -> InputShown:
    say, programme = setting.words.say, setting.programme
    options: tuple[tuple[str, str], ...] = ()
    kind, mode, suffix = "text", "text", say(one.suffix) if one.suffix else ""
    match one.typed:
        case Typed.TIER:
            kind = "choice"
            named = ((tier.key, tier.name or tier.key) for tier in programme.tiers)
            options = (("", say("Choose a tier")), *named)
        case Typed.CHOICE:
            kind, options = "choice", tuple((value, say(text)) for value, text in one.choices)
        case Typed.MOMENT:
            kind = "datetime-local"
        case Typed.MONEY:
            mode, suffix = "decimal", programme.currency
        case Typed.NUMBER | Typed.SHARE:
            mode = "decimal"
        case Typed.WHOLE:
            mode = "numeric"
        case Typed.TEXT:
            pass
    return InputShown(
        name=f"{at}.{one.name}",
        label=say(one.label),
        hint=say(one.hint) if one.hint else "",
        kind=kind,
        mode=mode,
        required=one.required,
        suffix=suffix,
        options=options,
    )
