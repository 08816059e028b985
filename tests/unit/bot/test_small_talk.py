"""Small talk: what asks nothing, whatever it is made of, and what asks something with small talk around it."""

import pytest

from bot.questions import parts_of
from bot.small_replies import ASKING, reply_to
from bot.small_talk import phrases, small_talk
from bot.texts import SUPPORTED, find

TALK: tuple[tuple[str, str], ...] = (
    # what is said                        what is replied at the beginning of a conversation
    ("bye", "goodbye"), ("goodbye", "goodbye"), ("bye bye", "goodbye"), ("see you", "goodbye"),
    ("See you tomorrow, bye!", "goodbye"), ("have a nice day", "goodbye"), ("再见", "goodbye"), ("拜拜", "goodbye"),
    ("晚安", "goodbye"), ("Tschüß!", "goodbye"), ("auf Wiedersehen", "goodbye"), ("au revoir", "goodbye"),
    ("adiós", "goodbye"), ("arrivederci", "goodbye"), ("tchau", "goodbye"),
    ("ok thanks bye", "welcome_and_goodbye"), ("谢谢，再见", "welcome_and_goodbye"),
    ("thank you, have a nice day", "welcome_and_goodbye"), ("merci, bonne journée", "welcome_and_goodbye"),
    ("好的，谢谢，再见👋", "welcome_and_goodbye"), ("Obrigado pela ajuda, tchau", "welcome_and_goodbye"),
    ("thank u", "you_are_welcome"), ("thankyou", "you_are_welcome"), ("Thanks, that helped!", "you_are_welcome"),
    ("perfect, thank you!", "you_are_welcome"), ("thnaks", "you_are_welcome"), ("thx!!", "you_are_welcome"),
    ("thankss a lot for your help :)", "you_are_welcome"), ("🙏🙏🙏", "you_are_welcome"),
    ("谢谢你的帮助", "you_are_welcome"), ("谢谢啦", "you_are_welcome"), ("明白了，谢谢您", "you_are_welcome"),
    ("OK 谢谢", "you_are_welcome"), ("太好了，谢谢你！", "you_are_welcome"), ("Danke", "you_are_welcome"),
    ("Vielen Dank für Ihre Hilfe!", "you_are_welcome"), ("merci beaucoup", "you_are_welcome"),
    ("muchas gracias", "you_are_welcome"), ("grazie mille", "you_are_welcome"), ("Obrigado!", "you_are_welcome"),
    ("that's all, thanks", "you_are_welcome"), ("没有了，谢谢", "you_are_welcome"),
    ("helo", "greeting"), ("hellooo", "greeting"), ("Hi there, good morning everyone", "greeting"), ("早", "greeting"),
    ("在吗", "greeting"), ("good mornign", "greeting"), ("Hallo", "greeting"), ("bonjour", "greeting"),
    ("hola buenas tardes", "greeting"), ("buongiorno", "greeting"), ("olá", "greeting"), ("👋", "greeting"),
    ("hello??", "greeting"), ("你好 谢谢", "greeting"), ("hello thank you", "greeting"),
    ("how are you?", "i_am_well"), ("Wie geht's?", "i_am_well"), ("你好吗", "i_am_well"),
    ("bom dia, tudo bem?", "i_am_well"),
    ("ok", "all_right"), ("okkk", "all_right"), ("Okay, got it.", "all_right"), ("嗯", "all_right"),
    ("嗯嗯嗯", "all_right"), ("好的", "all_right"), ("👍", "all_right"), ("👍🏽", "all_right"), ("ok👌", "all_right"),
    ("alles klar", "all_right"), ("d'accord", "all_right"), ("va bene", "all_right"), ("no", "all_right"),
    ("no thanks", "all_right"), ("不用了", "all_right"), ("None of these", "all_right"), ("nein", "all_right"),
    ("yes", "go_ahead"), ("是的", "go_ahead"), ("ja", "go_ahead"),
    ("great", "glad_it_helped"), ("goood", "glad_it_helped"), ("❤️", "glad_it_helped"), ("很好", "glad_it_helped"),
    ("sorry, my mistake", "no_problem"), ("不好意思打扰了", "no_problem"), ("Entschuldigung", "no_problem"),
    ("haha", "smile"), ("哈哈哈哈", "smile"),
)  # fmt: skip
QUESTIONS = (
    "ok how do I return it", "thank you card price?", "bye bye baby bottle", "no good", "不好", "好吗", "可以吗",
    "我不明白", "我不了解", "没有用", "不是很好", "有没有", "是不是", "没问题吗", "有货吗", "tanks", "think", "food",
    "wine", "rewards", "sale", "value", "thanks for nothing", "not ok", "not good", "not helpful", "that did not help",
    "it does not work", "谢谢你的帮助，怎么退货", "你好，几点开门", "在吗，我要退货", "早餐有吗", "hi 12345", "12345",
    "🍕", "?!", "", "please", "so", "我要", "super glue", "no refund", "hallo wo ist mein paket",
    "danke, aber wann kommt es", "sorry I want a refund", "great but it is broken", "are you sure?", "yes or no",
    "see you tomorrow at the shop?", "how are refunds paid", "good night lamp", "ok?why",
)  # fmt: skip


@pytest.mark.parametrize(("text", "reply"), TALK)
def test_small_talk_is_known_and_answered(text: str, reply: str) -> None:
    talk = small_talk(text)
    assert talk is not None
    assert reply_to(talk.kinds, is_beginning=True) == reply


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_word_more_is_a_question(text: str) -> None:
    assert small_talk(text) is None


def test_who_has_an_answer_says_hello_and_thanks_for_it() -> None:
    assert reply_to(frozenset({"greeting", "thanks"}), is_beginning=False) == "you_are_welcome"


def test_every_kind_has_a_reply_in_every_language() -> None:
    kinds = {kind for kind, _ in phrases()} - {"along"}
    replies = {reply_to(frozenset({kind}), is_beginning=True) for kind in kinds}
    assert replies >= ASKING
    assert all(find(language, key) for language in SUPPORTED for key in replies)


def test_a_phrase_has_one_kind() -> None:
    kinds: dict[str, set[str]] = {}
    for kind, phrase in phrases():
        kinds.setdefault(phrase, set()).add(kind)
    assert not [phrase for phrase, some in kinds.items() if len(some - {"along"}) > 1]


@pytest.mark.parametrize(
    ("text", "language", "is_sure"),
    [("ok", "zh", True), ("bye", "zh", True), ("👍", "zh", True), ("谢谢", "zh", True), ("Danke", "de", False),
     ("helo", "en", False)],
)  # fmt: skip
def test_the_languages_it_may_be_said_in(text: str, language: str, is_sure: bool) -> None:
    talk = small_talk(text)
    assert talk is not None
    assert language in talk.languages
    assert talk.is_sure is is_sure


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Thank you for your help! How do I return it?", 1),
        ("Where is my parcel? Thank you very much!", 1),
        ("Where is my parcel? How do I return it? Thank you very much!", 2),
    ],
)
def test_small_talk_is_no_part_of_several_questions(text: str, parts: int) -> None:
    assert len(parts_of(text)) == parts


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "words", ["ok ", "hi ", "thank you so ", "bye bye ", "好的", "谢谢你的", "helo ", "👍"]
)
def test_no_words_keep_it_busy(words: str) -> None:
    for length in range(130):
        small_talk((words * 130)[:length])
