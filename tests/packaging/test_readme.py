"""
The README's commands for a fresh machine: the first is run here, the second runs these tests.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pages import PAGES, ROOT, blocks, commands, text

INSTALL, FIRST, SECOND = (block.code.strip() for block in blocks("README.md") if block.language == "sh")
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".tox", ".*_cache", ".hypothesis", "__pycache__")


def _run(command: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run *command* in the *checkout* as a newcomer would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment["PATH"] = os.pathsep.join([str(checkout / ".venv/bin"), str(Path(sys.executable).parent), environment["PATH"]])
    return subprocess.run(  # noqa: S602  # as above
        command, shell=True, cwd=checkout, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run the README's first command in a fresh copy of the checkout, which then has an environment with errortax."""
    checkout = shutil.copytree(ROOT, tmp_path_factory.mktemp("newcomer") / "errortax", ignore=LEFT_BEHIND)
    return checkout, _run(FIRST, checkout)


def test_the_first_command_shows_each_vendor(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """
    The README's first command installs into a fresh copy of the checkout and tells what a response of each vendor means.
    """
    done = first[1]
    assert 0 == done.returncode, done.stdout + done.stderr
    answered = {line.partition(": ")[2].split()[0] for line in done.stdout.splitlines() if line.startswith("examples/")}
    assert {"authrocket", "planoauth", "youforce", "gopoints"} <= answered


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.language == "console" for block in blocks(page))])
def test_the_commands_of_a_page_need_nothing_more(page: str, first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """
    After the first command, no command on any page asks for another extra, unless the page names that extra.
    """
    shown = [command for block in blocks(page) if block.language == "console" for command, _ in commands(block)]
    printed = [_run(command, first[0]).stderr for command in shown if command.startswith("errortax")]
    asked = {extra for said in printed for extra in re.findall(r"pip install 'errortax\[(\w+)\]'", said)}
    assert asked <= set(re.findall(r"needs the extra `(\w+)`", text(page)))


def test_the_second_command_is_that_of_the_gates() -> None:
    """
    The README's second command is the one with which `.ci/run` ends.
    """
    assert SECOND == (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
