from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import RawResponse
from errortax.cli.http_message import last_response, read_http
from errortax.cli.readings import Assumptions, Complaint, Source

BODY = b'{"status": "session-expired"}'


def response(data: bytes) -> RawResponse:
    """Read data that must be a response."""
    found = last_response(data)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "status_line",
    [b"HTTP/1.0 401 Unauthorized", b"HTTP/1.1 401 Unauthorized", b"HTTP/1.1 401", b"HTTP/2 401 ", b"HTTP/2 401", b"HTTP/3 401 "],
)
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_versions_and_line_ends(status_line, end):
    """
    Every version of HTTP and either line end gives status, headers and body.
    """
    found = response(end.join([status_line, b"Content-Type: application/json", b"X-Empty:", b"", BODY]))
    assert (401, BODY) == (found.status, found.body)
    assert {"content-type": "application/json", "x-empty": ""} == dict(found.headers)


def test_folded_header():
    """
    A folded header line continues the one before.
    """
    assert "a b" == response(b"HTTP/1.1 400 Bad\r\nX-Long: a\r\n   b\r\n\r\n").headers["x-long"]


def test_repeated_header():
    """
    Header fields of the same name are all kept.
    """
    assert ("1", "2") == response(b"HTTP/1.1 400 Bad\r\nA: 1\r\na: 2\r\n\r\n").headers.get_all("a")


def test_line_without_colon():
    """
    A line in the head that is not a header field is skipped.
    """
    assert {"a": "1"} == dict(response(b"HTTP/1.1 400 Bad\r\nnonsense\r\nA: 1\r\n\r\n").headers)


@pytest.mark.parametrize("data", [b"HTTP/1.1 204", b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_head_that_ends_early(data):
    """
    A head that ends with the file is a response without headers and body.
    """
    found = response(data)
    assert (204, 0, b"") == (found.status, len(found.headers), found.body)


def test_head_without_blank_line():
    """
    Headers reach to the end of a file that has no blank line.
    """
    found = response(b"HTTP/1.1 404 Not Found\r\nA: 1\r\nB: 2")
    assert ({"a": "1", "b": "2"}, b"") == (dict(found.headers), found.body)


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        b"HTTP/1.1 200 Connection established\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 512\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\nmoved",
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
        b"\r\n\n",
    ],
)
def test_steps_on_the_way(before):
    """
    Only the last response counts, after interim responses, proxies, and redirects with or without bodies.
    """
    found = response(before + b"HTTP/2 404 \r\nA: 1\r\n\r\n" + BODY)
    assert (404, {"a": "1"}, BODY) == (found.status, dict(found.headers), found.body)


@pytest.mark.parametrize(
    "length", [b"", b"Content-Length: 7\r\n", b"Content-Length: x\r\n", b"Content-Length: 99999999999999999999\r\n"]
)
def test_body_about_http(length):
    """
    A status line inside a body is part of the body, even with a wrong Content-Length.
    """
    body = b"upstream said:\nHTTP/1.1 200 OK\n\nfine"
    found = response(b"HTTP/1.1 502 Bad Gateway\r\n" + length + b"\r\n" + body)
    assert (502, body) == (found.status, found.body)


def test_body_that_begins_with_the_name():
    """
    A body that begins with the letters HTTP/, but not with a status line, is a body.
    """
    assert b"HTTP/2 is not supported" == response(b"HTTP/1.1 505 No\r\n\r\nHTTP/2 is not supported").body


def test_url_is_taken_over():
    """
    The URL from the command line becomes the response's.
    """
    found = last_response(b"HTTP/1.1 404 Not Found\r\n\r\n", url="https://api.example.com/")
    assert found is not None
    assert "https://api.example.com/" == found.url


@pytest.mark.parametrize("data", [b"", b"{}", b"HTTP/1.1 teapot\r\n\r\n", b"HTTP/1.1 4040 Odd\r\n\r\n"])
def test_no_response(data):
    """
    Data that does not begin with a status line is not a response, and the complaint says what to do.
    """
    assert last_response(data) is None
    (complaint,) = read_http(Source("a.txt", BytesIO(data)), Assumptions())
    assert isinstance(complaint, Complaint)
    assert str(complaint).startswith("a.txt: no HTTP status line")
    assert complaint.fatal


@given(st.binary())
def test_any_bytes(tail):
    """
    After a status line, any bytes give a response and nothing is raised.
    """
    assert isinstance(last_response(b"HTTP/1.1 500 Oops\r\n" + tail), RawResponse)
