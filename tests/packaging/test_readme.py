"""
The README's commands for a fresh machine: the first is run here, the second runs these tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pages import ROOT, blocks

INSTALL, FIRST, SECOND = (block.code.strip() for block in blocks("README.md") if block.language == "sh")
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".tox", ".*_cache", ".hypothesis", "__pycache__")


def test_the_first_command_shows_each_vendor(tmp_path: Path) -> None:
    """
    The README's first command installs into a fresh copy of the checkout and tells what a response of each vendor means.
    """
    checkout = shutil.copytree(ROOT, tmp_path / "errortax", ignore=LEFT_BEHIND)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    done = subprocess.run(FIRST, shell=True, cwd=checkout, env=environment, capture_output=True, text=True, check=False)  # noqa: S602  # as a newcomer would
    assert 0 == done.returncode, done.stdout + done.stderr
    answered = {line.partition(": ")[2].split()[0] for line in done.stdout.splitlines() if line.startswith("examples/")}
    assert {"authrocket", "planoauth", "youforce", "gopoints"} <= answered


def test_the_second_command_is_that_of_the_gates() -> None:
    """
    The README's second command is the one with which `.ci/run` ends.
    """
    assert SECOND == (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
