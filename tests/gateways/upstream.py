"""
All vendors and every way to misbehave, on one port of this machine: what stands behind the gateways under test.

Use it so (helpers of tests are imported from the folder ``tests``)::

    from gateways.upstream import VENDORS, TRAPS, examples, reply_to, serving

    with serving() as upstream:          # a thread of its own; upstream.port, upstream.refusing_port
        ...                              # GET http://127.0.0.1:{upstream.port}/gopoints/example/3

A gateway sends ``/VENDOR/…`` to `Upstream.port`, the path unchanged, and ``/down/…`` to `Upstream.refusing_port`, where
nobody listens. `reply_to` returns, without any network, what the upstream sends for a path; its `Reply.raw` is what a
translator is given. The paths of each vendor:

- ``/VENDOR/example/N``: the N-th of `examples`;
- ``/VENDOR/canary/N``: the same with a secret in each header and member, see `gateways.canaries`;
- ``/VENDOR/ok`` and ``/VENDOR/error``, cheap; ``/VENDOR/ok/X`` and ``/VENDOR/error/X`` tell the request they answer: a member
  ``request`` in the success, and in the error the request id, where the vendor has one;
- ``/VENDOR/trap/NAME`` for the names in `TRAPS`, and for those that take their time: ``sse`` sends an event, waits for
  `Upstream.event_was_read` and sends another; ``late`` sends the body of an error `LATE` seconds after its head; ``hangs``
  sends nothing, ``hangs-within`` half an error and ``silent`` one event until `Upstream.released` is set or the gateway
  closes the connection (`Upstream.somebody_waits` tells that one waits); ``ticks`` sends an event every `TICK` seconds until
  then; ``hangs-up`` closes the connection instead.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http import HTTPStatus
from socket import socket

from attrs import evolve, field, frozen

import errortax
from errortax import RawResponse
from scenarios import examples

VENDORS = ("authrocket", "gopoints", "planoauth", "youforce")
CANARY = "canary9f2c"
EVENTS = (b"event: first\ndata: 1\n\n", b"event: second\ndata: 2\n\n")

LATE = 1.5
TICK = 0.2

_CHUNK = 7  # bytes; no example fits in one
_BODILESS = (204, 304)

Fields = tuple[tuple[str, str], ...]


@frozen
class Reply:
    """
    Hold a response and how it is written.

    *framing* is ``length``, ``chunked`` or ``close``; *declared* is the length that is told if it is not the true one,
    *trailers* come after the chunks, *hints* in a response of status 103 before this one.
    """

    status: int
    fields: Fields = ()
    body: bytes = b""
    framing: str = "length"
    declared: int | None = None
    trailers: Fields = ()
    hints: Fields = ()
    reason: str | None = field(default=None)

    @property
    def raw(self) -> RawResponse:
        """Return what a reader of the whole response holds, framing aside."""
        return RawResponse(self.status, self.fields, self.body)

    def header(self, name: str) -> str | None:
        """Return the first field called *name*."""
        return self.raw.headers.get(name)


class Upstream:
    """Know the ports, and which requests came."""

    def __init__(self) -> None:
        self.port, self.refusing_port = 0, 0
        self.requests: Counter[str] = Counter()
        """How many requests came for each path, without its query."""
        self.received: list[tuple[str, str, dict[str, str]]] = []
        """Method, path and header fields (lower-case names) of the latest few requests."""
        self.open: Counter[str] = Counter()
        """How many requests for each path are being read or answered."""
        self.event_was_read = threading.Event()
        self.somebody_waits = threading.Event()
        self.released = threading.Event()

    def url(self, path: str) -> str:
        """Return the address of *path*."""
        return f"http://127.0.0.1:{self.port}{path}"


def reply_to(path: str) -> Reply:
    """
    Return what the upstream sends for *path*; what takes its time (`sse`, `hangs`, …) is not found.
    """
    _, vendor, kind, *rest = [*path.partition("?")[0].split("/"), ""]
    if vendor in VENDORS and kind in _KINDS:
        with suppress(LookupError, ValueError):
            return _KINDS[kind](vendor, rest[0])
    return Reply(404, (("Content-Type", "text/plain"),), b"no such path")


def _reply_of(raw: RawResponse) -> Reply:
    body = raw.body.encode() if isinstance(raw.body, str) else raw.body or b""
    assert raw.status is not None
    fields = tuple((name.title(), value) for name in raw.headers for value in raw.headers.get_all(name))
    return Reply(raw.status, fields, body)


@cache
def example(vendor: str, number: int) -> Reply:
    """Return the example of that number."""
    return _reply_of(examples(vendor)[number])


@cache
def typical_error(vendor: str) -> Reply:
    """
    Return an error of *vendor* in JSON, one with a request id if there is any.
    """
    errors = [raw for raw in examples(vendor) if (raw.status or 0) >= 400 and (raw.body or b"")[:1] == b"{"]
    with_id = [raw for raw in errors if (error := errortax.parse(raw, vendor)) and error.request_id]
    return _reply_of((with_id or errors)[0])


@cache
def secretive_error(vendor: str) -> Reply:
    """Return the error of the slow traps: a typical one with a secret in each header field and member."""
    from gateways.canaries import with_canaries

    return with_canaries(typical_error(vendor), vendor)


@cache
def _request_id(vendor: str) -> str:
    error = errortax.parse(typical_error(vendor).raw, vendor)
    return (error and error.request_id) or ""


def _ok(_: str, request: str) -> Reply:
    body = json.dumps({"status": "success", "request": request}).encode()
    return Reply(200, (("Content-Type", "application/json"), ("ETag", '"v1"')), body)


def _error(vendor: str, request: str) -> Reply:
    reply, known = typical_error(vendor), _request_id(vendor)
    if not (request and known):
        return reply
    fields = tuple((name, value.replace(known, request)) for name, value in reply.fields)
    return evolve(reply, fields=fields, body=reply.body.replace(known.encode(), request.encode()))


def _canary(vendor: str, number: str) -> Reply:
    from gateways.canaries import with_canaries

    return with_canaries(example(vendor, int(number)), vendor)


def _plus(reply: Reply, *fields: tuple[str, str]) -> Reply:
    replaced = {name.lower() for name, _ in fields}
    return evolve(reply, fields=(*(pair for pair in reply.fields if pair[0].lower() not in replaced), *fields))


def _coded(coding: str, encode: Callable[[bytes], bytes]) -> Callable[[str], Reply]:
    def trap(vendor: str) -> Reply:
        reply = typical_error(vendor)
        return evolve(_plus(reply, ("Content-Encoding", coding), ("ETag", '"coded"')), body=encode(reply.body))

    return trap


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # the same bytes at any time


def _brotli(body: bytes) -> bytes:
    """Return *body* as Brotli without compression (:rfc:`7932#section-9.2`): up to 64 KiB in one meta-block."""
    return ((len(body) - 1) << 4 | 1 << 20).to_bytes(3, "little") + body + b"\x03"


def _zstd(body: bytes) -> bytes:
    """Return *body* as Zstandard without compression (:rfc:`8878#section-3.1.1`): one raw block."""
    return b"\x28\xb5\x2f\xfd\xa0" + len(body).to_bytes(4, "little") + (len(body) << 3 | 1).to_bytes(3, "little") + body


def _bomb(_: str) -> Reply:
    body = _gzip(b'{"status": "error", "messages": ["' + b" " * 50_000_000 + b'"]}')
    return Reply(500, (("Content-Type", "application/json"), ("Content-Encoding", "gzip")), body)


def _padded(vendor: str, length: int) -> Reply:
    reply = typical_error(vendor)
    return evolve(_plus(reply, ("Set-Cookie", f"session={CANARY}")), body=reply.body.ljust(length))


def _problem(_: str) -> Reply:
    problem = {
        "type": "https://errors.example/out-of-credit",
        "title": "You do not have enough credit",
        "status": 403,
        "detail": "Your balance is 30, but that costs 50",
        "instance": "/account/12345/msgs/abc",
        "balance": 30,
    }
    return Reply(403, (("Content-Type", "application/problem+json"), ("Content-Language", "en")), json.dumps(problem).encode())


_HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>nginx at 10.1.2.3</h1></body></html>"
_VALIDATORS = (
    ("ETag", '"33a64df5"'),
    ("Last-Modified", "Tue, 10 Nov 2026 09:00:00 GMT"),
    ("Digest", "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
    ("Content-Digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
    ("Repr-Digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
    ("Content-MD5", "Q2hlY2sgSW50ZWdyaXR5IQ=="),
    ("Accept-Ranges", "bytes"),
)
_COOKIES = (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/"))

TRAPS: dict[str, Callable[[str], Reply]] = {
    "html": lambda _: Reply(502, (("Content-Type", "text/html"), ("Server", "nginx")), _HTML),
    "empty": lambda _: Reply(503, (("Retry-After", "7"),)),
    "plain-text": lambda _: Reply(500, (("Content-Type", "text/plain"),), b"Internal Server Error"),
    "no-type": lambda vendor: evolve(typical_error(vendor), fields=()),
    "cut-off": lambda vendor: evolve(typical_error(vendor), body=typical_error(vendor).body[:-9]),
    "too-short": lambda vendor: evolve(typical_error(vendor), declared=len(typical_error(vendor).body) + 100),
    "gzip": _coded("gzip", _gzip),
    "deflate": _coded("deflate", zlib.compress),
    "br": _coded("br", _brotli),
    "zstd": _coded("zstd", _zstd),
    "twice-coded": _coded("deflate, gzip", lambda body: _gzip(zlib.compress(body))),
    "unknown-coding": _coded("x-own", lambda body: body[::-1]),
    "not-gzip": _coded("gzip", lambda body: body),
    "bomb": _bomb,
    "300-kB": lambda vendor: _padded(vendor, 300_000),
    "300-kB-chunked": lambda vendor: evolve(_padded(vendor, 300_000), framing="chunked"),
    "chunked": lambda vendor: evolve(typical_error(vendor), framing="chunked"),
    "until-close": lambda vendor: evolve(typical_error(vendor), framing="close"),
    "trailers": lambda vendor: evolve(
        _plus(typical_error(vendor), ("Trailer", "X-Sum")), framing="chunked", trailers=(("X-Sum", "abc"),)
    ),
    "early-hints": lambda vendor: evolve(typical_error(vendor), hints=(("Link", "</style.css>; rel=preload"),)),
    "problem": _problem,
    "validators": lambda vendor: _plus(typical_error(vendor), *_VALIDATORS),
    "cookies": lambda vendor: _plus(typical_error(vendor), *_COOKIES),
    "odd-status": lambda vendor: evolve(typical_error(vendor), status=499),
    "error-in-200": lambda vendor: evolve(typical_error(vendor), status=200),
    "error-in-200-gzip": lambda vendor: evolve(_coded("gzip", _gzip)(vendor), status=200),
    "error-in-200-chunked": lambda vendor: evolve(typical_error(vendor), status=200, framing="chunked"),
    "success": lambda _: Reply(
        200, (("Content-Type", "application/json"), *_VALIDATORS, *_COOKIES), b'{"status": "success", "n": [1, 2]}'
    ),
    "success-gzip": lambda _: Reply(
        200, (("Content-Type", "application/json"), ("Content-Encoding", "gzip")), _gzip(b'{"ok": true}')
    ),
    "success-300-kB": lambda _: Reply(200, (("Content-Type", "application/json"),), b'{"ok": true}'.ljust(300_000)),
    "success-chunked": lambda _: Reply(200, (("Content-Type", "text/plain"),), b"one two three four", framing="chunked"),
    "success-trailers": lambda _: Reply(
        200, (("Content-Type", "text/plain"), ("Trailer", "X-Sum")), b"one two", "chunked", trailers=(("X-Sum", "abc"),)
    ),
    "success-too-short": lambda _: Reply(200, (("Content-Type", "application/json"),), b'{"ok": true}', declared=100),
    "no-content": lambda _: Reply(204, (("ETag", '"v2"'),)),
    "not-modified": lambda _: Reply(304, (("ETag", '"v2"'), ("Cache-Control", "max-age=60"))),
    "redirect": lambda _: Reply(307, (("Location", "/elsewhere"),)),
}
"""What goes wrong, or must go right, by name: a function of the vendor."""

BREAKING = frozenset({"too-short", "success-too-short"})
"""Those of them whose connection ends too early."""

SLOW_TRAPS = ("sse", "late", "hangs", "hangs-within", "silent", "ticks", "hangs-up")

_KINDS: dict[str, Callable[[str, str], Reply]] = {
    "example": lambda vendor, number: example(vendor, int(number)),
    "canary": _canary,
    "ok": _ok,
    "error": _error,
    "trap": lambda vendor, name: TRAPS[name](vendor),
}
_keep = cache(reply_to)  # a bomb and the canaries take their time


@contextmanager
def serving() -> Iterator[Upstream]:
    """
    Serve on a free port of the loopback interface until the block ends.
    """
    upstream, ready, done = Upstream(), threading.Event(), asyncio.Event()
    closed = socket()
    closed.bind(("127.0.0.1", 0))  # bound and never listening: nobody else gets the port, and connections are refused
    upstream.refusing_port = closed.getsockname()[1]

    async def serve() -> None:
        talks: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = asyncio.create_task(_talk(upstream, reader, writer))
            talks.add(talk)
            talk.add_done_callback(talks.discard)

        server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=512, limit=2**20)
        upstream.port = server.sockets[0].getsockname()[1]
        ready.set()
        await done.wait()
        server.close()
        pending = tuple(talks)
        for talk in pending:
            talk.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        await asyncio.sleep(0.01)  # lets the transports go

    with closed, asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=runner.run, args=(serve(),))
        thread.start()
        ready.wait(30)
        try:
            yield upstream
        finally:
            loop.call_soon_threadsafe(done.set)
            thread.join()


async def _talk(upstream: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        try:
            while await _answer(upstream, reader, writer):
                pass
        finally:
            writer.close()


async def _answer(upstream: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Read a request, answer it, and return whether another one may follow on this connection."""
    line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, version = line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
    path = target.partition("?")[0]
    upstream.open[path] += 1
    try:
        await _read_body(reader, headers)
        upstream.requests[path] += 1
        upstream.received[:] = [*upstream.received[-20:], (method, path, headers)]
        return await _reply(upstream, method, path, headers, version == "HTTP/1.1", reader, writer)
    finally:
        upstream.open[path] -= 1


async def _reply(
    upstream: Upstream,
    method: str,
    path: str,
    headers: dict[str, str],
    modern: bool,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> bool:
    _, vendor, kind, name, *_ = [*path.split("/"), "", "", ""]
    if kind == "trap" and name in SLOW_TRAPS and vendor in VENDORS:
        await _answer_slowly(name, vendor, upstream, reader, writer)
        return False
    reply = (reply_to if kind in {"ok", "error"} else _keep)(path)
    if reply.framing == "chunked" and not modern:
        reply = evolve(reply, framing="close")
    keeps = modern and headers.get("connection", "").lower() != "close" and reply.framing != "close" and reply.declared is None
    writer.write(_head(reply, keeps=keeps, hints=modern))
    if method != "HEAD" and reply.status not in _BODILESS:
        writer.write(_chunks(reply) if reply.framing == "chunked" else reply.body)
    await writer.drain()
    return keeps


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> None:
    if "chunked" in headers.get("transfer-encoding", ""):
        while length := int((await reader.readline()).partition(b";")[0], 16):
            await reader.readexactly(length + 2)
        while (await reader.readline()).strip():
            pass
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))


async def _answer_slowly(
    name: str, vendor: str, upstream: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if name == "hangs-up":
        writer.transport.abort()
        return
    if name in {"sse", "silent", "ticks"}:
        fields = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"))
        writer.write(_head(Reply(200, fields, framing="close"), keeps=False, hints=False) + EVENTS[0])
    elif name != "hangs":
        reply = secretive_error(vendor)
        middle = len(reply.body) // 2
        writer.write(_head(reply, keeps=False, hints=False) + (b"" if name == "late" else reply.body[:middle]))
    await writer.drain()
    if name == "sse":
        await _set(upstream.event_was_read)
        writer.write(EVENTS[1])
    elif name == "late":
        await asyncio.sleep(LATE)
        writer.write(secretive_error(vendor).body)
    else:
        upstream.somebody_waits.set()
        while not (upstream.released.is_set() or reader.at_eof() or writer.is_closing()):
            await asyncio.sleep(TICK if name == "ticks" else 0.01)
            if name == "ticks":
                writer.write(EVENTS[1])
                await writer.drain()


async def _set(event: threading.Event) -> None:
    while not event.is_set():  # it is set by another thread
        await asyncio.sleep(0.01)


def _head(reply: Reply, *, keeps: bool, hints: bool) -> bytes:
    fields = list(reply.fields)
    if reply.framing == "chunked":
        fields.append(("Transfer-Encoding", "chunked"))
    elif reply.framing == "length" and reply.status not in _BODILESS:
        fields.append(("Content-Length", str(len(reply.body) if reply.declared is None else reply.declared)))
    if not keeps:
        fields.append(("Connection", "close"))
    reason = reply.reason if reply.reason is not None else _reason(reply.status)
    head = _lines(f"HTTP/1.1 {reply.status} {reason}", fields)
    return _lines("HTTP/1.1 103 Early Hints", reply.hints) + head if reply.hints and hints else head


def _lines(first: str, fields: list[tuple[str, str]] | Fields) -> bytes:
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in fields), "", ""]).encode("latin-1")


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in _STATUSES else "Unassigned"


_STATUSES = frozenset(HTTPStatus)


def _chunks(reply: Reply) -> bytes:
    step = max(_CHUNK, len(reply.body) // 100)
    parts = [reply.body[start : start + step] for start in range(0, len(reply.body), step)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return chunks + _lines("0", reply.trailers)
