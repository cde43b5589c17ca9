"""Says which tables there are and what each row means; `migrations/` makes them.

Facts (exposures, conversions, moves of grants) are append-only. They have no foreign key to
members, since a fact may arrive before its member does. Checks repeat the domain's rules only
where a wrong row would spoil a result or mean different things on the two databases: SQLite
ignores the length of a VARCHAR, and reading facts relies on ids that are never empty.

Every fact and every assignment carries the number of the transaction that wrote it (`written_by`),
by which the archive asks for what is new; `experiments.store.arrivals` says why by that.
"""

from __future__ import annotations

from experiments.store.tables.administration import (
    api_keys,
    archives,
    signing_secrets,
    write_counter,
)
from experiments.store.tables.campaign import (
    campaign_moves,
    campaigns,
    catalogue_state,
    enrolments,
    phases,
)
from experiments.store.tables.columns import (
    ID_LENGTH,
    KEY_LENGTH,
    OFFER_ID_LENGTH,
    WRITTEN_BY,
    WritingTransaction,
    metadata,
)
from experiments.store.tables.facts import (
    assignments,
    conversions,
    exposure_folding,
    exposures,
    first_exposures,
    quarantine,
)
from experiments.store.tables.member import members, programme, programme_runs
from experiments.store.tables.people import audit_entries, sign_ins, users
from experiments.store.tables.preparing import approvals, checklist_ticks, form_drafts
from experiments.store.tables.privacy import access_log, erased_members, erasures, opt_outs
from experiments.store.tables.publishing import memos, share_links
from experiments.store.tables.results import analysis_marks, metrics, scorecards
from experiments.store.tables.rewards import budgets, exhaustions, grant_moves, grants
from experiments.store.tables.webhooks import (
    webhook_deliveries,
    webhook_endpoints,
    webhook_messages,
)

__all__ = [
    "ID_LENGTH",
    "KEY_LENGTH",
    "OFFER_ID_LENGTH",
    "WRITTEN_BY",
    "WritingTransaction",
    "access_log",
    "analysis_marks",
    "api_keys",
    "approvals",
    "archives",
    "assignments",
    "audit_entries",
    "budgets",
    "campaign_moves",
    "campaigns",
    "catalogue_state",
    "checklist_ticks",
    "conversions",
    "enrolments",
    "erased_members",
    "erasures",
    "exhaustions",
    "exposure_folding",
    "exposures",
    "first_exposures",
    "form_drafts",
    "grant_moves",
    "grants",
    "members",
    "memos",
    "metadata",
    "metrics",
    "opt_outs",
    "phases",
    "programme",
    "programme_runs",
    "quarantine",
    "scorecards",
    "share_links",
    "sign_ins",
    "signing_secrets",
    "users",
    "webhook_deliveries",
    "webhook_endpoints",
    "webhook_messages",
    "write_counter",
]
