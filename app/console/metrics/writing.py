"""The form of a metric of the business's own, and its deletion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from flask import flash, redirect, request, url_for

from app.analysis.custom_metrics import checked_definition
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import person, wiring, words
from app.console.metrics.describing import AGGREGATES, DIRECTIONS, KINDS, SINCES, UNITS
from app.console.metrics.document import document_of, placed
from app.console.metrics.form import NEW, MetricTyped, changed, of_definition, typed_in
from app.console.metrics.place import blueprint
from app.console.rendering import show
from app.language import marked
from experiments.defining import delete_metric, find_metric, find_metrics, set_metric, users_of
from experiments.errors import InvalidValues, MetricInUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum

    from werkzeug.wrappers import Response

TAKEN = marked("A metric with this key exists. Change that one, or choose another key.")

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MetricFormPage:
    """The form, with what was typed and what was refused.

    Attributes:
        key: Of the metric that is changed; empty for a new one.
        users: Campaigns that name it and are not over.
    """

    template: ClassVar[str] = "console/metrics/form.html"
    title: str
    key: str
    typed: MetricTyped
    kinds: Options
    units: Options
    directions: Options
    aggregates: Options
    sinces: Options
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeletePage:
    """What a deletion does; `users` stand in its way."""

    template: ClassVar[str] = "console/metrics/delete.html"
    title: str
    key: str
    users: tuple[str, ...]


@blueprint.get("/new-metric")
@open_to(Scope.CAMPAIGNS_WRITE)
def new() -> tuple[str, int]:
    """Show an empty form."""
    return show(_page("", replace(typed_in({}), values={**typed_in({}).values, **NEW},
                                  numerator=MetricTyped({}).numerator)))  # fmt: skip


@blueprint.post("/new-metric")
@open_to(Scope.CAMPAIGNS_WRITE)
def define() -> tuple[str, int] | Response:
    """Keep a new metric, or add and remove rows."""
    return _answer("")


@blueprint.get("/<key>/edit")
@open_to(Scope.CAMPAIGNS_WRITE)
def edit(key: str) -> tuple[str, int]:
    """Show the form with the latest version."""
    found = find_metric(wiring().engine, key)
    return show(_page(key, of_definition(key, found.definition or {})))


@blueprint.post("/<key>/edit")
@open_to(Scope.CAMPAIGNS_WRITE)
def change(key: str) -> tuple[str, int] | Response:
    """Keep a new version, or add and remove rows."""
    find_metric(wiring().engine, key)
    return _answer(key)


@blueprint.get("/<key>/delete")
@open_to(Scope.CAMPAIGNS_WRITE)
def ask_delete(key: str) -> tuple[str, int]:
    """Say what a deletion does."""
    find_metric(wiring().engine, key)
    return show(_delete_page(key))


@blueprint.post("/<key>/delete")
@open_to(Scope.CAMPAIGNS_WRITE)
def delete(key: str) -> tuple[str, int] | Response:
    """Take it out of use."""
    try:
        delete_metric(wiring().engine, key, wiring().clock(), _actor())
    except MetricInUse:
        return show(_delete_page(key), 409)
    flash(words().say("The metric {key} is deleted.", key=key), "success")
    return redirect(url_for("console.metrics.listing"))


def _answer(key: str) -> tuple[str, int] | Response:
    typed = typed_in(request.form)
    order = request.form.get("do", "save")
    if order != "save":
        return show(_page(key, changed(typed, order)))
    named = key or typed.values["key"].strip()
    document, errors = document_of(typed)
    if not key and named in find_metrics(wiring().engine):
        errors["key"] = words().say(TAKEN)
    if not errors:
        try:
            definition = checked_definition(named, document)
        except InvalidValues as refused:
            errors = placed(refused, document)
    if errors:
        return show(_page(key, replace(typed, errors=errors)), 422)
    kept = set_metric(wiring().engine, named, definition, wiring().clock(), _actor())
    told = words().say("The metric {key} is kept as version {version}.",
                       key=named, version=kept.version)  # fmt: skip
    flash(told, "success")
    return redirect(url_for("console.metrics.metric", key=named))


def _page(key: str, typed: MetricTyped) -> MetricFormPage:
    say = words().say
    return MetricFormPage(
        title=say("Change {key}", key=key) if key else say("Define a metric"),
        key=key,
        typed=typed,
        kinds=_options((kind, label) for kind, (label, _) in KINDS.items()),
        units=_options(UNITS.items()),
        directions=_options(DIRECTIONS.items()),
        aggregates=_options(AGGREGATES.items()),
        sinces=_options(SINCES.items()),
        users=users_of(wiring().engine, key) if key else (),
    )


def _delete_page(key: str) -> DeletePage:
    title = words().say("Delete {key}", key=key)
    return DeletePage(title, key, users_of(wiring().engine, key))


def _options(found: Iterable[tuple[StrEnum, str]] | Mapping[StrEnum, str]) -> Options:
    return tuple((str(value), words().say(label)) for value, label in found)


def _actor() -> str:
    return f"user {person().user.user_id}"
