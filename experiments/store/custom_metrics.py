"""Keeps the metrics that a business defines itself, every version of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, select

from experiments.custom_metric import CustomMetric
from experiments.store.tables import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from experiments.campaign import CampaignDesign


def read_metrics(connection: Connection) -> dict[str, CustomMetric]:
    """Give the latest version of every metric that is not deleted, by key, in order."""
    latest = select(metrics.c.key, func.max(metrics.c.version).label("version")).group_by(
        metrics.c.key
    )
    newest = latest.subquery("newest")
    query = select(metrics).join(
        newest, and_(newest.c.key == metrics.c.key, newest.c.version == metrics.c.version)
    )
    found = (_metric(row) for row in connection.execute(query).mappings())
    # sorted here: databases order text by their own collation
    return {
        one.key: one for one in sorted(found, key=lambda one: one.key) if one.definition is not None
    }


def read_versions(connection: Connection, key: str) -> tuple[CustomMetric, ...]:
    """Give every version of a metric, deletions included, the latest first."""
    query = select(metrics).where(metrics.c.key == key).order_by(metrics.c.version.desc())
    return tuple(_metric(row) for row in connection.execute(query).mappings())


def add_version(
    connection: Connection,
    key: str,
    definition: Mapping[str, Any] | None,
    now: datetime,
    actor: str,
) -> CustomMetric:
    """Keep a new version; None deletes, and the versions before are kept."""
    last = connection.scalar(select(func.max(metrics.c.version)).where(metrics.c.key == key)) or 0
    added = CustomMetric(key, last + 1, definition, now, actor)
    connection.execute(
        insert(metrics).values(
            key=added.key,
            version=added.version,
            definition=definition,
            set_at=now,
            actor=actor,
        )
    )
    return added


def _metric(row: RowMapping) -> CustomMetric:
    return CustomMetric(row["key"], row["version"], row["definition"], row["set_at"], row["actor"])


def with_definitions(
    connection: Connection, design: CampaignDesign, plan: Mapping[str, Any] | None = None
) -> CampaignDesign:
    """Give a design whose metrics of the business's own carry their definitions.

    Args:
        connection: In the transaction that launches.
        design: As it was written.
        plan: Of a phase that has started: what it carries already stays as it is.
    """
    asked = [one for one in design.metrics if one.definition is None]
    known = read_metrics(connection) if asked else {}
    of_plan = (plan or {}).get("metrics", ())
    planned = {one["definition"]["key"]: one["definition"] for one in of_plan}

    def definition(key: str) -> dict[str, Any] | None:
        found = known.get(key)
        if found is None or found.definition is None:  # a built-in one, or unknown
            return None
        carried = planned.get(key, found.definition)
        return {name: value for name, value in carried.items() if name != "key"}

    metrics_now = tuple(
        one
        if one.definition is not None or (found := definition(one.metric)) is None
        else one.model_copy(update={"definition": found})
        for one in design.metrics
    )
    return design.model_copy(update={"metrics": metrics_now})
