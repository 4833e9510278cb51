"""
HAProxy with the files that the exporter makes and the configuration of the example.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from click.testing import CliRunner

from errortax.cli.exporting import export
from gateways.client import free_port
from gateways.hosts import Settings, started
from gateways.upstream import VENDORS, Upstream

EXAMPLE = Path(__file__).parents[3] / "examples" / "gateway" / "haproxy.cfg"
HAPROXY = os.environ.get("HAPROXY") or which("haproxy") or "/usr/sbin/haproxy"


def export_to(folder: Path, *options: str) -> None:
    """
    Write what `errortax export haproxy` makes into *folder*.
    """
    done = CliRunner().invoke(export, ["haproxy", "--to-dir", str(folder), *options], catch_exceptions=False)
    assert 0 == done.exit_code, done.output


def environment(folder: Path, upstream: Upstream, port: int, timeout: float) -> dict[str, str]:
    """
    Return what the example is set up with.
    """
    ports = {**dict.fromkeys(VENDORS, upstream.port), "other": upstream.refusing_port}
    return {
        "ERRORTAX_DIR": str(folder),
        "GATEWAY_ADDRESS": f"127.0.0.1:{port}",
        "GATEWAY_TIMEOUT": f"{round(timeout * 1000)}ms",
        **{f"{name.upper()}_ADDRESS": f"127.0.0.1:{behind}" for name, behind in ports.items()},
    }


def command_for(folder: Path, example: Path = EXAMPLE) -> list[str]:
    """
    Return the command that runs HAProxy with the files in *folder* and an *example*.
    """
    return [HAPROXY, "-db", "-f", str(folder / "errortax.cfg"), "-f", str(example)]


@contextmanager
def serve(upstream: Upstream, settings: Settings) -> Iterator[int]:
    """
    Run HAProxy until the block ends, and yield its port.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        export_to(folder, "--to", settings.to, "--expose", settings.expose, *(["--shadow"] if settings.shadow else []))
        with started(command_for(folder), port, environment=environment(folder, upstream, port, settings.timeout)):
            yield port
