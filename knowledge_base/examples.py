"""What there is to learn from in articles: phrasings, titles, and a little of the answers."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.answer_text import telling_sentences
from knowledge_base.articles import Article
from knowledge_base.text import Script, normalise, script_of, tokenise


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn from; titles and what answers tell teach, but are no evidence of how customers ask."""

    text: str
    language: str
    label: int
    is_title: bool = False
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Examples:
    """The texts of one script in order of article; an example's label is its article's place in `keys`.

    `told`: sentences of the articles' answers.
    """

    keys: tuple[str, ...]
    items: tuple[Example, ...]
    told: tuple[Example, ...] = ()

    @property
    def language(self) -> str:
        """The language most of the texts are in."""
        return Counter(item.language for item in self.items).most_common(1)[0][0]

    @property
    def languages(self) -> list[str]:
        """The language each text is read in, `told` after `items`: its article's, where its script can be of that."""
        usual = self.language
        return [
            usual if _is_cjk(item.language) or _is_cjk(usual) else item.language
            for item in (*self.items, *self.told)
        ]


def _is_cjk(language: str) -> bool:
    """Whether the language is read by characters: a word in other letters there is from anywhere."""
    return language.split("-")[0] in ("zh", "ja", "ko")


def examples_by_script(articles: Sequence[Article], titles: bool) -> dict[Script, Examples]:
    """The texts to learn from, each once per article, by the script that reads them."""
    found: dict[Script, dict[str, dict[str, Example]]] = defaultdict(lambda: defaultdict(dict))
    for article in articles:
        for text, is_title in _learnable(article, titles):
            normalised = normalise(text)
            tokens = " ".join(tokenise(normalised))
            if tokens:
                example = Example(text, article.language, 0, is_title)
                found[script_of(normalised)][article.key].setdefault(tokens, example)
    told = _told(articles)
    return {script: _examples(by_key, told.get(script, {})) for script, by_key in sorted(found.items())}


def _learnable(article: Article, titles: bool) -> list[tuple[str, bool]]:
    """The phrasings and, when it reads like one, the title: in another script it is only a label."""
    phrasings = [(phrasing, False) for phrasing in article.phrasings]
    if not phrasings:
        return [(article.question, False)]
    scripts = {script_of(normalise(phrasing)) for phrasing in article.phrasings}
    if titles and script_of(normalise(article.question)) in scripts:
        return [*phrasings, (article.question, True)]
    return phrasings


def _told(articles: Sequence[Article]) -> dict[Script, dict[str, list[Example]]]:
    """What the answers tell, by script and article."""
    found: dict[Script, dict[str, list[Example]]] = defaultdict(lambda: defaultdict(list))
    for article, said in zip(articles, telling_sentences(articles), strict=True):
        for text in said:
            example = Example(text, article.language, 0, is_told=True)
            found[script_of(normalise(text))][article.key].append(example)
    return found


def _examples(by_key: Mapping[str, Mapping[str, Example]], told: Mapping[str, Sequence[Example]]) -> Examples:
    keys = tuple(sorted(by_key))
    return Examples(
        keys,
        _labelled(keys, {key: list(examples.values()) for key, examples in by_key.items()}),
        _labelled(keys, told),
    )


def _labelled(keys: Sequence[str], by_key: Mapping[str, Sequence[Example]]) -> tuple[Example, ...]:
    return tuple(
        Example(example.text, example.language, label, example.is_title, example.is_told)
        for label, key in enumerate(keys)
        for example in by_key.get(key, ())
    )
