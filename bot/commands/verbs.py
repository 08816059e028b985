"""Verbs whose modules are imported when they are called: a server starts without what only the others need."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

MODULES: Final = {
    "kb": "bot.commands.kb:app",
    "customers": "bot.commands.people:app",
    "orders": "bot.commands.orders:app",
    "keys": "bot.commands.access:keys",
    "staff": "bot.commands.access:people",
    "db": "bot.commands.database:app",
    "parked": "bot.commands.parked:app",
    "queue": "bot.commands.queue:app",
    "ask": "bot.commands.talk:ask",
    "chat": "bot.commands.talk:chat",
}
"""Verb to where its Typer application or its function is."""


class Verbs(MutableMapping[str, Any]):
    """Click's commands by name; those of MODULES are made when they are asked for."""

    def __init__(self, made: MutableMapping[str, Any]) -> None:
        self._made = made

    def __getitem__(self, name: str) -> Any:
        if name not in self._made and name in MODULES:
            module, _, attribute = MODULES[name].partition(":")
            self._made[name] = _made(name, getattr(import_module(module), attribute))
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._made, *MODULES]))

    def __len__(self) -> int:
        return len(set(self))


class LateGroup(TyperGroup):
    """The `frontdesk` command: its own verbs, and those of MODULES."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Verbs(self.commands)


def _made(name: str, found: Any) -> Any:
    if isinstance(found, typer.Typer):
        command: Any = get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        command = get_command(alone)
    command.name = name
    return command
