"""
The ASGI gateway of the examples, with a translator that changes under way; ``/swaps`` tells how often it did.
"""

from __future__ import annotations

import asyncio
import os
from itertools import cycle

from asgi_gateway import OPTIONS, VENDORS, Message, Receive, Send
from asgi_gateway import app as gateway

import errortax

EVERY = 250
"""Requests after which the translator changes; a new registry comes with every second one."""

_audiences = cycle(["public", "developer"])
_requests = _swaps = 0
_tasks: set[asyncio.Task[None]] = set()


async def _swap() -> None:
    global _swaps  # noqa: PLW0603  # a module is the app that a server finds by its name
    audience = next(_audiences)
    registry = await asyncio.to_thread(errortax.load_registry, os.environ["OVERLAY"]) if audience == "public" else None
    gateway.translator = errortax.Translator(vendor=VENDORS, registry=registry, **{**OPTIONS, "expose": audience})
    _swaps += 1


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Serve as the gateway does, and count."""
    global _requests  # noqa: PLW0603  # as above
    if scope.get("path") == "/swaps":
        body = str(_swaps).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})
        return
    _requests += 1
    if _requests % EVERY == 0:
        task = asyncio.create_task(_swap())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    await gateway(scope, receive, send)
