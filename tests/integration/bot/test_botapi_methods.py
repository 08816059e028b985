"""The own Bot API server through python-telegram-bot; the fixture also fails on any unlawful request or answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden

from bot.channels.telegram.transport import build_bot
from tests.botapi.server import BotApiServer

ANN = 5


@pytest.fixture
async def bot(bot_api: BotApiServer) -> AsyncIterator[Bot]:
    await bot_api.user(ANN, "Ann").starts()
    async with build_bot(bot_api.token, bot_api.base_url) as bot:
        yield bot


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=f"do:{label}")] for label in labels]
    )


BAD_TEXTS = [
    ("<b>bold", "Can't find end tag"),
    ("a < b", "Unsupported start tag"),
    ("<h1>title</h1>", 'Unsupported start tag "h1"'),
    ("<b>x</i>", "Unmatched end tag"),
    ("x</b>", "Unexpected end tag"),
    ("<b", "Unclosed start tag"),
    ("<b> </b>", "text is empty"),
    ("x" * 4097, "is too long"),
]


@pytest.mark.parametrize(("text", "reason"), BAD_TEXTS, ids=[reason for _, reason in BAD_TEXTS])
async def test_text_telegram_cannot_show_is_refused(bot: Bot, text: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await bot.send_message(ANN, text, parse_mode="HTML")


async def test_entities_count_in_utf16_units_and_white_space_is_trimmed(bot: Bot) -> None:
    sent = await bot.send_message(
        ANN, "  😀 <b>b<i>i</i></b> <a href='https://x.org'>&lt;x&gt;</a>\n", parse_mode="HTML"
    )
    assert sent.text == "😀 bi <x>"
    assert [(entity.type, entity.offset, entity.length) for entity in sent.entities] == [
        ("bold", 3, 2),
        ("italic", 4, 1),
        ("text_link", 6, 3),
    ]


async def test_edits_and_their_refusals(bot: Bot, bot_api: BotApiServer) -> None:
    sent = await bot.send_message(ANN, "one", reply_markup=keyboard("A", "B"))
    post = bot_api.sent(ANN)[-1]
    assert post.buttons == ["A", "B"]
    await bot.edit_message_text("two", ANN, sent.message_id)
    assert (post.text, post.buttons, post.history[0]["text"]) == ("two", [], "one")
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("two", ANN, sent.message_id)
    await bot.edit_message_reply_markup(ANN, sent.message_id, reply_markup=keyboard("C"))
    assert (post.text, post.buttons) == ("two", ["C"])
    with pytest.raises(BadRequest, match="to edit not found"):
        await bot.edit_message_text("x", ANN, 999)
    theirs = await bot_api.user(ANN).says("mine")
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("x", ANN, theirs.id)


async def test_deleting(bot: Bot, bot_api: BotApiServer) -> None:
    sent = await bot.send_message(ANN, "oops")
    assert await bot.delete_message(ANN, sent.message_id)
    assert bot_api.sent(ANN) == []
    with pytest.raises(BadRequest, match="to delete not found"):
        await bot.delete_message(ANN, sent.message_id)


async def test_a_pressed_button_is_answered_once(bot: Bot, bot_api: BotApiServer) -> None:
    ann = bot_api.user(ANN)
    await bot.send_message(ANN, "choose", reply_markup=keyboard("Yes", "No"))
    press = await ann.presses(await ann.hears("choose"), "Yes")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("do:Yes", ANN)
    assert isinstance(query.message, Message)
    await query.answer("Noted", show_alert=True)
    assert press.answer == {"text": "Noted", "show_alert": True}
    with pytest.raises(BadRequest, match="too old"):
        await query.answer()
    with pytest.raises(KeyError, match="no button"):
        await ann.presses(bot_api.sent(ANN)[-1], "Maybe")


async def test_every_kind_of_message_reaches_the_bot(bot: Bot, bot_api: BotApiServer) -> None:
    ann = bot_api.user(ANN)
    await ann.sends_photo("look")
    await ann.sends_document("invoice.pdf", caption="here")
    await ann.sends_voice(4)
    await ann.sends_sticker("🎉")
    await ann.sends_location()
    await ann.sends_contact()
    for kind in ("video", "audio", "animation", "video_note"):
        await ann.sends(kind, mime_type="video/mp4")
    await ann.forwards(await ann.says("original"))
    messages = [update.message for update in await bot.get_updates()][1:]
    assert all(messages)
    photo, document, voice, sticker, location, contact, video, audio, animation, note, _, forward = messages
    assert photo.photo[-1].width > photo.photo[0].width
    assert (document.document.file_name, document.caption) == ("invoice.pdf", "here")
    assert (voice.voice.duration, sticker.sticker.emoji) == (timedelta(seconds=4), "🎉")
    assert all((location.location, contact.contact, video.video, audio.audio, animation.animation))
    assert note.video_note
    assert forward.forward_origin.sender_user.id == ANN
    downloaded = await (await document.document.get_file()).download_as_bytearray()
    assert bytes(downloaded) == b"%PDF-1.7"


async def test_a_file_above_twenty_megabytes_cannot_be_fetched(bot: Bot, bot_api: BotApiServer) -> None:
    await bot_api.user(ANN).sends_document(size=21 * 1024 * 1024)
    message = (await bot.get_updates())[-1].message
    assert message is not None
    with pytest.raises(BadRequest, match=r"[Ff]ile is too big"):
        await message.document.get_file()


SENDERS: list[Callable[[Bot], Awaitable[Message]]] = [
    lambda bot: bot.send_photo(ANN, b"jpeg", caption="<i>x</i>", parse_mode="HTML"),
    lambda bot: bot.send_document(ANN, b"pdf", filename="a.pdf"),
    lambda bot: bot.send_voice(ANN, b"ogg", duration=2),
    lambda bot: bot.send_video(ANN, b"mp4"),
    lambda bot: bot.send_audio(ANN, b"mp3"),
    lambda bot: bot.send_sticker(ANN, b"webp"),
    lambda bot: bot.send_animation(ANN, b"gif"),
    lambda bot: bot.send_location(ANN, 1.5, -2.25),
    lambda bot: bot.send_contact(ANN, "+10000000000", "Ann"),
]


@pytest.mark.parametrize("send", SENDERS)
async def test_every_kind_of_message_can_be_sent(
    bot: Bot, bot_api: BotApiServer, send: Callable[[Bot], Awaitable[Message]]
) -> None:
    message = await send(bot)
    assert bot_api.sent(ANN)[-1].id == message.message_id
    attachment = message.effective_attachment
    assert attachment
    last = attachment[-1] if isinstance(attachment, tuple | list) else attachment
    if hasattr(last, "file_id"):
        content = await (await bot.get_file(last.file_id)).download_as_bytearray()
        assert len(content) in (3, 4)


async def test_albums_keep_together_when_sent_and_when_copied(bot: Bot, bot_api: BotApiServer) -> None:
    bob = bot_api.user(6, "Bob")
    await bob.starts()
    sent = await bot.send_media_group(ANN, [InputMediaPhoto(b"1", caption="both"), InputMediaPhoto(b"2")])
    assert len({message.media_group_id for message in sent}) == 1
    album = await bob.sends_album(3, "mine")
    ids = await bot.copy_messages(ANN, bob.id, [post.id for post in album])
    copies = bot_api.sent(ANN)[-3:]
    assert [post.id for post in copies] == [one.message_id for one in ids]
    groups = {post.media_group_id for post in copies}
    assert len(groups) == 1
    assert groups != {album[0].media_group_id}
    with pytest.raises(BadRequest, match="strictly increasing"):
        await bot.copy_messages(ANN, bob.id, [album[1].id, album[0].id])
    documents = [InputMediaDocument(b"1", filename="a.txt"), InputMediaDocument(b"2", filename="b.txt")]
    assert len(await bot.send_media_group(ANN, documents)) == 2


async def test_a_copy_shows_no_origin_and_a_forward_does(bot: Bot, bot_api: BotApiServer) -> None:
    ann, bob = bot_api.user(ANN), bot_api.user(6, "Bob")
    await bob.starts()
    post = await bob.sends_photo("look")
    copied = await bot.copy_message(ANN, bob.id, post.id, reply_parameters=ReplyParameters(1))
    copy = ann.chat.posts[copied.message_id]
    assert (copy.text, copy.reply_to_id, "forward_origin" in copy.body) == ("look", 1, False)
    forward = await bot.forward_message(ANN, bob.id, post.id)
    assert forward.forward_origin is not None
    with pytest.raises(BadRequest, match="to copy not found"):
        await bot.copy_message(ANN, bob.id, 999)
    with pytest.raises(BadRequest, match="replied not found"):
        await bot.copy_message(ANN, bob.id, post.id, reply_parameters=ReplyParameters(999))


async def test_who_blocked_or_left_cannot_be_written_to(bot: Bot, bot_api: BotApiServer) -> None:
    ann = bot_api.user(ANN)
    await ann.blocks_bot()
    change = (await bot.get_updates())[-1].my_chat_member
    assert change is not None
    assert change.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(ANN, "hello?")
    await ann.unblocks_bot()
    await bot.send_message(ANN, "welcome back")
    ann.deactivates()
    with pytest.raises(Forbidden, match="deactivated"):
        await bot.send_message(ANN, "hello?")


async def test_commands_are_kept_by_scope_and_language(bot: Bot) -> None:
    commands = [BotCommand("help", "Show help")]
    await bot.set_my_commands(commands, language_code="en")
    await bot.set_my_commands([BotCommand("queue", "Show")], scope=BotCommandScopeChat(ANN))
    assert await bot.get_my_commands(language_code="en") == tuple(commands)
    assert await bot.get_my_commands() == ()
    assert (await bot.get_my_commands(scope=BotCommandScopeChat(ANN)))[0].command == "queue"
    await bot.delete_my_commands(language_code="en")
    assert await bot.get_my_commands(language_code="en") == ()
    await bot.set_my_description("We help", language_code="zh")
    assert (await bot.get_my_description("zh")).description == "We help"


async def test_reactions_go_both_ways(bot: Bot, bot_api: BotApiServer) -> None:
    ann = bot_api.user(ANN)
    sent = await bot.send_message(ANN, "rate me")
    post = await ann.hears("rate me")
    await bot.get_updates(allowed_updates=["message", "message_reaction"])
    await ann.reacts(post, "👍")
    reaction = (await bot.get_updates())[-1].message_reaction
    assert reaction is not None
    assert reaction.message_id == sent.message_id
    theirs = await ann.says("thanks")
    await bot.set_message_reaction(ANN, theirs.id, "👌")
    assert theirs.reactions[bot.id] == [{"type": "emoji", "emoji": "👌"}]
    await bot.send_chat_action(ANN, "typing")
    assert bot_api.world.actions == [{"chat_id": ANN, "action": "typing"}]
