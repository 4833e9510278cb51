"""
The log-in of the page for httpx, as the page shows it, under concurrent requests and with refresh tokens that are good once.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from attrs import define, field

import errortax
from errortax.exceptions import CredentialsInvalid, VendorError
from errortax.integrations.httpx import error_of, transport
from errortax.testing import fake
from pages import blocks

PAGE = "docs/how-to/use-with-httpx.md"
CALLS = 10
EXPIRED, DEAD = fake("gopoints", "auth.token.expired"), fake("gopoints", "auth.token.invalid")


def refreshing(*arguments):
    """Return an object of the page's class."""
    [block] = [block.code for block in blocks(PAGE) if "class Refreshing" in block.code]
    names = {"httpx": httpx, "errortax": errortax, "error_of": error_of, "VendorError": VendorError}
    exec(block, names)  # noqa: S102  # the page's own code
    return names["Refreshing"](*arguments)


@define
class Vendor:
    """A vendor that accepts the current token, and each refresh token once; the first calls are refused all together."""

    token: str = "second"
    refresh_token: str = "r-1"
    counts: Counter = field(factory=Counter)
    together: threading.Barrier = field(factory=lambda: threading.Barrier(CALLS))
    lock: threading.Lock = field(factory=threading.Lock)

    def points(self, authorization):
        """Return status and body for a request with these credentials."""
        if authorization == "Bearer first":
            self.together.wait(20)
        fine = authorization == f"Bearer {self.token}"
        self.counts["fine" if fine else "refused"] += 1
        return (200, b'{"points": 120}') if fine else (401, EXPIRED.body)

    def renew(self, refresh_token):
        """Return status and body for a new token."""
        with self.lock:
            self.counts["renewals"] += 1
            if refresh_token != self.refresh_token:
                return 401, DEAD.body
            self.refresh_token = "r-2"
            return 200, json.dumps({"access_token": self.token, "refresh_token": self.refresh_token}).encode()


@contextmanager
def serving(vendor: Vendor) -> Iterator[str]:
    """Serve the *vendor* on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(*vendor.points(self.headers["Authorization"]))

        def do_POST(self):
            form = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(*vendor.renew(form["refresh_token"]))

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def call_blocking(url, refresh_token):
    """Return what ten calls at once return or raise."""
    auth = refreshing("first", refresh_token, url)
    with httpx.Client(transport=transport(httpx.HTTPTransport(), "gopoints"), auth=auth) as client:

        def call():
            try:
                return client.get(url).json()
            except VendorError as refused:
                return refused

        with ThreadPoolExecutor(CALLS) as pool:
            return [future.result() for future in [pool.submit(call) for _ in range(CALLS)]]


def call_async(url, refresh_token):
    """Do the same with an asynchronous client."""

    async def main():
        auth = refreshing("first", refresh_token, url)
        limited = transport(httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=2 * CALLS)), "gopoints")
        async with httpx.AsyncClient(transport=limited, auth=auth) as client:
            answers = await asyncio.gather(*(client.get(url) for _ in range(CALLS)), return_exceptions=True)
        return [answer.json() if isinstance(answer, httpx.Response) else answer for answer in answers]

    return asyncio.run(main())


@pytest.mark.parametrize("call", [call_blocking, call_async])
def test_one_renewal(call):
    """
    Ten calls that are refused at once lead to one renewal, and all of them succeed.
    """
    vendor = Vendor()
    with serving(vendor) as url:
        assert [{"points": 120}] * CALLS == call(url, "r-1")
    assert {"refused": CALLS, "renewals": 1, "fine": CALLS} == vendor.counts


@pytest.mark.parametrize("call", [call_blocking, call_async])
def test_dead_refresh_token(call):
    """
    A refresh token that is refused is tried once, and each call ends with that error.
    """
    vendor = Vendor()
    with serving(vendor) as url:
        assert [CredentialsInvalid] * CALLS == [type(answer) for answer in call(url, "r-0")]
    assert {"refused": CALLS, "renewals": 1} == vendor.counts
