"""
Envelopes of a vendor file between which nothing decides.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from errortax.checking import check
from errortax.checking.ties import ties
from errortax.model import Scheme
from errortax.parsing import ranked

BUNDLED = sorted(path for folder in ("vendors", "standards") for path in (Path("schemas") / folder).glob("*.json"))


def names(*conditions, ranks=(0, 0)):
    """Return the pairs of numbers of the *conditions* that tie."""
    data = [
        {"name": str(number), "recognise": condition, "rank": rank}
        for number, (condition, rank) in enumerate(zip(conditions, ranks, strict=True))
    ]
    return [set(pair) for pair in ties(ranked(data, Scheme.SLUG))]


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_bundled_files_have_none(path):
    """
    In the bundled files, something decides between all envelopes.
    """
    assert not [finding for finding in check(path) if "higher rank" in finding]


@pytest.mark.parametrize(
    "conditions",
    [
        ("/a", "/b"),
        ({"at": "/a", "type": "string"}, {"at": "/b", "type": "string"}),
        ({"at": "/a", "is": ["x", "y"]}, {"at": "/a", "is": ["y", "z"]}),
        ({"at": "/a", "is": "x"}, {"at": "/a", "type": "string"}),
        ({"at": "/a", "type": "integer"}, {"at": "/a", "type": "number"}),
        ({"where": {"at": "/x", "is": 1}}, {"where": {"at": "/x", "is": 2}}),
        ({"header": "X-A", "is": "1"}, "/a"),
        ({"at": "/0/a", "type": "string"}, "/b"),
    ],
)
def test_ties(conditions):
    """
    Conditions that a body may satisfy at the same time tie, and a rank decides.
    """
    assert [{"0", "1"}] == names(*conditions)
    assert not names(*conditions, ranks=(0, 1))


@pytest.mark.parametrize(
    "conditions",
    [
        ({"at": "/a", "is": "x"}, {"at": "/a", "is": "y"}),
        ({"at": "/a", "is": "x"}, {"at": "/a", "type": ["integer", "null"]}),
        ({"at": "/a", "type": "object"}, {"at": "/a", "type": "array"}),
        ({"is": {}}, "/a"),
        ("/a", {"type": "array"}),
        ("/a", ["/b", "/c"]),
    ],
)
def test_no_ties(conditions):
    """
    Conditions that exclude each other, or of which one makes more tests, do not tie.
    """
    assert not names(*conditions)
