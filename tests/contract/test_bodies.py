"""
If the body of an error cannot be read, its status and its header fields decide, with each client.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import product

import pytest
from attrs import field, frozen

import errortax
from contract.calls import Call, Client
from contract.clients import CLIENTS
from errortax import BodyKind, CanonicalError, RawResponse
from errortax.exceptions import VendorError

STATUSES = (401, 403, 404, 409, 422, 429, 500, 503)
METHODS = ("GET", "POST")
DELAY = {"Retry-After": "3600"}
ERROR = b'{"status": "error", "error_code": "auth.token.expired", "messages": []}'
HALF = ERROR[: len(ERROR) // 2]
NOISE = b"\x1f\x8b\x08\x00" + b"\xff" * 60
BODIES = {
    "cut": b"Content-Length: %d\r\n\r\n%b" % (len(ERROR), HALF),
    "cut in a chunk": b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b" % (len(ERROR), HALF),
    "cut between chunks": b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(HALF), HALF),
    "stalled": b"Content-Length: %d\r\n\r\n%b" % (len(ERROR), HALF),
    "broken gzip": b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(NOISE), NOISE),
    "broken deflate": b"Content-Encoding: deflate\r\nContent-Length: %d\r\n\r\n%b" % (len(NOISE), NOISE),
}
SECONDS = {"stalled": 1.0}
NOT_READ = {BodyKind.CUT_OFF, BodyKind.UNDECODABLE}  # the latter if the client leaves decompression to us

each_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
each_attaching_client = pytest.mark.parametrize(
    "client", [pytest.param(client, id=name) for name, client in CLIENTS.items() if client.attaches is not None]
)
each_body = pytest.mark.parametrize("kind", BODIES)


@frozen
class BadServer:
    """A server that answers ``/STATUS/KIND/…`` with one of `BODIES`, and counts the requests for each path."""

    listener: socket.socket
    requests: Counter[str] = field(factory=Counter)

    def url(self, path: str) -> str:
        """Return the address of *path*."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}{path}"

    def serve(self) -> None:
        """Answer each connection, until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        """Answer one request, then hang up, or wait until the client does."""
        with connection, suppress(OSError):
            request = b""
            while not request.endswith((b"\r\n\r\n", b"{}")):
                request += connection.recv(65536)
            path = request.split(b" ", 2)[1].decode()
            self.requests[path] += 1
            _, status, kind, *_ = path.split("/")
            kind = kind.replace("-", " ")
            fields = b"Content-Type: application/json\r\nRetry-After: 3600\r\n"
            connection.sendall(b"HTTP/1.1 %b Status\r\n%b%b" % (status.encode(), fields, BODIES[kind]))
            while kind == "stalled" and connection.recv(65536):
                pass


@pytest.fixture(scope="module")
def bad_server() -> Iterator[BadServer]:
    """Run the server."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server = BadServer(listener)
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)  # ends `accept`
    thread.join()


def whole(status: int) -> CanonicalError:
    """Return the error of a response with the same status and header fields, and no body."""
    error = errortax.parse(RawResponse(status, DELAY, b""), "gopoints")
    assert error is not None
    return error


def each_case(case: Callable[[int, str], object]) -> None:
    """Run *case* for each status and method, several at once since some wait."""
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(case, status, method) for status, method in product(STATUSES, METHODS)]:
            future.result()


def call(server: BadServer, status: int, kind: str, method: str, client: Client, *, unread: bool = False) -> Call:
    """Return a call that gets a *kind* of body."""
    url = server.url(f"/{status}/{kind.replace(' ', '-')}/{method}/{id(client)}")
    content = b"{}" if method == "POST" else None
    return Call(url=url, vendor="gopoints", method=method, content=content, seconds=SECONDS.get(kind, 20.0), unread=unread)


def check(error: CanonicalError | None, status: int) -> None:
    """Check that what came before the body is kept."""
    assert error is not None
    expected = whole(status)
    assert (status, 3600.0, expected.category) == (error.status, error.retry_after, error.category)
    assert error.match.body in NOT_READ


@each_body
@each_client
def test_raised_by_the_status(client: Client, kind: str, bad_server: BadServer) -> None:
    """
    An error whose body cannot be read is raised by its status, with the delay and the client's exception as the cause, and
    is repeated exactly if its status allows that: the server has counted.
    """

    def case(status: int, method: str) -> None:
        asked = call(bad_server, status, kind, method, client)
        for _ in range(2):
            with pytest.raises(VendorError) as caught:
                client.raises(asked)
            check(caught.value.error, status)
            assert method == caught.value.method
            assert caught.value.error.match.body is not BodyKind.CUT_OFF or isinstance(caught.value.__cause__, Exception)
            if not errortax.decide_retry(caught.value.error, method=caught.value.method).retry:
                break
        repeats = errortax.decide_retry(whole(status), method=method).retry
        assert 1 + repeats == bad_server.requests[asked.url.removeprefix(bad_server.url(""))]

    each_case(case)


@each_body
@each_attaching_client
def test_attached_by_the_status(client: Client, kind: str, bad_server: BadServer) -> None:
    """
    An error whose body cannot be read is attached by its status, to the response or to the exception for reading it.
    """
    attaches = client.attaches
    assert attaches is not None

    def case(status: int, method: str) -> None:
        try:
            error = attaches(call(bad_server, status, kind, method, client, unread=True)).error
        except Exception as broken:  # of each client's own class, if it reads the body before anybody sees the response
            error = client.error_of(broken, "gopoints")
        check(error, status)

    each_case(case)


@pytest.mark.parametrize("kind", [kind for kind in BODIES if kind.startswith("cut")])
@each_attaching_client
def test_reading_what_broke_off(client: Client, kind: str, bad_server: BadServer) -> None:
    """
    Who reads the body after errortax gets the client's own exception, and the error behind it.
    """
    attaches = client.attaches
    assert attaches is not None
    with pytest.raises(Exception) as caught:  # noqa: PT011  # of each client's own class
        attaches(call(bad_server, 429, kind, "GET", client))
    check(client.error_of(caught.value, "gopoints"), 429)
