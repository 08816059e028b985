"""The words that say who somebody is, and the like of them that do not, in the languages of the shops."""

import pytest

from crm_store.private_words import without_private

_ADDRESSES = (
    ("Please send it to 12 Baker Street, London NW1 6XE", ("12", "Baker", "NW1 6XE", "London")),
    ("My address is 12 Baker Street, London NW1 6XE, do you have tandems?", ("Baker", "NW1", "6XE")),
    ("I live at 742 Evergreen Terrace, Springfield", ("742", "Evergreen", "Springfield")),
    ("deliver to flat 3, 12 baker street, london nw1 6xe please", ("12", "baker", "6xe")),
    ("I booked it for you at 12 Baker Street, London; call me", ("12", "Baker", "London")),
    ("Ship to 350 Fifth Avenue, New York, NY 10118", ("350", "Fifth", "10118", "New York")),
    ("Herr Schmidt, wohnhaft Hauptstraße 5, 10115 Berlin", ("Schmidt", "Hauptstraße", "10115", "Berlin")),
    ("Bitte an Friedrich-Ebert-Str. 12a, 69120 Heidelberg senden", ("Ebert", "12a", "69120", "Heidelberg")),
    ("ich wohne hauptstrasse 17 in berlin", ("hauptstrasse", "17")),
    ("Lieferung an Lange Straße 3, 70173 Stuttgart", ("Lange", "70173", "Stuttgart")),
    ("Vivo en Calle Mayor 5, 28013 Madrid", ("Mayor", "28013", "Madrid")),
    (
        "mi dirección es Avenida de la Constitución, 12, 41001 Sevilla",
        ("Constitución", "12", "41001", "Sevilla"),
    ),
    ("J'habite 12 rue de la Paix, 75002 Paris", ("Paix", "12", "75002", "Paris")),
    ("livrez au 8 bis boulevard Saint-Michel, 75005 Paris", ("Michel", "75005", "Paris")),
    ("地址北京市朝阳区建国路88号5号楼302室", ("朝阳", "建国路", "88", "302")),
    ("收货地址：上海市浦东新区世纪大道100号，联系人刘德华", ("浦东", "世纪大道", "100", "刘德华")),
    ("请寄到广东省深圳市南山区科技园南路12号3栋2单元501室", ("南山", "南路", "12", "501")),
    ("我住在幸福小区3栋2单元501室", ("幸福", "501")),
)
_NAMES = (
    ("I'm Sarah Connor and i want a refund", ("Sarah", "Connor")),
    ("I am Otto Karl, do you tune zithers", ("Otto", "Karl")),
    ("i am john smith, order FD-2231", ("john", "smith", "2231")),
    ("my name is sarah connor, i need a bike", ("sarah", "connor")),
    ("My name is Ada Byron and I ordered", ("Ada", "Byron")),
    ("this is Peter Smith, is my bike ready?", ("Peter", "Smith")),
    ("Dear Mr Müller, we ship today", ("Müller",)),
    ("Hi John, your parcel will arrive", ("John",)),
    ("Thanks Emma! It works", ("Emma",)),
    ("It is done. Best regards, Peter Smith", ("Peter", "Smith")),
    ("It is done. Best, Peter Smith", ("Peter", "Smith")),
    ("Yes.\n\nKind regards\npeter", ("peter",)),
    ("Sincerely yours\nDr. Müller", ("Müller",)),
    ("Regards, Maria González", ("Maria", "González")),
    ("We do.\n- Emma", ("Emma",)),
    ("Mein Name ist Anna Weber und ich brauche Hilfe", ("Anna", "Weber")),
    ("mein name ist anna weber", ("anna", "weber")),
    ("Ich bin Anna Weber, wann ist mein Rad fertig?", ("Anna", "Weber")),
    ("Ich heiße Jürgen", ("Jürgen",)),
    ("Sehr geehrte Frau Weber, Ihr Rad ist fertig.", ("Weber",)),
    ("Gerne.\nMit freundlichen Grüßen\nKlaus Meier", ("Klaus", "Meier")),
    ("Gerne. Viele Grüße, Klaus", ("Klaus",)),
    ("Me llamo Juan Pérez, ¿tienen bicicletas?", ("Juan", "Pérez")),
    ("Estimada señora García, su pedido está listo", ("García",)),
    ("Un saludo, Carmen Ruiz", ("Carmen", "Ruiz")),
    ("Je m'appelle Marie Dupont, avez-vous des vélos ?", ("Marie", "Dupont")),
    ("Bonjour Madame Lefèvre, oui", ("Lefèvre",)),
    ("Cordialement, Luc Martin", ("Luc", "Martin")),
    ("Mi chiamo Marco Rossi", ("Marco", "Rossi")),
    ("我叫王小明，电话13812345678", ("王小明", "13812345678")),
    ("我叫李雷要退货", ("李雷",)),
    ("我姓张，想问一下", ("张",)),
    ("我是李雷，订单到哪了", ("李雷",)),
    ("联系人刘德华", ("刘德华",)),
    ("收件人：欧阳娜娜", ("欧阳娜娜",)),
    ("王先生您好，您的车修好了", ("王",)),
    ("已经安排好了。\n此致\n敬礼\n李强", ("李强",)),
)
_NUMBERS = (
    ("my card is 4111 1111 1111 1111, exp 12/27, CVV 123", ("4111", "12/27", "123")),
    ("Visa, valid until 03/28, security code: 991", ("03/28", "991")),
    ("Kreditkarte gültig bis 04/29, Prüfnummer 321", ("04/29", "321")),
    ("tarjeta caduca 05/27, código de seguridad 456", ("05/27", "456")),
    ("信用卡有效期12/27，安全码 789", ("12/27", "789")),
    ("I was born 12.03.1985", ("12.03", "1985")),
    ("my birthday is March 12, do I get a gift", ("March", "12")),
    ("date of birth: 12 March 1985", ("12", "1985")),
    ("for Anna, 12/03/1985", ("12/03", "1985")),
    ("geboren am 3. Mai 1990", ("3.", "Mai", "1990")),
    ("nací el 4 de julio de 1991", ("julio", "1991")),
    ("je suis née le 5 août 1992", ("5", "août", "1992")),
    ("我的生日是3月12日，有礼物吗", ("3月12日",)),
    ("出生日期1985年3月12日", ("1985", "3月")),
    ("my order 123 is late", ("123",)),
    ("order A-123 and order no. 981, ticket #77", ("A-123", "981", "77")),
    ("where is order 99?", ("99",)),
    ("meine Bestellung Nr. 12 fehlt", ("12",)),
    ("Kundennummer ist K-4411", ("4411",)),
    ("mi pedido 345 no ha llegado", ("345",)),
    ("ma commande n° 678 est en retard", ("678",)),
    ("订单号是 321，到哪了", ("321",)),
    ("订单A-12到哪了", ("A-12",)),
    ("手机一三八一二三四五六七八", ("一三八", "七八")),
    ("iban de89 3704 0044 0532 0130 00", ("3704", "de89")),
    ("(020) 7946 0958 is my number", ("7946", "0958", "020")),
    ("my email is john (at) gmail.com or john@gmail", ("john", "gmail")),
    ("会员号 5523", ("5523",)),
    ("your voucher code is 884", ("884",)),
    ("我的微信号 zhangwei_88，加我吧", ("zhangwei_88",)),
    ("add me on telegram otto_karl please", ("otto_karl",)),
)
_HARMLESS = (
    "This is The Bike Shop",
    "This is important. This is what we do.",
    "You can return it within 30 days, it costs 1500 EUR, and since 2024 we do so.",
    "Open 10:00-18:00, on Saturday 9-13, Monday closed",
    "Open Monday - Friday 0900-1800",
    "A full service costs 1,250 EUR; model XR-2000B fits.",
    "It costs $1200 or 1 500 000 pesos",
    "We have been here since 1998, and the 2024-2026 catalogue is out.",
    "The battery has 2500 mAh and lasts 1200 km",
    "I want to order 100 tyres, can I order 3?",
    "my order came 2 days ago and my order 2 weeks ago did not",
    "Dear Customer, we ship within 3 days",
    "Hi All, thanks",
    "Hello Everyone at the shop",
    "Hello Do you have tandems?",
    "I'm German, do you ship to Germany?",
    "I am looking for a bike",
    "I'm very happy, thanks",
    "my name is wrong on the ticket",
    "my address is wrong, how do I change it?",
    "Thanks, that helped!",
    "Thanks! We will call. Best price in town.",
    "Do you deliver to 10115?",
    "Do you ship to NW1 6XE?",
    "Our shop is at 3 Mill Lane, Oxford",
    "3 mountain bikes and 2 road bikes, a 5 minute walk down the street",
    "20 square meters, 12 place mats",
    "The offer expires 24.12.2026, the voucher is valid until 12/27",
    "do I get a discount on my birthday? 20% or 10 EUR",
    "error code 404",
    "We are closed on 24.12.2026.",
    "Is there a 30-day-return or a 2-year-warranty?",
    "Ich bin Student, gibt es Rabatt?",
    "Ich bin Kunde bei Ihnen seit 2019",
    "Der Parkplatz 3 ist frei, auf Platz 2 auch",
    "Liefern Sie nach 10115 Berlin?",
    "Sehr geehrte Damen und Herren, es kostet 1200 Euro",
    "Ein Fahrrad während 5 Tagen, 12 Monate Garantie",
    "Viele Grüße",
    "soy estudiante, ¿hay descuento?",
    "¿Cuánto cuesta? 1.200 euros",
    "la tienda está en la calle principal",
    "je suis étudiant, il y a une réduction ?",
    "C'est ouvert de 9h à 18h, 1500 € maximum",
    "我是学生，有优惠吗",
    "我是会员，可以打折吗",
    "我是高级会员，可以打折吗",
    "我是顾客，怎么退货",
    "我叫什么名字可以改吗",
    "收件人可以改吗，联系人信息怎么填",
    "订单满100减20，订单3天没到",
    "2024年起保修5年，1200元起",
    "营业时间9:00到18:00，周六到17点",
    "我们店在建国路88号",
    "尊敬的先生女士，您好",
    "地铁2号线到3号口",
    "一二三年级有优惠吗",
    "微信 小程序怎么用",
    "is your Telegram channel free, and your WhatsApp 24/7?",
)


@pytest.mark.parametrize(("text", "private"), [*_ADDRESSES, *_NAMES, *_NUMBERS])
def test_what_tells_who_somebody_is_goes(text: str, private: tuple[str, ...]) -> None:
    left = without_private(text)
    assert not [word for word in private if word in left], left


@pytest.mark.parametrize("text", _HARMLESS)
def test_what_tells_nobody_stays(text: str) -> None:
    assert without_private(text) == text


@pytest.mark.parametrize("text", [text for text, _ in (*_ADDRESSES, *_NAMES, *_NUMBERS)])
def test_once_is_enough(text: str) -> None:
    once = without_private(text)
    assert without_private(once) == once


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "Hello, I'm Sarah Connor, order 123. My address is 12 Baker Street, London NW1 6XE, do you have tandems?",
            "Hello, order. do you have tandems?",
        ),
        ("I'm Otto Karl, do you tune zithers", "do you tune zithers"),
        ("Mein Name ist Anna Weber, haben Sie Tandems?", "haben Sie Tandems?"),
        ("我叫李雷，有双人自行车吗", "有双人自行车吗"),
        ("Do you have tandems?\nKind regards\nPeter", "Do you have tandems?"),
        ("Where is 12 Baker Street, London NW1 6XE?", "Where is?"),
    ],
)
def test_a_phrasing_says_nothing_of_who_asked(text: str, left: str) -> None:
    assert without_private(text, mark="") == left
