"""Who says that they do not want a thing is not told how to get it; other negations are questions like others."""

import pytest

from knowledge_base.articles import Article
from knowledge_base.calibration import UNBELIEVED
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.samples import load_sample
from knowledge_base.unwanted import forbidden, is_unwanted

UNWANTED = (
    ("shop_en", "I do not want to cancel my order", "cancel-order"),
    ("shop_en", "don't cancel my order", "cancel-order"),
    ("shop_en", "please do not cancel my order!", "cancel-order"),
    ("shop_en", "I never wanted to cancel my order", "cancel-order"),
    ("shop_en", "I didn't ask you to cancel my order", "cancel-order"),
    ("shop_en", "I'd rather not cancel my order", "cancel-order"),
    ("shop_en", "I don't want my order cancelled", "cancel-order"),
    ("shop_en", "I told you not to cancel my order", "cancel-order"),
    ("shop_en", "please don't delete my account", "delete-account"),
    ("shop_en", "I don't want to unsubscribe from your newsletter", "newsletter"),
    ("payments_en", "Don’t close my account!", "close-account"),
    ("payments_en", "do not reset my password", "reset-password"),
    ("shop_zh", "我不想取消订单", "cancel-order"),
    ("shop_zh", "请不要取消订单", "cancel-order"),
    ("shop_zh", "千万别取消我的订单", "cancel-order"),
    ("shop_zh", "别把我的订单取消了", "cancel-order"),
    ("shop_zh", "不要注销我的账号", "delete-account"),
    ("payments_zh", "我不想注销账户", "close-account"),
    ("payments_zh", "别把我的账户注销了", "close-account"),
)
STILL_ANSWERED = (
    ("shop_en", "why can't I cancel my order", "cancel-order"),
    ("shop_en", "I don't know how to cancel my order", "cancel-order"),
    ("shop_en", "I don't want to keep it, cancel my order", "cancel-order"),
    ("shop_en", "how do I cancel an order I do not need", "cancel-order"),
    ("shop_en", "what if I don't want to create an account?", "create-account"),
    ("shop_en", "I don't want the lamp any more, how do I return it", "return-item"),
    ("shop_en", "I don't want your newsletter", "newsletter"),
    ("shop_en", "I did not get an order confirmation", "order-confirmation-missing"),
    ("payments_en", "I don't recognise a transaction", "unknown-transaction"),
    ("payments_en", "I don't remember my password", "reset-password"),
    ("shop_zh", "为什么不能取消订单", "cancel-order"),
    ("shop_zh", "不想注册可以买吗", "create-account"),
    ("shop_zh", "还没收到退款", "refund-status"),
    ("payments_zh", "收不到验证码", "two-factor"),
    ("payments_zh", "为什么不能注销账户", "close-account"),
)


@pytest.fixture(scope="module")
def indexes() -> dict[str, KnowledgeIndex]:
    names = {name for name, _, _ in (*UNWANTED, *STILL_ANSWERED)}
    return {name: build_index(load_sample(name)) for name in names}


@pytest.mark.parametrize(("sample", "text", "key"), UNWANTED)
def test_what_is_not_wanted_is_listed_with_its_reason(
    indexes: dict[str, KnowledgeIndex], sample: str, text: str, key: str
) -> None:
    explanation = indexes[sample].explain(text)
    decision = explanation.decision
    assert (decision.kind, explanation.rule) == ("suggest", "unwanted")
    assert decision.matches[0].article_key == key
    assert decision.confidence <= UNBELIEVED < explanation.threshold
    assert indexes[sample].decide(text) == indexes[sample].decide_many([text])[0] == decision


@pytest.mark.parametrize(("sample", "text", "key"), STILL_ANSWERED)
def test_other_negations_are_answered_as_before(
    indexes: dict[str, KnowledgeIndex], sample: str, text: str, key: str
) -> None:
    decision = indexes[sample].decide(text)
    assert (decision.kind, decision.matches[0].article_key) == ("answer", key)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I do not want you to close my account", {"close"}),
        ("we're not trying to return it", {"return"}),
        ("make sure not to block the card", {"block"}),
        ("i don't even want my card to be blocked", {"blocked"}),
        ("I don't want to be charged twice", set()),
        ("never noticed this fee until now", set()),
        ("I no longer want to be a customer", set()),
        ("I don't wanna cancel it", {"cancel"}),
        ("I don't think I want to cancel", {"cancel"}),
        ("can you please not cancel my order", {"cancel"}),
        ("you must not delete my account", {"delete"}),
        ("no need to cancel my order", {"cancel"}),
        ("I want my account not to be deleted", {"deleted"}),
        ("can you not ship to Norway?", set()),
        ("is there no need to verify", set()),
        ("my card does not work", set()),
        ("why don't you ship to Norway", set()),
        ("don't you ship to Norway?", set()),
        ("you don't take cards?", set()),
        ("I don't have my card", set()),
        ("if I don't want to verify, what then", set()),
        ("I have not received it and do not want to wait", set()),
        ("请勿取消", {"取消"}),
        ("我不想退", {"退"}),
        ("不要关我的账户", {"关"}),
        ("你们别再给我打电话", {"打电"}),
        ("我没有要取消订单", {"取消"}),
        ("订单先别取消", {"取消"}),
        ("先不取消订单了", {"取消"}),
        ("不用取消订单", {"取消"}),
        ("我不需要注销账户", {"注销"}),
        ("不用注册可以买吗", set()),
        ("需不需要注册", set()),
        ("没有想要的尺码", set()),
        ("别人的包裹", set()),
        ("特别慢", set()),
        ("要不要收费", set()),
        ("是不是要另外下载", set()),
        ("东西不想要了怎么退货", set()),
        ("不要了能退吗", set()),
        ("如果不想取消怎么办", set()),
        ("", set()),
    ],
)
def test_what_a_text_forbids(text: str, words: set[str]) -> None:
    assert forbidden(text) == words


@pytest.mark.parametrize(
    ("text", "phrasings", "language"),
    [
        ("I do not want to create an account", ("can I buy without creating an account", "sign up"), "en"),
        ("don't send me mails", ("please stop sending me mails", "I don't want to be sent mails"), "en"),
        ("我不想注册", ("不注册可以买吗", "怎么注册"), "zh"),
        ("I do not want to close it", ("how do I open an account",), "en"),
    ],
)
def test_an_article_about_not_wanting_it_answers(
    text: str, phrasings: tuple[str, ...], language: str
) -> None:
    assert forbidden(text)
    assert not is_unwanted(text, phrasings, language)


def test_words_of_a_phrasing_are_answered_whatever_they_forbid() -> None:
    said = "don't cancel my order"
    index = build_index(
        [
            Article("cancel", "How do I cancel my order?", ("cancel my order",), "So."),
            Article("keep", "How do I keep my order?", (said, "leave my order as it is"), "So."),
        ]
    )
    decision = index.decide(said)
    assert (decision.kind, decision.reason) == ("answer", "exact_phrasing")
