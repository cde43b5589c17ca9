"""Facts and plan to aggregates: which relations are computed, in which order, and how often."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stats.aggregation import rows
from stats.aggregation.aggregates import Aggregates, TopShare
from stats.aggregation.answers import whole
from stats.aggregation.assigned_funnel import read_funnel_cells
from stats.aggregation.audit import BucketingRule, audit_exposures
from stats.aggregation.audit_counts import AuditCounts, NotAudited
from stats.aggregation.cell_groups import CellGroups
from stats.aggregation.cells import Arithmetic
from stats.aggregation.distributions import distributions
from stats.aggregation.drivers import read_driver_patterns
from stats.aggregation.duckdb_engine import DEFAULTS, DuckDBEngine, DuckDBSettings
from stats.aggregation.engine import Engine, Rows, WholeNumberOverflow
from stats.aggregation.facts import TIMES
from stats.aggregation.funnel_cells import FunnelCell
from stats.aggregation.metric_rows import PlanCells
from stats.aggregation.overlap import read_overlaps
from stats.aggregation.overlaps import Overlaps
from stats.aggregation.parameters import bound, time_text
from stats.aggregation.prepass import rank_of, share_of_rank
from stats.aggregation.statements import EVERYTHING, Detail, Known, Statements, compiled
from stats.aggregation.step_times import read_step_times
from stats.aggregation.top_shares import top_shares
from stats.aggregation.unusable_events import read_unusable
from stats.errors import InvalidPlan, MissingColumn, MissingRelation
from stats.plan import AnalysisPlan, Basis, RandomizationUnit
from stats.summary import DriverPatterns

if TYPE_CHECKING:
    from stats.aggregation.facts import Facts


def aggregate(
    facts: "Facts",
    plan: AnalysisPlan,
    as_of: datetime,
    *,
    settings: DuckDBSettings = DEFAULTS,
    detail: Detail = EVERYTHING,
    audit: BucketingRule | NotAudited | None = None,
) -> Aggregates:
    """Reduce the facts up to a time to what inference and checks need, by the embedded engine.

    Args:
        facts: Exposures of one phase, conversions, and whatever else the plan reads.
        plan: The plan of that phase.
        as_of: The analysis time, aware; later facts are ignored.
        settings: What the engine may use.
        detail: What is computed beside the sums.
        audit: The rule by which variants were assigned, by which every logged exposure is
            recomputed; or why there is nothing to recompute by; `None` where nobody asks.

    Raises:
        MissingRelation: The plan reads a relation that the facts do not have.
        MissingColumn: The relation `units` has no column for a segment of the plan.
        InvalidPlan: The analysis time has no zone.
    """
    with DuckDBEngine.over(facts, settings) as engine:
        return aggregate_on(engine, plan, as_of, detail=detail, audit=audit)


def aggregate_on(
    engine: Engine,
    plan: AnalysisPlan,
    as_of: datetime,
    *,
    detail: Detail = EVERYTHING,
    audit: BucketingRule | NotAudited | None = None,
) -> Aggregates:
    """Reduce the facts that an engine holds; any engine gives the same.

    Args:
        engine: Holds the facts.
        plan: The plan of the phase that the facts are of.
        as_of: The analysis time, aware; later facts are ignored.
        detail: What is computed beside the sums.
        audit: As in `aggregate`.

    Raises:
        MissingRelation: The plan reads a relation that the facts do not have.
        MissingColumn: The relation `units` has no column for a segment of the plan.
        InvalidPlan: The analysis time has no zone.
    """
    if as_of.tzinfo is None:
        raise InvalidPlan(as_of, field="as_of", expected="give a time with its zone")
    _check_relations(engine, plan)
    as_of = as_of.astimezone(UTC)
    audited = audit_exposures(engine, audit, as_of) if isinstance(audit, BucketingRule) else audit
    if engine.multiplies_safely:
        try:
            return _Run(engine, plan, as_of, detail, Arithmetic.INTEGERS).aggregates(audited)
        except WholeNumberOverflow:
            pass  # an amount beyond 3e9 minor units, whose square does not fit
    return _Run(engine, plan, as_of, detail, Arithmetic.DECIMALS).aggregates(audited)


def _check_relations(engine: Engine, plan: AnalysisPlan) -> None:
    required = [name for name in plan.attributes if name not in plan.dispensable_attributes]
    needed = {
        "unit_members": plan.randomization_unit is RandomizationUnit.HOUSEHOLD
        and "the unit is the household: say which member belongs to which",
        "assignments": plan.basis is Basis.ASSIGNED
        and "the basis is the assigned: hand over who was assigned what, and when",
        "units": bool(required)
        and "the plan reads attributes of units: hand over each unit's values, a column for every "
        f"one of {', '.join(required)}",
    }
    for relation, reason in needed.items():
        if reason and relation not in engine.relations:
            raise MissingRelation(relation, reason)
    for attribute in required:
        relation, present = "units", sorted(engine.relations["units"])
        if attribute not in present:
            raise MissingColumn(relation, attribute, present)


class _Run:
    """One analysis: runs the compiled relations of a plan in their order."""

    def __init__(
        self,
        engine: Engine,
        plan: AnalysisPlan,
        as_of: datetime,
        detail: Detail,
        arithmetic: Arithmetic,
    ) -> None:
        self._engine, self._plan, self._as_of, self._detail = engine, plan, as_of, detail
        self._parameters = {"as_of": time_text(as_of)}
        functions = engine.functions(plan.time_zone)
        self._sql: Statements = compiled(
            plan,
            detail,
            arithmetic,
            engine.dialect,
            functions,
            Known(
                overlaps="overlaps" in engine.relations,
                assignments="assignments" in engine.relations,
                counted=TIMES in engine.relations["exposures"],
                units=engine.relations.get("units", frozenset()),
            ),
        )

    def aggregates(self, audit: AuditCounts | NotAudited | None) -> Aggregates:
        """Compute everything."""
        plan, sql, layout = self._plan, self._sql, self._sql.layout
        spans, *others = sql.kept
        self._store(*spans)
        self._parameters |= rows.read_clock_range(self._fetch(sql.clock_range), self._as_of)
        for name, relation in others:
            self._store(name, relation)
        caps = self._caps()
        if sql.kept_cells is not None:
            self._store("cells", sql.kept_cells)
        by_segment = tuple(self._fetch(relation) for relation in sql.by_segment)
        cells = PlanCells(plan, layout, self._fetch(sql.by_day), by_segment)
        steps = self._fetch(sql.funnel) if sql.funnel is not None else ()
        taken = self._fetch(sql.step_times) if sql.step_times is not None else ()
        found = distributions(plan, sql.distributions, self._engine, self._bound)
        checked = self._detail.checks
        logged, events, crossed, unknown = (
            self._fetch(relation) if checked else ()
            for relation in (sql.logged, sql.events, sql.crossovers, sql.unknown)
        )
        return Aggregates(
            as_of=self._as_of,
            facts=rows.read_facts_range(logged, events),
            variants=rows.read_variants(plan, cells.spans, logged),
            crossovers=rows.read_crossovers(crossed),
            unknown_unit_members=rows.read_unknown_unit_members(unknown),
            events=rows.read_events(plan, events, self._engine.events_elsewhere),
            other_currencies=rows.read_other_currencies(events),
            metrics=cells.metrics(caps, self._top_shares(cells.groups), found),
            funnel=rows.read_funnel(plan, cells.spans, steps),
            units_by_day=cells.groups.units_by_day(),
            units_by_segment=cells.groups.units_by_segment(),
            event_days=rows.read_event_days(events),
            step_times=read_step_times(plan, taken) if sql.step_times is not None else (),
            funnel_cells=self._funnel_cells(steps),
            drivers=self._drivers(),
            audit=audit,
            overlaps=self._overlaps(),
            unusable=read_unusable(
                plan, self._fetch(sql.unusable) if sql.unusable is not None else ()
            ),
            money=cells.money(),
        )

    def _store(self, name: str, sql: str) -> None:
        self._engine.store(name, self._bound(sql))

    def _bound(self, sql: str) -> str:
        return bound(sql, self._parameters)

    def _funnel_cells(self, steps: Rows) -> tuple[FunnelCell, ...]:
        funnel = self._plan.funnel
        if funnel is None or not funnel.is_over_assigned:
            return ()
        return read_funnel_cells(self._plan, funnel, steps)

    def _overlaps(self) -> Overlaps | None:
        if self._sql.overlaps is None:
            return None
        oec = self._plan.oec
        scale = 1 if oec is None else oec.definition.scale
        return read_overlaps(self._fetch(self._sql.overlaps), scale=scale)

    def _drivers(self) -> DriverPatterns | None:
        oec = self._plan.oec
        if self._sql.drivers is None or oec is None:
            return None
        return read_driver_patterns(self._plan, oec, self._fetch(self._sql.drivers))

    def _fetch(self, sql: str, parameters: Mapping[str, str] | None = None) -> Rows:
        return self._engine.answer(bound(sql, {**self._parameters, **(parameters or {})}))

    def _caps(self) -> Mapping[str, int]:
        """Find where each metric with a cap is winsorised, and put it into the parameters."""
        caps = {
            metric.key: metric.cap.value
            for metric in self._sql.layout.metrics
            if metric.cap is not None and metric.cap.value is not None
        }
        units = self._fetch(self._sql.pooled_units)[0] if self._sql.pooled_units else {}
        for key, relation in self._sql.caps:
            cap, n = self._sql.layout.of(key).cap, whole(units[f"n_{key}"])
            if cap is None or cap.percentile is None or n == 0:
                self._parameters[f"cap_{key}"] = "0"
                continue
            rank = rank_of(cap.percentile, n)
            caps[key] = whole(self._fetch(relation, {"share": share_of_rank(rank, n)})[0]["value"])
            self._parameters[f"cap_{key}"] = str(caps[key])
        return caps

    def _top_shares(self, groups: CellGroups) -> Mapping[str, tuple[TopShare, ...]]:
        """Find which share of each metric's pooled total its highest units hold."""
        above = dict(self._sql.above)
        return {
            key: top_shares(self._sql.layout.of(key), groups, ranked, above[key], self._fetch)
            for key, ranked in self._sql.ranked
        }
