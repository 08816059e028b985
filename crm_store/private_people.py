"""Names of people: the table of where a text says that something is one. Pure."""

from typing import Final

from crm_store import private_names as names
from crm_store.private_names import HAN
from crm_store.private_rules import rule

_CALLED = (
    r"(?i:\b(?:my (?:full |first |last |user ?)?name(?: is|['’]s)|i am called|you can call me|mein name ist|"
    r"(?:ich )?hei(?:ß|ss)e|me llamo|mi nombre es|je m['’]appelle|mon nom est|mi chiamo|il mio nome è|me chamo|"
    r"meu nome é))[ \t]*:?[ \t]+"
)
_BEING = (
    r"\b(?:[Ii](?: am|['’]m|m)|[Tt]his is|[Hh]ere is|[Ii]ch bin(?: d(?:er|ie))?|[Hh]ier (?:ist|spricht)|[Ss]oy"
    r"|[Jj]e suis|[Ss]ono|"
    r"[Hh]abla|[Cc]['’]est)[ \t]+"
)
_GREETED = (
    r"\b(?i:dear|hi|hello|hey|good (?:morning|afternoon|evening)|liebe[rs]?|hallo|guten (?:tag|morgen|abend)"
    r"|moin|hola|"
    r"estimad[oa]|querid[oa]|bonjour|bonsoir|ch[eè]re?|ciao|gentile|car[oa]|salve|thanks|thank you|danke"
    r"|gracias|merci),?"
    r"[ \t]+"
)
_TITLED = (
    r"\b(?:(?i:mrs?|ms|dr|prof|hr|sra?|mme|mlle|sig(?:ra)?)\.?|Miss|Herrn?|Frau|[Ss]eñor(?:a|ita)?|[Dd]oñ?a|Don|"
    r"[Mm]onsieur|[Mm]adame|[Mm]ademoiselle|[Ss]ignora?)[ \t]+(?:(?:Dr|Prof)\.[ \t]+)*"
)
_GOODBYE = (
    r"(?:\b(?i:(?:(?:best|kind|warm|warmest|many) )?(?:regards|wishes)|(?:yours )?sincerely(?: yours)?|"
    r"yours (?:truly|faithfully)|all the best|"
    r"(?:mit )?(?:freundlichen?|viele[n]?|liebe[n]?|beste[n]?|herzliche[n]?|schöne[n]?) gr(?:ü|ue)(?:ß|ss)en?|"
    r"mit freundlichem gru(?:ß|ss)|mfg|un (?:cordial )?saludo|saludos(?: cordiales)?|atentamente|un abrazo|"
    r"(?:bien )?cordialement|bien à vous|salutations(?: distinguées)?|cordiali saluti|distinti saluti|un saluto|"
    r"cumprimentos)|此致[\s，,]*敬礼|此致|敬礼|顺祝商祺|祝好)"
)
_OF_ALL = (
    r"(?!\s*[^\n]{0,50}(?i:\b(?:team|support|shop|store|service|equipo|équipe|kundendienst)\b|团队|客服部))"
)
_FAREWELLS = (
    "regards wishes sincerely yours best mfg gr saludo atenta abrazo cordial bien salut cumpri "
    "此致 敬礼 商祺 祝好"
)
_NAMING = "name called call hei llam nombre appelle nom chiam chamo"
_TITLES = "mr ms miss dr prof hr sr mme ml sig herr frau señor do monsieur madam mademoiselle"
_BEINGS = "i soy c"
_GREETINGS = (
    "dear hi hello hey good lieb hallo guten moin hola estimad querid bon ch ciao gentil car salve thank danke "
    "graci merci"
)
_LABELS = "人 姓名 户主 名字"
RULES: Final = (
    # A line below "kind regards", or what stands behind it.
    rule(
        r"[^\s?？][^\n?？]{0,59}(?=\n|$)",
        behind=rf"{_GOODBYE}[,，.!！]?[ \t]*\n\s*{_OF_ALL}",
        says=False,
        near=_FAREWELLS,
    ),
    rule(names.PERSON, behind=rf"{_GOODBYE}[,.!]?[ \t]+{_OF_ALL}", says=False, near=_FAREWELLS),
    rule(rf"{names.LOWER}(?=[.!]?\s*$)", behind=rf"{_GOODBYE},[ \t]*{_OF_ALL}", says=False, near=_FAREWELLS),
    rule(
        rf"{names.PERSON}(?=[.!]?[ \t]*(?:\n|$))",
        behind=r"\b(?i:best|cheers|love|thanks|thank you|br|kr|lg|vg|danke|gruß|saluti)"
        r"(?:[,!.][ \t]*\n*|[ \t]*\n)[ \t]*",
        says=False,
        near="best cheers love thank br kr lg vg danke gru saluti",
    ),
    rule(rf"{names.PERSON}(?=[ \t]*$)", behind=r"\n[ \t]*[-–—~][ \t]?", says=False, near="- – — ~"),
    rule(names.PERSON, behind=_CALLED, says=False, near=_NAMING),
    rule(names.LOWER, behind=_CALLED, says=False, near=_NAMING),
    rule(rf"{names.PERSON}(?= (?i:here|speaking|hier|am apparat)\b)", near="here speaking hier apparat"),
    rule(names.PERSON, behind=_TITLED, near=_TITLES),
    rule(names.GIVEN, behind=_BEING, says=False, near=_BEINGS),
    rule(rf"{names.NAME}[ \t]+{names.NAME}", behind=r"\b[Ii]ch bin[ \t]+", says=False, near="ich"),
    rule(
        rf"{names.PERSON}(?![ \t]+{names.NO_NAMES}\b)",
        behind=_BEING.replace("|[Ii]ch bin(?: d(?:er|ie))?", ""),
        says=False,
        near=_BEINGS,
    ),
    rule(names.PERSON, behind=_GREETED, says=False, near=_GREETINGS),
    rule(
        names.PERSON,
        behind=r"\b(?i:name|nombre|nom|nome|kontakt|contact|empfänger|recipient)[ \t]?[:=][ \t]*",
        near=": =",
    ),
    rule(
        f"{names.PERSON_HAN}|{names.WORDS_HAN}",
        behind=r"我叫(?:做)?|我的名字(?:是|叫)",
        says=False,
        near="我",
    ),
    rule(
        rf"(?!{names.NO_NAMES_HAN}){names.SURNAME}[{HAN}]{{1,2}}(?=[，,。.!！；;\s]|$)",
        behind="我是|这是",
        says=False,
        near="是",
    ),
    rule(names.SURNAME, behind="(?:我|免贵)姓", says=False, near="姓"),
    rule(
        rf"{names.WORDS_HAN}[{HAN}]?(?![{HAN}])",
        behind="(?:联系人|收件人|收货人|寄件人|姓名|户主|持卡人|预订人|名字)[ ]?(?:是|叫|为|：|:)[ ]?",
        near=_LABELS,
    ),
    rule(
        rf"(?!方[式法便]|安[排全]|万一|于|关[于联]|文[字]|管[理]|成[功]|任[意何]){names.SURNAME}(?![写填错改信])[{HAN}]{{1,2}}"
        rf"(?![{HAN}])",
        behind="联系人|收件人|收货人|寄件人|姓名",
        near=_LABELS,
    ),
    rule(
        rf"{names.SURNAME}[{HAN}]{{0,2}}(?=先生|女士|小姐|太太|师傅)"
        rf"|(?<![{HAN}])(?!各位|这位|那位|尊敬|亲爱|请问|客服|有位|您好|[我你他她好])[{HAN}]{{1,3}}(?=先生|女士|小姐)",
        near="先生 女士 小姐 太太 师傅",
    ),
    rule(rf"小{names.SURNAME}", behind="客服", near="客服"),
)
