"""What an audit of logged exposures found: counts, and a few ids; no engine."""

from dataclasses import dataclass
from enum import StrEnum


class Disagreement(StrEnum):
    """Why a logged exposure is not what the rule gives; the first that applies."""

    HELD_OUT = "held_out"  # kept from every campaign, or from all of the layer
    OUTSIDE_LAYER = "outside_layer"  # the unit belongs to another campaign of the layer
    NOT_ADMITTED = "not_admitted"  # beyond the traffic share
    WRONG_VARIANT = "wrong_variant"  # the split gives another variant


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Exposures that disagree with the rule in one way.

    Attributes:
        logged: The variant that was logged.
        recomputed: The variant that the split gives this unit's slot.
        kind: Why they disagree.
        units: Units concerned.
        exposures: Their exposures logged with that variant.
        examples: A few of their ids, the lowest first.
    """

    logged: str
    recomputed: str
    kind: Disagreement
    units: int
    exposures: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditCounts:
    """The outcome of an audit.

    Attributes:
        units: Pairs of unit and logged variant that were recomputed: units, as long as none was
            seen in two variants.
        exposures: Exposures that were recomputed.
        disagreements: What did not agree, the kinds in order, most units first.
        erased: Pairs of erased members, which were left out: a pseudonym says nothing.
    """

    units: int
    exposures: int
    disagreements: tuple[AuditRow, ...]
    erased: int = 0


@dataclass(frozen=True, slots=True)
class NotAudited:
    """Why there was nothing to recompute by: "the split was made elsewhere"."""

    reason: str
