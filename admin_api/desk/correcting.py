"""An agent says that the bot's answer was wrong, and which article is the right one."""

from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.forms import Form, read_form, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import phrasings
from admin_api.readers import reader_of
from admin_api.schemas.base import IdPath, RowId
from admin_api.schemas.learning import Corrected, RightArticle
from crm_store import articles, conversations
from crm_store.articles import StoredArticle
from crm_store.errors import InvalidValue
from crm_store.models.conversations import Message
from crm_store.session import Session
from knowledge_base.text import normalise

NEAREST = 6
MOST_FOUND = 30


class FindQuery(BaseModel):
    """Words to look for in articles; none: those that are like the question."""

    text: str = ""


class RightForm(Form):
    """The article that answers it, or that none does."""

    article_id: RowId | Literal["none"]


async def show(context: Context, path: IdPath, query: FindQuery) -> web.Response:
    """The customer's words, and articles to choose from."""
    async with context.read() as session:
        asked = await conversations.message(session, path.id)
        if asked.author != "customer" or not normalise(asked.text):
            raise InvalidValue(
                "only a customer's words ask something; choose such a message", kind="no_customers_words"
            )
        if query.text.strip():
            offered = await articles.page(session, text=query.text.strip()[:200], limit=MOST_FOUND)
        else:
            offered = await _like(context, session, asked)
    return page(context, "correction.html", asked=asked, offered=offered, query=query.text)


async def _like(context: Context, session: Session, asked: Message) -> list[StoredArticle]:
    """The articles that are nearest to the words, the likest first."""
    edition = context.services.knowledge()
    conversation = await conversations.get(session, asked.conversation_id)
    reader, found = await reader_of(session, conversation, asked.text), []
    for match in edition.index.search(asked.text, NEAREST):
        article = edition.matched(match, reader)
        stored = await articles.find(session, article.key, article.language) if article else None
        if stored is not None:
            found.append(stored)
    return found


async def choose(context: Context, path: IdPath) -> web.Response:
    """This article answers it, or none does."""
    form = await read_form(context.request, RightForm)
    right = None if form.article_id == "none" else form.article_id
    told = (await through(phrasings.correct, context, path, RightArticle(article_id=right))).body
    async with context.read() as session:
        asked = await conversations.message(session, path.id)
    return see(f"/conversations/{asked.conversation_id}?done={_done(told, right)}")


def _done(told: Corrected, right: int | None) -> str:
    """The name of the words that tell what follows."""
    return "_".join(
        name
        for name, holds in (
            ("corrected", True),
            ("none", right is None),
            ("listed", told.listed),
            ("proposed", told.proposed),
        )
        if holds
    )
