"""Holds the campaigns as one process sees them, and knows when they have changed.

Whoever changes a campaign counts up a revision in the store. Reading that number is one small query
in a transaction that is needed anyway, so no process ever answers from a campaign that was changed
before its transaction began.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from experiments.campaign import UnitKind
from experiments.catalogue import Catalogue, compile_catalogue
from experiments.errors import UnknownCampaign
from experiments.store.campaigns import read_campaigns
from experiments.store.catalogue_state import read_revision
from experiments.store.exhaustions import closed_phases
from experiments.store.programme import read_programme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from experiments.campaign import Campaign
    from experiments.catalogue import CompiledCampaign
    from experiments.programme import Programme


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that is configured, at one revision.

    Attributes:
        by_household: Keys of the campaigns whose unit is the household.
    """

    programme: Programme | None
    campaigns: Mapping[str, Campaign]
    catalogue: Catalogue
    by_household: frozenset[str]

    def compiled(self, key: str) -> CompiledCampaign:
        """Give a compiled campaign.

        Raises:
            UnknownCampaign: There is none with this key.
        """
        found = self.catalogue.campaigns.get(key)
        if found is None:
            raise UnknownCampaign(key, tuple(self.campaigns))
        return found


class Directory:
    """The listing of one process; swapped as a whole, so that no reader sees half of a change."""

    def __init__(self) -> None:
        self._listing: Listing | None = None

    def current(self, connection: Connection) -> Listing:
        """Give the listing that belongs to the connection's transaction."""
        revision = read_revision(connection)
        listing = self._listing
        if listing is None or listing.catalogue.revision != revision:
            listing = _read(connection, revision)
            self._listing = listing
        return listing

    def within(self, connection: Connection) -> Listing:
        """Give the listing that belongs to a transaction which may write campaigns itself.

        What it reads anew is not kept: the transaction may be undone, and its revision come again
        with other campaigns.
        """
        revision = read_revision(connection)
        listing = self._listing
        if listing is None or listing.catalogue.revision != revision:
            return _read(connection, revision)
        return listing


def _read(connection: Connection, revision: int) -> Listing:
    programme = read_programme(connection)
    campaigns = read_campaigns(connection)
    closed = closed_phases(connection)
    return Listing(
        programme=programme,
        campaigns=MappingProxyType({campaign.key: campaign for campaign in campaigns}),
        catalogue=compile_catalogue(programme, campaigns, revision=revision, closed=closed),
        by_household=frozenset(
            campaign.key
            for campaign in campaigns
            if campaign.design.randomization_unit is UnitKind.HOUSEHOLD
        ),
    )
