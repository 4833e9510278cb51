"""
A server on the loopback interface that sends given responses, and records the requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socket import SHUT_RDWR, socket
from socketserver import ThreadingTCPServer
from threading import Lock, Thread
from typing import Any, Final, cast

from attrs import frozen

from errortax.http import Headers, RawResponse

_FINAL: Final = range(200, 1000)  # 1xx come before the final response (RFC 9110, section 15.2)
_BODILESS: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_FRAMING: Final = ("content-length", "transfer-encoding")  # the server decides how a body is framed
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VALUE: Final = re.compile(r"[^\r\n\u0100-\U0010ffff]*")  # one line of ISO 8859-1
_POLL_INTERVAL: Final = 0.01  # seconds that stopping may take


@frozen
class Received:
    """Hold a received request; *path* is its target as it was sent, with the query."""

    method: str
    path: str
    headers: Headers
    body: bytes


@frozen
class Server:
    """Hold the server's *url*, ``http://127.0.0.1:PORT``, and the *requests* so far, the oldest first."""

    url: str
    requests: Sequence[Received]


def serve(*responses: RawResponse) -> AbstractContextManager[Server]:
    """
    Serve the *responses* in turn to any requests, the last one again and again, until the ``with`` block ends.

    Args:
        *responses: the responses. Header fields are sent unchanged, except those that frame the body.

    Returns:
        A context manager, whose value is a `Server`.

    Raises:
        TypeError: if there is no response, or an argument is not a `RawResponse`.
        ValueError: if a response cannot be sent: its status must be final and have three digits, the name of each header
            field must be a token, and its value one line of ISO 8859-1.

    """
    if not responses:
        raise TypeError("nothing to serve; pass the responses, such as errortax.testing.fake(vendor, code)")
    for response in responses:
        if not isinstance(response, RawResponse):
            raise TypeError(f"cannot serve {response!r}; pass an errortax.RawResponse, such as errortax.testing.fake makes")
        if response.status not in _FINAL:
            raise ValueError(f"cannot serve {response!r}; its status must be from {_FINAL[0]} to {_FINAL[-1]}")
        _check_fields(response)
    return _serving(responses)


def _check_fields(response: RawResponse) -> None:
    for name in response.headers:
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"cannot serve the header field {name!r} of {response!r}; name it by letters, digits and hyphens")
        if not all(map(_VALUE.fullmatch, response.headers.get_all(name))):
            raise ValueError(f"cannot serve the header field {name!r} of {response!r}; make its value one line of ISO 8859-1")


@contextmanager
def _serving(responses: Sequence[RawResponse]) -> Generator[Server]:
    with _Listener(responses) as listener:
        thread = Thread(target=listener.serve_forever, args=(_POLL_INTERVAL,))
        thread.start()
        try:
            yield Server(f"http://127.0.0.1:{listener.server_address[1]}", listener.received)
        finally:
            listener.shutdown()
            thread.join()
            listener.hang_up()


class _Listener(ThreadingTCPServer):
    """A server like `http.server.HTTPServer`, which would ask the network for the name of this machine."""

    request_queue_size = 128

    def __init__(self, responses: Sequence[RawResponse]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[Received] = []
        self._responses = responses
        self._lock = Lock()
        self._connections: set[socket] = set()

    def response_to(self, request: Received) -> RawResponse:
        with self._lock:
            self.received.append(request)
            return self._responses[min(len(self.received), len(self._responses)) - 1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Close the connections that clients keep open, so that their threads stop waiting for another request."""
        for connection in tuple(self._connections):
            with suppress(OSError):  # it was closed in the meantime
                connection.shutdown(SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a test may close a connection at any time."""


class _Conversation(BaseHTTPRequestHandler):
    """One connection, which stays open for further requests (:rfc:`9112#section-9.3`)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered: head and body leave together

    def __getattr__(self, name: str) -> Callable[[], None]:
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self._answer

    def _answer(self) -> None:
        request = Received(self.command, self.path, Headers(self.headers.items()), self._request_body())
        response = cast(_Listener, self.server).response_to(request)
        status = cast(int, response.status)
        body = response.body.encode() if isinstance(response.body, str) else response.body or b""
        phrases = self.responses.get(cast(HTTPStatus, status), ("",))
        self.send_response_only(status, phrases[0])
        for name in response.headers:
            for value in response.headers.get_all(name):
                if name not in _FRAMING:
                    self.send_header(name, value)
        if status not in _BODILESS:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if status not in _BODILESS and self.command != "HEAD":
            self.wfile.write(body)

    def _request_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while length := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailer fields
        return body

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # the name that it overrides
        """Print nothing."""
