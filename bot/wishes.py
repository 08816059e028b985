"""Whether somebody asks for a person, in one of the many ways of saying nothing but that. Pure.

Only a message, a sentence, or a clause beside others that says nothing else is meant: "talk to somebody about my
refund" is about the refund, and the knowledge base looks at it.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.small_talk import without_accents

LONGEST: Final = 100
"""A longer sentence says more than that."""

_PLEASE_EN = (
    r"(?:(?:ok(?:ay)?|well|hi|hello|hey|please|pls|just|now|no|sorry|actually)\s+)*"
    r"(?:(?:can|could|may)\s+(?:i|you|we)\s+(?:please\s+|just\s+)?|"
    r"(?:i|we)(?:'d|\s+would)?\s+(?:really\s+|just\s+)?(?:want|need|like|prefer|wish)\s+(?:to\s+)?|"
    r"(?:i'd|i would)\s+rather\s+|let\s+me\s+|is\s+there\s+|how\s+(?:can|do)\s+i\s+)?"
)
_TALK_EN = (
    r"(?:(?:talk|speak|chat)\s+(?:to|with)|"
    r"(?:connect|transfer|pass|put)\s+me\s+(?:through\s+)?(?:to|with)|reach|contact)\s+"
)
_FETCH_EN = r"(?:(?:get|give|fetch|find)\s+(?:me\s+)?|ask\s+(?:for\s+)?|see\s+)"
_WHOSE_EN = r"(?:(?:a|an|the|your|some|any)\s+)?(?:(?:real|live|actual|human|another|different)\s+)*"
_PERSON_EN = (
    r"(?:human(?:\s+being)?|person|agent|operator|representative|rep|advis[eo]r|"
    r"(?:customer|human)\s+(?:service|support|care)(?:\s+(?:agent|team|person|representative))?|"
    r"(?:support|service)\s+(?:agent|person|team|representative))"
)
_ANYBODY_EN = (
    r"(?:someone|somebody|anyone|anybody|people|colleague|employee|staff|support|customer\s+service)"
)
_END_EN = (
    r"(?:\s+(?:(?:i|we)\s+can\s+(?:talk|speak)\s+(?:to|with)|(?:who|that)\s+can\s+help(?:\s+me)?|to\s+help(?:\s+me)?|"
    r"available|there|here|please|pls|now|right\s+now|instead|directly|thanks|thank\s+you|about\s+(?:this|it|that)))*"
)
_FETCH_ZH = (
    r"(?:请|麻烦|帮我|给我|我要|我想|我需要|能不能|可不可以|"
    r"可以|能|快|直接|你们?|那就?|还是|要|想|需要|[，,、\s])*"
)
_WHO_ZH = (
    r"(?:转接?|找|接通?|联系|和|跟|与|叫|换|有没有|有)?(?:一下|个|一个|一位|你们的?|真正的|其他)?"
    r"(?:人工(?:客服|服务|坐席)?|真人(?:客服)?|活人|客服(?:人员)?|工作人员)"
)
_END_ZH = r"(?:在吗|吗|吧|呢|啊|说话|说|聊聊?|谈谈?|沟通(?:一下)?|帮我|处理|服务|谢谢|[，,、\s])*"
_DE: Final = (
    r"(?:(?:hallo|guten tag|bitte|ok(?:ay)?|nein|danke|also|dann|ich|wir|wuerde|wurde|moechten?|mochten?|will|wollen|"
    r"brauchen?|koennen|konnen|koennten?|konnten?|kann|darf|sie|du|mich|mir|uns|gerne?|lieber|jetzt|sofort|direkt|nur|"
    r"gibt es|verbinden)\s+)*"
    r"(?:(?:mit|zu|an|von)\s+)?(?:(?:eine[mnr]?|de[mnr]|die|das|ihre[mnr]?|eurem|echte[mnr]?|richtige[mnr]?|"
    r"menschlichen?|lebenden?|anderen?)\s+)*"
    r"(?:mitarbeiter(?:in)?|menschen?|person|berater(?:in)?|kundenservice|kundendienst|kundenbetreuer(?:in)?|"
    r"ansprechpartner(?:in)?|jemande[mn]|jemand echtes|support|kundensupport|sachbearbeiter(?:in)?)"
    r"(?:\s+(?:sprechen|reden|chatten|schreiben|telefonieren|verbinden|verbunden werden|weiterleiten|haben|bitte|"
    r"jetzt|sofort|direkt|da|erreichbar|danke|kontaktieren|erreichen|helfen|wuerde|wurde|koennen|konnen))*"
)
_FR: Final = (
    r"(?:(?:bonjour|salut|svp|sil vous plait|sil te plait|non|ok|merci de|je|jaimerais|voudrais|veux|souhaite|"
    r"souhaiterais|peux|pouvez vous|puis je|est ce que je peux|il me faut|jai besoin|me|mettez moi|passez moi)\s+)*"
    r"(?:(?:parler|discuter|echanger|contacter|joindre|en relation|en contact)\s+)?(?:(?:a|avec|de|d|dun|dune)\s+)?"
    r"(?:(?:un|une|le|la|votre|vos|quel|vrai|vraie|autre)\s+)*"
    r"(?:humain|etre humain|personne(?: reelle)?|conseiller|conseillere|agent|agente|operateur|operatrice|quelquun|"
    r"service client|collaborateur|employe|conseiller humain|agent humain|vraie personne)"
    r"(?:\s+(?:humain|reel|reelle|svp|sil vous plait|sil te plait|maintenant|merci|directement|pour maider))*"
)
_ES: Final = (
    r"(?:(?:hola|por favor|no|ok|yo|quiero|quisiera|me gustaria|necesito|deseo|puedo|podria|puede|puedes|prefiero|"
    r"paseme|pasame|comuniqueme|comunicame|poder|quiere|hay)\s+)*"
    r"(?:(?:hablar|chatear|contactar|comunicarme|conversar|contacto)\s+)?(?:(?:con|a|al)\s+)?"
    r"(?:(?:un|una|el|la|su|algun|alguna|otra|otro)\s+)*"
    r"(?:humano|persona(?: real| humana)?|agente(?: humano)?|asesora?|operadora?|representante|alguien|"
    r"empleado|servicio al cliente|atencion al cliente|ser humano)"
    r"(?:\s+(?:real|humano|humana|por favor|ahora|gracias|que me ayude|directamente))*"
)
_IT: Final = (
    r"(?:(?:ciao|salve|buongiorno|per favore|no|ok|io|voglio|vorrei|desidero|posso|potrei|preferisco|ho bisogno|mi|"
    r"passi|passatemi|puo|poter|serve|ce)\s+)*"
    r"(?:(?:parlare|chattare|contattare|comunicare|mettermi in contatto)\s+)?(?:(?:con|a|di|al)\s+)?"
    r"(?:(?:un|una|uno|il|la|lo|vostro|vera|vero|altra|altro)\s+)*"
    r"(?:umano|essere umano|unumano|persona(?: reale| vera| umana)?|operatore|unoperatore|unoperatrice|operatrice|"
    r"operatore umano|unoperatore umano|agente|unagente|addetto|qualcuno|servizio clienti|assistenza clienti|"
    r"consulente)(?:\s+(?:reale|vero|vera|umano|umana|per favore|adesso|ora|grazie|direttamente))*"
)
_PT: Final = (
    r"(?:(?:ola|oi|bom dia|por favor|nao|ok|eu|quero|queria|gostaria|gostava|de|preciso|posso|poderia|prefiro|me|"
    r"passe|pode|ha|tem)\s+)*"
    r"(?:(?:falar|conversar|contactar|contatar|entrar em contato)\s+)?(?:(?:com|a|ao)\s+)?"
    r"(?:(?:um|uma|o|a|algum|alguma|outra|outro)\s+)*"
    r"(?:humano|ser humano|pessoa(?: real| de verdade)?|atendente(?: humano)?|agente|operadora?|alguem|representante|"
    r"assistente humano|funcionario|apoio ao cliente|atendimento ao cliente|atendimento humano)"
    r"(?:\s+(?:real|humano|humana|por favor|agora|obrigado|obrigada|de verdade|diretamente))*"
)
_TALKS: Final = frozenset(
    {
        "sprechen", "reden", "chatten", "verbinden", "verbunden", "kontaktieren", "telefonieren", "erreichen",
        "mensche", "menschen", "mitarbeiter", "mitarbeiterin", "berater", "beraterin", "kundenservice",
        "kundendienst", "kundenbetreuer", "kundenbetreuerin", "ansprechpartner", "ansprechpartnerin", "parler",
        "discuter", "echanger", "contacter", "joindre", "relation", "humain", "reelle", "operateur",
        "conseiller", "conseillere", "hablar", "chatear", "contactar", "comunicarme", "conversar", "humano",
        "humana", "asesor", "asesora", "operador", "operadora", "parlare", "chattare", "contattare",
        "comunicare", "contatto", "umano", "umana", "real", "reale", "operatore", "unoperatore", "operatrice",
        "falar", "contatar", "contato", "atendente",
    }
)  # fmt: skip
_TALKS_IN_TWO: Final = (
    "service client", "atencion al cliente", "servicio al cliente", "servizio clienti", "assistenza clienti",
    "atendimento ao cliente", "apoio ao cliente",
)  # fmt: skip
"""One of these is said, too: alone, words such as person, agent, somebody or support may be about anything."""
_PEOPLE_EN: Final = frozenset(
    {
        "human", "person", "agent", "operator", "representative", "rep", "adviser", "advisor", "customer",
        "support", "service", "someone", "somebody", "anyone", "anybody", "people", "colleague", "employee",
        "staff",
    }
)  # fmt: skip
"""One of these is said by whoever asks in English: to look for them costs a fraction of the pattern."""
_WORD: Final = re.compile(r"\w+")
_OTHERS: Final = tuple(map(re.compile, (_DE, _FR, _ES, _IT, _PT)))
_EN = re.compile(
    rf"{_PLEASE_EN}(?:(?:{_TALK_EN}|{_FETCH_EN})?{_WHOSE_EN}{_PERSON_EN}|{_TALK_EN}{_WHOSE_EN}{_ANYBODY_EN}){_END_EN}"
)
_COME_EN: Final = (
    rf"(?:(?:ok|no|please|pls|sorry)\s+)*(?:can|could|may|would|will|please\s+(?:have|let)|have|let)\s+"
    rf"(?:{_WHOSE_EN}{_PERSON_EN}(?:\s+please)?(?:\s+just)?\s+help|"
    rf"{_WHOSE_EN}(?:{_PERSON_EN}|{_ANYBODY_EN})(?:\s+(?:from|in|at)\s+(?:the\s+|your\s+)?(?:{_PERSON_EN}|{_ANYBODY_EN}|team))?"
    rf"(?:\s+please)?(?:\s+just)?\s+(?:call|contact|answer|phone|write\s+to|reply\s+to|get\s+back\s+to|(?:talk|speak|chat)\s+(?:to|with)))"
    rf"\s+(?:me|us){_END_EN}"
)
_WANTED_EN: Final = (
    rf"(?:(?:ok(?:ay)?|well|please|pls|just|now|no|sorry|actually)\s+)*"
    rf"(?:(?:i|we)(?:'d|\s+would)?\s+(?:really\s+|just\s+)?(?:want|need|prefer|like)\s+|"
    rf"(?:can|could|may)\s+(?:i|we)\s+(?:please\s+|just\s+)?(?:have|get)\s+|"
    rf"where\s+(?:can|do)\s+(?:i|we)\s+(?:find|reach|get)\s+){_WHOSE_EN}{_PERSON_EN}"
)
_CALLED_EN: Final = (
    r"(?:(?:real|live)\s+)?(?:human(?:\s+being)?|person|agent|"
    r"operator|representative|rep)\s+(?:please|pls|now)"
)
_EN_CLAUSE = re.compile(
    rf"{_PLEASE_EN}(?:(?:{_TALK_EN}|{_FETCH_EN}){_WHOSE_EN}{_PERSON_EN}|{_TALK_EN}{_WHOSE_EN}{_ANYBODY_EN}){_END_EN}|"
    rf"{_WANTED_EN}{_END_EN}|{_COME_EN}|{_CALLED_EN}"
)
"""Beside another clause it says what is to be done: "the agent" alone may be about anything."""
_LEADS_ZH: Final = (
    r"(?:[你您]好|喂|请问|请|麻烦|帮忙|帮|给|我们|我|你们|想|需要|要求|要|能不能|能否|能|可不可以|可以|可否|快点?|赶紧|赶快|马上|"
    r"立刻|现在|直接|只|就|那|还是|算了|让|怎么|如何|再(?=[帮给]))"
)
_WISHES_ZH: Final = r"(?=.*(?:请(?!问)|麻烦|帮|给|想|要|能|可以|可否|直接|让|怎么|如何))"
"""In what leads to the person it is said that one is wanted: "I told the agent" leads to them, too."""
_MEASURE_ZH: Final = r"(?:一下|一[个位名]|[个位名到]|你们的?|真正的|其他的?|别的)*"
_MANNED_ZH: Final = r"(?:人工(?:客服|服务|坐席|帮助|支持)?|真人(?:客服|服务)?|活人)"
_STAFF_ZH: Final = rf"(?:{_MANNED_ZH}|客服(?:人员)?|工作人员)"
_PUT_ZH: Final = r"(?:转接|转|找|接通|接入|接|换成|换|呼叫|呼)"
_REACH_ZH: Final = rf"(?:{_PUT_ZH}|联系|和|跟|与|叫|让|安排|派|有没有|有)"
_AFTER_ZH: Final = (
    r"(?:在线吗|在吗|行吗|行不行|可以吗|好吗|好不好|吗|吧|呢|啊|呀|啦|来|[和跟]我|说话|说|聊聊?|谈谈?|讲|对话|交流|沟通|联系|回复?|"
    r"接待|帮忙|帮助?|处理|解决|看看|打个?电话|给我|我|一下|服务|谢谢)*"
)
_ASKED_ZH: Final = r"(?:(?:现在|还)?在线?吗|在不在|在线?不在线?|有吗)"
_ZH_CLAUSE = re.compile(
    rf"(?!.*需要.*吗)(?:"
    rf"{_WISHES_ZH}{_LEADS_ZH}+{_REACH_ZH}{_MEASURE_ZH}{_STAFF_ZH}{_AFTER_ZH}|"
    rf"{_WISHES_ZH}(?!.*[吗怎如]){_LEADS_ZH}+{_MEASURE_ZH}{_STAFF_ZH}{_AFTER_ZH}|"
    rf"{_LEADS_ZH}*{_PUT_ZH}{_MEASURE_ZH}{_MANNED_ZH}{_AFTER_ZH}|"
    rf"{_LEADS_ZH}*(?:有没有{_MEASURE_ZH}{_STAFF_ZH}|有{_MEASURE_ZH}{_STAFF_ZH}[吗么]){_AFTER_ZH}|"
    rf"(?:你们的?)?{_STAFF_ZH}{_ASKED_ZH}|还是{_STAFF_ZH}[吧好]了?|(?:{_MANNED_ZH}){{2,}}|"
    rf".*(?<![不别用要想么谁们会说再后时])(?:请|麻烦|帮我|给我|我要|还是)(?:直接|帮我|给我)?转接?(?:一下|到)?{_MANNED_ZH}{_AFTER_ZH})"
)
_STAFF_SAID: Final = re.compile(_STAFF_ZH)
_ASKS_OF_THEM_ZH: Final = re.compile(
    r"(?:是|都|一般|大概|周末|节假日|晚上|每天|你们|他们|得|需?要)*(?:几点|什么时间|什么时候|上班|下班|多久|等多久|多少钱|收费|电话|排队)"
)
"""Begins what asks about the people who are there, and not for one of them."""
_ZH = re.compile(_FETCH_ZH + _WHO_ZH + _END_ZH)


_BETWEEN = re.compile(r"[.!?…]+\s|[。！？；;]+\s?")
_SIGN_ZH: Final = r"[\u3400-\u9fff]"
_ITSELF_EN: Final = r"(?=(?:please|pls|i|i'd|we|can|could|may|let|connect|transfer|put)\b)"
"""Begins a clause with a subject of its own: "I won't call and talk to an agent" tells of one thing."""
_CLAUSES = re.compile(
    rf"[,;.!?…]+\s+(?:so\s+|(?:and|but)\s+{_ITSELF_EN})?|\s+[-–—]+\s+|—+|\s+(?:so|because)\s+|\s+(?:and|but)\s+{_ITSELF_EN}|"
    rf"[，；。！？…]+\s*|(?<={_SIGN_ZH})[,;.!?]+|(?<={_SIGN_ZH})(?<![不别没用要想])\s+(?={_SIGN_ZH}*{_STAFF_ZH}{_SIGN_ZH}*\W*$)",
    re.IGNORECASE,
)


def asks_for_person(words: str) -> bool:
    """Whether these words, in small letters and without signs at their ends, ask for a person and nothing else.

    Or one of several sentences does, in more than a word: whatever the others tell, the person will read it.
    """
    if words.isascii() and not _speaks_of_people(words):
        return False
    if len(words) <= LONGEST and _asks(words):
        return True
    sentences = _BETWEEN.split(words)
    return len(sentences) > 1 and any(
        len(each) <= LONGEST and (" " in each or not each.isascii()) and _asks(each) for each in sentences
    )


def clauses_of(text: str) -> list[str]:
    """The clauses of a message, by its signs and the words that join them."""
    return [one for one in _CLAUSES.split(text) if one]


def asks_beside(clauses: Sequence[str]) -> bool:
    """Whether one of the clauses of a message, written as above, tells to fetch or talk to a person."""
    if len(clauses) < 2 and not (clauses and _speaks_of_staff(clauses[0])):
        return False
    return any(
        len(one) <= LONGEST and _tells_to_fetch(one, after)
        for one, after in zip(clauses, [*clauses[1:], ""], strict=True)
    )


def _tells_to_fetch(clause: str, after: str) -> bool:
    if _speaks_of_staff(clause):
        return _ZH_CLAUSE.fullmatch(clause) is not None and _ASKS_OF_THEM_ZH.match(after) is None
    return _speaks_of_people(clause) and _EN_CLAUSE.fullmatch(clause) is not None


def _speaks_of_staff(words: str) -> bool:
    """Whether a person is named who may be asked for in Chinese."""
    return not words.isascii() and _STAFF_SAID.search(words) is not None


def _asks(words: str) -> bool:
    if _EN.fullmatch(words) is not None or (not words.isascii() and _ZH.fullmatch(words) is not None):
        return True
    bare = _bare(words)
    return _talks(_WORD.findall(bare)) and any(each.fullmatch(bare) is not None for each in _OTHERS)


def _speaks_of_people(words: str) -> bool:
    """Whether anything that is said by whoever asks, in Latin letters, is among the words."""
    said = _WORD.findall(_bare(words))
    return not _PEOPLE_EN.isdisjoint(said) or _talks(said)


def _bare(words: str) -> str:
    return without_accents(words).replace("-", " ")


def _talks(said: Sequence[str]) -> bool:
    if not _TALKS.isdisjoint(said):
        return True
    together = f" {' '.join(said)} "
    return "client" in together and any(f" {each} " in together for each in _TALKS_IN_TWO)
