"""The first-contact check as Telegram and the web chat show it."""

from crm_store.engine import Store
from crm_store.settings import StoreSettings
from tests.botapi.server import BotApiServer
from tests.telegram_stage import TelegramHouse, settings_for
from tests.webchat import open_site

CHECKING = StoreSettings(_env_file=None, first_contact_check=True)


async def test_in_telegram_a_start_is_welcomed_after_the_button(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api), store_settings=CHECKING)
    await house.run()
    zoe = bot_api.user(5, "Zoe")
    await zoe.starts()
    check = await zoe.hears("Hello Zoe! Before we begin")
    await zoe.presses(check, "I'm a person")
    await zoe.hears("I answer questions about")
    await house.stop()


async def test_on_the_web_a_chinese_visitor_is_answered_after_the_button(sqlite_store: Store) -> None:
    async with open_site(sqlite_store) as site:
        site.house.reception._settings = CHECKING
        visitor, _ = await site.introduced(language="zh-CN")
        check = await visitor.ask("怎么退货？")
        assert check["choices"] == ["我是真人"]
        await visitor.press(check, 0)
        assert "30天" in (await visitor.next("message"))["text"]
