"""Gives what stands in the place of a member who was erased: nothing leads from one to the other.

Every id is replaced by a keyed hash under a salt that one erasure alone has. While the salt is kept
(until the archive has been rewritten, too) the same row gets the same new ids wherever it is; once
it is thrown away, nobody can make them again, not even from a list of all members.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "erased-"
"""How every pseudonym begins; an audit of assignments leaves these units out."""

_PSEUDONYM: Final = re.compile(f"{PREFIX}[0-9a-f]{{32}}")
_HEX: Final = 32

FACT_IDS: Final[Mapping[str, str]] = {
    "exposures": "exposure_id",
    "conversions": "conversion_id",
    "grants": "grant_id",
    "grant_moves": "grant_id",
}
"""The column with the id that a sender gave a fact, by table."""

MEASURED: Final = frozenset(
    {
        "margin_minor", "cost_minor", "from", "to", "cause", "covered", "movement", "points",
        "breakage", "offer_id", "campaign", "variant", "survey", "score",
    }
)  # fmt: skip
"""Properties of events that built-in metrics and money read; none says who somebody is."""

ALWAYS_KEPT: Final = frozenset({"tier"})
"""Attributes at assignment that stay in every campaign."""


def properties_read(plan: object) -> frozenset[str]:
    """Give the properties of events that the metrics of a stored analysis plan read."""
    match plan:
        case dict():
            named = {
                value
                for name, value in plan.items()
                if isinstance(name, str) and name.endswith("property") and isinstance(value, str)
            }
            return frozenset(named).union(*map(properties_read, plan.values()))
        case list() | tuple():
            return frozenset().union(*map(properties_read, plan))
        case _:
            return frozenset()


def attributes_read(plan: Mapping[str, Any] | None) -> frozenset[str]:
    """Give the attributes at assignment that a stored analysis plan cuts results by."""
    segments = (plan or {}).get("segments", ())
    return ALWAYS_KEPT | {segment["key"] for segment in segments}


def is_pseudonym(identity: str) -> bool:
    """Say whether an id is one that an erasure made."""
    return _PSEUDONYM.fullmatch(identity) is not None


def new_salt() -> str:
    """Give a salt that nobody has had."""
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What becomes of the rows of one member.

    Attributes:
        member_id: Who is erased.
        salt: Of this erasure alone.
        households: Households that have no other member, whose ids are replaced as well.
        attributes: Names of attributes that stay with an assignment, by campaign and phase.
        properties: Names of properties that stay with a conversion.
    """

    member_id: str
    salt: str = field(repr=False)
    households: frozenset[str] = frozenset()
    attributes: Mapping[tuple[str, int], frozenset[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    properties: frozenset[str] = frozenset()

    @property
    def replaced(self) -> frozenset[str]:
        """The ids of members and units that are replaced."""
        return self.households | {self.member_id}

    def identity(self, name: str) -> str:
        """Give what stands for a member, a unit or a household; others stay as they are."""
        return self._hashed("id", name) if name in self.replaced else name

    def fact_id(self, name: str) -> str:
        """Give what stands for the sender's id of a fact, which may name the member."""
        return self._hashed("fact", name)

    def attributes_kept(
        self, campaign: str, phase: int, known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Give the attributes of an assignment that results are cut by."""
        names = self.attributes.get((campaign, phase), frozenset())
        return {name: value for name, value in known.items() if name in names}

    def properties_kept(self, known: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Give the properties of a conversion that metrics read; None where there were none."""
        if known is None:
            return None
        return {name: value for name, value in known.items() if name in self.properties}

    def changes(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give the new values of a row, by column; empty where nothing of it changes.

        Args:
            table: Name of its table.
            row: With the columns that hold ids, attributes or properties; JSON as values.
        """
        changed: dict[str, Any] = {}
        for name in ("member_id", "unit_id"):
            if (known := row.get(name)) is not None and known in self.replaced:
                changed[name] = self.identity(known)
        if row["member_id"] != self.member_id:
            return changed  # of somebody else in the same household
        if (fact_id := FACT_IDS.get(table)) is not None:
            changed[fact_id] = self.fact_id(row[fact_id])
        if table == "assignments":
            kept = self.attributes_kept(row["campaign_key"], row["phase"], row["attributes"])
            changed["attributes"] = kept
        if "reason" in row:
            changed["reason"] = None  # free text
        if table == "conversions":
            changed["properties"] = self.properties_kept(row["properties"])
        return changed

    def to_json(self) -> dict[str, Any]:
        """Give it as it is kept until the erasure is complete."""
        return {
            "member_id": self.member_id,
            "salt": self.salt,
            "households": sorted(self.households),
            "attributes": [
                [campaign, phase, sorted(names)]
                for (campaign, phase), names in sorted(self.attributes.items())
            ],
            "properties": sorted(self.properties),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Pseudonyms:
        """Give what `to_json` gave."""
        return cls(
            kept["member_id"],
            kept["salt"],
            frozenset(kept["households"]),
            MappingProxyType(
                {(one, phase): frozenset(names) for one, phase, names in kept["attributes"]}
            ),
            frozenset(kept["properties"]),
        )

    def _hashed(self, purpose: str, name: str) -> str:
        text = f"{purpose}\n{name}".encode()
        return PREFIX + hmac.digest(self.salt.encode(), text, "sha256").hex()[:_HEX]
