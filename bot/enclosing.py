"""The files of articles, sent behind the answers they belong to.

Each file (or album of pictures, albums.py) is a message of its own behind the words, as with canned replies: should
one not arrive, the words have. It stands after all that may still change the answer: who is asked first which order
they mean gets no file yet. No bytes pass through here: a message names its file, and the channel reads it when it
sends.
"""

from bot.albums import together
from bot.edition import Edition
from crm_store.batch import Batch, MessageDraft


def enclose(batch: Batch, edition: Edition) -> None:
    """Put the files of this batch's answers behind them."""
    said: list[MessageDraft] = []
    for draft in batch.messages:
        said.append(draft)
        said += _files_of(draft, edition)
    batch.messages = said


def _files_of(draft: MessageDraft, edition: Edition) -> list[MessageDraft]:
    if not (draft.outgoing and draft.decision == "answer" and draft.article_key):
        return []
    article = edition.article(draft.article_key, draft.article_language)
    files = edition.attached(article) if article is not None else []
    return [
        MessageDraft(
            person=draft.person,
            conversation=draft.conversation,
            author="bot",
            text="",
            kind=str(attachment["type"]),
            attachment=attachment,
            reply_to=draft.reply_to,
            outgoing=True,
        )
        for attachment in together(files, draft.person.channel)
    ]
