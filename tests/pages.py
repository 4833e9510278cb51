"""
The pages for people and the code blocks in them, for the tests that do what the pages say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("schemas/*.md")])
    if path.parent != ROOT / "docs" / "project"  # copies, which the site is built from
)
"""The pages by their paths from the root of the checkout."""

_BLOCK = re.compile(r"^```([\w-]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """Hold a code block: its language, what it says, and the line of the page on which that begins."""

    language: str
    code: str
    line: int


def text(page: str) -> str:
    """Return what stands on the *page*."""
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page: str) -> str:
    """Return the *page* without its code blocks."""
    return _BLOCK.sub("", text(page))


def blocks(page: str) -> tuple[Block, ...]:
    """Return the code blocks of the *page*, in order."""
    whole = text(page)
    return tuple(Block(found[1], found[2], whole.count("\n", 0, found.start(2)) + 1) for found in _BLOCK.finditer(whole))


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Yield each command of a console *block* with the output that is shown for it."""
    for step in block.code.removeprefix("$ ").split("\n$ "):
        command, _, shown = step.partition("\n")
        yield command, shown


def agrees(shown: str, printed: str) -> bool:
    """Tell whether *printed* is what a page shows, where an ellipsis stands for anything but nothing."""
    pattern = re.escape(shown.rstrip("\n")).replace(r"\.\.\.", ".+")
    return re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL) is not None
