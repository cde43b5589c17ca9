"""Decides what people have to tick before a launch: what no machine can see.

Items are texts of the programme, for every campaign, and of a campaign's own document. A tick is of
a text: another text is another item, which nobody has ticked. A change of anything else in the
campaign leaves ticks as they are; whoever makes it takes back the ones that no longer hold.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from experiments.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

MAX_ITEMS: Final = 30
MAX_LENGTH: Final = 255
_KEY_LENGTH: Final = 16


def _each_once(items: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        message = f"each item stands once; {', '.join(map(repr, twice))} stands more often"
        raise ValueError(message)
    return items


ItemTexts = Annotated[
    tuple[
        Annotated[
            str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LENGTH)
        ],
        ...,
    ],
    Field(max_length=MAX_ITEMS),
    AfterValidator(_each_once),
]
"""What people have to tick, in their words."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Who said of an item that it is done, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a campaign's checklist.

    Attributes:
        key: Follows from the text.
        is_of_programme: Whether every campaign has it.
        tick: None while it is open.
    """

    key: str
    text: str
    is_of_programme: bool
    tick: Tick | None = None


def key_of(text: str) -> str:
    """Give the key of an item, the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]


def items_of(
    programme: tuple[str, ...], campaign: tuple[str, ...], ticks: Mapping[str, Tick]
) -> tuple[Item, ...]:
    """Give the items of a campaign, the programme's first; a text that both have stands once."""
    texts = dict.fromkeys([*programme, *campaign])
    return tuple(
        Item(key_of(text), text, text in programme, ticks.get(key_of(text))) for text in texts
    )


def open_items(items: tuple[Item, ...], campaign_key: str) -> Iterator[Problem]:
    """Give the items that keep a campaign from its launch."""
    for item in items:
        if item.tick is None:
            yield Problem(
                f"checklist.{item.key}",
                item.text,
                "is not ticked",
                "Tick it once it holds: on the page of the launch, with PUT "
                f"/v1/campaigns/{campaign_key}/checklist/{item.key}, or with tierlift campaign "
                f"tick {campaign_key} {item.key}.",
            )
