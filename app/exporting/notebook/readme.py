"""Says in a file beside a notebook what the bundle holds, and how it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.exporting.notebook.sections import Form
from app.language import marked

if TYPE_CHECKING:
    from app.language import Words
    from stats.scorecard import Scorecard

FILES = {
    "report.ipynb": marked("the notebook, for Jupyter"),
    "scorecard.json": marked("the report as it was stored"),
    "requirements.txt": marked("what the notebook needs: public packages alone"),
    "data/columns.json": marked("which column or sum belongs to which metric"),
}
ROW_FILES = {
    "data/units.csv": marked("one row per member who counts, under a pseudonym"),
    "data/funnel.csv": marked("the steps of the funnel, if there is one"),
    "data/events.csv": marked("values of single events, if a metric is over them"),
}
SUM_FILES = {"data/sums.json": marked("what members add up to, by variant, segment value and day")}


def readme_of(scorecard: Scorecard, form: Form, words: Words) -> str:
    """Give the text of the file."""
    say = words.say
    files = FILES | (ROW_FILES if form is Form.ROWS else SUM_FILES)
    privacy = (
        marked(
            "The rows are personal data: whoever has enough of them may recognise a member. "
            "Pseudonyms are made anew for each export and lead nowhere, and the export was "
            "logged. Keep the files where only those who may have them can read them, and delete "
            "them when they have served."
        )
        if form is Form.ROWS
        else marked(
            "No rows of members are in this bundle, and no group that is too small to be shown. "
            "With the permission rows:read the notebook comes with rows, and computes every figure."
        )
    )
    listed = "\n".join(f"- `{name}`: {say(text)}" for name, text in files.items())
    return "\n\n".join(
        (
            "# " + say("The report of {campaign}", campaign=scorecard.campaign),
            say("Snapshot: `{hash}`", hash=scorecard.snapshot_hash),
            listed,
            "```sh\npip install -r requirements.txt jupyterlab\njupyter lab report.ipynb\n```",
            say(privacy),
            "",
        )
    )
