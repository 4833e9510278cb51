from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import RawResponse
from errortax.cli.http_message import looks_like_http, read_http
from errortax.cli.readings import Assumptions, Complaint, Reading, Source

BODY = b'{"status": "session-expired"}'


def read(data: bytes, url: str | None = None) -> tuple[list[Reading], list[str]]:
    """Return the readings of a message called `a`, and its complaints."""
    found = [*read_http(Source("a", BytesIO(data)), Assumptions(url=url))]
    return [one for one in found if isinstance(one, Reading)], [str(one) for one in found if isinstance(one, Complaint)]


def response(data: bytes) -> RawResponse:
    """Read data that must be one response, without any complaint."""
    (reading,), complaints = read(data)
    assert ("a", []) == (reading.where, complaints)
    return reading.response


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
    assert "a b" == response(b"HTTP/1.1 204 No\r\nX-Long: a\r\n   b\r\n\r\n").headers["x-long"]


def test_repeated_header():
    """
    Header fields of the same name are all kept.
    """
    assert ("1", "2") == response(b"HTTP/1.1 204 No\r\nA: 1\r\na: 2\r\n\r\n").headers.get_all("a")


@pytest.mark.parametrize("line", [b"nonsense", b"A : 1", b": 1", b" folded: 1", b'"status": 1'])
def test_line_that_is_no_field(line):
    """
    A line in the head that is not a header field refuses the response, with the number of the line.
    """
    found, complaints = read(b"HTTP/1.1 400 Bad\r\n" + line + b"\r\nA: 1\r\n\r\n{}")
    assert ([], ["a: line 2 is not a header field; is the blank line missing?"]) == (found, complaints)


@pytest.mark.parametrize("body", [BODY, b'[\n"a:b"]', b"<html>"])
def test_lost_blank_line(body):
    """
    A line in the head that begins like JSON or HTML begins the body, with a remark.
    """
    (found,), complaints = read(b"HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n" + body)
    assert body.strip() == bytes(found.response.body).strip()
    assert ["a: line 3 is not a header field, but begins like a body; is the blank line missing?"] == complaints


@pytest.mark.parametrize(
    "line", [b'HTTP/1.1 401 No Content-Type: a {"status":"b"}', b'HTTP/1.1 401 {"a":1}', rb"HTTP/1.1 401 No\r\nA: 1"]
)
def test_lost_line_ends(line):
    """
    A status line that has fields or a body in it is refused.
    """
    found, complaints = read(line)
    assert ([], 1) == (found, len(complaints))
    assert "a: line 1: a header field or a body in the status line; have the line ends been lost?" in complaints


@pytest.mark.parametrize("data", [b"HTTP/1.1 204", b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_head_that_ends_early(data):
    """
    A head that ends with the file is a response without headers and body.
    """
    found = response(data)
    assert (204, 0, b"") == (found.status, len(found.headers), found.body)


@pytest.mark.parametrize(
    ("field", "complaints"),
    [(b"A: 1", 1), (b"Content-Length: 80", 1), (b"Content-Length: 0", 0)],
)
def test_no_body(field, complaints):
    """
    An error whose body is not there is mentioned, unless the response says that it has none.
    """
    (found,), said = read(b"HTTP/1.1 404 Not Found\r\n" + field + b"\r\n\r\n")
    assert 404 == found.response.status
    assert ["a: there is no body: only the status and the header fields count"] * complaints == said


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        b"HTTP/1.1 200 Connection established\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 512\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\nmoved",
        b"HTTP/1.1 302 Found\r\n\r\n{}\n",
        b"HTTP/1.1 302 Found\r\nHTTP/1.1 302 Found\r\n",
        b"\r\n\n",
    ],
)
def test_steps_on_the_way(before):
    """
    Only the last response counts, after interim responses, proxies, and redirects with or without bodies.
    """
    found = response(before + b"HTTP/2 404 \r\nA: 1\r\n\r\n" + BODY)
    assert (404, {"a": "1"}, BODY) == (found.status, dict(found.headers), found.body)


@pytest.mark.parametrize(("status", "field"), [(401, b"WWW-Authenticate"), (407, b"Proxy-Authenticate")])
def test_challenge(status, field):
    """
    A challenge that the next response answers is skipped with a remark; without a challenge it is an error of its own.
    """
    first = b"HTTP/1.1 %d No\r\n%s: Digest\r\nContent-Length: 0\r\n\r\n"
    ok = b"HTTP/1.1 200 OK\r\n\r\n{}"
    (found,), complaints = read(first % (status, field) + ok)
    assert 200 == found.response.status
    assert [f"a: line 1: the challenge of HTTP {status} is met by the next response; skipped"] == complaints
    both, complaints = read(first % (status, b"A") + ok)
    assert ([("a:1", status), ("a:5", 200)], []) == ([(one.where, one.response.status) for one in both], complaints)


@pytest.mark.parametrize("length", [b"", b"Content-Length: 29\r\n", b"Content-Length: 7\r\n"])
@pytest.mark.parametrize("gap", [b"", b"\n", b"\r\n\r\n"])
def test_several_responses(length, gap):
    """
    An error before a success is not lost: each response counts, with the line that it begins in.
    """
    head = b"HTTP/1.1 401 Unauthorized\r\n" + length + b"\r\n"
    found, complaints = read(head + BODY + gap + b"HTTP/1.1 200 OK\r\n\r\n{}")
    assert [] == complaints
    assert [(401, BODY), (200, b"{}")] == [(one.response.status, one.response.body) for one in found]
    assert ["a:1", f"a:{(head + BODY + gap).count(bytes([10])) + 1}"] == [one.where for one in found]


@pytest.mark.parametrize(
    "length", [b"", b"Content-Length: 7\r\n", b"Content-Length: x\r\n", b"Content-Length: 99999999999999999999\r\n"]
)
def test_body_about_http(length):
    """
    A status line inside a text is part of the body, even with a wrong Content-Length; a remark says so.
    """
    body = b"upstream said:\nHTTP/1.1 200 OK\n\nfine"
    (found,), complaints = read(b"HTTP/1.1 502 Bad Gateway\r\n" + length + b"\r\n" + body)
    assert (502, body) == (found.response.status, found.response.body)
    assert [f"a: line {5 if length else 4} looks like another response; it is read as a part of the body"] == complaints


def test_body_that_begins_with_the_name():
    """
    A body that begins with the letters HTTP/, but not with a status line, is a body.
    """
    assert b"HTTP/2 is not supported" == response(b"HTTP/1.1 505 No\r\n\r\nHTTP/2 is not supported").body


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_chunks(end):
    """
    A body in chunks is put together, trailer fields are dropped, and the response behind it is read.
    """
    head = b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = end.join([b"4", b'{"a"', b"3;x=y", b":1}", b"0", b"X-Trailer: 1", b"", b""])
    assert b'{"a":1}' == response(head + chunks).body
    found, _ = read(head + chunks + b"HTTP/1.1 200 OK\r\n\r\n{}")
    assert [b'{"a":1}', b"{}"] == [one.response.body for one in found]


def test_broken_chunks():
    """
    Chunks that end early give what is there, with a remark; a body that is not in chunks any more stays as it is.
    """
    head = b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n"
    (found,), complaints = read(head + b'4\r\n{"a"\r\n9\r\n:1')
    assert (b'{"a":1', 1) == (found.response.body, len(complaints))
    assert "the chunks of the body do not have the lengths that they state" in complaints[0]
    assert BODY == response(head + BODY).body


@pytest.mark.parametrize(
    ("target", "host", "url"),
    [
        (b"/api/me?a=b", b"Host: api.gopoints.net\r\n", "https://api.gopoints.net/api/me?a=b"),
        (b"http://api.gopoints.net/x", b"", "http://api.gopoints.net/x"),
        (b"/api/me", b"", "https://given.example/"),
    ],
)
def test_request_before_the_response(target, host, url):
    """
    The request before a response says its method and its address, and is not mistaken for a response.
    """
    request = b"PUT " + target + b" HTTP/1.1\r\n" + host + b'Content-Type: application/json\r\n\r\n{"a": "HTTP/1.1 200 OK"}\r\n'
    (found,), complaints = read(request + b"HTTP/1.1 404 Not Found\r\n\r\n{}", "https://given.example/")
    assert ([], 404, "PUT", url) == (complaints, found.response.status, found.response.method, found.response.url)


def test_text_before_the_response():
    """
    A prompt or a progress meter before the response is mentioned.
    """
    (found,), complaints = read(b"$ curl -i https://a.example\nHTTP/1.1 404 Not Found\n\n{}")
    assert (404, ["a: the text before the first message is not read"]) == (found.response.status, complaints)


def test_url_is_taken_over():
    """
    The URL from the command line becomes the response's.
    """
    (found,), _ = read(b"HTTP/1.1 404 Not Found\r\n\r\n", "https://api.example.com/")
    assert "https://api.example.com/" == found.response.url


@pytest.mark.parametrize("data", [b"", b"{}", b"HTTP/1.1 teapot\r\n\r\n", b"HTTP/1.1 4040 Odd\r\n\r\n"])
def test_no_response(data):
    """
    Data without a status line is not a response, and the complaint says what to do.
    """
    found, (complaint,) = read(data)
    assert [] == found
    assert complaint.startswith("a: no HTTP status line")
    assert not looks_like_http(data)


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/2\n"])
def test_request_alone(data):
    """
    A request without a response is refused.
    """
    assert ([], ["a: a request without a response; save the response with `curl -i`"]) == read(data)


@given(st.binary())
def test_any_bytes(tail):
    """
    After a status line, any bytes give a response or a complaint, and nothing is raised.
    """
    found, complaints = read(b"HTTP/1.1 500 Oops\r\n" + tail)
    assert found or complaints


@given(
    st.lists(
        st.sampled_from([b"HTTP/1.1 401 No\n", b"GET / HTTP/1.1\n", b"A: 1\n", b"\n", b"{}", b"0\n", b"> ", b"< ", b"* b\n"])
    )
)
def test_any_parts(parts):
    """
    Messages in any disorder are read or refused, and nothing is raised.
    """
    read(b"".join(parts))
    looks_like_http(b"".join(parts))
