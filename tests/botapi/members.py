"""Who is in a chat, as what, and what the Bot API tells of it."""

from __future__ import annotations

from tests.botapi.errors import bad_request
from tests.botapi.posting import target_chat
from tests.botapi.wire import Json, Params
from tests.botapi.world import Chat, Post, World

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_welcome_messages",
)


def member(user: Json) -> Json:
    """ChatMemberMember."""
    return {"status": "member", "user": user}


def admin(user: Json, **rights: bool) -> Json:
    """ChatMemberAdministrator with all rights but those set to False in `rights`."""
    granted: Json = dict.fromkeys(ADMIN_RIGHTS, True) | dict(rights)
    return {"status": "administrator", "user": user, "can_be_edited": False, "is_anonymous": False, **granted}


def owner(user: Json) -> Json:
    """ChatMemberOwner."""
    return {"status": "creator", "user": user, "is_anonymous": False}


def is_admin(chat: Chat, user_id: int, right: str = "") -> bool:
    """Whether a member is the owner, or an admin (with `right`)."""
    found = chat.members.get(user_id, {"status": "left"})
    if found["status"] == "creator":
        return True
    return found["status"] == "administrator" and bool(not right or found.get(right))


def need_right(world: World, chat: Chat, right: str, reason: str) -> None:
    """400 with `reason` unless the bot has `right` (in private chats it needs none)."""
    if not chat.is_private and not is_admin(chat, world.bot_id, right):
        raise bad_request(reason)


def bot_sees(world: World, chat: Chat, post: Post) -> bool:
    """Privacy mode: a bot that is no admin sees only commands and replies to itself."""
    if chat.is_private or world.settings.get("reads_all") or is_admin(chat, world.bot_id):
        return True
    replied: Json = post.body.get("reply_to_message") or {}
    return post.text.startswith("/") or replied.get("from", {}).get("id") == world.bot_id


def member_changed(world: World, chat: Chat, actor: Json, old: Json, new: Json) -> None:
    """The chat_member update of a change, my_chat_member when it is the bot's own."""
    kind = "my_chat_member" if new["user"]["id"] == world.bot_id else "chat_member"
    change = {"chat": chat.face, "from": actor, "date": world.date()}
    world.updates.add(kind, {**change, "old_chat_member": old, "new_chat_member": new})


def get_chat(world: World, params: Params) -> Json:
    """getChat: ChatFullInfo."""
    chat = target_chat(world, params)
    full: Json = {**chat.face, "accent_color_id": 0, "max_reaction_count": 11}
    full["accepted_gift_types"] = dict.fromkeys(_GIFT_TYPES, False)
    if not chat.is_private:
        full["permissions"] = dict.fromkeys(("can_send_messages", "can_manage_topics"), True)
    if chat.pinned:
        full["pinned_message"] = chat.posts[chat.pinned[-1]].body
    return full


_GIFT_TYPES = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def get_chat_member(world: World, params: Params) -> Json:
    """getChatMember: what this person is in the chat; `left` for a known person who is not in it."""
    chat = target_chat(world, params)
    user_id = params.integer("user_id")
    if user_id in chat.members:
        return chat.members[user_id]
    if chat.is_private and user_id in (chat.id, world.bot_id):
        return member(world.users.get(user_id, world.bot_user))
    if user_id not in world.users:
        raise bad_request("invalid user_id specified" if user_id <= 0 else "member not found")
    return {"status": "left", "user": world.users[user_id]}


def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """getChatAdministrators: owner and admins, no other bots."""
    chat = target_chat(world, params)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    return [found for user_id, found in chat.members.items() if is_admin(chat, user_id)]


def get_chat_member_count(world: World, params: Params) -> int:
    """getChatMemberCount."""
    chat = target_chat(world, params)
    return 2 if chat.is_private else len(chat.members)
