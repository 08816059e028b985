"""Which of an article's languages somebody is answered in: the one rule of all who answer, offer or explain."""

import pytest

from bot.texts import SUPPORTED
from knowledge_base.articles import Article
from knowledge_base.variants import SPOKEN, Reader, told_in, variant_for

PETS = {
    each.language: each
    for each in (
        Article("pets", "Darf mein Hund ins Geschäft?", ("Hunde erlaubt", "WLAN im Hotel"), "Ja.", "de"),
        Article("pets", "Les chiens sont-ils acceptés ?", ("chien en magasin",), "Oui.", "fr"),
        Article("pets", "¿Se admiten perros?", ("perros en la tienda",), "Sí.", "es"),
        Article("pets", "Are dogs allowed?", ("dogs in the shop", "hotel wlan"), "Yes.", "en"),
        Article("pets", "可以带狗吗？", ("店里可以带宠物吗",), "可以。", "zh"),
    )
}
FOREIGN = {language: PETS[language] for language in ("de", "fr", "es")}


def answered(words: str, reader: Reader, nearest: str = "", variants: dict[str, Article] = PETS) -> str:
    found = variant_for(variants, Reader(**{**_fields(reader), "words": words}), nearest)
    assert found is not None
    return found.language


def _fields(reader: Reader) -> dict[str, object]:
    return {name: getattr(reader, name) for name in Reader.__slots__}


@pytest.mark.parametrize("platform", ["", "en", "de-DE", "zh-hans", "it"])
@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Darf mein Hund mit?", "de"), ("Hunde erlaubt", "de"), ("sind Hunde bei Ihnen willkommen", "de"),
        ("les chiens peuvent entrer ?", "fr"), ("chien en magasin", "fr"),
        ("¿Puedo ir con perros?", "es"), ("are dogs welcome", "en"), ("do you have a policy on Hunde", "en"),
        ("我可以带狗来吗", "zh"),
    ],
)  # fmt: skip
def test_the_language_of_the_words_is_answered_whatever_the_app_speaks(
    words: str, language: str, platform: str
) -> None:
    assert answered(words, Reader("en", platform=platform), nearest="fr") == language


@pytest.mark.parametrize(
    ("reader", "language"),
    [
        (Reader("en"), "en"),
        (Reader("zh"), "zh"),
        (Reader("en", platform="de-AT"), "de"),
        (Reader("en", platform="it"), "en"),
        (Reader("zh", platform="en"), "zh"),
        (Reader("en", before="fr", platform="de"), "fr"),
        (Reader("en", before="zh"), "en"),
        (Reader("zh", platform="de", before="fr", has_chosen=True), "zh"),
    ],
)
def test_words_of_no_language_are_answered_in_the_customers(reader: Reader, language: str) -> None:
    assert told_in("hotel wlan", PETS) == ""
    assert answered("hotel wlan", reader, nearest="de") == language


def test_what_the_customer_does_not_speak_either_is_answered_as_the_nearest_phrasing_is() -> None:
    assert answered("???", Reader("en"), "es", FOREIGN) == "es"
    assert answered("???", Reader("en"), "it", FOREIGN) == "de"
    assert answered("", Reader("pt"), "", {"fr": PETS["fr"], "pt-BR": PETS["es"]}) == "es"


def test_who_chose_a_language_is_not_answered_in_the_bots_other_one() -> None:
    chinese = Reader("zh", has_chosen=True)
    assert answered("are dogs allowed", Reader("zh")) == "en"
    assert answered("are dogs allowed", chinese) == "zh"
    assert answered("are dogs allowed", chinese, "en", FOREIGN | {"en": PETS["en"]}) == "en"
    assert answered("Darf mein Hund mit?", chinese) == "de"  # which they could not choose


def test_a_variant_that_is_not_there_leaves_the_others() -> None:
    assert variant_for({}, Reader("en")) is None
    assert variant_for({"de": PETS["de"]}, Reader("en", "are dogs allowed")) is PETS["de"]
    assert answered("chien en magasin", Reader("en"), "fr", {"de": PETS["de"], "en": PETS["en"]}) == "en"


def test_the_bots_own_languages_are_those_it_has_sentences_in() -> None:
    assert set(SUPPORTED) == SPOKEN
