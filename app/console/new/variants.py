"""The step of variants and offers: who gets what, in which shares, at what cost, in which words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, ClassVar, Final

from app.console.new.form import Refusal, of_step, rows_of, without_row
from app.console.new.offers import (
    field_of_offer,
    fields_of_offer,
    money_refusals,
    money_text,
    offer_of,
    offer_refusals,
    plain,
    read_money,
    whole,
)
from app.console.new.step import NoSuchPart, Step
from app.console.new.variants_shown import OfferLabels, VariantShown, labels, shown
from app.console.rendering import show_part
from app.language import marked
from experiments.variant import CONTROL, MAX_VARIANTS, MIN_VARIANTS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page

_INDEXED: Final = re.compile(r"variants\[(\d+)\](?:\.(.+))?")
_SLOTS: Final = 10_000
_CAPS: Final = (("cap_units", "units"), ("cap_per_member", "grants_per_member"))
_PARTS: Final = {"key": "key", "name": "name", "planned_share": "planned_share"}


@dataclass(frozen=True, slots=True)
class VariantsPage:
    """The step of variants and offers.

    Attributes:
        variants: One a row, in the order typed.
        labels: What the fields of offers are called.
        total: Of the planned shares, in words.
        total_is_whole: Whether it is 100.00 %.
        may_add: Whether another variant fits.
        may_remove: Whether one can go.
        currency: The programme's.
    """

    template: ClassVar[str] = "console/new/variants.html"
    title: str
    form: Form
    variants: tuple[VariantShown, ...]
    labels: OfferLabels
    total: str
    total_is_whole: bool
    may_add: bool
    may_remove: bool
    currency: str


class VariantsStep(Step):
    """Who gets what: variants with their shares, offers, words and bounds."""

    key: ClassVar[str] = "variants"
    title: ClassVar[str] = marked("Variants and offers")
    icon: ClassVar[str] = "arrows-split-2"
    places: ClassVar[Mapping[str, str]] = {
        "variants": "variants.total",
        "caps": "variants.cap_budget",
        "caps.units": "variants.cap_units",
        "caps.grants_per_member": "variants.cap_per_member",
    }

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give a row for each variant, and the bounds of all."""
        currency, caps = setting.programme.currency, document.get("caps") or {}
        found = {
            "variants.cap_budget": money_text(caps.get("budget_minor"), currency),
        }
        found |= {f"variants.{name}": _text(caps.get(part)) for name, part in _CAPS}
        variants = document.get("variants") or []
        said = [row for row, one in enumerate(variants) if one.get("control")]
        named = [row for row, one in enumerate(variants) if one.get("key") == CONTROL]
        found["variants.control"] = str((said or named or [0])[0])
        for row, one in enumerate(variants):
            at = f"variants.{row}"
            own = (caps.get("variants") or {}).get(one["key"], {})
            found |= {
                f"{at}.key": one["key"],
                f"{at}.name": one.get("name") or "",
                f"{at}.planned_share": _share_text(one.get("planned_share")),
                f"{at}.cap_units": _text(own.get("units")),
                f"{at}.cap_budget": money_text(own.get("budget_minor"), currency),
                **fields_of_offer(one.get("offer") or {}, at, setting),
            }
        return found

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give variants and caps."""
        known = {one["key"]: one for one in before.get("variants") or []}
        rows = rows_of(fields, "variants")
        return {
            "variants": [_variant(fields, row, known, setting) for row in rows],
            "caps": _caps(fields, rows, setting) or None,
        }

    def refusals(self, fields: Fields, setting: Setting) -> Iterable[Refusal]:
        """Refuse shares that are not whole together, keys that stand twice, unreadable amounts."""
        say, rows = setting.words.say, rows_of(fields, "variants")
        keys = [fields.get(f"variants.{row}.key", "").strip() for row in rows]
        for place, (row, key) in enumerate(zip(rows, keys, strict=True)):
            at = f"variants.{row}"
            if not key:
                yield Refusal(f"{at}.key", say("This is required."))
            elif key in keys[:place]:
                text = say("Another variant has the key {key}. Give each its own.", key=key)
                yield Refusal(f"{at}.key", text)
            if _share(fields, row) is None:
                yield Refusal(
                    f"{at}.planned_share", say("Write a share from 0 to 100, such as 50.")
                )
            yield from offer_refusals(fields, at, setting)
            yield from money_refusals(fields, f"{at}.cap_budget", setting)
        yield from money_refusals(fields, "variants.cap_budget", setting)
        total = _total(fields, rows)
        if total is not None and total != WHOLE:
            missing, name = abs(WHOLE - total), "variants.total"
            amounts = {"total": f"{total:.2f}", "missing": f"{missing:.2f}"}
            if total < WHOLE:
                text = say(
                    "Planned shares must total 100.00 %. They total {total} %: {missing} % are "
                    "missing.",
                    **amounts,
                )
            else:
                text = say(
                    "Planned shares must total 100.00 %. They total {total} %: {missing} % too "
                    "much.",
                    **amounts,
                )
            yield Refusal(name, text)

    def place(self, path: str, fields: Fields) -> str | None:
        """Give the field of a variant, an offer or a bound."""
        found = _INDEXED.fullmatch(path)
        rows = rows_of(fields, "variants")
        if found is not None and int(found[1]) < len(rows):
            at, part = f"variants.{rows[int(found[1])]}", found[2] or ""
            if part.startswith("offer"):
                kind = fields.get(f"{at}.kind") or "none"
                return field_of_offer(part.removeprefix("offer").removeprefix("."), at, kind)
            return f"{at}.{_PARTS.get(part, 'key')}"
        if path.startswith("caps.variants."):
            key, _, part = path.removeprefix("caps.variants.").rpartition(".")
            for row in rows:
                if fields.get(f"variants.{row}.key") == key:
                    return f"variants.{row}.{'cap_units' if part == 'units' else 'cap_budget'}"
        return super().place(path, fields)

    def act(self, fields: Fields, action: str, setting: Setting) -> Fields:
        """Add a variant, remove one, divide the shares, or just show the fields of a kind."""
        del setting
        rows, (verb, _, number) = rows_of(fields, "variants"), action.partition(".")
        match verb:
            case "add" if len(rows) < MAX_VARIANTS:
                row = max(rows, default=-1) + 1
                return {**fields, f"variants.{row}.key": _free_key(fields, rows),
                        f"variants.{row}.kind": "none"}  # fmt: skip
            case "remove" if number.isdecimal() and len(rows) > MIN_VARIANTS:
                return _without(fields, int(number))
            case "equal":
                return {**fields, **_equal(rows)}
            case _:
                return fields

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        rows = rows_of(form.fields, "variants")
        total = _total(form.fields, rows)
        return VariantsPage(
            title=setting.words.say(self.title),
            form=form,
            variants=tuple(shown(form, row, setting) for row in rows),
            labels=labels(setting),
            total="" if total is None else f"{total:.2f}",
            total_is_whole=total == WHOLE,
            may_add=len(rows) < MAX_VARIANTS,
            may_remove=len(rows) > MIN_VARIANTS,
            currency=setting.programme.currency,
        )

    def part(self, name: str, form: Form, setting: Setting) -> str:
        """Give all variants anew, or how one looks on a phone."""
        if name == "rows":
            return show_part("console/new/_variants.html", page=self.page(form, setting))
        row = name.removeprefix("card.")
        if name.startswith("card.") and row.isdecimal():
            return show_part("console/new/_cards.html", variant=shown(form, int(row), setting))
        raise NoSuchPart(name)


def _variant(fields: Fields, row: int, known: Mapping[str, Json], setting: Setting) -> Json:
    at = f"variants.{row}"
    key = fields.get(f"{at}.key", "").strip()
    before = known.get(key, {})
    variant: Json = {"key": key, "planned_share": fields.get(f"{at}.planned_share", "").strip()}
    if name := fields.get(f"{at}.name", "").strip():
        variant["name"] = name
    if fields.get("variants.control") == str(row) and (key != CONTROL or before.get("control")):
        variant["control"] = True
    offer = offer_of(fields, at, before.get("offer") or {}, setting)
    if offer != {"kind": "none"}:
        variant["offer"] = offer
    return variant


def _caps(fields: Fields, rows: tuple[int, ...], setting: Setting) -> Json:
    caps = _bounds(fields, "variants", setting)
    if per_member := fields.get("variants.cap_per_member", "").strip():
        caps["grants_per_member"] = whole(per_member)
    own = {
        fields.get(f"variants.{row}.key", "").strip(): bounds
        for row in rows
        if (bounds := _bounds(fields, f"variants.{row}", setting))
    }
    if own:
        caps["variants"] = own
    return caps


def _bounds(fields: Fields, at: str, setting: Setting) -> Json:
    bounds: Json = {}
    if units := fields.get(f"{at}.cap_units", "").strip():
        bounds["units"] = whole(units)
    if budget := fields.get(f"{at}.cap_budget", "").strip():
        bounds["budget_minor"] = read_money(budget, setting.programme.currency)
    return bounds


def _text(value: object) -> str:
    return "" if value is None else plain(value)


def _share_text(value: object) -> str:
    try:
        return f"{Decimal(str(value)):.2f}"
    except InvalidOperation:
        return ""


def _share(fields: Fields, row: int) -> Decimal | None:
    try:
        share = Decimal(fields.get(f"variants.{row}.planned_share", "").strip())
    except InvalidOperation:
        return None
    return share if share.is_finite() and 0 <= share <= WHOLE else None


def _total(fields: Fields, rows: tuple[int, ...]) -> Decimal | None:
    shares = [_share(fields, row) for row in rows]
    known = [share for share in shares if share is not None]
    return sum(known, Decimal(0)) if len(known) == len(shares) else None


def _equal(rows: tuple[int, ...]) -> dict[str, str]:
    """Give every row the same share; hundredths that are left over go to the first rows."""
    each, over = divmod(_SLOTS, len(rows)) if rows else (0, 0)
    return {
        f"variants.{row}.planned_share": f"{Decimal(each + (place < over)) / 100:.2f}"
        for place, row in enumerate(rows)
    }


def _free_key(fields: Fields, rows: tuple[int, ...]) -> str:
    taken = {fields.get(f"variants.{row}.key", "") for row in rows}
    numbers = range(2, MAX_VARIANTS + 2)
    return next(key for n in numbers if (key := f"treatment-{n}") not in taken)


def _without(fields: Fields, row: int) -> dict[str, str]:
    kept = without_row(of_step(fields, "variants"), "variants", row)
    control = fields.get("variants.control", "0")
    if control.isdecimal() and int(control) >= row:
        kept["variants.control"] = str(max(int(control) - 1, 0))
    return kept
