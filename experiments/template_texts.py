"""Words of the templates: proposals that the business replaces by its own.

The two Chinese texts are written separately, never converted from one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Final[Mapping[str, str]] = {
    "limited-time-upgrade": "Limited-time upgrade",
    "points-multiplier": "Points multiplier",
    "upgrade-gift": "Upgrade gift",
    "early-access": "Early access",
    "threshold-change": "Threshold change",
    "progress-display": "Progress display",
    "dormant-wake-up": "Dormant wake-up",
}
HYPOTHESES: Final[Mapping[str, str]] = {
    "limited-time-upgrade": "Members who live with the next tier for a while do what it takes to "
    "keep it.",
    "points-multiplier": "More points for each purchase lead to more spending than they cost, and "
    "not only to purchases pulled forward.",
    "upgrade-gift": "A gift on reaching the next tier leads more members to reach it, at a cost "
    "that their margin pays for.",
    "early-access": "Members who get things earlier stay active longer.",
    "threshold-change": "A nearer threshold leads more members to climb and to stay there.",
    "progress-display": "Members who see how near they are to the next tier reach it more often.",
    "dormant-wake-up": "A lower price brings members back who have not ordered for long.",
}
TEXTS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "limited-time-upgrade": {
        "en": ("Your next tier, on trial", "Start now"),
        "zh-Hant-TW": ("限時體驗更高等級會籍", "立即體驗"),
        "zh-Hans-CN": ("限时体验更高等级会员", "马上体验"),
    },
    "points-multiplier": {
        "en": ("Double points on every purchase", "Shop now"),
        "zh-Hant-TW": ("消費點數加倍送", "前往選購"),
        "zh-Hans-CN": ("消费积分翻倍", "去逛逛"),
    },
    "upgrade-gift": {
        "en": ("A gift when you reach the next tier", "See how near you are"),
        "zh-Hant-TW": ("升等即享專屬好禮", "查看升等進度"),
        "zh-Hans-CN": ("升级即赠专属好礼", "查看升级进度"),
    },
    "early-access": {
        "en": ("Yours first", "Have a look"),
        "zh-Hant-TW": ("會員優先選購", "搶先看"),
        "zh-Hans-CN": ("会员抢先购", "抢先看看"),
    },
    "threshold-change": {
        "en": ("The next tier is nearer than before", "See what is left"),
        "zh-Hant-TW": ("升等門檻限時調降", "看看還差多少"),
        "zh-Hans-CN": ("升级门槛限时降低", "看看还差多少"),
    },
    "progress-display": {
        "en": ("You are on your way", "See your progress"),
        "zh-Hant-TW": ("離下一個等級又更近了", "查看進度"),
        "zh-Hans-CN": ("离下一等级更近一步", "查看进度"),
    },
    "dormant-wake-up": {
        "en": ("We have missed you", "Come back for 10 % less"),
        "zh-Hant-TW": ("好久不見 送您一份回購禮", "享九折優惠"),
        "zh-Hans-CN": ("好久不见 送您一份回归礼", "享九折优惠"),
    },
}
"""Title and call to action by template and locale."""
