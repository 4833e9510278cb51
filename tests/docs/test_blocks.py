"""
Whoever does what a page says, block by block, sees what the page shows.

What a block is follows from its language: `python` and `console` run, `output` is what the Python block before it prints, `json`
holds, `sh` is what only a fresh machine needs (the README's commands are tested in ``tests/packaging``), `shell-session` is
what curl shows of a running gateway (``tests/gateways/test_transcripts.py`` compares it), `text` is prose.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from itertools import zip_longest
from pathlib import Path

import pytest

from errortax import CanonicalError
from errortax.checking import check
from pages import PAGES, ROOT, Block, agrees, blocks, commands, prose, text

LANGUAGES = {"python", "console", "output", "json", "sh", "shell-session", "text"}
REFERENCE_OF_THE_COMMANDS = "docs/reference/cli.md"  # tests/cli/test_reference.py does what it says
RUN = [page for page in PAGES if page != REFERENCE_OF_THE_COMMANDS and blocks(page)]
BENCHMARKS = "python benchmarks/run.py"  # takes minutes: its options are checked instead
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


class Reader:
    """Do what a page says in a folder that has the checkout's examples and data."""

    def __init__(self, page: str, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.printed = ""
        for shared in ("examples", "schemas"):
            (folder / shared).symlink_to(ROOT / shared)
        command = folder / "bin" / "errortax"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m errortax "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")},
            "PATH": os.pathsep.join([str(command.parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }

    def follow(self, block: Block) -> None:
        """Do what the *block* says, and compare what comes of it with what the page shows."""
        getattr(self, f"_{block.language.replace('-', '_')}")(block)

    def _python(self, block: Block) -> None:
        code = compile("\n" * (block.line - 1) + block.code, self.page, "exec")  # a traceback shows the page's line
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, self.names)  # noqa: S102  # as a reader would
        self.printed = printed.getvalue()

    def _output(self, block: Block) -> None:
        assert agrees(block.code, self.printed), f"{self.page}:{block.line}: the block before it prints\n{self.printed}"

    def _console(self, block: Block) -> None:
        for command, shown in commands(block):
            if command.startswith(BENCHMARKS):
                self._options_of_benchmarks(command)
                continue
            done = subprocess.run(command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True)  # noqa: S602, PLW1510  # as a reader would; the code is looked at next
            printed = done.stdout + done.stderr
            assert 0 == done.returncode, f"{self.page}:{block.line}: {command}\n{printed}"
            assert agrees(shown, printed), f"{self.page}:{block.line}: {command}\n{printed}"

    def _json(self, block: Block) -> None:
        document = json.loads(block.code)
        if "entries" in document:  # a vendor file, which blocks further down may use
            path = self.folder / f"{document['vendor']}.json"
            path.write_text(block.code, encoding="utf-8")
            assert () == check(path)
        if "match" in document:
            assert CanonicalError.from_dict(document)

    def _sh(self, block: Block) -> None:
        """Check that what is installed exists."""
        known = PROJECT["project"]["optional-dependencies"]
        extras = re.findall(r"(?:\.|errortax)\[([\w,]+)\]", block.code)
        assert all(set(names.split(",")) <= known.keys() for names in extras)
        assert set(re.findall(r"--group (\w+)", block.code)) <= PROJECT["dependency-groups"].keys()

    def _shell_session(self, block: Block) -> None:
        """Check that all of it is about a gateway on this machine, where the tests of the gateways look for it, and says in front of what."""
        assert block.code.startswith("$ ")
        assert "(../../tests/gateways/upstream.py)" in text(self.page)
        assert all(re.match(r"curl .*http://localhost:\d+/", command) and shown for command, shown in commands(block))

    def _text(self, block: Block) -> None:
        assert block.code

    def _options_of_benchmarks(self, command: str) -> None:
        asked = [sys.executable, "benchmarks/run.py", "--help"]
        helped = subprocess.run(asked, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        assert set(re.findall(r"--[a-z]+", command.partition("#")[0])) <= set(re.findall(r"--[a-z]+", helped.stdout))


@pytest.mark.parametrize("page", RUN)
def test_blocks(page, tmp_path, monkeypatch):
    """
    Each block of the page runs, one after the other, and what the page shows is what comes out, all of it.
    """
    monkeypatch.chdir(tmp_path)
    reader = Reader(page, tmp_path)
    below = [block.language for block in blocks(page)][1:]
    for block, next_language in zip_longest(blocks(page), below):
        reader.follow(block)
        has_printed = block.language == "python" and reader.printed
        assert not has_printed or next_language == "output", f"{page}:{block.line}: prints\n{reader.printed}"


@pytest.mark.parametrize("page", PAGES)
def test_no_block_goes_unseen(page):
    """
    Each fence on the page belongs to a block in a language that is tested.
    """
    assert 2 * len(blocks(page)) == len(re.findall(r"^[ >]*(?:```|~~~)", text(page), re.MULTILINE))
    assert {block.language for block in blocks(page)} <= LANGUAGES


def test_only_installations_are_not_run():
    """
    A block in `sh` makes an environment or installs something; everything else on the pages runs.
    """
    shell = [block.code for page in PAGES for block in blocks(page) if block.language == "sh"]
    assert all(re.match(r"python3 -m venv |(?:\.venv/bin/)?pip install |apt install ", code) for code in shell)


def packages(code: str) -> set[str]:
    """Return the packages that *code* imports from, besides the standard library and the checkout."""
    imports = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imports]
    names = {str(module).partition(".")[0] for module in modules} - sys.stdlib_module_names - {"errortax"}
    return {name for name in names if not (ROOT / "examples" / "gateway" / f"{name}.py").exists()}


@pytest.mark.parametrize("page", PAGES)
def test_what_an_example_needs_is_named(page):
    """
    The page names each package that its blocks import from, so that a reader knows what to install.
    """
    needed = set().union(*(packages(block.code) for block in blocks(page) if block.language == "python"))
    assert set() == {name for name in needed if name.removesuffix("_sdk") not in prose(page).lower()}


def test_the_figures_of_the_readme():
    """
    The README has the figures of the page that it links to.
    """
    page = "docs/explanation/why-not-the-status.md"
    right, documented = re.findall(r"\[(\d+) of (\d+) documented errors\]\(\S+/explanation/why-not-the-status/\)", text("README.md"))[0]
    assert f"one table for each vendor: {right}\n" in text(page)
    assert f"{documented} documented errors, " in text(page)


def test_each_extra_is_described():
    """
    The README says what each extra is for.
    """
    extras = PROJECT["project"]["optional-dependencies"]
    assert set() == {name for name in extras if f"`{name}`" not in prose("README.md")}


@pytest.mark.parametrize("page", PAGES)
def test_environments_of_tox(page):
    """
    Each environment of tox that the page names exists.
    """
    named = set(re.findall(r"\btox -e ([a-z0-9-]+)", text(page)))
    settings = (ROOT / "tox.ini").read_text(encoding="utf-8")
    known = set(re.findall(r"^\[testenv:([a-z0-9-]+)\]$", settings, re.MULTILINE)) | {"py311", "py312", "py313", "py314"}
    assert named <= known
