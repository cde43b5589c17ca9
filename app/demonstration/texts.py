"""Holds what the offers of the demonstration say, in three languages.

Traditional and Simplified Chinese are written apart, for readers in Taiwan and on the mainland:
neither is a conversion of the other.
"""

# ruff: noqa: RUF001 -- the full-width comma is how Chinese writes a comma

from __future__ import annotations

from typing import Final

from experiments.offer import Texts


def _three(
    taiwan: tuple[str, str, str], mainland: tuple[str, str, str], english: tuple[str, str, str]
) -> dict[str, Texts]:
    spoken = {"zh-Hant-TW": taiwan, "zh-Hans-CN": mainland, "en": english}
    return {
        locale: Texts(title=title, body=body, call_to_action=call)
        for locale, (title, body, call) in spoken.items()
    }


GOLD_TRIAL: Final = _three(
    (
        "金卡禮遇，先體驗 30 天",
        "即日起 30 天，免運、生日禮與優先客服通通為您開啟。體驗期間消費達門檻，金卡就一直是您的。",
        "立即體驗金卡",
    ),
    (
        "金卡礼遇，抢先体验 30 天",
        "从今天起 30 天，包邮、生日礼和优先客服全部为你开通。体验期内消费达标，金卡就归你。",
        "马上体验金卡",
    ),
    (
        "Gold, yours to try for 30 days",
        (
            "Free delivery, a birthday gift and priority service, starting today. Reach the "
            "threshold during the trial and Gold stays yours."
        ),
        "Start my trial",
    ),
)

DOUBLE_POINTS: Final = _three(
    (
        "30 天點數雙倍送",
        "接下來 30 天，每一筆消費都累積雙倍點數，離下一個等級更近一步。",
        "領取雙倍點數",
    ),
    (
        "30 天双倍积分",
        "未来 30 天，每一单都按双倍积分累计，升级快人一步。",
        "开启双倍积分",
    ),
    (
        "Double points for 30 days",
        (
            "Every order in the next 30 days earns twice the points and takes you closer to the "
            "next tier."
        ),
        "Get double points",
    ),
)

SECOND_ORDER_GIFT: Final = _three(
    (
        "這個月再買一次，帶走小禮",
        "30 天內完成下一筆訂單，港灣俱樂部就隨箱附上一份小禮，送完為止。",
        "去逛逛",
    ),
    (
        "本月再下一单，小礼随箱送",
        "30 天内完成下一笔订单，港湾俱乐部随包裹送出小礼一份，送完即止。",
        "去逛逛",
    ),
    (
        "A small gift with your next order",
        "Order again within 30 days, and the Harbour Club puts a small gift into the parcel.",
        "Have a look round",
    ),
)

UPGRADE_GIFT: Final = _three(
    (
        "升等就送隨行杯",
        "離下一個等級只差一點點。升等當天，港灣俱樂部的隨行杯就會寄到您手上。",
        "看看還差多少",
    ),
    (
        "升级就送随行杯",
        "距离下一等级只差一小步。升级当天，港湾俱乐部随行杯即刻为你寄出。",
        "查看升级进度",
    ),
    (
        "A travel mug when you move up",
        (
            "You are close to the next tier. On the day you reach it, we send you the Harbour Club "
            "travel mug."
        ),
        "See how close I am",
    ),
)

EARLY_SALE: Final = _three(
    (
        "週年慶，會員搶先 24 小時",
        "明天才開賣的週年慶，今晚八點先為您打開大門。熱門商品數量有限，先搶先贏。",
        "搶先逛週年慶",
    ),
    (
        "周年庆，会员提前 24 小时开抢",
        "周年庆明天开场，今晚八点先为你开门。爆款数量有限，手快有、手慢无。",
        "抢先看好物",
    ),
    (
        "The anniversary sale, a day early",
        (
            "The doors open tomorrow. For you they open tonight at eight, while everything is "
            "still in stock."
        ),
        "Shop before everyone",
    ),
)

WELCOME_BACK: Final = _three(
    (
        "好久不見，送您 200 元",
        "我們為您留了 200 元購物金，全站可用，七天內有效。歡迎回來逛逛。",
        "領取購物金",
    ),
    (
        "好久不见，送你 200 元",
        "200 元代金券已经放进你的账户，全场通用，七天内有效，回来看看吧。",
        "领取代金券",
    ),
    (
        "It has been a while: NT$200 for you",
        (
            "We have put NT$200 in your account, good for everything in the shop for seven days. "
            "Welcome back."
        ),
        "Use my NT$200",
    ),
)

BIRTHDAY: Final = _three(
    (
        "生日快樂，蛋糕我們請",
        "壽星當月升上銀卡或金卡，就能到任一門市兌換六吋蛋糕一個。",
        "查看兌換方式",
    ),
    (
        "生日快乐，蛋糕我们请",
        "生日当月升级到银卡或金卡，即可到任意门店领取六寸蛋糕一个。",
        "查看领取方式",
    ),
    (
        "Happy birthday: the cake is on us",
        (
            "Move up to Silver or Gold in the month of your birthday and collect a cake at any "
            "of our shops."
        ),
        "How to collect it",
    ),
)

RAFFLE: Final = _three(
    ("升等抽機票", "升等會員即可參加抽獎，獎品為雙人來回機票。", "我要抽獎"),
    ("升级赢机票", "升级会员即可参与抽奖，奖品为双人往返机票。", "参与抽奖"),
    (
        "Move up and win a flight",
        "Every member who moves up takes part in the draw for a flight for two.",
        "Take part",
    ),
)
