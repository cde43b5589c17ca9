"""Says which page of the help tells more about a page of the console."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAN: Final = "how-to/plan-a-campaign"

HELP: Final[Mapping[str, str]] = MappingProxyType(
    {
        # the tabs of a campaign
        "results.overview": "explanation/decisions",
        "campaign_live.live": "explanation/trust-checks",
        "results.health": "explanation/trust-checks",
        "results.effects": "explanation/statistics",
        "results.funnel": "explanation/funnel",
        "results.over_time": "explanation/segments-and-time",
        "results.segments": "explanation/segments-and-time",
        "results.money": "explanation/money",
        "reports.reports": "how-to/send-a-report",
        "memo.memo": "how-to/write-a-decision-memo",
        "campaign_setup.setup": "reference/campaign-document",
        "campaign_history.history": f"{_PLAN}#changes-while-it-runs",
        # what is done to a campaign
        "approval.approval": f"{_PLAN}#checklist-and-approval",
        "launch.ask": f"{_PLAN}#launch",
        "preview.preview": "how-to/look-at-a-variant",
        "campaign_change.ask": f"{_PLAN}#changes-while-it-runs",
        "campaign_texts.ask": f"{_PLAN}#changes-while-it-runs",
        "campaign_again.ask": f"{_PLAN}#changes-while-it-runs",
        "campaign_decision.ask": "explanation/decisions",
        # the steps of the form
        "new.start": "reference/templates",
        "form.show_step/goal": _PLAN,
        "form.show_step/audience": "how-to/count-an-audience",
        "form.show_step/variants": "reference/offers",
        "form.show_step/metrics": "reference/metrics",
        "form.show_step/size": "explanation/power",
        "form.show_step/schedule": _PLAN,
        "form.show_step/checklist": f"{_PLAN}#checklist-and-approval",
        # everything else
        "calculator.calculator": "explanation/power",
        "programme.overview": "reference/programme",
        "programme.edit": "reference/programme",
        "programme.preview_thresholds": "how-to/recompute",
        "members.search": "how-to/import",
        "metrics.listing": "reference/metrics",
        "quarantine.listing": "how-to/quarantine",
        "settings.keys": "how-to/api-keys",
        "settings.webhooks": "how-to/webhooks",
        "users.everybody": "how-to/users",
    }
)
"""By blueprint and view, a step of the form with its key: page, and heading where one is meant."""


def help_for(endpoint: str, key: str) -> str:
    """Give the page of the help for a page of the console, or nothing.

    Args:
        endpoint: Of the request: ``console.results.health``.
        key: Of the step of the form, where it is one.
    """
    name = endpoint.removeprefix("console.").replace("send_step", "show_step")
    return HELP.get(f"{name}/{key}", HELP.get(name, ""))
