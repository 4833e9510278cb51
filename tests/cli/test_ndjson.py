from __future__ import annotations

import json
from io import BytesIO

import pytest

from errortax.cli import ndjson
from errortax.cli.ndjson import looks_like_ndjson, read_ndjson
from errortax.cli.readings import Assumptions, Complaint, Reading, Source


def read(text: bytes, **assumed):
    """Read all lines."""
    return list(read_ndjson(Source("a.ndjson", BytesIO(text)), Assumptions(**assumed)))


def read_one(line: object) -> Reading | Complaint:
    """Read one line."""
    (found,) = read(json.dumps(line).encode())
    return found


def test_lines():
    """
    Each line that is not blank is a response, numbered as an editor does, with the bytes read so far.
    """
    first, second = read(b'{"status": 404}\n\n  \n{"status": 500, "vendor": "planoauth"}')
    assert ("a.ndjson:1", 404, None, 16) == (first.where, first.response.status, first.vendor, first.position)
    assert ("a.ndjson:4", 500, "planoauth", 58) == (second.where, second.response.status, second.vendor, second.position)


def test_head_is_first_line():
    """
    The part that was read to recognise the file counts as the beginning, whole line or not.
    """
    for head, rest in ((b'{"status": 404}\n', b'{"status": 500}'), (b'{"stat', b'us": 404}\n{"status": 500}')):
        found = list(read_ndjson(Source("a", BytesIO(rest), head=head), Assumptions()))
        assert [404, 500] == [reading.response.status for reading in found]


@pytest.mark.parametrize(
    ("members", "body"),
    [
        ({}, ""),
        ({"body": None}, ""),
        ({"body": "a=b"}, "a=b"),
        ({"body": {"a": 1}}, '{"a": 1}'),
        ({"json": ["a"]}, '["a"]'),
        ({"json": None}, "null"),
    ],
)
def test_bodies(members, body):
    """
    The body is a text, or JSON under either name.
    """
    assert body == read_one({"status": 400, **members}).response.body


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1", "X-B": ["2", "3"]},
        [["X-A", "1"], ["X-B", "2"], ["X-B", "3"]],
        [{"name": "X-A", "value": "1"}, {"name": "X-B", "value": "2"}, {"name": "X-B", "value": 3}],
    ],
)
def test_headers(headers):
    """
    Header fields may be an object, pairs, or objects of name and value.
    """
    found = read_one({"status": 400, "headers": headers}).response.headers
    assert (("1",), ("2", "3")) == (found.get_all("x-a"), found.get_all("x-b"))


def test_assumptions():
    """
    The command line supplies status and URL if a line does not have them.
    """
    bare, full = read(
        b'{"body": ""}\n{"status": 404, "url": "https://b.example/", "method": "PUT"}', status=502, url="https://a.example/"
    )
    assert (502, "https://a.example/", None) == (bare.response.status, bare.response.url, bare.response.method)
    assert (404, "https://b.example/", "PUT") == (full.response.status, full.response.url, full.response.method)


def test_status_as_text():
    """
    A status of three digits may be a text, as web servers log it.
    """
    assert 404 == read_one({"status": "404"}).response.status


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "not JSON ("),
        (b"\xff", "not JSON ("),
        (b"[" * 100_000, "nested too deeply; save a smaller response"),
        (b'{"status": ' + b"1" * 5000 + b"}", "not JSON ("),
        (b"[]", "not a JSON object"),
        (b'{"a": 1}', "no 'status', 'headers', 'body' or 'json'; name the parts of the response like this"),
        (b'{"status": true}', "'status' is not an HTTP status; make it a number such as 404"),
        (b'{"status": "4O4"}', "'status' is not an HTTP status; make it a number such as 404"),
        (b'{"status": 1, "headers": 1}', "'headers' is neither an object nor an array; make it an object of names and values"),
        (
            b'{"status": 1, "headers": [1]}',
            "an item of 'headers' is neither a pair nor an object with 'name'; make 'headers' an object",
        ),
        (b'{"status": 1, "url": 1}', "'url' is not a text; make it a text"),
        (b'{"status": 1, "vendor": []}', "'vendor' is not a text; make it a text"),
    ],
)
def test_bad_line(line, problem):
    """
    A bad line is a complaint with its number, and the lines behind it are read.
    """
    good, bad, also_good = read(b'{"status": 404}\n' + line + b'\n{"status": 500}\n')
    assert str(bad).startswith(f"a.ndjson:2: {problem}")
    assert bad.fatal
    assert [404, 500] == [good.response.status, also_good.response.status]


def test_line_that_is_too_long(monkeypatch):
    """
    A line beyond the limit is passed over with a complaint and never held in memory.
    """
    monkeypatch.setattr(ndjson, "LINE_LIMIT", 20)
    text = b'{"body": "' + b"x" * 50 + b'"}\n{"status": 404}\n' + b"y" * 20
    long, good, last = read(text)
    assert "a.ndjson:1: longer than 20 bytes; write a shorter body" == str(long)
    assert ("a.ndjson:2", 404) == (good.where, good.response.status)
    assert "a.ndjson:3: longer than 20 bytes; write a shorter body" == str(last)
    assert [63, 79, 99] == [long.position, good.position, last.position]


@pytest.mark.parametrize("line", [{"status": 404, "headers": {}}, {"status": "404", "body": ""}, {"status": None, "json": {}}])
def test_looks_like_ndjson(line):
    """
    A response is recognised by a status beside other parts of a response.
    """
    assert looks_like_ndjson(line)


@pytest.mark.parametrize(
    "line", [[], {"status": 404, "title": "Not Found"}, {"status": "session-expired", "body": ""}, {"body": ""}, {"json": {}}]
)
def test_looks_like_a_body(line):
    """
    A vendor's body is not taken for a line of NDJSON, though it may have a status.
    """
    assert not looks_like_ndjson(line)
