"""
HAProxy of Debian, started with the example's configuration and what `errortax export haproxy` writes.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from math import ceil
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

import errortax
from errortax import Category, Level, RawResponse
from errortax.export import Row, haproxy, lookups, rows
from gateways.cases import CASES, OF_THE_HOST, Case, answer_of, check, check_untouched
from gateways.client import Answer, ask, free_port
from gateways.haproxy.serving import EXAMPLE, command_for, environment, export_to, serve
from gateways.hosts import Ability, Fleet, Host, Instead, Settings, started
from gateways.upstream import CANARY, VENDORS, Reply, Upstream, examples, secretive_error, typical_error

HOST = Host(
    "HAProxy", serve, lacks=dict.fromkeys(set(Ability) - {Ability.UPLOADS}, Instead.LESS)
)  # what comes out instead is looked at below, to the byte
IN_BODY = ("gopoints", "planoauth")
"""The vendors whose code is in the body."""

KEPT = {name.lower() for name in haproxy.PASSED} | {name.lower() for each in lookups() for name in each.request_id_headers}
_TELLS_WHEN = re.compile(r"[0-9]{1,9}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")
_LEGIBLE = frozenset({"cut-off", "300-kB", "300-kB-chunked", "not-gzip"})
"""Traps in which HAProxy sees the code, though the body is broken, too long, or not what its header fields say."""


@contextmanager
def answering(response: bytes) -> Iterator[int]:
    """
    Send a *response* to each request on the port that is yielded, and hang up.
    """

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(response)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def in_front_of(tmp_path, upstream: Upstream) -> Iterator[Callable[..., int]]:
    """
    Run HAProxy in front of a port, where all paths lead that are no vendor's; options are those of the exporter.
    """
    with ExitStack() as stack:

        def start(behind: int, *options: str) -> int:
            export_to(tmp_path, *options)
            port = free_port()
            given = {**environment(tmp_path, upstream, port, 30), "OTHER_ADDRESS": f"127.0.0.1:{behind}"}
            stack.enter_context(started(command_for(tmp_path), port, environment=given))
            return port

        yield start


@cache
def table() -> dict[tuple[str, str | int], Row]:
    """Return the rows by vendor and code, and by vendor and status."""
    found: dict[tuple[str, str | int], Row] = {}
    for row in rows():
        if row.code is not None:
            found[row.vendor, row.code] = row
        if row.code is None or row.vendor not in IN_BODY:
            found.update(dict.fromkeys(((row.vendor, status) for status in row.statuses), row))
    return found


def row_for(case: Case) -> Row | None:
    """Return the row that the core's own judgement leads to, as far as a table goes; None for what passes."""
    reply = case.reply
    if reply.status < 400:
        return None
    legible = case.path.rpartition("/")[2] in _LEGIBLE
    unseen = case.method == "HEAD" or (not legible and reply.header("Content-Encoding") is not None)
    body = typical_error(case.vendor).body if legible else reply.body
    error = errortax.parse(RawResponse(reply.status, {}, None if unseen else body), case.vendor)
    if error is not None and case.vendor in IN_BODY and error.match.level in {Level.CODE, Level.VARIANT}:
        return table()[case.vendor, error.match.entry or ""]
    return table()[case.vendor, reply.status]


def fields_of(row: Row, reply: Reply) -> dict[str, str]:
    """Return the header fields that have to come out."""
    kept = {name.lower(): value for name, value in reply.fields if name.lower() in KEPT}
    wait = next(iter(waits(row, reply)), None) if row.retryable else None
    return {**kept, **row.headers, "content-type": row.content_type, **({} if wait is None else {"retry-after": wait})}


def waits(row: Row, reply: Reply) -> list[str]:
    """Return what could be told in Retry-After, the best first."""
    names = ("Retry-After", "RateLimit-Reset", "X-RateLimit-Reset") if row.category is Category.RATE_LIMITED else ("Retry-After",)
    told = [value for name in names if (value := reply.header(name)) and _TELLS_WHEN.fullmatch(value)]
    return told + ([str(ceil(row.retry_after))] if row.retry_after else [])


def check_row(answer: Answer, row: Row, case: Case) -> None:
    """
    The answer of the row comes out to the byte, and nothing of the upstream's beside what is kept.
    """
    assert answer.complete
    assert (row.emitted_status, b"" if case.method == "HEAD" else row.body) == (answer.status, answer.body)
    wanted = {name: value for name, value in fields_of(row, case.reply).items() if name not in OF_THE_HOST}
    assert wanted == {name: value for name, value in answer.fields if name not in OF_THE_HOST}
    assert answer.header("content-length") in {None, str(len(row.body))}


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("host", [HOST], ids=str)
def test_case(host: Host, case: Case, fleet: Fleet) -> None:
    """
    HAProxy answers with the row that the core's judgement leads to, and passes what is no error byte for byte.
    """
    if case.check is not None:
        check(case, host, fleet)
        return
    answer, row = answer_of(case, host, fleet), row_for(case)
    if row is not None and case.reply.hints and answer.body != row.body:  # it depends on what comes in one piece
        row = table()[case.vendor, case.reply.status]
    if row is None:
        check_untouched(answer, case)
    else:
        check_row(answer, row, case)


@pytest.mark.parametrize("host", [HOST], ids=str)
def test_all_documented_errors(host: Host, fleet: Fleet) -> None:
    """
    All 76 documented errors come out with the status, the category and the code that the core finds.
    """
    port, seen = fleet.port(host, Settings()), set()
    for vendor in VENDORS:
        for number, raw in enumerate(examples(vendor)):
            error = errortax.parse(raw, vendor)
            if error is None or (raw.status or 0) < 400 or error.match.level not in {Level.CODE, Level.VARIANT}:
                continue
            answer = ask(port, f"/{vendor}/example/{number}")
            problem = json.loads(answer.body)
            found = answer.status, problem["category"], problem["code"], problem["retryability"]
            assert (error.emitted_status, error.category, error.match.entry, error.retryability) == found
            seen.add((vendor, error.match.entry))
    assert {(row.vendor, row.code) for row in rows() if row.code and row.vendor in VENDORS} == seen


@pytest.mark.parametrize("host", [HOST], ids=str)
def test_leaks(host: Host, fleet: Fleet) -> None:
    """
    No secret that an upstream puts into a header field or its body comes out with an error.
    """
    port = fleet.port(host, Settings())
    for vendor in VENDORS:
        for number, raw in enumerate(examples(vendor)):
            if (raw.status or 0) >= 400:
                answer = ask(port, f"/{vendor}/canary/{number}")
                assert CANARY not in f"{answer.reason}{answer.fields}{answer.body!r}", f"{vendor} {number}"


@pytest.mark.parametrize("host", [HOST], ids=str)
@pytest.mark.parametrize(
    ("path", "status", "category"), [("/down/ok", 503, "unavailable"), ("/gopoints/trap/hangs-up", 502, "dependency_failed")]
)
def test_own_errors(host: Host, path: str, status: int, category: str, fleet: Fleet) -> None:
    """
    Where nobody answers HAProxy, callers are told in the same format.
    """
    answer = ask(fleet.port(host, Settings()), path)
    assert (status, "application/problem+json") == (answer.status, answer.header("content-type"))
    assert category == json.loads(answer.body)["category"]


@pytest.mark.parametrize("status", [401, 403, 429])
def test_own_refusals(status: int, tmp_path: Path, upstream: Upstream) -> None:
    """
    A rule of the operator that denies is answered in the format as plain HTTP, whatever vendor the path belongs to.
    """
    rule = f"    http-request deny deny_status {status} if {{ path_end /denied }}\n"
    before = "    # The path tells who answers."
    text = EXAMPLE.read_text()
    assert before in text
    (tmp_path / "changed.cfg").write_text(text.replace(before, rule + before))
    export_to(tmp_path)
    port = free_port()
    with started(command_for(tmp_path, tmp_path / "changed.cfg"), port, environment=environment(tmp_path, upstream, port, 30)):
        answer = ask(port, "/authrocket/denied")
    problem = json.loads(answer.body)
    assert (status, "http", "application/problem+json") == (answer.status, problem["vendor"], answer.header("content-type"))


def test_shadow(tmp_path: Path, upstream: Upstream) -> None:
    """
    In shadow mode each response passes as it came, late or not, and a log shows what would be answered.
    """
    page = (Path(__file__).parents[3] / "docs/how-to/translate-in-haproxy.md").read_text()
    [log_format] = re.findall("^log-format .*would become.*$", page, re.MULTILINE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(5)
        lines = f"    option dontlognull\n    log 127.0.0.1:{log.getsockname()[1]} format raw local0\n    {log_format}\n"
        text = EXAMPLE.read_text()
        before = "    # The path tells who answers."
        assert before in text
        (tmp_path / "changed.cfg").write_text(text.replace(before, lines + before))
        export_to(tmp_path, "--shadow")
        port = free_port()
        given = environment(tmp_path, upstream, port, 30)
        with started(command_for(tmp_path, tmp_path / "changed.cfg"), port, environment=given):
            for case in CASES:
                if case.scenario.startswith("examples of "):
                    answer = ask(port, case.path, method=case.method, fields=case.fields, body=case.body)
                    check_untouched(answer, case)
                    row = row_for(case)
                    would = "- (-)" if row is None else f"{row.emitted_status} ({row.key})"
                    logged = log.recv(4096).decode().strip()
                    assert f"{case.method} {case.path}: {case.reply.status} would become {would}" == logged
            late, wanted = ask(port, "/gopoints/trap/late"), secretive_error("gopoints")
    assert (wanted.status, wanted.body, True) == (late.status, late.body, late.complete)


def test_late_refusals(upstream: Upstream, tmp_path: Path) -> None:
    """
    The wait for a body ends after the time that the operator has set, and the status decides then.
    """
    export_to(tmp_path)
    port = free_port()
    given = {**environment(tmp_path, upstream, port, 30), "ERRORTAX_BODY_TIME": "100ms"}
    with started(command_for(tmp_path), port, environment=given):
        answer = ask(port, "/gopoints/trap/late")
    row = table()["gopoints", secretive_error("gopoints").status]
    assert (row.emitted_status, row.body, row.content_type) == (answer.status, answer.body, answer.header("content-type"))
    assert row.headers.items() <= dict(answer.fields).items()
    assert CANARY not in f"{answer.reason}{answer.fields}{answer.body!r}"


def test_host_tells_the_vendor(in_front_of: Callable[..., int], upstream: Upstream) -> None:
    """
    A host of the vendor's own stands for the vendor, where no rule says otherwise.
    """
    port = in_front_of(upstream.port)
    for name, vendor in (("api.gopoints.net", "gopoints"), ("API.Youforce.COM:443", "youforce"), ("elsewhere.example", "http")):
        answer = ask(port, "/elsewhere", fields=(("Host", name),))
        assert (404, vendor) == (answer.status, json.loads(answer.body)["vendor"])


def test_most_exact_host_tells_the_vendor(in_front_of: Callable[..., int], tmp_path: Path) -> None:
    """
    A host is found as Python finds it: by its whole name, else by the longest wildcard, whatever its case and its port.
    """
    vendors = {
        "alpha": ["*.acme.example", "plain.example"],
        "beta": ["*.eu.acme.example"],
        "gamma": ["*.very.long.eu.acme.example"],
        "zeta": ["api.acme.example", "api.eu.acme.example"],
    }
    document = json.loads((Path(__file__).parents[3] / "schemas" / "vendors" / "youforce.json").read_text())
    paths = [tmp_path / f"{name}.json" for name in vendors]
    for path, (name, hosts) in zip(paths, vendors.items(), strict=True):
        path.write_text(json.dumps({**document, "vendor": name, "hosts": hosts}))
    registry = errortax.load_registry(*paths)
    hosts = (
        "api.acme.example", "notapi.acme.example", "api.eu.acme.example", "an.api.acme.example", "x.eu.acme.example",
        "x.very.long.eu.acme.example", "acme.example", "eu.acme.example", "plain.example", "a.plain.example", "notplain.example",
        "notacme.example", "API.Acme.Example", "api.acme.example.", "x.eu.acme.example..", "x.acme.example.evil.example",
    )  # fmt: skip
    found = {}
    with answering(b"HTTP/1.1 404 Not Found\r\n\r\n") as behind:
        port = in_front_of(behind, *(option for path in paths for option in ("--registry", str(path))))
        for host in hosts:
            for ending in ("", ":8443", ":"):
                found[host, ending] = json.loads(ask(port, "/", fields=(("Host", host + ending),)).body)["vendor"]
        assert "http" == json.loads(ask(port, "/", fields=(("Host", "[::1]:80"),)).body)["vendor"]
    assert {(host, ending): registry.vendor_of_host(host) or "http" for host, ending in found} == found


def test_late_code(in_front_of: Callable[..., int]) -> None:
    """
    Of a body that exceeds the buffer only the beginning is looked at; where the code stands behind that, the status decides.
    """
    found = {}
    for length in (10_000, 20_000):
        body = json.dumps({"status": "error", "text": "x" * length, "error_code": "auth.token.expired"}).encode()
        with answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)) as behind:
            answer = ask(in_front_of(behind), "/", fields=(("Host", "api.gopoints.net"),))
            found[length] = json.loads(answer.body)["category"]
    assert {10_000: "credentials_expired", 20_000: "credentials_invalid"} == found


@pytest.mark.parametrize(
    ("came", "cache_control", "vary"),
    [
        ((("Vary", "Origin"), ("Cache-Control", "private, no-store")), "private, no-store", "Origin"),
        (
            (
                ("Vary", "Origin"),
                ("Vary", "X-Tenant"),
                ("Cache-Control", "private"),
                ("cache-control", "max-age=60, no-transform"),
            ),
            "private, max-age=60, no-transform",
            "Origin, X-Tenant",
        ),
        ((("Vary", "Origin"),) * 3 + (("Cache-Control", "private"),) + (("Cache-Control", "max-age=60"),) * 2, "no-store", "*"),
    ],
)
def test_repeated_fields(
    came: tuple[tuple[str, str], ...], cache_control: str, vary: str, in_front_of: Callable[..., int]
) -> None:
    """
    Nothing that one of several fields forbids is lost: two are put together, for more of them stands what is safe.
    """
    fields = "".join(f"{name}: {value}\r\n" for name, value in came)
    with answering(f"HTTP/1.1 404 Not Found\r\n{fields}X-RateLimit-Limit: 1\r\nX-RateLimit-Limit: 2\r\n\r\n".encode()) as behind:
        answer = ask(in_front_of(behind), "/")
    found = [answer.get_all(name) for name in ("cache-control", "vary", "x-ratelimit-limit")]
    assert [(cache_control,), (vary,), ("2",)] == found


@pytest.mark.parametrize("to", ["google.rpc", "json:api", "problem+xml", "graphql", "oauth"])
def test_other_formats(to: str, fleet: Fleet) -> None:
    """
    HAProxy sends the answers in other formats as they were rendered; a line break between elements becomes a blank.
    """
    answer = ask(fleet.port(HOST, Settings(to=to)), "/gopoints/error")
    code = json.loads(typical_error("gopoints").body)["error_code"]
    row = next(row for row in rows(vendors=["gopoints"], to=to) if row.code == code)
    assert (row.emitted_status, row.body.replace(b"\n", b" "), row.content_type) == (
        answer.status,
        answer.body,
        answer.header("content-type"),
    )


def test_valid_configuration(tmp_path, upstream: Upstream) -> None:
    """
    HAProxy finds nothing to complain of in the files, not even to warn about.
    """
    export_to(tmp_path)
    command = [*command_for(tmp_path), "-c"]
    done = subprocess.run(
        command, env=environment(tmp_path, upstream, free_port(), 1), capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, "".join(re.findall(r".*(?:WARNING|ALERT).*", done.stderr)))
