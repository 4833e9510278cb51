"""
HTTP/2: a server can say that it has not processed a request, which may then be repeated with any method.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx
import httpx2
import pytest

import errortax
from errortax import Category
from errortax.exceptions import VendorError
from errortax.integrations.httpx import raising

pytest.importorskip("h2")  # httpx needs it for HTTP/2

SETTINGS, HEADERS, RST_STREAM, GOAWAY = 4, 1, 3, 7
PREFACE = 24  # bytes


def frame(kind: int, stream: int, payload: bytes) -> bytes:
    """Return a frame (:rfc:`9113#section-4.1`)."""
    return len(payload).to_bytes(3) + bytes((kind, 0)) + stream.to_bytes(4) + payload


def reset(code: int) -> bytes:
    """Return a frame that ends the first stream."""
    return frame(RST_STREAM, 1, code.to_bytes(4))


def going_away(last_stream: int) -> bytes:
    """Return a frame that ends the connection without an error."""
    return frame(GOAWAY, 0, last_stream.to_bytes(4) + bytes(4))


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Run a server that sends *answer* when the headers of a request have come."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            stream.read(PREFACE)
            connection.sendall(frame(SETTINGS, 0, b""))
            kind = None
            while kind != HEADERS:
                head = stream.read(9)
                kind = head[3]
                stream.read(int.from_bytes(head[:3]))
            connection.sendall(answer)
            stream.read()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "repeated"),
    [(reset(7), True), (going_away(0), True), (reset(2), False), (reset(8), False), (going_away(1), False)],
    ids=["refused stream", "going away before the stream", "internal error", "cancelled", "going away after the stream"],
)
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_not_processed(library, answer, repeated):
    """
    A POST is repeated if its stream was refused, or the connection ended before it; otherwise it may have been applied.
    """
    with answering(answer) as url, library.Client(http1=False, http2=True) as client:
        with pytest.raises(VendorError) as caught, raising("gopoints"):
            client.post(url, content=b"{}")
        client.close()
    assert Category.CONNECTION_FAILED is caught.value.error.category
    assert repeated is errortax.decide_retry(caught.value.error, method=caught.value.method).retry
