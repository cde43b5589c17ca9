"""The report: a scorecard for people, as a self-contained page, and for programs, as tidy CSV.

`compose` decides what the page says, `formatting` alone turns numbers into text, `drawing` draws,
and the template in `app/templates/report/` places what it is given. Nothing here computes: every
number comes from the scorecard.
"""

from app.report.html import render_html
from app.report.tidy import render_csv
from app.report.view import CampaignBrief, Goal, ReportView

__all__ = ["CampaignBrief", "Goal", "ReportView", "render_csv", "render_html"]
