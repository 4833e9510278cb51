from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest

import errortax
from errortax.model import verdict_of
from gateways.canaries import HEADERS, canary
from gateways.upstream import BREAKING, CANARY, EVENTS, TRAPS, VENDORS, Upstream, examples, reply_to, serving


@pytest.fixture(scope="module")
def running() -> Iterator[Upstream]:
    """Run an upstream for these tests alone."""
    with serving() as upstream:
        yield upstream


def received(upstream: Upstream, *paths: str, method: str = "GET") -> list[tuple[int, dict[str, str], bytes]]:
    """Return the answers to requests on one connection."""
    answers = []
    with closing(http.client.HTTPConnection("127.0.0.1", upstream.port, timeout=30)) as connection:
        for path in paths:
            connection.request(method, path)
            with connection.getresponse() as response:
                headers = {name.lower(): value for name, value in response.getheaders()}
                answers.append((response.status, headers, response.read()))
    return answers


@pytest.mark.parametrize("vendor", VENDORS)
def test_examples(running: Upstream, vendor: str) -> None:
    """
    Each example is sent as it stands in the catalogue, all of them on one connection.
    """
    paths = [f"/{vendor}/example/{number}" for number in range(len(examples(vendor)))]
    for raw, (status, headers, body) in zip(examples(vendor), received(running, *paths), strict=True):
        assert (raw.status, b"" if raw.status in (204, 304) else raw.body) == (status, body)
        assert dict(raw.headers).items() <= headers.items()


@pytest.mark.parametrize("name", sorted(TRAPS.keys() - BREAKING - {"early-hints"}))
def test_traps(running: Upstream, name: str) -> None:
    """
    Each trap is sent as `reply_to` tells, and the connection can be used afterwards.
    """
    path = f"/gopoints/trap/{name}"
    [(status, _, body), (_, _, after)] = received(running, path, "/gopoints/ok/7")
    assert (reply_to(path).status, reply_to(path).body) == (status, body)
    assert b'{"status": "success", "request": "7"}' == after


@pytest.mark.parametrize("name", sorted(BREAKING))
def test_too_short(running: Upstream, name: str) -> None:
    """
    A wrong length shows as a connection that ends too early.
    """
    with pytest.raises(http.client.IncompleteRead):
        received(running, f"/gopoints/trap/{name}")


def test_head(running: Upstream) -> None:
    """
    To HEAD the upstream sends the length of a body and no body.
    """
    [(status, headers, body), _] = received(running, "/gopoints/error", "/gopoints/ok", method="HEAD")
    assert (reply_to("/gopoints/error").status, b"") == (status, body)
    assert str(len(reply_to("/gopoints/error").body)) == headers["content-length"]


def test_events(running: Upstream) -> None:
    """
    The second event comes when the first one has been read.
    """
    running.event_was_read.clear()
    with closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)) as connection:
        connection.request("GET", "/gopoints/trap/sse")
        with connection.getresponse() as response:
            assert EVENTS[0] == response.read1(1000)
            running.event_was_read.set()
            assert EVENTS[1] == response.read()


def test_refusing(running: Upstream) -> None:
    """
    Nobody listens on the refusing port.
    """
    connection = http.client.HTTPConnection("127.0.0.1", running.refusing_port, timeout=30)
    with closing(connection), pytest.raises(ConnectionRefusedError):
        connection.request("GET", "/")


@pytest.mark.parametrize("vendor", VENDORS)
def test_canaries(vendor: str) -> None:
    """
    Canaries change no verdict; they are in all headers and in all members that decide nothing.
    """
    for number, raw in enumerate(examples(vendor)):
        reply = reply_to(f"/{vendor}/canary/{number}")
        error, before = errortax.parse(reply.raw, vendor), errortax.parse(raw, vendor)
        assert (before and verdict_of(before)) == (error and verdict_of(error))
        assert (before and before.request_id) == (error and error.request_id)
        assert all(canary(name.lower()) in (reply.header(name) or "") for name in HEADERS if name not in raw.headers)
        if error and raw.body not in (b"", b"{}"):
            assert CANARY.encode() in reply.body
            assert error.message is None or any(word in error.message for word in (CANARY, "[redacted]"))
            assert all(any(word in each.message for word in (CANARY, "[redacted]")) for each in error.field_errors)
