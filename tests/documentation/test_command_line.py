"""The page about the command line names every command, argument and option, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from app.cli import tierlift

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs/reference/command-line.md").read_text("utf-8")
SYNOPSES = [
    synopsis.replace("\\|", "|")
    for synopsis in re.findall(r"^\| `(tierlift (?:[^`])+)` \|", PAGE, re.MULTILINE)
]


def commands(
    command: click.Command = tierlift, path: tuple[str, ...] = ("tierlift",)
) -> Iterator[tuple[str, click.Command]]:
    """Give every command that does something, with the words that call it."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield " ".join(path), command
    if not isinstance(command, click.Group):
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from commands(inner, (*path, name))


COMMANDS = dict(commands())


def name_of(synopsis: str) -> str:
    """Give the words of a synopsis that are the command's own."""
    return re.sub(r"( [A-Z_]+| -| \[).*$", "", synopsis)


def test_every_command_has_one_synopsis() -> None:
    """No command is missing, none is there that does not exist, none stands twice."""
    assert sorted(name_of(synopsis) for synopsis in SYNOPSES) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_synopsis_has_every_argument_and_option(name: str) -> None:
    """What can be given stands there; what must be given does so without brackets."""
    (synopsis,) = [synopsis for synopsis in SYNOPSES if name_of(synopsis) == name]
    optional = " ".join(re.findall(r"\[([^\]]*)\]", synopsis))
    required = re.sub(r"\[[^\]]*\]", "", synopsis)
    expected_options = set()
    for parameter in COMMANDS[name].params:
        where = required if parameter.required else optional
        if isinstance(parameter, click.Argument):
            assert re.search(rf"\b{parameter.human_readable_name}\b", where), parameter.name
        else:
            assert any(re.search(rf"{option}\b", where) for option in parameter.opts)
            expected_options |= set(parameter.opts)
    assert set(re.findall(r"--[a-z-]+", synopsis)) == expected_options


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    """`--help` says what a command does, and what each option of it means."""
    assert COMMANDS[name].help
    for parameter in COMMANDS[name].params:
        assert isinstance(parameter, click.Argument) or parameter.help  # type: ignore[attr-defined]  # options have it
