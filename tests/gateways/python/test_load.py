from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from errortax import Translator
from gateways.client import ask, free_port
from gateways.hosts import Settings, started
from gateways.python.servers import environment
from gateways.upstream import Upstream, reply_to

REQUESTS = int(os.environ.get("ERRORTAX_LOAD", "5000"))
CONNECTIONS = 16
ERRORS = 10  # one request in so many
OVERLAY = Path(__file__).parents[3] / "schemas" / "vendors" / "gopoints.json"
"""What each new registry reads anew."""


def path_of(number: int) -> str:
    """Return what the request of that *number* asks for."""
    return f"/gopoints/{'error' if number % ERRORS == 0 else 'ok'}/req-{number}"


def answers_to(number: int) -> list[tuple[int, object]]:
    """Return status and document of each answer that would be right: that of either translator."""
    reply = reply_to(path_of(number))
    if reply.status < 400:
        return [(reply.status, json.loads(reply.body))]
    answers = [translator.translate(reply.raw, "gopoints") for translator in TRANSLATORS]
    return [(answer.status or 0, json.loads(answer.body or b"")) for answer in answers if answer]


TRANSLATORS = (Translator(expose="public"), Translator(expose="developer"))


async def load(port: int, numbers: range, seen: Counter[str]) -> None:
    """Send the requests of these *numbers* over a few connections, and count what comes."""
    waiting = iter(numbers)

    async def talk() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in waiting:
            writer.write(f"GET {path_of(number)} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.rstrip().split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
            document = json.loads(await reader.readexactly(int(fields["content-length"])))
            found = int(line.split(" ")[1]), document
            seen["wrong"] += found not in answers_to(number)
            seen["errors" if found[0] >= 400 else "successes"] += 1
            seen["with a request id"] += "request_id" in document
        writer.close()
        await writer.wait_closed()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(talk())


def memory(pid: int) -> int:
    """Return how many kB of memory a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_load(upstream: Upstream, record_property: Callable[[str, object], None]) -> None:
    """
    While translators and registries change under way no answer is lost or garbled, and memory stays flat.
    """
    port, seen = free_port(), Counter[str]()
    command = [sys.executable, "-m", "uvicorn", "swapping_gateway:app", "--port", str(port), "--no-access-log"]
    surroundings = environment(upstream, Settings()) | {"OVERLAY": str(OVERLAY)}
    with started(command, port, environment=surroundings) as server:
        warm = REQUESTS // 2
        asyncio.run(load(port, range(warm), seen))
        before, begin = memory(server.pid), time.perf_counter()
        asyncio.run(load(port, range(warm, REQUESTS), seen))
        seconds, after = time.perf_counter() - begin, memory(server.pid)
        swaps = int(ask(port, "/swaps").body)
    row = {"uvicorn": f"{REQUESTS} requests", "errors": seen["errors"], "swaps": swaps, "wrong answers": seen["wrong"]}
    row |= {"per second": round((REQUESTS - warm) / seconds), "memory": f"{before} kB at half time, {after} kB at the end"}
    record_property("load", row)
    assert seen["wrong"] == 0
    assert seen["errors"] + seen["successes"] == REQUESTS
    assert len(range(0, REQUESTS, ERRORS)) == seen["errors"]
    assert 0 < seen["with a request id"] < seen["errors"]
    assert swaps > 2
    assert after <= before * 1.1 + 4096
