"""Names that Tierlift gave itself, of metrics, steps and segments: known in every language.

Whatever an operator named is shown as it was written. A name that equals one of these is taken for
it, which harms nobody.
"""

from __future__ import annotations

from typing import Final

from app.language import marked
from stats.sentence import Sentence

METRICS: Final = {
    marked("Upgrade conversion"),
    marked("Time to upgrade"),
    marked("Downgrade"),
    marked("Offer click-through"),
    marked("Offer claim"),
    marked("Repurchase rate"),
    marked("Retention D30"),
    marked("Retention D90"),
    marked("Service contact"),
    marked("Referral"),
    marked("Unsubscribe"),
    marked("Churn"),
    marked("Progress completion"),
    marked("Orders per member"),
    marked("Active days"),
    marked("Repurchase interval"),
    marked("Points redemption"),
    marked("Net promoter score"),
    marked("NPS response rate"),
    marked("Satisfaction"),
    marked("Satisfaction response rate"),
    marked("Average order value"),
    marked("Spend per member"),
    marked("Spend after the offer"),
    marked("Refund rate"),
    marked("Reward cost per member"),
    marked("Large basket p90"),
    marked("Gross margin per member"),
    marked("Contact cost per member"),
    marked("Contribution margin per member"),
    marked("CLV over 6 months"),
    marked("CLV over 12 months"),
}
DESCRIPTIONS: Final = {
    marked("Share of exposed units that reached a target tier."),
    marked("Days from first exposure to reaching a target tier."),
    marked("Share of exposed units that fell below the target tier."),
    marked("Share of exposed units that clicked the offer."),
    marked("Share of exposed units that claimed the offer."),
    marked("Share of exposed units that ordered again."),
    marked("Share of exposed units that ordered or were active from day 30 until day 36."),
    marked("Share of exposed units that ordered or were active from day 90 until day 96."),
    marked("Share of exposed units that complained or contacted service."),
    marked(
        "Share of exposed units that referred at least one person, or shared something "
        "of their own."
    ),
    marked("Share of contactable exposed units that opted out of contact."),
    marked("Share of exposed units without an order or activity."),
    marked("Share of the remaining threshold that a unit covered, at most all of it."),
    marked("Orders per exposed unit."),
    marked("Days with an order or activity, per exposed unit."),
    marked("Days from first exposure to the next order."),
    marked("Points burned, over the balance at first exposure and the points earned since."),
    marked("Mean of +100 for scores of 9 and 10, 0 for 7 and 8, -100 for 0 to 6, over answers."),
    marked("Share of exposed units that answered the question of the net promoter score."),
    marked("Mean score of satisfaction, over answers."),
    marked("Share of exposed units that answered the question of satisfaction."),
    marked("Revenue net of refunds, per order."),
    marked("Revenue net of refunds, per exposed unit (ARPU)."),
    marked(
        "Revenue net of refunds from day 30 until day 90, when an offer of 30 days is "
        "over, per exposed unit."
    ),
    marked("Refunded share of gross revenue."),
    marked(
        "Cost of rewards issued, less what is expected never to be redeemed and what "
        "was taken back, per exposed unit."
    ),
    marked("The spend net of refunds that 90 % of exposed units do not exceed."),
    marked(
        "Margin of orders net of refunds, before the cost of rewards and contact, per exposed unit."
    ),
    marked("Cost of messages sent, per exposed unit."),
    marked(
        "Margin of orders net of refunds, less the cost of rewards and of contact, per "
        "exposed unit."
    ),
    marked("Average spend per purchase times purchases a month times 6 months, per exposed unit."),
    marked("Average spend per purchase times purchases a month times 12 months, per exposed unit."),
}
STEPS: Final = {
    marked("Assigned"),
    marked("Exposed"),
    marked("Viewed the offer"),
    marked("Clicked the offer"),
    marked("Claimed the offer"),
    marked("Retained a month later"),
    marked("Upgraded"),
}
SEGMENTS: Final = {
    marked("Tier"),
    marked("tier"),
    marked("Tier at assignment"),
    marked("tier at assignment"),
}
KNOWN: Final = METRICS | DESCRIPTIONS | STEPS | SEGMENTS


def known(text: str) -> str:
    """Let a name that Tierlift gave be said in other languages; others stay plain text."""
    return Sentence(text, text) if text in KNOWN else text
