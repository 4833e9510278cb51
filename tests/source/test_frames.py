"""
What no module does.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
WAYS = (
    "_getframe", "currentframe", "f_locals", "f_globals", "f_back", "f_code", "tb_frame", "tb_next", "walk_stack", "walk_tb",
    "getouterframes", "getinnerframes", "get_stack", "extract_stack", "extract_tb", "get_referrers",
)  # fmt: skip
READING_FRAMES = re.compile(rf"\b({'|'.join(WAYS)})\b")


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_no_module_reads_frames(path):
    """
    No module looks into the stack frames of others: what is there is nobody's promise.
    """
    assert [] == READING_FRAMES.findall(path.read_text(encoding="utf-8"))


def test_reading_a_frame_is_found():
    """
    The pattern finds the ways to a frame.
    """
    assert ["_getframe", "f_back"] == READING_FRAMES.findall("sys._getframe(1).f_back")
    assert ["tb_frame", "f_locals"] == READING_FRAMES.findall("error.__traceback__.tb_frame.f_locals")
