"""
The fake responses of `errortax.testing`, including those of clients, and its server.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from typing import get_args, get_type_hints

import aiohttp
import httpx
import pytest

import errortax
from errortax import RawResponse, load_registry
from errortax.exceptions import CredentialsExpired, RateLimited, UnknownCodeError, UnknownVendorError
from errortax.http import raw_response
from errortax.integrations.httpx import async_hook, hook
from errortax.testing import Received, documented_errors, fake, serve

INTEGRATIONS = {"httpx2": "httpx", "niquests": "requests"}  # those that serve two clients
NAMES, _ = get_args(get_type_hints(fake)["client"])  # or None
CLIENTS = [name for name in get_args(NAMES) if find_spec(name)]  # niquests cannot be installed beside the others
BLOCKING = [name for name in CLIENTS if name != "aiohttp"]
EXPIRED = ("gopoints", "auth.token.expired")


def integration(client):
    """Return the module of errortax for a client."""
    return import_module(f"errortax.integrations.{INTEGRATIONS.get(client, client)}")


def made(client, *arguments, **variation):
    """Fake a response of any client in a running event loop, which some clients need, and return it with status and body."""

    async def make():
        response = fake(*arguments, client=client, **variation)
        status = response.status if client == "aiohttp" else response.status_code
        body = await response.read() if client == "aiohttp" else response.content
        return response, status, body

    return asyncio.run(make())


@pytest.fixture
def acme(tmp_path):
    """Return a registry with a vendor of our own, some of whose examples are unusual."""

    def example(name, status, expect="code", **members):
        response = {"json": members} if status is None else {"status": status, "json": members}
        return {"name": name, "response": response, "expect": {"outcome": "error", "level": expect}}

    odd, variant, plain = (
        example("odd", 500, code="tea"),
        example("variant", 400, "variant", code="tea", hot=1),
        example("plain", 400, code="tea"),
    )
    unknown, known = example("unknown", None, code="milk"), example("known", 400, code="milk")
    recognise = "/code"
    document = {
        "format": "1.0",
        "vendor": "acme",
        "title": "Acme",
        "scheme": "slug",
        "envelopes": [{"name": "any", "description": "Always.", "recognise": recognise, "code": ["/code"], "schema": {}}],
        "entries": [
            {"code": "tea", "statuses": [400], "category": "declined", "examples": [odd, variant, plain]},
            {"code": "milk", "category": "declined", "examples": [unknown, known]},
            {"code": "bare", "category": "declined"},
            {"code": "fine", "outcome": "success"},
        ],
    }
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return load_registry(path)


# --- fake


@pytest.mark.parametrize(("vendor", "code"), documented_errors())
def test_each_documented_error_can_be_faked(vendor, code):
    """
    A fake of a documented error parses as that error, has that vendor's address, and leaves no doubt.
    """
    error = errortax.parse(fake(vendor, code), vendor)
    assert (vendor, code) == (error.vendor, error.match.entry)
    assert not error.match.status_conflict
    assert vendor == errortax.parse(fake(vendor, code)).vendor


def test_successes_can_be_faked_too():
    """
    A code that is not an error can be faked as well, in any spelling that the vendor treats as the same.
    """
    assert errortax.parse(fake("planoauth", "action_successful"), "planoauth") is None
    assert 202 == fake("authrocket", "202").status


def test_documented_errors(acme):
    """
    All errors of one vendor, or of every one, are listed with their vendor; successes are not.
    """
    assert (("acme", "tea"), ("acme", "milk"), ("acme", "bare")) == documented_errors("acme", registry=acme)
    assert 17 == len(documented_errors("planoauth"))
    assert {*documented_errors(), *documented_errors("acme", registry=acme)} == set(documented_errors(registry=acme))
    with pytest.raises(UnknownVendorError, match="gopoints"):
        documented_errors("gopoint")


def test_the_plain_example_is_taken(acme):
    """
    Unless one is named, the example is the first with a documented status that no variant of the entry is needed for.
    """
    assert fake("acme", "tea", registry=acme, example="plain") == fake("acme", "tea", registry=acme)
    assert fake("acme", "tea", registry=acme, example="variant") != fake("acme", "tea", registry=acme)
    assert 400 == fake("acme", "milk", registry=acme).status
    assert 500 == fake("acme", "tea", registry=acme, example="odd").status
    assert fake("acme", "milk", registry=acme, example="unknown").status is None


def test_request_of_a_fake(acme):
    """
    A fake answers a GET at an address of its vendor, or at an address of nobody if the vendor has none; both can be set.
    """
    assert ("https://api.gopoints.net/", "GET") == (fake(*EXPIRED).url, fake(*EXPIRED).method)
    assert "https://api.example/" == fake("acme", "tea", registry=acme).url
    raw = fake(*EXPIRED, url="https://eu.gopoints.net/x", method="POST")
    assert ("https://eu.gopoints.net/x", "POST") == (raw.url, raw.method)


def test_members_are_merged():
    """
    `json` changes single members of the body, and leaves the others as they are in the example.
    """
    members = json.loads(fake(*EXPIRED, json={"error_id": "err-1", "new": [1]}).body)
    expected = json.loads(fake(*EXPIRED).body) | {"error_id": "err-1", "new": [1]}
    assert expected == members


def test_headers_are_merged():
    """
    `headers` adds fields, replaces fields with the same name in any spelling, and removes those that are None.
    """
    raw = fake("authrocket", "429", headers={"x-request-id": "rq_1", "DATE": None, "X-New": "1"})
    assert "rq_1" == raw.headers["X-Request-ID"]
    assert ("rq_1",) == raw.headers.get_all("x-request-id")
    assert "date" not in raw.headers
    assert ("1", "600") == (raw.headers["x-new"], raw.headers["ratelimit-limit"])


def test_body_is_replaced():
    """
    `body` replaces the body and its stated length; None is a body that was not read.
    """
    assert b"<html>" == fake(*EXPIRED, body=b"<html>").body
    assert fake(*EXPIRED, body=None).body is None
    assert "7" == fake(*EXPIRED, body=b"x", headers={"Content-Length": "7"}).headers["content-length"]


@pytest.mark.parametrize(("seconds", "expected"), [(0, 0.0), (30, 30.0), (0.2, 1.0)])
def test_delay(seconds, expected):
    """
    `retry_after` is a delay in whole seconds, rounded up, and replaces the delay of the example.
    """
    raw = fake("http", "503", retry_after=seconds, headers={"RETRY-AFTER": "99"})
    assert expected == errortax.parse(raw).retry_after


def test_a_status_can_be_unknown_or_another():
    """
    `status` may be any that a server can send, or None; it may change the verdict.
    """
    assert errortax.parse(fake(*EXPIRED, status=403), "gopoints").match.status_conflict
    assert fake(*EXPIRED, status=None).status is None


@pytest.mark.parametrize(
    ("variation", "kind", "message"),
    [
        ({"statuz": 1}, TypeError, "no keyword 'statuz'; it has example, status, headers"),
        ({"status": 42}, ValueError, "status must be an int of three digits, or None for an unknown one, not 42"),
        ({"status": "401"}, TypeError, "status must be an int or None"),
        ({"headers": "x: y"}, TypeError, "headers must be a mapping of names to values"),
        ({"json": [1]}, TypeError, r"json must be a mapping of members to merge, not \[1\]; pass other bodies as body"),
        ({"json": {}, "body": b""}, TypeError, "pass only one of them"),
        ({"body": {}}, TypeError, "body must be bytes, str or None"),
        (
            {"retry_after": -1},
            ValueError,
            "retry_after must be a number of seconds from 0 up, not -1; pass other values",
        ),
        ({"retry_after": float("inf")}, ValueError, "not inf"),
        ({"retry_after": "30"}, ValueError, "not '30'"),
        ({"example": "an old tokn"}, ValueError, "has no example 'an old tokn' of 'auth.token.expired'; it has 'an old token', "),
        ({"client": "curl"}, ValueError, "unknown client 'curl'; known: httpx, httpx2, requests, niquests, aiohttp"),
    ],
)
def test_bad_variations(variation, kind, message):
    """
    Variations that are not possible are refused at once, with the possible ones.
    """
    with pytest.raises(kind, match=message):
        fake(*EXPIRED, **variation)


def test_unknown_names():
    """
    An undocumented vendor or code is refused with the near misses.
    """
    with pytest.raises(UnknownCodeError, match=r"did you mean 'auth\.token\.expired'"):
        fake("gopoints", "auth.token.expird")
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        fake("gopoint", "auth.token.expired")


def test_nothing_to_make_it_from(acme):
    """
    An entry without examples cannot be faked, and members cannot be merged into a body that has none.
    """
    with pytest.raises(ValueError, match="'acme' has no example of 'bare'; add one"):
        fake("acme", "bare", registry=acme)
    with pytest.raises(ValueError, match="the body of example 'Come back in two minutes' is not a JSON object"):
        fake("http", "503", json={"a": 1})


# --- fake, as clients have it


@pytest.mark.parametrize(("vendor", "code"), [*documented_errors("gopoints")[:3], ("http", "4xx"), ("authrocket", "403")])
@pytest.mark.parametrize("client", CLIENTS)
def test_clients_responses_mean_the_same(client, vendor, code):
    """
    A client's own response means the same as the raw one, including its request.
    """
    raw = fake(vendor, code, method="POST")
    response, status, body = made(client, vendor, code, method="POST")
    assert client == type(response).__module__.partition(".")[0]
    assert (raw.status, raw.body) == (status, body)
    assert errortax.parse(raw).to_dict() == errortax.parse(response).to_dict()
    read = raw_response(response)
    assert (raw.url, "POST") == (read.url, read.method)
    assert str(len(body)) == response.headers["Content-Length"]


@pytest.mark.parametrize("client", BLOCKING)
def test_blocking_clients_responses_are_complete(client):
    """
    A client's response has all parts of a received one, and raises its client's exception.
    """
    response = fake(*EXPIRED, client=client)
    assert "auth.token.expired" == response.json()["error_code"]
    assert "auth.token.expired" in response.text
    assert "GET" == response.request.method
    assert "https://api.gopoints.net/" == str(response.url)
    assert 0 == response.elapsed.total_seconds()
    assert "application/json; charset=utf-8" == response.headers["content-type"]
    with pytest.raises(Exception, match="401") as caught:
        response.raise_for_status()
    assert response is caught.value.response
    error_of = integration(client).error_of
    assert "credentials_expired" == error_of(response).category == error_of(caught.value).category
    with pytest.raises(CredentialsExpired):
        integration(client).hook()(response)


def test_aiohttp_responses_are_complete():
    """
    A response of aiohttp's can be read again and again and raises its client's exception; in debug mode nothing is warned of.
    """

    async def ask():
        async with fake(*EXPIRED, client="aiohttp") as response:
            assert "auth.token.expired" == (await response.json())["error_code"]
            assert "auth.token.expired" in await response.text()
            assert ("GET", "Unauthorized", 401) == (response.method, response.reason, response.status)
            assert "https://api.gopoints.net/" == str(response.url) == str(response.request_info.url)
            with pytest.raises(aiohttp.ClientResponseError, match="401") as caught:
                response.raise_for_status()
            assert "credentials_expired" == integration("aiohttp").error_of(response).category
            with pytest.raises(CredentialsExpired):
                await integration("aiohttp").hook()(response)
            assert "gopoints" in str(caught.value.request_info.real_url)

    asyncio.run(ask(), debug=True)


def test_aiohttp_needs_a_loop():
    """
    Outside of a running event loop, a fake for aiohttp is refused with advice.
    """
    with pytest.raises(RuntimeError, match="aiohttp's responses belong to a running event loop; call fake inside a coroutine"):
        fake(*EXPIRED, client="aiohttp")


@pytest.mark.parametrize("client", CLIENTS)
def test_variations_reach_clients(client):
    """
    Clients' responses vary like raw ones: text, large, unread and missing bodies, and wrong lengths.
    """
    assert b"na\xc3\xafve" == made(client, *EXPIRED, body="naïve")[2]
    assert 300_000 == len(made(client, *EXPIRED, body=b"x" * 300_000)[2])
    assert b"" == made(client, *EXPIRED, body=None)[2]
    assert b"" == made(client, "http", "204")[2]
    response, status, body = made(client, *EXPIRED, headers={"Content-Length": "999999"}, status=599, url=None, method=None)
    assert (599, "999999", True) == (status, response.headers["content-length"], len(body) < 999)
    with pytest.raises(ValueError, match="needs a status; pass status"):
        made(client, *EXPIRED, status=None)


def test_hooks_judge_fakes():
    """
    A faked response passes through a client with errortax's hook in it as a received one does.
    """
    limited = httpx.MockTransport(lambda _: fake("authrocket", "429", client="httpx", retry_after=7))
    with (
        httpx.Client(transport=limited, event_hooks={"response": [hook("authrocket")]}) as client,
        pytest.raises(RateLimited) as caught,
    ):
        client.post("https://api.authrocket.com/v2/users")
    assert (7.0, "POST") == (caught.value.error.retry_after, caught.value.method)

    async def send():
        async with httpx.AsyncClient(transport=limited, event_hooks={"response": [async_hook()]}) as client:
            await client.get("https://api.authrocket.com/v2/users")

    with pytest.raises(RateLimited):
        asyncio.run(send())


def test_an_error_in_a_success_has_a_length():
    """
    A faked error inside a 200 can be found with `inspect_success`, for which a length has to be known.
    """
    response = fake("gopoints", "auth.user.restricted", example="an error inside a 200", client="httpx")
    with pytest.raises(errortax.exceptions.VendorError):
        hook("gopoints", inspect_success=True)(response)


# --- serve


def test_responses_come_in_turn():
    """
    The responses are sent in the given order, and from then on the last one, to any request.
    """
    with serve(fake("http", "503"), fake(*EXPIRED), RawResponse(200, {}, "ok")) as server, httpx.Client() as client:
        answers = [client.request(method, f"{server.url}/{method}") for method in ("GET", "POST", "PURGE", "GET")]
    assert [503, 401, 200, 200] == [answer.status_code for answer in answers]
    assert [fake("http", "503").body, fake(*EXPIRED).body, b"ok", b"ok"] == [answer.content for answer in answers]
    assert "120" == answers[0].headers["Retry-After"]


def test_requests_are_remembered():
    """
    The server records each request: method, target with query, header fields, and body, sent whole or in chunks.
    """
    with serve(RawResponse(204)) as server, httpx.Client() as client:
        assert [] == server.requests
        client.post(f"{server.url}/users?page=2", content=b'{"a":1}', headers={"X-Key": "k"})
        client.put(server.url, content=iter([b"first ", b"second"]))
        first, second = server.requests
    assert ("POST", "/users?page=2", b'{"a":1}', "k") == (first.method, first.path, first.body, first.headers["x-key"])
    assert Received("PUT", "/", second.headers, b"first second") == second


def test_chunks_with_trailers_are_read_to_their_end():
    """
    A chunked body with extensions and trailer fields leaves the connection ready for the next request.
    """
    chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
    with serve(RawResponse(204)) as server, connected(server) as connection:
        connection.sendall(chunked + b"GET /next HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert b"HTTP/1.1 204 No Content\r\n\r\n" * 2 == b"".join(iter(lambda: connection.recv(4096), b""))
        assert [(b"abc", "/"), (b"", "/next")] == [(request.body, request.path) for request in server.requests]


def connected(server):
    """Open a connection to the *server*."""
    return socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5)


def test_connections_are_kept():
    """
    One connection serves any number of requests; a HEAD gets the length of the body but not the body.
    """
    with serve(RawResponse(500, {"Content-Length": "9", "X-A": "1"}, b"hello")) as server:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
        for method in ("HEAD", "GET", "HEAD"):
            connection.request(method, "/")
            port = connection.sock.getsockname()[1]
            response = connection.getresponse()
            body = response.read()
            assert ("5", b"" if method == "HEAD" else b"hello") == (response.headers["Content-Length"], body)
            assert connection.sock is not None
            assert port == connection.sock.getsockname()[1]
        connection.close()


@pytest.mark.parametrize("status", [204, 304, 200, 299, 599])
def test_any_final_status_is_served(status):
    """
    Any status from 200 on can be served, those that never have a body without one.
    """
    with serve(RawResponse(status, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], b"body")) as server:
        response = httpx.get(server.url)
    assert status == response.status_code
    assert (b"" if status in {204, 304} else b"body") == response.content
    assert ["a=1", "b=2"] == response.headers.get_list("set-cookie")


def test_every_documented_error_is_served_as_it_is():
    """
    A response from the server means the same as the faked response.
    """
    pairs = documented_errors("gopoints")
    with serve(*(fake(*pair) for pair in pairs)) as server, httpx.Client() as client:
        for pair in pairs:
            assert errortax.parse(fake(*pair)).to_dict() == errortax.parse(client.get(server.url), "gopoints").to_dict()


def test_several_clients_at_once():
    """
    Requests that come at the same time are all answered and remembered.
    """
    with serve(fake(*EXPIRED)) as server:
        threads = [threading.Thread(target=httpx.get, args=(server.url,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 8 == len(server.requests)


def test_the_end_leaves_nothing(capfd, monkeypatch):
    """
    At the end of the block no thread is left and nobody listens, even if clients hold connections or hung up, and without
    a time-out that has to pass; nothing is printed.
    """
    threads, limits, limit = threading.active_count(), [], socket.socket.settimeout

    def limited(connection, seconds):
        limits.append((connection.getsockname()[1], seconds))
        limit(connection, seconds)

    monkeypatch.setattr(socket.socket, "settimeout", limited)
    with ExitStack() as clients:
        with serve(fake(*EXPIRED)) as server:
            kept, silent, rude = (clients.enter_context(connected(server)) for _ in range(3))
            kept.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert kept.recv(4096).startswith(b"HTTP/1.1 401 Unauthorized\r\n")
            silent.sendall(b"GET")
            rude.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n")
            assert b"" == rude.recv(1)
        assert threads == threading.active_count()
        assert [(0, 5)] * 3 == limits  # our own three, which were not connected yet
        assert [b"", b""] == [kept.recv(1), silent.recv(1)]
    with pytest.raises(OSError, match="refused"):
        connected(server)
    assert ("", "") == capfd.readouterr()


def test_servers_end_with_an_exception_too():
    """
    An exception in the block ends the server and passes on.
    """
    servers = []

    def fail():
        with serve(RawResponse(200)) as server:
            servers.append(server)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(OSError, match="refused"):
        connected(*servers)


@pytest.mark.parametrize(
    ("responses", "kind", "message"),
    [
        ([], TypeError, r"nothing to serve; pass the responses, such as errortax\.testing\.fake"),
        ([RawResponse(503), 401], TypeError, r"cannot serve 401; pass an errortax\.RawResponse"),
        ([RawResponse(None)], ValueError, "cannot serve <RawResponse None, .*>; its status must be from 200 to 999"),
        ([RawResponse(103)], ValueError, "cannot serve <RawResponse 103"),
        ([RawResponse(200), RawResponse(1000)], ValueError, "cannot serve <RawResponse 1000"),
        ([RawResponse(200, {"X Y": "1"})], ValueError, "header field 'x y' of <.*>; name it by letters, digits and hyphens"),
        ([RawResponse(200, {"": "1"})], ValueError, "header field '' of"),
        (
            [RawResponse(200, {"X-A": "1\r\nX-B: 2"})],
            ValueError,
            "header field 'x-a' of <.*>; make its value one line of ISO 8859-1",
        ),
        ([RawResponse(200, {"X-A": ["1", "2\n3"]})], ValueError, "header field 'x-a' of"),
        ([RawResponse(200, {"X-A": "\N{EURO SIGN}"})], ValueError, "header field 'x-a' of"),
    ],
)
def test_what_cannot_be_served(responses, kind, message):
    """
    A response that cannot be sent is refused when the server is set up, before the block begins.
    """
    with pytest.raises(kind, match=message):
        serve(*responses)


def test_what_can_just_be_served():
    """
    The highest status, any sign of a token in a name and the last letter of ISO 8859-1 in a value are sent.
    """
    with serve(RawResponse(999, {"X-A!~": "\N{LATIN SMALL LETTER Y WITH DIAERESIS}"})) as server:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
        connection.request("GET", "/")
        response = connection.getresponse()
        assert (999, "\xff") == (response.status, response.headers["X-A!~"])
        connection.close()


def test_only_this_machine_is_served():
    """
    The server listens on the loopback interface alone, and its address says so.
    """
    with serve(RawResponse(200)) as server:
        assert server.url.startswith("http://127.0.0.1:")
        with pytest.raises(OSError, match="refused"):  # another address, which a server for everybody would listen at
            socket.create_connection(("127.0.0.2", int(server.url.rpartition(":")[2])), timeout=5)


def test_every_method_is_answered():
    """
    The server answers to every method, even to one that does not exist yet.
    """
    with serve(RawResponse(404, {}, b"body")) as server:
        assert b"body" == httpx.request("ANYTHING", server.url).content
        assert ["ANYTHING"] == [request.method for request in server.requests]


def test_no_client_is_imported():
    """
    To import `errortax.testing` imports no HTTP client, no pytest and no jsonschema.
    """
    script = "import sys, errortax.testing; print({*sys.argv[1:]} & {*sys.modules})"
    heavy = [*CLIENTS, "urllib3", "pytest", "jsonschema"]
    done = subprocess.run([sys.executable, "-c", script, *heavy], capture_output=True, text=True, check=True)
    assert "set()" == done.stdout.strip()
