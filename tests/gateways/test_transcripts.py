"""
What the pages show of real gateways is what curl prints in front of them.

A block in `shell-session` has commands for a shell, and below each what it prints; three dots stand for anything. The address in
it is the one of the example that the page is about, and leads to the host that is started here.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import gateways.envoy.running as envoy
import gateways.haproxy.serving as haproxy
from gateways.hosts import Fleet, Host, Settings
from gateways.installed import MISSING
from gateways.nginx.servers import NJS, NJS_EXACT
from gateways.python.servers import HOSTS
from pages import PAGES, agrees, blocks, commands

UVICORN = next(host for host in HOSTS if host.name == "uvicorn")
PLACES = {
    ("docs/how-to/translate-in-asgi-and-wsgi.md", 8000): UVICORN,
    ("docs/how-to/translate-in-envoy.md", 10000): Host("Envoy", envoy.serve),
    ("docs/how-to/translate-in-haproxy.md", 8080): Host("HAProxy", haproxy.serve),
    ("docs/how-to/translate-in-nginx.md", 8080): NJS,
    ("docs/how-to/translate-in-nginx.md", 8090): NJS_EXACT,
}
"""Which host serves at localhost and that port, on that page."""

INSTALLED = [(page, port, host) for (page, port), host in PLACES.items() if not any(name in page for name in MISSING)]
_PORT = re.compile(r"http://localhost:(\d+)/")


def transcripts(page: str) -> list[tuple[int, str, str]]:
    """Return port, command and output of each transcript on the *page*."""
    shown = [step for block in blocks(page) if block.language == "shell-session" for step in commands(block)]
    return [(int(port), command, output) for command, output in shown for port in _PORT.findall(command)]


def printed(command: str, port: int, own: int, folder: Path) -> str:
    """Return what a *command* prints where localhost at that *port* is our *own* port."""
    settings = ["silent", "show-error", "fail-early", 'noproxy = "*"', f'connect-to = "localhost:{port}:127.0.0.1:{own}"']
    (folder / ".curlrc").write_text("\n".join(settings), encoding="utf-8")
    environment = {**os.environ, "CURL_HOME": str(folder)}
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=True, timeout=60)  # noqa: S602  # as a reader would
    return done.stdout.replace("\r\n", "\n")


@pytest.mark.parametrize(("page", "port", "host"), INSTALLED, ids=str)
def test_curl_transcripts(page: str, port: int, host: Host, fleet: Fleet, tmp_path: Path) -> None:
    """
    Whoever types what the page shows sees what the page shows.
    """
    steps = [(command, shown) for place, command, shown in transcripts(page) if place == port]
    assert steps
    for command, shown in steps:
        came = printed(command, port, fleet.port(host, Settings()), tmp_path)
        assert agrees(shown, came), f"{page}: {command}\n{came}"


def test_no_transcript_goes_unseen() -> None:
    """
    Each command in a transcript asks one host, which is started here.
    """
    for page in PAGES:
        steps = [step for block in blocks(page) if block.language == "shell-session" for step in commands(block)]
        places = [(page, port) for port, *_ in transcripts(page)]
        assert len(steps) == len(places)
        assert set(places) <= PLACES.keys()
