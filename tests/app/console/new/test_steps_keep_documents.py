"""What the form makes of a document is that document, whatever the kind of campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.console.new.form import Setting
from app.console.new.judging import judge
from app.console.new.steps import STEPS
from app.language import ENGLISH
from app.report.formatting import Formats
from experiments.templates import Template, draft_of

if TYPE_CHECKING:
    from app.wiring import Wiring
    from experiments.campaign import CampaignDesign
    from experiments.programme import Programme


def setting_of(wiring: Wiring, programme: Programme) -> Setting:
    """Give what steps need to know."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    zone = ZoneInfo(programme.time_zone)
    formats = Formats(programme.currency, 0, zone, ENGLISH.language.locale)
    now = wiring.clock()
    return Setting(programme, now, ENGLISH, formats, wiring.engine, wiring.settings)


def by_key(design: CampaignDesign) -> CampaignDesign:
    """Give a design with its metrics in an order of their own: a form keeps none."""
    metrics = tuple(sorted(design.metrics, key=lambda one: one.metric))
    return design.model_copy(update={"metrics": metrics})


@pytest.mark.parametrize("template", Template)
def test_a_template_comes_back_from_its_fields(
    template: Template, wiring: Wiring, programme: Programme
) -> None:
    """Nothing that a template says is lost or changed by being shown and sent."""
    design = draft_of(template, "spring", programme, wiring.clock()).design
    document = design.model_dump(mode="json", exclude_defaults=True)
    place = setting_of(wiring, programme)
    fields: dict[str, str] = {}
    for step in STEPS:
        fields |= step.fields(document, place)

    judged = judge(STEPS, fields, document, place)

    assert judged.design is not None, (judged.errors, judged.loose)
    assert by_key(judged.design) == by_key(design)
