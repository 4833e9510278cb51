"""
Real servers for Python's two interfaces, running the very gateways in ``examples/gateway``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import errortax
from gateways.client import free_port
from gateways.hosts import Ability, Host, Instead, Serve, Settings, started
from gateways.upstream import Upstream

EXAMPLES = Path(__file__).parents[3] / "examples" / "gateway"
HERE = Path(__file__).parent

Command = Callable[[int], list[str]]


def environment(upstream: Upstream, settings: Settings) -> dict[str, str]:
    """Return what a server has to know: the gateway's settings, and where this errortax lies."""
    folders = [str(Path(errortax.__file__).parents[1]), str(EXAMPLES), str(HERE)]
    return settings.environment(upstream) | {"PYTHONPATH": ":".join(folders), "PYTHONWARNINGS": "default"}


def server(command: Command) -> Serve:
    """Return how to serve with a *command*, which gets the port."""

    @contextmanager
    def serve(upstream: Upstream, settings: Settings) -> Iterator[int]:
        port = free_port()
        with started(command(port), port, environment=environment(upstream, settings)):
            yield port

    return serve


def _uvicorn(port: int) -> list[str]:
    return [sys.executable, "-m", "uvicorn", "asgi_gateway:app", "--port", str(port), "--no-access-log", "--log-level", "warning"]


def _granian(port: int) -> list[str]:
    return [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--no-access-log", "asgi_gateway:app"]


def _hypercorn(port: int) -> list[str]:
    return [sys.executable, "-m", "hypercorn", "--bind", f"127.0.0.1:{port}", "asgi_gateway:app"]


def _gunicorn(port: int) -> list[str]:
    options = ["--worker-class", "gthread", "--threads", "8", "--log-level", "warning", "--bind", f"127.0.0.1:{port}"]
    return [sys.executable, "-m", "gunicorn", *options, "wsgi_gateway:app"]


def _wsgiref(port: int) -> list[str]:
    return [sys.executable, "-W", "error", str(HERE / "validated.py"), str(port)]


COMMANDS: dict[str, Command] = {"uvicorn": _uvicorn, "granian": _granian, "hypercorn": _hypercorn, "gunicorn": _gunicorn}

WSGI = {Ability.CALLERS: Instead.FAILURE}  # nobody asks whether a caller is still there before something is sent to it

HOSTS = (
    *(Host(name, server(command), WSGI if name == "gunicorn" else {}) for name, command in COMMANDS.items()),
    Host("wsgiref.validate", server(_wsgiref), WSGI),
)
