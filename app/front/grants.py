"""Takes in orders for rewards: what came is read, settled, and answered order by order.

What is answered as accepted is committed. An order that is refused is not kept anywhere: the answer
says why, and `/metrics` counts it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import orjson

from app.errors import field_error
from app.front.arriving import MULTI_STATUS, OK, arriving
from app.front.events_body import UnreadableLine
from app.front.exchange import Reply
from experiments.errors import InvalidValues
from experiments.grant import Action
from experiments.granting import GrantOutcome, settle_grants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.front.desk import Desk
    from app.front.events_body import EventsBody
    from app.front.exchange import Call
    from experiments.granting import GrantResult

GRANTS: Final = "/v1/grants"

_ACTIONS: Final = frozenset(str(action) for action in Action)
_NO_ACTION: Final = "unknown"


def order_grants(desk: Desk, call: Call) -> Reply:
    """Settle the orders of a request.

    Raises:
        Overloaded: This process has as much in work as it takes on.
        UnsupportedMediaType, BodyTooLarge, MalformedBody: The body cannot be read.
        InvalidValues: One object came and is no order, or the body is neither object nor list.
    """
    parts = desk.wiring
    with arriving(parts, call) as arrived:
        body = arrived.body
        try:
            results = settle_grants(
                parts.engine, parts.directory, body.items, arrived.arrival, alone=body.single
            )
        except InvalidValues:
            desk.monitor.tally.granted({(_NO_ACTION, "invalid_values"): 1})
            raise
        desk.monitor.tally.granted(_counted(body, results))
        return Reply(*_answer(_with_lines(body, results)))


def _with_lines(body: EventsBody, results: Sequence[GrantResult]) -> list[GrantResult]:
    """Say of lines that are no JSON what is wrong with the line."""
    return [
        replace(result, problems=(item.problem,)) if isinstance(item, UnreadableLine) else result
        for item, result in zip(body.items, results, strict=True)
    ]


def _counted(body: EventsBody, results: Sequence[GrantResult]) -> Counter[tuple[str, str]]:
    """Count orders by what was asked for and what became of it."""
    counts: Counter[tuple[str, str]] = Counter()
    for item, result in zip(body.items, results, strict=True):
        asked = item.get("action") if isinstance(item, dict) else None
        action = asked if isinstance(asked, str) and asked in _ACTIONS else _NO_ACTION
        refusal = result.refusal
        counts[action, str(result.outcome if refusal is None else refusal.code)] += 1
    return counts


def _answer(results: Sequence[GrantResult]) -> tuple[int, bytes]:
    counts = Counter(result.outcome for result in results)
    body = {
        "accepted": counts[GrantOutcome.ACCEPTED],
        "duplicates": counts[GrantOutcome.DUPLICATE],
        "refused": counts[GrantOutcome.REFUSED],
        "results": [
            {
                "index": result.index,
                "grant_id": result.grant_id,
                "outcome": result.outcome,
                "grant": None if result.grant is None else result.grant.values(),
                "refusal": result.refusal,
                "errors": list(map(field_error, result.problems)),
            }
            for result in results
        ],
    }
    status = MULTI_STATUS if counts[GrantOutcome.REFUSED] else OK
    return status, orjson.dumps(body, option=orjson.OPT_UTC_Z)
