"""A knowledge base in several languages of one script: each text is stemmed in its article's, a question in its own."""

import pytest

from knowledge_base.articles import Article
from knowledge_base.features import FeatureSpace
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.question_language import language_in
from knowledge_base.samples import load_sample
from knowledge_base.shelf import Shelf
from knowledge_base.storage import dump, load
from knowledge_base.text import normalise

ENGLISH = load_sample("shop_en")[:10]
GERMAN = tuple(
    Article(key, said[0], said, answer, "de")
    for key, answer, said in (
        (
            "sendung",
            "Den Link finden Sie in der Mail.",
            ("Wo bleibt meine Bestellung?", "Bestellungen verfolgen", "Pakete finden"),
        ),
        (
            "zahlung",
            "Mit Karte oder auf Rechnung.",
            ("Wie kann ich bezahlen?", "Zahlungsarten", "Geht es auch mit Karten?"),
        ),
        ("rueckgabe", "Innerhalb von 30 Tagen.", ("Artikel zurückschicken", "Ich möchte Lampen umtauschen")),
        ("konto", "Unter Einstellungen.", ("Mein Konto löschen", "Daten und Adressen ändern")),
    )
)


@pytest.fixture(scope="module")
def mixed() -> KnowledgeIndex:
    return build_index([*ENGLISH, *GERMAN], gather_evidence=False)


def shelf_of(index: KnowledgeIndex) -> Shelf:
    return index.shelves["alphabetic"]


def space_of(index: KnowledgeIndex) -> FeatureSpace:
    return shelf_of(index).space


def test_texts_are_stemmed_in_their_articles_language(mixed: KnowledgeIndex) -> None:
    space = space_of(mixed)
    assert (space.language, space.others) == ("en", ("de",))
    assert "bestell" in space.words
    assert "bestellungen" not in space.words


@pytest.mark.parametrize("article", [*ENGLISH, *GERMAN], ids=lambda article: article.key)
def test_every_phrasing_is_known_word_for_word(mixed: KnowledgeIndex, article: Article) -> None:
    for decision in mixed.decide_many(article.phrasings):
        assert (decision.reason, decision.matches[0].article_key) == ("exact_phrasing", article.key)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wo ist die Bestellung?", "de"),
        ("verfolge Bestellung", "de"),
        ("Warum ist es so?", "de"),
        ("where are my parcels", "en"),
        ("xyzzy", "en"),
        ("", "en"),
    ],
)
def test_the_language_a_question_is_read_in(mixed: KnowledgeIndex, question: str, language: str) -> None:
    assert language_in(space_of(mixed), normalise(question)) == language


def test_a_german_question_in_other_forms_of_its_words_finds_the_german_article(
    mixed: KnowledgeIndex,
) -> None:
    found = mixed.search("verfolge Bestellung")
    assert (found[0].article_key, found[0].language) == ("sendung", "de")
    reading = shelf_of(mixed).question(normalise("meine Bestellungen bezahlen"))
    assert set(reading.stems) <= set(space_of(mixed).words)


def test_one_word_with_two_stems_is_remembered_as_both(mixed: KnowledgeIndex) -> None:
    shelf = shelf_of(mixed)
    shelf.warm()
    german, english = "Bestellungen verfolgen", "bestellungen where is my order"
    first = [mixed.decide(text) for text in (german, english)]
    assert [mixed.decide(text) for text in (english, german)] == first[::-1]
    fresh = load(dump(mixed))
    assert [fresh.decide(text) for text in (english, german)] == first[::-1]


def test_it_is_stored_and_loaded_the_same(mixed: KnowledgeIndex) -> None:
    again = load(dump(mixed))
    assert space_of(again).others == ("de",)
    texts = [text for article in (*ENGLISH, *GERMAN) for text in article.phrasings]
    assert again.decide_many(texts) == mixed.decide_many(texts)


@pytest.mark.parametrize("language", ["en", "en-GB"])
def test_one_stemmer_is_one_language(language: str) -> None:
    articles = [*ENGLISH[:3], Article("bye", "How to leave", ("How do I leave?",), "Leave.", language)]
    assert space_of(build_index(articles, gather_evidence=False)).others == ()


def test_latin_phrasings_of_chinese_articles_are_read_as_the_others_are() -> None:
    articles = [*ENGLISH[:3], Article("pp", "付款", ("PayPal payments", "怎么付款"), "可以。", "zh")]
    assert space_of(build_index(articles, gather_evidence=False)).others == ()
