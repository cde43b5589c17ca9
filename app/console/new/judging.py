"""Makes the campaign document of what was typed, and finds the field of everything refused in it.

The rules are the domain's: the document is checked as the API would check it, then as a launch
would. A refusal that no step knows the field of is kept apart; the checklist shows it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.console.new.form import Judged
from app.console.new.sentences import said
from experiments.campaign import CampaignDesign
from experiments.document import problems_of
from experiments.launch import launch_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.console.new.form import Fields, Json, Setting
    from app.console.new.step import Step
    from experiments.errors import Problem


def document_of(steps: Sequence[Step], fields: Fields, base: Json, setting: Setting) -> Json:
    """Give the campaign document of what was typed; what no step knows stays as it was."""
    document = deepcopy(base)
    for step in steps:
        for name, value in step.document(fields, deepcopy(base), setting).items():
            if value is None:
                document.pop(name, None)
            else:
                document[name] = value
    return document


def judge(steps: Sequence[Step], fields: Fields, base: Json, setting: Setting) -> Judged:
    """Make the document and judge it."""
    document = document_of(steps, fields, base, setting)
    design, problems = _checked(document, setting)
    errors, loose = place_problems(steps, problems, fields, setting)
    for step in steps:
        for refusal in step.refusals(fields, setting):
            errors[step.key][refusal.field] = refusal.text
    return Judged(document, design, errors, loose)


def place_problems(
    steps: Sequence[Step], problems: Iterable[Problem], fields: Fields, setting: Setting
) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """Give refusals that came later, as from a launch, by step and field; and those of no field."""
    errors: dict[str, dict[str, str]] = {step.key: {} for step in steps}
    loose = []
    for problem in problems:
        sentence = said(problem, setting.words)
        found = next(
            ((s.key, at) for s in steps if (at := s.place(problem.field, fields)) is not None), None
        )
        if found is None:
            loose.append(sentence)
        else:
            errors[found[0]].setdefault(found[1], sentence)
    return errors, tuple(loose)


def _checked(document: Json, setting: Setting) -> tuple[CampaignDesign | None, tuple[Problem, ...]]:
    try:
        design = CampaignDesign.model_validate(document)
    except ValidationError as error:
        return None, problems_of(error)
    return design, tuple(launch_problems(design, setting.programme, setting.now))
