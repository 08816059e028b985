"""README says what is."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app
from docs import readme

TEXT = readme.README.read_text("utf-8")


@pytest.mark.parametrize("name", readme.BLOCKS)
def test_a_block_made_from_the_code_is_current(name: str) -> None:
    assert readme.block(TEXT, name) == readme.BLOCKS[name](), "run: python -m docs.readme"


def test_each_setting_is_explained() -> None:
    for kind in readme.SETTINGS:
        for name, field in kind.model_fields.items():
            assert field.description, name


def test_each_path_of_the_tree_exists() -> None:
    tree = TEXT.split("## What is where")[1].split("```")[1]
    room = ""
    for line in tree.splitlines():
        if re.match(r"\w+/", line):
            room = line.split("/")[0]
        for name in re.findall(r"\b[a-z_]+(?:\.py|/)(?=[\s:),;]|$)", line):
            folders = (readme.ROOT, readme.ROOT / room, readme.ROOT / room / "channels")
            assert any((folder / name).exists() for folder in folders), name


def test_each_verb_in_readme_exists() -> None:
    command = get_command(app)
    for words in re.findall(r"frontdesk ((?:[a-z]+ ?){1,2})", TEXT):
        first, *rest = words.split()
        assert first in command.commands, first  # type: ignore[attr-defined]
        group = command.commands[first]  # type: ignore[attr-defined]
        if rest and hasattr(group, "commands"):
            assert rest[0] in group.commands, words


def test_each_make_target_in_readme_exists() -> None:
    makefile = (readme.ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", TEXT, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def _commands(group: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found.append((*path, name))
        if hasattr(command, "commands"):
            found += _commands(command, (*path, name))
    return found


@pytest.mark.parametrize("path", _commands(get_command(app)), ids=" ".join)
def test_each_verb_says_what_it_does(path: tuple[str, ...]) -> None:
    from typer.testing import CliRunner

    shown = CliRunner().invoke(app, [*path, "--help"])
    assert shown.exit_code == 0
    command = get_command(app)
    for name in path:
        command = command.commands[name]  # type: ignore[attr-defined]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None) or parameter.name == "limit", (path, parameter.name)


def test_the_paths_of_the_machine_are_not_in_readme() -> None:
    assert str(Path.home()) not in TEXT
