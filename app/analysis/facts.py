"""Where an analysis reads its facts: the database, or the archive that follows it.

With an archive, the database is asked only for what arrived since the last time; everything else is
read from columns, in a stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from experiments.archive.extending import extend
from experiments.archive.place import open_place
from experiments.archive.reading import open_archive
from experiments.campaign import UnitKind
from experiments.errors import InvalidValues, Problem
from experiments.store.conversions import events_seen
from experiments.store.engine import reading
from experiments.store.facts import read_facts
from stats.plan import AnalysisPlan, Basis

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from app.settings import Settings
    from experiments.campaign import Phase
    from stats.aggregation.engines import Analysed
    from stats.aggregation.fact_archive import FactArchive

TIER: Final = "tier"
"""The attribute by which the funnel is sliced."""

ARCHIVE_WAIT_S: Final = 60.0
"""How long an analysis waits while another process adds to the archive."""


@dataclass(frozen=True, slots=True)
class FactSource:
    """What an analysis reads, and what it may use.

    Attributes:
        archive_url: The archive; empty for the database itself.
        archive_cache: Folder that files of an object store are fetched to.
        memory_limit: Such as `1GB`; None for the engine's own.
        analysis_url: Address of the engine; empty for the embedded one.
        relations: Document that declares which tables hold the facts; None for Tierlift's own.
    """

    archive_url: str = ""
    archive_cache: Path = Path("var/archive-cache")
    memory_limit: str | None = None
    analysis_url: str = ""
    relations: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> FactSource:
        """Give what the settings of this process say."""
        return cls(
            settings.archive_url,
            Path(settings.archive_cache),
            settings.analysis_memory or None,
            settings.analysis_url,
            Path(settings.analysis_relations) if settings.analysis_relations else None,
        )


DATABASE: Final = FactSource()


def facts_of(
    engine: Engine,
    campaign: str,
    phase: Phase,
    plan: AnalysisPlan,
    *,
    source: FactSource,
    now: datetime,
    as_of: datetime,
) -> Analysed:
    """Give the facts of a phase as an analysis reads them.

    Args:
        engine: The store.
        campaign: Key of the campaign.
        phase: One of its phases.
        plan: By which it is analysed.
        source: The database or an archive, which is brought up to date first.
        now: Aware UTC.
        as_of: The analysis time.

    Raises:
        StoreError: The database cannot be read.
        ArchiveError: The archive cannot be extended or read.
        InvalidValues: The document of declared tables cannot be read.
        InvalidDeclaration: It contradicts itself.
    """
    if source.relations is not None:
        return _declared(source.relations, campaign, phase.number)
    with reading(engine) as connection:
        elsewhere = events_seen(connection, plan.events, as_of)
    if source.archive_url:
        return _archived(engine, campaign, phase, plan, source, now, elsewhere)
    # Arrow takes a while to load; whoever only serves offers never pays for it.
    from stats.aggregation.facts import FactTables  # noqa: PLC0415

    read = read_facts(
        engine,
        campaign,
        phase.number,
        unit=phase.design.randomization_unit,
        events=plan.events,
        assigned=_counts_assigned(plan),
        attributes=_attributes(plan),
        as_of=as_of if as_of < now else None,
    )
    return FactTables(
        read.exposures,
        read.conversions,
        read.unit_members,
        elsewhere,
        read.assignments,
        read.units,
        read.overlaps,
    )


def _counts_assigned(plan: AnalysisPlan) -> bool:
    """Whether something is counted over all assigned, the exposed or not."""
    funnel = plan.funnel
    return plan.basis is Basis.ASSIGNED or (funnel is not None and funnel.is_over_assigned)


def _attributes(plan: AnalysisPlan) -> tuple[str, ...]:
    """Give the attributes at assignment by which anything is sliced, each once."""
    tiers = (TIER,) if plan.funnel is not None and plan.funnel.tiers else ()
    return tuple(dict.fromkeys((*plan.attributes, *tiers)))


def _archived(
    engine: Engine,
    campaign: str,
    phase: Phase,
    plan: AnalysisPlan,
    source: FactSource,
    now: datetime,
    elsewhere: frozenset[str],
) -> FactArchive:
    from stats.aggregation.fact_archive import FactArchive  # noqa: PLC0415  # as above

    extend(engine, open_place(source.archive_url), now=now, wait_s=ARCHIVE_WAIT_S)
    archive = open_archive(
        source.archive_url, cache=source.archive_cache, in_place=bool(source.analysis_url)
    )
    return FactArchive(
        exposures=archive.exposures(campaign, phase.number),
        assignments=archive.assignments(campaign, phase.number),
        conversions=archive.conversions(),
        households=archive.households(),
        events=plan.events,
        by_household=phase.design.randomization_unit is UnitKind.HOUSEHOLD,
        assigned=_counts_assigned(plan),
        segments=_attributes(plan),
        exposures_elsewhere=archive.exposures_elsewhere(campaign),
        events_elsewhere=elsewhere,
    )


def _declared(path: Path, campaign: str, phase: int) -> Analysed:
    from stats.aggregation.declared_relations import DeclaredRelations  # noqa: PLC0415  # as above

    try:
        document = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        way_out = "Name a YAML or JSON file that declares the tables."
        problem = Problem(
            "TIERLIFT_ANALYSIS_RELATIONS", str(path), f"cannot be read: {error}", way_out
        )
        raise InvalidValues([problem]) from error
    return DeclaredRelations.from_text(document).for_phase(campaign, phase)
