"""
Write every file that follows from others: ``python tools/generate.py``; ``--check`` only says which of them are stale.

`schemas/taxonomy.json` is the source of the enumerations, the exception classes, the lists of names in the schemas, the
English texts of categories and the page of the vocabulary. The schemas are that of the typed dicts, the docstrings that
of the page of the interface.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import typed
import vocabulary

ROOT = Path(__file__).resolve().parents[1]


def files(root: Path) -> Iterator[tuple[Path, str]]:
    """
    Yield each generated file below *root*, with the text that it should have; those before it have to be written first.
    """
    yield from vocabulary.files(root)
    yield from typed.files(root)
    sys.path.insert(0, str(root / "src"))
    import marks  # imports errortax, which the files before make up

    yield from marks.files(root)
    import reference

    for name, text in reference.pages().items():
        yield root / "docs/reference" / name, text


def main(arguments: list[str], root: Path = ROOT) -> int:
    """
    Write what is stale, or with ``--check`` only say so, and return the exit code.
    """
    if unknown := [argument for argument in arguments if argument != "--check"]:
        print(f"unknown argument {unknown[0]!r}; there is only --check", file=sys.stderr)
        return 2
    stale = 0
    for path, text in files(root):
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if "--check" in arguments:
            print(f"{path.relative_to(root)} is stale; run python tools/generate.py")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{path.relative_to(root)} written")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
