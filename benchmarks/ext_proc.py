"""
How much longer an error takes through Envoy with errortax behind it than with the smallest processor there can be.

    ENVOY=/path/to/envoy python benchmarks/ext_proc.py

The smallest one looks at nothing and answers with a constant. Both stand behind the same Envoy configuration, on this
machine, and take turns. The bar: the median for an error is at most 1.2 times as long.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from io import BufferedReader
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

BAR = 1.2
ROUNDS, PER_ROUND, WARM_UP = 100, 20, 200
UNCHECKED = {  # the smallest processor knows nothing of health
    "- { timeout: 1s, interval: 1s, no_traffic_interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, "
    "grpc_health_check: {} }": "[]"
}
PATHS = {"error": "/gopoints/error", "success": "/gopoints/ok"}


def smallest(listen: str) -> None:
    """Serve the smallest processor: ask for each error's body, and answer with a constant."""
    import grpc
    from envoy.extensions.filters.http.ext_proc.v3.processing_mode_pb2 import ProcessingMode
    from envoy.service.ext_proc.v3 import external_processor_pb2 as messages
    from envoy.service.ext_proc.v3 import external_processor_pb2_grpc as services

    hold = messages.ProcessingResponse(
        response_headers=messages.HeadersResponse(),
        mode_override=ProcessingMode(response_body_mode=ProcessingMode.BUFFERED_PARTIAL),
    )
    constant = messages.ProcessingResponse(immediate_response=messages.ImmediateResponse(body=b'{"title": "failed"}'))
    constant.immediate_response.status.code = 500

    class Smallest(services.ExternalProcessorServicer):
        async def Process(self, requests: AsyncIterable[Any], _: object) -> AsyncIterator[Any]:
            async for request in requests:
                yield constant if request.HasField("response_body") else hold

    async def serve() -> None:
        server = grpc.aio.server()
        services.add_ExternalProcessorServicer_to_server(Smallest(), server)
        server.add_insecure_port(listen)
        await server.start()
        await server.wait_for_termination()

    asyncio.run(serve())


@contextmanager
def gateways() -> Iterator[dict[str, int]]:
    """Run both gateways; yield their ports and that of the upstream."""
    from gateways.client import free_port, wait_until
    from gateways.envoy.running import envoy_with, gateway, is_asked
    from gateways.hosts import started
    from gateways.upstream import serving

    listen = free_port()
    command = [sys.executable, __file__, f"127.0.0.1:{listen}"]
    with (
        serving() as upstream,
        gateway(upstream) as ours,
        started(command, listen),
        envoy_with(upstream, listen, changes=UNCHECKED) as (port, admin),
    ):
        wait_until(lambda: is_asked(admin), "Envoy to find the smallest processor")
        yield {"upstream alone": upstream.port, "smallest": port, "errortax": ours.port}


def asker(port: int, path: str, stream: BufferedReader, send: Callable[[bytes], object]) -> Callable[[], float]:
    """Return a function that sends a request on an open connection, reads the answer, and returns how long that took."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()

    def ask() -> float:
        start = perf_counter()
        send(request)
        length = 0
        while (line := stream.readline()) != b"\r\n":
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        stream.read(length)
        return perf_counter() - start

    return ask


def measured(ports: dict[str, int], path: str) -> dict[str, list[float]]:
    """Return the times of requests for *path*, by gateway; they take turns, since the machine's speed changes."""
    times: dict[str, list[float]] = {name: [] for name in ports}
    connections = {name: socket.create_connection(("127.0.0.1", port)) for name, port in ports.items()}
    askers = {}
    for name, connection in connections.items():
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        askers[name] = asker(ports[name], path, connection.makefile("rb"), connection.sendall)
    for ask in askers.values():
        for _ in range(WARM_UP):
            ask()
    for _ in range(ROUNDS):
        for name, ask in askers.items():
            times[name] += [ask() for _ in range(PER_ROUND)]
    for connection in connections.values():
        with closing(connection):
            pass
    return times


def main() -> int:
    """Print the table and return 1 where the bar is missed."""
    with gateways() as ports:
        found = {what: measured(ports, path) for what, path in PATHS.items()}
    print(f"{'through':16}" + "".join(f"{what + ' p50':>14}{'p99':>10}" for what in found))
    for name in ports:
        print(
            f"{name:16}"
            + "".join(f"{median(t[name]) * 1e6:11.0f} µs{quantiles(t[name], n=100)[98] * 1e6:7.0f} µs" for t in found.values())
        )
    ratio = median(found["error"]["errortax"]) / median(found["error"]["smallest"])
    print(f"an error, errortax / smallest: {ratio:.2f} (bar {BAR})")
    return int(ratio > BAR)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        smallest(sys.argv[1])
    sys.exit(main())
