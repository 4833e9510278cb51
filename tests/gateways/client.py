"""
A client that hides nothing: it tells what came over the wire, as it came.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BufferedReader

from attrs import frozen

Fields = tuple[tuple[str, str], ...]
SECONDS = 60.0
"""How long to wait for what should come at once: a busy machine is slow."""


@frozen
class Answer:
    """
    Hold a response as it came: names of header fields in lower case, the body without its framing.

    *complete* tells whether the whole body came; *interim* are the statuses of the responses before this one.
    """

    status: int
    reason: str
    fields: Fields
    body: bytes
    complete: bool
    trailers: Fields = ()
    interim: tuple[int, ...] = ()

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return the values of all fields called *name*."""
        return tuple(value for key, value in self.fields if key == name.lower())

    def header(self, name: str) -> str | None:
        """Return the first field called *name*."""
        return next(iter(self.get_all(name)), None)


def ask(
    port: int,
    path: str,
    *,
    method: str = "GET",
    fields: Fields = (),
    body: bytes = b"",
    on_piece: Callable[[bytes], None] | None = None,
) -> Answer:
    """
    Send a request on a connection of its own and return the answer; *on_piece* gets the body's pieces as they come.
    """
    with closing(socket.create_connection(("127.0.0.1", port), SECONDS)) as connection:
        given = {name.lower() for name, _ in fields}
        length = {"Content-Length": str(len(body))} if body and "transfer-encoding" not in given else {}
        own = {"Host": f"127.0.0.1:{port}", "Connection": "close"} | length
        sent = [*((name, value) for name, value in own.items() if name.lower() not in given), *fields]
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent), "", ""]
        connection.sendall("\r\n".join(lines).encode("latin-1") + body)
        with connection.makefile("rb") as stream:
            return _answer(stream, method, on_piece or (lambda _: None))


def _answer(stream: BufferedReader, method: str, on_piece: Callable[[bytes], None]) -> Answer:
    interim: list[int] = []
    while True:
        status, reason, fields = _head(stream)
        if status >= 200:
            break
        interim.append(status)
    body, complete = bytearray(), True
    trailers: Fields = ()

    def take(piece: bytes) -> None:
        body.extend(piece)
        on_piece(piece)

    headers = dict(fields)
    if method == "HEAD" or status in (204, 304):
        take(stream.read())  # nothing, as the connection closes afterwards
    elif "chunked" in headers.get("transfer-encoding", ""):
        complete, trailers = _chunks(stream, take)
    elif "content-length" in headers:
        missing = int(headers["content-length"])
        while missing and (piece := stream.read1(missing)):
            missing -= len(piece)
            take(piece)
        complete = not missing
    else:
        while piece := stream.read1(65_536):
            take(piece)
    return Answer(status, reason, fields, bytes(body), complete, trailers, tuple(interim))


def _head(stream: BufferedReader) -> tuple[int, str, Fields]:
    line = stream.readline()
    if not line:
        raise ConnectionError("the connection was closed without an answer")
    _, status, reason = (line.decode("latin-1").rstrip("\r\n") + " ").split(" ", 2)
    return int(status), reason.strip(), _fields(stream)


def _fields(stream: BufferedReader) -> Fields:
    fields: list[tuple[str, str]] = []
    while (line := stream.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        fields.append((name.lower(), value.strip()))
    return tuple(fields)


def _chunks(stream: BufferedReader, take: Callable[[bytes], None]) -> tuple[bool, Fields]:
    while line := stream.readline():
        length = int(line.partition(b";")[0], 16)
        if not length:
            return True, _fields(stream)
        missing = length
        while missing and (piece := stream.read1(missing)):
            missing -= len(piece)
            take(piece)
        if missing:
            break
        stream.readline()
    return False, ()


@contextmanager
def sending(port: int, data: bytes) -> Iterator[socket.socket]:
    """
    Send *data* on a connection of its own, and hang up at the end of the block.
    """
    with closing(socket.create_connection(("127.0.0.1", port), SECONDS)) as connection:
        connection.sendall(data)
        yield connection


def raw_answer(port: int, data: bytes) -> Answer:
    """
    Send *data*, which need not be a request, and return the answer.
    """
    with sending(port, data) as connection, connection.makefile("rb") as stream:
        return _answer(stream, "GET", lambda _: None)


def wait_until(happens: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """
    Wait until it *happens*; fail if it does not within some *seconds*.
    """
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, f"waited for nothing: {what}"
        time.sleep(0.02)


def listens(port: int) -> bool:
    """
    Tell whether somebody accepts connections on *port*.
    """
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """
    Return a port that nobody listens on, and that nobody else is given until this process ends.

    It stays bound without listening. A server that sets SO_REUSEADDR, as each of ours does, can listen on it all the same.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port: int = holder.getsockname()[1]
    holder.detach()  # left open
    return port
