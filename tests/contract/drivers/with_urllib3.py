"""
urllib3: the hook on what a pool returns, and a `Retry` that sends only once.
"""

from __future__ import annotations

import urllib3

from contract.calls import Answer, Call, Client, trust
from errortax import Headers
from errortax.integrations.urllib3 import Retry, error_of, hook, raising


def blocking() -> Client:
    """Drive a ``PoolManager``."""

    def raises(call: Call) -> Answer:
        check = hook(call.vendor, inspect_success=call.inspect_success)
        known = {"method": call.method, "idempotency_key": "Idempotency-Key" in Headers(call.headers)}
        once = Retry(call.vendor, attempts=1)  # so that exceptions know what came before
        with raising(call.vendor, **known), _pool(call) as pool, _send(pool, call, once) as response:
            check(response, **known)
            return Answer(response.status, _read(response, call))

    def attaches(call: Call) -> Answer:
        once = Retry(call.vendor, inspect_success=call.inspect_success, attempts=1)
        with _pool(call) as pool, _send(pool, call, once) as response:
            error = error_of(response, call.vendor)  # before the body is read: what was attached, not what it would be
            return Answer(response.status, b"" if call.unread else _read(response, call), error)

    return Client(raises, error_of, attaches)


def _pool(call: Call) -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=call.seconds, ssl_context=trust(call.authority))


def _send(pool: urllib3.PoolManager, call: Call, retries: urllib3.Retry) -> urllib3.BaseHTTPResponse:
    return pool.request(
        call.method, call.url, body=call.content, headers=dict(call.headers), retries=retries, preload_content=False
    )


def _read(response: urllib3.BaseHTTPResponse, call: Call) -> bytes:
    if call.on_first_chunk is None:
        return response.read()
    first = response.read1()
    call.on_first_chunk()
    return first + response.read()
