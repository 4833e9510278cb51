from __future__ import annotations

import errno
import gzip
import io
import json
import socket
import ssl
import subprocess
import sys
from contextlib import closing, contextmanager
from email.message import Message
from functools import partial
from http.client import (
    BadStatusLine,
    CannotSendRequest,
    HTTPConnection,
    HTTPException,
    IncompleteRead,
    InvalidURL,
    LineTooLong,
    NotConnected,
    RemoteDisconnected,
    UnknownProtocol,
)
from threading import Thread
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    ProxyHandler,
    build_opener,
)

import pytest

from errortax import BodyKind, Category, RawResponse, Retryability
from errortax.exceptions import CredentialsExpired, Internal, RateLimited, Unavailable, VendorError
from errortax.integrations.stdlib import error_of, handler, hook, raising
from errortax.testing import fake, serve

JSON = {"Content-Type": "application/json"}
FINE = RawResponse(200, JSON, b'{"ok": true}')
EXPIRED = RawResponse(401, JSON, b'{"status": "session-expired"}')
NO_ROUTE = fake("planoauth", "route-non-existent")
HIDDEN = RawResponse(
    200, JSON, json.dumps({"status": "error", "error_code": "auth.token.expired", "error_id": "err-1", "messages": []}).encode()
)
CAP = 256 * 1024


@contextmanager
def getting(url: str, method: str = "GET"):
    """Send a request with `http.client` and yield the response, unread."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=5)) as connection:
        connection.request(method, "/")
        with connection.getresponse() as response:
            yield response


def opener(*handlers):
    """Return an opener without proxies."""
    return build_opener(ProxyHandler({}), *handlers)


@contextmanager
def answering(*chunks: bytes, linger: bool = False):
    """Accept one connection, read what comes, send the *chunks* and hang up, or wait for the client to do so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for chunk in chunks:
                    connection.sendall(chunk)
                if linger:
                    connection.recv(1)

        thread = Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            thread.join()


def http_error(raw: RawResponse, url: str = "https://api.example/") -> HTTPError:
    """Return urllib's exception for a response, as a user's test makes it."""
    headers = Message()
    for name in raw.headers:
        headers[name] = raw.headers[name]
    return HTTPError(url, raw.status, "Status", headers, io.BytesIO(raw.body))


def test_hook():
    """
    The hook raises for an error, and the exception has the method and key that were passed.
    """
    with serve(EXPIRED) as server, getting(server.url) as response:
        with pytest.raises(CredentialsExpired) as caught:
            hook("planoauth")(response, method="POST", idempotency_key=True)
        assert ("POST", True) == (caught.value.method, caught.value.idempotency_key)


def test_connection_is_used_again():
    """
    After an error or a success the connection takes the next request, and other successes are left unread.
    """
    check = hook("planoauth", inspect_success=True)
    answers = (FINE, EXPIRED, RawResponse(200, {}, b"text"))
    with serve(*answers) as server, closing(HTTPConnection(urlsplit(server.url).netloc)) as connection:
        connection.request("GET", "/")
        same, response = connection.sock, connection.getresponse()
        check(response)
        assert FINE.body == response.read()
        connection.request("GET", "/")
        with pytest.raises(CredentialsExpired):
            check(connection.getresponse())
        connection.request("GET", "/")
        with connection.getresponse() as response:
            check(response)
            assert same is connection.sock
            assert b"t" == response.read(1)


READERS = {
    "read": lambda response: response.read(),
    "read by amount": lambda response: b"".join(iter(lambda: response.read(5), b"")),
    "read1": lambda response: b"".join(iter(response.read1, b"")),
    "peek": lambda response: response.peek(1)[:1] and response.read(),
    "readinto": lambda response: io.BufferedReader(response).read(),
    "lines": b"".join,
}


@pytest.mark.parametrize("reader", READERS)
def test_inspected_success(reader):
    """
    A success that was looked into can still be read, with each method.
    """
    with serve(FINE) as server, getting(server.url) as response:
        hook("gopoints", inspect_success=True)(response)
        assert FINE.body == READERS[reader](response)


def test_error_in_a_success():
    """
    With `inspect_success` an error in a 200 is raised.
    """
    with serve(HIDDEN) as server, getting(server.url) as response, pytest.raises(CredentialsExpired):
        hook("gopoints", inspect_success=True)(response)


def test_compressed_error():
    """
    An error that the server compressed, which `http.client` leaves as it is, is understood.
    """
    raw = RawResponse(401, {"Content-Encoding": "gzip", **JSON}, gzip.compress(EXPIRED.body))
    with serve(raw) as server, getting(server.url) as response, pytest.raises(CredentialsExpired):
        hook("planoauth")(response)


@pytest.mark.parametrize("attaching", [False, True])
def test_files(attaching, tmp_path):
    """
    A response of urllib without HTTP has no status, and is left alone.
    """
    path = tmp_path / "file"
    path.write_bytes(b"text")
    with opener(*[handler("gopoints")] * attaching).open(path.as_uri()) as response:
        hook("gopoints")(response)
        assert b"text" == response.read()


HALF = b"HTTP/1.1 500 Status\r\nContent-Length: 100\r\n\r\nhalf of"
HALF_A_CHUNK = b"HTTP/1.1 500 Status\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nhalf of\r\n7\r\nano"


@pytest.mark.parametrize("wire", [HALF, HALF_A_CHUNK])
def test_half_a_body(wire):
    """
    The status decides about an error that broke off, with either client.
    """
    with answering(wire) as url, pytest.raises(Internal) as caught, raising("gopoints"), getting(url) as response:
        hook("gopoints")(response)
    assert (500, BodyKind.CUT_OFF) == (caught.value.error.status, caught.value.error.match.body)
    assert isinstance(caught.value.__cause__, IncompleteRead)
    with answering(wire) as url, pytest.raises(Internal) as caught, raising("gopoints"):
        opener().open(url)
    assert (500, BodyKind.CUT_OFF) == (caught.value.error.status, caught.value.error.match.body)
    assert isinstance(caught.value.__cause__, HTTPError)


def test_error_of_urllib():
    """
    An HTTPError is read and closed, keeps its canonical error, and gives the same one again.
    """
    with serve(EXPIRED) as server:
        with pytest.raises(HTTPError) as caught:
            opener().open(server.url)
        assert "session-expired" == error_of(caught.value, "planoauth").code
        assert caught.value.fp.isclosed()
        assert "session-expired" == error_of(caught.value).code


@pytest.mark.parametrize("status", [302, 304])
def test_no_error_of_urllib(status):
    """
    An HTTPError for a redirect that is not followed, or for an unchanged resource, passes unread.
    """
    error = http_error(RawResponse(status, JSON, EXPIRED.body))
    with pytest.raises(HTTPError) as caught, raising("planoauth"):
        raise error
    assert error is caught.value
    assert error_of(error, "planoauth") is None
    assert EXPIRED.body == error.read()
    error.close()


def test_error_without_body_or_fields():
    """
    The status decides about an HTTPError that was made without a body or without headers.
    """
    error = http_error(EXPIRED)
    error.fp = None  # as Python 3.12 and older leave it if none is given
    assert Category.CREDENTIALS_INVALID is error_of(error, "http").category
    with pytest.raises(RateLimited), raising("gopoints"):
        raise HTTPError("https://api.example/", 429, "Too Many", None, None)


def test_unreadable_error():
    """
    An unexpected failure while an HTTPError is read is raised.
    """
    error = http_error(EXPIRED)
    error.fp.close()
    with pytest.raises(ValueError, match="closed"), raising("gopoints"):
        raise error


def test_long_error():
    """
    An HTTPError that declares a long body is not read, and one that does not say so only as far as it can be parsed.
    """
    raw = RawResponse(404, {"Content-Length": str(CAP + 1)}, b" " * (CAP + 1))
    assert BodyKind.UNREAD is error_of(http_error(raw), "gopoints").match.body
    assert BodyKind.OVER_CAP is error_of(http_error(RawResponse(404, {}, raw.body)), "gopoints").match.body


def test_error_of_undeclared_length():
    """
    Of an error that does not declare its length no more is read than shows that it is too long, however much may follow.
    """
    with (
        answering(b"HTTP/1.1 503 Busy\r\n\r\n" + b" " * (CAP + 1), linger=True) as url,
        getting(url) as response,
        pytest.raises(Unavailable) as caught,
    ):
        hook("gopoints")(response)
    assert BodyKind.OVER_CAP is caught.value.error.match.body


def test_host_decides():
    """
    Without a vendor the address of an HTTPError or of a response of urllib decides.
    """
    assert "session-expired" == error_of(http_error(EXPIRED, "https://login.planomatic.com/v1")).code
    with serve(EXPIRED) as server, getting(server.url) as response:
        response.url = "https://login.planomatic.com/v1"  # as urllib does
        with pytest.raises(CredentialsExpired) as caught:
            hook()(response)
        assert "planoauth" == caught.value.error.vendor


def test_handler():
    """
    With the handler the opener returns an error with its meaning, unread, and raises nothing.
    """
    with serve(EXPIRED) as server, opener(handler("planoauth")).open(server.url) as response:
        assert ("session-expired", 401) == (error_of(response).code, response.status)
        assert EXPIRED.body == response.read()


@pytest.mark.parametrize(("how", "kind"), [("length", BodyKind.UNREAD), ("chunked", BodyKind.OVER_CAP)])
def test_handler_and_long_bodies(how, kind):
    """
    An error that is too long to look at arrives whole.
    """
    body = b"-" * (CAP + 1000)
    field, sent = b"Content-Length: %d" % len(body), body
    if how == "chunked":
        field, sent = b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    wire = b"HTTP/1.1 404 Status\r\n%s\r\n\r\n%s" % (field, sent)
    with answering(wire) as url, opener(handler("planoauth")).open(url) as response:
        assert kind is error_of(response).match.body
        assert body == response.read()


def test_handler_and_successes():
    """
    The handler looks into a success only with `inspect_success`, and the success arrives whole.
    """
    with serve(HIDDEN, HIDDEN, FINE) as server:
        for inspect_success, expected in ((False, None), (True, "auth.token.expired"), (True, None)):
            with opener(handler("gopoints", inspect_success=inspect_success)).open(server.url) as response:
                assert expected == getattr(getattr(response, "canonical_error", None), "code", None)
                assert (HIDDEN if expected or not inspect_success else FINE).body == response.read()


def test_handler_lets_others_go_first():
    """
    Redirects and logins work as without the handler, and a 304 is raised as without it.
    """
    moved = RawResponse(302, {"Location": "/a"}, EXPIRED.body)
    challenge = RawResponse(401, {"WWW-Authenticate": 'Basic realm="r"'}, b"")
    passwords = HTTPPasswordMgrWithDefaultRealm()
    with serve(moved, challenge, FINE, RawResponse(304)) as server:
        passwords.add_password(None, server.url, "user", "secret")
        attaching = opener(HTTPBasicAuthHandler(passwords), handler("gopoints", inspect_success=True))
        with attaching.open(server.url) as response:
            assert FINE.body == response.read()
        assert ["/", "/a", "/a"] == [request.path for request in server.requests]
        with pytest.raises(HTTPError, match="304"):
            attaching.open(server.url)


CONNECTION, TIMEOUT, RESPONSE = Category.CONNECTION_FAILED, Category.NO_RESPONSE, Category.INVALID_RESPONSE
IMPOSSIBLE = Category.CONNECTION_IMPOSSIBLE
NOT_SENT, PERHAPS, NEVER = Retryability.AFTER_DELAY, Retryability.BACKOFF, Retryability.NEVER


@pytest.mark.parametrize(
    ("problem", "category"),
    [
        (OSError(errno.EHOSTUNREACH, "no route"), Category.CONNECTION_FAILED),
        (OSError(errno.ENETUNREACH, "no network"), Category.CONNECTION_FAILED),
        (TimeoutError("timed out"), Category.NO_RESPONSE),
    ],
)
@pytest.mark.parametrize("via_urllib", [False, True])
def test_failing_to_connect(problem, category, via_urllib, monkeypatch):
    """
    Exceptions that are raised with and without a connection do not show that nothing was sent.
    """

    def connect(*_):
        raise problem

    monkeypatch.setattr(socket.socket, "connect", connect)
    ask = (
        partial(opener().open, "http://127.0.0.1:9/")
        if via_urllib
        else partial(HTTPConnection("127.0.0.1", 9).request, "GET", "/")
    )
    with pytest.raises(VendorError) as caught, raising():
        ask()
    assert (category, Retryability.BACKOFF) == (caught.value.error.category, caught.value.error.retryability)


@pytest.mark.parametrize(
    ("exception", "category", "retryability"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), CONNECTION, NOT_SENT),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), IMPOSSIBLE, NEVER),
        (socket.gaierror(socket.EAI_AGAIN, "not now"), CONNECTION, NOT_SENT),
        (ssl.SSLCertVerificationError(1, "not trusted"), IMPOSSIBLE, NEVER),
        (OSError(errno.EHOSTUNREACH, "no route"), CONNECTION, PERHAPS),
        (OSError(errno.ENETUNREACH, "no network"), CONNECTION, PERHAPS),
        (OSError("Tunnel connection failed: 407 Proxy Authentication Required"), IMPOSSIBLE, NEVER),
        (URLError(OSError("Tunnel connection failed: 502 Bad Gateway")), CONNECTION, NOT_SENT),
        (URLError(ConnectionRefusedError(errno.ECONNREFUSED, "refused")), CONNECTION, NOT_SENT),
        (URLError(socket.gaierror(socket.EAI_NONAME, "unknown")), IMPOSSIBLE, NEVER),
        (URLError(ssl.SSLCertVerificationError(1, "not trusted")), IMPOSSIBLE, NEVER),
        (URLError(OSError(errno.EHOSTUNREACH, "no route")), CONNECTION, PERHAPS),
        (ConnectionResetError(errno.ECONNRESET, "reset"), CONNECTION, PERHAPS),
        (BrokenPipeError(errno.EPIPE, "broken"), CONNECTION, PERHAPS),
        (RemoteDisconnected("closed"), CONNECTION, PERHAPS),
        (IncompleteRead(b"half", 4), CONNECTION, PERHAPS),
        (ssl.SSLEOFError(8, "EOF"), CONNECTION, PERHAPS),
        (URLError(ConnectionResetError(errno.ECONNRESET, "reset")), CONNECTION, PERHAPS),
        (TimeoutError("timed out"), TIMEOUT, PERHAPS),
        (URLError(TimeoutError("timed out")), TIMEOUT, PERHAPS),
        (BadStatusLine("SSH-2.0"), RESPONSE, PERHAPS),
        (LineTooLong("header line"), RESPONSE, PERHAPS),
        (UnknownProtocol("HTTP/3"), RESPONSE, PERHAPS),
        (HTTPException("got more than 100 headers"), RESPONSE, PERHAPS),
    ],
)
def test_meanings(exception, category, retryability):
    """
    The standard library's exceptions have a meaning, which includes whether the request may have been applied.
    """
    with pytest.raises(VendorError) as caught, raising("gopoints", method="POST", idempotency_key=True):
        raise exception
    assert exception is caught.value.__cause__
    assert (category, retryability) == (caught.value.error.category, caught.value.error.retryability)
    assert ("POST", True) == (caught.value.method, caught.value.idempotency_key)


def test_lost_after_a_redirect():
    """
    If the first request was answered with a redirect to an unreachable host, repeating it is not safe.
    """
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with serve(RawResponse(303, {"Location": nobody})) as server:
            for url, expected in ((nobody, NOT_SENT), (server.url, PERHAPS)):
                with pytest.raises(VendorError) as caught, raising("gopoints", method="POST"):
                    opener(handler("gopoints")).open(url, b"{}")
                assert expected is caught.value.error.retryability


class OwnError(Exception):
    """An application's own exception around a failure that it knows."""


@pytest.mark.parametrize(
    "exception",
    [
        FileNotFoundError(errno.ENOENT, "no such file"),
        PermissionError(errno.EACCES, "not allowed"),
        OSError(errno.EIO, "disk"),
        OSError("without a number"),
        URLError("unknown url type: gopher"),
        URLError(FileNotFoundError(errno.ENOENT, "no such file")),
        InvalidURL("no port"),
        CannotSendRequest("Request-sent"),
        NotConnected(),
        ValueError("no URL"),
        OwnError(ConnectionResetError(errno.ECONNRESET, "reset")),
        KeyboardInterrupt(),
    ],
)
def test_everything_else_passes(exception):
    """
    Files, mistakes of the caller and exceptions of other libraries pass unchanged.
    """
    with pytest.raises(type(exception)) as caught, raising("gopoints"):
        raise exception
    assert exception is caught.value
    assert error_of(exception) is None


def test_unread_response():
    """
    The status alone decides about a response that was not parsed.
    """
    with serve(NO_ROUTE) as server, getting(server.url) as response:
        error = error_of(response, "planoauth")
        assert (500, BodyKind.UNREAD) == (error.status, error.match.body)
        assert NO_ROUTE.body == response.read()
    with pytest.raises(TypeError, match="is not a response"):
        error_of("https://api.example")


def test_nothing_is_imported():
    """
    Importing the integration imports neither `http.client` nor urllib's opener.
    """
    code = "import sys, errortax.integrations.stdlib; print({'http.client', 'urllib.request', 'urllib.error'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "set()\n" == done.stdout


@pytest.mark.parametrize("read", [lambda response: response.read(), lambda response: response.read(10)], ids=["all", "some"])
def test_reading_what_the_handler_could_not(read):
    """
    Whoever reads the body after the handler gets the same exception, and the error behind it.
    """
    with answering(HALF) as url, opener(handler("gopoints")).open(url) as response:
        assert (500, BodyKind.CUT_OFF) == (error_of(response).status, error_of(response).match.body)
        with pytest.raises(IncompleteRead) as caught:
            read(response)
    assert error_of(response) is error_of(caught.value)
