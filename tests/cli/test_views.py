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
from errortax.cli.terminal import cells
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
    assert [] == [line for line in lines if cells(line) > columns and len(line.split()) > 2]
    plain = SEQUENCES.sub("", captured(VIEWS[name], 500))
    for word in {*re.findall(r"https?://\S+", plain), *(CODES & set(plain.split()))}:
        assert any(word in line for line in lines) or name in ("list", "vendors"), word
    if name == "list":
        assert set(default_registry()["gopoints"]) <= {word for line in lines for word in line.split()}


def test_pictures_are_current(tmp_path, capsys):
    """
    The pictures of the documentation are what the command line shows now; stale ones are named, and written anew.
    """
    assert 0 == main(["--check"], ROOT)
    assert 1 == main(["--check"], tmp_path)
    assert "report.svg is stale; run python tools/pictures.py" in capsys.readouterr().out
    assert 0 == main([], tmp_path)
    assert 0 == main(["--check"], tmp_path)
