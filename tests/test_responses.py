"""
Any client's response object is recognised by its shape, and a stream is never read.
"""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import urlopen

import django.conf
import django.http
import flask
import httpx
import pytest
import requests
import starlette.responses
import urllib3

from errortax import BodyKind, Headers, RawResponse, classify, parse
from errortax.http import raw_response

SLUG = b'{"status": "session-expired", "code": 401}'
FIELDS = {"Content-Type": "application/json", "X-Request-ID": "rq_1"}
django.conf.settings.configure(DEFAULT_CHARSET="utf-8")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        for name, value in FIELDS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(SLUG)))
        self.end_headers()
        self.wfile.write(SLUG)

    def log_message(self, *args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the slug on this machine."""
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/users?page=2"
        server.shutdown()
        thread.join()


class UnreadableStream(io.RawIOBase):
    """A stream that must not be read."""

    def readable(self) -> bool:
        """Return true, as a stream does."""
        return True

    def readinto(self, _: object) -> int:
        """Fail."""
        raise AssertionError("the stream was read")


def httpx_transport(stream):
    """Answer with the slug, or with a stream that must not be read."""

    def chunks():
        raise AssertionError("the stream was read")
        yield

    body = {"content": chunks()} if stream else {"content": SLUG}
    return httpx.MockTransport(lambda _: httpx.Response(401, headers=FIELDS, **body))


def test_httpx_response():
    """
    An httpx response gives status, headers, body, address and method.
    """
    with httpx.Client(transport=httpx_transport(stream=False)) as client:
        response = client.post("https://api.example.test/users?page=2")
    raw = raw_response(response)
    assert (401, SLUG, "https://api.example.test/users?page=2", "POST") == (raw.status, raw.body, raw.url, raw.method)
    assert "rq_1" == raw.headers["x-request-id"]
    assert "session-expired" == parse(response, "planoauth").code


def test_httpx_response_keeps_repeated_fields():
    """
    Fields of the same name that httpx keeps apart remain apart.
    """
    response = httpx.Response(503, headers=[("Retry-After", "soon"), ("Retry-After", "7")], content=b"")
    assert ("soon", "7") == raw_response(response).headers.get_all("retry-after")
    assert 7.0 == parse(response).retry_after


def test_httpx_response_without_a_request():
    """
    An httpx response that was made by hand has neither address nor method.
    """
    raw = raw_response(httpx.Response(401, content=SLUG))
    assert (401, SLUG, None, None) == (raw.status, raw.body, raw.url, raw.method)


def test_httpx_stream_is_not_read():
    """
    For a streaming httpx response the status decides; once it is read, its body counts.
    """
    with (
        httpx.Client(transport=httpx_transport(stream=True)) as client,
        client.stream("GET", "https://api.example.test") as response,
    ):
        error = parse(response, "planoauth")
    assert ("status", BodyKind.UNREAD, "credentials_invalid") == (error.match.level, error.match.body, error.category)
    with (
        httpx.Client(transport=httpx_transport(stream=False)) as client,
        client.stream("GET", "https://api.example.test") as response,
    ):
        response.read()
        assert "session-expired" == parse(response, "planoauth").code


def test_requests_response(url):
    """
    A response of requests gives status, headers, body, address and method; while it streams, no body.
    """
    with requests.Session() as session:
        raw = raw_response(session.get(url))
        assert (401, SLUG, url, "GET") == (raw.status, raw.body, raw.url, raw.method)
        assert "rq_1" == raw.headers["X-Request-ID"]
        with session.get(url, stream=True) as response:
            assert BodyKind.UNREAD is parse(response, "planoauth").match.body
            assert SLUG == response.content
            assert "session-expired" == parse(response, "planoauth").code


def test_urllib3_response(url):
    """
    A response of urllib3 gives status, headers and body; while it streams, no body.
    """
    with urllib3.PoolManager() as pool:
        raw = raw_response(pool.request("GET", url))
        assert (401, SLUG) == (raw.status, raw.body)
        assert "rq_1" == raw.headers["X-Request-ID"]
        response = pool.request("GET", url, preload_content=False)
        assert BodyKind.UNREAD is parse(response, "planoauth").match.body
        assert SLUG == response.read()
        response.release_conn()


def test_urllib3_stream_is_not_read():
    """
    A response of urllib3 over a stream is parsed without reading the stream.
    """
    response = urllib3.HTTPResponse(UnreadableStream(), FIELDS, 401, preload_content=False)
    assert BodyKind.UNREAD is parse(response, "planoauth").match.body


def test_http_client_response(url):
    """
    A response of the standard library is a stream: status and headers decide, and it can be read afterwards.
    """
    connection = http.client.HTTPConnection(url.split("/")[2])
    connection.request("GET", "/")
    response = connection.getresponse()
    raw = raw_response(response)
    assert (401, None, "rq_1") == (raw.status, raw.body, raw.headers["x-request-id"])
    assert SLUG == response.read()
    connection.close()


def test_urllib_error(url):
    """
    The error that urllib raises is a response, too; its stream is not read.
    """
    with pytest.raises(HTTPError) as caught:
        urlopen(url)  # noqa: S310  # our own server
    with caught.value as error:
        raw = raw_response(error)
        assert (401, None, url) == (raw.status, raw.body, raw.url)
        assert SLUG == error.read()


def test_starlette_response():
    """
    A response of Starlette has its body in memory.
    """
    response = starlette.responses.Response(SLUG, 401, FIELDS)
    raw = raw_response(response)
    assert (401, SLUG, "rq_1") == (raw.status, raw.body, raw.headers["x-request-id"])


def test_starlette_stream_is_not_read():
    """
    A streaming response of Starlette is parsed without reading the stream.
    """
    response = starlette.responses.StreamingResponse(UnreadableStream(), 401)
    assert BodyKind.UNREAD is parse(response, "planoauth").match.body


def test_flask_response():
    """
    A response of Flask has its body in memory.
    """
    raw = raw_response(flask.Response(SLUG, 401, FIELDS))
    assert (401, SLUG, "rq_1") == (raw.status, raw.body, raw.headers["x-request-id"])


def test_flask_stream_is_not_read():
    """
    A streaming response of Flask is parsed without reading the stream.
    """
    response = flask.Response(UnreadableStream(), 401)
    assert BodyKind.UNREAD is parse(response, "planoauth").match.body


def test_django_response():
    """
    A response of Django has its body in memory.
    """
    raw = raw_response(django.http.HttpResponse(SLUG, status=401, headers=FIELDS))
    assert (401, SLUG, "rq_1") == (raw.status, raw.body, raw.headers["x-request-id"])


def test_django_stream_is_not_read():
    """
    A streaming response of Django is parsed without reading the stream.
    """
    response = django.http.StreamingHttpResponse(iter(UnreadableStream()), status=401)
    assert BodyKind.UNREAD is parse(response, "planoauth").match.body


class AiohttpShape:
    """An object like a response of aiohttp: `read` and `json` are coroutines, and the body is kept after reading."""

    def __init__(self, body):
        self.status, self.headers, self._body = 401, FIELDS, body
        self.url, self.method = "https://api.example.test", "GET"
        self.request_info = SimpleNamespace(method="GET")

    async def read(self):
        """Fail."""
        raise AssertionError("the stream was read")

    text = json = read


@pytest.mark.parametrize(("body", "kind"), [(SLUG, BodyKind.JSON), (None, BodyKind.UNREAD)])
def test_aiohttp_shape(body, kind):
    """
    A response like aiohttp's has a body after reading, and its method.
    """
    response = AiohttpShape(body)
    assert "GET" == raw_response(response).method
    assert kind is parse(response, "planoauth").match.body


class Lazy:
    """A response whose body is a property that reads from the network."""

    def __init__(self, **members):
        self.status, self.headers = 401, {}
        self.__dict__.update(members)

    @property
    def content(self):
        """Fail."""
        raise AssertionError("the stream was read")

    body = data = text = content


def test_a_property_is_never_read():
    """
    A property is never read as a body.
    """
    assert BodyKind.UNREAD is parse(Lazy()).match.body


@pytest.mark.parametrize("body", [SLUG, bytearray(SLUG), SLUG.decode()])
def test_a_body_may_have_any_type(body):
    """
    A body may be bytes or text.
    """
    response = SimpleNamespace(status_code=401, headers=Headers(FIELDS), body=body)
    assert "session-expired" == parse(response, "planoauth").code


@pytest.mark.parametrize("body", [None, False, 7, ["a"], [SLUG, 1], io.BytesIO(SLUG), iter([SLUG])])
def test_other_types_are_not_bodies(body):
    """
    An attribute that is neither bytes nor text nor a list of bytes is ignored.
    """
    response = SimpleNamespace(status=401, headers={}, content=body)
    assert BodyKind.UNREAD is parse(response, "planoauth").match.body
    if isinstance(body, io.BytesIO):
        assert SLUG == body.read()


@pytest.mark.parametrize("response", [
    None, 401, "401", b"", {"status": 401, "headers": {}}, object(), SimpleNamespace(status=401),
    SimpleNamespace(headers={}), SimpleNamespace(status="401", headers={}), SimpleNamespace(status=True, headers={}),
    SimpleNamespace(status=401, headers=None), SimpleNamespace(status=401, headers=[("a", "b")]),
], ids=type)  # fmt: skip
@pytest.mark.parametrize("function", [parse, classify, raw_response])
def test_an_object_that_is_not_a_response_is_refused(function, response):
    """
    An object without status and headers is refused; the message says what is missing and what to pass.
    """
    with pytest.raises(TypeError, match=r"object is not a response: it needs a status and headers; pass an errortax.RawResponse"):
        function(response)


def test_a_raw_response_is_taken_as_it_is():
    """
    A raw response is not copied again.
    """
    raw = RawResponse(401)
    assert raw is raw_response(raw)


def test_all_clients_lead_to_the_same_error(url):
    """
    The same response in the object of any client is the same error.
    """
    expected = parse(RawResponse(401, FIELDS, SLUG), "planoauth")
    held = [
        httpx.get(url),
        requests.get(url, timeout=5),
        urllib3.request("GET", url),
        starlette.responses.Response(SLUG, 401, FIELDS),
    ]
    assert [expected] * len(held) == [parse(response, "planoauth") for response in held]
    assert json.loads(SLUG)["status"] == expected.code


def test_body_of_a_cut_off_response():
    """
    A response whose body was cut off has no body.
    """
    with pytest.raises(ValueError, match="body must be None where cut_off is true"):
        RawResponse(429, {}, b"{}", cut_off=True)
    assert "cut off" in repr(RawResponse(429, cut_off=True))


@pytest.mark.parametrize("fields", [["X-Odd"], [("X-Odd",)], [("X-Odd", "a", "b")]])
def test_header_fields_that_are_no_pairs(fields):
    """
    Header fields have to be pairs.
    """
    with pytest.raises(TypeError, match="headers must be a mapping or pairs of name and value"):
        Headers(fields)
