"""The threshold preview: what other thresholds of tiers would make of the members of today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, ClassVar, Final

from flask import request

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.computing import KEPT_S, Asking, computations_of
from app.console.context import programme, wiring, words
from app.console.plots import plot_scripts
from app.console.programme.answering import answer_of
from app.console.programme.place import blueprint, tier_name
from app.console.rendering import is_part, show
from app.language import marked
from app.programme import facts_of
from experiments.errors import UnknownProgramme
from experiments.money import as_typed, exponent
from experiments.programme_run.previewing import NEAR_PERCENT, TierChange, preview

if TYPE_CHECKING:
    from app.console.programme.answering import Answer
    from experiments.tier import Tier

HUNDRED: Final = 100
NO_AMOUNT: Final = marked("Give an amount of 0 or more, in digits, such as 12000.")
NO_SCORE: Final = marked("Give a score from 0 to 100 with at most two decimals.")
NO_SHARE: Final = marked("Give a number from 0 to 100.")


@dataclass(frozen=True, slots=True)
class ThresholdField:
    """A field of the form.

    Attributes:
        today: The threshold as it is.
        is_money: Spend; a score otherwise.
    """

    name: str
    tier: str
    typed: str
    today: str
    is_money: bool
    error: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The form, and what came of it.

    Attributes:
        answer: None until a preview is asked for, and while it is being computed.
        coming: Where to look again while it is; empty otherwise.
    """

    template: ClassVar[str] = "console/programme/preview.html"
    title: str
    currency: str
    fields: tuple[ThresholdField, ...]
    near: str
    near_error: str
    plot_scripts: tuple[str, ...]
    answer: Answer | None = None
    coming: str = ""


@blueprint.get("/preview")
@open_to(Scope.CAMPAIGNS_WRITE)
def preview_thresholds() -> tuple[str, int]:
    """Show the form; with thresholds in the address, what they would do."""
    found = programme()
    if found is None:
        raise UnknownProgramme
    fields = tuple(field for tier in found.tiers for field in _fields(tier, found.currency))
    near, near_error = _near()
    shown = PreviewPage(words().say("Threshold preview"), found.currency, fields,
                        request.args.get("near", f"{NEAR_PERCENT:f}"), near_error,
                        plot_scripts())  # fmt: skip
    if not request.args.keys() - {"language"}:
        return show(shown)
    if near_error or any(field.error for field in fields):
        return show(shown, 422)
    parts = wiring()
    changes, asking = _changes(found.tiers, found.currency), _asking()
    question = " ".join(("thresholds", f"{near}", *(one.model_dump_json() for one in changes)))
    answer = computations_of(parts.engine).ask(
        f"{question} of {found.model_dump_json()}",
        lambda: preview(
            parts.engine, facts_of(parts.settings), changes, now=asking.now, near_percent=near
        ),
        asking,
    )
    if answer is None:
        return show(replace(shown, coming=request.full_path))
    return show(replace(shown, answer=answer_of(answer.answer, found)))


def _asking() -> Asking:
    return Asking.patiently(KEPT_S) if is_part() else Asking.at_sight()


def _fields(tier: Tier, currency: str) -> list[ThresholdField]:
    fields = []
    if tier.entry_threshold_minor is not None:
        today = as_typed(tier.entry_threshold_minor, currency)
        fields.append(_field(f"spend.{tier.key}", tier, today, currency))
    if tier.entry_score is not None:
        fields.append(_field(f"score.{tier.key}", tier, f"{tier.entry_score.normalize():f}", ""))
    return fields


def _field(name: str, tier: Tier, today: str, currency: str) -> ThresholdField:
    typed = request.args.get(name, today).strip()
    error = ""
    try:
        if typed:
            _change(tier.key, typed, currency)
    except (ValueError, InvalidOperation):
        error = words().say(NO_AMOUNT if currency else NO_SCORE)
    return ThresholdField(name, tier_name(tier), typed, today, bool(currency), error)


def _change(key: str, typed: str, currency: str) -> TierChange:
    """Give the change of one threshold; a currency is one of spend.

    Raises:
        ValueError: It is no such threshold.
        InvalidOperation: It is no number.
    """
    number = Decimal(typed)
    if not currency:
        return TierChange(key=key, entry_score=number)
    minor = number.scaleb(exponent(currency))
    if not minor.is_finite() or minor != minor.to_integral_value():
        raise ValueError(typed)
    return TierChange(key=key, entry_threshold_minor=int(minor))


def _changes(tiers: tuple[Tier, ...], currency: str) -> tuple[TierChange, ...]:
    changes = []
    for tier in tiers:
        said: dict[str, object] = {}
        for kind, unit in (("spend", currency), ("score", "")):
            typed = request.args.get(f"{kind}.{tier.key}", "").strip()
            if typed:
                said |= _change(tier.key, typed, unit).model_dump(exclude_none=True)
        if said:
            changes.append(TierChange.model_validate(said))
    return tuple(changes)


def _near() -> tuple[Decimal, str]:
    try:
        near = Decimal(request.args.get("near", "").strip() or NEAR_PERCENT)
        if 0 <= near <= HUNDRED:
            return near, ""
    except InvalidOperation:
        pass
    return NEAR_PERCENT, words().say(NO_SHARE)
