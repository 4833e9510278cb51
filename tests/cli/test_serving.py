from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import socket

import grpc
import pytest
from click.testing import CliRunner, Result
from envoy.config.core.v3.base_pb2 import HeaderMap, HeaderValue
from envoy.service.accesslog.v3 import als_pb2
from envoy.service.accesslog.v3.als_pb2_grpc import AccessLogServiceStub
from envoy.service.ext_proc.v3 import external_processor_pb2 as messages
from envoy.service.ext_proc.v3.external_processor_pb2_grpc import ExternalProcessorStub

from errortax.cli.serving import serve
from errortax.gateway.configuration import Configuration

EXPIRED = b'{"status": "error", "error_code": "auth.token.expired", "messages": ["s3cret"]}'
ROUTES = ("--listen", "127.0.0.1:0", "--route", "/points/=gopoints")
SECONDS = 60.0

Until = Callable[[str], str]


def exchange(path: str, status: int, body: bytes) -> Iterator[messages.ProcessingRequest]:
    """Yield the messages of Envoy about a request and its response."""
    fields = [HeaderValue(key=":path", value=path)]
    upstream = [HeaderValue(key=":status", value=str(status))]
    yield messages.ProcessingRequest(request_headers=messages.HttpHeaders(headers=HeaderMap(headers=fields)))
    yield messages.ProcessingRequest(response_headers=messages.HttpHeaders(headers=HeaderMap(headers=upstream)))
    yield messages.ProcessingRequest(response_body=messages.HttpBody(body=body, end_of_stream=True))


def answer(address: str, path: str = "/points/x", status: int = 401, body: bytes = EXPIRED) -> messages.ImmediateResponse | None:
    """Return the processor's answer instead of an upstream's response, or None if that passes."""
    requests = exchange(path, status, body)
    with grpc.insecure_channel(address) as channel:
        *_, last = ExternalProcessorStub(channel).Process(requests, timeout=SECONDS)
    return last.immediate_response if last.WhichOneof("response") == "immediate_response" else None


def page(url: str) -> str:
    """Return the page at an address of this machine."""
    host, _, path = url.removeprefix("http://").partition("/")
    with closing(HTTPConnection(host, timeout=SECONDS)) as connection:
        connection.request("GET", f"/{path}")
        with connection.getresponse() as response:
            return response.read().decode()


def media_type(address: str) -> str:
    """Return the media type of an answer."""
    reply = answer(address)
    assert reply is not None
    [found] = [each.header.raw_value for each in reply.headers.set_headers if each.header.key == "content-type"]
    return str(found.decode())


class Using(threading.Thread):
    """Use a server in another thread than the one in which it runs, and then end it as an operator does."""

    def __init__(self, use: Callable[[str, Until], None], messages_: Callable[[], list[str]], number: signal.Signals) -> None:
        super().__init__()
        self.use, self.messages, self.number = use, messages_, number
        self.over = threading.Event()
        self.failure: BaseException | None = None

    def until(self, start: str) -> str:
        """Return the rest of the first new message that begins like that."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not self.over.is_set():
            for message in self.messages():
                if message.startswith(start):
                    return message.removeprefix(start).strip()
            time.sleep(0.01)
        raise AssertionError(f"{start!r} was never said: {self.messages()}")

    def run(self) -> None:
        """Use it as soon as it serves."""
        try:
            address = self.until("listening at")
        except AssertionError as error:
            self.failure = error
            return
        try:
            self.use(address, self.until)
        except BaseException as error:  # the test's thread raises it
            self.failure = error
        finally:
            os.kill(os.getpid(), self.number)


@pytest.fixture
def running(caplog: pytest.LogCaptureFixture) -> Callable[..., Result]:
    """Run the command in this thread, as signals arrive here, and use it from another one."""

    def run(use: Callable[[str, Until], None], *arguments: object, number: signal.Signals = signal.SIGTERM) -> Result:
        caplog.clear()
        using = Using(use, lambda: [record.getMessage() for record in caplog.records], number)
        using.start()
        try:
            result = CliRunner().invoke(serve, ["ext-proc", *map(str, arguments)], catch_exceptions=False)
        finally:
            using.over.set()
            using.join()
        if using.failure is not None:
            raise using.failure
        return result

    return run


class Ending(logging.Handler):
    """End a server as soon as it serves."""

    def emit(self, record: logging.LogRecord) -> None:
        """Send the signal."""
        if record.getMessage().startswith("listening at"):
            os.kill(os.getpid(), signal.SIGTERM)


def refused(*arguments: object) -> str:
    """Return the message of a server that cannot start."""
    logger, ending = logging.getLogger("errortax"), Ending()
    logger.addHandler(ending)
    try:
        result = CliRunner().invoke(serve, ["ext-proc", *map(str, arguments)], catch_exceptions=False)
    finally:
        logger.removeHandler(ending)
    assert 2 == result.exit_code, result.output
    return result.stderr


def test_not_refused() -> None:
    """
    A test that waits for a refusal fails if there is none.
    """
    with pytest.raises(AssertionError, match="listening at"):
        refused("--listen", "127.0.0.1:0")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Write a configuration, always into the same file."""

    def write(text: str) -> Path:
        path = tmp_path / "gateway.toml"
        path.write_text(text)
        return path

    return write


@contextmanager
def taken() -> Iterator[str]:
    """Listen at an address of this machine."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_served(running: Callable[..., Result], number: signal.Signals) -> None:
    """
    The command answers until it is stopped, and logs its start and its end on standard error.
    """

    def use(address: str, _: Until) -> None:
        reply = answer(address)
        assert reply is not None
        assert 401 == reply.status.code
        assert b"s3cret" not in reply.body
        assert answer(address, status=200) is None

    result = running(use, *ROUTES, "--grace", "5", number=number)
    assert 0 == result.exit_code
    assert "INFO listening at 127.0.0.1:" in result.stderr
    assert "INFO stopping; open requests have 5 seconds" in result.stderr
    assert result.stderr.endswith("INFO stopped\n")


def test_own_pages(running: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The answers lead to the pages at the address in ERRORTAX_DOCS.
    """
    monkeypatch.setenv("ERRORTAX_DOCS", "https://errors.example/codes")

    def use(address: str, _: Until) -> None:
        reply = answer(address)
        assert reply is not None
        assert b'"type":"https://errors.example/codes/categories/credentials_expired"' in reply.body

    running(use, *ROUTES)


def test_options(running: Callable[..., Result], written: Callable[[str], Path]) -> None:
    """
    The command line overrides the file, which decides about everything else.
    """
    path = written('to = "oauth"\nlisten = "127.0.0.1:0"\n[route]\n"/points/" = "planoauth"\n')

    def use(address: str, _: Until) -> None:
        assert "application/json" == media_type(address)
        reply = answer(address)
        assert reply is not None
        assert b"invalid_token" in reply.body

    running(use, "--config", path, "--route", "/points/=gopoints")


def test_reload(running: Callable[..., Result], written: Callable[[str], Path]) -> None:
    """
    SIGHUP puts a new configuration in force; a bad one leaves the old one in force, and the log says why.
    """
    path = written('to = "oauth"')

    def use(address: str, until: Until) -> None:
        assert "application/json" == media_type(address)
        written('to = "outh"')
        os.kill(os.getpid(), signal.SIGHUP)
        reason = until("not reloaded, the old settings stay in force:")
        assert reason.startswith(f"{path}#/to: unknown format 'outh'; did you mean 'oauth'?")
        assert "application/json" == media_type(address)
        written('to = "json:api"\nlisten = "127.0.0.1:1"')
        os.kill(os.getpid(), signal.SIGHUP)
        until("reloaded in")
        assert "application/vnd.api+json" == media_type(address)

    result = running(use, "--config", path, "--route", "/points/=gopoints", "--listen", "127.0.0.1:0")
    assert "restart to apply this change" not in result.stderr  # the command line has said where to listen


def test_reload_of_what_is_read_at_start_only(running: Callable[..., Result], written: Callable[[str], Path]) -> None:
    """
    A change that a reload cannot make is logged, as long as the file differs from the settings in force.
    """
    path = written('listen = "127.0.0.1:0"')
    changed = (
        '\nmetrics = "127.0.0.1:0"',
        'listen = "127.0.0.1:0"\nmetrics = "127.0.0.1:0"\nto = "oauth"',
        'listen = "127.0.0.1:0"\nto = "graphql"',
    )
    types = "application/problem+json", "application/json", "application/graphql-response+json"

    def use(address: str, until: Until) -> None:
        for text, media in zip(changed, types, strict=True):
            written(text)
            os.kill(os.getpid(), signal.SIGHUP)
            until("reloaded in")
            end = time.monotonic() + SECONDS
            while media != media_type(address) and time.monotonic() < end:
                time.sleep(0.01)

    result = running(use, "--config", path)
    warnings = [line.partition("WARNING ")[2] for line in result.stderr.splitlines() if "WARNING" in line]
    assert [
        "listen: restart to apply this change",
        f"{path}#/metrics: restart to apply this change",
    ] == warnings[:2]
    assert [f"{path}#/metrics: restart to apply this change"] == warnings[2:]


def test_grace_after_a_reload(running: Callable[..., Result], written: Callable[[str], Path]) -> None:
    """
    The grace period is the one in the file at the end.
    """
    path = written("grace = 7")

    def use(_: str, until: Until) -> None:
        written("grace = 3")
        os.kill(os.getpid(), signal.SIGHUP)
        until("reloaded in")

    result = running(use, "--listen", "127.0.0.1:0", "--config", path)
    assert "restart to apply this change" not in result.stderr
    assert "open requests have 3 seconds" in result.stderr


def test_reload_of_vendors(running: Callable[..., Result], tmp_path: Path, acme: str) -> None:
    """
    SIGHUP reads vendor files anew as well, and none at all if one of them is broken.
    """
    path = tmp_path / "acme.json"
    path.write_text(acme)

    def use(address: str, until: Until) -> None:
        path.write_text(acme.replace('"unavailable"', '"unavailabel"'))
        os.kill(os.getpid(), signal.SIGHUP)
        reason = until("not reloaded, the old settings stay in force:")
        assert reason.startswith(f"--registry: cannot be loaded, correct or remove it: {path}#/entries/0/category")
        path.write_text(acme.replace('"unavailable"', '"rate_limited"'))
        assert b'"unavailable"' in getattr(answer(address, "/acme/"), "body", b"")
        os.kill(os.getpid(), signal.SIGHUP)
        until("reloaded in")
        assert b'"rate_limited"' in getattr(answer(address, "/acme/"), "body", b"")

    running(use, *ROUTES, "--registry", path, "--route", "/acme/=acme")


def test_reload_of_routes(running: Callable[..., Result], written: Callable[[str], Path]) -> None:
    """
    Routes that contradict each other leave the old ones in force.
    """
    path = written('listen = "127.0.0.1:0"\n[route]\n"/points/" = "gopoints"')

    def use(address: str, until: Until) -> None:
        written('to = "oauth"\n[route]\n"/points" = "http"\n"/points/" = "gopoints"')
        os.kill(os.getpid(), signal.SIGHUP)
        said = f"{path}#/route: '/points' and '/points/' are the same route, to http and to gopoints; keep one of them"
        assert said == until("not reloaded, the old settings stay in force: ")
        assert "application/problem+json" == media_type(address)

    running(use, "--config", path)


def test_reload_that_nobody_foresaw(
    running: Callable[..., Result], written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    After any failure of a reload the old configuration stays in force, and the log has the reason.
    """
    path = written('to = "oauth"')

    def use(address: str, until: Until) -> None:
        monkeypatch.setattr(Configuration, "translator", lambda *_: 1 / 0)
        os.kill(os.getpid(), signal.SIGHUP)
        assert "division by zero" in until("not reloaded, the old settings stay in force:")
        assert "application/json" == media_type(address)

    running(use, "--config", path, "--route", "/points/=gopoints", "--listen", "127.0.0.1:0")


@pytest.fixture
def acme() -> str:
    """Return a vendor file."""
    return """{
      "format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "http_status",
      "entries": [{"code": "401", "statuses": [401], "category": "unavailable", "examples": [
        {"response": {"status": 401}, "expect": {"outcome": "error", "category": "unavailable"}}
      ]}]
    }"""


def test_metrics(running: Callable[..., Result], written: Callable[[str], Path]) -> None:
    """
    Metrics count responses by vendor, category and outcome, reloads, and the time that translations take.
    """
    path = written('listen = "127.0.0.1:0"\nmetrics = "127.0.0.1:0"\n[route]\n"/points/" = "gopoints"\n')

    def use(address: str, until: Until) -> None:
        at = until("metrics at")
        answer(address)
        answer(address, "/elsewhere", 503)
        os.kill(os.getpid(), signal.SIGHUP)
        until("reloaded in")
        written('listen = "')
        os.kill(os.getpid(), signal.SIGHUP)
        until("not reloaded")
        text = page(at)
        lines = set(text.splitlines())
        assert 'errortax_responses_total{category="credentials_expired",outcome="translated",vendor="gopoints"} 1.0' in lines
        assert 'errortax_responses_total{category="unavailable",outcome="translated",vendor="http"} 1.0' in lines
        assert 'errortax_reloads_total{outcome="done"} 1.0' in lines
        assert 'errortax_reloads_total{outcome="refused"} 1.0' in lines
        assert "errortax_translation_seconds_count 2.0" in lines

    running(use, "--config", path)


def test_metrics_of_vendors_that_nobody_knows(running: Callable[..., Result]) -> None:
    """
    However many vendors an upstream that speaks our formats names, they are one.
    """

    def use(address: str, until: Until) -> None:
        at = until("metrics at")
        for number in range(3):
            problem = {"category": "not_found", "retryability": "never", "vendor": f"v{number}"}
            assert answer(address, "/ours/", 404, json.dumps(problem).encode()) is not None
        lines = [line for line in page(at).splitlines() if line.startswith("errortax_responses_total")]
        assert ['errortax_responses_total{category="not_found",outcome="translated",vendor=""} 3.0'] == lines

    running(use, "--route", "/ours/=problem+json", "--metrics", "127.0.0.1:0", "--listen", "127.0.0.1:0")


def test_metrics_after_a_vendor_is_gone(running: Callable[..., Result], tmp_path: Path, acme: str) -> None:
    """
    A response that began before a reload took its vendor away is counted, and its stream ends as it should.
    """
    config, reloaded = tmp_path / "gateway.toml", threading.Event()
    (tmp_path / "acme.json").write_text(acme)
    config.write_text('registry = ["acme.json"]\nmetrics = "127.0.0.1:0"\nlisten = "127.0.0.1:0"\n[route]\n"/acme/" = "acme"')

    def use(address: str, until: Until) -> None:
        at = until("metrics at")

        def requests() -> Iterator[messages.ProcessingRequest]:
            *heads, body = exchange("/acme/", 401, b"{}")
            yield from heads
            assert reloaded.wait(SECONDS)
            yield body

        with grpc.insecure_channel(address) as channel:
            stream = ExternalProcessorStub(channel).Process(requests(), timeout=SECONDS)
            assert ["request_headers", "response_headers"] == [next(stream).WhichOneof("response") for _ in range(2)]
            config.write_text('listen = "127.0.0.1:0"\nmetrics = "127.0.0.1:0"')
            os.kill(os.getpid(), signal.SIGHUP)
            until("reloaded in")
            reloaded.set()
            assert ["immediate_response"] == [response.WhichOneof("response") for response in stream]
            logged = als_pb2.StreamAccessLogsMessage()
            for details in ("errortax:acme:rate_limited", "errortax:gopoints:rate_limited"):
                logged.http_logs.log_entry.add().response.response_code_details = details
            AccessLogServiceStub(channel).StreamAccessLogs(iter([logged]), timeout=SECONDS)
        assert 'outcome="translated",vendor=""} 1.0' in page(at)
        for vendor in ("", "gopoints"):
            assert f'errortax_sent_total{{category="rate_limited",vendor="{vendor}"}} 1.0' in page(at)

    running(use, "--config", config)


def test_metrics_of_errors_inside_successes(running: Callable[..., Result]) -> None:
    """
    A success that was looked into counts as passed, without vendor and category.
    """

    def use(address: str, until: Until) -> None:
        fields = [HeaderValue(key=name, value=value) for name, value in SUCCESS]
        requests = [
            messages.ProcessingRequest(response_headers=messages.HttpHeaders(headers=HeaderMap(headers=fields))),
            messages.ProcessingRequest(response_body=messages.HttpBody(body=b"{}", end_of_stream=True)),
        ]
        with grpc.insecure_channel(address) as channel:
            assert 2 == len(list(ExternalProcessorStub(channel).Process(iter(requests), timeout=SECONDS)))
        assert 'errortax_responses_total{category="",outcome="passed",vendor=""} 1.0' in page(until("metrics at"))

    running(use, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--inspect-success")


SUCCESS = ((":status", "200"), ("content-type", "application/json"), ("content-length", "2"))


def test_addresses_in_use(capfd: pytest.CaptureFixture[str]) -> None:
    """
    An address in use stops the start, and the only message has the address and its origin.
    """
    with taken() as address:
        for option in ("--listen", "--metrics"):
            said = refused(option, address)
            assert f"{option}: cannot listen at {address}: Address already in use; choose another one\n" == said
    assert "" == capfd.readouterr().err


def test_listen_in_no_folder(tmp_path: Path) -> None:
    """
    A path in a folder that does not exist is refused with that reason.
    """
    listen = f"unix:{tmp_path / 'nowhere' / 'socket'}"
    assert f"--listen: cannot listen at {listen}: No such file or directory; choose another one\n" == refused("--listen", listen)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:99999", "localhost:http", ":18199", "18199", "*:18199"])
def test_bad_addresses(address: str) -> None:
    """
    A text that is not an address is refused, for each option that needs one.
    """
    assert f"--listen: {address!r} is not an address; write HOST:PORT or unix:PATH\n" == refused("--listen", address)
    assert f"--metrics: {address!r} is not an address; write HOST:PORT, such as 127.0.0.1:9464\n" == refused("--metrics", address)


def test_metrics_at_a_path() -> None:
    """
    Metrics are not served at a path.
    """
    assert "--metrics: 'unix:m' is not an address; write HOST:PORT, such as 127.0.0.1:9464\n" == refused("--metrics", "unix:m")


@pytest.mark.parametrize("route", ["gopoints", "=gopoints", "/points/="])
def test_bad_route(route: str) -> None:
    """
    A text that is not a route with a vendor is refused with advice.
    """
    assert f"{route!r} is not a route; write a path or a host, an equals sign and a vendor: " in refused("--route", route)


def test_bad_vendor(written: Callable[[str], Path]) -> None:
    """
    An unknown vendor stops the start; the message names the file, the key and the near miss.
    """
    path = written('vendor = "gopoint"')
    assert f"{path}#/vendor: unknown vendor 'gopoint'; did you mean 'gopoints'?\n" == (refused("--config", path))


@pytest.mark.parametrize(
    ("missing", "package"),
    [
        ("grpc", "grpcio"),
        ("grpc_health.v1", "grpcio-health-checking"),
        ("envoy.service.ext_proc.v3", "xds-protos"),
        ("prometheus_client", "prometheus-client"),
    ],
)
def test_missing_library(missing: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without the extra the command names the package that is missing, and says what to install.
    """
    monkeypatch.delitem(sys.modules, "errortax.integrations.envoy", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    said = f"this needs {package}; run: pip install 'errortax[envoy]'\n"
    assert said == refused("--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0")


def test_other_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A module that is missing for another reason is not blamed on the extra.
    """
    monkeypatch.delitem(sys.modules, "errortax.integrations.envoy", raising=False)
    monkeypatch.setitem(sys.modules, "errortax.gateway.configuration", None)
    with pytest.raises(ModuleNotFoundError, match=r"errortax\.gateway\.configuration"):
        refused("--listen", "127.0.0.1:0")


def test_lines_of_the_log(running: Callable[..., Result], written: Callable[[str], Path]) -> None:
    """
    Characters that could steer a terminal are written out, and several lines stay several.
    """
    path = written("")

    def use(_: str, until: Until) -> None:
        written('"\\u001b[31m" = 1')
        os.kill(os.getpid(), signal.SIGHUP)
        until("not reloaded")

    result = running(use, "--listen", "127.0.0.1:0", "--config", path)
    assert "#/\\x1b[31m: unknown key" in result.stderr
