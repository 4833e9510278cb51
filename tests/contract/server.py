"""
A real server on this machine that answers with the catalogue's examples, or behaves as badly as servers do.
"""

from __future__ import annotations

import asyncio
import atexit
import gzip
import json
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from socket import socket

import trustme
from aiohttp import web

from errortax import RawResponse
from scenarios import examples

_CHUNK = 7  # bytes; no example fits in one


class Server:
    """
    The addresses of the server, and the number of its requests. ``/example/VENDOR/NUMBER`` answers with one of
    `examples`. The query decides how: ``how=gzip`` or ``how=chunked``; ``id=X`` counts the requests, and ``fails=N`` lets
    the N+1st and all later ones succeed.
    """

    def __init__(self) -> None:
        self.port, self.tls_port = 0, 0
        self.authority = ""
        self.requests: Counter[str] = Counter()
        self.first_chunk_was_read = threading.Event()
        self.somebody_waits = threading.Event()

    def url(self, path: str) -> str:
        """Return the address of *path*."""
        return f"http://127.0.0.1:{self.port}{path}"

    def tls_url(self, path: str) -> str:
        """Return the address of *path* on the server with the test's own certificate."""
        return f"https://localhost:{self.tls_port}{path}"


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """
    Serve on free ports of the loopback interface until the block ends; certificates are written to *folder*.
    """
    server, ready, done = Server(), threading.Event(), asyncio.Event()
    authority = trustme.CA()
    server.authority = str(folder / "authority.pem")
    authority.cert_pem.write_to_path(server.authority)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    async def serve() -> None:
        site = web.AppRunner(_application(server), shutdown_timeout=0.1)
        await site.setup()
        for attribute, tls in (("port", None), ("tls_port", context)):
            listener = socket()
            listener.bind(("127.0.0.1", 0))
            setattr(server, attribute, listener.getsockname()[1])
            await web.SockSite(site, listener, ssl_context=tls).start()
        ready.set()
        await done.wait()
        await site.cleanup()

    def run() -> None:
        try:
            runner.run(serve())
        finally:
            ready.set()  # even if it failed, nobody waits for ever

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:  # its end cancels whoever still lets a client wait
        loop = runner.get_loop()
        thread = threading.Thread(target=run)
        thread.start()
        ready.wait()
        try:
            yield server
        finally:
            loop.call_soon_threadsafe(done.set)
            thread.join()


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _application(server: Server) -> web.Application:
    application = web.Application()

    def route(path: str, answer: _Handler) -> None:
        async def counting(request: web.Request) -> web.StreamResponse:
            server.requests[request.query.get("id", "")] += 1
            return await answer(request)

        application.router.add_route("*", path, counting)

    for path, answer in (_well_behaved(server) | _misbehaved(server)).items():
        route(path, answer)
    return application


def _well_behaved(server: Server) -> dict[str, _Handler]:
    async def example(request: web.Request) -> web.StreamResponse:
        if "fails" in request.query and server.requests[request.query.get("id", "")] > int(request.query["fails"]):
            return web.json_response({"ok": True})
        raw = examples(request.match_info["vendor"])[int(request.match_info["number"])]
        return await _send(request, raw, request.query.get("how", "plain"))

    async def redirect(request: web.Request) -> web.StreamResponse:
        """Send elsewhere, with a body that must not be taken for an error."""
        headers = {"Location": request.query["to"], "Content-Type": "application/json"}
        body = b'{"status": "session-expired"}'
        return await _send(request, RawResponse(int(request.query.get("status", "302")), headers, body), "plain")

    async def success(request: web.Request) -> web.StreamResponse:
        """Answer 200 with the body that the query gives and as much white space after it as asked for."""
        body = request.query.get("body", '{"ok": true}').encode()
        padding = b" " * int(request.query.get("padding", "0"))
        headers = {"Content-Type": request.query.get("type", "application/json")}
        return await _send(request, RawResponse(200, headers, body + padding), request.query.get("how", "plain"))

    async def stream(request: web.Request) -> web.StreamResponse:
        """Send one half, and the other when the client has read the first."""
        server.first_chunk_was_read.clear()
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"status": ')
        while not server.first_chunk_was_read.is_set():
            await asyncio.sleep(0.01)
        await response.write(b'"session-expired"}')
        await response.write_eof()
        return response

    async def refusal(request: web.Request) -> web.StreamResponse:
        """Refuse the credentials of a request, and repeat them."""
        sent = [request.headers.get(name, "nothing") for name in ("Authorization", "X-Api-Key")]
        body = json.dumps({"status": "invalid-token", "message": f"unknown: {', '.join(sent)}"}).encode()
        return await _send(request, RawResponse(401, {"Content-Type": "application/json"}, body), "plain")

    async def headers(request: web.Request) -> web.StreamResponse:
        """Answer with the status, the fields (``h=Name: value``, as many as there are) and the body that the query gives."""
        query = request.query
        fields = [(name, value.strip()) for name, _, value in (field.partition(":") for field in query.getall("h", []))]
        raw = RawResponse(int(query.get("status", "200")), fields, query.get("body", "").encode())
        return await _send(request, raw, query.get("how", "plain"))

    return {
        "/example/{vendor}/{number}": example,
        "/headers": headers,
        "/redirect": redirect,
        "/refusal": refusal,
        "/stream": stream,
        "/success": success,
    }


def _misbehaved(server: Server) -> dict[str, _Handler]:
    async def large(request: web.Request) -> web.StreamResponse:
        """Send as many bytes as asked for, in chunks, or declare them; ``withheld`` is all that never comes."""
        length, declared = int(request.query["length"]), "chunked" not in request.query
        response = web.StreamResponse(
            status=int(request.query.get("status", "500")), headers={"Content-Type": "application/json"}
        )
        if declared:
            response.content_length = length
        await response.prepare(request)
        if "withheld" in request.query:
            await response.write(b"{")
            await asyncio.sleep(600)
        await response.write(b" " * length)
        await response.write_eof()
        return response

    async def hang_up(request: web.Request) -> web.StreamResponse:
        """Promise more than is sent, or send nothing at all."""
        if request.query.get("after") == "headers":
            response = web.StreamResponse(status=int(request.query.get("status", "200")), headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"status": "session-ex')
            await asyncio.sleep(0.05)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def nothing(_: web.Request) -> web.StreamResponse:
        server.somebody_waits.set()
        await asyncio.sleep(600)
        return web.Response()

    async def broken_gzip(_: web.Request) -> web.StreamResponse:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(status=500, body=b"this is not compressed", headers=headers)

    return {"/broken-gzip": broken_gzip, "/hang-up": hang_up, "/large": large, "/nothing": nothing}


async def _send(request: web.Request, raw: RawResponse, how: str) -> web.StreamResponse:
    assert raw.status is not None
    body = raw.body if isinstance(raw.body, bytes) else b""
    headers = [(name, value) for name in raw.headers for value in raw.headers.get_all(name)]
    if how == "gzip":
        body = gzip.compress(body)
        headers.append(("Content-Encoding", "gzip"))
    response = web.StreamResponse(status=raw.status, headers=headers)
    if how == "chunked":
        response.enable_chunked_encoding()
    elif raw.status not in (204, 304):
        response.content_length = len(body)
    await response.prepare(request)
    if request.method != "HEAD" and raw.status not in (204, 304):
        for start in range(0, len(body), _CHUNK) if how == "chunked" else (0,):
            await response.write(body[start : start + _CHUNK] if how == "chunked" else body)
    await response.write_eof()
    return response


@cache
def refused_url() -> str:
    """
    Return an address at which no server listens.
    """
    unused = socket()
    unused.bind(("127.0.0.1", 0))
    atexit.register(unused.close)  # until then nobody else gets the port
    return f"http://127.0.0.1:{unused.getsockname()[1]}/"
