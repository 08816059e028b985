"""Postal addresses: the table of what they look like, and of the shop's own, which stay. Pure."""

from typing import Final

from crm_store.private_names import HAN, NO_NAMES
from crm_store.private_rules import rule

_CAP = rf"(?!(?:{NO_NAMES})\b)[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_UK = r"(?i:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
_US = r"[A-Z]{2},? \d{5}(?:-\d{4})?\b"
POSTCODE: Final = rf"(?:(?:D-|F-|E-|CH-|A-)?\d{{4,6}}(?![\d-])|{_UK})"
ASKED_WHETHER: Final = (
    r"(?:(?i:\b(?:deliver\w*|ship\w*|liefer\w*|versend\w*|verschick\w*|envían?|envia\w*|livr\w+"
    r"|spedi\w+)\b[^.,;!?\d\n]{0,20}"
    r"\b(?:to|in|nach|an|a|al|à|en)[ ](?:[A-Za-z]+ )?|\b(?:postcode|postal code|zip(?: code)?|plz|postleitzahl|"
    r"código postal|code postal)[ ]+)|(?:配送|送到|送|邮编)[ ]?)"
)
"""What a postcode alone stands behind, where the question is about the place."""

_NAMED = _CAP.replace(".-", "-")  # no full stop, which ends the sentence
_TOWN = rf"(?:(?:New|Los|Las|San|El|La|Le|Den) )?{_NAMED}(?:[ -]{_NAMED}){{0,2}}"
_TYPES = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Close|Crescent|Terrace|Place|Pl|Square|Sq|Boulevard|Blvd|"
    "Way|Gardens|Grove|Hill|Mews|Park|Parade|Row|Walk|Highway|Hwy|Parkway|Circle|Quay|Wharf|Rise|Alley|Broadway"
)
_FLAT = r"(?:(?i:\b(?:flat|apt|apartment|unit|suite|room))\.? ?#?\w{1,4},? )?"
_OWN = (
    r"(?i:\b(?:we are|we['’]re|our \w+(?: \w+)?(?: is)?|(?:visit|find|see|come to) us|(?:shop|store|office"
    r"|workshop) is|"
    r"located|wir sind|sie finden uns|unser\w* \w+ ist|besuchen sie uns|estamos|nuestra tienda está|nous sommes|"
    r"notre magasin est|shop|store)(?: at| in| on| on the| auf| an| der| in der| en| la| au)*[ ]|"
    r"(?:我们|本|你们|贵)[的]?(?:店铺?|门店|公司|地址)?(?:就?在|位于|是))"
)
_ENGLISH = (
    rf"{_FLAT}(?<![\d.,€$£])\d{{1,5}}[a-zA-Z]?(?: ?[-/] ?\d{{1,4}})?,? (?:"
    rf"(?:{_CAP} ){{1,4}}(?:{_TYPES})\b\.?"
    r"|(?i:(?!(?:day|minute|hour|star|way|on|the|of|new|year|month|for|in|to|and|from|your|our|my)s?\b)[a-z'’]+ "
    r"(?:(?!(?:on|the|of|in|to|and|from|down|bikes?|for|a)\b)[a-z'’]+ )?"
    r"(?:street|road|avenue|lane|boulevard|terrace|crescent|drive)\b)(?=\s*(?:[,.;!?\n]|$|in\b|near\b|and\b"
    r"|flat\b|apt\b))"
    rf"|{_CAP} (?:Avenue|Broadway)\b|Broadway\b)"
    rf"(?:,? (?i:flat|apt|apartment|unit|suite|room)\.? ?#?\w{{1,4}})?"
    rf"(?:,? {_US}|,? {_UK}|,\s?{_TOWN}(?:,? {_US}|,? {_UK})|,? (?i:[a-z]+),? {_UK}|,\s?{_TOWN}"
    rf"| {_CAP})?(?:,? {_US}|,? {_UK}|,\s?{_TOWN} {_UK})?"
)
_PLZ = rf"(?:D-|A-|CH-)?\d{{4,5}} {_NAMED}(?: (?:am|an der|im|a\.|bei) {_NAMED})?"
_NO_STREETS = (
    "(?!(?i:park|stell|arbeits|sitz|spiel|lager|rast|markt|liege)platz|(?i:heim|rad|fahrrad|um|hin|rück|liefer|arbeits|"
    "transport|vertriebs|rechts)weg)"
)
_GERMAN = (
    rf"(?:\d{{5}} {_CAP},? )?(?:"
    rf"{_NO_STREETS}\b[\wäöüßÄÖÜ.-]{{2,}}(?i:straße|strasse|str\.?|weg|platz|allee|gasse|damm|ufer|chaussee)"
    rf"|\b{_CAP} (?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Damm|Ufer)|\b(?:Am|An der|Im|Unter den|Zum"
    rf"|Zur) {_CAP}"
    rf"(?= \d{{1,3}}[a-z]?,? \d{{4,5}} ))"
    rf" ?\d{{1,4}} ?(?:[a-z]\b)?(?: ?[-/] ?\d{{1,4}}[a-z]?)?(?:,? {_PLZ}|(?i:,? \d{{5}} [a-zäöüß]+))?"
)
_SPANISH = (
    r"(?i:\b(?:c/|calle|avenida|avda\.?|av\.|plaza|pza\.?|paseo|ronda|carretera|camino|travesía)) ?"
    r"(?:[^\W\d_][\w.'’-]* ?){1,6}?,? ?(?:(?i:n[.º°]*|número) ?)?\d{1,4}[a-z]?\b(?:,? ?\d{1,2}[º°ª] ?[A-Z]?\b)?"
    rf"(?:,? \d{{5}} {_TOWN}|(?i:,? \d{{5}} [a-záéíóúñ]+)|, {_TOWN})?"
)
_OF = r"(?:de la |de l['’]|des |du |de |d['’]|la |le |l['’])"
_FRENCH = (
    rf"\b\d{{1,4}}(?: ?(?:bis|ter))?,? (?:(?i:rue|avenue|av\.|boulevard|bd\.?|chemin|impasse|allée|quai"
    rf"|cours) {_OF}?"
    rf"|(?i:place|route|square) {_OF})[\wÀ-ÿ'’-]+(?:[ -](?:{_OF})?{_CAP}){{0,4}}"
    rf"(?:,? \d{{5}} {_TOWN}|(?i:,? \d{{5}} [a-zéèêç-]+)|, {_TOWN})?"
)
_ITALIAN = (
    rf"\b(?:Via|Viale|Piazza|Corso|Vicolo) (?:(?:de|dei|del|della|di|delle) )?{_CAP}(?: {_CAP})?,? \d{{1,4}}"
    rf"(?:,? \d{{5}} {_TOWN})?\b"
)

_SIGN = f"(?![到在是址寄送住往于的我他她请去至给和])[{HAN}]"
_PROVINCES = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    "陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_REGION = (
    f"(?:(?:{_PROVINCES})(?:省|市|自治区)?)?(?:(?:{_SIGN}){{2,5}}?(?:市|自治州))?(?:(?:{_SIGN}){{1,5}}?(?:新区|区|县|旗))?"
    f"(?:(?:{_SIGN}){{1,6}}?(?:街道|镇|乡|村))?"
)
_WITHIN = r"(?:\s?[\dA-Za-z一二三四五六七八九十-]{1,5}\s?(?:号楼|号院|号|弄|栋|幢|座|单元|楼|层|室|房|户))"
_CHINESE = (
    f"{_REGION}(?:{_SIGN}){{1,9}}?(?:大道|大街|路|街|巷|弄|胡同|道)(?:[东南西北中])?{_WITHIN}"
    f"(?:(?:{_SIGN}){{0,8}}?{_WITHIN})*"
    f"|{_REGION}(?:{_SIGN}){{2,8}}?(?:小区|花园|公寓|大厦|家园|新村|苑|城|广场|村|宿舍){_WITHIN}+"
    f"|{_REGION}\\d{{1,4}}\\s?(?:号楼|栋|幢|座)\\s?(?:\\d{{1,2}}\\s?单元)?\\s?\\d{{2,5}}\\s?[室房]"
    f"|(?:{_PROVINCES})(?:省|市)?(?:(?:{_SIGN}){{2,5}}?市)?(?:{_SIGN}){{1,5}}?(?:区"
    f"|县)(?:{_SIGN}){{0,10}}?[\\dA-Za-z-]+[号室栋楼]"
)
_LIVES = (
    r"(?i:\b(?:my (?:\w+ )?address is|i live (?:at|in)|(?:delivery |shipping |postal |home )?address ?:|"
    r"(?:ship|deliver|send)(?: it)? to ?:|meine (?:liefer)?adresse (?:ist|lautet)|(?:ich )?wohne(?:n"
    r"|haft)?(?: in| im| am)?|"
    r"(?:liefer)?(?:adresse|anschrift) ?:|mi dirección es|vivo en|dirección ?:|j['’]habite(?: au| à)?|"
    r"mon adresse est|adresse ?:))[ \t]*"
)

_LIVING = "address live ship deliver send adress wohn anschrift direcci vivo habite"
RULES: Final = (
    rule(_ENGLISH, unless=f"{_OWN}(?:{_ENGLISH})", digit=True),
    rule(
        _GERMAN,
        unless=f"{_OWN}(?:{_GERMAN})",
        digit=True,
        near="str weg platz allee gasse damm ufer chaussee am an im den zu",
    ),
    rule(
        f"{_FRENCH}",
        unless=f"{_OWN}(?:{_FRENCH})",
        digit=True,
        near="rue av boul bd chem imp all quai cours place route square",
    ),
    rule(
        f"{_SPANISH}",
        unless=f"{_OWN}(?:{_SPANISH})",
        digit=True,
        near="c/ calle av plaza pza paseo ronda carr camino trav",
    ),
    rule(_ITALIAN, unless=f"{_OWN}(?:{_ITALIAN})", digit=True, near="via piazza corso vicolo"),
    rule(_CHINESE, unless=f"{_OWN}(?:{_CHINESE})", near="号 弄 栋 幢 座 单元 楼 层 室 房 户 区 县"),
    rule(
        r"\b(?i:p\.? ?o\.? ?box|postfach|apartado(?: de correos)?|boîte postale|bp)[ ]\d{1,6}",
        digit=True,
        near="box postfach apartado postale bp",
    ),
    # Whatever has a number in it where somebody says that they live there.
    rule(
        r"(?=[^.?!？！。\n]{0,60}\d)[^?!;\n？！。]{2,80}?"
        r"(?=,? (?:and|do|can|could|is|are|how|when|what|please|but|i|und|bitte|wann|wie|y|et|pero|mais)\b"
        r"|[.?!;](?:\s|$)|\n|$)",
        behind=_LIVES,
        says=False,
        digit=True,
        near=_LIVING,
    ),
    rule(r"\[…\]", behind=_LIVES, says=False, digit=True, near=_LIVING),
)
