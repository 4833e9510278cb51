"""
A night in short: requests with reloads, callers that hang up and upstreams that stall, through each kind of host.

The environment variable ``ERRORTAX_NIGHT`` is the number of requests for each host; a hundred thousand is a whole night.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gateways.client import free_port, wait_until
from gateways.envoy.running import gateway as envoy
from gateways.hosts import Settings, started
from gateways.python.servers import COMMANDS, environment
from gateways.python.test_load import OVERLAY, answers_to, memory, path_of
from gateways.upstream import CANARY, Upstream, secretive_error

REQUESTS = int(os.environ.get("ERRORTAX_NIGHT", "100"))
CONNECTIONS = 16
SHORT = Settings(timeout=2.0)
STREAM, STALL = "/gopoints/trap/ticks", "/gopoints/trap/hangs-within"


async def spend(port: int, numbers: range, seen: Counter[str]) -> None:
    """Send the requests of these *numbers*: every tenth caller hangs up, every hundredth upstream stalls."""
    waiting = iter(numbers)

    async def talk() -> None:
        for number in waiting:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            path = STREAM if number % 10 == 1 else STALL if number % 100 == 2 else path_of(number)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = int(head.split(" ")[1])
            if path == STREAM:
                seen["hang-ups"] += 1
                seen["wrong"] += status != 200
            else:
                body = await reader.readexactly(int(head.lower().partition("content-length: ")[2].partition("\r")[0]))
                seen["leaks"] += CANARY in head or CANARY.encode() in body
                if path == STALL:
                    seen["stalls"] += 1
                    seen["wrong"] += status != secretive_error("gopoints").status
                else:
                    seen["wrong"] += (status, json.loads(body)) not in answers_to(number)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            seen["all"] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(talk())


@contextmanager
def python(name: str, upstream: Upstream) -> Iterator[tuple[int, Callable[[], list[int]]]]:
    """Run the example under a server; yield its port, and a function that returns the processes."""
    port = free_port()
    app = "wsgi_gateway:app" if name == "gunicorn" else "swapping_gateway:app"
    command = [app if word.endswith("_gateway:app") else word for word in COMMANDS[name](port)]
    with started(command, port, environment=environment(upstream, SHORT) | {"OVERLAY": str(OVERLAY)}) as process:
        yield port, lambda: _family(process.pid)


def _family(pid: int) -> list[int]:
    """Return a process and those that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in _family(int(child)))]


@contextmanager
def reloaded_envoy(upstream: Upstream) -> Iterator[tuple[int, Callable[[], list[int]]]]:
    """Run Envoy with a processor that reads its configuration anew every second."""
    over = threading.Event()
    with envoy(upstream, SHORT) as running:

        def reload() -> None:
            while not over.wait(1):
                running.signal(signal.SIGHUP)

        thread = threading.Thread(target=reload)
        thread.start()
        try:
            yield running.port, lambda: [running.processor.pid]
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("name", ["uvicorn", "granian", "hypercorn", "gunicorn", "Envoy"])
def test_night(name: str, upstream: Upstream, record_property: Callable[[str, object], None]) -> None:
    """
    No answer is wrong, nothing leaks, no connection to an upstream stays, and memory stays flat.
    """
    seen, first = Counter[str](), REQUESTS // 5
    upstream.released.clear()
    with reloaded_envoy(upstream) if name == "Envoy" else python(name, upstream) as (port, processes):
        asyncio.run(spend(port, range(first), seen))
        before = sum(map(memory, processes()))
        asyncio.run(spend(port, range(first, REQUESTS), seen))
        wait_until(lambda: not upstream.open[STREAM] + upstream.open[STALL], "the end of all requests to upstreams", 5)
        after = sum(map(memory, processes()))
    kinds = ("all", "hang-ups", "stalls", "wrong", "leaks")
    record_property("load", {"host": name, **{kind: seen[kind] for kind in kinds}, "memory": f"{before} kB, then {after} kB"})
    assert (REQUESTS, 0, 0) == (seen["all"], seen["wrong"], seen["leaks"])
    assert after <= before * 1.05 + (4096 if REQUESTS < 10_000 else 0)  # a short night is all beginning
