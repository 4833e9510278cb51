"""
Draw what the command line shows on a terminal as pictures (SVG): ``python tools/pictures.py`` writes ``docs/pictures``.

With ``--check`` nothing is written; the exit code is 1 if a picture is not what the command shows now.
"""

from __future__ import annotations

import html
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from errortax.advice import cells

ROOT: Final = Path(__file__).resolve().parents[1]
PICTURES: Final = {
    "report.svg": (92, ("parse", "--vendor", "auto", "examples/responses/gopoints-otp-needed.http")),
}
"""Picture → the columns of the terminal, and the words after ``errortax``."""

_COLOURS: Final = {"31": "#d1242f", "32": "#1a7f37", "33": "#9a6700", "36": "#1b7c83"}
_BACKGROUND, _TEXT, _DIM = "#ffffff", "#1f2328", "#6e7781"
_CELL, _LINE, _MARGIN = 8.4, 20, 16  # the size of a character of 14 px in usual monospaced fonts
_SEQUENCE: Final = re.compile(r"\x1b\[([\d;]*)m|\x1b\]8;;[^\x1b]*\x1b\\|\x1b\[[^m]*[A-Za-z]")


def captured(arguments: Sequence[str], columns: int, folder: Path = ROOT) -> str:
    """
    Return what ``errortax`` with these *arguments* shows on a terminal of so many *columns*, escape sequences included.
    """
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    environment |= {
        "TERM": "xterm-256color",
        "COLUMNS": str(columns),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path]),
    }
    command = [sys.executable, "-m", "errortax", *arguments]
    shown = b""
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs):  # noqa: S603  # our own command
        os.close(theirs)
        while data := _read(ours):
            shown += data
    os.close(ours)
    return re.sub(r"[^\n]*\r\x1b\[2K", "", shown.decode().replace("\r\n", "\n"))  # a bar that was erased


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux reports the end of a terminal as an error
        return b""


def svg(text: str, columns: int) -> str:
    """
    Return a picture of *text* with escape sequences as a terminal of so many *columns* shows it.
    """
    lines = text.rstrip("\n").split("\n")
    width, height = round(columns * _CELL + 2 * _MARGIN), len(lines) * _LINE + 2 * _MARGIN
    drawn = "\n".join(
        f'<text y="{_MARGIN + number * _LINE + 14}">{"".join(_spans(line))}</text>' for number, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="{_BACKGROUND}" stroke="#d0d7de"/>\n'
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="{_TEXT}">'
        f"\n{drawn}\n</g>\n</svg>\n"
    )


def _spans(line: str) -> Iterator[str]:
    """Yield each piece of *line* at its column and as wide as it is there, so that columns are kept in any font."""
    style, at, column = "", 0, 0
    for found in [*_SEQUENCE.finditer(line), None]:
        piece = line[at : len(line) if found is None else found.start()]
        text = piece.strip()
        if text:
            x = _MARGIN + (column + cells(piece[: len(piece) - len(piece.lstrip())])) * _CELL
            yield f'<tspan x="{x:.1f}" textLength="{cells(text) * _CELL:.1f}"{style}>{html.escape(text, quote=False)}</tspan>'
        column += cells(piece)
        if found is not None:
            at = found.end()
            style = style if found[1] is None else _style(found[1].split(";"))


def _style(codes: Sequence[str]) -> str:
    colour = _DIM if "2" in codes else next((_COLOURS[code] for code in codes if code in _COLOURS), None)
    return ("" if colour is None else f' fill="{colour}"') + (' font-weight="bold"' if "1" in codes else "")


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """
    Write the pictures below *root*, or check them; return the exit code.
    """
    is_stale = False
    for name, (columns, words) in PICTURES.items():
        path, picture = root / "docs" / "pictures" / name, svg(captured(words, columns), columns)
        if path.exists() and path.read_text(encoding="utf-8") == picture:
            continue
        is_stale = True
        if "--check" in arguments:
            print(f"{path.relative_to(root)} is stale; run python tools/pictures.py")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(picture, encoding="utf-8")
        print(f"{path.relative_to(root)} written")
    return int(is_stale and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
