"""
HAProxy with the exported tables against HAProxy without them, in front of the same upstream: an error, and a success.

Needs HAProxy 2.6 or later; the environment variable ``HAPROXY`` says where it is, if not in the path.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from shutil import which
from socket import create_connection, create_server, socket
from statistics import median
from threading import Thread
from time import monotonic, perf_counter, sleep
from typing import Final

from measuring import Scale, ratio
from table import Row

from errortax.export import haproxy, lookups, rows

_BARS: Final = {"error": 1.3}
HAPROXY: Final = os.environ.get("HAPROXY") or which("haproxy")
VENDOR: Final = "gopoints"

_REQUESTS: Final = 20  # in a row on each connection, in each round
_SECONDS: Final = 20.0
_ERROR: Final = b'{"status": "error", "error_code": "auth.token.expired", "messages": ["Token expired"], "error_id": "e-1"}'
_BODIES: Final = {b"/error": (b"401 Unauthorized", _ERROR), b"/success": (b"200 OK", b'{"status": "success"}')}

_PLAIN: Final = """
frontend plain
    mode http
    bind 127.0.0.1:{plain}
    timeout client 30s
    default_backend upstream
"""
_WITH_TABLES: Final = """
frontend tables from errortax
    bind 127.0.0.1:{tables}
    timeout client 30s
    http-request set-var(txn.errortax_vendor) str({vendor})
    default_backend upstream
"""
_UPSTREAM: Final = """
defaults upstreams
    mode http
    timeout connect 5s
    timeout server 30s
backend upstream from upstreams
    server only 127.0.0.1:{upstream}
"""


def haproxy_rows(scale: Scale) -> Iterator[Row]:
    """
    Let one client ask both in turns, each on one connection that stays open.
    """
    measures = {f"HAProxy tables, {kind}, p50 / without them": kind for kind in ("error", "success")}
    if HAPROXY is None:
        yield from (
            Row(measure, None, bar=_BARS.get(kind), note="HAProxy is not installed.") for measure, kind in measures.items()
        )
        return
    with tempfile.TemporaryDirectory() as folder, _running(Path(folder)) as ports:
        for measure, kind in measures.items():
            times = _times(ports, f"/{kind}".encode(), scale)
            note = f"p50 is {min(times['tables']) * 1e6:.0f} µs with tables and {min(times['plain']) * 1e6:.0f} µs without."
            yield Row(measure, ratio(times["tables"], times["plain"]), bar=_BARS.get(kind), note=note)


def _times(ports: dict[str, int], path: bytes, scale: Scale) -> dict[str, list[float]]:
    request = b"GET %b HTTP/1.1\r\nHost: api.example\r\n\r\n" % path
    medians: dict[str, list[float]] = {name: [] for name in ports}
    with ExitStack() as stack:
        connections = {
            name: stack.enter_context(create_connection(("127.0.0.1", port), _SECONDS)) for name, port in ports.items()
        }
        for _ in range(scale.repetitions):
            seconds: dict[str, list[float]] = {name: [] for name in ports}
            for _ in range(scale.rounds):
                for name, connection in connections.items():
                    seconds[name] += (_ask(connection, request) for _ in range(_REQUESTS))
            for name, found in seconds.items():
                medians[name].append(median(found))
    return medians


def _ask(connection: socket, request: bytes) -> float:
    """Return how long the whole answer takes to come."""
    begin = perf_counter()
    connection.sendall(request)
    answer = connection.recv(65536)
    while (end := answer.find(b"\r\n\r\n")) < 0 or len(answer) < end + 4 + _length(answer[:end]):
        if not (more := connection.recv(65536)):
            raise ConnectionError("HAProxy hung up")
        answer += more
    return perf_counter() - begin


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


@contextmanager
def _running(folder: Path) -> Iterator[dict[str, int]]:
    """Run the upstream and HAProxy until the block ends; yield the ports with tables and without."""
    for name, content in haproxy.files(rows(), lookups(), command="errortax export haproxy").items():
        (folder / name).write_text(content, encoding="utf-8")
    ports = {name: _free_port() for name in ("plain", "tables")}
    with _upstream() as upstream:
        own = folder / "own.cfg"
        own.write_text((_UPSTREAM + _PLAIN + _WITH_TABLES).format(**ports, upstream=upstream, vendor=VENDOR), encoding="utf-8")
        command = [str(HAPROXY), "-db", "-f", str(folder / haproxy.CONFIGURATION), "-f", str(own)]
        with subprocess.Popen(command, env={**os.environ, "ERRORTAX_DIR": str(folder)}, stderr=subprocess.DEVNULL) as process:
            try:
                for port in ports.values():
                    _wait_for(port, process)
                yield ports
            finally:
                process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + _SECONDS
    while monotonic() < end and process.poll() is None:
        with suppress(ConnectionError), create_connection(("127.0.0.1", port), 1):
            return
        sleep(0.05)
    raise RuntimeError(f"HAProxy does not listen on {port}; run it by hand to see why")


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class _Vendor(asyncio.Protocol):
    """Answer each request with what its path says; requests come whole, one at a time."""

    def __init__(self, transports: list[asyncio.Transport]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._transports.append(transport)

    def data_received(self, data: bytes) -> None:
        status, body = _BODIES[data.split(b" ", 2)[1]]
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        self._transport.write(head + body)


@contextmanager
def _upstream() -> Iterator[int]:
    transports: list[asyncio.Transport] = []
    with closing(asyncio.new_event_loop()) as loop:
        server = loop.run_until_complete(loop.create_server(lambda: _Vendor(transports), "127.0.0.1", 0))
        thread = Thread(target=loop.run_forever)
        thread.start()
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            server.close()
            for transport in transports:
                transport.abort()
            loop.run_until_complete(asyncio.sleep(0))  # lets them go
