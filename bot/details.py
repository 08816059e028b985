"""Whether a message asks for a detail of what it does not name: "how much?", "ab welchem Alter?", "多少钱？". Pure.

It does where every word of it goes with any subject, and one of them asks, or what is counted is named. The words are
those that a grammar lists: pronouns, articles, prepositions, auxiliaries, words that ask, and what time, money and age
are told in. What an answer may be about is not among them.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_MOST_WORDS: Final = 9
"""Longer rows of general words are rare, and tell something."""

_GENERAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": "i me we us you he she him her they them it its my your our their this that these those there here "
        "one ones a an the some any all both either other another same else and or but so then also too again "
        "if because than as not of to for from in on at by with about into up out off over until till before "
        "after within during between since per each every is are was were be been being am do does did done "
        "can could may might must shall should will would have has had having get gets got need needs take "
        "takes took cost costs last lasts work works make makes go goes come comes mean means much many more "
        "most less least long longer far often soon fast quickly early late old big already still yet now "
        "today exactly really roughly approximately usually normally just only even please extra s t re ve ll "
        "d",
        "de": "ich du er sie es wir ihr man mich mir dich dir ihn ihm ihnen uns euch sich mein meine meinen meinem "
        "meiner dein deine unser unsere euer eure der die das den dem des dieser diese dieses diesen diesem "
        "ein eine einen einem einer eines etwas alles alle viel viele vielen wenig mehr weniger und oder aber "
        "denn auch noch nur schon sonst dann also nicht in im an am auf aus bei beim bis durch für mit nach "
        "seit um unter über von vom vor zu zum zur zwischen ab pro je bin bist ist sind seid war waren sein "
        "habe hast hat haben habt wird werden kann kannst können könnt könnte muss musst müssen müsst soll "
        "sollte darf dürfen geht gehen gibt macht machen kostet kosten dauert dauern bekomme bekommt bekommen "
        "brauche braucht brauchen funktioniert kommt kommen hier da dort dafür damit davon darauf dabei dazu "
        "daran zurück jetzt heute gleich immer wieder eigentlich so ganz genau ungefähr etwa circa "
        "normalerweise extra zusätzlich lang lange oft weit groß hoch alt schnell früh spät",
        "es": "yo tú él ella usted ustedes nosotros me te se lo la los las le les nos os mi mis tu tus su sus el un "
        "una unos unas este esta esto estos estas ese esa eso esos esas por para de del a al en con sin desde "
        "hasta entre sobre y e o u pero si también más menos muy mucho mucha muchos muchas poco algo todo "
        "toda todos todas cada otro otra es son era está están ser estar hay ha han he tengo tiene tienen "
        "tener puedo puede pueden se debo debe que como hace hacer va ir cuesta cuestan costar vale valen "
        "tarda tardan dura duran necesito necesita funciona aquí ahí allí ahora hoy ya siempre normalmente "
        "aproximadamente exactamente largo lejos pronto tarde temprano rápido partir adicional extra aparte",
        "fr": "je j tu il elle on nous vous ils elles me m te t se s le la les l lui leur y en mon ma mes ton ta "
        "tes votre vos notre nos son sa ses un une des du de d au aux à dans par pour avec sans sur sous chez "
        "vers dès depuis jusqu jusque pendant entre ce c ça cela cet cette ces qu que et mais ou donc si "
        "aussi encore déjà plus moins très trop peu beaucoup tout tous toute toutes chaque autre suis es est "
        "sommes êtes sont était être ai as a avons avez ont avoir peut peux puis pouvez dois doit faut va "
        "vais faire fait coûte coute coûtent coûter dure durent prend prennent vaut fonctionne ici là "
        "maintenant aujourd hui toujours normalement environ exactement long longue longtemps loin vite tôt "
        "tard supplément extra partir",
    }
)
_ASKING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": "who whom whose which what when where why how whether",
        "de": "wer wen wem wessen was welche welcher welches welchen welchem wann wo wohin woher wie wieviel "
        "wieviele warum wieso weshalb wofür womit wozu ob",
        "es": "qué quién quiénes cuál cuáles cuándo cuando cuánto cuánta cuántos cuántas cuanto cuanta cuantos "
        "cuantas dónde donde adónde cómo porqué",
        "fr": "qui quoi quel quelle quels quelles quand où comment combien pourquoi",
    }
)
_COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": "price prices fee fees charge charges amount cost costs free age ages duration time times minute "
        "minutes hour hours day days week weeks weekend weekends month months year years night nights person "
        "persons people piece pieces half euro euros dollar dollars pound pounds percent maximum minimum max "
        "min limit deadline date dates earliest latest tomorrow morning evening monday tuesday wednesday "
        "thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays",
        "de": "preis preise gebühr gebühren kosten kostenlos gratis umsonst teuer betrag alter dauer zeit uhr "
        "uhrzeit minute minuten stunde stunden tag tage tagen woche wochen wochenende monat monate monaten "
        "jahr jahre jahren nacht nächte mal person personen stück euro cent prozent höchstens mindestens "
        "maximal minimal frühestens spätestens datum frist morgen abend abends morgens montag dienstag "
        "mittwoch donnerstag freitag samstag sonntag",
        "es": "precio precios coste costo tarifa tarifas gratis gratuito gratuita caro dinero importe edad duración "
        "tiempo minuto minutos hora horas día días semana semanas mes meses año años vez veces noche noches "
        "persona personas euro euros máximo mínimo fecha plazo límite mañana lunes martes miércoles jueves "
        "viernes sábado sábados domingo domingos",
        "fr": "prix tarif tarifs gratuit gratuite cher payant frais montant âge durée temps minute minutes heure "
        "heures jour jours semaine semaines mois an ans année années fois nuit nuits personne personnes euro "
        "euros maximum minimum max min date délai limite demain matin soir lundi mardi mercredi jeudi "
        "vendredi samedi samedis dimanche dimanches",
    }
)
_ZH_COUNTED: Final = (
    r"价格|价钱|单价|总价|费用|收费|运费|免费|贵不贵|便宜|年龄|岁数?|分钟|小时|钟头|天|日|号|周末?|星期[一二三四五六日天]?|礼拜|月|年|次|回|期限?|"
    r"人|位|块|元|点|半|最[多少快慢早晚低高长短]|至少|以上|以下|以内|之内|之前|以后|左右|开始|结束|提前|一共|总共|每|[一二两三四五六七八九十百千]"
)
_ZH_GENERAL: Final = (
    r"那么?|这[个些样边里]?|那[个些样边里]|它们?|我们?|你们?|他们?|自己|要不要|需不需要|需要|需|必须|一定|要|得|能不能|可不可以|可以|能|会不会|会|"
    r"是不是|是|有没有|没有|没|有|不|的话|的|了|吧|啊|呀|个|件|种|在|到|从|给|做|弄|用|花|收|付|出|分|钱|时间|长|大概|大约|一般|通常|还|再|都|也|"
    r"又|就|才|和|或者|或|现在|今天|明天|来|去|办|行|另外|以及|请问|请|想问|知道|我想"
)
_ZH_ASKING: Final = (
    r"谁|什么时候|什么时间|什么|多久|多长时间|多长|多少|多大|多快|多远|几|怎么样|怎么|怎样|如何|"
    r"哪[里儿个些天]?|为什么|为啥|为何|何时|啥|吗|呢|么"
)
_ZH_DETAIL: Final = re.compile(rf"(?:{_ZH_COUNTED}|{_ZH_GENERAL}|{_ZH_ASKING}|[\W\d_])++")
_ZH_ASKS: Final = re.compile(rf"{_ZH_COUNTED}|{_ZH_ASKING}|[?？]")
_CJK: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WORD: Final = re.compile(r"[^\W\d_]+")


def _words_of(tables: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in tables.items()}


_GENERAL_IN, _ASKING_IN, _COUNTED_IN = map(_words_of, (_GENERAL, _ASKING, _COUNTED))


@lru_cache(maxsize=4096)
def asks_detail(text: str) -> bool:
    """Whether it asks, and names nothing that it could be about."""
    if _CJK.search(text):
        return bool(_ZH_DETAIL.fullmatch(text)) and bool(_ZH_ASKS.search(text))
    words = _WORD.findall(text.lower())
    return 0 < len(words) <= _MOST_WORDS and any(
        _is_detail_in(language, text, words) for language in _GENERAL
    )


def _is_detail_in(language: str, text: str, words: list[str]) -> bool:
    """The words read in this language."""
    asking, counted = _ASKING_IN[language], _COUNTED_IN[language]
    if any(word not in _GENERAL_IN[language] | asking | counted for word in words):
        return False
    return "?" in text or any(word in asking or word in counted for word in words)
