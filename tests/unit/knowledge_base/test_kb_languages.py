"""The language of articles whose file doesn't say: by their commonest words, the whole file's first."""

from collections import Counter

import pytest

from knowledge_base.articles import Article
from knowledge_base.drafts import settled
from knowledge_base.exchange import parse
from knowledge_base.languages import Said, evidence, language_among, languages_of
from knowledge_base.samples import load_sample

QUESTIONS = (
    ("ar", "كيف يمكنني الدفع؟"),
    ("cs", "Kde je moje objednávka?"),
    ("da", "Hvad koster det at få ordren leveret til mig?"),
    ("de", "Wo ist meine Bestellung?"),
    ("de", "wie kann ich bezahlen"),
    ("en", "Where is my order?"),
    ("en", "Do you deliver to Malmö or Zürich?"),
    ("en", "I ordered a crème brûlée set at the café"),
    ("en", "I've relocated to another city"),
    ("es", "¿Dónde está mi pedido?"),
    ("es", "como puedo pagar con tarjeta"),
    ("fi", "Missä tilaukseni on?"),
    ("fr", "Où est ma commande ?"),
    ("fr", "J'ai perdu ma carte, que faire ?"),
    ("hu", "Hol van a rendelésem?"),
    ("it", "Dov'è il mio ordine?"),
    ("nb", "Hva koster frakten til meg?"),
    ("nl", "Waar is mijn bestelling?"),
    ("pl", "Gdzie jest moje zamówienie?"),
    ("pt", "Onde está meu pedido?"),
    ("ro", "Unde este comanda mea?"),
    ("ru", "Где мой заказ?"),
    ("sv", "Var är min beställning?"),
    ("tr", "Siparişim nerede?"),
    ("uk", "Де моє замовлення?"),
    ("zh", "我的订单在哪里？"),
)
GERMAN_CSV = (
    "text,article,answer\n"
    "Wo ist meine Bestellung?,sendung,Sie finden den Link in Ihrer Mail.\n"
    "Sendungsverfolgung,sendung,\n"
    "Rechnung herunterladen,rechnung,Unter Konto.\n"
    "Wie kann ich bezahlen?,zahlung,Mit Karte oder auf Rechnung.\n"
)


def said(text: str) -> Said:
    return Said(text, "")


def languages(csv: str) -> dict[str, str]:
    return {article.key: article.language for article in parse(csv.encode(), ".csv").articles}


@pytest.mark.parametrize(("language", "question"), QUESTIONS)
def test_a_question_alone(language: str, question: str) -> None:
    assert languages_of([said(question)]) == [language]


@pytest.mark.parametrize("text", ["", "123", "Paypal", "Rechnung", "🎉"])
def test_what_tells_nothing_is_taken_for_english(text: str) -> None:
    assert languages_of([said(text)]) == ["en"]


def test_an_article_that_tells_nothing_has_the_language_of_its_file() -> None:
    assert languages(GERMAN_CSV) == {"sendung": "de", "rechnung": "de", "zahlung": "de"}


def test_the_answer_is_heard_where_the_questions_are_silent() -> None:
    assert languages("text,article,answer\nRechnung,r,Die Rechnung finden Sie unter Ihrem Konto.\n") == {
        "r": "de"
    }


def test_a_template_for_missing_answers_is_not_heard() -> None:
    found = parse(
        b"text,article\nWo finde ich die Rechnung,r\n", ".csv", default_answer="This is about {article}."
    )
    assert [article.language for article in found.articles] == ["de"]


def test_one_file_may_have_articles_in_several_languages() -> None:
    csv = (
        "text,article,answer\n"
        "Where is my order?,track,The link is in the mail that we sent you.\n"
        "How do I pay?,pay,You can pay by card.\n"
        "Wie kann ich bezahlen und was kostet das?,zahlung,Mit Karte.\n"
        "怎么付款？,fukuan,用卡。\n"
        "refund,refund,Within a week.\n"
    )
    assert languages(csv) == {"track": "en", "pay": "en", "zahlung": "de", "fukuan": "zh", "refund": "en"}


def test_what_the_file_says_stands() -> None:
    assert languages("text,article,answer,language\nWo ist meine Bestellung,o,Hier.,xx\n") == {"o": "xx"}


@pytest.mark.parametrize("name", ["payments_en", "payments_zh", "shop_en", "shop_zh"])
def test_the_samples_are_known_for_what_they_are(name: str) -> None:
    articles = load_sample(name)
    told = languages_of([Said(" ".join(one.phrasings), one.answer) for one in articles])
    assert Counter(told) == {name[-2:]: len(articles)}
    alone = Counter(languages_of([said(text)])[0] for one in articles for text in one.phrasings)
    assert alone.most_common(1)[0][0] == name[-2:]
    assert set(alone) <= {"en", "zh"}


def test_what_several_languages_have_speaks_for_each_a_little() -> None:
    found = evidence("die")
    assert found["de"] == found["nl"] < 1


def test_what_is_there_tells_where_the_file_is_silent() -> None:
    silent = parse(b"text,article,answer\nRechnung,rechnung,Konto.\n", ".csv")
    german = parse(GERMAN_CSV.encode(), ".csv").articles
    assert [article.language for article in settled(silent, ())] == ["en"]
    assert [article.language for article in settled(silent, german)] == ["de"]


def test_an_article_stored_in_a_language_it_does_not_read_like_is_no_second_one_when_imported_again() -> None:
    """Until languages were known all were stored as English."""
    again = parse(GERMAN_CSV.encode(), ".csv")
    before = [Article(one.key, one.question, one.phrasings, one.answer, "en") for one in again.articles]
    assert {article.language for article in settled(again, before)} == {"en"}


def test_an_article_that_is_there_in_another_language_is_left_alone() -> None:
    english = [Article("zahlung", "Payment", ("How can I pay for my order?",), "By card.", "en")]
    again = parse(GERMAN_CSV.encode(), ".csv")
    assert {article.language for article in settled(again, english)} == {"de"}


@pytest.mark.parametrize(
    ("text", "present", "otherwise", "language"),
    [
        ("gibt es bei euch Parkplätze?", {"de", "fr"}, "en", "de"),
        ("¿Dónde puedo aparcar?", {"en"}, "en", "es"),  # which no article is in, but it says so plainly
        ("hotel los angeles", {"en"}, "en", "en"),
        ("is there parking", {"de"}, "en", "en"),
        ("怎么付款", {"de"}, "en", "zh"),
        ("Parkplatz", {"de"}, "en", "de"),
        ("Parkplatz", {"de", "fr"}, "en", "en"),
        ("123", set(), "zh", "zh"),
    ],
)
def test_a_text_of_people_is_in_what_its_words_tell_else_in_what_the_articles_are(
    text: str, present: set[str], otherwise: str, language: str
) -> None:
    assert language_among(text, present, otherwise) == language
