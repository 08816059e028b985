"""What an owner changes while everything runs; every process heeds it within seconds."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from admin_api.contract import Context, Reply
from admin_api.schemas.settings import NewValue, ResetQuery, SettingList, SettingPath, SettingShown
from crm_store import stored_settings
from crm_store.session import Session
from crm_store.settings import StoreSettings
from crm_store.stored_settings import CHANGEABLE, Stored


def _shown(base: StoreSettings, stored: Mapping[str, Stored], name: str) -> SettingShown:
    one = stored.get(name)
    return SettingShown(
        name=name,
        about=StoreSettings.model_fields[name].description or "",
        value=getattr(stored_settings.with_stored(base, stored), name),
        default=getattr(base, name),
        is_changed=one is not None,
        changed_by=one.by if one else None,
        changed_at=one.at if one else None,
    )


async def listing(context: Context) -> Reply[SettingList]:
    """The settings that are changed here, with who changed them; all others are set by the environment."""
    async with context.read() as session:
        stored = await stored_settings.read(session)
    base = context.services.store_settings.base
    return Reply(SettingList(items=[_shown(base, stored, name) for name in CHANGEABLE]))


async def change(context: Context, path: SettingPath, body: NewValue) -> Reply[SettingShown]:
    """Give a setting a value that counts more than the environment's."""
    async with context.write() as session:
        made = await _store(context, session, path.name, body.value, is_confirmed=body.confirmed)
    return Reply(_shown(context.services.store_settings.base, {path.name: made}, path.name))


async def change_together(
    context: Context, wanted: Callable[[StoreSettings], Mapping[str, object]]
) -> Reply[None]:
    """Give settings the values that `wanted` makes of those in force: all of them or, where one does not fit, none."""
    async with context.write() as session:
        await stored_settings.hold(session)
        present = await stored_settings.in_force(session, context.services.store_settings.base)
        for name, value in wanted(present).items():
            if value != getattr(present, name):
                await _store(context, session, name, value)
    return Reply(None)


async def _store(
    context: Context, session: Session, name: str, value: object, *, is_confirmed: bool = False
) -> Stored:
    """What is stored now, and who did it, under the one name that programs and the desk's forms have for it."""
    stored_settings.refuse_unknown(name)
    await stored_settings.hold(session)
    base = context.services.store_settings.base
    was = getattr(await stored_settings.in_force(session, base), name)
    made = await stored_settings.change(
        session,
        name,
        value,
        base=base,
        by=context.caller.name,
        now=context.now,
        is_confirmed=is_confirmed,
    )
    await _write_down(replace(context, action="settings.change"), session, name, was, made.value)
    return made


async def _write_down(context: Context, session: Session, name: str, was: object, value: object) -> None:
    """From what to what; none of the settings that are changed here is a secret."""
    await context.audit(session, f"setting:{name}", **{"from": was, "value": value})


async def reset(context: Context, path: SettingPath, query: ResetQuery) -> Reply[SettingShown]:
    """Let the environment's value count again."""
    base = context.services.store_settings.base
    async with context.write() as session:
        stored_settings.refuse_unknown(path.name)
        await stored_settings.hold(session)
        was = getattr(await stored_settings.in_force(session, base), path.name)
        await stored_settings.back_to_default(
            session, path.name, base=base, now=context.now, is_confirmed=query.confirmed
        )
        await _write_down(context, session, path.name, was, getattr(base, path.name))
    return Reply(_shown(base, {}, path.name))
