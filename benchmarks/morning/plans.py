"""What each customer of the morning is going to do, and what each says. Pure.

Words to people carry a mark ("c017.2"), so that each is known wherever it turns up.
"""

import random
import re
from dataclasses import dataclass
from enum import StrEnum

TELEGRAM_SHARE = 0.6
CHINESE_SHARE = 0.4
MARK = re.compile(r"\bc\d{3}\.\w+")
REFERENCE = re.compile(r"\b[A-Z][a-z]+-\d{3}-\d+\b")
"""Of an agent's reply: who wrote it, to whom, and which it is."""
LAST = "end"


class Way(StrEnum):
    """How a customer's morning goes."""

    ASKS = "asks"
    """Asks the bot, and is content with it."""
    TALKS = "talks"
    """Asks the bot, then for a person, and talks with them."""
    CANCELS = "cancels"
    """Asks for a person, and would rather not wait."""
    BLOCKS = "blocks"
    """Asks for a person, and blocks the bot."""
    IS_LATE = "is_late"
    """Asks for a person when all agents have gone."""


ONE_ROUND = (Way.TALKS, Way.ASKS, Way.TALKS, Way.ASKS, Way.CANCELS, Way.TALKS, Way.ASKS, Way.BLOCKS,
             Way.TALKS, Way.ASKS)  # fmt: skip
LATE_ONE_IN = 40

QUESTIONS = {
    "en": (
        "how long does delivery take?",
        "how can I track my parcel",
        "what do you charge for delivery",
        "can I change the delivery address?",
        "how do I return something",
        "when do I get my money back?",
        "is the oak table solid wood or veneer, and who made it?",
        "which ways to pay are there?",
        "my voucher code does not work",
        "do you have a shop where I can try the sofa?",
    ),
    "zh": (
        "多久能送到？",
        "怎么查我的包裹到哪了",
        "运费多少钱",
        "可以改收货地址吗？",
        "怎么退货",
        "退款什么时候到账？",
        "这张橡木桌是哪位师傅做的？",
        "有哪些付款方式？",
        "我的优惠码用不了",
        "有实体店可以试坐沙发吗？",
    ),
}
MATTERS = {
    "en": ("My lamp flickers since yesterday", "One of the two chairs is scratched", "It is order 4711 I think",
           "I would like a new one"),
    "zh": ("我的灯从昨天开始一直闪", "两把椅子有一把刮花了", "订单号应该是4711", "我想换一个新的"),
}  # fmt: skip
FAREWELL = {"en": "That was all, bye", "zh": "没有别的了，再见"}
PHOTO = {"en": "This is what it looks like", "zh": "这是照片"}
EDITED = {"en": "Correction: the floor lamp flickers", "zh": "更正：是落地灯在闪"}
PERSON = {"en": "talk to a person", "zh": "转人工"}
COMMENT = {"en": "Friendly and quick", "zh": "又快又好"}
NAMES = {
    "en": ("Anna", "Ben", "Clara", "David", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jack"),
    "zh": ("李娜", "王伟", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周杰", "吴芳"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One customer's morning."""

    number: int
    channel: str
    language: str
    name: str
    way: Way
    questions: tuple[str, ...]
    helped: bool
    """What they say under an answer."""
    rounds: int
    """How many words the talk with a person has before the farewell."""
    edits: bool
    sends_photo: bool
    reloads: bool
    """The page of the web chat is loaded anew amid the talk."""
    stars: tuple[int, ...]
    """Of five, aspect by aspect; empty: they give none."""
    comments: bool
    arrives: float
    """As a share of the morning."""

    def said(self, what: str | int) -> str:
        """Their words to a person: of this round, or `end`, `photo`, `edit`, `wait`."""
        matters = MATTERS[self.language]
        words = {
            LAST: FAREWELL[self.language],
            "photo": PHOTO[self.language],
            "edit": EDITED[self.language],
            "wait": matters[0],
        }
        text = words[what] if isinstance(what, str) else matters[(self.number + what) % len(matters)]
        return f"{text} (c{self.number:03}.{what})"


def make(customers: int, seed: int) -> list[Plan]:
    """So many customers, in the order in which they come; the late ones last."""
    chance = random.Random(seed)
    late = max(1, customers // LATE_ONE_IN)
    plans = [_plan(number, customers, late, chance) for number in range(customers)]
    return sorted(plans, key=lambda plan: plan.arrives)


def _plan(number: int, customers: int, late: int, chance: random.Random) -> Plan:
    on_telegram = (number * 7 % 10) < TELEGRAM_SHARE * 10
    language = "zh" if (number * 3 % 10) < CHINESE_SHARE * 10 else "en"
    way = Way.IS_LATE if number >= customers - late else ONE_ROUND[(number // 3) % len(ONE_ROUND)]
    if way is Way.BLOCKS and not on_telegram:
        way = Way.TALKS
    names = NAMES[language]
    return Plan(
        number=number,
        channel="telegram" if on_telegram else "web",
        language=language,
        name=f"{names[number % len(names)]} {number:03}",
        way=way,
        questions=tuple(chance.sample(QUESTIONS[language], chance.randint(1, 2))),
        helped=chance.random() < 0.8,
        rounds=chance.randint(1, 2),
        edits=on_telegram and chance.random() < 0.3,
        sends_photo=chance.random() < 0.3,
        reloads=not on_telegram and chance.random() < 0.3,
        stars=tuple(chance.choice((2, 4, 5, 5)) for _ in range(3)) if chance.random() < 0.7 else (),
        comments=chance.random() < 0.5,
        arrives=1.0 if way is Way.IS_LATE else chance.random() * 0.95,
    )
