"""Says what a half-filled form of a campaign is: what was typed, right or wrong, and by whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """The last change of one step.

    Attributes:
        user_id: Whose it was.
        version: Of the draft, after it.
    """

    user_id: str
    version: int


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A form that is being filled in.

    Attributes:
        user_id: Who began it.
        fields: What was typed, by the name of the field; a name begins with its step.
        base: The campaign document that it began with; what no field knows of stays as it is here.
        edits: The last change of each step that was ever saved, by the step's key.
        campaign_key: Of the campaign that it became or came from; None until there is one.
        version: Counts changes.
    """

    draft_id: str
    user_id: str
    created_at: datetime
    updated_at: datetime
    fields: Mapping[str, str]
    base: Mapping[str, Any]
    edits: Mapping[str, Edit] = field(default_factory=dict)
    campaign_key: str | None = None
    version: int = 1
