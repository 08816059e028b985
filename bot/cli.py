"""The `frontdesk` command, and the one place where all four packages are put together."""

import asyncio
import os
import shlex
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from bot.commands.shell import (
    BAD_INPUT,
    FAILED,
    AsJson,
    bot_settings,
    emit,
    fail,
    refused,
    settings_of,
    store_settings,
    with_store,
)
from bot.commands.verbs import LateGroup
from bot.settings import BotSettings
from crm_store.engine import Store, parse_url
from crm_store.errors import StoreError
from crm_store.schema import clear_errors
from crm_store.settings import StoreSettings

app = typer.Typer(
    cls=LateGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Customer service in chat: answers from your knowledge base, a queue for people, a CRM store and its API.",
)


@app.callback()
def _before_each_verb() -> None:
    """Warnings go to standard error, so that standard output is the result alone; servers log as set."""
    from bot import logs

    logs.configure("WARNING", as_json=False)


@app.command()
def run(
    sample: Annotated[
        bool, typer.Option("--sample", help="Fill an empty store with a sample shop and demo customers.")
    ] = False,
) -> None:
    """Start everything in one process: web chat, Telegram when a token is set, API and desk."""
    _serve(with_bot=True, with_api=True, sample=sample)


@app.command()
def bot() -> None:
    """Start the talking half alone: web chat and Telegram."""
    _serve(with_bot=True, with_api=False)


@app.command()
def api() -> None:
    """Start the staff's half alone: API and desk."""
    _serve(with_bot=False, with_api=True)


def _serve(*, with_bot: bool, with_api: bool, sample: bool = False) -> None:
    from importlib import import_module

    from bot import logs
    from bot.channels.base import CannotServe
    from bot.process import run_in_loop

    settings = bot_settings()
    try:
        logs.configure(settings.log_level, settings.log_json, _secrets(settings))
        if with_api:
            # Seconds on a busy machine: once the store is open, the others would think this process gone.
            import_module("admin_api.app")
        run_in_loop(_serving(with_bot=with_bot, with_api=with_api, sample=sample))
    except StoreError as error:
        refused(error)
    except CannotServe as error:
        fail(str(error))


def _secrets(settings: BotSettings) -> list[str]:
    """What no line of the log may show."""
    given = [s.get_secret_value() for s in (settings.telegram_token, settings.webhook_secret) if s]
    return [*given, parse_url(store_settings().database_url).password or ""]


async def _serving(*, with_bot: bool, with_api: bool, sample: bool) -> None:
    """The server's life until it is cancelled: everything opened in order, and closed in the opposite one."""
    from admin_api.rescoring import keep_scored
    from admin_api.settings import AdminSettings
    from bot.app import Bot
    from bot.clock import system_clock
    from bot.process import Site, served_store, spare_the_collector
    from bot.wiring import connect
    from crm_store.live_settings import LiveSettings

    settings, stored, admin = bot_settings(), store_settings(), settings_of(AdminSettings)
    async with served_store(stored) as store:
        first = await _first_start(store, sample=sample, with_api=with_api)
        live = LiveSettings(store, stored)
        await live.load()
        house = Bot(store, settings, live, system_clock, only_server=store.is_sqlite)
        live.hear(house.heed)
        house.add_loop(live.follow)
        house.add_loop(lambda: keep_scored(store, system_clock, live, house.presence))
        public = connect(house) if with_bot else None
        staff: Site | None = None
        if with_api:
            staff = Site(_staff_app(house, admin), admin.staff_host, admin.staff_port, "FRONTDESK_STAFF_PORT")
        try:
            await house.start(talking=with_bot)
            for site in (public, staff):
                if site is not None:
                    await site.open()
            spare_the_collector()
            house.is_ready = True
            _announce(public, staff, first)
            await house.failed()
            raise RuntimeError("a part of the server ended by itself, which none of them should")
        finally:
            house.is_ready = False
            if public is not None:
                await public.close()
            await house.stop()
            if staff is not None:
                await staff.close()


async def _first_start(store: Store, *, sample: bool, with_api: bool) -> tuple[str, str | None] | None:
    """What an empty installation gets; an admin and their code for the first sign-in while none ever signed in."""
    from bot.clock import system_clock
    from bot.first_start import fill, first_sign_in

    with clear_errors(store.url):
        if sample:
            await fill(store, now=system_clock())
        return await first_sign_in(store, now=system_clock()) if with_api else None


def _staff_app(house: Any, admin: Any) -> Any:
    """The staff's side over the same store and the same edition of the knowledge base."""
    from admin_api.app import build_app
    from admin_api.services import Services
    from bot.clock import system_clock

    return build_app(
        Services(
            store=house.store,
            settings=admin,
            store_settings=house.store_settings,
            clock=system_clock,
            knowledge=lambda: house.knowledge.edition,
            ready=lambda: house.is_ready,
            download=house.download,
            condition=house.condition,
        )
    )


def _announce(public: Any, staff: Any, first: tuple[str, str | None] | None) -> None:
    """Where everything is, for the person who started it."""
    lines = ["", "Frontdesk is running. Stop it with Ctrl-C."]
    if public is not None:
        lines.append(f"  Customers' web chat   {public.url}/")
    if staff is not None:
        lines.append(f"  Staff                 {staff.url}/")
        lines.append(f"  API documentation     {staff.url}/api/v1/docs")
    if staff is not None and first is not None:
        name, code = first
        again = f"'{shlex.join(('frontdesk', 'staff', 'code', name))}' makes another"
        lines.append(f"  First sign-in         {staff.url}/sign-in{f'#{code}' if code else ''}")
        how = "once, within 10 minutes" if code else f"with {name}'s code of the last 10 minutes"
        lines.append(f"                        ({how}; {again})")
    typer.echo("\n".join([*lines, ""]))


@app.command()
def score(
    as_of: Annotated[
        str | None, typer.Option(help="The day they are for, such as 2011-12-10; default now.")
    ] = None,
    window_days: Annotated[int, typer.Option(min=1, help="How far back purchases and ratings count.")] = 365,
    k: Annotated[int, typer.Option(min=2, help="How many segments.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Compute all customers' scores and segments, and keep them for the API."""
    from admin_api.score_runs import run_scores
    from admin_api.scoring.customers import ScoringRules
    from admin_api.scoring.errors import ScoringError
    from bot.clock import system_clock
    from bot.commands.times import moment

    now = system_clock()
    at = moment(as_of) if as_of else now
    weights = store_settings().weights
    rules = ScoringRules(timedelta(days=window_days), weights or ScoringRules().weights)
    try:
        done = with_store(lambda store: run_scores(store, as_of=at, now=now, rules=rules, k=k))
    except ScoringError as error:
        fail(str(error), BAD_INPUT)
    segments = done.segments or []
    result = {"run": done.id, "as_of": done.as_of, "window_days": done.window_days, "segments": segments}
    emit(result, as_json, lambda: [
        f"Scores as of {done.as_of:%Y-%m-%d %H:%M} over {done.window_days} days are kept as run {done.id}.",
        *(f"  {segment['size']:8} {segment['name']}" for segment in segments)])  # fmt: skip


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check settings, database, ports and Telegram; say how to mend what is wrong (exit status 1 then)."""
    from admin_api.settings import AdminSettings
    from bot import doctor as checks
    from bot.findings import Level

    kinds = (BotSettings, StoreSettings, AdminSettings)
    findings = checks.check_names(os.environ, kinds)
    findings += asyncio.run(checks.examine(bot_settings(), store_settings(), settings_of(AdminSettings)))
    shown = [asdict(finding) for finding in findings]
    marks = {Level.OK: "ok  ", Level.WARNING: "warn", Level.ERROR: "FAIL"}
    emit(shown, as_json, lambda: [
        f"[{marks[f.level]}] {f.what}" + (f"\n       {f.mend}" if f.mend else "") for f in findings])  # fmt: skip
    if any(finding.level is Level.ERROR for finding in findings):
        raise typer.Exit(FAILED)
