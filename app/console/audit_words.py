"""Names the acts and subjects of the audit log for people."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.language import marked
from experiments.auditing import SubjectKind

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "create": marked("Created"),
        "update": marked("Changed"),
        "new_phase": marked("Began a new phase"),
        "launch": marked("Launched"),
        "pause": marked("Paused"),
        "resume": marked("Resumed"),
        "stop": marked("Stopped"),
        "unschedule": marked("Unscheduled"),
        "decide": marked("Decided"),
        "archive": marked("Archived"),
        "ask_approval": marked("Asked for approval"),
        "approved": marked("Approved"),
        "refused": marked("Refused"),
        "withdrawn": marked("Took the request for approval back"),
        "tick": marked("Ticked an item of the checklist"),
        "untick": marked("Took a tick of the checklist back"),
        "assign": marked("Assigned in bulk"),
        "retention": marked("Removed what was too old"),
        "set": marked("Set"),
        "load_sample": marked("Asked for sample data"),
        "sample_loaded": marked("Loaded the sample data"),
        "sample_failed": marked("Loading the sample data ended early"),
        "delete": marked("Deleted"),
        "revoke": marked("Revoked"),
        "change_secret": marked("Changed the secret"),
        "change_role": marked("Changed the role"),
        "disable": marked("Disabled"),
        "enable": marked("Enabled again"),
        "reset_password": marked("Gave another password"),
        "change_password": marked("Changed the own password"),
        "end_sign_ins": marked("Ended the sign-ins"),
        "link_provider": marked("Linked with the identity provider"),
        "unlink_provider": marked("Unlinked from the identity provider"),
        "replay": marked("Replayed"),
        "discard": marked("Discarded"),
        "export": marked("Exported a member's data"),
        "export_many": marked("Exported rows"),
        "erase": marked("Erased"),
        "opt_out": marked("Opted out"),
        "opt_in": marked("Opted in"),
        "end_suppression": marked("Took events again"),
    }
)

SUBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        SubjectKind.CAMPAIGN: marked("Campaign"),
        SubjectKind.PROGRAMME: marked("Programme"),
        SubjectKind.METRIC: marked("Metric"),
        SubjectKind.API_KEY: marked("API key"),
        SubjectKind.USER: marked("User"),
        SubjectKind.WEBHOOK: marked("Webhook"),
        SubjectKind.OVERRIDE: marked("Override for tests"),
        SubjectKind.QUARANTINE: marked("Quarantine"),
        SubjectKind.MEMBER: marked("Member"),
        SubjectKind.EXPORT: marked("Export"),
        SubjectKind.MEMO: marked("Decision memo"),
        SubjectKind.SHARE_LINK: marked("Share link"),
    }
)
