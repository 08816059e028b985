"""How a customer's last words sound, in English and Chinese. Pure.

A short list of what people write to a service desk when they are angry, or content: enough to let the angry wait a
little less (`queueing.MOOD_POINTS`), never to decide anything else. Words are weighed -3 to 3; one that negates turns
what follows it, capitals and exclamation marks make the same words louder, as in VADER's rules (Hutto and Gilbert,
ICWSM 2014).
"""

import re
from collections.abc import Iterable
from itertools import accumulate

ENGLISH: dict[int, str] = {
    -3: "scam scammed fraud furious disgusting outrageous unacceptable appalling disgrace lawyer sue police "
    "worst ripoff pathetic useless",
    -2: "angry terrible horrible awful ridiculous hate complaint complain rude joke lied lying liar disappointed "
    "fed nobody ignored ignoring incompetent nonsense never cheated robbed stolen shame crap",
    -1: "annoying annoyed frustrating frustrated unhappy bad wrong broken problem slow late waiting failed fails "
    "fail poor sorry urgent disappointing damaged missing still again",
    1: "fine ok okay good nice please thank works solved helpful kind",
    2: "thanks great happy glad appreciate love lovely perfect excellent wonderful brilliant best",
    3: "fantastic amazing awesome superb delighted",
}
CHINESE: dict[int, str] = {
    -3: "骗子 诈骗 欺诈 投诉 报警 起诉 律师 垃圾 无耻 太过分 忍无可忍 曝光 消协 12315",
    -2: "生气 愤怒 气死 恶心 差劲 糟糕 失望 没人理 不理 敷衍 忽悠 骗人 坑人 态度差 烂 凭什么 搞什么",
    -1: "不满 不行 问题 太慢 慢 坏了 着急 急 催 错 破损 少发 漏发 没收到 怎么还 还没 麻烦",
    1: "可以 好的 不错 请 没问题 解决了",
    2: "谢谢 感谢 满意 喜欢 开心 很好 太好了 棒",
    3: "非常满意 完美 超级好 太棒了",
}
NEGATIONS = frozenset(
    {"not", "no", "isn't", "wasn't", "don't", "doesn't", "didn't", "won't", "can't", "cannot"}
)
CHINESE_NEGATIONS = "不没别"
REACH = 3
"""So many words after a negation it still turns what is said."""
TURNED = -0.74
LOUDER = 0.25
"""Per exclamation mark (three count), and for words in capitals."""
HALF = 4.0
"""The sum that counts as halfway to the end of the scale."""
LAST_COUNTS = 0.6
"""How much an earlier message counts beside the one after it."""

_WEIGHTS = {word: float(weight) for weight, words in ENGLISH.items() for word in words.split()}
_PHRASES = sorted(
    ((phrase, float(weight)) for weight, words in CHINESE.items() for phrase in words.split()),
    key=lambda row: -len(row[0]),
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[,.;:!?]", re.IGNORECASE)
_CHINESE = re.compile("|".join(phrase for phrase, _ in _PHRASES))
_CHINESE_WEIGHTS = dict(_PHRASES)


def mood(text: str) -> float:
    """-1 (furious) to 1 (delighted); 0 where no word tells anything."""
    total = _english(text) + _chinese(text)
    louder = 1 + LOUDER * min(3, text.count("!") + text.count("！"))
    total *= louder
    return total / (abs(total) + HALF)


def mood_of(texts: Iterable[str]) -> float:
    """The mood of messages, the oldest first: the last counts most."""
    told = [found for text in texts if (found := mood(text))]
    if not told:
        return 0.0
    *_, last = accumulate(told, lambda before, now: LAST_COUNTS * before + now)
    most = sum(LAST_COUNTS**n for n in range(len(told)))
    return last / most


def _english(text: str) -> float:
    """The sum of the words' weights; no negation reaches over a comma."""
    total, since_negation = 0.0, REACH + 1
    for word in _WORD.findall(text):
        lowered = word.lower()
        since_negation = since_negation + 1 if word[0].isalpha() else REACH + 1
        if lowered in NEGATIONS:
            since_negation = 0
            continue
        weight = _WEIGHTS.get(lowered, 0.0)
        if weight and word.isupper() and len(word) > 2:
            weight *= 1 + LOUDER
        total += weight * TURNED if since_negation <= REACH else weight
    return total


def _chinese(text: str) -> float:
    total = 0.0
    for found in _CHINESE.finditer(text):
        weight = _CHINESE_WEIGHTS[found[0]]
        is_turned = text[max(0, found.start() - 1) : found.start()] in tuple(CHINESE_NEGATIONS)
        total += weight * TURNED if is_turned else weight
    return total
