"""Numbers, dates and addresses of the net that say whose they are: the tables of them. Pure."""

from typing import Final

from crm_store import private_places as places
from crm_store.masking import MASK
from crm_store.private_names import HAN
from crm_store.private_rules import rule

_START, _END = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"
_IS = r"(?:\s*(?:is|ist|es|est|è|lautet|:|：|=|是|为))?\s*"

# Dates that say when somebody was born: behind such a word, or long enough ago.
_MONTH = (
    r"(?i:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|février|mar(?:ch|s)?|märz|apr(?:il)?|avril|may|mai|june?"
    r"|juni|juin|"
    r"jul[yi]?|juillet|aug(?:ust)?|août|sep(?:t|tember|tembre)?|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?|"
    r"de[cz](?:ember)?|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
    r"diciembre)\b\.?"
)
_AGO = r"(?:19\d\d|200\d|201[0-5])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º)?\.?"


def _dates(year: str, more: str) -> str:
    return (
        rf"(?<![\d.])\d{{1,2}}[./-]\s?\d{{1,2}}(?:[./-]\s?{year}){more}(?!\d)"
        rf"|{year}[./-]\d{{1,2}}[./-]\d{{1,2}}(?!\d)"
        rf"|(?<!\d){_DAY}\s+(?:of |de )?{_MONTH}(?:,?\s+(?:de )?{year}(?!\d)){more}"
        rf"|\b{_MONTH}\s+{_DAY}(?:,?\s+{year}){more}(?![\d%])"
        rf"|(?:{year}\s?年\s?){more}\d{{1,2}}\s?月\s?\d{{1,2}}\s?[日号]?"
    )


_BORN = (
    r"(?:(?i:\bborn|\bbirthday|\bbirth ?date|\bdate of birth|\bdob|\bgeboren|\bgeb\.|\bgeburtstag|\bgeburtsdatum|"
    r"\bnacid[oa]|\bnací|\bnacimiento|\bcumpleaños|\bnée?|\bnaissance|\banniversaire|\bnat[oa] il|\bcompleanno)|"
    r"出生(?:日期|年月)?|生日)[ \t]?"
    r"(?:(?i:\s?(?:is|ist|es|est|on|in|am|el|le|the|le|der|:|era|falls))|[：是为于在]){0,2}\s*"
)

# Numbers beside the word that says whose they are.
_COUNTED = (
    r"(?!\d*[ \t]?(?i:days?|weeks?|months?|hours?|minutes?|years?|times?|x\b|items?|pieces?|pairs?|pcs|%"
    r"|percent|eur|"
    r"usd|gbp|euros?|tage?n?|wochen?|monate?n?|stunden?|jahre?n?|stück|mal|prozent|días?|semanas?|meses|horas?"
    r"|veces|"
    r"jours?|semaines?|mois|heures?|fois|giorni|km|kg|g\b|cm|mm|am\b|pm\b|[€$£天日月年元块个件次位份人周小分秒台辆%]))"
)
_VALUE = rf"{_COUNTED}#?(?:[A-Z]{{1,5}}[-_ ]?|[a-z]{{1,5}}[-_])?\d+(?:[-_/]?\w)*(?![.,:]\d)"
_NUMBER_WORD = (
    r"(?:[ \t]*(?i:no|nr|num|number|nummer|numéro|número|numero|id|ref|code)\b\.?|"
    r"[ \t]*[n№]\.?[º°]?|号码?|编号)"
)
_ORDER = (
    r"(?i:order|ticket|invoice|booking|reservation|reference|parcel|shipment|tracking|customer|account|case|claim|"
    r"bestellung|auftrag|rechnung|sendung|buchung|reservierung|vorgang|pedido|factura|reserva|envío|commande"
    r"|facture|"
    r"réservation|colis|ordine|fattura|prenotazione)"
)
_MANY = r"(?![ \t]+(?!(?:is|was|has|does|this|als|des|das|es|las|los|les|pas)\b)[a-zäöü]+s\b)"
ACCOUNTS: Final = (
    rule(
        r"\d{3,8}(?!\d)",
        behind=r"(?i:\b(?:cvv2?|cvc2?|cvn|security code|card code|(?:karten)?prüf(?:nummer|ziffer)|sicherheitscode|"
        r"código de seguridad|cryptogramme|code de sécurité)|安全码|验证码|校验码|取件码|背面三位)"
        rf"(?:[ \t]*(?i:number|code|no\.?))?{_IS}#?",
        digit=True,
    ),
    rule(
        r"(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:20)?\d\d(?![\d./])",
        behind=r"\b(?i:exp(?:iry)?(?: date)?)\b\.?:?[ \t]*",
        digit=True,
    ),
    rule(
        r"(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:20)?\d\d(?![\d./])",
        behind=r"(?i:\b(?:card|\w*karte|tarjeta|carte|carta|visa|mastercard|maestro|amex)\b|[信借储银]\w?\w?卡)[^\n]{0,60}?"
        r"(?i:expir\w*|valid (?:thru|through|until|till)|gültig bis|läuft ab|ablauf\w*|caduca\w*|vence\w*"
        r"|vencimiento|"
        r"scad\w*|expir\w*|有效期至?到?|到期日?|\bcaduca)[^\d\n]{0,12}",
        digit=True,
    ),
    rule(
        r"(?:0?[1-9]|1[0-2])\s?[/.-]\s?(?:20)?\d\d(?![\d./])",
        behind=r"(?i:\b(?:tarjeta|card|karte|carte)\b)[ \t]+",
        digit=True,
    ),
    rule(rf"{_dates(r'(?:19|20)?[0-9]{2}', '?')}|(?<!\d)(?:19|20)\d\d(?!\d)", behind=_BORN, digit=True),
    rule(_dates(_AGO, ""), digit=True),
    rule(
        rf"(?!{places.POSTCODE}){_VALUE}",
        behind=rf"\b{_ORDER}s?(?:{_NUMBER_WORD}|[ \t]?:)(?:{_IS}|[ \t]*)",
        digit=True,
    ),
    rule(
        rf"(?:[A-Z]{{1,5}}[-_]?)?{_VALUE}{_MANY}",
        behind=rf"\b(?i:my|your|this|that|the|our|his|her|of|for|with|about|meine[rn]?|ihre[rn]?|mi|mon|ma|mio|votre|su)"
        rf"[ \t]+{_ORDER}(?:[ \t]+is)?[ \t]+",
        digit=True,
    ),
    rule(
        rf"(?:[A-Z]{{1,5}}[-_]\w*\d\w*|\d+(?=[ ]?(?:[,.?!;](?!\d)|$))|{_COUNTED}#?\d{{3,}}(?:[-_/]\w+)*){_MANY}"
        r"(?![.,]\d)",
        behind=rf"(?<!\bto )(?<!\bwe )(?<!\bI )(?<!\bi )(?<!\byou )\b{_ORDER}[ \t]+",
        digit=True,
    ),
    rule(
        r"#?(?:[A-Za-z]{1,5}[-_]?)?\d[\w-]*",
        behind=r"\b(?i:(?:bestell|auftrags|rechnungs|kunden|sendungs|ticket|buchungs|vorgangs|konto|vertrags|mitglieds|"
        r"reservierungs)-?(?:nummer|nr\.?)|(?:member(?:ship)?|policy|passport|contract|driving licen[cs]e)"
        rf"(?: (?:no\.?|number|id))|n(?:ú|u)mero de \w+|numéro de \w+){_IS}",
        digit=True,
    ),
    rule(
        rf"{_COUNTED}[A-Za-z]{{0,5}}[-_]?[0-9][A-Za-z0-9_-]*(?![0-9]*[号楼]?[桌线])",
        behind=r"(?:订单|单号|快递|运单|会员|客户|卡|工单|发票|预约|账|帐|护照|合同)(?:号码?|编号|单号?)?(?:\s|[是为：:#])*",
        digit=True,
    ),
    rule(
        r"\d{3,}",
        behind=r"\b(?i:(?:your|my)(?: \w+)? (?:code|pin)|password|passwort|contraseña|mot de passe)" + _IS,
        digit=True,
    ),
    rule(
        r"(?=\S*\d)[!-~]{3,64}(?<![.,])",
        behind=r"(?i:\b(?:password|passwort|contraseña|mot de passe)|密码)\s{0,3}(?:is|ist|es|est|[:=：]|是|为)\s{0,3}",
        digit=True,
    ),
    rule(
        r"[A-Za-z0-9][\w-]{3,31}",
        behind=r"(?i:微信号?|\bwechat(?: id)?|\bqq号?|\bwhatsapp|\bskype|\btelegram|\binstagram)"
        r"(?:\s?(?:是|：|:)\s?|[ ](?=\d{5}|[A-Za-z]\w*[\d_]))",
        near="微信 wechat qq whatsapp skype telegram instagram",
    ),
)

# What is private wherever it stands.
_AMOUNT = r"\d{1,3}(?:[.,'’ \u00a0]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_CURRENCY = (
    r"(?i:[€$£¥₹]|eur\b|usd|gbp|chf|cny|rmb|hk\$|euros?\b|dollars?|pounds?|francs?|franken|pesos?|yuan)"
)
_UNITS = (
    r"(?i:km|kg|mah|wh|kwh|watt|mm|cm|ml|m|g|w|gb|mb|px|lumens?|days?|weeks?|hours?|minutes?|points?|punkte"
    r"|puntos|pieces?|"
    r"stück|piezas|people|customers|kunden|articles|bikes?|reviews|times|rpm)\b"
)
_UNITS_HAN = "[元块年月天日个件次份位人米克度起毫公千万分名套台辆双只积]"
_KEPT_NUMBERS = "|".join(
    (
        rf"(?:{_CURRENCY})[ \u00a0]?(?:{_AMOUNT})(?![\d-])",
        rf"{_START}(?:{_AMOUNT})[ \u00a0]?(?:{_CURRENCY}|{_UNITS}|{_UNITS_HAN})",
        r"(?<![\w#/.-])(?:[01]\d|2[0-4])(?:00|15|30|45)\s?[-–]\s?(?:[01]\d|2[0-4])(?:00|15|30|45)(?!\d)",  # hours
        rf"(?:(?<![\w#/.-])|(?<=[{HAN}]))(?:19|20)\d\d(?:\s?[-–/]\s?(?:(?:19|20)\d\d|\d\d))?(?![A-Za-z\d_-]"
        rf"|[ ]\d{{3}})",
        r"(?<![\d.])\d{1,2}[./-]\d{1,2}[./-]20\d\d(?!\d)|(?<!\d)20\d\d[./-]\d{1,2}[./-]\d{1,2}(?!\d)",  # days
        rf"{places.ASKED_WHETHER}{places.POSTCODE}",
        rf"{_START}\d{{1,6}}[.,]\d{{1,2}}(?![\d.,])",
        r"\b(?i:model|modell|modelo|modèle|type|typ)[ \t]+[\w-]+|型号[ ]?[\w-]+",
        r"(?<!\w)\d{1,3}(?:-[A-Za-z]+)+(?!\w)",  # a 30-day-return
        r"满\d+[减送]\d+",
    )
)
_MAIL = r"(?<![\w.+%-])[\w.+%-]+(?:@[\w-]+(?:\.[\w-]+)+|(?:@|\s?[(\[]at[)\]]\s?)[A-Za-z][\w-]*(?:\.[\w-]+)*)"
_NUMERALS = "零〇○一二三四五六七八九幺两"
BARE: Final = (
    rule(_MAIL, near="@ (at) [at]"),
    # A link with a number in it: a parcel's, an order's.
    rule(r"https?://\S*\d{4,}\S*", digit=True, near="http"),
    rule(r"(?:https?://|www\.)\S*[?&](?:id|order|token|track\w*|t)=\S+", near="="),
    rule(r"(?<!\w)@\w{4,32}", near="@"),  # a user name
    # IBAN (ISO 13616), and as people write it
    rule(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)", digit=True),
    rule(r"(?<!\w)(?i:[a-z]{2}\d{2}(?: ?[a-z]{4})?(?: ?\d{4}){2,7}(?: ?\d{1,3})?)(?!\w)", digit=True),
    rule(r"\+\d[\d ()/.\-]{6,}\d", digit=True, near="+"),  # a telephone number with its country
    rule(r"\(0\d{1,5}\)[\d \-]{4,}\d", digit=True, near="("),
    rule(rf"(?:[{_NUMERALS}][ -]?){{7,}}", near="零 〇 ○ 一 二 三 四 五 六 七 八 九 幺 两"),
    rule(
        "|".join(
            (
                rf"{_START}(?=[A-Za-z-]*\d)(?=(?:[A-Za-z-]*\d){{4}})(?=[\d-]*[A-Za-z])"
                rf"[A-Za-z0-9-]{{8,}}{_END}",  # tracking
                rf"[\d{MASK}][\d{MASK} \-]{{6,}}[\d{MASK}]",  # cards, telephone numbers
                rf"{_START}#?(?:[A-Za-z]{{1,5}}[-_]?)?\d{{4,}}(?:[-_/]\w+)*{_END}",  # orders, tickets
                r"(?<!\w)#\d+",
            )
        ),
        unless=_KEPT_NUMBERS,
        digit=True,
    ),
)
