"""The admin API on a store of its own, with keys of every role and a clock that tests move."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from admin_api.app import build_app
from admin_api.services import Services
from admin_api.settings import AdminSettings
from crm_store import api_keys, sign_in, staff
from crm_store.engine import Store
from crm_store.live_settings import LiveSettings
from crm_store.settings import StoreSettings
from crm_store.staff import Role
from knowledge_base.articles import Article
from knowledge_base.disputed import UNDISPUTED, Disputed
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision, Match
from knowledge_base.offering import Offer, offered
from knowledge_base.variants import Reader, variant_for

PASSWORD = "correct horse battery"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The time, as tests set it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Shelf:
    """An edition of the knowledge base that tests fill."""

    articles: list[Article] = field(default_factory=list)
    index: KnowledgeIndex = field(default_factory=lambda: build_index(()))
    listed_only: frozenset[tuple[str, str]] = frozenset()
    disputed: Disputed = UNDISPUTED

    def fill(self, *articles: Article) -> None:
        self.articles = list(articles)
        self.index = build_index(articles)

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        return self.disputed.over(texts, self.index.decide_many(texts))

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(article.language for article in self.articles)

    def matched(self, match: Match, reader: Reader) -> Article | None:
        same = {each.language: each for each in self.articles if each.key == match.article_key}
        return variant_for(same, reader, match.language)

    def offer(self, decision: Decision, reader: Reader) -> Offer:
        return offered(decision, lambda match: self.matched(match, reader), self.listed_only)


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is the parsed JSON, or the text."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass
class Stage:
    """The API under test."""

    client: TestClient[Any, Any]
    store: Store
    clock: Clock
    shelf: Shelf
    settings: LiveSettings
    keys: dict[str, str] = field(default_factory=dict)
    agents: dict[str, int] = field(default_factory=dict)
    is_ready: bool = True

    def promise(self, rules: StoreSettings) -> None:
        """Let the response targets of these settings count from now on."""
        targets = {"response_targets": rules.response_targets}
        self.settings.current = self.settings.current.model_copy(update=targets)

    async def ask(self, method: str, path: str, *, key: str | None = "admin", **options: Any) -> Answer:
        """The answer to a request with a role's key, a key itself, or (None) no key."""
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {self.keys.get(key, key)}"
        async with self.client.request(method, path, headers=headers, **options) as response:
            is_json = "json" in response.headers.get("Content-Type", "")
            body = await (response.json(content_type=None) if is_json else response.text())
            return Answer(response.status, response.headers, body)

    async def get(self, path: str, key: str | None = "admin", **options: Any) -> Any:
        """The body of a successful GET."""
        answer = await self.ask("GET", f"/api/v1{path}", key=key, **options)
        assert answer.status == 200, answer.body
        return answer.body

    async def post(self, path: str, body: Any = None, key: str | None = "admin", method: str = "POST") -> Any:
        """The body of a successful write."""
        answer = await self.ask(method, f"/api/v1{path}", key=key, json={} if body is None else body)
        assert answer.status in (200, 201, 204), answer.body
        return answer.body


@asynccontextmanager
async def open_stage(store: Store) -> AsyncIterator[Stage]:
    """A running API with an agent and a key of every role; the keys are named like the roles."""
    clock, shelf = Clock(), Shelf()
    folder = TemporaryDirectory()
    settings = LiveSettings(store, StoreSettings(files_folder=f"{folder.name}/files", max_upload_mb=1))
    stage = Stage(client=None, store=store, clock=clock, shelf=shelf, settings=settings)  # type: ignore[arg-type]
    services = Services(
        store=store,
        settings=AdminSettings(),
        store_settings=settings,
        clock=clock,
        knowledge=lambda: shelf,
        ready=lambda: stage.is_ready,
    )
    async with store.write() as session:
        for role in Role:
            agent = await staff.create_agent(session, name=f"the {role}", role=role, now=clock(), undo_s=0)
            key = await api_keys.create(session, name=role, role=role, agent_id=agent.id, now=clock())
            stage.agents[role], stage.keys[role] = agent.id, key.key
    with folder:
        async with TestClient(TestServer(build_app(services), skip_url_asserts=True)) as client:
            stage.client = client
            yield stage


async def signed_in(stage: Stage, role: str) -> dict[str, str]:
    """The cookie header of a browser signed in as the agent of this role."""
    async with stage.store.write() as session:
        started = await sign_in.start_session(session, stage.agents[role], now=stage.clock())
    return {"Cookie": f"frontdesk_staff={started.token}"}
