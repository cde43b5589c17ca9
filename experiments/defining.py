"""Keeps the metrics that a business defines, and puts them into designs that name them.

What a definition may say is checked by whoever hands it over. A campaign carries the definition as
it was at launch; a version that is set later is one of campaigns that are launched later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.campaign import State
from experiments.errors import MetricInUse, UnknownMetricKey
from experiments.store.audit import Change, SubjectKind, differing, note_change
from experiments.store.campaigns import read_campaigns
from experiments.store.custom_metrics import add_version, read_metrics, read_versions
from experiments.store.engine import reading, writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.custom_metric import CustomMetric


def find_metrics(engine: Engine) -> dict[str, CustomMetric]:
    """Give every metric of the business's own, by key, in order."""
    with reading(engine) as connection:
        return read_metrics(connection)


def find_metric(engine: Engine, key: str) -> CustomMetric:
    """Give one.

    Raises:
        UnknownMetricKey: There is none; the error names those that there are.
    """
    with reading(engine) as connection:
        return _known(connection, key)


def metric_versions(engine: Engine, key: str) -> tuple[CustomMetric, ...]:
    """Give every version of a metric of the business's own, the latest first."""
    with reading(engine) as connection:
        return read_versions(connection, key)


def set_metric(
    engine: Engine, key: str, definition: Mapping[str, Any], now: datetime, actor: str
) -> CustomMetric:
    """Keep a definition that was checked; the same again makes no new version."""
    with writing(engine) as connection:
        known = read_metrics(connection).get(key)
        if known is not None and known.definition == definition:
            return known
        before, after = differing(known.definition if known is not None else None, definition)
        change = Change("set", SubjectKind.METRIC, key, before if known else None, after)
        note_change(connection, change, now, actor)
        return add_version(connection, key, definition, now, actor)


def delete_metric(engine: Engine, key: str, now: datetime, actor: str) -> CustomMetric:
    """Take a metric out of use; its versions stay, and so do the plans that carry it.

    Returns:
        The metric as it was.

    Raises:
        UnknownMetricKey: There is none.
        MetricInUse: A draft or a phase that has not ended names it.
    """
    with writing(engine) as connection:
        known = _known(connection, key)
        users = _users(connection, key)
        if users:
            raise MetricInUse(key, users)
        add_version(connection, key, None, now, actor)
        change = Change("delete", SubjectKind.METRIC, key, known.definition)
        note_change(connection, change, now, actor)
        return known


def users_of(engine: Engine, key: str) -> tuple[str, ...]:
    """Give the campaigns that name a metric and are not over, in order."""
    with reading(engine) as connection:
        return _users(connection, key)


def _known(connection: Connection, key: str) -> CustomMetric:
    known = read_metrics(connection)
    if key not in known:
        raise UnknownMetricKey(key, tuple(known))
    return known[key]


def _users(connection: Connection, key: str) -> tuple[str, ...]:
    over = (State.STOPPED, State.DECIDED, State.ARCHIVED)
    return tuple(
        campaign.key
        for campaign in read_campaigns(connection)
        if campaign.state not in over
        and any(one.metric == key and one.definition is None for one in campaign.design.metrics)
    )
