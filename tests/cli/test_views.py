"""
What people see on terminals of 40, 80 and 120 columns, captured from real ones; ``ERRORTAX_VIEWS=folder`` keeps the pictures.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

pytest.importorskip("pty", reason="terminals as files are a thing of Unix")

from errortax import default_registry
from errortax.advice import cells
from errortax.docgen import page_of
from pictures import ROOT, captured, main, svg

WIDTHS = (40, 80, 120)
VIEWS = {
    "report": ("parse", "--vendor", "auto", "examples/responses/gopoints-otp-needed.http"),
    "evidence": ("parse", "-v", "--vendor", "auto", "examples/responses/authrocket-invalid-user.http"),
    "har": ("parse", "examples/responses/browser.har"),
    "japanese": ("parse", "-v", "--locale", "ja", "--vendor", "auto", "examples/responses/authrocket-rate-limited.http"),
    "list": ("list", "--vendor", "gopoints"),
    "search": ("search", "token"),
    "explain": ("explain", "auth.token.expired"),
    "explain-japanese": ("explain", "session-expired", "--locale", "ja"),
    "explain-vendor": ("explain", "planoauth"),
    "explain-category": ("explain", "rate_limited"),
    "vendors": ("vendors",),
}
SEQUENCES = re.compile(r"\x1b\[[^m]*m|\x1b\]8;;.*?\x1b\\")
CODES = {code for vendor in default_registry().values() for code in vendor if not code.isdigit()}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("columns", WIDTHS)
def test_views(name, columns):
    """
    A line is longer than the terminal is wide only if it is one code or address; no code or address is broken.
    """
    shown = captured(VIEWS[name], columns)
    if folder := os.environ.get("ERRORTAX_VIEWS"):
        (Path(folder) / f"{name}-{columns}.svg").write_text(svg(shown, columns), encoding="utf-8")
    lines = SEQUENCES.sub("", shown).splitlines()
    kept = listings() if "explain" in name else set()
    assert [] == [line for line in lines if cells(line) > columns and len(line.split()) > 2 and line.strip() not in kept]
    plain = SEQUENCES.sub("", captured(VIEWS[name], 500))
    for word in {*re.findall(r"https?://\S+", plain), *(CODES & set(plain.split()))}:
        assert any(word in line for line in lines) or name in ("list", "vendors"), word
    if name == "list":
        assert set(default_registry()["gopoints"]) <= {word for line in lines for word in line.split()}


@pytest.mark.parametrize("name", [name for name in VIEWS if "explain" in name])
@pytest.mark.parametrize("columns", WIDTHS)
def test_sections_keep_their_indent(name, columns):
    """
    Below the first text of a page only titles and the address begin at the left edge, however often a line wraps.
    """
    wide, narrow = (SEQUENCES.sub("", captured(VIEWS[name], width)).split("\n\n", 1)[1] for width in (500, columns))
    assert [*unindented(wide)] == [*unindented(narrow)]


def unindented(text):
    """Yield the lines that begin at the left edge, without their ends, which may wrap."""
    yield from (line.split("  ")[0] for line in text.splitlines() if line[:1].strip())


def listings():
    """Return the lines of examples, which stay whole so that they can be copied."""
    pages = [page_of("gopoints", "auth.token.expired"), page_of("planoauth", "session-expired")]
    return {line.strip() for page in pages for part in (page.handling, page.samples[0].response) for line in part.splitlines()}


def test_pictures_are_current(tmp_path, capsys):
    """
    The pictures of the documentation are what the command line shows now; stale ones are named, and written anew.
    """
    assert 0 == main(["--check"], ROOT)
    assert 1 == main(["--check"], tmp_path)
    assert "report.svg is stale; run python tools/pictures.py" in capsys.readouterr().out
    assert 0 == main([], tmp_path)
    assert 0 == main(["--check"], tmp_path)
