"""Articles of the house with files: handed in, published with the article, and known to its knowledge base."""

from dataclasses import replace
from datetime import datetime

from bot.edition import Edition
from crm_store import article_files, articles, publishing
from crm_store.engine import Store
from crm_store.files import Files
from knowledge_base.articles import Article
from tests.house import NOON, House

Content = tuple[str, bytes]
"""Name and bytes."""


async def handed_in(store: Store, files: Files, *contents: Content, now: datetime = NOON) -> list[str]:
    """The keys of new files that articles may name."""
    keys = []
    for name, content in contents:
        taken = await files.keep(content, name)
        async with store.write() as session:
            keys.append((await article_files.add(session, taken, now=now)).key)
    return keys


async def give(store: Store, files: Files, key: str, *contents: Content, language: str = "en") -> list[str]:
    """The keys of the files that this article has from now on."""
    keys = await handed_in(store, files, *contents)
    async with store.write() as session:
        present = await articles.find(session, key, language)
        assert present is not None
        draft = replace(present.draft, attachments=tuple(keys))
        await publishing.publish(session, [draft], by="tests", now=NOON)
    return keys


async def known(house: House) -> None:
    """The house answers with the articles as the store has them now; what it learned of them stays."""
    edition: Edition = house.knowledge.edition
    async with house.store.read() as session:
        drafts = await articles.live(session)
        named = {file for draft in drafts for file in draft.attachments}
        files = await article_files.attachments(session, named)
    shelf: dict[str, dict[str, Article]] = {key: dict(of) for key, of in edition.articles.items()}
    for draft in drafts:
        shelf[draft.key][draft.language] = replace(
            shelf[draft.key][draft.language], attachments=draft.attachments
        )
    house.knowledge.edition = replace(edition, articles=shelf, files=files)
