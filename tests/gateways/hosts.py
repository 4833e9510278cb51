"""
What a host of the contract suite is: how to start it, and what it cannot do.

A suite of a host is a file like this one, next to what starts the host::

    from gateways.cases import CASES, Case, check
    from gateways.hosts import Fleet, Host, Settings, started

    @contextmanager
    def serve(upstream: Upstream, settings: Settings) -> Iterator[int]:      # yields the port of the gateway
        ...                                                                  # settings.options are those of `errortax.Translator`

    HOST = Host("Envoy", serve, lacks={Ability.TRAILERS: Instead.UNTOUCHED})

    @pytest.mark.parametrize("case", CASES, ids=str)
    @pytest.mark.parametrize("host", [HOST], ids=str)
    def test_case(host: Host, case: Case, fleet: Fleet) -> None:             # the fixture `fleet` keeps gateways running
        check(case, host, fleet)

What was checked is printed at the end, a line for each scenario, a column for each host.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import Enum, auto
from pathlib import Path
from typing import Any

from attrs import field, frozen

from gateways.client import listens, wait_until
from gateways.upstream import VENDORS, Upstream

DOWN = "/down/"
"""The beginning of the paths that lead to a server which refuses connections."""


class Ability(Enum):
    """Name what a host has to be able to do in a case."""

    BODY = auto()
    """Find the vendor's code, and all else that decides, in a JSON body."""
    CONDITIONS = auto()
    """Look into the body beyond the code: variants of an entry, the shape of the envelope."""
    FIELD_ERRORS = auto()
    REQUEST_ID = auto()
    """Find the request id in headers and body."""
    DELAYS = auto()
    """Find out how long to wait: dates, headers of other names, the vendor's least delay."""
    DECODING = auto()
    """Decompress bodies."""
    LOCALE = auto()
    """Answer in the caller's language."""
    INSPECTION = auto()
    """Find an error inside a success."""
    STATUS = auto()
    """Answer with another status than the upstream did."""
    REASON = auto()
    """Send a reason phrase of its own."""
    FAILURES = auto()
    """Answer for an upstream that does not, in the canonical format."""
    STALLED = auto()
    """Decide by the head of an error if its body does not come."""
    BROKEN = auto()
    """Decide by the head of an error if its body breaks off."""
    UPLOADS = auto()
    """Pass a request's body on as it comes."""
    CALLERS = auto()
    """Learn that a caller has left while there is nothing to send to it."""


class Instead(Enum):
    """Say what comes out where a host cannot do what a case needs."""

    UNTOUCHED = auto()
    """What the upstream sent, byte for byte."""
    BY_STATUS = auto()
    """What the status alone means: the answer to a response whose body nobody has read."""
    BROKEN = auto()
    """An answer that breaks off."""
    FAILURE = auto()
    """The answer for an upstream that has not answered."""
    LESS = auto()
    """The answer less what the host did not find: the members and header fields that are there are right."""


@frozen
class Settings:
    """Hold what differs from gateway to gateway: options of `errortax.Translator`, and how long an upstream may take."""

    to: str = "problem+json"
    expose: str = "developer"
    inspect_success: bool = False
    too_long: str = "status"
    shadow: bool = False
    timeout: float = 30.0

    @property
    def options(self) -> dict[str, Any]:
        """Return the arguments for the translator, the vendors aside."""
        own = {"to": self.to, "expose": self.expose, "inspect_success": self.inspect_success}
        return own | {"too_long": self.too_long, "shadow": self.shadow}

    @property
    def vendors(self) -> dict[str, str]:
        """Return the prefixes of paths, and whose errors come from there."""
        return {f"/{vendor}/": vendor for vendor in VENDORS}

    def upstreams(self, upstream: Upstream) -> dict[str, str]:
        """Return the prefixes of paths, and where they lead to."""
        down = {DOWN: f"http://127.0.0.1:{upstream.refusing_port}"}
        return dict.fromkeys(self.vendors, f"http://127.0.0.1:{upstream.port}") | down

    def environment(self, upstream: Upstream) -> dict[str, str]:
        """Return the environment variables with which the examples in Python are set up."""
        return {
            "GATEWAY_UPSTREAMS": json.dumps(self.upstreams(upstream)),
            "GATEWAY_VENDORS": json.dumps(self.vendors),
            "GATEWAY_OPTIONS": json.dumps(self.options),
            "GATEWAY_TIMEOUT": str(self.timeout),
        }


Serve = Callable[[Upstream, Settings], AbstractContextManager[int]]


@frozen
class Host:
    """
    Know how to *serve*, and what the host *lacks*.

    *members* are the members of a problem that it can write, None for all. *fields* False is for a host whose answers
    have header fields of its own making: only their media type is looked at.
    """

    name: str
    serve: Serve
    lacks: Mapping[Ability, Instead] = field(factory=dict)
    members: frozenset[str] | None = None
    fields: bool = True

    def __str__(self) -> str:
        return self.name


class Fleet:
    """Keep one upstream and the gateways that were asked for running until the end of the tests."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self._ports: dict[tuple[str, Settings], int] = {}
        self._stack = ExitStack()

    def port(self, host: Host, settings: Settings) -> int:
        """Return where *host* serves with these *settings*."""
        key = host.name, settings
        if key not in self._ports:
            self._ports[key] = self._stack.enter_context(host.serve(self.upstream, settings))
        return self._ports[key]

    def close(self) -> None:
        """Stop them all."""
        self._stack.close()


@contextmanager
def started(
    command: list[str],
    port: int,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    ready: Callable[[], bool] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """
    Run a *command* that listens on *port* until the block ends; a failure of the block tells what it has printed.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env={**os.environ, **(environment or {})}, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )

        def printed() -> str:
            log.seek(0)
            return log.read()[-4000:].decode(errors="replace")

        def is_ready() -> bool:
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            return listens(port) if ready is None else ready()

        try:
            wait_until(is_ready, f"{command} to listen on {port}")
            yield process
        except AssertionError as failure:
            failure.add_note(f"{command[0]} printed: {printed()}")
            raise
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
