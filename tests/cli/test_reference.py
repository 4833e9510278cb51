from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from errortax.cli.commands import app

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", REFERENCE, re.DOTALL | re.MULTILINE)
COMMANDS = [step.partition("\n")[::2] for block in BLOCKS for step in block.removeprefix("$ ").split("\n$ ")]


def all_commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield all commands by the words to type, including those of groups."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


ALL = dict(all_commands(app))
OPTIONS = {name for command in ALL.values() for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize(("command", "shown"), COMMANDS)
def test_commands(environment, tmp_path, command, shown):
    """
    Each command of the reference prints the text shown there; an ellipsis means the rest of a line or of the output.
    """
    for shared in ("examples", "schemas"):
        (tmp_path / shared).symlink_to(ROOT / shared)
    done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S602  # as a reader would
    pattern = re.escape(shown.rstrip("\n")).replace(r"\.\.\.", ".*")
    assert re.fullmatch(pattern, (done.stdout + done.stderr).rstrip("\n"), re.DOTALL)


@pytest.mark.parametrize("name", ALL)
def test_all_commands_are_there(name):
    """
    The reference's table names every command.
    """
    assert re.search(rf"^\| `{name}\b", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize("option", sorted(name for name in OPTIONS if name.startswith("--")))
def test_all_options_are_there(option):
    """
    The reference mentions every option.
    """
    assert f"`{option}" in REFERENCE
