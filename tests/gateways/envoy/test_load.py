from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateways.envoy.running import Gateway, gateway, replaced
from gateways.python.test_load import ERRORS, OVERLAY, REQUESTS, load, memory
from gateways.upstream import Upstream

EVERY = REQUESTS // 8
"""How many answers there are between two reloads, however fast the machine is."""


@contextmanager
def reloads(running: Gateway, seen: Counter[str]) -> Iterator[list[str]]:
    """Change the configuration and have it read anew, again and again, until the block ends; yield who may see the answers."""
    over, done = threading.Event(), list[str]()
    text = running.configuration.read_text()

    def reload() -> None:
        while not over.wait(0.01):
            if seen["errors"] + seen["successes"] < EVERY * (len(done) + 1):
                continue
            audience = ("public", "developer")[len(done) % 2]
            changes = {'expose = "developer"': f'expose = "{audience}"\nregistry = ["{OVERLAY}"]'}
            temporary = running.configuration.with_suffix(".new")
            temporary.write_text(replaced(text, changes))
            temporary.replace(running.configuration)
            running.signal(signal.SIGHUP)
            done.append(audience)

    thread = threading.Thread(target=reload)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def test_load(upstream: Upstream, record_property: Callable[[str, object], None]) -> None:
    """
    While configuration and vendors are reloaded no answer is lost or garbled or left untranslated, and memory stays flat.
    """
    seen, warm = Counter[str](), REQUESTS // 2
    with gateway(upstream) as running, reloads(running, seen) as done:
        asyncio.run(load(running.port, range(warm), seen))
        before, begin = memory(running.processor.pid), time.perf_counter()
        asyncio.run(load(running.port, range(warm, REQUESTS), seen))
        seconds, after = time.perf_counter() - begin, memory(running.processor.pid)
        stats = running.stats()
    row = {"Envoy": f"{REQUESTS} requests", "errors": seen["errors"], "swaps": len(done), "wrong answers": 0}
    row |= {"per second": round((REQUESTS - warm) / seconds), "memory": f"{before} kB at half time, {after} kB at the end"}
    record_property("load", row)
    assert REQUESTS == seen["errors"] + seen["successes"]
    assert len(range(0, REQUESTS, ERRORS)) == seen["errors"] == stats["http.gateway.ext_proc.immediate_responses_sent"]
    assert 0 < seen["with a request id"] < seen["errors"], "both configurations were in force"
    assert len(done) > 2
    assert after <= before * 1.1 + 4096
