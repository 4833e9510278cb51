"""
Envoy with the retry policies that `errortax export envoy` writes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

import pytest
from click.testing import CliRunner

from errortax.cli.exporting import export
from gateways.client import ask, free_port
from gateways.hosts import started
from gateways.upstream import VENDORS, Upstream, examples

ENVOY = os.environ.get("ENVOY", "envoy")

_CONFIGURATION = """\
static_resources:
  listeners:
  - name: gateway
    address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: gateway
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          route_config:
{routes}
  clusters:
{clusters}
"""

_CLUSTER = """\
  - name: {name}
    type: STATIC
    load_assignment:
      cluster_name: {name}
      endpoints:
      - lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}}}}}]
"""


def configuration(port: int, upstream: Upstream, *, base_interval: str = "1s") -> str:
    """
    Return a configuration around what the exporter writes, every cluster being the mock.
    """
    done = CliRunner().invoke(export, ["envoy"], catch_exceptions=False)
    assert 0 == done.exit_code, done.output
    routes = done.stdout.replace('"base_interval": "1s"', f'"base_interval": "{base_interval}"')
    clusters = "".join(_CLUSTER.format(name=name, port=upstream.port) for name in ("http", *VENDORS))
    return _CONFIGURATION.format(port=port, routes=indent(routes, " " * 12), clusters=clusters)


@contextmanager
def running(command: list[str], text: str, port: int) -> Iterator[None]:
    """Run Envoy until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "envoy.yaml"
        path.write_text(text)
        with started([*command, "-c", str(path), "--log-level", "error", "--concurrency", "1", "--disable-hot-restart"], port):
            yield


@pytest.fixture(scope="module")
def port(upstream: Upstream) -> Iterator[int]:
    """Run Envoy with the exported routes; its backoff is shortened, so that nobody has to wait."""
    number = free_port()
    with running([ENVOY], configuration(number, upstream, base_interval="0.001s"), number):
        yield number


def test_valid(tmp_path, upstream: Upstream) -> None:
    """
    Envoy accepts the routes as they are written.
    """
    path = tmp_path / "envoy.yaml"
    path.write_text(configuration(free_port(), upstream))
    done = subprocess.run([ENVOY, "--mode", "validate", "-c", str(path)], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr


def _example(vendor: str, status: int) -> int:
    return next(number for number, raw in enumerate(examples(vendor)) if raw.status == status)


@pytest.mark.parametrize(
    ("method", "vendor", "status", "fields", "requests"),
    [
        ("GET", "youforce", 503, (), 3),
        ("POST", "youforce", 503, (), 1),
        ("POST", "youforce", 503, (("Idempotency-Key", "1"),), 3),
        ("GET", "planoauth", 500, (), 1),  # where a route that does not exist is a 500, too
        ("GET", "authrocket", 503, (), 1),  # which asks for minutes
        ("GET", "gopoints", 401, (), 1),
        ("GET", "youforce", 404, (), 1),
    ],
)
def test_repeats(method, vendor, status, fields, requests, port: int, upstream: Upstream) -> None:
    """
    Envoy repeats what may be repeated, with methods with which it may be, and nothing else; the last answer comes out.
    """
    path = f"/{vendor}/example/{_example(vendor, status)}"
    before = upstream.requests[path]
    host = {"planoauth": "api.planomatic.com", "gopoints": "api.gopoints.net"}.get(vendor, f"api.{vendor}.com")
    answer = ask(port, path, method=method, fields=(("Host", host), *fields))
    assert (status, requests) == (answer.status, upstream.requests[path] - before)


def test_rate_limit_is_waited_for(port: int, upstream: Upstream) -> None:
    """
    A refusal that was not processed is repeated with any method.
    """
    number = _example("authrocket", 429)
    path = f"/authrocket/example/{number}"
    before = upstream.requests[path]
    answer = ask(port, path, method="POST", fields=(("Host", "api.authrocket.com"),))
    assert (429, 3) == (answer.status, upstream.requests[path] - before)
