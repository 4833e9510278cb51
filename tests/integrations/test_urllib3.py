from __future__ import annotations

import copy
import gzip
import io
import json
import logging
import pickle
import socket
import ssl
import time
from contextlib import contextmanager
from threading import Thread

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    EmptyPoolError,
    InvalidHeader,
    LocationParseError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    ResponseError,
    SSLError,
    UnrewindableBodyError,
)

import errortax
from errortax import BodyKind, Category, RawResponse, Retryability
from errortax.exceptions import CredentialsExpired, UnknownVendorError, VendorError
from errortax.integrations.urllib3 import Retry, error_of, hook, raising
from errortax.testing import documented_errors, fake, serve

JSON = {"Content-Type": "application/json"}
FINE = RawResponse(200, JSON, b'{"ok": true}')
EXPIRED = RawResponse(401, JSON, b'{"status": "session-expired"}')
NO_ROUTE = fake("planoauth", "route-non-existent")  # a 500 for ever
CRASH = fake("planoauth", "application-crash")  # a 500 that may pass
BUSY = RawResponse(429, {"Retry-After": "0"}, b"slow down")
HIDDEN = json.dumps({"status": "error", "error_code": "auth.token.expired", "error_id": "err-1", "messages": []}).encode()
CAP = 256 * 1024
GET_POST_KEY = [("GET", False), ("POST", False), ("POST", True)]


@contextmanager
def pool(retries=False, **settings):
    """Open a pool of connections."""
    with urllib3.PoolManager(retries=retries, **settings) as manager:
        yield manager


@contextmanager
def answering(*answers: bytes):
    """Answer each request on a connection of its own with the next bytes, the last ones for ever, and hang up."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    received = connection.recv(65536)
                    if not received:
                        return
                    requests.append(received)
                    connection.sendall(answers[min(len(requests), len(answers)) - 1])

        thread = Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/", requests
        finally:
            with socket.create_connection(listener.getsockname()):
                pass
            thread.join()


def framed(raw: RawResponse, how: str) -> bytes:
    """Return the bytes on the wire: the body compressed or not, in chunks, with a length, or up to the end."""
    body = gzip.compress(raw.body) if "gzip" in how else raw.body
    fields = ["Content-Type: application/json", "Connection: close"]
    if "gzip" in how:
        fields.append("Content-Encoding: gzip")
    if "chunked" in how:
        fields.append("Transfer-Encoding: chunked")
        chunks = [body[start : start + 7] for start in range(0, len(body), 7)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])
    elif "length" in how:
        fields.append(f"Content-Length: {len(body)}")
    return f"HTTP/1.1 {raw.status} Status\r\n{chr(10).join(fields)}\n\r\n".encode() + body


READERS = {
    "data": lambda response: response.data,
    "data twice": lambda response: response.data and response.data,
    "read": lambda response: response.read(),
    "read by amount": lambda response: b"".join(iter(lambda: response.read(50), b"")),
    "read exactly": lambda response: response.read(len(NO_ROUTE.body)),
    "read1": lambda response: b"".join(iter(response.read1, b"")),
    "stream": lambda response: b"".join(response.stream(30)),
    "stream all": lambda response: b"".join(response.stream(None)),
    "readinto": lambda response: io.BufferedReader(response).read(),
    "lines": b"".join,
}


@pytest.mark.parametrize("how", ["length", "length gzip", "chunked", "chunked gzip", "to the end"])
@pytest.mark.parametrize("reader", READERS)
def test_body_after_a_look(reader, how):
    """
    A response that is not repeated can be read with each method, as if it were unread.
    """
    with answering(framed(NO_ROUTE, how)) as (url, received), pool(Retry("planoauth")) as manager:
        response = manager.request("GET", url, preload_content=False)
        assert NO_ROUTE.body == READERS[reader](response)
        assert "route-non-existent" == error_of(response).code
        assert 1 == len(received)
        response.close()
        assert response.closed


@pytest.mark.parametrize("how", ["length gzip", "chunked gzip"])
def test_body_in_memory(how):
    """
    A body that urllib3 itself has read is looked at in memory.
    """
    with answering(framed(NO_ROUTE, how)) as (url, _), pool(Retry("planoauth")) as manager:
        response = manager.request("GET", url)
        assert NO_ROUTE.body == response.data
        assert "route-non-existent" == error_of(response, "planoauth").code


def test_compressed_body_is_left_compressed():
    """
    The caller can read the bytes as they were sent.
    """
    with answering(framed(NO_ROUTE, "length gzip")) as (url, _), pool(Retry("planoauth")) as manager:
        response = manager.request("GET", url, preload_content=False, decode_content=False)
        assert NO_ROUTE.body == gzip.decompress(response.read())


def test_broken_compression():
    """
    The status decides about a body that cannot be decompressed, and the caller gets it unchanged.
    """
    raw = RawResponse(500, {"Content-Encoding": "gzip"}, b"not compressed")
    with serve(raw) as server, pool(Retry("planoauth", attempts=1)) as manager:
        response = manager.request("GET", server.url, preload_content=False)
        assert Category.INTERNAL is error_of(response).category
        assert raw.body == response.read(decode_content=False)


def test_bomb():
    """
    A body that grows too long is not decompressed to its end.
    """
    body = gzip.compress(b"[" + b" " * 10 * CAP + b"]")
    with serve(RawResponse(500, {"Content-Encoding": "gzip"}, body)) as server, pool(Retry("planoauth", attempts=1)) as manager:
        response = manager.request("GET", server.url, preload_content=False)
        assert BodyKind.OVER_CAP is error_of(response).match.body
        assert 10 * CAP + 2 == len(response.read())


@pytest.mark.parametrize("how", ["length", "chunked", "to the end"])
@pytest.mark.parametrize("reader", ["read", "read by amount", "read1", "stream"])
def test_long_body(reader, how):
    """
    Of a long body only the beginning is looked at, and all of it can be read.
    """
    raw = RawResponse(404, JSON, b"-" * (CAP + 1000))
    with answering(framed(raw, how)) as (url, _), pool(Retry("planoauth")) as manager:
        response = manager.request("GET", url, preload_content=False)
        assert (BodyKind.UNREAD if how == "length" else BodyKind.OVER_CAP) is error_of(response).match.body
        assert raw.body == READERS[reader](response)


def test_nothing_of_it_read():
    """
    A long body can be closed unread, and nothing in it comes after that.
    """
    with answering(framed(RawResponse(404, JSON, b"-" * 2 * CAP), "chunked")) as (url, _), pool(Retry()) as manager:
        response = manager.request("GET", url, preload_content=False)
        assert not response.isclosed()
        assert b"" == response.read(0) == response.read1(0)
        response.close()
        assert response.isclosed()
        assert b"" == response.read()


def test_connection_is_used_again():
    """
    A connection goes back to the pool after the body was read, by us or by the caller, and after each repetition.
    """
    with serve(CRASH, NO_ROUTE, BUSY, FINE) as server, pool(Retry("planoauth", max_wait=0)) as manager:
        response = manager.request("GET", server.url, preload_content=False)
        assert 500 == response.status
        assert len(NO_ROUTE.body) == len(response.read(len(NO_ROUTE.body)))
        with manager.request("GET", server.url, preload_content=False) as response:
            assert b'{"ok": true}' == response.read()
        assert 4 == len(server.requests)
        assert 1 == manager.connection_from_url(server.url).num_connections


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_with_block(body):
    """
    A response that was looked at can be opened with a ``with`` statement, empty or not.
    """
    with serve(RawResponse(404, JSON, body)) as server, pool(Retry()) as manager:
        for method in ("GET", "HEAD"):
            with manager.request(method, server.url, preload_content=False) as response:
                assert (body if method == "GET" else b"") == response.read()


@pytest.mark.parametrize("streaming", [False, True])
def test_requests(streaming):
    """
    In an adapter of requests it repeats and leaves alone the same, and requests reads what is left.
    """
    with serve(CRASH, NO_ROUTE) as server, requests.Session() as session:
        session.trust_env = False
        session.mount("http://", HTTPAdapter(max_retries=Retry("planoauth", max_wait=0)))
        with session.get(server.url, stream=streaming) as response:
            assert NO_ROUTE.body == b"".join(response.iter_content(4))
            assert "route-non-existent" == error_of(response.raw).code
        assert 2 == len(server.requests)


@pytest.mark.parametrize("how", ["length gzip", "chunked", "chunked gzip"])
def test_requests_decodes(how):
    """
    A response that was looked at reaches requests encoded as it was sent.
    """
    with answering(framed(NO_ROUTE, how)) as (url, _), requests.Session() as session:
        session.trust_env = False
        session.mount("http://", HTTPAdapter(max_retries=Retry("planoauth")))
        assert json.loads(NO_ROUTE.body) == session.get(url).json()


@pytest.mark.parametrize(("method", "key"), GET_POST_KEY)
def test_every_documented_error(method, key):
    """
    Each documented error is repeated exactly if the decision is to do so, counted at the server.
    """
    calls, answers = [], []
    for vendor, code in documented_errors():
        raw = fake(vendor, code)
        if raw.status is not None:
            error = errortax.parse(raw, vendor)
            repeat = errortax.decide_retry(error, method=method, idempotency_key=key, max_wait=0).retry
            calls.append((vendor, [raw.status, 200][: 1 + repeat]))
            answers += [raw, FINE][: 1 + repeat]
    assert {1, 2} == {len(statuses) for _, statuses in calls}
    with serve(*answers) as server, pool() as manager:
        for vendor, statuses in calls:
            before = len(server.requests)
            retry = Retry(vendor, idempotency_key=key, max_wait=0)
            with manager.request(method, server.url, retries=retry, preload_content=False) as response:
                assert statuses[-1] == response.status
            assert len(statuses) == len(server.requests) - before


@pytest.mark.parametrize("attempts", [1, 2, 3])
@pytest.mark.parametrize("preload", [False, True])
def test_attempts(attempts, preload):
    """
    No more requests are sent than asked for, and the last response comes back with its error.
    """
    with serve(BUSY) as server, pool(Retry("gopoints", attempts=attempts)) as manager:
        response = manager.request("POST", server.url, body=b"{}", preload_content=preload)
        assert attempts == len(server.requests)
        assert {b"{}"} == {request.body for request in server.requests}
        assert (429, b"slow down") == (response.status, response.data)
        assert Category.RATE_LIMITED is error_of(response).category


def test_one_for_many():
    """
    A Retry that a pool holds counts anew for each request.
    """
    with serve(BUSY, FINE, BUSY, FINE) as server, pool(Retry(attempts=2)) as manager:
        assert [200, 200] == [manager.request("GET", server.url).status for _ in range(2)]


def test_for_one_request():
    """
    Given with a request, it takes the place of the pool's own.
    """
    with serve(BUSY, FINE) as server, pool(Retry(attempts=1)) as manager:
        assert 200 == manager.request("POST", server.url, retries=Retry(attempts=2)).status


def test_exact_wait(monkeypatch):
    """
    The server's delay is waited in full, and not longer.
    """
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(time, "monotonic", lambda: sum(waits))  # on a clock that stands still unless somebody sleeps
    with serve(RawResponse(429, {"Retry-After": "20.5"}), FINE) as server, pool(Retry()) as manager:
        assert 200 == manager.request("GET", server.url).status
    assert [20.5] == waits


def test_time_that_has_passed(monkeypatch):
    """
    The time between the answer and the wait is subtracted from the wait.
    """
    waits, clock = [], iter([0.0, 0.5, 100.0, 120.0])  # decided and waited, twice
    monkeypatch.setattr(time, "sleep", waits.append)
    retry, refused = Retry(), urllib3.HTTPResponse(status=429, headers={"Retry-After": "17"})
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(time, "monotonic", lambda: next(clock))
            retry.increment("GET", "/", refused).sleep()
    assert [16.5, 0.0] == waits


@pytest.mark.parametrize(
    "value", ["soon", "", "-1", "99999999999999999999", "Wed, 99 Foo 2030 00:00:00 GMT", "1e400", "9" * 5000]
)
@pytest.mark.parametrize("preload", [False, True])
def test_malformed_delay(value, preload):
    """
    A malformed delay raises nothing: it does not count, or it is too long to wait for.
    """
    with serve(RawResponse(503, {"Retry-After": value}), FINE) as server, pool(Retry(max_wait=0)) as manager:
        response = manager.request("GET", server.url, preload_content=preload)
        assert (len(server.requests), response.status) in {(1, 503), (2, 200)}
        response.close()


@pytest.mark.parametrize(("vendor", "fields"), [("gopoints", {"Retry-After": "20"}), ("authrocket", {})])
def test_too_long_to_wait(vendor, fields):
    """
    If the server or the document asks for a wait that is too long, the response comes back at once.
    """
    with serve(RawResponse(503, fields)) as server, pool(Retry(vendor, max_wait=19)) as manager:
        assert 503 == manager.request("GET", server.url).status
        assert 1 == len(server.requests)


def test_backoff(monkeypatch):
    """
    Without a delay of the server a random share of a growing ceiling is waited, but no less than the document asks for.
    """
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    for vendor, most in (("authrocket", [180, 180, 180]), ("planoauth", [1, 2, 4])):
        with serve(RawResponse(500)) as server, pool(Retry(vendor, max_wait=None)) as manager:
            manager.request("GET", server.url)
        assert len(most) == len(waits)
        assert all((180 - 1 if vendor == "authrocket" else 0) <= wait <= top for wait, top in zip(waits, most, strict=True))
        waits.clear()


@pytest.mark.parametrize(("method", "key", "expected"), [("GET", False, 3), ("POST", False, 1), ("POST", True, 3)])
def test_hanging_up(method, key, expected):
    """
    A request that was sent and not answered is repeated only if its method or its key allows it; urllib3's error is raised.
    """
    retry = Retry(idempotency_key=key, attempts=3, max_wait=0)
    with answering(b"") as (url, received), pool(retry) as manager:
        with pytest.raises(MaxRetryError if expected > 1 else ProtocolError) as caught:
            manager.request(method, url)
        assert expected == len(received)
        assert Category.CONNECTION_FAILED is error_of(caught.value).category


@pytest.mark.parametrize(("method", "kind"), [("GET", MaxRetryError), ("POST", ReadTimeoutError)])
def test_silence(method, kind):
    """
    A request that is not answered in time is repeated only if its method allows it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener, pool(Retry(attempts=2, max_wait=0), timeout=0.1) as manager:
        with pytest.raises(kind) as caught:
            manager.request(method, f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert Category.NO_RESPONSE is error_of(caught.value).category


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refused(method, caplog):
    """
    If there was no connection, any request is repeated, up to the usual number of attempts.
    """
    with socket.socket() as unused, pool(Retry(attempts=3, max_wait=0)) as manager:
        unused.bind(("127.0.0.1", 0))
        with caplog.at_level(logging.WARNING, "urllib3"), pytest.raises(MaxRetryError) as caught:
            manager.request(method, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert 2 == len(caplog.records)
    assert "Retry(attempts=3, max_wait=0, redirect=10)" in caplog.text
    assert Retryability.AFTER_DELAY is error_of(caught.value).retryability


HALF = b"HTTP/1.1 500 Status\r\nContent-Length: 100\r\n\r\nhalf of"
HALF_A_CHUNK = b"HTTP/1.1 500 Status\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nhalf of\r\n7\r\nano"


@pytest.mark.parametrize(("method", "expected"), [("GET", 2), ("POST", 1)])
@pytest.mark.parametrize("preload", [False, True])
def test_half_a_body(method, expected, preload):
    """
    An error that broke off may have been applied: it is repeated only if the method allows it, in each way of reading.
    """
    fine = framed(FINE, "length")
    with answering(HALF_A_CHUNK, fine) as (url, received), pool(Retry(max_wait=0)) as manager:
        if preload and method == "POST":
            with pytest.raises(ProtocolError):
                manager.request(method, url)
        else:
            response = manager.request(method, url, preload_content=preload)
            assert (200 if method == "GET" else 500) == response.status
            response.close()
        assert expected == len(received)


@pytest.mark.parametrize("wire", [HALF, HALF_A_CHUNK])
@pytest.mark.parametrize("reader", ["data", "read", "read by amount", "read1", "stream"])
def test_half_a_body_is_left_as_it_is(reader, wire):
    """
    A body that broke off raises as without errortax, and returns the bytes before that.
    """
    with answering(wire) as (url, _), pool(Retry()) as manager:
        with pytest.raises(ProtocolError):
            READERS[reader](manager.request("POST", url, preload_content=False))
        response = manager.request("POST", url, preload_content=False)
        assert b"half" == response.read(4)
        assert b" of" == response.read(3)
        with pytest.raises(ProtocolError):
            READERS[reader](response)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_late_body(method):
    """
    An error with a body that comes too late is a timeout; a POST is returned, and raises urllib3's exception.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        requests = []

        def answer() -> None:
            for _ in range(1 if method == "POST" else 2):
                connection, _ = listener.accept()
                requests.append(connection)
                connection.recv(65536)
                connection.sendall(HALF)

        thread = Thread(target=answer)
        thread.start()
        with pool(Retry("gopoints", attempts=2, max_wait=0), timeout=0.2) as manager:
            response = manager.request(method, f"http://127.0.0.1:{listener.getsockname()[1]}/", preload_content=False)
            with pytest.raises(ReadTimeoutError):
                response.read()
        thread.join()
        for connection in requests:
            connection.close()


def moved(to: str, status: int = 302, **fields: str) -> RawResponse:
    """Return a redirect with a body that must not be taken for an error."""
    return RawResponse(status, {"Location": to, **JSON, **{k.replace("_", "-"): v for k, v in fields.items()}}, EXPIRED.body)


@pytest.mark.parametrize("inspect_success", [False, True])
def test_redirects_do_not_count(inspect_success):
    """
    Redirects are followed, and are not attempts.
    """
    retry = Retry("planoauth", attempts=2, max_wait=0, inspect_success=inspect_success)
    with serve(moved("/a"), CRASH, moved("/b"), moved("/c"), FINE) as server, pool() as manager:
        assert 200 == manager.request("GET", server.url, retries=retry).status
        assert ["/", "/a", "/a", "/b", "/c"] == [request.path for request in server.requests]
    with serve(CRASH, moved("/a"), CRASH) as server, pool() as manager:
        assert 500 == manager.request("GET", server.url, retries=retry).status
        assert ["/", "/", "/a"] == [request.path for request in server.requests]


@pytest.mark.parametrize(("redirect", "expected"), [(2, 3), (False, 1)])
def test_redirects_end(redirect, expected):
    """
    No more redirects are followed than asked for.
    """
    with serve(moved("/again")) as server, pool() as manager:
        try:
            assert 302 == manager.request("GET", server.url, retries=Retry(redirect=redirect)).status
            assert not redirect
        except MaxRetryError:
            assert redirect
        assert expected == len(server.requests)


@pytest.mark.parametrize("value", ["0.05", "99999", "soon"])
def test_redirect_with_delay(value):
    """
    If urllib3 waits before it follows a redirect, no delay is longer than allowed, and a malformed one raises nothing.
    """
    with serve(moved("/next", Retry_After=value), FINE) as server, urllib3.connection_from_url(server.url) as single:
        assert 200 == single.request("GET", "/", retries=Retry(max_wait=0.05)).status
    assert 20.0 == Retry(max_wait=None).parse_retry_after("20")


def test_secret_fields_stay():
    """
    The fields named are not sent on to another host.
    """
    with serve(FINE) as other, serve(moved(other.url)) as server:
        retry = Retry(remove_headers_on_redirect=["X-Api-Key"])
        with pool() as manager:
            assert 200 == manager.request("GET", server.url, headers={"X-API-KEY": "secret"}, retries=retry).status
        assert "X-Api-Key" in server.requests[0].headers
        assert "X-Api-Key" not in other.requests[0].headers


@pytest.mark.parametrize("preload", [False, True])
def test_inspected_success(preload):
    """
    With `inspect_success` an error in a 200 is attached to the response; any other 200 comes back whole.
    """
    answers = (RawResponse(200, JSON, HIDDEN), FINE, RawResponse(200, {"Content-Type": "text/plain"}, HIDDEN))
    with serve(*answers) as server, pool(Retry("gopoints", inspect_success=True)) as manager:
        for raw, expected in zip(answers, ("auth.token.expired", None, None), strict=True):
            response = manager.request("GET", server.url, preload_content=preload)
            assert expected == getattr(getattr(response, "canonical_error", None), "code", None)
            assert raw.body == response.data


def test_success_is_not_looked_at():
    """
    Without `inspect_success` a success is not looked into.
    """
    with serve(RawResponse(200, JSON, HIDDEN)) as server, pool(Retry("gopoints")) as manager:
        response = manager.request("GET", server.url, preload_content=False)
        assert not hasattr(response, "canonical_error")
        assert HIDDEN == response.read()


def test_other_files():
    """
    A response made of a plain file or plain bytes, as by libraries for tests, is looked at and left unread, too.
    """
    for body in (io.BytesIO(NO_ROUTE.body), NO_ROUTE.body):
        response = urllib3.HTTPResponse(body, {}, 500, preload_content=False)
        with pytest.raises(MaxRetryError, match="too many 500 error responses"):
            Retry("planoauth").increment("GET", "/", response)
        assert "route-non-existent" == error_of(response).code
        assert NO_ROUTE.body == response.data


def test_files_of_another_kind():
    """
    A body of an unknown kind cannot be put back: it stays unread, and the status decides.
    """

    class Stream:
        closed = False

        def read(self, _=None):
            self.closed = True
            return NO_ROUTE.body

    response = urllib3.HTTPResponse(Stream(), {}, 500, preload_content=False)
    assert 1 == len(Retry("planoauth").increment("GET", "/", response).history)
    assert BodyKind.UNREAD is error_of(response).match.body
    assert NO_ROUTE.body == response.read()


def test_unknown_method_and_error():
    """
    A request without a method is repeated only if any may be, and an unknown error is raised again.
    """
    with pytest.raises(MaxRetryError):
        Retry("planoauth").increment(response=urllib3.HTTPResponse(CRASH.body, {}, 500))
    assert 1 == len(Retry().increment(response=urllib3.HTTPResponse(b"", {"Retry-After": "0"}, 429)).history)
    with pytest.raises(UnrewindableBodyError):
        Retry().increment("GET", "/", error=UnrewindableBodyError())


@pytest.mark.parametrize("again", [copy.deepcopy, copy.copy, lambda retry: pickle.loads(pickle.dumps(retry))])  # noqa: S301
def test_copies(again):
    """
    A copy, pickled or not, does the same.
    """
    retry = again(Retry("planoauth", attempts=2, max_wait=0, idempotency_key=True))
    for answers, expected in ((CRASH, FINE), 200), ((NO_ROUTE,), 500):
        with serve(*answers) as server, pool(retry) as manager:
            assert expected == manager.request("POST", server.url).status
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        with again(session) as same:
            assert repr(retry) == repr(same.get_adapter("http://x").max_retries)


def test_derived_class():
    """
    A subclass stays itself and keeps what it knows through all attempts.
    """

    class Counting(Retry):
        def __init__(self, seen, **known):
            super().__init__(**known)
            self.seen = seen

        def increment(self, *arguments, **named):
            self.seen.append(type(self))
            return super().increment(*arguments, **named)

    with serve(BUSY) as server, pool(Counting(seen := [], attempts=3)) as manager:
        manager.request("GET", server.url)
    assert [Counting] * 3 == seen


def test_new():
    """
    A copy with another value has it; a name of nothing is refused.
    """
    assert 3 == Retry().new(redirect=3).redirect
    with pytest.raises(TypeError, match="Retry has no attempt to change"):
        Retry().new(attempt=3)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"vendor": "gopoint"}, UnknownVendorError, "did you mean 'gopoints'"),
        ({"vendor": 3}, TypeError, "vendor must be a name or None, not 3"),
        ({"registry": "gopoints"}, TypeError, "registry must be an errortax.Registry"),
        ({"attempts": 0}, ValueError, "attempts is 0; count the first request, too"),
        ({"attempts": True}, TypeError, "attempts must be a number of requests, not True"),
        ({"attempts": None}, TypeError, "attempts must be a number of requests, not None"),
        ({"max_wait": -1}, ValueError, "max_wait is -1"),
        ({"max_wait": "60"}, TypeError, "max_wait must be seconds"),
        ({"idempotency_key": "8e03978e"}, TypeError, "the key itself goes into the request"),
        ({"status_forcelist": [500]}, TypeError, "status_forcelist"),
    ],
)
def test_wrong_arguments(arguments, kind, message):
    """
    Wrong arguments are refused at set-up, with a message that says what to pass.
    """
    with pytest.raises(kind, match=message):
        Retry(**arguments)


@pytest.mark.parametrize("preload", [False, True])
def test_hook(preload):
    """
    The hook raises for an error with the method and key that were passed, and leaves a success unread.
    """
    with serve(EXPIRED, FINE) as server, pool() as manager:
        check = hook("planoauth")
        response = manager.request("GET", server.url, preload_content=preload)
        with pytest.raises(CredentialsExpired) as caught:
            check(response, method="POST", idempotency_key=True)
        assert ("POST", True) == (caught.value.method, caught.value.idempotency_key)
        assert EXPIRED.body == response.data
        for check in (hook("planoauth"), hook("planoauth", inspect_success=True)):
            response = manager.request("GET", server.url, preload_content=False)
            check(response)
            assert not response.isclosed()
            assert FINE.body == response.read()
        assert 1 == manager.connection_from_url(server.url).num_connections


def test_host_decides():
    """
    Without a vendor the pool's host decides, for responses and for exceptions.
    """
    single = urllib3.HTTPConnectionPool("login.planomatic.com")
    response = urllib3.HTTPResponse(EXPIRED.body, EXPIRED.headers, 401, pool=single, request_url="/v1")
    with pytest.raises(CredentialsExpired):
        hook()(response)
    assert "session-expired" == error_of(response).code
    with pytest.raises(MaxRetryError):
        Retry().increment("GET", "/v1", response, _pool=single)
    assert "planoauth" == response.canonical_error.vendor
    connection = urllib3.connection.HTTPConnection("login.planomatic.com")
    for exception in (
        MaxRetryError(single, "/v1", ProtocolError("gone")),
        MaxRetryError(single, "/v1", ResponseError("too many 503 error responses")),
        ReadTimeoutError(single, "/v1", "late"),
        NewConnectionError(connection, "refused"),
    ):
        assert "planoauth" == error_of(exception).vendor
        assert "gopoints" == error_of(exception, "gopoints").vendor
    assert "http" == error_of(ProtocolError("gone")).vendor


NOT_TRUSTED = SSLError(ssl.SSLCertVerificationError(1, "certificate verify failed"))


@pytest.mark.parametrize(
    ("exception", "category", "retryability"),
    [
        (ConnectTimeoutError(None, "late"), Category.CONNECTION_FAILED, Retryability.AFTER_DELAY),
        (EmptyPoolError(None, "none left"), Category.CONNECTION_FAILED, Retryability.AFTER_DELAY),
        (ReadTimeoutError(None, "/", "late"), Category.NO_RESPONSE, Retryability.BACKOFF),
        (NewConnectionError(None, "refused"), Category.CONNECTION_FAILED, Retryability.AFTER_DELAY),
        (ProxyError("no proxy", NewConnectionError(None, "refused")), Category.CONNECTION_FAILED, Retryability.AFTER_DELAY),
        (NOT_TRUSTED, Category.CONNECTION_IMPOSSIBLE, Retryability.NEVER),
        (MaxRetryError(None, "/", NOT_TRUSTED), Category.CONNECTION_IMPOSSIBLE, Retryability.NEVER),
        (SSLError(ssl.SSLEOFError(8, "EOF")), Category.CONNECTION_FAILED, Retryability.BACKOFF),
        (
            ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")),
            Category.CONNECTION_FAILED,
            Retryability.BACKOFF,
        ),
        (DecodeError("gzip"), Category.INVALID_RESPONSE, Retryability.BACKOFF),
        (InvalidHeader("Content-Length contained several"), Category.INVALID_RESPONSE, Retryability.BACKOFF),
        (MaxRetryError(None, "/", ResponseError("too many 404 error responses")), Category.NOT_FOUND, Retryability.AFTER_ACTION),
    ],
)
def test_meanings(exception, category, retryability):
    """
    urllib3's exceptions have a meaning, which includes whether the request may have been applied; `raising` raises that.
    """
    with pytest.raises(VendorError) as caught, raising("http", method="POST", idempotency_key=True):
        raise exception
    assert exception is caught.value.__cause__
    assert (category, retryability) == (caught.value.error.category, caught.value.error.retryability)
    assert ("POST", True) == (caught.value.method, caught.value.idempotency_key)


@pytest.mark.parametrize(
    "exception",
    [
        LocationParseError("http://["),
        UnrewindableBodyError("tell"),
        MaxRetryError(None, "/", ResponseError("too many redirects")),
        ssl.SSLError("of a mail server"),
        ValueError("too many 503 error responses"),
        KeyboardInterrupt(),
    ],
)
def test_everything_else_passes(exception):
    """
    Mistakes of the caller and exceptions of other libraries pass unchanged.
    """
    with pytest.raises(type(exception)) as caught, raising("gopoints"):
        raise exception
    assert exception is caught.value
    assert error_of(exception) is None


def test_no_response():
    """
    An object that is neither a response nor an exception is refused.
    """
    with pytest.raises(TypeError, match="is not a response"):
        error_of("https://api.example")


def test_lost_after_a_redirect():
    """
    If the first request was answered with a redirect to an unreachable host, repeating it is not safe.
    """
    retries = Retry("gopoints", attempts=1)  # given to the request: before 2.3 a pool manager's own do not survive a redirect
    with socket.socket() as unused, urllib3.PoolManager() as manager:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with serve(moved(nobody, 303)) as server:
            for url, expected in ((nobody, Retryability.AFTER_DELAY), (server.url, Retryability.BACKOFF)):
                with pytest.raises(VendorError) as caught, raising("gopoints", method="POST"):
                    manager.request("POST", url, retries=retries)
                assert expected is caught.value.error.retryability


def test_given_up_by_urllib3():
    """
    If urllib3's own Retry gave up on a status, the status alone decides.
    """
    with serve(CRASH) as server, pool(urllib3.Retry(1, status_forcelist=[500])) as manager:
        with pytest.raises(VendorError) as caught, raising("planoauth"):
            manager.request("GET", server.url)
        assert (500, Category.INTERNAL, BodyKind.UNREAD) == (
            caught.value.error.status, caught.value.error.category, caught.value.error.match.body
        )  # fmt: skip


@pytest.mark.parametrize("wrap", [Retry, None], ids=["Retry", "raising"])
def test_answer_lost_behind_a_proxy(wrap):
    """
    If a proxy takes the request and hangs up, urllib3 blames the proxy; the request may still have been applied.
    """
    with answering(b"") as (url, requests), urllib3.ProxyManager(url, retries=Retry("gopoints") if wrap else False) as proxy:
        with pytest.raises(VendorError) as caught, raising("gopoints", method="POST"):
            proxy.request("POST", "http://api.example/orders", body=b"{}")
        assert (1, Retryability.BACKOFF) == (len(requests), caught.value.error.retryability)


def test_refused_tunnel():
    """
    What a proxy refuses to let through was never sent, and never will be.
    """
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with answering(refusal) as (url, _), urllib3.ProxyManager(url, retries=False) as proxy:
        with pytest.raises(VendorError) as caught, raising("gopoints", method="POST"):
            proxy.request("POST", "https://api.example/orders", body=b"{}")
        assert (Category.CONNECTION_IMPOSSIBLE, "proxy") == (caught.value.error.category, caught.value.error.hints[0].target)


def test_body_is_sent_again():
    """
    A body that is a file is rewound before it is sent again.
    """
    busy = RawResponse(429, {"Retry-After": "0"})
    for body in (io.BytesIO(b"ab"), b"ab"):
        with serve(busy, FINE) as server, pool(Retry("youforce")) as manager:
            manager.request("POST", server.url, body=body)
            assert [b"ab", b"ab"] == [request.body for request in server.requests]


def test_earlier_attempts():
    """
    If `Retry` sent a POST and was refused when it tried again, the first one may have been applied.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

    def take_one_and_vanish():
        connection, _ = listener.accept()
        listener.close()
        with connection:
            connection.recv(65536)

    thread = Thread(target=take_one_and_vanish)
    thread.start()
    loop = Retry("gopoints", idempotency_key=True, attempts=2, max_wait=0)
    with pool(loop) as manager, pytest.raises(VendorError) as caught, raising("gopoints"):
        manager.request("POST", url, body=b"{}")
    thread.join()
    assert "NewConnectionError" in repr(caught.value.__cause__)
    assert Retryability.BACKOFF is caught.value.error.retryability
    assert ("POST", True, url) == (caught.value.method, caught.value.idempotency_key, caught.value.url)


def test_connection_of_a_long_body_is_given_back():
    """
    When the hook raises for a body that is too long to read, the pool gets its connection back.
    """
    large = RawResponse(500, JSON, b" " * (CAP + 1))
    with serve(large, FINE) as server, pool(maxsize=1, block=True) as manager:
        with pytest.raises(VendorError):
            hook("planoauth")(manager.request("GET", server.url, preload_content=False))
        assert 200 == manager.request("GET", server.url, timeout=1, pool_timeout=1).status


@pytest.mark.parametrize("loop", [True, False])
def test_inspected_in_memory(loop):
    """
    A success that urllib3 has read already is looked into, however it was framed.
    """
    inside = framed(RawResponse(200, JSON, fake("gopoints", "auth.token.expired").body), "chunked")
    retries = Retry("gopoints", inspect_success=True) if loop else False
    with answering(inside) as (url, _), pool() as manager:
        response = manager.request("GET", url, retries=retries)
        if loop:
            assert "auth.token.expired" == error_of(response).code
        else:
            with pytest.raises(VendorError, match=r"auth.token.expired"):
                hook("gopoints", inspect_success=True)(response)


SUCCESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BROKEN_SUCCESSES = {
    "cut": SUCCESS + b"Content-Length: 90\r\n\r\n{",
    "not compressed": SUCCESS + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize(("kind", "attempts"), [("cut", 2), ("not compressed", 1)])
def test_inspected_success_that_cannot_be_read(kind, attempts):
    """
    A success that breaks off is repeated; one that cannot be decompressed is the caller's to read.
    """
    retry = Retry("gopoints", inspect_success=True, attempts=2, max_wait=0)
    with answering(BROKEN_SUCCESSES[kind]) as (url, received), pool(retry) as manager:
        response = manager.request("GET", url, preload_content=False)
        assert attempts == len(received)
        assert error_of(response, "gopoints") is None
        with pytest.raises((urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError)):
            response.read()


def test_address_that_is_none():
    """
    An address that cannot be joined with that of its host is left out.
    """
    urlless = urllib3.exceptions.MaxRetryError(
        urllib3.HTTPConnectionPool("api.example", 8080), "//[", urllib3.exceptions.ProtocolError()
    )
    with pytest.raises(VendorError) as caught, raising("gopoints", method="GET"):
        raise urlless
    assert "http://api.example:8080/" == caught.value.url
