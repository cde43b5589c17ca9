"""What is named and does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.errors.fault import ExperimentError
from experiments.errors.values import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence


class UnknownKey(ExperimentError):
    """Something is named that does not exist."""

    kind = "key"

    def __init__(self, key: str, known: Sequence[str] = (), within: str = "") -> None:
        self.key = key
        self.known = tuple(known)
        place = f" in campaign {within!r}" if within else ""
        hint = f"; known: {', '.join(self.known)}" if self.known else ""
        super().__init__(f"There is no {self.kind} {shortened(key)}{place}{hint}.")


class UnknownCampaign(UnknownKey):
    """No campaign has this key."""

    kind = "campaign"


class UnknownTemplate(UnknownKey):
    """No kind of campaign to start from has this name."""

    kind = "template"


class UnknownMetricKey(UnknownKey):
    """No metric has this key."""

    kind = "metric"


class UnknownVariant(UnknownKey):
    """The campaign has no variant with this key."""

    kind = "variant"


class UnknownMember(UnknownKey):
    """No member has this id."""

    kind = "member"


class UnknownProgramme(UnknownKey):
    """Nobody has described the programme yet."""

    def __init__(self) -> None:
        ExperimentError.__init__(
            self,
            "No programme is set. Set it with `tierlift programme set FILE` or PUT /v1/programme.",
        )


class UnknownGrant(UnknownKey):
    """The ledger has no grant with this id."""

    kind = "grant"


class UnknownQuarantined(UnknownKey):
    """The quarantine has no item with this number."""

    kind = "quarantined item"


class UnknownItem(UnknownKey):
    """The checklist of the campaign has no such item."""

    kind = "item of the checklist"

    def __init__(self, campaign: str, key: str, known: Sequence[str]) -> None:
        super().__init__(key, known, within=campaign)


class UnknownApproval(UnknownKey):
    """Nobody asked for an approval of the campaign under this number."""

    kind = "request for approval"

    def __init__(self, campaign: str, number: int) -> None:
        super().__init__(str(number), within=campaign)


class UnknownDraft(UnknownKey):
    """No form of a campaign has this id, or none any more."""

    kind = "form"


class UnknownMemo(UnknownKey):
    """The campaign has no such version of a decision memo."""

    kind = "memo"


class UnknownShareLink(UnknownKey):
    """The campaign has no share link with this id."""

    kind = "share link"
