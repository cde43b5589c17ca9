"""The documents that are sent: the programme, the A/A/A campaign, the one with a planted effect."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

EXPOSED_AT: Final = datetime(2011, 6, 1, tzinfo=ZoneInfo("Europe/London"))
WINDOW_DAYS: Final = 200
"""Longer than the 191.5 days from the exposures to the last invoice."""

TIERS: Final = {"bronze": 0, "silver": 300, "gold": 1_000, "platinum": 3_000}
"""Tiers and the spend in pounds that admits to them, lowest first."""

SHARES: Final = {"control": "33.34", "same-b": "33.33", "same-c": "33.33"}
AAA: Final = "aaa"

PLANTED: Final = "plus-twenty"
PLANTED_VARIANT: Final = "same-b"
FACTOR: Final = Decimal("1.2")
"""What each order of the planted variant is multiplied by, then rounded to pence, half up."""

_OFFER: Final = {
    "kind": "discount",
    "percent": 5,
    "unit_cost_minor": 0,
    "currency": "GBP",
    "texts": {"en": {"title": "5 % off your next order"}},
}

PROGRAMME: Final[dict[str, Any]] = {
    "name": "UK online gift shop",
    "time_zone": "Europe/London",
    "currency": "GBP",
    "locales": ["en"],
    "tiers": [
        {"key": tier, "entry_threshold_minor": 100 * pounds} for tier, pounds in TIERS.items()
    ],
}

EARLIER_ORDERS: Final[dict[str, Any]] = {
    "key": "earlier_orders",
    "days": 90,
    "numerator": [{"events": ["order"]}],
}
_PURCHASE_FREQUENCY: Final[dict[str, Any]] = {
    "metric": "purchase_frequency",
    "role": "diagnostic",
    "covariates": [{"key": "earlier_orders", "days": 90}],
}
_SPEND_PER_MEMBER: Final[dict[str, Any]] = {
    "metric": "spend_per_member",
    "role": "diagnostic",
    "cap": {"percentile": 0.99},
    "covariates": [{"key": "earlier_spend", "days": 90}, EARLIER_ORDERS],
}

_OF_TIMES: Final[list[dict[str, Any]]] = [
    {"metric": "large_basket_p90", "role": "diagnostic"},
    {"metric": "repurchase_interval", "role": "diagnostic", "window_days": 180},
]

_DESIGN: Final[dict[str, Any]] = {
    "owner": "anna",
    "starts_at": EXPOSED_AT.isoformat(),
    "variants": [
        {"key": key, "planned_share": share, "offer": _OFFER} for key, share in SHARES.items()
    ],
    "conversion_window_days": WINDOW_DAYS,
    "funnel": ["order", "refund"],
    "analysis": {
        "segments": [
            {"key": "market", "minimum_units": 50},
            {"key": "tier", "minimum_units": 50},
        ]
    },
}

AAA_CAMPAIGN: Final[dict[str, Any]] = {
    **_DESIGN,
    "key": AAA,
    "name": "The same offer three times",
    "hypothesis": "Three variants that are the same do not differ.",
    "metrics": [
        {"metric": "repurchase_rate", "role": "oec"},
        _PURCHASE_FREQUENCY,
        _SPEND_PER_MEMBER,
        {
            "metric": "average_order_value",
            "role": "diagnostic",
            "covariates": [{"key": "earlier_value", "days": 90}],
        },
        {"metric": "refund_rate", "role": "guardrail", "margin": 0.1},
        *_OF_TIMES,
    ],
}

PLANTED_CAMPAIGN: Final[dict[str, Any]] = {
    **_DESIGN,
    "key": PLANTED,
    "name": "A fifth more on every order of one variant",
    "hypothesis": "Orders grow by a fifth, their number does not change.",
    # Whoever stands on the highest tier cannot climb, so the offer is not for them. It is also
    # what makes a fifth detectable: see the page.
    "audience": {
        "any_of": [
            {"all_of": [{"attribute": "tier", "operator": "NOT_ONE_OF", "value": ["platinum"]}]}
        ]
    },
    "metrics": [
        {"metric": "average_order_value", "role": "oec"},
        {"metric": "repurchase_rate", "role": "diagnostic"},
        _PURCHASE_FREQUENCY,
        _SPEND_PER_MEMBER,
        {"metric": "refund_rate", "role": "diagnostic"},
        *_OF_TIMES,
    ],
}
