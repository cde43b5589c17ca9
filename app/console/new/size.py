"""The step of size and duration: which effect is to be found, with how many members, how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from app.analysis.planning_metrics import plannable_metrics
from app.analysis.planning_traffic import members_per_day
from app.console.new.form import Refusal, lines, of_step, rows_of
from app.console.new.offers import per_cent, share_of
from app.console.new.schedule import runtime_of
from app.console.new.size_goal import (
    DEFAULT_POWER,
    factor_of,
    goal_fields,
    number_of,
)
from app.console.new.size_reading import Reading, Setup, read_size
from app.console.new.size_shown import SizeShown, shown_size
from app.console.new.step import NoSuchPart, Step
from app.console.plots import plot_scripts
from app.console.rendering import show_part
from app.language import marked
from experiments.offer import NoOffer
from stats.metric import MetricKind
from stats.plan import Spending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.analysis.planning_metrics import PlannableMetric
    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page
    from experiments.variant import Variant


@dataclass(frozen=True, slots=True)
class SizePage:
    """The step of size and duration.

    Attributes:
        metric: The one that decides, in words; empty where none is chosen yet.
        unit: What stands behind its values.
        is_rate: Whether its spread follows from it.
        sized: What the campaign takes; None where something is missing.
        plot_scripts: What draws the plot.
    """

    template: ClassVar[str] = "console/new/size.html"
    title: str
    form: Form
    metric: str
    unit: str
    is_rate: bool
    sized: SizeShown | None
    plot_scripts: tuple[str, ...]


class SizeStep(Step):
    """Which effect is to be found, with how many members, and for how long."""

    key: ClassVar[str] = "size"
    title: ClassVar[str] = marked("Size and duration")
    icon: ClassVar[str] = "users-group"
    places: ClassVar[Mapping[str, str]] = {
        "alpha": "size.alpha",
        "analysis.power_goal": "size.mde",
        "analysis.power_goal.power": "size.power",
    }

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give the power goal; what is measured here is proposed."""
        per_day = members_per_day(setting.engine, setting.now)
        return {
            **goal_fields(document, setting),
            "size.alpha": per_cent(document.get("alpha", 0.05)),
            "size.baseline": "",
            "size.sd": "",
            "size.per_day": str(math.floor(per_day)) if per_day >= 1 else "",
            "size.audience": "",
            "size.days": "",
            "size.take_up": "",
        }

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give alpha; the goal goes with the rest of the analysis, into the step of metrics."""
        del before, setting
        alpha = number_of(fields.get("size.alpha", ""))
        typed = fields.get("size.alpha", "").strip()
        return {"alpha": float(alpha / 100) if alpha is not None else share_of(typed) or None}

    def refusals(self, fields: Fields, setting: Setting) -> Iterable[Refusal]:
        """Refuse what is typed and cannot be read; what is missing is no fault before the end."""
        reading, _, _ = _read(fields, setting)
        for name, sentence in reading.errors.items():
            if fields.get(f"size.{name}", "").strip() or name in {"power", "alpha"}:
                yield Refusal(f"size.{name}", sentence)

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        reading, setup, metric = _read(form.fields, setting)
        own = str if metric is None or metric.is_own else setting.words.say
        return SizePage(
            title=setting.words.say(self.title),
            form=form,
            metric=own(metric.name) if metric else "",
            unit=_unit(metric, setup, setting),
            is_rate=setup.is_rate,
            sized=_sized(form, reading, setup, setting),
            plot_scripts=plot_scripts(),
        )

    def sized(self, form: Form, setting: Setting) -> SizeShown | None:
        """Give what the campaign takes, or None where what is typed is no plan yet."""
        reading, setup, _ = _read(form.fields, setting)
        return _sized(form, reading, setup, setting)

    def part(self, name: str, form: Form, setting: Setting) -> str:
        """Give what the campaign takes by what is typed now."""
        if name != "answer":
            raise NoSuchPart(name)
        return show_part("console/new/_size.html", page=self.page(form, setting))


def _read(fields: Fields, setting: Setting) -> tuple[Reading, Setup, PlannableMetric | None]:
    oec = fields.get("metrics.oec", "")
    metric = next((one for one in plannable_metrics(setting.engine) if one.key == oec), None)
    setup = _setup(fields, metric, setting)
    typed = {name.removeprefix("size."): value for name, value in of_step(fields, "size").items()}
    if not typed.get("baseline", "").strip() and fields.get("goal.metric") == oec:
        typed["baseline"] = fields.get("goal.baseline", "")
    typed["power"] = typed.get("power", "") or DEFAULT_POWER
    return read_size(typed, setup, setting.words), setup, metric


def _setup(fields: Fields, metric: PlannableMetric | None, setting: Setting) -> Setup:
    order = _order(fields)
    typed = (number_of(fields.get(f"variants.{row}.planned_share", "")) for row in order)
    runtime, window = runtime_of(fields, setting), number_of(fields.get("metrics.window", ""))
    planned = fields.get("metrics.looks") == "planned"
    looks = len(lines(fields.get("metrics.dates", ""))) if planned else 1
    spending = fields.get("metrics.spending", "")
    default = metric.window_days if metric else 30
    return Setup(
        is_rate=metric is None or metric.kind is MetricKind.PROPORTION,
        factor=factor_of(metric.unit if metric else None, setting) if metric else Decimal(100),
        shares=tuple(one or Decimal(0) for one in typed),
        window_days=int(window) if window is not None and 0 < window < 10_000 else default,  # noqa: PLR2004  # days
        first_day=setting.now.astimezone(setting.formats.zone).date(),
        days=math.floor(runtime / timedelta(days=1)) if runtime else None,
        looks=max(looks, 1),
        spending=Spending(spending) if spending in set(Spending) else Spending.OBRIEN_FLEMING,
    )


def _order(fields: Fields) -> tuple[int, ...]:
    """Give the rows of the variants, the control first."""
    control = fields.get("variants.control", "0")
    return tuple(sorted(rows_of(fields, "variants"), key=lambda row: (str(row) != control, row)))


def _sized(form: Form, reading: Reading, setup: Setup, setting: Setting) -> SizeShown | None:
    order, design = _order(form.fields), form.judged.design
    names = [form.value(f"variants.{row}.name") or form.value(f"variants.{row}.key")
             for row in order]  # fmt: skip
    places = {row: place for place, row in enumerate(rows_of(form.fields, "variants"))}
    costs = [_cost(design.variants[places[row]]) for row in order] if design else []
    return shown_size(reading, setup, names, costs, setting.words, setting.formats)


def _cost(variant: Variant) -> Decimal:
    offer = variant.offer
    if isinstance(offer, NoOffer):
        return Decimal(0)
    return offer.unit_cost_minor * (1 - offer.breakage)


def _unit(metric: PlannableMetric | None, setup: Setup, setting: Setting) -> str:
    if setup.factor == Decimal(100) and setup.is_rate:
        return "%"
    return setting.programme.currency if metric is not None and metric.unit.is_money else ""
