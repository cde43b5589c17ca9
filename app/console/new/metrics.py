"""The step of metrics: which one decides, what must not get worse, what explains, and the rule.

It makes the whole `analysis` of the document, so it also reads what the step of the size says of
the effect that the campaign is sized for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from app.analysis.planning_metrics import plannable_metrics
from app.console.new.form import Refusal, lines
from app.console.new.metric_choice import unit_of
from app.console.new.metrics_shown import MetricGroup, MetricShown, Option, choices, groups
from app.console.new.offers import money_text, per_cent, plain, read_money, share_of, whole
from app.console.new.schedule_times import Exact, Which, read_local, write_local
from app.console.new.size_goal import factor_of, number_of, power_goal, scaled
from app.console.new.step import Step
from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page

_INDEXED: Final = re.compile(r"metrics\[(\d+)\](?:\.(.+))?")
_ROLE: Final = "metrics.role."
MONEY: Final = "incremental_margin"
_OWN: Final = frozenset({"metric", "role", "margin", "window_days"})


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """The step of metrics and the rule.

    Attributes:
        deciding: Metrics to choose the one that decides from.
        chosen: The one that decides, in words; None where none is chosen.
        groups: All others, by what they are about.
        looks: Ways to look at the results.
        look_kind: The one that is chosen.
        bases: Whom to count.
        scales: What the rule compares.
        scale: The one that is chosen.
        currency: The programme's.
    """

    template: ClassVar[str] = "console/new/metrics.html"
    title: str
    form: Form
    deciding: tuple[tuple[str, str], ...]
    chosen: MetricShown | None
    groups: tuple[MetricGroup, ...]
    looks: tuple[Option, ...]
    look_kind: str
    bases: tuple[Option, ...]
    scales: tuple[tuple[str, str], ...]
    scale: str
    currency: str


class MetricsStep(Step):
    """Which metric decides, which must not get worse, which explain, and the rule."""

    key: ClassVar[str] = "metrics"
    title: ClassVar[str] = marked("Metrics and decision")
    icon: ClassVar[str] = "scale"
    places: ClassVar[Mapping[str, str]] = {
        "metrics": "metrics.oec",
        "conversion_window_days": "metrics.window",
        "analysis": "metrics",
        "analysis.basis": "metrics.basis",
        "analysis.looks": "metrics.dates",
        "analysis.looks.kind": "metrics.looks",
        "analysis.decision_rule": "metrics.threshold",
        "analysis.decision_rule.scale": "metrics.scale",
        "analysis.decision_rule.minimum_days": "metrics.minimum_days",
    }

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give a role for each metric in use, and the rule."""
        analysis = document.get("analysis") or {}
        looks, rule = analysis.get("looks") or {}, analysis.get("decision_rule") or {}
        scale = rule.get("scale", "lift")
        metrics = document.get("metrics") or ()
        oec = next((one["metric"] for one in metrics if one["role"] == "oec"), "")
        found = {
            "metrics.oec": oec,
            "metrics.window": _text(document.get("conversion_window_days")),
            "metrics.basis": analysis.get("basis", "exposed"),
            "metrics.looks": looks.get("kind", "fixed"),
            "metrics.spending": looks.get("spending", "obrien_fleming"),
            "metrics.dates": "\n".join(
                write_local(one, setting.formats.zone) for one in looks.get("dates") or ()
            ),
            "metrics.scale": scale,
            "metrics.threshold": _threshold_text(rule.get("threshold", 0), scale, oec, setting),
            "metrics.minimum_days": _text(rule.get("minimum_days", 7)),
            "metrics.safe": "yes" if rule.get("require_safe_guardrails") else "",
        }
        for one in metrics:
            key = one["metric"]
            if key != oec:
                found[f"{_ROLE}{key}"] = one["role"]
            if one.get("margin") is not None:
                found[f"metrics.margin.{key}"] = per_cent(one["margin"])
        return found

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give the metrics, their window, and how the results are read."""
        known = {one["metric"]: one for one in before.get("metrics") or ()}
        days = fields.get("metrics.window", "").strip()
        return {
            "metrics": [_metric(fields, key, role, known) for key, role in _chosen(fields)],
            "conversion_window_days": whole(days) if days else None,
            "analysis": _analysis(fields, before.get("analysis") or {}, setting) or None,
        }

    def refusals(self, fields: Fields, setting: Setting) -> Iterable[Refusal]:
        """Ask for what a rule cannot do without, and refuse times that are none."""
        say = setting.words.say
        if not fields.get("metrics.oec"):
            yield Refusal("metrics.oec", say("Choose the metric that decides."))
        for key, role in _chosen(fields):
            margin = fields.get(f"metrics.margin.{key}", "").strip()
            if role == "guardrail" and not margin:
                text = say("Say how much worse it may get, in per cent of the control's value.")
                yield Refusal(f"metrics.margin.{key}", text)
        if fields.get("metrics.looks") == "planned":
            typed = lines(fields.get("metrics.dates", ""))
            if not typed:
                text = say("Say on which days you look, one a line, such as 2026-07-01T09:00.")
                yield Refusal("metrics.dates", text)
            elif not all(isinstance(_moment(one, setting), Exact) for one in typed):
                text = say("Write a day and a time on each line, such as 2026-07-01T09:00.")
                yield Refusal("metrics.dates", text)
        minimum = fields.get("metrics.threshold", "").strip()
        if not minimum:
            yield Refusal("metrics.threshold", say("This is required."))

    def place(self, path: str, fields: Fields) -> str | None:
        """Give the field of a metric, or of the rule."""
        found, chosen = _INDEXED.fullmatch(path), _chosen(fields)
        if found is not None and int(found[1]) < len(chosen):
            key, role = chosen[int(found[1])]
            if role == "oec":
                return "metrics.oec"
            part = "margin" if role == "guardrail" else "role"
            return f"metrics.{part}.{key}"
        if path.startswith("analysis.power_goal"):
            return None  # the step of the size has it
        return super().place(path, fields)

    def act(self, fields: Fields, action: str, setting: Setting) -> Fields:
        """Show what follows from a choice; nothing changes."""
        del action, setting
        return fields

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        metrics, oec = plannable_metrics(setting.engine), form.value("metrics.oec")
        grouped = groups(metrics, form, setting)
        everything = [one for group in grouped for one in group.metrics]
        return MetricsPage(
            title=setting.words.say(self.title),
            form=form,
            deciding=(
                ("", setting.words.say("Choose a metric")),
                *((one.key, one.name) for one in everything),
            ),
            chosen=next((one for one in everything if one.key == oec), None),
            groups=grouped,
            looks=choices("looks", setting),
            look_kind=form.value("metrics.looks") or "fixed",
            bases=choices("basis", setting),
            scales=tuple((one.value, one.label) for one in choices("scale", setting)),
            scale=form.value("metrics.scale") or "lift",
            currency=setting.programme.currency,
        )


def _chosen(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Give the metrics in use with their roles: what decides, what explains, what is guarded."""
    oec = fields.get("metrics.oec", "")
    roles = {
        name.removeprefix(_ROLE): role
        for name, role in fields.items()
        if name.startswith(_ROLE) and role in {"diagnostic", "guardrail"}
    }
    roles.pop(oec, None)
    others = sorted(roles.items(), key=lambda one: (one[1], one[0]))
    return ((oec, "oec"), *others) if oec else tuple(others)


def _metric(fields: Fields, key: str, role: str, known: Mapping[str, Json]) -> Json:
    before = known.get(key, {})
    metric: Json = {"metric": key, "role": role}
    if role == "guardrail" and (margin := fields.get(f"metrics.margin.{key}", "").strip()):
        metric["margin"] = share_of(margin)
    kept = {name: value for name, value in before.items() if name not in _OWN}
    if (days := before.get("window_days")) is not None:
        kept["window_days"] = days
    return {**metric, **kept}


def _analysis(fields: Fields, before: Json, setting: Setting) -> Json:
    analysis = dict(before)
    analysis["basis"] = fields.get("metrics.basis") or "exposed"
    kind = fields.get("metrics.looks") or "fixed"
    looks: Json = {**(before.get("looks") or {}), "kind": kind}
    looks.pop("dates", None)
    if kind == "planned":
        found = [(one, _moment(one, setting)) for one in lines(fields.get("metrics.dates", ""))]
        looks["dates"] = [at.moment.isoformat() if isinstance(at, Exact) else one
                          for one, at in found]  # fmt: skip
        looks["spending"] = fields.get("metrics.spending") or "obrien_fleming"
    analysis["looks"] = looks
    scale = fields.get("metrics.scale") or "lift"
    rule: Json = {**(before.get("decision_rule") or {}), "scale": scale}
    rule["threshold"] = _threshold(fields, scale, setting)
    if days := fields.get("metrics.minimum_days", "").strip():
        rule["minimum_days"] = whole(days)
    rule["require_safe_guardrails"] = fields.get("metrics.safe") == "yes"
    analysis["decision_rule"] = rule
    return power_goal(fields, analysis, setting)


def _moment(text: str, setting: Setting) -> object:
    return read_local(text, setting.formats.zone, Which.EARLIER)


def _threshold(fields: Fields, scale: str, setting: Setting) -> object:
    text = fields.get("metrics.threshold", "").strip()
    if scale == "lift":
        return share_of(text)
    if scale == MONEY:
        return read_money(text, setting.programme.currency)
    return scaled(text, factor_of(unit_of(fields.get("metrics.oec", ""), setting), setting))


def _threshold_text(value: object, scale: str, oec: str, setting: Setting) -> str:
    number = number_of(str(value))
    if number is None:
        return str(value)
    if scale == "lift":
        return per_cent(value)
    if scale == MONEY:
        return money_text(int(number), setting.programme.currency)
    return plain(number * factor_of(unit_of(oec, setting), setting))


def _text(value: object) -> str:
    return "" if value is None else str(value)
