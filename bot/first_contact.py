"""The first-contact check: a stranger presses a button before the bot answers them or fetches a person.

It keeps programs that write to every bot they find from filling the queue. What was written before the press is kept,
and answered once it is done; what concerns the person (privacy, language) is answered at once.
"""

from bot import events as e
from bot.channels.base import Kind
from bot.keeping import settle
from bot.scene import Scene, sentence, speak
from crm_store.lifecycle import Status

ASKED = "before_check"
"""In the conversation's memory, while the button is waited for: what was said last."""
UNCHECKED = "unchecked"
"""How the messages are marked that nobody has answered yet."""
_ANYBODYS = (e.PrivacyAsked, e.LanguageAsked)


def is_at_the_door(scene: Scene, event: e.Event) -> bool:
    """Whether the button comes before everything else."""
    if scene.person.unchecked_since is None or scene.held.status is not Status.BOT:
        return False
    if isinstance(event, e.PassedCheck):
        return True  # also once strangers are not asked any more
    return scene.house.checks_strangers and not isinstance(event, _ANYBODYS)


def ask(scene: Scene, kind: Kind) -> None:
    """Ask once a conversation for the press; what is said meanwhile waits for it."""
    if scene.inbound is not None:
        scene.inbound.decision, scene.inbound.article_key, scene.inbound.confidence = UNCHECKED, None, None
    before = scene.held.memory.get(ASKED)
    said = scene.text.strip() if kind is not Kind.PRESSED else ""
    scene.held.memory = {ASKED: said or before or ""}
    if before is None:
        button = e.Choice("button.first_contact", {"do": "check"})
        speak(scene, sentence(scene, "first_contact"), (button,))


def let_in(scene: Scene) -> str:
    """They are no stranger any more; what they said before, which is to be answered now."""
    settle(scene)
    scene.person.unchecked_since = None
    scene.batch.checked.append(scene.person)
    return str(scene.held.memory.get(ASKED, ""))
