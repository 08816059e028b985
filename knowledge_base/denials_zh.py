"""How Chinese says that a thing is not wanted, or was not done: "不要取消", "我没有取消", "不是我取消的".

As in other languages (denials.py), what was not done counts only for acts that undo something, and "能不能不…" for
those that nobody hopes for: who asks whether it goes without registering is told so.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

_MAY_DENY: Final = re.compile("[不没别勿无未]|拒绝|反对")
_FILLER: Final = (
    r"(?:再|给我|帮我|替我|让|你们?|您|系统|自动|被|随便|擅自|轻易|真的?|现在|就|也|马上|立刻|先|去|来|要)*"
)
_ACT: Final = rf"{_FILLER}(?P<by>[把将])?(?P<act>[\u3400-\u4dbf\u4e00-\u9fff]{{1,10}})"
_WISHES: Final = re.compile(
    r"(?:(?<![要想])不(?:想|愿意?|希望|打算|准备|准|许)|(?<![要需])不要|没有?(?:想过?|要|打算|要求|让)|先不(?![要想])|(?<!是)不是(?:要|想)|勿|"
    r"(?<![特分区级识性个辨类告鉴差离有道派作])别(?![人的处家墅国名针样说提急担客扭]))"
    rf"{_ACT}"
)
_NO_NEED: Final = re.compile(rf"(?:(?<![需用])不(?:用|需要|必)|无需|用不着){_ACT}")
"""Who asks ("不用注册可以买吗") asks whether it goes without."""
_ASKS: Final = re.compile(r"[?？吗呢]|可以|能|行不行|怎么|如何")
_NO_ACTS: Final = re.compile(r"[了的紧钱脸求这那它到象像等收知用付有说是]|要|想|担心|忘|错过|丢|失去|看")
_IF: Final = re.compile(r"如果|要是|假如|万一|若|为什么|为何|怎么")
_SUPPOSES: Final = re.compile(r"如果|要是|假如|万一|若")
_AFTER_VERB: Final = re.compile(r"[我你您这那它了掉]")

_UNDOING: Final = (
    "取消|注销|销户|删除|删掉|退订|退货|撤销|撤回|撤单|关闭|关掉|停用|重置|修改|更改|更换|解绑|解约|"
    "终止|删|改"
)
_UNDO: Final = f"(?P<act>{_UNDOING})"
_UNDOES: Final = re.compile(_UNDO)
_HARM: Final = f"(?P<act>{_UNDOING}|冻结|锁定|拉黑|封)"
_ME: Final = r"(?:我们?|本人|我自己)"
_ASKED: Final = r"(?:申请|要求|点击?|操作|提交|发起|办理|主动|同意|答应|允许|授权|说过?要?)*过?"
# What was tried and failed, and the thing that bears the act's name ("我没有退货单").
_NOT_DONE: Final = (
    r"(?!成|得|掉不|不|[上完]|[单标地码运险凭通链选入按键功权原理]|"
    r".{0,8}的(?:按钮|选项|入口|权限|地方|键|办法))"
)
_UNDONE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_ME}(?:从来|从|并|根本|可|都|明明|真的?|自己|就|压根|确实|也|又)*(?:没有?|未)(?:曾|有|去|要|想)*{_ASKED}{_UNDO}{_NOT_DONE}",
        rf"从(?:来|来都)?(?:没有?|未)(?:曾|有)?{_ASKED}{_UNDO}过?{_NOT_DONE}",
        rf"不是(?:由|被)?{_ME}(?:自己|本人|亲自|要|想)*{_ASKED}{_UNDO}",
        rf"{_UNDO}.{{0,4}}不是(?:由)?{_ME}(?:自己|本人|亲自)*(?:申请|要求|操作|提交|发起|办理|点)",
        rf"(?:未经|没有?经过?|不经|[没未]征得)(?:过)?我?们?的?(?:同意|允许|许可|授权|确认).{{0,20}}?{_UNDO}",
        rf"{_UNDO}.{{0,20}}(?:未经|没有?经过?|[没未]征得)(?:过)?我?们?的?(?:同意|允许|许可|授权|确认)",
    )
)
_WITHOUT: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:能不能|可不可以|可否|能否|可以|能)(?:请|麻烦|暂时|先)*不(?:要)?(?:给我|把我的?.{{1,6}}|再)?{_HARM}",
        rf"(?:^|{_ME}|先|那|就|又|暂时|决定)不{_UNDO}.{{0,8}}了",  # 我不取消订单了
        rf"(?<![还能可要否都来肯给])不{_UNDO}.{{0,4}}了[吧啊呀哦]?$",
        rf"(?:千万|绝对|一定)不(?:能|可以?|得){_UNDO}",
        rf"(?:无权|没有?权利?|没有?资格|凭什么)(?:就|给我|把.{{1,8}})*{_UNDO}",
        rf"没有?(?:任何)?人(?:让|叫|要求|允许)(?:你们?|您)?{_UNDO}",
        rf"(?:不同意|不允许|不接受|不赞成|拒绝|反对)(?:你们?|您|被|把.{{1,8}}|给我)*{_UNDO}",
        rf"不(?:应该?|该)(?:被|给我|把.{{1,8}})?{_UNDO}",
    )
)


_ECHO: Final = re.compile(
    rf"^(?:可|但|但是|可是)?(?:{_ME}(?:又|也|可|根本|从来|从|都|真的?|明明)*没有?(?:(?:申请|同意|操作|点|弄|动)过?)?|(?:这|那|也|都)*不是{_ME}(?:自己|本人)?(?:[弄干做点]|操作|申请)?的?)"
    r"[啊呀呢吧的]?$"
)
"""A whole clause that says of what another one told that it was not done."""
_WISHED: Final = re.compile(r"想|要|帮|请|怎么|如何|能")
_HAPPENED: Final = re.compile(rf"^[^想要帮请]*{_UNDO}.{{0,6}}了$")


def asks(text: str) -> bool:
    """Whether the text asks something, by its words and marks."""
    return bool(_ASKS.search(text))


def acts(clauses: Sequence[str], *, is_question: bool) -> Iterator[str]:
    """What the clauses of a text say is not wanted, words of one or two signs; `is_question`: whether the text asks."""
    for clause in clauses:
        if _MAY_DENY.search(clause):
            yield from _acts_of(clause, is_question=is_question)
    if any(map(_ECHO.search, clauses)):
        told = (clause for clause in clauses if _HAPPENED.search(clause) or not _WISHED.search(clause))
        yield from (found["act"] for clause in told for found in _UNDOES.finditer(clause))


def undoing(clauses: Sequence[str]) -> frozenset[str]:
    """Every act that would undo something, denied or not."""
    return frozenset(found["act"] for clause in clauses for found in _UNDOES.finditer(clause))


def _acts_of(clause: str, *, is_question: bool) -> Iterator[str]:
    wishes = [*_WISHES.finditer(clause)]
    if not is_question:
        wishes += _NO_NEED.finditer(clause)
    for wish in wishes:
        if not _IF.search(clause[: wish.start()]):
            yield from _acts(wish["act"], is_object_first=bool(wish["by"]))
    for patterns, unless in ((_WITHOUT, _IF), (_UNDONE, _SUPPOSES)):
        for pattern in patterns:
            yield from (
                found["act"]
                for found in pattern.finditer(clause)
                if not unless.search(clause[: found.start()])
            )


def _acts(words: str, *, is_object_first: bool) -> set[str]:
    """The verb that follows; of "把…" any pair of signs, as the verb stands behind what is done with."""
    if is_object_first:
        return {words[n : n + 2] for n in range(len(words) - 1)}
    if _NO_ACTS.match(words):
        return set()
    return {words[0]} if len(words) == 1 or _AFTER_VERB.match(words[1]) else {words[:2]}
