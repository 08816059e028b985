"""`frontdesk ask`: answer, list or not knowing; and why."""

import asyncio

import pytest

from crm_store import question_labels
from crm_store.engine import open_store
from tests.admin_world import conversation, visitor
from tests.commandline import CommandLine
from tests.house import ARTICLES, NOON

YAML = "".join(
    f"- {{key: {key}, language: {language}, question: {question!r}, answer: {answer!r}, phrasings: {list(said)}}}\n"
    for key, language, question, answer, said in ARTICLES
)


@pytest.fixture
def filled(frontdesk: CommandLine) -> CommandLine:
    assert frontdesk("kb", "import", frontdesk.file("kb.yaml", YAML)).status == 0
    return frontdesk


def test_an_answer(filled: CommandLine) -> None:
    done = filled("ask", "where is my parcel")
    assert done.status == 0
    assert done.out.startswith("The tracking link is in your dispatch mail.\n")
    assert "Where is my order?  [track]" in done.out


def test_the_answer_for_programs(filled: CommandLine) -> None:
    found = filled("ask", "where is my parcel", "--json").json
    assert (found["decision"], found["answer"]) == ("answer", "The tracking link is in your dispatch mail.")
    assert found["matches"][0]["article_key"] == "track"
    assert found["confidence"] == found["matches"][0]["confidence"]
    assert "why" not in found


def test_chinese(filled: CommandLine) -> None:
    found = filled("ask", "怎么付款", "--json").json
    assert (found["decision"], found["answer"]) == ("answer", "支持银行卡、PayPal和转账。")


def test_not_knowing_has_a_status_of_its_own(filled: CommandLine) -> None:
    done = filled("ask", "qwertz zxcvb")
    assert (done.status, done.err) == (1, "")
    assert done.out.startswith("I don't know; a customer would be asked to rephrase, then get a person.")
    told = filled("ask", "qwertz zxcvb", "--json")
    assert (told.status, told.json["decision"], told.json["answer"]) == (1, "unknown", None)


@pytest.mark.parametrize(
    ("words", "beside", "told"),
    [
        ("hi, thanks!", "small_talk", "Small talk: "),
        ("can I talk to a human", "person", "A wish for a person: "),
    ],
)
def test_what_the_bot_hears_without_the_knowledge_base_is_said(
    filled: CommandLine, words: str, beside: str, told: str
) -> None:
    assert filled("ask", words).out.startswith(told)
    found = filled("ask", words, "--json")
    assert (found.status, found.json["beside"]) == (0, beside)
    assert filled("ask", "where is my parcel", "--json").json["beside"] is None


def test_why_is_told_in_words(filled: CommandLine) -> None:
    done = filled("ask", "where is my parcel please", "--why")
    told = done.out.split("\n\n")[-1]
    assert [line.split("  ")[0] for line in told.splitlines()][:4] == [
        "because",
        "confidence",
        "nearest",
        "spoke for",
    ]
    assert "“where is my parcel”  [track]" in told
    assert "parcel +" in told
    assert not set("{}()") & set(told.replace("(together", "").replace(")", "")), "no raw values"


def test_why_of_unknown_words(filled: CommandLine) -> None:
    told = filled("ask", "qwertz zxcvb", "--why").out
    assert "because      no word of it is in the knowledge base" in told
    assert "new words    qwertz, zxcvb" in told


def test_why_for_programs(filled: CommandLine) -> None:
    why = filled("ask", "where is my parcel", "--why", "--json").json["why"]
    assert why["rule"] == "exact_phrasing"
    assert {each["word"] for each in why["for_best"]} == {"where", "is", "my", "parcel"}


def test_why_of_what_is_not_wanted_says_so(filled: CommandLine) -> None:
    done = filled("ask", "don't reset my password", "--why")
    assert done.out.startswith("Did you mean one of these?")
    assert "what this article tells how to do is not wanted, or was not done, so it is listed" in done.out


def test_a_file_can_be_asked_instead(frontdesk: CommandLine) -> None:
    frontdesk.file("kb.yaml", YAML)
    done = frontdesk("ask", "can I pay by card", "--kb", "kb.yaml", database_url="sqlite:////no/such/f.db")
    assert (done.status, done.out.splitlines()[0]) == (0, "We take cards, PayPal and bank transfer.")


def test_disabled_and_outdated_articles_do_not_answer(frontdesk: CommandLine) -> None:
    articles = (
        "- {key: a, question: Opening hours?, phrasings: [opening hours], answer: Nine., enabled: false}\n"
        "- {key: b, question: Christmas?, phrasings: [christmas hours], answer: Shut., valid_from: '2099-01-01'}\n"
    )
    frontdesk(
        "kb", "import", frontdesk.file("kb.yaml", articles.replace("'2099-01-01'", "'2099-01-01T00:00:00Z'"))
    )
    done = frontdesk("ask", "opening hours")
    assert (done.status, done.out) == (1, "")
    assert "the knowledge base is empty; try 'frontdesk kb sample shop'" in done.err


def test_an_empty_store(frontdesk: CommandLine) -> None:
    done = frontdesk("ask", "anything")
    assert (done.status, done.out) == (1, "")
    assert "the knowledge base is empty" in done.err


@pytest.mark.parametrize("text", ["", "   ", "؟مرحبا", "x" * 1_000_000], ids=["empty", "blank", "rtl", "1MB"])
def test_odd_questions_are_not_known(filled: CommandLine, text: str) -> None:
    done = filled("ask", text, "--json")
    assert (done.status, done.json["decision"]) == (1, "unknown")


def test_why_of_what_is_not_believed_does_not_blame_the_confidence(frontdesk: CommandLine) -> None:
    articles = (
        "- {key: pay, question: 'How can I pay?', phrasings: [do you take cards], answer: By card.}\n"
        "- {key: hours, question: 'When are you open?', phrasings: [opening hours], answer: At nine.}\n"
        "- {key: track, question: 'Where is my order?', phrasings: [track my order], answer: In the mail.}\n"
    )
    frontdesk("kb", "import", frontdesk.file("kb.yaml", articles))
    told = frontdesk("ask", "how can I fly", "--why").out
    assert "because      near this article by single words" in told
    assert "too unsure to answer" not in told


async def _said(
    database_url: str, question: str, *answers: tuple[str, str, bool], people: int = 1, source: str
) -> None:
    """So many customers (or an agent, of so many) say of each of these articles (key, language) whether it answers."""
    store = open_store(database_url)
    try:
        for _ in range(people):
            customer = await visitor(store, NOON)
            talk = await conversation(store, NOON, customer_id=customer, queued=False)
            async with store.write() as session:
                for key, language, agrees in answers:
                    values = {
                        "customer_id": customer,
                        "conversation_id": talk,
                        "question": question,
                        "normal": question,
                        "language": language,
                        "article_key": key,
                        "agrees": agrees,
                        "source": source,
                        "was_alone": True,
                        "created_at": NOON.replace(year=2099),
                    }
                    await question_labels.add(session, values)
    finally:
        await store.close()


async def _said_no(database_url: str, people: int, source: str = "not_helpful") -> None:
    """The article on tracking did not help them."""
    await _said(database_url, "where is my parcel", ("track", "en", False), people=people, source=source)


def test_an_article_that_helped_too_few_is_listed_as_the_bot_would(filled: CommandLine) -> None:
    asyncio.run(_said_no(filled.settings["database_url"], 2))
    done = filled("ask", "where is my parcel", "--why")
    assert (done.status, done.out.splitlines()[0]) == (0, "Did you mean one of these?")
    assert "because      this article helped too few people to be answered with alone" in done.out
    assert "spoke for    parcel +" in done.out
    found = filled("ask", "where is my parcel", "--why", "--json").json
    assert (found["decision"], found["answer"], found["reason"]) == ("suggest", None, "helped_too_few")
    assert found["why"]["rule"] == found["why"]["decision"]["reason"] == "helped_too_few"


def test_what_an_agent_called_wrong_is_listed_with_the_reason(filled: CommandLine) -> None:
    asyncio.run(_said_no(filled.settings["database_url"], 1, "agent"))
    done = filled("ask", "where is my parcel", "--why")
    assert (done.status, done.out.splitlines()[0]) == (0, "Did you mean one of these?")
    assert "because      an agent said of a question like it" in done.out
    assert filled("ask", "track my package").out.splitlines()[0] != "Did you mean one of these?"


def test_what_an_agent_says_answers_it_instead_is_listed_in_the_language_it_has(filled: CommandLine) -> None:
    said = ("track", "zh", False), ("gift", "en", True)
    asyncio.run(_said(filled.settings["database_url"], "我的快递到哪了", *said, source="agent"))
    found = filled("ask", "我的快递到哪了", "--json").json
    assert (found["decision"], found["reason"]) == ("suggest", "said_wrong")
    assert found["matches"][0]["question"] == "Can you wrap it as a gift?"
    assert "[gift]" in filled("ask", "我的快递到哪了", "--why").out
