"""
What the scripts make of odd bodies, of secrets and of mistakes in the configuration; and Kong's phase, with a stand-in for Kong.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from errortax.export import lua, nginx
from gateways.client import Answer, ask, free_port, listens
from gateways.hosts import Fleet, Host, Settings, started
from gateways.nginx.servers import EXACT, IN_BODY, LUA, LUA_EXACT, NJS, NJS_EXACT, PREFIX, TABLES, installed, running
from gateways.upstream import CANARY, VENDORS, examples

HOSTS = (NJS, NJS_EXACT, LUA, LUA_EXACT)


@contextmanager
def answering(body: bytes, status: int | None = 401, fields: tuple[tuple[str, str], ...] = ()) -> Iterator[int]:
    """Answer each request so, until the block ends; the *status* None is the one that the path ends with."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(self.path.rpartition("/")[2]) if status is None else status)
            for name, value in (*fields, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def setup_of(host: Host) -> tuple[ModuleType, str, str]:
    """Return the exporter, the example, and the address there, of the kind of *host*."""
    exporter, example = (nginx, "nginx.conf") if host in (NJS, NJS_EXACT) else (lua, "nginx-lua.conf")
    return exporter, example, "127.0.0.1:8090" if host in EXACT else "127.0.0.1:8080"


def asked(host: Host, upstream: int, path: str = "/gopoints/x", changes: dict[str, str] | None = None) -> Answer:
    """Return what a gateway of the kind of *host* answers in front of that port."""
    exporter, example, port = setup_of(host)
    places = {"127.0.0.1:8081": f"127.0.0.1:{upstream}", **(changes or {})}
    with running(exporter, example, places, port=port) as own:
        return ask(own, path)


EXPIRED = b'{"status": "error", "error_code": "auth.token.expired"}'
BODIES = {
    "plain": (EXPIRED, True),
    "with a byte order mark": (b"\xef\xbb\xbf" + EXPIRED, True),
    "with blanks around": (b" \r\n\t" + EXPIRED + b"\n ", True),
    "with an escaped code": (b'{"error_code": "auth\\u002etoken.\\u0065xpired", "a": "\\"\\\\\\n\\/\\ud83d"}', True),
    "with an escaped name": (b'{"\\u0065rror_code": "auth.token.expired"}', True),
    "with other things before": (b'{"a": [1, -2.5e+3, null, true, [], {}], "b": {"c": ""}, ' + EXPIRED[1:], True),
    "with the last of two": (b'{"error_code": "auth.apikey.missing", "error_code": "auth.token.expired"}', True),
    "with a long text": (b'{"messages": ["' + b"x" * 100_000 + b'"], ' + EXPIRED[1:], True),
    "no UTF-8": (b'{"messages": ["\xff\xfe"], ' + EXPIRED[1:], True),
    "a name that objects have": (b'{"error_code": "constructor"}', False),
    "another": (b'{"error_code": "__proto__"}', False),
    "null": (b'{"error_code": null}', False),
    "an object": (b'{"error_code": {"auth.token.expired": 1}}', False),
    "a list": (b'["auth.token.expired"]', False),
    "a text": (b'"auth.token.expired"', False),
    "nothing": (b"", False),
    "cut off": (EXPIRED[:-1], False),
    "more after the end": (EXPIRED + b"}", False),
    "no colon": (b'{"error_code" "auth.token.expired"}', False),
    "no comma": (b'{"a": 1 "error_code": "auth.token.expired"}', False),
    "no name": (b'{error_code: "auth.token.expired"}', False),
    "an unknown word": (b'{"a": nil, "error_code": "auth.token.expired"}', False),
    "deep": (b'{"a": ' + b"[" * 200 + b"]" * 200 + b', "error_code": "auth.token.expired"}', False),
    "very deep": (b"[" * 200_000, False),
}


@pytest.mark.parametrize("status", [401, 403, 429])
@pytest.mark.parametrize("host", [NJS, LUA], ids=str)
def test_own_refusals(host: Host, status: int) -> None:
    """
    What nginx itself refuses is plain HTTP, whatever vendor the location belongs to; the upstream is not asked.
    """
    changes = {"proxy_pass http://vendors;": f"if ($arg_refuse) {{ return {status}; }} proxy_pass http://vendors;"}
    with answering(b"{}") as upstream:
        for vendor in VENDORS:
            answer = asked(host, upstream, f"/{vendor}/x?refuse=1", changes)
            problem = json.loads(answer.body)
            assert (status, "http", status) == (answer.status, problem["vendor"], problem["status"]), vendor
        assert (404, "http") == ((lost := asked(host, upstream, "/nowhere")).status, json.loads(lost.body)["vendor"])


def would_become(host: Host) -> list[str]:
    """Return what the log says: a filter sends the status before it knows the code, and sees no success."""
    shown = "{}: {} would become {} credentials_expired (vendor: gopoints)"
    if host in EXACT:
        return [shown.format(f"/gopoints/{status}", status, 401) for status in (200, 401, 404, 503)]
    by_code = [shown.format(f"/gopoints/{status}", status, status) for status in (401, 404, 503)]
    return [*by_code, "/authrocket/429: 429 would become 429 rate_limited (vendor: authrocket)"]


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_shadow(host: Host, tmp_path: Path) -> None:
    """
    With a table for shadow mode each response passes as it came, and the log says what would be answered.
    """
    exporter, example, place = setup_of(host)
    fields = (("Content-Type", "application/json"), ("X-Internal", CANARY), ("Vary", "a"))
    with answering(EXPIRED, None, fields) as upstream:
        ports = {"127.0.0.1:8080": f"127.0.0.1:{free_port()}", "127.0.0.1:8090": f"127.0.0.1:{free_port()}"}
        command = installed(tmp_path, exporter, example, {**ports, "127.0.0.1:8081": f"127.0.0.1:{upstream}"}, shadow=True)
        own = int(ports[place].rpartition(":")[2])
        with started(command, own, ready=lambda: listens(own)):
            for status in (200, 401, 404, 503):
                answer = ask(own, f"/gopoints/{status}")
                assert (status, EXPIRED) == (answer.status, answer.body)
                assert set(fields) <= {(name.title(), value) for name, value in answer.fields}
            if host not in EXACT:
                ask(own, "/authrocket/429")
    log = (tmp_path / PREFIX / "error.log").read_text()
    lines = re.findall(r'shadow: GET "([^"]*)": ([^)]*[)])', log)
    assert would_become(host) == [f"{path}: {what}" for path, what in lines]
    assert CANARY not in log


@pytest.mark.parametrize("host", [NJS, LUA], ids=str)
def test_bodies(host: Host) -> None:
    """
    A code is found wherever JSON has it, and nothing else is taken for one.
    """
    found = {}
    for name, (body, _) in BODIES.items():
        with answering(body) as upstream:
            answer = asked(host, upstream)
        assert answer.complete
        assert 401 == answer.status
        found[name] = json.loads(answer.body)["category"] == "credentials_expired"
    assert {name: is_found for name, (_, is_found) in BODIES.items()} == found


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_no_secret_comes_out(host: Host, fleet: Fleet) -> None:
    """
    Of errors that are full of secrets none comes out; only a reason phrase passes where njs is a filter.
    """
    vendors = IN_BODY if host is NJS_EXACT else VENDORS
    port, errors = fleet.port(host, Settings()), 0
    for vendor in vendors:
        for number, raw in enumerate(examples(vendor)):
            if (raw.status or 0) < 400:
                continue
            answer = ask(port, f"/{vendor}/canary/{number}")
            told = [*answer.fields, answer.body.decode(), "" if host is NJS and vendor in IN_BODY else answer.reason]
            assert CANARY not in str(told), (vendor, number)
            errors += 1
    assert errors >= 30


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_unknown_vendor_costs_nobody_the_response(host: Host) -> None:
    """
    Where the table has no such vendor, the upstream's response passes.
    """
    changes = {"set        $errortax_vendor gopoints;": "set        $errortax_vendor gopoint;"}
    if host is NJS:
        changes = {"/gopoints.conf;": "/gopoints.conf; set $errortax_vendor gopoint;"}
    if host is LUA_EXACT:
        changes = {"content(ngx.var.errortax_vendor,": 'content("gopoint",'}
    with answering(EXPIRED) as upstream:
        answer = asked(host, upstream, changes=changes)
    assert (401, EXPIRED) == (answer.status, answer.body)


@pytest.mark.parametrize("host", [NJS, LUA], ids=str)
def test_bad_table_stops_the_start(host: Host, tmp_path: Path) -> None:
    """
    A table that cannot be read stops the start; Lua names it, njs is silent.
    """
    exporter, example, table = (nginx, "nginx.conf", nginx.TABLE) if host is NJS else (lua, "nginx-lua.conf", lua.TABLE)
    ports = {f"127.0.0.1:{port}": f"127.0.0.1:{free_port()}" for port in (8080, 8090)}
    command = installed(tmp_path, exporter, example, ports)
    (tmp_path / TABLES / table).write_text("{")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode
    if host is LUA:
        assert "errortax_table" in done.stderr + (tmp_path / "prefix" / "error.log").read_text()


def test_connections_that_error_page_closes() -> None:
    """
    Through error_page those errors close the caller's connection that the limits name; through errortax.answer none does.
    """
    assert any("a 400, 413, 414, 495 to 497, 500 or 501 of the upstream" in limit for limit in nginx.LIMITS)
    statuses = (400, 401, 403, 404, 409, 413, 414, 422, 429, 495, 496, 497, 500, 501, 502, 503, 504)
    kept: dict[str, set[int]] = {}
    with answering(b"{}", None) as upstream:
        places = {"127.0.0.1:8081": f"127.0.0.1:{upstream}"}
        for vendor, port in (("authrocket", "127.0.0.1:8080"), ("youforce", "127.0.0.1:8080"), ("gopoints", "127.0.0.1:8090")):
            with running(nginx, "nginx.conf", places, port=port) as own:
                answers = {status: ask(own, f"/{vendor}/{status}", fields=(("Connection", "keep-alive"),)) for status in statuses}
            assert {"application/problem+json"} == {answer.header("content-type") for answer in answers.values()}
            kept[vendor] = {status for status, answer in answers.items() if answer.header("connection") == "keep-alive"}
    some = {401, 403, 404, 409, 422, 429, 502, 503, 504}
    assert {"authrocket": some, "youforce": some, "gopoints": set(statuses)} == kept


def test_success_beyond_the_buffer_is_lost() -> None:
    """
    The price of errortax.answer: a response larger than subrequest_output_buffer_size does not arrive.
    """
    with answering(b"x" * 1_100_000, 200) as upstream, pytest.raises(ConnectionError):
        asked(NJS_EXACT, upstream)


@pytest.mark.parametrize("host", [NJS, LUA, LUA_EXACT], ids=str)
def test_large_success_passes(host: Host) -> None:
    """
    A large success passes byte for byte, held back in memory or not.
    """
    body = bytes(range(256)) * 20_000
    with answering(body, 200, (("Content-Type", "application/octet-stream"),)) as upstream:
        assert body == asked(host, upstream).body


@pytest.mark.parametrize("host", [LUA, LUA_EXACT, NJS_EXACT], ids=str)
@pytest.mark.parametrize(
    ("status", "fields", "wait"),
    [
        (429, {"Retry-After": "17"}, "17"),
        (429, {"Retry-After": "Tue, 10 Nov 2026 09:00:00 GMT"}, "Tue, 10 Nov 2026 09:00:00 GMT"),
        (429, {"Retry-After": "soon", "X-RateLimit-Reset": "30"}, "30"),
        (429, {"X-RateLimit-Reset": "1794301200"}, None),
        (429, {}, None),
        (400, {"Retry-After": "17"}, None),
    ],
)
def test_delay(host: Host, status: int, fields: dict[str, str], wait: str | None) -> None:
    """
    A delay passes where the request may be repeated, if it needs no arithmetic.
    """
    with answering(b"{}", status, tuple(fields.items())) as upstream:
        assert wait == asked(host, upstream).header("retry-after")


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "MKCOL", "UNLOCK")
NAMELESS = ("PURGE", "QUERY", "REPORT", "SEARCH", "LINK", "CREATED", "OK")  # the last ones: nginx has constants called so


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_methods(host: Host, fleet: Fleet) -> None:
    """
    No request reaches the upstream with another method than the caller's; where Lua cannot send it, a 501 says so.
    """
    port, sent = fleet.port(host, Settings()), {}
    for method in (*METHODS, *NAMELESS):
        path = f"/gopoints/ok/{method}"
        answer = ask(port, path, method=method)
        came = [way for way, asked_for, _ in fleet.upstream.received if asked_for == path]
        fleet.upstream.received.clear()
        sent[method] = (answer.status, came)
        if answer.status != 200:
            assert ("application/problem+json", 501) == (answer.header("content-type"), json.loads(answer.body)["status"])
    unsent = NAMELESS if host is LUA_EXACT else ()
    assert {method: (501, []) if method in unsent else (200, [method]) for method in sent} == sent


IN_PIECES = (("Vary", "Origin"), ("Vary", "X-Tenant"), ("Cache-Control", "private, no-store"), ("Cache-Control", "max-age=60"))


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_repeated_fields(host: Host) -> None:
    """
    Nothing that one of several fields forbids is lost.
    """
    assert ("private, no-store, max-age=60", "Origin, X-Tenant") == for_caches(host, IN_PIECES)


def test_repeated_fields_where_the_first_is_all_there_is() -> None:
    """
    Where the status is the code, a version that shows only the first of several fields says what is safe.
    """
    command = ["nginx", "-v"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    is_old = [int(number) for number in re.findall(r"\d+", told)[:2]] < [1, 23]
    whole = ("private, no-store, max-age=60", "Origin, X-Tenant")
    assert (("no-store", "*") if is_old else whole) == for_caches(NJS, IN_PIECES, "/authrocket/x")
    assert (None, None) == for_caches(NJS, (), "/authrocket/x")
    empty_first = (("Cache-Control", ""), ("Cache-Control", "no-store"))
    assert "no-store" == (for_caches(NJS, empty_first, "/authrocket/x")[0] or "").lstrip(", ")
    assert whole == for_caches(LUA, IN_PIECES, "/authrocket/x")


@pytest.mark.parametrize("host", HOSTS, ids=str)
@pytest.mark.parametrize(
    ("length", "vary"),
    [(257, "x" * 257), (4096, "x" * 4096), (4097, "*")],
)
def test_long_vary(host: Host, length: int, vary: str) -> None:
    """
    A long Vary is not lost beside a Cache-Control that allows much.
    """
    fields = (("Cache-Control", "public, max-age=600"), ("Vary", "x" * length))
    assert ("public, max-age=600", vary) == for_caches(host, fields)


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_long_cache_control(host: Host) -> None:
    """
    A long Cache-Control is not lost, and one that is far too long says that nothing may be stored.
    """
    for length, expected in ((300, "private, " + "x" * 291), (4097, "no-store")):
        assert (expected, None) == for_caches(host, (("Cache-Control", "private, ".ljust(length, "x")),))


@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_long_fields_are_left_out(host: Host) -> None:
    """
    Of other fields only short ones pass.
    """
    with answering(EXPIRED, 401, (("Allow", "x" * 257), ("X-RateLimit-Limit", "1" * 256))) as upstream:
        answer = asked(host, upstream)
    assert (None, "1" * 256) == (answer.header("allow"), answer.header("x-ratelimit-limit"))


def for_caches(host: Host, fields: tuple[tuple[str, str], ...], path: str = "/gopoints/x") -> tuple[str | None, str | None]:
    """Return Cache-Control and Vary of the answer to an error with such *fields*, each comma with one blank."""
    changes = {"access_log off;": "access_log off; proxy_buffer_size 16k; proxy_buffers 8 16k;"}
    with answering(EXPIRED, 401, fields) as upstream:
        answer = asked(host, upstream, path, changes)
    names = ("cache-control", "vary")
    assert all(len(answer.get_all(name)) <= 1 for name in names)
    cache_control, vary = (value and re.sub(", *", ", ", value) for value in map(answer.header, names))
    return cache_control, vary


KONG = """
    location /kong/ {
        header_filter_by_lua_block { return }
        body_filter_by_lua_block { return }
        content_by_lua_block {
            -- what the `response` phase of Kong 3 does around a plugin: see Kong.response in kong/init.lua
            local reply = ngx.location.capture("/errortax-upstream")
            local cleared = {}
            kong = {
                response = {
                    get_headers = function() return ngx.resp.get_headers(0, true) end,
                    clear_header = function(name) ngx.header[name] = nil end,
                    exit = function(status, body, headers)
                        ngx.status = status
                        for name, value in pairs(headers) do ngx.header[name] = value end
                        ngx.header["Content-Length"] = #body
                        ngx.print(body)
                        return ngx.exit(status)
                    end,
                },
                service = {response = {
                    get_status = function() return reply.status end,
                    get_headers = function() return reply.header end,
                    get_raw_body = function() return reply.body end,
                }},
            }
            ngx.status = reply.status
            for name, value in pairs(reply.header) do ngx.header[name] = value end
            require("errortax").kong_response("gopoints")
            ngx.print(reply.body)
        }
    }
    location = /errortax-upstream {
        internal;
        header_filter_by_lua_block { return }
        body_filter_by_lua_block { return }
        proxy_pass http://vendors;
    }
    location /authrocket/ {"""


def test_kong_binding() -> None:
    """
    In the phase in which Kong has read the whole response, the status is right and the upstream's fields are gone.
    """
    changes = {"location /authrocket/ {": KONG}
    with answering(EXPIRED, 400, (("X-Secret", CANARY), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))) as upstream:
        answer = asked(LUA, upstream, "/kong/x", changes)
    assert (401, "application/problem+json") == (answer.status, answer.header("content-type"))
    assert {"status": 401, "code": "auth.token.expired"}.items() <= json.loads(answer.body).items()
    assert not answer.get_all("x-secret") + answer.get_all("set-cookie")
    with answering(b"fine", 200, (("X-Own", "1"),)) as upstream:
        answer = asked(LUA, upstream, "/kong/x", changes)
    assert (200, b"fine", "1") == (answer.status, answer.body, answer.header("x-own"))
