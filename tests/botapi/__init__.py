"""The project's own Bot API server: stateful, checked, faulty on request; for tests and manual trials.

In a test take the fixture `bot_api` (a started `BotApiServer`; unlawful requests fail the test):

    ann = bot_api.user(5, "Ann", "zh")               # Person; private chat not started, so sends answer 403
    await ann.starts("payload")                       # or ann.says(...): either opens the private chat
    post = await ann.says("hello")                    # every act returns a Post (live, see below)
    answer = await ann.hears("hours")                 # the bot's next message containing "hours"
    press = await ann.presses(answer, "Yes")          # KeyError names the buttons there are
    await bot_api.wait_for(lambda: press.answer)      # {"text", "show_alert"} once answered

Server: `BotApiServer(token=, username=, clock=, checks=True, records=True)`, async context manager, or
`await start(port=0)` / `await stop()` (the world survives a stop); `.token`, `.base_url`.
- people and groups: `user(id, name, language_code, *, username, last_name) -> Person`,
  `group(id, title, *, forum=True, bot_is_admin=True) -> Group`
- seen: `sent(chat_id=None, *, thread=None) -> [Post]` (not deleted), `calls` ([Call(method, params, status,
  description, at)]), `refusals` (calls answered >= 400), `violations` ([str]), `updates` ([Update(id, kind,
  key, body, born_at, delivered_at, confirmed_at, deliveries)], epoch seconds), `delivered(chat_id=None)`
  ([Update] in the order they went out, repeats included), `rates.breaches`
- waiting: `await wait_for(look, timeout=5, what=)`, `await wait_for_sent(chat_id, count=1, thread=)`,
  `await wait_until_confirmed()`
- faults: `fail("sendMessage" | "send*" | "*", fault, chat=None, times=1)` with `tests.botapi.faults`:
  `too_many_requests(s)`, `forbidden(reason)`, `bad_request(reason)`, `server_error(502, takes_effect=)`,
  `broken_json()`, `timeout(takes_effect=)`, `dropped(takes_effect=)`, `slow(seconds)`
- limits: `rates.enforced = True` answers 429; `rates.overall/.chat/.group = Limit(count, seconds)`;
  `clock=ManualClock()` (tests.botapi.clock) with `.advance(seconds)` makes time stand still
- updates: `inject(any_dict)`, `repeat(update)` (same id again), `pour([(user_id, text), ...])` (cheap load),
  `webhook.time_scale` (share of Telegram's retry pauses, 0.01)
- for benchmarks: `checks=False, records=False`, `pour`, and `world.sent` (a list, no copying)

Person: `id`, `face` (User JSON), `chat`; acts (all `await`): `says(text)`, `starts(payload)`,
`sends(kind, content, name=, mime_type=, caption=, size=)`, `sends_photo(caption)`, `sends_document(name)`,
`sends_voice(duration)`, `sends_sticker(emoji)`, `sends_location()`, `sends_contact()`,
`sends_album(count, caption) -> [Post]`, `forwards(post)`, `edits(post, text)`, `presses(post, button) -> Press`,
`presses_data(post, data) -> Press`, `reacts(post, emoji)`, `blocks_bot()`, `unblocks_bot()`,
`creates_topic(name, group) -> Topic`, `hears(fragment="", timeout=5) -> Post`; not awaited: `deactivates()`.
Those that post take `chat=group, thread=topic_or_id, reply_to=post, anonymous=True, forward_of=post`.

Group: `add(*people, as_admin=, as_owner=)`, `remove(person)`, `limit_bot(can_manage_topics=False)`,
`kick_bot()`, `topics`, `topic(name) -> Topic(id, name, is_closed)`, `delete_topic(topic)` (by hand, the bot is
not told), `migrate(new_id) -> Group`, `await hears(fragment, thread=topic)`.

Post: `chat_id`, `id`, `text` (or caption), `thread_id`, `buttons` ([text]), `rows` (button objects),
`reply_to_id`, `media_group_id`, `reactions`, `by_bot`, `method`, `at`, `deleted`, `history` (older bodies),
`body` (Message JSON). Press: `data`, `answer`.

By hand: `python -m tests.botapi --port 8081 [--limits]`, then POST /control/says {"user": 5, "text": "hi"} and
GET /control/sent?chat_id=5; all acts are in control.py.
"""
