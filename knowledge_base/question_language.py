"""Which of its languages a knowledge base reads a question in."""

from knowledge_base.blocks import Reading, read_normalised
from knowledge_base.features import FeatureSpace
from knowledge_base.languages import evidence
from knowledge_base.text import normalise, stems, tokenise


def language_in(space: FeatureSpace, normalised: str) -> str:
    """The language in which most of the words are known, so that a phrasing is read as it was taught.

    Of several the one that the commonest words tell, else the one most phrasings are in.
    """
    if not space.others:
        return space.language
    tokens, languages = tokenise(normalised), (space.language, *space.others)
    known = [sum(stem in space.words for stem in stems(tokens, language)) for language in languages]
    likely = [language for language, count in zip(languages, known, strict=True) if count == max(known)]
    if len(likely) == 1:
        return likely[0]
    told = evidence(normalised)
    return max(likely, key=lambda language: told.get(language.split("-")[0], 0.0))


def read_in(space: FeatureSpace, text: str) -> Reading:
    """The text as the space reads what nobody says the language of."""
    normalised = normalise(text)
    return read_normalised(normalised, language_in(space, normalised))
