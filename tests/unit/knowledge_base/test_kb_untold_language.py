"""Where nothing is known of a language beforehand, what its commonest words say of a question counts for less."""

import pytest

from knowledge_base.articles import Article
from knowledge_base.background import everyday_questions, in_script, is_told_of
from knowledge_base.building import material_of, usual_of
from knowledge_base.calibrating import calibrate
from knowledge_base.calibration import SIGNAL_NAMES
from knowledge_base.evidence import BACKGROUND, gather
from knowledge_base.examples import examples_by_script
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision
from knowledge_base.storage import dump, load
from knowledge_base.traffic import Needed
from knowledge_base.usual import Size, coefficients, usual_at

BAKERY = (
    ("preis", "Was kostet ein Brot?", "4 Euro.", ("wie teuer ist ein Roggenbrot", "Preise der Brote")),
    ("zeiten", "Wann habt ihr geöffnet?", "Ab 6 Uhr.", ("Öffnungszeiten", "ab wann kann ich morgens kommen")),
    (
        "torte",
        "Kann ich eine Torte bestellen?",
        "Ja.",
        ("Hochzeitstorte vorbestellen", "Torte zum Geburtstag"),
    ),
    ("kaffee", "Gibt es bei euch Kaffee?", "Ja.", ("einen Espresso trinken", "Kaffee zum Mitnehmen")),
    (
        "allergie",
        "Habt ihr etwas ohne Gluten?",
        "Zwei Brote.",
        ("glutenfreies Gebäck", "ich vertrage kein Mehl"),
    ),
    ("karte", "Nehmt ihr Karten?", "Ab 5 Euro.", ("mit dem Handy bezahlen", "nur Bargeld")),
)
ENGLISH = (
    ("parking", "Where can I park?", "Behind the house.", ("is there a car park", "parking for customers")),
    ("jobs", "Are you hiring?", "Yes.", ("I would like to work for you", "job as a baker")),
    ("vouchers", "Do you sell vouchers?", "Yes.", ("gift card", "I want to give a voucher to a friend")),
)
STRANGE = (
    "was kostet ein Flug nach Rom",
    "was kostet ein Liter Diesel",
    "gibt es bei euch Winterreifen",
    "kann ich ein Auto bestellen",
    "wie teuer ist ein Haus",
    "nehmt ihr meinen Hund",
    "wann fährt der Zug nach Köln",
    "habt ihr einen Arzt",
    "verkauft ihr Schuhe",
    "wer hat gewonnen",
)


def articles(rows: tuple[tuple[str, str, str, tuple[str, ...]], ...], language: str) -> list[Article]:
    return [Article(key, title, phrasings, answer, language) for key, title, answer, phrasings in rows]


def decided(index: KnowledgeIndex) -> list[Decision]:
    return index.decide_many(STRANGE)


@pytest.fixture(scope="module")
def german() -> KnowledgeIndex:
    return build_index(articles(BAKERY, "de"))


@pytest.fixture(scope="module")
def mixed() -> KnowledgeIndex:
    """More texts in English than in German: words are known, but not those of a German question."""
    english = [*articles(ENGLISH, "en"), *articles(tuple((f"{r[0]}-2", *r[1:]) for r in ENGLISH), "en")]
    return build_index([*english, *articles(BAKERY[:4], "de")])


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", True), ("en-GB", True), ("zh", True), ("ZH-TW", True), ("de", False), ("ja", False)],
)
def test_everyday_questions_are_english_and_chinese(language: str, told: bool) -> None:
    assert is_told_of(language) == told


def test_what_strangers_ask_in_usual_words_is_less_sure(
    german: KnowledgeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside what would be said were German taken for a language whose words are known to be usual."""
    careful = decided(german)
    for module in ("building", "shelf"):
        monkeypatch.setattr(f"knowledge_base.{module}.is_told_of", lambda _: True)
    bold = decided(build_index(articles(BAKERY, "de")))
    kinds = [[decision.kind for decision in each].count("answer") for each in (careful, bold)]
    assert kinds[0] < kinds[1]
    assert sum(d.confidence for d in careful) < sum(d.confidence for d in bold)
    assert "near_phrasing" not in {decision.reason for decision in careful}


def test_a_phrasing_is_still_answered_word_for_word(german: KnowledgeIndex) -> None:
    for article in articles(BAKERY, "de"):
        for decision in german.decide_many(article.phrasings):
            assert (decision.kind, decision.matches[0].article_key) == ("answer", article.key)


def test_known_words_count_for_more_and_a_lead_for_less_where_nothing_is_known_beforehand() -> None:
    size = Size(3.0, 10, "multinomial")
    told, untold = usual_at(size), usual_at(size, coefficients("nothing"))
    words, covered = SIGNAL_NAMES.index("words_lead"), SIGNAL_NAMES.index("coverage")
    assert untold.first[words] < told.first[words]
    assert untold.first[covered] > told.first[covered]
    assert untold.margin == 1


@pytest.mark.parametrize(("language", "has_any"), [("en", True), ("de", False)])
def test_questions_in_another_language_are_no_evidence(language: str, has_any: bool) -> None:
    examples = examples_by_script(articles(BAKERY, language), titles=True)["alphabetic"]
    material = material_of(examples, "alphabetic", in_script(everyday_questions(), "alphabetic"))
    assert bool((gather(material, 0).kinds == BACKGROUND).any()) == has_any
    assert (material.labels == len(BAKERY)).any(), "they are learned from all the same"
    assert usual_of(material) == coefficients("words" if has_any else "nothing")


def test_among_english_articles_a_german_question_is_decided_with_care(mixed: KnowledgeIndex) -> None:
    [shelf] = mixed.shelves.values()
    assert (shelf.space.language, shelf.space.others) == ("en", ("de",))
    german = mixed.shelf_for("was kostet ein flug nach rom")
    assert german is not None
    assert (
        german.calibration
        == shelf.cautious
        == calibrate(
            None,
            Size(len(shelf.rows.texts) / len(shelf.keys), len(shelf.keys), "multinomial"),
            0.02,
            0.0,
            coefficients("nothing"),
        )
    )
    assert mixed.shelf_for("where can i park my car") is shelf


def test_articles_in_english_alone_have_one_calibration() -> None:
    [shelf] = build_index(articles(ENGLISH, "en"), gather_evidence=False).shelves.values()
    assert shelf.cautious is None


def test_the_care_is_stored_and_is_raised_by_traffic(mixed: KnowledgeIndex) -> None:
    [script] = mixed.shelves
    again = load(dump(mixed))
    assert again.shelves[script].cautious == mixed.shelves[script].cautious
    raised = again.raised({script: Needed(0.999, 0.9)}).shelf_for("was kostet ein flug nach rom")
    assert raised is not None
    assert (raised.calibration.answer_at, raised.calibration.suggest_at) == (0.999, 0.9)
    assert decided(again) == decided(mixed)
