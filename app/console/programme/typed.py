"""Reads the form of a programme: what was typed, the document that it makes, where refusals stand.

Of a programme that is set, whatever the form does not know (other ways to a tier, layers, the
holdout, costs) stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from app.console.programme.start import STARTS, TIER_NAMES, Start
from app.language import marked
from experiments.money import as_typed, is_known, to_minor_units
from experiments.score import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.language import Language, Words
    from experiments.errors import Problem
    from experiments.programme import Programme

Fields: TypeAlias = "dict[str, str]"
"""What was typed, by field: ``name``, ``tier.0.spend``, ``measure.spend.weight``."""

PARTS: Final = ("key", "name", "spend", "score", "cost", "manual")
MOST_TIERS: Final = 12
YES: Final = "yes"

_WINDOWS: Final = {Measure.SPEND: 365, Measure.FREQUENCY: 365, Measure.ENGAGEMENT: 90,
                   Measure.TENURE: 0, Measure.REFERRALS: 365,
                   Measure.AVERAGE_ORDER_VALUE: 365}  # fmt: skip
_WEIGHTS: Final = {Measure.SPEND: "3", Measure.FREQUENCY: "1", Measure.ENGAGEMENT: "1",
                   Measure.TENURE: "0.5"}  # fmt: skip
_FULL: Final = {Measure.FREQUENCY: "12", Measure.ENGAGEMENT: "15", Measure.TENURE: "730",
                Measure.REFERRALS: "5"}  # fmt: skip
_MONEY: Final = frozenset({Measure.SPEND, Measure.AVERAGE_ORDER_VALUE})

_BAD_AMOUNT: Final = marked("Give an amount of 0 or more, in digits, such as 12000.")
_BAD_COUNT: Final = marked("Give a whole number of 1 or more.")
_REFUSED: Final[Mapping[str, str]] = {
    "name": marked("Write 255 characters at most."),
    "time_zone": marked("This is no time zone. Give one such as Asia/Taipei or Europe/London."),
    "currency": marked("This is no currency. Give its ISO 4217 code, such as TWD."),
    "locales": marked("Give languages with commas between, such as zh-Hant-TW, en."),
    "key": marked("Use only letters without accents, digits, full stop, hyphen and underscore."),
    "score": marked("Give a score from 0 to 100 with at most two decimals."),
    "spend": _BAD_AMOUNT,
    "cost": _BAD_AMOUNT,
    "weight": marked("Give a weight above 0 with at most four decimals."),
    "window": _BAD_COUNT,
    "full": _BAD_COUNT,
    "qualifying_days": _BAD_COUNT,
    "tier_validity_days": _BAD_COUNT,
    "checklist": marked("Write each item once, in 255 characters at most."),
    "tiers": marked("A tier asks for a score, but no part of the score is chosen below."),
}
_PATH: Final = re.compile(r"tiers\[(\d+)\]\.(\w+)|score\.measures\[(\d+)\]\.(\w+)")
_PART_OF: Final = {"entry_threshold_minor": "spend", "entry_score": "score", "key": "key",
                   "benefit_cost_minor": "cost", "name": "name", "weight": "weight",
                   "window_days": "window", "full_at": "full"}  # fmt: skip


def proposed(language: Language, words: Words) -> Fields:
    """Give what a new programme may look like, for somebody who reads a language."""
    start: Start = STARTS[language]
    fields = {"name": "", "time_zone": start.time_zone, "currency": start.currency,
              "locales": ", ".join(start.locales), "qualifying_days": "365",
              "tier_validity_days": "365", "checklist": ""}  # fmt: skip
    for row, (key, spend) in enumerate(zip(TIER_NAMES, start.thresholds, strict=True)):
        fields |= {f"tier.{row}.{part}": "" for part in PARTS}
        fields |= {f"tier.{row}.key": key, f"tier.{row}.name": words.say(TIER_NAMES[key]),
                   f"tier.{row}.spend": str(spend)}  # fmt: skip
    top = str(start.thresholds[-1])
    for measure in Measure:
        full = {Measure.SPEND: top, Measure.AVERAGE_ORDER_VALUE: str(start.thresholds[1] // 10)}
        fields |= _measure(
            measure,
            is_on=measure in _WEIGHTS,
            weight=_WEIGHTS.get(measure, "1"),
            window=str(_WINDOWS[measure] or ""),
            full=full.get(measure, _FULL.get(measure, "1")),
        )
    return fields


def fields_of(programme: Programme, language: Language, words: Words) -> Fields:
    """Give a programme as it would be typed."""
    fields = {"name": programme.name, "time_zone": programme.time_zone,
              "currency": programme.currency, "locales": ", ".join(programme.locales),
              "qualifying_days": str(programme.qualifying_days),
              "tier_validity_days": str(programme.tier_validity_days or ""),
              "checklist": "\n".join(programme.checklist)}  # fmt: skip
    if programme.approval_required:
        fields["approval_required"] = YES
    for row, tier in enumerate(programme.tiers):
        fields |= {
            f"tier.{row}.key": tier.key,
            f"tier.{row}.name": tier.name,
            f"tier.{row}.spend": _money(tier.entry_threshold_minor, programme.currency),
            f"tier.{row}.score": "" if tier.entry_score is None else f"{tier.entry_score:f}",
            f"tier.{row}.cost": _money(tier.benefit_cost_minor, programme.currency),
            f"tier.{row}.manual": YES if tier.manual else "",
        }
    others = proposed(language, words)
    fields |= {name: value for name, value in others.items()
               if name.startswith("measure.") and not name.endswith(".on")}  # fmt: skip
    for one in programme.score.measures if programme.score is not None else ():
        full = (
            _money(one.full_at, programme.currency) if one.measure in _MONEY else str(one.full_at)
        )
        fields |= _measure(
            one.measure,
            is_on=True,
            weight=f"{one.weight.normalize():f}",
            window=str(one.window_days or ""),
            full=full,
        )
    return fields


def rows_of(fields: Fields) -> tuple[int, ...]:
    """Give the numbers of the tiers that were typed, lowest first."""
    found = {name.split(".")[1] for name in fields if name.startswith("tier.")}
    return tuple(sorted(int(one) for one in found if one.isdecimal()))


def acted(fields: Fields, action: str) -> Fields:
    """Give the fields after a button that adds a tier, takes one away or moves one up."""
    rows = [{part: fields.get(f"tier.{row}.{part}", "") for part in PARTS}
            for row in rows_of(fields)]  # fmt: skip
    name, _, number = action.partition(".")
    row = int(number) if number.isdecimal() else -1
    if name == "add" and len(rows) < MOST_TIERS:
        rows.append(dict.fromkeys(PARTS, ""))
    elif name == "remove" and 0 <= row < len(rows):
        rows.pop(row)
    elif name == "up" and 0 < row < len(rows):
        rows[row - 1], rows[row] = rows[row], rows[row - 1]
    kept = {name: value for name, value in fields.items() if not name.startswith("tier.")}
    return kept | {
        f"tier.{row}.{part}": value for row, tier in enumerate(rows) for part, value in tier.items()
    }


def document_of(
    fields: Fields, before: Programme | None, words: Words
) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the programme's document as it was typed, and what could not be read of it, by field."""
    errors: dict[str, str] = {}
    currency = before.currency if before is not None else fields.get("currency", "")
    document = before.model_dump(mode="json") if before is not None else {}
    document |= {
        "name": fields.get("name", ""),
        "time_zone": fields.get("time_zone", ""),
        "currency": currency,
        "locales": [one.strip() for one in fields.get("locales", "").split(",") if one.strip()],
        "qualifying_days": _days(fields, "qualifying_days", errors, words) or 365,
        "tier_validity_days": _days(fields, "tier_validity_days", errors, words),
        "approval_required": fields.get("approval_required") == YES,
        "checklist": [one.strip() for one in fields.get("checklist", "").splitlines()
                      if one.strip()],
    }  # fmt: skip
    if not is_known(currency):
        told = _REFUSED["currency"]
        return document, {"currency": words.say(told)}
    known = {} if before is None else {one["key"]: one for one in document["tiers"]}
    document["tiers"] = [
        known.get(fields.get(f"tier.{row}.key", ""), {})
        | _tier(fields, row, currency, errors, words)
        for row in rows_of(fields)
    ]
    _tell_twice(document["tiers"], errors, words)
    document["score"] = _score(fields, currency, before, errors, words)
    return document, errors


def refusals(problems: tuple[Problem, ...], fields: Fields, words: Words) -> dict[str, str]:
    """Give what the domain refuses, by field; ``""`` is the whole form."""
    chosen = [one for one in Measure if fields.get(f"measure.{one}.on") == YES]
    errors: dict[str, str] = {}
    for problem in problems:
        found = _PATH.fullmatch(problem.field)
        if found is None:
            name = problem.field.partition("[")[0].partition(".")[0]
            at = name if name in _REFUSED else ""
            errors[at] = words.say(_REFUSED[at]) if at else str(problem)
            continue
        part = _PART_OF.get(found[2] or found[4], "name")
        at = f"tier.{found[1]}.{part}" if found[1] else f"measure.{chosen[int(found[3])]}.{part}"
        errors[at] = words.say(_REFUSED[part])
    return errors


def _tier(
    fields: Fields, row: int, currency: str, errors: dict[str, str], words: Words
) -> dict[str, Any]:
    at = f"tier.{row}"
    name, key = fields.get(f"{at}.name", "").strip(), fields.get(f"{at}.key", "").strip()
    if not key:
        key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or f"tier-{row + 1}"
    return {
        "key": key,
        "name": name,
        "entry_threshold_minor": _amount(fields, f"{at}.spend", currency, errors, words),
        "entry_score": fields.get(f"{at}.score", "").strip() or None,
        "benefit_cost_minor": _amount(fields, f"{at}.cost", currency, errors, words),
        "manual": fields.get(f"{at}.manual") == YES,
    }


def _tell_twice(tiers: list[dict[str, Any]], errors: dict[str, str], words: Words) -> None:
    keys: list[str] = []
    for row, tier in enumerate(tiers):
        if tier["key"] in keys:
            errors[f"tier.{row}.key"] = words.say("Another tier has this key. Give each its own.")
        keys.append(tier["key"])


def _score(
    fields: Fields, currency: str, before: Programme | None, errors: dict[str, str], words: Words
) -> dict[str, Any] | None:
    measures = []
    for measure in Measure:
        at = f"measure.{measure}"
        if fields.get(f"{at}.on") != YES:
            continue
        full = (
            _amount(fields, f"{at}.full", currency, errors, words)
            if measure in _MONEY
            else _days(fields, f"{at}.full", errors, words)
        )
        window = None
        if measure is not Measure.TENURE:
            window = _days(fields, f"{at}.window", errors, words)
        weight = fields.get(f"{at}.weight", "").strip()
        measures.append({"measure": measure, "weight": weight, "window_days": window,
                         "full_at": full})  # fmt: skip
    if not measures:
        return None
    version = before.score.version if before is not None and before.score is not None else 1
    return {"version": version, "measures": measures}


def _amount(
    fields: Fields, name: str, currency: str, errors: dict[str, str], words: Words
) -> int | None:
    text = fields.get(name, "").replace(",", "").strip()
    if not text:
        return None
    try:
        minor = to_minor_units(text, currency)
    except ValueError:
        minor = -1
    if minor < 0:
        errors[name] = words.say(_BAD_AMOUNT)
    return minor


def _days(fields: Fields, name: str, errors: dict[str, str], words: Words) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 10**12:
        errors[name] = words.say(_BAD_COUNT)
        return 1
    return int(text)


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else as_typed(minor, currency)


def _measure(measure: Measure, *, is_on: bool, weight: str, window: str, full: str) -> Fields:
    at = f"measure.{measure}"
    return {f"{at}.on": YES if is_on else "", f"{at}.weight": weight, f"{at}.window": window,
            f"{at}.full": full}  # fmt: skip
