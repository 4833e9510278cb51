"""
Each client keeps the same contract, against a real server. `pytest tests/contract` ends with the table of the scenarios;
a line in ``clients.py`` adds a column.
"""

from __future__ import annotations

import json
import signal
import socket
import threading
from collections.abc import Iterator
from inspect import signature
from pkgutil import iter_modules
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

import errortax
from contract.calls import Call, Client
from contract.clients import CLIENTS
from contract.server import Server, examples, refused_url
from errortax import BodyKind, CanonicalError, Category, Level, RawResponse, exceptions, integrations
from errortax.exceptions import UnknownVendorError, VendorError

VENDORS = tuple(errortax.default_registry())
SLUGS = "planoauth"
DOTTED = "gopoints"
EVERY = {"plain": 1, "gzip": 6, "chunked": 6}  # how it is sent → each example, or each sixth
CAP = 256 * 1024
ERROR_IN_A_SUCCESS = json.dumps({"status": "error", "error_code": "auth.token.expired", "error_id": "err-1", "messages": []})

each_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
following = {name: client for name, client in CLIENTS.items() if client.follows_redirects}
each_following_client = pytest.mark.parametrize("client", following.values(), ids=following)
each_attaching_client = pytest.mark.parametrize(
    "client", [pytest.param(client, id=name) for name, client in CLIENTS.items() if client.attaches is not None]
)


def raised(client: Client, call: Call) -> VendorError:
    """Send the *call* with the *client* and return what is raised."""
    with pytest.raises(VendorError) as caught:
        client.raises(call)
    return caught.value


def attached(client: Client, call: Call) -> CanonicalError | None:
    """Send the *call* with the *client* and return what is written on the response."""
    assert client.attaches is not None
    return client.attaches(call).error


def compare(expected: CanonicalError, error: CanonicalError | None) -> None:
    """Check that verdict and details agree; parts that depend on the clock may differ by some seconds."""
    assert error is not None
    ours, theirs = expected.to_dict(), error.to_dict()
    for document in (ours, theirs):
        document.pop("retry_after", None)
        (document.get("rate_limit") or {}).pop("reset_after", None)
    assert ours == theirs
    first, second = ((it.retry_after, it.rate_limit and it.rate_limit.reset_after) for it in (expected, error))
    assert pytest.approx(first, abs=30) == second


def example_number(vendor: str, code: str) -> int:
    """Return the place of an example that leads to *code*."""
    return next(
        number for number, raw in enumerate(examples(vendor)) if code == getattr(errortax.parse(raw, vendor), "code", None)
    )


@pytest.mark.parametrize("how", EVERY)
@pytest.mark.parametrize("vendor", VENDORS)
@each_client
def test_examples_are_raised(client: Client, vendor: str, how: str, server: Server) -> None:
    """
    Each example of each vendor is raised as its documented error, however it is sent; an example that is not an error
    arrives.
    """
    for number, raw in list(enumerate(examples(vendor)))[:: EVERY[how]]:
        status, expected = raw.status or 0, errortax.parse(raw, vendor)
        call = Call(url=server.url(f"/example/{vendor}/{number}?how={how}"), vendor=vendor)
        if status < 300:
            assert status == client.raises(call).status
        elif status >= 400:
            assert expected is not None
            exception = raised(client, call)
            compare(expected, exception.error)
            assert exceptions.exception_for(expected).__class__ is exception.__class__
            assert "GET" == exception.method
            assert not exception.idempotency_key


@pytest.mark.parametrize("vendor", VENDORS)
@each_attaching_client
def test_examples_are_attached(client: Client, vendor: str, server: Server) -> None:
    """
    Each example of each vendor arrives with its documented error, and nothing is raised.
    """
    assert client.attaches is not None
    for number, raw in enumerate(examples(vendor)):
        if (raw.status or 0) >= 400:
            answer = client.attaches(Call(url=server.url(f"/example/{vendor}/{number}"), vendor=vendor))
            expected = errortax.parse(raw, vendor)
            assert expected is not None
            compare(expected, answer.error)
            assert (raw.status, raw.body or b"") == (answer.status, answer.body)


@pytest.mark.parametrize("how", ["gzip", "chunked"])
@each_attaching_client
def test_encoded_examples_are_attached(client: Client, how: str, server: Server) -> None:
    """
    An error that comes compressed or in chunks is attached as well, and its body can still be read.
    """
    assert client.attaches is not None
    number = example_number(DOTTED, "auth.token.expired")
    answer = client.attaches(Call(url=server.url(f"/example/{DOTTED}/{number}?how={how}"), vendor=DOTTED))
    assert answer.error is not None
    assert "auth.token.expired" == answer.error.code
    assert examples(DOTTED)[number].body == answer.body


@pytest.mark.parametrize("name", CLIENTS)
def test_credentials_of_the_request(name: str, server: Server) -> None:
    """
    What the request sent as credentials is not in the texts of the error, where the client's response leads to the request.
    """
    client = CLIENTS[name]
    call = Call(url=server.url("/refusal"), vendor=SLUGS, headers={"Authorization": "Bearer mumble", "X-Api-Key": "jumble"})
    errors = [raised(client, call).error, *([attached(client, call)] if client.attaches is not None else [])]
    is_hidden = {"urllib3": (False, False), "http.client": (False,), "urllib.request": (False, True)}.get(name, (True, True))
    shown = [f"unknown: Bearer {'[redacted], [redacted]' if hidden else 'mumble, jumble'}" for hidden in is_hidden]
    assert shown[: len(errors)] == [error and error.message for error in errors]


@pytest.mark.parametrize("vendor", VENDORS)
@each_client
def test_head(client: Client, vendor: str, server: Server) -> None:
    """
    The status alone decides about the answer to HEAD, which has no body.
    """
    number, raw = next((number, raw) for number, raw in enumerate(examples(vendor)) if (raw.status or 0) >= 400)
    expected = errortax.parse(RawResponse(raw.status, raw.headers, b""), vendor)
    assert expected is not None
    exception = raised(client, Call(url=server.url(f"/example/{vendor}/{number}"), vendor=vendor, method="HEAD"))
    compare(expected, exception.error)
    assert "HEAD" == exception.method


@each_client
def test_redirect_to_success(client: Client, server: Server) -> None:
    """
    A redirect is followed, if the client follows any, and its own body is never taken for an error.
    """
    answer = client.raises(Call(url=server.url("/redirect?to=/success"), vendor=SLUGS, inspect_success=True))
    assert (200 if client.follows_redirects else 302) == answer.status


@pytest.mark.parametrize("method", ["GET", "POST"])
@each_client
def test_redirect_to_error(client: Client, method: str, server: Server) -> None:
    """
    The error at the end of a redirect is raised, with the method of the request that would be repeated, the first.
    """
    number = example_number(SLUGS, "session-expired")
    call = Call(url=server.url(f"/redirect?status=303&to=/example/{SLUGS}/{number}"), vendor=SLUGS, method=method)
    if not client.follows_redirects:
        assert 303 == client.raises(call).status
        return
    exception = raised(client, call)
    assert ("session-expired", method) == (exception.error.code, exception.method)


@pytest.mark.parametrize(("status", "method", "repeated"), [(303, "GET", True), (303, "POST", False), (307, "POST", True)])
@each_following_client
def test_redirect_to_refusal(client: Client, status: int, method: str, repeated: bool, server: Server) -> None:
    """
    If a redirect to a GET leads to a rate limit, the GET was refused, and the POST before it is not repeated.
    """
    busy = quote("/headers?status=429&h=Retry-After:%200", safe="")
    call = Call(url=server.url(f"/redirect?status={status}&to={busy}"), vendor="youforce", method=method)
    if status == 307 and not client.follows_with_body:
        with pytest.raises(HTTPError, match="307"):
            client.raises(call)
        return
    exception = raised(client, call)
    assert (Category.RATE_LIMITED, method) == (exception.error.category, exception.method)
    assert repeated is errortax.decide_retry(exception.error, method=exception.method).retry


@pytest.mark.parametrize(("method", "repeated"), [("GET", True), ("POST", False)])
@each_following_client
def test_redirect_to_a_closed_port(client: Client, method: str, repeated: bool, server: Server) -> None:
    """
    If a redirect leads to no connection, the first request was received all the same, and a POST is not repeated.
    """
    call = Call(url=server.url(f"/redirect?status=303&to={refused_url()}"), vendor=SLUGS, method=method)
    exception = raised(client, call)
    assert Category.CONNECTION_FAILED == exception.error.category
    if client.shows_redirects:
        assert repeated is errortax.decide_retry(exception.error, method=method).retry


@each_attaching_client
def test_redirect_with_attaching(client: Client, server: Server) -> None:
    """
    The error at the end of a redirect is attached to its response, and none to the redirect.
    """
    number = example_number(SLUGS, "session-expired")
    error = attached(client, Call(url=server.url(f"/redirect?to=/example/{SLUGS}/{number}"), vendor=SLUGS))
    assert ("session-expired" if client.follows_redirects else None) == getattr(error, "code", None)


@pytest.mark.parametrize(("path", "seconds", "category"), [
    ("/hang-up", 20.0, Category.CONNECTION_FAILED),
    ("/hang-up?after=headers", 20.0, Category.CONNECTION_FAILED),
    ("/nothing", 1.0, Category.NO_RESPONSE),
    ("/large?length=1000&status=200&withheld", 1.0, Category.NO_RESPONSE),
], ids=["no byte", "half a success", "no answer", "late success"])  # fmt: skip
@each_client
def test_breaking_off(client: Client, path: str, seconds: float, category: Category, server: Server) -> None:
    """
    If a server hangs up or falls silent, at any moment up to the end of a success, a GET is repeated; a POST may have been
    applied, and is not.
    """
    for method, content in (("POST", b"{}"), ("GET", None)):
        exception = raised(client, Call(url=server.url(path), vendor=DOTTED, method=method, content=content, seconds=seconds))
        error = exception.error
        assert (DOTTED, category, Level.TRANSPORT) == (error.vendor, error.category, error.match.level)
        assert method == exception.method
        assert isinstance(exception.__cause__, Exception)
        assert not isinstance(exception.__cause__, VendorError)
        assert (method == "GET") is errortax.decide_retry(error, method=exception.method).retry


@each_client
def test_no_connection(client: Client) -> None:
    """
    Without a connection, nothing can have been applied, and even a POST may be repeated.
    """
    exception = raised(client, Call(url=refused_url(), vendor=DOTTED, method="POST", content=b"{}"))
    assert (DOTTED, Category.CONNECTION_FAILED) == (exception.error.vendor, exception.error.category)
    assert errortax.decide_retry(exception.error, method="POST").retry
    assert isinstance(exception.__cause__, Exception)
    assert not isinstance(exception.__cause__, VendorError)


@each_client
def test_not_trusted(client: Client, server: Server) -> None:
    """
    A certificate that is not trusted does not become so by waiting: nothing is repeated, and the hint names it.
    """
    exception = raised(client, Call(url=server.tls_url("/success"), vendor=DOTTED))
    assert (DOTTED, Category.CONNECTION_IMPOSSIBLE) == (exception.error.vendor, exception.error.category)
    assert "certificate" == exception.error.hints[0].target
    assert not errortax.decide_retry(exception.error, method="GET").retry
    assert isinstance(exception.__cause__, Exception)


@each_client
def test_no_such_host(client: Client) -> None:
    """
    A name that does not exist is an address to be corrected; a resolver that cannot say may know better later.
    """
    with pytest.raises(socket.gaierror) as caught:
        socket.getaddrinfo("nobody.invalid", 80)
    exception = raised(client, Call(url="http://nobody.invalid/", vendor=DOTTED, method="POST", content=b"{}"))
    exists = caught.value.errno != socket.EAI_NONAME or not client.explains_resolution
    assert (Category.CONNECTION_FAILED if exists else Category.CONNECTION_IMPOSSIBLE) is exception.error.category
    assert exists is errortax.decide_retry(exception.error, method="POST").retry
    assert exists or "address" == exception.error.hints[0].target
    assert isinstance(exception.__cause__, Exception)
    assert not isinstance(exception.__cause__, VendorError)


@each_client
def test_tls(client: Client, server: Server) -> None:
    """
    With the certificate's authority trusted, TLS works as without errortax.
    """
    answer = client.raises(Call(url=server.tls_url("/success"), vendor=DOTTED, authority=server.authority))
    assert (200, b'{"ok": true}') == (answer.status, answer.body)


@pytest.mark.parametrize("inspect_success", [False, True])
@each_client
def test_streaming(client: Client, inspect_success: bool, server: Server) -> None:
    """
    A success arrives as it is sent: the server holds its second half back until the first was read.
    """
    read = server.first_chunk_was_read.set
    call = Call(url=server.url("/stream"), vendor=SLUGS, seconds=5, inspect_success=inspect_success, on_first_chunk=read)
    assert b'{"status": "session-expired"}' == client.raises(call).body
    if client.attaches is not None:
        assert b'{"status": "session-expired"}' == client.attaches(call).body


@each_client
def test_long_body(client: Client, server: Server) -> None:
    """
    An error that declares more than 256 KiB is raised by its status, and its body is not read.
    """
    url = server.url(f"/large?length={CAP + 1}&status=404&withheld")
    exception = raised(client, Call(url=url, vendor=SLUGS, seconds=2))
    assert (404, BodyKind.UNREAD) == (exception.error.status, exception.error.match.body)


@each_attaching_client
def test_long_body_with_attaching(client: Client, server: Server) -> None:
    """
    An error that declares more than 256 KiB is attached by its status, and its body can still be read.
    """
    assert client.attaches is not None
    answer = client.attaches(Call(url=server.url(f"/large?length={CAP + 1}&status=404"), vendor=SLUGS))
    assert answer.error is not None
    assert (404, BodyKind.UNREAD, CAP + 1) == (answer.status, answer.error.match.body, len(answer.body))


@each_client
def test_endless_body(client: Client, server: Server) -> None:
    """
    An error of a megabyte that does not say so is raised by its status.
    """
    exception = raised(client, Call(url=server.url("/large?length=1000000&status=500&chunked"), vendor=SLUGS))
    assert (500, BodyKind.OVER_CAP) == (exception.error.status, exception.error.match.body)


@each_client
def test_broken_compression(client: Client, server: Server) -> None:
    """
    An error whose body cannot be decompressed is raised by its status.
    """
    exception = raised(client, Call(url=server.url("/broken-gzip"), vendor=DOTTED))
    assert (500, Category.INTERNAL) == (exception.error.status, exception.error.category)


def success(server: Server, query: str = "") -> str:
    """Return the address of a 200 whose body is an error."""
    return server.url(f"/success?body={quote(ERROR_IN_A_SUCCESS)}{query}")


@each_client
def test_error_in_a_success(client: Client, server: Server) -> None:
    """
    With `inspect_success` an error inside a 200 is raised.
    """
    exception = raised(client, Call(url=success(server), vendor=DOTTED, inspect_success=True))
    assert (200, "auth.token.expired") == (exception.error.status, exception.error.code)


@pytest.mark.parametrize("query", ["&how=chunked", "&how=gzip"])
@each_client
def test_error_in_a_success_that_is_read(client: Client, query: str, server: Server) -> None:
    """
    With ``inspect_success="read"`` it is raised however the body is framed, and with True if the client reads it anyway.
    """
    for inspect in ("read", True)[: 1 + client.reads]:
        exception = raised(client, Call(url=success(server, query), vendor=DOTTED, inspect_success=inspect))
        assert (200, "auth.token.expired") == (exception.error.status, exception.error.code)


@pytest.mark.parametrize("kind", ["text/event-stream", "application/x-ndjson", "application/json-seq", "application/stream+json"])
@each_client
def test_stream_of_events_is_left_alone(client: Client, kind: str, server: Server) -> None:
    """
    A stream of events or values is never read, whatever is asked for.
    """
    url = success(server, f"&how=chunked&type={quote(kind)}")
    answer = client.raises(Call(url=url, vendor=DOTTED, inspect_success="read"))
    assert (200, ERROR_IN_A_SUCCESS.encode()) == (answer.status, answer.body)


@each_attaching_client
def test_error_in_a_success_with_attaching(client: Client, server: Server) -> None:
    """
    With `inspect_success` an error inside a 200 is attached, and its body can still be read.
    """
    assert client.attaches is not None
    answer = client.attaches(Call(url=success(server), vendor=DOTTED, inspect_success=True))
    assert answer.error is not None
    assert (200, "auth.token.expired", ERROR_IN_A_SUCCESS.encode()) == (answer.status, answer.error.code, answer.body)


@pytest.mark.parametrize(("query", "inspect_success"), [
    ("", False), ("&how=chunked", True), (f"&padding={CAP}", True), ("&type=text/plain", True),
], ids=["not asked", "unknown length", "too long", "no JSON"])  # fmt: skip
@each_client
def test_success_is_left_alone(client: Client, query: str, inspect_success: bool, server: Server) -> None:
    """
    A 200 is looked into only on request, and only JSON that declares a length of at most 256 KiB, or that is read anyway.
    """
    if client.reads and "chunked" in query:
        return
    answer = client.raises(Call(url=success(server, query), vendor=DOTTED, inspect_success=inspect_success))
    assert (200, ERROR_IN_A_SUCCESS.encode()) == (answer.status, answer.body.rstrip())


@each_client
def test_inspected_success(client: Client, server: Server) -> None:
    """
    A 200 that was looked into, and is not an error, arrives whole.
    """
    answer = client.raises(Call(url=server.url("/success"), vendor=DOTTED, inspect_success=True))
    assert (200, b'{"ok": true}') == (answer.status, answer.body)


@each_client
def test_idempotency_key(client: Client, server: Server) -> None:
    """
    The exception knows the method, and whether the request had an idempotency key, in any spelling of its name.
    """
    for headers, expected in (({}, False), ({"idempotency-KEY": "8e03978e"}, True)):
        url = server.url("/headers?status=503")
        exception = raised(client, Call(url=url, vendor=DOTTED, method="POST", headers=headers, content=b"{}"))
        assert ("POST", expected) == (exception.method, exception.idempotency_key)


@each_client
def test_delay(client: Client, server: Server) -> None:
    """
    The delay that the server asks for arrives.
    """
    assert (
        20.0 == raised(client, Call(url=server.url("/headers?status=503&h=Retry-After:%2020"), vendor=DOTTED)).error.retry_after
    )


@each_client
def test_vendor_by_host(client: Client, server: Server) -> None:
    """
    Without a vendor the host decides, and the meanings of HTTP apply to an unknown one.
    """
    exception = raised(client, Call(url=server.url("/headers?status=404")))
    assert ("http", Category.NOT_FOUND) == (exception.error.vendor, exception.error.category)


@pytest.mark.parametrize("url", ["/path/without/host", "gopher://127.0.0.1/"])
@each_client
def test_callers_mistakes(client: Client, url: str) -> None:
    """
    The client's exception for an address that it cannot use passes unchanged.
    """
    with pytest.raises(Exception) as caught:  # noqa: PT011  # of each client's own class
        client.raises(Call(url=url, vendor=DOTTED))
    assert not isinstance(caught.value, VendorError)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, as in the foreground: a process in a shell's background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@each_client
def test_interruption(client: Client, server: Server) -> None:
    """
    Ctrl+C, which cancels the task if there is one, ends a waiting request as it does without errortax.
    """
    server.somebody_waits.clear()

    def interrupt() -> None:
        assert server.somebody_waits.wait(20)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        client.raises(Call(url=server.url("/nothing"), vendor=DOTTED))
    thread.join()


@each_client
def test_unknown_vendor(client: Client, server: Server) -> None:
    """
    An unknown vendor is refused before anything is sent, and the message suggests a near name.
    """
    call = Call(url=server.url("/success?id=unknown-vendor"), vendor="gopoint")
    for send in filter(None, (client.raises, client.attaches)):
        with pytest.raises(UnknownVendorError, match="unknown vendor 'gopoint'; did you mean 'gopoints'"):
            send(call)
    assert 0 == server.requests["unknown-vendor"]


MODULES = {
    module.name: vars(__import__(f"{integrations.__name__}.{module.name}", fromlist=["hook"]))
    for module in iter_modules(integrations.__path__)
}
SETTING_UP = [
    pytest.param(names[function], id=f"{module}.{function}")
    for module, names in MODULES.items()
    for function in ("hook", "async_hook", "raising", "middleware")
    if "raising" in names and function in names and "vendor" in signature(names[function]).parameters
]
WRAPPING = [
    pytest.param(names[function], id=f"{module}.{function}")
    for module, names in MODULES.items()
    for function in ("transport", "adapter")
    if "raising" in names and function in names
]


@pytest.mark.parametrize("function", SETTING_UP)
def test_wrong_arguments(function) -> None:
    """
    A registry or a vendor's name of another type is refused at set-up, with a message that says what to pass.
    """
    with pytest.raises(TypeError, match=r"registry must be an errortax.Registry or None, not 'gopoints'; errortax.load_registry"):
        function("gopoints", registry="gopoints")
    with pytest.raises(TypeError, match=r"vendor must be a name or None, not 7; known: authrocket, gopoints"):
        function(7)
    with pytest.raises(TypeError, match=r"not a function object; call with a name first: authrocket, gopoints"):
        function(raised)  # as a decorator without brackets does
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        function("gopoint")
    for argument, value in {"inspect_success": "yes", "idempotency_key": "k-1", "method": 5}.items():
        if argument in signature(function).parameters:
            with pytest.raises(TypeError, match=argument):
                function("gopoints", **{argument: value})


@pytest.mark.parametrize("wrap", WRAPPING)
@pytest.mark.parametrize("wrapped", ["https://api.example", object, None])
def test_wrapping_the_wrong_thing(wrap, wrapped) -> None:
    """
    A wrapper takes only what the client calls; anything else is refused at set-up, with a message that says what to pass.
    """
    with pytest.raises(TypeError, match="; pass "):
        wrap(wrapped, "gopoints")
