"""From facts to a scorecard, as the service makes it, in one call."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypedDict, Unpack

import pyarrow as pa

from stats.aggregation.aggregate import aggregate
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import Facts, FactTables
from stats.aggregation.unit_tables import Source
from stats.errors import InvalidPlan, MissingRelation
from stats.notebook.analysis import Analysis
from stats.notebook.planning import (
    NO_CURRENCY,
    Metric,
    Options,
    SaidOptions,
    decimals,
    plan_of,
)
from stats.notebook.tables import (
    as_arrow,
    conversions_of,
    exposures_of,
    is_files,
    latest,
    only,
    variants_of,
)
from stats.plan import AnalysisPlan, Basis
from stats.scorecard import assemble_scorecard


class Relations(TypedDict, total=False):
    """Further relations; see `stats.aggregation.facts` for their columns.

    Attributes:
        units: A column of text per segment.
        assignments: Who was assigned what; then all assigned units count, not the exposed only.
        unit_members: Which unit a member belongs to, where units are households.
    """

    units: Source
    assignments: Source
    unit_members: Source


class Said(SaidOptions, Relations, total=False):
    """What `analyse` takes beside its named arguments.

    Attributes:
        currency: ISO 4217; by default the one that the conversions have.
        ended_at: When enrolment ended; `None` while it goes on.
    """

    currency: str
    ended_at: datetime | None


def analyse(
    exposures: Source,
    conversions: Source,
    plan: AnalysisPlan | None = None,
    *,
    metrics: Metric | Sequence[Metric] = (),
    control: str = "control",
    as_of: datetime | None = None,
    **said: Unpack[Said],
) -> Analysis:
    """Analyse facts: the scorecard that the service gives for them, ready to show and plot.

    Args:
        exposures: `member_id`, `variant`, `exposed_at`, and `unit_id` where that is not the member.
        conversions: `member_id`, `event`, `occurred_at`, and where there are any `amount_minor` (or
            `amount` in major units), `currency`, `properties`.
        plan: What was fixed beforehand. In place of it, say `metrics` and what else you know.
        metrics: Keys of built-in metrics, or definitions; the first one is the OEC.
        control: The variant that the others are compared with.
        as_of: The analysis time, aware. By default the time of the last fact: what an export does
            not hold yet has not failed to happen.
        said: See `Said` and `Options`.

    Every table may be a pandas or Polars frame, an Arrow table, an Ibis table (executed by its
    backend, so that the result must fit into memory) or Parquet paths. Where exposures and
    conversions are both paths, they are read in a stream and need every column of
    `stats.aggregation.facts`.

    Raises:
        InvalidFacts: A table lacks a column, or has times without a zone, nulls, or other types.
        UnknownVariant: No unit is in the control, or in a variant with a planned share.
        UnknownMetric: No built-in metric has that key.
        InvalidPlan: The plan contradicts itself, or both plan and options came.
    """
    relations = {name: said[name] for name in Relations.__annotations__ if name in said}  # type: ignore[literal-required] # its own keys
    currency = said.get("currency")
    streamed = is_files(exposures) and is_files(conversions)
    streamed = streamed and all(is_files(source) for source in relations.values())
    shown = as_arrow(exposures, "exposures", ("variant", "exposed_at") if streamed else None)
    events = as_arrow(conversions, "conversions", ("occurred_at", "currency") if streamed else None)
    if plan is None:
        plan = _plan(shown, events, metrics, control, said)
    elif metrics or set(said) - {*Relations.__annotations__, "ended_at", "currency"} or currency:
        came, way_out = "both", "give a plan, or metrics and options"
        raise InvalidPlan(came, field="plan", expected=way_out)
    facts: Facts
    if streamed:
        facts = FactFiles(exposures, conversions, **relations)  # type: ignore[arg-type] # checked above
    else:
        facts = _tables(
            shown, conversions_of(events, plan.currency, plan.currency_exponent), relations
        )
    at = as_of or latest(
        (("exposures", shown, "exposed_at"), ("conversions", events, "occurred_at"))
    )
    if at is None:
        # times without a zone are refused by name when facts are built; here there is none at all
        relation, way_out = "exposures", "without any fact, give as_of"
        raise MissingRelation(relation, way_out)
    return analyse_facts(facts, plan, at, ended_at=said.get("ended_at"))


def analyse_facts(
    facts: Facts, plan: AnalysisPlan, as_of: datetime, *, ended_at: datetime | None = None
) -> Analysis:
    """Analyse facts that are checked already, by a plan that is complete.

    Args:
        facts: In memory or in files.
        plan: What was fixed beforehand.
        as_of: The analysis time, aware; it also stands for the time of computation.
        ended_at: When enrolment ended; `None` while it goes on.
    """
    aggregates = aggregate(facts, plan, as_of)
    scorecard = assemble_scorecard(
        plan, aggregates, computed_at=as_of.astimezone(UTC), ended_at=ended_at
    )
    return Analysis(scorecard, aggregates)


def _plan(
    exposures: pa.Table,
    conversions: pa.Table,
    metrics: Metric | Sequence[Metric],
    control: str,
    said: Said,
) -> AnalysisPlan:
    options = Options(**{k: said[k] for k in SaidOptions.__annotations__ if k in said})  # type: ignore[literal-required] # its own keys
    variants = variants_of(exposures, "exposures", "variant")
    currencies = [said["currency"]] if "currency" in said else list(only(conversions, "currency"))
    if len(currencies) > 1:
        way_out = "say which one counts; the others are left out and found"
        raise InvalidPlan(currencies, field="currency", expected=way_out)
    return plan_of(
        metrics,
        options,
        variants=variants,
        control=control,
        currency=currencies[0] if currencies else NO_CURRENCY,
        basis=Basis.ASSIGNED if "assignments" in said else Basis.EXPOSED,
        household="unit_members" in said,
    )


def _tables(exposures: pa.Table, conversions: pa.Table, relations: dict[str, Source]) -> FactTables:
    extra = {name: as_arrow(source, name) for name, source in relations.items()}
    return FactTables(exposures_of(exposures), conversions, **extra)


__all__ = ["Relations", "Said", "analyse", "analyse_facts", "decimals"]
