"""What the handlers work with, put together by the composition root."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from aiohttp import web

from admin_api.settings import AdminSettings
from crm_store.condition import Condition
from crm_store.engine import Store
from crm_store.files import Files, files_of
from crm_store.live_settings import SettingsSource
from crm_store.settings import StoreSettings
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex
from knowledge_base.matches import Decision, Match
from knowledge_base.offering import Offer
from knowledge_base.variants import Reader


class Edition(Protocol):
    """One state of the knowledge base: its index, and the live articles behind the keys it gives."""

    @property
    def index(self) -> KnowledgeIndex:
        """Decides about texts."""
        ...

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """What the knowledge base makes of each text."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """Those its articles are in."""
        ...

    def matched(self, match: Match, reader: Reader) -> Article | None:
        """A match's article as this reader is answered with it; None when it is gone."""
        ...

    def offer(self, decision: Decision, reader: Reader) -> Offer:
        """The decision as it reaches this reader."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """`knowledge` gives the present edition; `ready` says whether everything serves."""

    store: Store
    settings: AdminSettings
    store_settings: SettingsSource
    clock: Callable[[], datetime]
    knowledge: Callable[[], Edition]
    ready: Callable[[], bool]
    download: Callable[[str], Awaitable[bytes | None]] | None = None
    """Gets a file that lies at Telegram by its file_id (None: it is not to be had); None where no bot runs here."""
    condition: Condition = field(default_factory=Condition)
    """What of this process is out of order."""

    @property
    def files(self) -> Files:
        """The folder of files from chats."""
        return files_of(self.store_settings.base)

    @property
    def rules(self) -> StoreSettings:
        """The store's settings as they count now."""
        return self.store_settings.current


SERVICES = web.AppKey("services", Services)
