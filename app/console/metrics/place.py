"""The addresses of the pages about metrics, and what a metric is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint

from app.console.context import words
from stats.metric import BUILTIN_KEYS

if TYPE_CHECKING:
    from stats.metric import MetricDefinition

blueprint: Final = Blueprint("metrics", __name__, url_prefix="/metrics")


def name_of(metric: MetricDefinition) -> str:
    """Give the name; of a built-in metric in the reader's language."""
    name = metric.name or metric.key
    return words().say(name) if metric.key in BUILTIN_KEYS else name


def meaning_of(metric: MetricDefinition) -> str:
    """Give the sentence that says what it is; of a built-in metric in the reader's language."""
    is_ours = metric.key in BUILTIN_KEYS
    return words().say(metric.description) if is_ours else metric.description
