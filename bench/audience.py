"""How long it takes to count an audience, by how many members there are.

    python -m bench.audience [MEMBERS]

Members are made in DuckDB, where the count runs: copying them there out of a store takes what
`bench/assign.py` says of reading members, and comes on top.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from decimal import Decimal

from experiments.bulk.assigning import opened
from experiments.bulk.counting import MemberCounter, as_if_running
from experiments.bulk.deciding import Decision
from experiments.bulk.member_relations import MEMBERS, MemberRelation
from experiments.campaign import Campaign, CampaignDesign, State
from experiments.catalogue import compile_catalogue
from experiments.programme import Programme

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RULES = {
    "any_of": [
        {
            "all_of": [
                {"attribute": "tier", "operator": "ONE_OF", "value": ["silver", "gold"]},
                {"attribute": "distance_to_next_minor", "operator": "LTE", "value": 500_000},
                {"attribute": "region", "operator": "NOT_ONE_OF", "value": ["KR"]},
            ]
        }
    ]
}


def design(key: str) -> Campaign:
    """Give a draft with rules, a layer and a traffic share."""
    document = {
        "key": key,
        "traffic_share": Decimal("80.00"),
        "layer": {"key": "home", "share": Decimal("40.00")},
        "audience": RULES,
        "variants": [
            {"key": "control", "planned_share": Decimal("50.00")},
            {"key": "gift", "planned_share": Decimal("50.00")},
        ],
    }
    return Campaign(CampaignDesign.model_validate(document), State.DRAFT, NOW, NOW)


def main() -> None:
    """Make members, count them, and print how long each took."""
    members = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    programme = Programme.model_validate(
        {
            "time_zone": "Asia/Taipei",
            "currency": "TWD",
            "tiers": [{"key": key} for key in ("bronze", "silver", "gold", "diamond")],
            "layers": [{"key": "home", "holdout_share": Decimal("5.00")}],
            "holdout_share": Decimal("2.00"),
        }
    )
    drafts = [design("gold-q3"), design("other")]
    running = [as_if_running(one, (), NOW) for one in drafts]
    compiled = compile_catalogue(programme, running, revision=0).campaigns
    with opened() as connection:
        began = time.perf_counter()
        connection.execute(
            f"CREATE TABLE {MEMBERS} AS SELECT 'm-' || i AS member_id, "  # noqa: S608  # our own
            "(i % 20 <> 0)::INT AS consent, NULL::VARCHAR AS household_id, "
            "'{\"tier\": \"' || ['bronze','silver','gold','diamond'][1 + i % 4] || '\", "
            "\"region\": \"' || ['TW','JP','KR'][1 + i % 3] || '\", "
            "\"distance_to_next_minor\": ' || hash(i) % 2000000 || '}' AS attributes "
            f"FROM range({members}) t(i)"
        )
        print(f"members made in {time.perf_counter() - began:.1f} s")
        relation = MemberRelation(
            MEMBERS, "member_id", "member_id", "consent = 1", "household_id",
            ", attributes AS attributes", "attributes",
        )  # fmt: skip
        counter = MemberCounter(connection, relation)
        began, spent = time.perf_counter(), time.process_time()
        groups = counter.count(Decision(compiled["gold-q3"], NOW), tiers=programme.ladder.keys())
        counted, spent = time.perf_counter() - began, time.process_time() - spent
        began = time.perf_counter()
        shared = counter.shared(Decision(compiled["other"], NOW))
        print(
            f"{members:,} members counted in {counted:.1f} s ({spent:.1f} s of processors), "
            f"{len(groups)} groups; "
            f"overlap of {shared:,} with another campaign in {time.perf_counter() - began:.1f} s"
        )


if __name__ == "__main__":
    main()
