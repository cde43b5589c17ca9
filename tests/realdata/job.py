"""The main job, from members to scorecard, over HTTP: everything is sent, then sent once more."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, table

from experiments.store.engine import open_engine
from tests.realdata.campaigns import EXPOSED_AT, FACTOR, PROGRAMME
from tests.realdata.installation import installed
from tests.realdata.invoices import Invoice, Shop, to_pence
from tests.realdata.sender import Answer, Client, in_batches, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.realdata.installation import Installation
    from tests.realdata.invoices import Customer

BATCH: Final = 1_000
ALONE: Final = 25
"""So many events are sent one by one, as a frontend does; the others go in batches."""

FACTS: Final = ("members", "assignments", "exposures", "conversions", "grants", "quarantine")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the events that were sent."""

    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0

    def __str__(self) -> str:
        """Give the counts in words."""
        return (
            f"{self.accepted} accepted, {self.duplicates} duplicates, "
            f"{self.quarantined} quarantined"
        )

    def plus(self, answer: Answer) -> Receipt:
        """Add what an answer says."""
        return Receipt(
            self.accepted + answer.body["accepted"],
            self.duplicates + answer.body["duplicates"],
            self.quarantined + answer.body["quarantined"],
        )


@dataclass(frozen=True, slots=True)
class Sending:
    """What one sending of everything brought about.

    Attributes:
        offers: Per member, the answer to the request for the offer.
        history: What became of the orders and refunds before the campaign.
        exposures: What became of the exposures.
        conversions: What became of the orders and refunds since.
        rows: Rows per table afterwards.
        scorecard: Read afterwards.
    """

    offers: Mapping[str, dict[str, Any]]
    history: Receipt
    exposures: Receipt
    conversions: Receipt
    rows: Mapping[str, int]
    scorecard: Answer

    @property
    def variants(self) -> dict[str, str]:
        """The variant of each member who got one."""
        return variants_of(self.offers)


@dataclass(frozen=True, slots=True)
class Observed:
    """What a whole run brought about."""

    first: Sending
    second: Sending
    seconds: float


@dataclass(frozen=True, slots=True)
class Job:
    """One run: a shop, a campaign, perhaps a planted effect, and where progress is told."""

    shop: Shop
    campaign: dict[str, Any]
    tell: Callable[[str], None]
    planted_variant: str | None = None

    def run(self, database_url: str, log: Path) -> Observed:
        """Do everything, twice, in a database without tables."""
        began = time.monotonic()
        with installed(database_url, log) as installation:
            self.tell(f"Tierlift listens on port {installation.port}")
            self._launch(installation)
            first = self._send_everything(installation, database_url)
            self.tell("the same once more")
            second = self._send_everything(installation, database_url)
        seconds = time.monotonic() - began
        self.tell(f"done in {seconds:.0f} s")
        return Observed(first, second, seconds)

    def _launch(self, installation: Installation) -> None:
        with Client(installation.port, installation.operator) as operator:
            operator.put("/v1/programme", PROGRAMME)
            operator.post("/v1/campaigns", self.campaign)
            # all events are sent after the launch, as a new installation would
            allowed = {"allow_unseen_events": True}
            launched = operator.post(f"/v1/campaigns/{self.campaign['key']}/launch", allowed)
        self.tell(f"campaign {self.campaign['key']} is {launched.body['state']}")

    def _send_everything(self, installation: Installation, database_url: str) -> Sending:
        with (
            Client(installation.port, installation.frontend) as frontend,
            Client(installation.port, installation.backend) as backend,
            Client(installation.port, installation.analyst) as analyst,
        ):
            in_threads(lambda member: _put(backend, member), self.shop.members)
            self.tell(f"{len(self.shop.members)} members sent")
            history = _send(backend, "/v1/conversions", _conversions(self.shop.earlier))
            self.tell(f"earlier orders and refunds: {history}")
            answers = in_threads(lambda member: self._ask(frontend, member), self.shop.members)
            offers = {answer["member_id"]: answer for answer in answers}
            variants = variants_of(offers)
            self.tell(f"{len(offers)} offers fetched, {len(variants)} members have a variant")
            exposures = _send(frontend, "/v1/exposures", self._exposures(variants))
            self.tell(f"exposures: {exposures}")
            later = [self._planted(invoice, variants) for invoice in self.shop.later]
            conversions = _send(backend, "/v1/conversions", _conversions(later))
            self.tell(f"orders and refunds: {conversions}")
            scorecard = analyst.get(f"/v1/campaigns/{self.campaign['key']}/scorecard")
        self.tell(f"scorecard {scorecard.body['state']}: {scorecard.body['snapshot_hash']}")
        rows = count_rows(database_url)
        return Sending(offers, history, exposures, conversions, rows, scorecard)

    def _ask(self, frontend: Client, member: Customer) -> dict[str, Any]:
        path = f"/v1/members/{member.member_id}/offer?campaign={self.campaign['key']}&locale=en"
        return frontend.get(path).body

    def _exposures(self, variants: Mapping[str, str]) -> list[dict[str, Any]]:
        return [
            {
                "exposure_id": f"seen-{member_id}",
                "campaign": self.campaign["key"],
                "variant": variant,
                "member_id": member_id,
                "occurred_at": EXPOSED_AT.isoformat(),
            }
            for member_id, variant in variants.items()
        ]

    def _planted(self, invoice: Invoice, variants: Mapping[str, str]) -> Invoice:
        planted = self.planted_variant is not None
        in_variant = variants.get(invoice.customer) == self.planted_variant
        if planted and in_variant and not invoice.is_cancellation:
            return replace(invoice, amount=to_pence(invoice.amount * FACTOR))
        return invoice


def variants_of(offers: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Give the variant of each member who got one."""
    return {one: offer["variant"] for one, offer in offers.items() if offer["variant"]}


def _conversions(invoices: Sequence[Invoice]) -> list[dict[str, Any]]:
    return [
        {
            "conversion_id": invoice.number,
            "member_id": invoice.customer,
            "event": "refund" if invoice.is_cancellation else "order",
            "occurred_at": invoice.at.isoformat(),
            "amount": str(invoice.amount),
            "currency": "GBP",
        }
        for invoice in invoices
    ]


def _put(backend: Client, member: Customer) -> None:
    attributes = {
        "tier": member.tier,
        "country": member.country,
        "market": member.market,
        "orders_before": member.orders_before,
    }
    backend.put(f"/v1/members/{member.member_id}", {"attributes": attributes})


def _send(client: Client, path: str, events: Sequence[dict[str, Any]]) -> Receipt:
    receipt = Receipt()
    for event in events[:ALONE]:
        receipt = receipt.plus(client.post(path, event))
    batches = in_batches(events[ALONE:], BATCH)
    for answer in in_threads(lambda batch: client.post(path, batch), batches):
        receipt = receipt.plus(answer)
    return receipt


def count_rows(database_url: str) -> dict[str, int]:
    """Count what the database keeps, past the API."""
    engine = open_engine(database_url)
    try:
        with engine.connect() as connection:
            return {
                name: connection.scalar(select(func.count()).select_from(table(name))) or 0
                for name in (*FACTS, "scorecards")
            }
    finally:
        engine.dispose()
