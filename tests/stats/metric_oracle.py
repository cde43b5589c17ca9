"""Values of metrics by a plain loop in exact fractions, which shares no code with the product."""

import json
import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np

from stats.metric import Aggregate, MetricDefinition, MetricKind, Since, Term, Window
from tests.stats.facts import START, Conversion, Exposure

Events = list[Conversion]


def as_number(value: object) -> Fraction | None:
    """Read a property as a number with four decimals; nothing that is none."""
    if value is None or isinstance(value, bool | list | dict):
        return None
    if not re.fullmatch(r"-?\d{1,13}(\.\d{1,40})?([eE]-\d{1,2})?", str(value), re.ASCII):
        return None
    exact = Decimal(str(value)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return Fraction(exact) if abs(exact) <= 10**12 else None


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _meets(term: Term, row: Conversion) -> bool:
    properties = row[5] or {}
    if row[1] not in term.events:
        return False
    for condition in term.where:
        value = properties.get(condition.property)
        if condition.values:
            if _text(value) not in condition.values:
                return False
            continue
        number = as_number(value)
        if number is None:
            return False
        if condition.at_least is not None and number < Fraction(condition.at_least):
            return False
        if condition.at_most is not None and number > Fraction(condition.at_most):
            return False
    return True


def event_value(term: Term, row: Conversion) -> Fraction | None:  # noqa: PLR0911 - one a rule
    """What one event adds, or nothing where it is left out."""
    amount, properties = row[3], row[5] or {}
    if term.property is not None:
        number = as_number(properties.get(term.property))
        low, high = term.lowest, term.highest
        if number is None or (low is not None and number < Fraction(low)):
            return None
        return None if high is not None and number > Fraction(high) else number
    if term.aggregate is Aggregate.MARGIN:
        if properties.get("margin_minor") is not None:
            return as_number(properties["margin_minor"])
        if properties.get("cost_minor") is not None:
            cost = as_number(properties["cost_minor"])
            return None if cost is None or amount is None else amount - cost
        if amount is None or term.rate is None:
            return None
        return amount * Fraction(term.rate)
    base = Fraction(1) if term.aggregate is Aggregate.COUNT else None
    if term.aggregate is Aggregate.AMOUNT:
        known = amount if amount is not None else term.amount_if_missing
        base = None if known is None else Fraction(known)
    if term.less_share is None or base is None:
        return base
    share = properties.get(term.less_share)
    if share is None:
        return base
    number = as_number(share)
    return None if number is None or not 0 <= number <= 1 else base * (1 - number)


def _term(
    term: Term, events: Events, first: datetime, days: tuple[int, int], zone: ZoneInfo
) -> Fraction:
    if term.aggregate is Aggregate.UNIT:
        return Fraction(1)
    start: datetime | None = first + timedelta(days=days[0])
    end = first + timedelta(days=days[1])
    if term.since is not Since.EXPOSURE:
        start = None
    if term.since is Since.BEFORE:
        end = first
    counted = [
        row
        for row in events
        if _meets(term, row) and row[2] < end and (start is None or row[2] >= start)
    ]
    if term.aggregate is Aggregate.ACTIVE_DAYS:
        return Fraction(len({row[2].astimezone(zone).date() for row in counted}))
    values = [value for row in counted if (value := event_value(term, row)) is not None]
    if term.aggregate is Aggregate.COUNT and term.property is not None:
        return Fraction(len(values))
    if term.aggregate is Aggregate.PROPERTY_MAX:
        highest = max(values, default=Fraction(0))
        return highest if term.ceiling is None else min(highest, Fraction(term.ceiling))
    return sum(values, Fraction(0))


def unit_value(
    definition: MetricDefinition,
    events: Events,
    first: datetime,
    window: Window,
    zone: ZoneInfo,
) -> tuple[Fraction, Fraction]:
    """Numerator and denominator of one unit whose window has closed."""
    days = (window.start_days, window.end_days)

    def total(terms: tuple[Term, ...]) -> Fraction:
        found = Fraction(0)
        for term in terms:
            times = Fraction(term.factor)
            if definition.horizon_days is not None and term.aggregate is not Aggregate.UNIT:
                ahead = Decimal(definition.horizon_days) / Decimal(window.days)
                times *= Fraction(round(ahead, 4))
            found += term.sign * times * _term(term, events, first, days, zone)
        return found

    y, d = total(definition.numerator), total(definition.denominator)
    if definition.kind is MetricKind.PROPORTION:
        y = Fraction(int((y > 0) != definition.absence))
    return y, d


SCORES: tuple[object, ...] = (
    0,
    3,
    6,
    6.5,
    7,
    9,
    10,
    "9",
    "ten",
    None,
    11,
    -1,
    True,
    1e-05,
    4.33335,
)
SHARES: tuple[object, ...] = (0, 0.25, 0.33335, 1, 1.2, -0.1, "0.5", "half", None, 2.5e-05)
MONEY: tuple[object, ...] = (0, 1234, 99_999, -500, 12.5, "300", "free", None, 10**15)


def random_events(  # noqa: C901 - one branch an event
    seed: int, members: int = 60
) -> tuple[list[Exposure], Events]:
    """Exposures and every event that built-in metrics read, sound and malformed alike."""
    rng = np.random.default_rng(seed)
    names = [f"會員{i}" for i in range(members)]
    exposures = [
        (name, ["control", "B"][int(rng.integers(2))], START + timedelta(days=int(rng.integers(9))))
        for name in names
    ]

    def one(values: tuple[object, ...]) -> object:
        return values[int(rng.integers(len(values)))]

    def properties(event: str) -> dict[str, object]:  # noqa: PLR0911 - one an event
        match event:
            case "order" | "refund":
                kind = int(rng.integers(4))
                found: dict[str, object] = {}
                if kind in (1, 3):
                    found["margin_minor"] = one(MONEY)
                if kind in (2, 3):
                    found["cost_minor"] = one(MONEY)
                return found
            case "reward_issue" | "reward_reverse":
                return {"breakage": one(SHARES)} if rng.random() < 0.8 else {}
            case "progress":
                return {"covered": one(SHARES)}
            case "points":
                moved = ("earn", "burn", "expire", "other")
                return {"movement": one(moved), "points": one((*MONEY, 10, 20, 30.25))}
            case "survey_response":
                return {"survey": one(("nps", "csat", "other")), "score": one(SCORES)}
            case "tier_change":
                return {"to": one(("gold", "silver")), "cause": "offer"}
            case _:
                return {}

    paid = {"order", "refund", "reward_issue", "reward_reverse", "contact_sent"}
    kinds = (
        "order", "order", "order", "refund", "reward_issue", "reward_reverse", "reward_redeem",
        "contact_sent", "progress", "points", "points", "points", "survey_response", "tier_change",
        "opt_out", "service_contact", "activity", "referral", "offer_click", "offer_claim",
    )  # fmt: skip
    events: Events = []
    for _ in range(members * 90):
        event = kinds[int(rng.integers(len(kinds)))]
        amount = int(rng.integers(1, 10**6)) if event in paid and rng.random() < 0.9 else None
        at = START + timedelta(days=int(rng.integers(-200, 220)), hours=int(rng.integers(24)))
        events.append(
            (
                names[int(rng.integers(members))],
                event,
                at,
                amount,
                None if amount is None else "TWD",
                properties(event) or None,  # type: ignore[arg-type] # any JSON, not only text
            )
        )
    return exposures, events
