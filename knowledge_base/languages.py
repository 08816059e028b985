"""The language articles are written in, where their file doesn't say: told by its commonest words and its letters.

Single articles are short, so that the texts of a whole file are looked at first: one language is likely for all of
it, and an article has another one only where its own words say so plainly.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from knowledge_base.text import language_of

FALLBACK: Final = "en"

# Those that Snowball knows, and a few that would be taken for one of them. Words of several languages count less.
_WORDS_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ar": "في من على إلى هل ما ماذا كيف أين متى هذا هذه التي الذي لم لا أن أو مع عن كان قد يمكن يمكنني لدي "
        "أنا كم هو هي بعد قبل عند لماذا تم بدون حتى ثم كل أريد",
        "cs": "je jsem jsou se na že jak kde kdy co můj moje mou moji pro nebo ale jako není mohu můžu už při ze "
        "do od po která který které když bude mi mám proč kolik aby také bez",
        "da": "og er det at en til på med for af den de ikke jeg hvordan hvor hvad hvornår kan min mit mine mig du "
        "dig din har skal vil som et i om eller fra når nogen efter også hvorfor kunne blive vi jer min hvis der",
        "de": "der die das und ist ich nicht wie wo was wann warum ein eine einen einem einer mein meine meinen "
        "meiner kann können es zu zum zur mit für auf von im in den dem des sie ihr ihre wir mir mich habe haben "
        "hat wird werden bei aus nach oder auch noch wenn wenn kein keine wurde sind sich bin dass welche über bis "
        "viel lange gibt muss bitte ihnen ohne an am",
        "en": "the and is are to of in for my i you your how what where when why can do does did it that this with "
        "on be have has was not if or from a an we will would should could at by me there which who our as but get "
        "been after before any please they them their more than about just still don t s am us were had need ve ll re",
        "es": "el la los las de del que y en un una es por para con no se mi su mis sus cómo dónde cuándo qué cuál "
        "cuánto puedo puede está están lo al como más pero si ha he tengo o sobre ser hay ya desde hasta mi me te "
        "le nos usted sin esta este también porque cuando",
        "fi": "ja on ei se että en voin miten missä mitä milloin minun oma olen ovat oli kun jos tai mutta kuinka "
        "mikä onko voiko tämä sen miksi saan minä sinun teidän myös kanssa vain jo ole voi ennen jälkeen",
        "fr": "le la les de des du un une et est je ne pas que qui comment où quand quoi pourquoi mon ma mes votre "
        "vos pour dans sur avec il elle nous vous ce cette ces en au aux par puis peut sont suis ai a été plus si "
        "ou mais se son sa ses l d c j n qu y quel quelle combien être avez avoir sans chez",
        "hu": "a az és hogy nem van egy is hol mikor mit mi hogyan miért kell lehet ha de meg csak már vagy nincs "
        "ez ezt azt mennyi az enyém volt lesz után előtt nekem tudom lehetséges még szeretnék vannak be el",
        "it": "il lo la i gli le di del della dei delle dello un una e è che non per con in mi mio mia miei come dove "
        "quando cosa quanto perché posso può sono ho ha hai si su da dal dalla nel nella al alla se o ma più anche "
        "questo questa ci vi ne c l d dell all nell senza essere suo sua quale",
        "nb": "og er det at en til på med for av den de ikke jeg hvordan hvor hva når kan min mitt mine meg du deg "
        "din har skal vil som et i om eller fra noen etter også hvorfor kunne bli vi dere hvis jeg nå hvilken der",
        "nl": "de het een en is van ik niet hoe waar wat wanneer waarom mijn kan kunnen te voor met op in dat die er "
        "aan naar bij om u uw zijn heb hebben heeft wordt worden mij me we wij of ook als nog geen maar uit over "
        "dan deze dit ben moet welke hoeveel lang zonder je jullie",
        "pl": "w i na z do że jest nie to się jak gdzie kiedy co czy mój moja moje mogę mam dla lub ale jako są po "
        "od przez który która które jeśli już tylko za ile przy bez dlaczego można być mi o",
        "pt": "o a os as de do da dos das que e em um uma é por para com não se meu minha meus minhas como onde "
        "quando qual quanto posso pode está no na nos nas ao à mais mas ou eu você vocês tem tenho são foi ser já "
        "até sobre sem seu sua também isso este esta pelo pela fazer porque",
        "ro": "și si este sunt nu cu de la în din pe un o să se că cum unde când ce care mea meu mele pentru pot am "
        "ai are a al ale fi mai dacă sau dar prin după lui îmi cât poate fost vă acest această fără în",
        "ru": "и в не на я что как где когда почему мой моя моё мои мне можно ли это с по для из у к от за есть "
        "или но если уже мы вы вас ваш он она они бы до только чтобы был была при со нет сколько могу какой какие",
        "sv": "och är det att en till på med för av den de inte jag hur var vad när varför kan min mitt mina mig du "
        "dig din har ska vill som ett i om eller från någon efter också vi er ni hos min kunde blir vilka nu finns",
        "tr": "ve bir bu için ile ne nasıl nerede zaman mi mı mu mü var yok de da değil ben benim siz çok daha "
        "kadar gibi olarak ama veya neden hangi olan kaç sonra önce her şey misiniz",
        "uk": "і в не на я що як де коли чому мій моя моє мої мені можна чи це з по для із у до від за є або але "
        "якщо вже ми ви вас ваш він вона вони тільки щоб був була при немає скільки можу який які та",
    }
)
_LETTERS_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ar": "ةىأإؤئ", "cs": "řěůčšžýáéíú", "da": "åæø", "de": "ßäöü", "es": "ñáéíóú¿¡", "fi": "äö",
        "fr": "çœèêàùâîéëïô", "hu": "őűáéíóúöü", "it": "èàùòìé", "nb": "åæø", "nl": "ëï", "pl": "łąęśżźćńó",
        "pt": "ãõçáéíóúâêôà", "ro": "ășțşţâî", "ru": "ыэёъ", "sv": "åäö", "tr": "ğışçöü", "uk": "іїєґ",
    }
)  # fmt: skip
_LETTER_COUNTS: Final = 0.5
_TOKEN: Final = re.compile(r"[^\W\d_]+|[¿¡]")
# What tells a language at all, and how much more than for English has to speak for it.
_TELLS, _AS_MUCH = 1.0, 1.3
_MOST_CHARS: Final = 2_000
# An article has another language than its file only where its own words say so many times as much.
_OTHER_TELLS, _OTHER_AS_MUCH = 2.0, 2.5


@dataclass(frozen=True, slots=True)
class Said:
    """An article's texts as far as they are known: how customers ask, and what else there is."""

    asked: str
    beside: str


def languages_of(articles: Sequence[Said], others: Sequence[Said] = ()) -> list[str]:
    """The likely language of each of the articles that one file holds; `others` are heard where these are silent."""
    scripts = [language_of(said.asked) for said in articles]
    counts = [
        _counts(said) if script == FALLBACK else {} for said, script in zip(articles, scripts, strict=True)
    ]
    usual = _plainest(_sum(counts), _TELLS) or _plainest(_sum(map(_counts, others)), _TELLS) or FALLBACK
    return [
        _own(own, usual) if script == FALLBACK else script
        for own, script in zip(counts, scripts, strict=True)
    ]


def language_among(text: str, present: Collection[str], otherwise: str) -> str:
    """The likely language of a text of people, where the articles are in these languages: the one its words tell, else
    the only one there is, else `otherwise`. More has to tell one that no article is in."""
    if (script := language_of(text)) != FALLBACK:
        return script
    heard = evidence(text[:_MOST_CHARS])
    found = _plainest(heard, _TELLS)
    if found in {FALLBACK, otherwise, *present} or (found and heard[found] >= _OTHER_TELLS):
        return str(found)
    [*only] = set(present)
    return only[0] if len(only) == 1 else otherwise


def _counts(said: Said) -> Mapping[str, float]:
    """How much speaks for each language; what stands beside the questions is heard where these are silent."""
    asked = evidence(said.asked[:_MOST_CHARS])
    if _plainest(asked, _TELLS) is not None:
        return asked
    return _sum([asked, evidence(said.beside[:_MOST_CHARS])])


def _own(counts: Mapping[str, float], usual: str) -> str:
    """The article's language among others in the usual one."""
    found = _plainest(counts, _OTHER_TELLS)
    if found is None or counts[found] < _OTHER_AS_MUCH * counts.get(usual, 0.0):
        return usual
    return found


def _plainest(counts: Mapping[str, float], least: float) -> str | None:
    """The language that most speaks for, English where not clearly more speaks for another; None for too little.

    Of sisters such as Danish and Norwegian either will do: their stemmers are alike as well.
    """
    if not counts:
        return None
    found = min(counts, key=lambda language: (-counts[language], language))
    if counts[found] < least:
        return None
    return found if counts[found] >= _AS_MUCH * counts.get(FALLBACK, 0.0) else FALLBACK


def evidence(text: str) -> Mapping[str, float]:
    """How much of the text speaks for each language: words and letters count the less the more languages have them."""
    found: dict[str, float] = defaultdict(float)
    for token in _TOKEN.findall(unicodedata.normalize("NFC", text).lower()):
        for language, worth in _OF_WORD.get(token, ()):
            found[language] += worth
        for letter in {sign for sign in token if sign in _OF_LETTER}:
            for language, worth in _OF_LETTER[letter]:
                found[language] += worth
    return found


def _sum(counts: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in counts:
        for language, worth in each.items():
            found[language] += worth
    return found


def _shared(things: Iterable[tuple[str, str]], worth: float) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Each thing with its languages, and what it counts for each of them."""
    owners: dict[str, list[str]] = {}
    for thing, language in things:
        if language not in owners.setdefault(thing, []):
            owners[thing].append(language)
    return {thing: tuple((each, worth / len(found)) for each in found) for thing, found in owners.items()}


_OF_WORD: Final = _shared(
    ((word, language) for language, words in _WORDS_OF.items() for word in words.split()), 1.0
)
_OF_LETTER: Final = _shared(
    ((letter, language) for language, letters in _LETTERS_OF.items() for letter in letters), _LETTER_COUNTS
)
