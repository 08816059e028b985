"""What names of people look like, and the words that look like one and are none. Pure.

Lists, as no form tells "I'm Otto" from "I'm German"; they hold what people write to shops, not all there is.
"""

from typing import Final


def _any(words: str) -> str:
    return "|".join(words.split())


NO_NAMES: Final = _any(
    # English: what follows a greeting or "this is" and begins a sentence, a shop or a nation
    """A About All Also Always Am An And Another Any Anybody Anyone Are As At Bank Be Because Best Better Bike
    Bikes Black But By Call Can Center Centre Christmas Christian Company Could Customer Customers Day Days Did
    Do Does Easter Everybody Everyone Folks For Friday Friend Friends From Gold Good Great Guest Guests Guys Had
    Has Have He Hello Her Here Hi His Home Hotel How I If Important In Inc Interested Is It Just Ladies
    Gentlemen Ltd Looking Madam Mail May Mine Monday My Never New Nice No Nobody None Not Nothing Now OK Ok Okay
    On One Online Only Or Our PayPal Please Premium Price Prices Quick Ready Really Restaurant Returns Right
    Saturday Service Shall She Shop Should Since Sir Sirs So Some Someone Sorry Spam Special Staff Still Store
    Student Sunday Support Sure Tandem Tandems Team Tell Thank Thanks That The Their There These They This Those
    Thursday To Today Tomorrow Tuesday Unfortunately Urgent Very VIP Visa Vegan Was We Wednesday Welcome Well
    Were What When Where Which Who Why Will With Would Wrong Yes You Your Dr Mr Mrs Ms Miss Prof Herr Herrn Frau
    Señor Señora Signor Signora Mme Mlle Sr Sra American Austrian British Chinese Dutch English European French
    German Indian Irish Italian Jewish Muslim Polish Spanish Swiss Turkish Ukrainian Android IPhone Linux Mac
    Windows January February March April June July August September October November December Morning Afternoon
    Evening GmbH Café Cafe"""
    # German: its nouns are written like names
    """Aber Alle Allerseits Anfänger Anfängerin Auf Aus Bei Berliner Besitzer Besitzerin Bitte Danke Damen Herren
    Das Dem Den Der Deutsche Deutscher Die Dies Ein Eine Einer Es Fan Frage Freunde Für Gast Gibt Guten Habe
    Haben Habt Händler Händlerin Hallo Ich Ihr Ihre Im In Inhaber Ist Ja Kann Kein Keine Können Könnte Kollege
    Kollegin Kollegen Kunde Kunden Kundin Lehrer Lehrerin Leute Liebe Mama Mein Meine Mieter Mieterin Mit
    Mitarbeiter Mitglied Montag Mutter Nach Nein Neukunde Neukundin Nicht Noch Nur Ob Oder Papa Rentner
    Rentnerin Samstag Schüler Schülerin Schon Sehr Seit Selbst Senior Sie Sind Sonntag Stammkunde Stammkundin
    Studentin Tag Und Unser Unsere Vater Veganer Vegetarier Verkäufer Vermieter Von Wann Warum Was Welche
    Welcher Wenn Wer Werden Wie Wieder Wir Wird Wo Wollen Würde Zu Zum Zur Zurück Zusammen Österreicher
    Schweizer Azubi Mechaniker Radfahrer Raucher Tourist Touristin Versicherter"""
    # Spanish, French, Italian
    """Buenos Buenas Buen Cliente Clientes Como Con Cuando Cuál Cómo Dónde Cuánto El Ella En Equipo Es Estoy
    Gracias Hay Hola La Las Lo Los Mañana Mi Necesito No Para Por Puedo Pueden Que Qué Quiero Quisiera Si Sí
    Tienen Todos Un Una Usted Amis Auriez Avec Avez Bonjour Bonsoir Ce Cela Client Clients Comment Dans De Des
    Du Elle Est Et Il Je Le Les Ma Madame Mes Mon Monsieur Merci Nous Oui Où Pour Pouvez Puis Quand Quel Quelle
    Tous Tout Une Vous Avete Buona Buongiorno Ciao Dove Grazie Ho Il Io Posso Quanto Quando Salve Sono Tutti
    Vorrei"""
)
"""Words with a capital that are no names of people."""

_SMALL = _any(
    """a about after all already an and as at be because before but by can changed could did different do does for
    from has have how i in incorrect is it me misspelled missing my not now of on or please since so spelled
    spelt still than that the there this to too want was we what when where which who why will with would
    written wrong you your order account customer number born email phone aber auf aus bei bin das dass der die
    ein eine es falsch für habe hat hier ich im in ist kann kunde meine mit nicht noch oder schon sehr seit sie
    und von wann was wie wir wo zu con de del desde e el en es está la mal me mi no para pero por pues que
    quiero se si su tengo un una y yo à au avec c'est dans des du est et il j'ai je la le les ma mais mon ne ou
    par pas pour puis sur un une che di e ho il in la ma mio non per sono un una vorrei"""
)
NAME: Final = rf"(?!(?:{NO_NAMES})\b)[A-ZÀ-ÖØ-ÞŁŚŻČŠŽ][^\W\d_]*(?:['’-][^\W\d_]+)*\.?(?<!\w\w\w\.)"
"""One word of a name, or a letter of one."""
PERSON: Final = (
    rf"{NAME}(?:[ \t]+(?:(?:de|del|della|la|van|von|der|den|zu|di|da|du|le)[ \t]+){{0,2}}{NAME}){{0,2}}"
)
"""Up to three words of a name."""
LOWER: Final = rf"(?!(?:{_SMALL})\b)[^\W\d_]{{2,}}(?:[ \t]+(?!(?:{_SMALL})\b)[^\W\d_]{{2,}})?"
"""Up to two words, however they are written."""

_GIVEN = _any(
    """adam alex alexander ali amy ana andrea andreas andrew andy angela anna anne anton antonio ben bernd bob
    brian carla carlos carmen carol charlie chris christian christina claire clara dan daniel david diana diego
    eddie elena emily emma eric erik eva fatima felix fernando florian francesca francois frank franz fred
    george giulia greg hannah hans harry heidi helen henry hugo ian ingrid isabel jack jakob james jan jane
    jason javier jean jennifer jenny jens jim joe johan john johanna john jonas jorge jose josé joseph juan
    julia julie jürgen karin karl kate katrin kevin klaus kurt lara laura lars lea leo lena linda lisa louis
    louise luc lucas lucia luis lukas manuel marc marco maria marie mario mark markus marta martin mary matt
    matthias max mehmet mia michael michelle miguel mike mohamed mohammed monika nadia nick nico nicole nina
    nora olaf oliver olivia omar otto pablo paola paul paula pedro peter petra philip pierre rachel rainer ralf
    raul ray rebecca rob robert roberto rosa ruth sabine sally sam samuel sandra sara sarah sebastian sergio
    sofia sophie stefan stefanie stephen steve steven susan susanne sven sylvie teresa thomas tim tina tobias
    tom tony ulrich ursula uwe valentina vera victor walter will william wolfgang yusuf"""
)
GIVEN: Final = rf"(?i:(?:{_GIVEN})\b)(?:[ \t]+(?!(?:{_SMALL})\b)[^\W\d_]{{2,}})?"
"""A common first name however it is written, and the word after it."""

HAN: Final = "\u4e00-\u9fff"
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪"
    "严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢骆岳齐尚梅莫庄辛管祝左涂谷祁舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫"
)
_COMPOUND = "欧阳|司马|上官|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|南宫"
_GIVEN_HAN = f"(?![的了吗呢吧要想我你他她在有请问怎什么可能会来去买退订没不就说到今])[{HAN}]"
SURNAME: Final = f"(?:{_COMPOUND}|[{_SURNAMES}])"
PERSON_HAN: Final = f"(?:{SURNAME}|[小阿老]){_GIVEN_HAN}{{1,2}}"
"""A Chinese name with a surname that is common, or what friends call somebody."""
WORDS_HAN: Final = f"(?!什么|谁|啥|不|没|客服|外卖)(?:{_GIVEN_HAN}){{2,3}}"
"""Up to three signs that may be a name."""
NO_NAMES_HAN: Final = (
    "顾客|高[中级校三二]|金卡|金牌|白[金银领]|黄[金牛]|江[苏西]|安徽|石家|常客|游客|温州|马来|成[年都人]|万[能一]|易[购]|"
    f"[{HAN}]{{0,3}}(?:会员|用户|客户|顾客|学生|商家|卖家|买家)"
)
"""What stands behind 我是 and is no name, though it begins as one."""
