from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from errortax.cli.commands import app
from errortax.cli.inputs import KINDS

MEMBERS = ["status", "headers", "body", "json", "url", "method", "vendor", "log", "entries", "request", "response", "content"]
MEMBERS += ["text", "size", "encoding", "name", "value"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 600)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["base64", "404", "http"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6),
    max_leaves=12,
)
ENTRIES = st.fixed_dictionaries({}, optional={"request": VALUES, "response": st.dictionaries(st.sampled_from(MEMBERS), VALUES)})
HARS = st.lists(ENTRIES | VALUES, max_size=4).map(lambda entries: {"log": {"entries": entries}})


def exit_code(data: bytes, kind: str) -> int:
    """Classify the bytes on standard input; any exception is raised here."""
    arguments = ["parse", "--input", kind, "--vendor", "auto", "--format", "ndjson"]
    return CliRunner().invoke(app, arguments, input=data, catch_exceptions=False).exit_code


@pytest.mark.parametrize("kind", KINDS)
@given(
    data=st.binary(max_size=60) | st.text(max_size=30).map(lambda text: b"HTTP/1.1 404 No\n" + text.encode("utf-8", "replace"))
)
def test_any_bytes(kind, data):
    """
    Any bytes, read as any kind, are classified or reported as unreadable.
    """
    assert exit_code(data, kind) in {0, 3}


@given(lines=st.lists(VALUES | st.dictionaries(st.sampled_from(MEMBERS), VALUES), min_size=1, max_size=4))
def test_any_lines(lines):
    """
    Any JSON is read as lines of NDJSON without a traceback.
    """
    assert exit_code("\n".join(map(json.dumps, lines)).encode(), "ndjson") in {0, 3}


@given(document=HARS | VALUES)
def test_any_har(document):
    """
    Any JSON is read as HAR without a traceback.
    """
    assert exit_code(json.dumps(document).encode(), "har") in {0, 3}
