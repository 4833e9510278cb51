from __future__ import annotations

import asyncio
import copy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import httpx2
import pytest

import errortax
from errortax import BodyKind, Category, Level, RawResponse, exceptions
from errortax.exceptions import UnknownVendorError, VendorError
from errortax.integrations.httpx import async_hook, error_of, hook, raising, transport
from errortax.testing import fake, serve

VENDOR = "gopoints"
EXPIRED = fake(VENDOR, "auth.token.expired")
FAILING = {"status": "error", "error_code": "auth.token.expired", "messages": []}
either = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])


def answering(library, *responses):
    """Return a transport of the library itself that gives the raw responses in turn, the last one for ever."""
    waiting = list(responses)

    def answer(_):
        raw = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        headers = [(name, value) for name in raw.headers for value in raw.headers.get_all(name)]
        return library.Response(raw.status, headers=headers, content=raw.body or b"")

    return library.MockTransport(answer)


def failing(library, kind):
    """Return a transport of the library itself that raises what the library calls *kind*."""

    def answer(_):
        raise getattr(library, kind)("failed")

    return library.MockTransport(answer)


@either
def test_hook(library):
    """
    The hook raises for an error, with the canonical error, the method and the response's own story.
    """
    client = library.Client(transport=answering(library, EXPIRED), event_hooks={"response": [hook(VENDOR)]})
    with client, pytest.raises(exceptions.CredentialsExpired) as caught:
        client.delete("https://api.example/", headers={"Idempotency-Key": "1"})
    error = caught.value
    assert ("auth.token.expired", "DELETE", True) == (error.error.code, error.method, error.idempotency_key)


@either
def test_async_hook(library):
    """
    The hook of an asynchronous client does the same.
    """

    async def main():
        async with library.AsyncClient(
            transport=answering(library, RawResponse(200), EXPIRED), event_hooks={"response": [async_hook(VENDOR)]}
        ) as client:
            assert 200 == (await client.get("https://api.example/")).status_code
            await client.get("https://api.example/")

    with pytest.raises(exceptions.CredentialsExpired):
        asyncio.run(main())


@pytest.mark.parametrize("answer", [EXPIRED, RawResponse(200), RawResponse(302)])
@either
def test_hook_on_an_asynchronous_client(library, answer):
    """
    An asynchronous client would await what the hook returns: the first response raises, whatever it is.
    """

    async def main(url):
        async with library.AsyncClient(event_hooks={"response": [hook(VENDOR)]}) as client:
            await client.get(url)

    advice = r"hook is for httpx.Client; pass async_hook\(\.\.\.\) to httpx.AsyncClient"
    with serve(answer) as server, pytest.raises(TypeError, match=advice):
        asyncio.run(main(server.url))


@either
def test_async_hook_on_a_synchronous_client(library):
    """
    A synchronous client would never await the hook, and errors would look like successes: the first response raises.
    """
    client = library.Client(transport=answering(library, RawResponse(200)), event_hooks={"response": [async_hook(VENDOR)]})
    advice = r"async_hook is for httpx.AsyncClient; pass hook\(\.\.\.\) to httpx.Client"
    with client, pytest.raises(TypeError, match=advice):
        client.get("https://api.example/")


@either
def test_hooks_run_in_order(library):
    """
    A hook before ours sees the error's response, one after ours does not.
    """
    seen = []
    hooks = {"response": [lambda _: seen.append("before"), hook(VENDOR), lambda _: seen.append("after")]}
    with library.Client(transport=answering(library, EXPIRED), event_hooks=hooks) as client, pytest.raises(VendorError):
        client.get("https://api.example/")
    assert ["before"] == seen


@either
def test_inspected_success(library):
    """
    A success that was looked into passes unless it is an error, and can be read as if nothing had happened.
    """
    headers = {"Content-Type": "application/json"}
    answers = [RawResponse(200, headers, b'{"ok": true}'), RawResponse(200, headers, EXPIRED.body)]
    hooks = {"response": [hook(VENDOR, inspect_success=True)]}
    with library.Client(transport=answering(library, *answers), event_hooks=hooks) as client:
        assert {"ok": True} == client.get("https://api.example/").json()
        with pytest.raises(exceptions.CredentialsExpired):
            client.get("https://api.example/")


def moved_to_vendor():
    """Return a redirect to the vendor's host, with a body that must not be taken for an error."""
    [host, *_] = errortax.default_registry()[VENDOR].hosts
    headers = {"Location": f"https://{host}/", "Content-Type": "application/json"}
    return RawResponse(303, headers, EXPIRED.body)


@either
def test_redirects(library):
    """
    A redirect passes the hook unread; the error behind it is raised with the first method, as the vendor of the last host.
    """
    seen = []
    hooks = {"response": [hook(inspect_success=True), seen.append]}
    client = library.Client(transport=answering(library, moved_to_vendor(), EXPIRED), event_hooks=hooks, follow_redirects=True)
    with client, pytest.raises(exceptions.CredentialsExpired) as caught:
        client.post("https://elsewhere.example/")
    assert ([303], VENDOR, "POST") == (
        [response.status_code for response in seen],
        caught.value.error.vendor,
        caught.value.method,
    )


@either
def test_redirects_of_an_asynchronous_client(library):
    """
    With an asynchronous client they do the same.
    """

    async def main():
        answers = answering(library, moved_to_vendor(), EXPIRED)
        hooks = {"response": [async_hook(inspect_success=True)]}
        async with library.AsyncClient(transport=answers, event_hooks=hooks, follow_redirects=True) as client:
            await client.post("https://elsewhere.example/")

    with pytest.raises(exceptions.CredentialsExpired) as caught:
        asyncio.run(main())
    assert (VENDOR, "POST") == (caught.value.error.vendor, caught.value.method)


@either
def test_redirects_with_the_transport(library):
    """
    The transport leaves a redirect alone, and the method of the request before it is known behind it.
    """
    attaching = transport(answering(library, moved_to_vendor(), EXPIRED), inspect_success=True)
    with library.Client(transport=attaching, follow_redirects=True) as client:
        response = client.post("https://elsewhere.example/")
        assert not hasattr(response.history[0], "canonical_error")
        assert VENDOR == response.canonical_error.vendor
        with pytest.raises(exceptions.CredentialsExpired) as caught, raising():
            response.raise_for_status()
        assert "POST" == caught.value.method


@either
def test_redirects_leave_no_trace(library):
    """
    Data for redirects stay with the requests of one call: the caller's extensions are as before.
    """
    extensions = {"timeout": {"read": 5.0}, "own": True}
    client = library.Client(
        transport=answering(library, moved_to_vendor(), EXPIRED), event_hooks={"response": [hook()]}, follow_redirects=True
    )
    with client, pytest.raises(VendorError):
        client.post("https://elsewhere.example/", extensions=extensions)
    assert {"timeout": {"read": 5.0}, "own": True} == extensions


@either
def test_pickled_in_a_pool(library):
    """
    An exception from a thread of a pool, with httpx's own exception behind it, arrives and can be copied.
    """

    def get():
        with library.Client(transport=failing(library, "ReadTimeout")) as client, raising(VENDOR):
            client.get("https://api.example/")

    with ThreadPoolExecutor(1) as pool, pytest.raises(exceptions.NoResponse) as caught:
        pool.submit(get).result()
    assert caught.value.error == copy.copy(caught.value).error
    assert isinstance(caught.value.__cause__, library.ReadTimeout)


@pytest.mark.parametrize(
    ("kind", "category", "repeated"),
    [
        ("ConnectTimeout", Category.CONNECTION_FAILED, True),
        ("PoolTimeout", Category.CONNECTION_FAILED, True),
        ("ReadTimeout", Category.NO_RESPONSE, False),
        ("WriteTimeout", Category.NO_RESPONSE, False),
        ("ConnectError", Category.CONNECTION_FAILED, True),
        ("ProxyError", Category.CONNECTION_FAILED, True),
        ("ReadError", Category.CONNECTION_FAILED, False),
        ("WriteError", Category.CONNECTION_FAILED, False),
        ("CloseError", Category.CONNECTION_FAILED, False),
        ("RemoteProtocolError", Category.CONNECTION_FAILED, False),
        ("DecodingError", Category.INVALID_RESPONSE, False),
        ("SSEError", Category.INVALID_RESPONSE, False),
    ],
)
@either
def test_failures(library, kind, category, repeated):
    """
    Each failure of httpx has its category, and a POST is repeated only if it cannot have arrived.
    """
    failure = failing(library, kind if hasattr(library, kind) else "DecodingError")  # httpx knows no server-sent events
    with library.Client(transport=failure) as client, pytest.raises(VendorError) as caught, raising(VENDOR):
        client.post("https://api.example/", headers={"Idempotency-Key": "1"})
    error = caught.value
    assert (category, Level.TRANSPORT, VENDOR) == (error.error.category, error.error.match.level, error.error.vendor)
    assert ("POST", True) == (error.method, error.idempotency_key)
    assert repeated is errortax.decide_retry(error.error, method="POST").retry


@pytest.mark.parametrize(
    "kind", ["UnsupportedProtocol", "LocalProtocolError", "TooManyRedirects", "InvalidURL", "CookieConflict"]
)
@either
def test_callers_mistakes(library, kind):
    """
    A mistake of the caller stays httpx's own exception.
    """
    with library.Client(transport=failing(library, kind)) as client, raising(VENDOR), pytest.raises(getattr(library, kind)):
        client.get("https://api.example/")


@either
def test_every_exception_is_thought_of(library):
    """
    Each exception that httpx can raise has a meaning, or is listed as one without.
    """
    kinds = {
        name for name, kind in vars(library).items()
        if isinstance(kind, type) and issubclass(kind, library.RequestError) and error_of(kind("failed")) is None
    }  # fmt: skip
    abstract = {"RequestError", "TransportError", "ProtocolError"}
    assert {"LocalProtocolError", "TooManyRedirects", "UnsupportedProtocol"} == kinds - abstract


@either
def test_exceptions_without_a_request(library):
    """
    An exception without a request is understood as well.
    """
    error = error_of(library.ConnectError("failed"))
    assert ("http", Category.CONNECTION_FAILED) == (error.vendor, error.category)
    with pytest.raises(exceptions.ConnectionFailed) as caught, raising():
        raise library.ConnectError("failed")
    assert (None, False) == (caught.value.method, caught.value.idempotency_key)


@either
def test_status_exception(library):
    """
    An exception of `raise_for_status` becomes the error of the response; one for a redirect is not an error.
    """
    with library.Client(transport=answering(library, EXPIRED, RawResponse(302))) as client:
        with pytest.raises(exceptions.CredentialsExpired) as caught, raising(VENDOR):
            client.get("https://api.example/").raise_for_status()
        assert isinstance(caught.value.__cause__, library.HTTPStatusError)
        assert "GET" == caught.value.method
        with pytest.raises(library.HTTPStatusError), raising(VENDOR):
            client.get("https://api.example/").raise_for_status()


@either
def test_status_exception_of_a_stream(library):
    """
    The status decides about a response that was not read, and the response stays unread.
    """
    with (
        serve(EXPIRED) as server,
        library.Client() as client,
        pytest.raises(VendorError) as caught,
        raising(VENDOR),
        client.stream("GET", server.url) as response,
    ):
        response.raise_for_status()
    assert (401, BodyKind.UNREAD) == (caught.value.error.status, caught.value.error.match.body)


@either
def test_error_of(library):
    """
    A success has no error, a response without a request has one, and an exception of another library has none.
    """
    assert error_of(library.Response(200), VENDOR) is None
    assert "auth.token.expired" == error_of(library.Response(401, json=FAILING), VENDOR).code
    assert error_of(ValueError("not of httpx"), VENDOR) is None
    assert error_of(exceptions.exception_for(errortax.parse(EXPIRED, VENDOR))) is not None
    with pytest.raises(TypeError, match="str object is not a response"):
        error_of("401", VENDOR)


@either
def test_transport(library):
    """
    The transport writes the error on the response and raises nothing; a success is not touched.
    """
    with library.Client(transport=transport(answering(library, EXPIRED, RawResponse(200)), VENDOR)) as client:
        response = client.get("https://api.example/")
        assert "auth.token.expired" == response.canonical_error.code
        assert response.canonical_error is error_of(response)
        assert not hasattr(client.get("https://api.example/"), "canonical_error")


@either
def test_transport_sets_the_elapsed_time(library):
    """
    A response that the transport has read knows how long it took, like any other; so does one that it has left alone.
    """
    long = RawResponse(500, {}, b" " * (256 * 1024 + 1))
    with (
        serve(EXPIRED, long, RawResponse(200)) as server,
        library.Client(transport=transport(library.HTTPTransport(), VENDOR)) as client,
    ):
        responses = [client.get(server.url) for _ in range(3)]
    assert all(timedelta(0) < response.elapsed < timedelta(seconds=20) for response in responses)
    assert [BodyKind.JSON, BodyKind.UNREAD] == [response.canonical_error.match.body for response in responses[:2]]


@either
def test_transport_as_a_mount(library):
    """
    As a mount, the transport judges the addresses that it is mounted for, by their hosts.
    """
    [host, *_] = errortax.default_registry()[VENDOR].hosts
    mounts = {f"all://{host}": transport(answering(library, EXPIRED))}
    with library.Client(transport=answering(library, EXPIRED), mounts=mounts) as client:
        assert VENDOR == client.get(f"https://{host}/").canonical_error.vendor
        assert not hasattr(client.get("https://elsewhere.example/"), "canonical_error")


class Opened:
    """A transport that notes what is done to it."""

    def __init__(self):
        self.done = []
        self.handle_request = self.done.append

    def close(self):
        """Note it."""
        self.done.append("close")

    async def aclose(self):
        """Note it."""
        self.done.append("aclose")

    def __enter__(self):
        self.done.append("enter")
        return self

    def __exit__(self, *_):
        self.done.append("exit")

    async def __aenter__(self):
        self.done.append("aenter")
        return self

    async def __aexit__(self, *_):
        self.done.append("aexit")


@either
def test_transport_is_opened_and_closed(library):
    """
    Opening and closing the transport opens and closes the one inside.
    """
    opened = Opened()
    client = library.Client(transport=transport(opened, VENDOR))
    client.close()
    with library.Client(transport=transport(opened, VENDOR)):
        pass

    async def main():
        await library.AsyncClient(transport=transport(opened, VENDOR)).aclose()
        async with library.AsyncClient(transport=transport(opened, VENDOR)):
            pass

    asyncio.run(main())
    assert ["close", "enter", "exit", "aclose", "aenter", "aexit"] == opened.done


@either
def test_asynchronous_transport(library):
    """
    Around an asynchronous transport it does the same, with `inspect_success` for an error in a success too.
    """
    inside = RawResponse(200, {"Content-Type": "application/json"}, EXPIRED.body)
    long = RawResponse(500, {}, b" " * (256 * 1024 + 1))

    async def main():
        attaching = transport(library.AsyncHTTPTransport(), VENDOR, inspect_success=True)
        with serve(EXPIRED, inside, long, RawResponse(200)) as server:
            async with library.AsyncClient(transport=attaching) as client:
                return [await client.get(server.url) for _ in range(4)]

    responses = asyncio.run(main())
    assert ["auth.token.expired"] * 2 == [error_of(response).code for response in responses[:2]]
    assert BodyKind.UNREAD == error_of(responses[2]).match.body
    assert not hasattr(responses[3], "canonical_error")


@pytest.mark.parametrize("wrapped", [None, "https://api.example", httpx.HTTPTransport, httpx.Response(200)])
def test_what_is_no_transport(wrapped):
    """
    Anything else than a transport is refused, and so is a transport's class.
    """
    with pytest.raises(TypeError, match=r"is not a transport of httpx; pass one such as httpx.HTTPTransport\(\)"):
        transport(wrapped, VENDOR)


@pytest.mark.parametrize(
    "set_up",
    [hook, async_hook, raising, lambda vendor: transport(Opened(), vendor), lambda vendor: error_of(httpx.Response(200), vendor)],
)
def test_unknown_vendor(set_up):
    """
    An unknown vendor is refused when it is named, not at the first error.
    """
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        set_up("gopoint")


def refreshing(library):
    """Return an `Auth` of the *library* that gets a new token when the old one has expired, and then raises what is left."""

    class Refreshing(library.Auth):
        def __init__(self):
            self.token = "old"

        def auth_flow(self, request):
            request.headers["Authorization"] = f"Bearer {self.token}"
            response = yield request
            error = error_of(response, VENDOR)
            if error is not None and error.category is Category.CREDENTIALS_EXPIRED:
                self.token = "new"
                request.headers["Authorization"] = f"Bearer {self.token}"
                response = yield request
            errortax.raise_for_error(response, VENDOR)

    return Refreshing()


@pytest.mark.parametrize(("answers", "requests", "raised"), [
    ([EXPIRED, RawResponse(200)], 2, None),
    ([EXPIRED], 2, exceptions.CredentialsExpired),
    ([RawResponse(404)], 1, exceptions.NotFound),
    ([RawResponse(200)], 1, None),
], ids=["refreshed", "expired for good", "another error", "success"])  # fmt: skip
@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])
@either
def test_refreshing(library, is_async, answers, requests, raised):
    """
    With the transport, an `Auth` flow sees what the errors mean, refreshes at most once, and raises at its end.
    """

    def get(url):
        attaching = transport(library.HTTPTransport(), VENDOR)
        with library.Client(transport=attaching, auth=refreshing(library)) as client, client.stream("POST", url) as response:
            return response.is_closed

    async def aget(url):
        attaching = transport(library.AsyncHTTPTransport(), VENDOR)
        client = library.AsyncClient(transport=attaching, auth=refreshing(library))
        async with client, client.stream("POST", url) as response:
            return response.is_closed

    with serve(*answers) as server:
        url = server.url
        if raised is None:
            assert not (asyncio.run(aget(url)) if is_async else get(url))  # the success still streams
        else:
            with pytest.raises(raised) as caught:
                asyncio.run(aget(url)) if is_async else get(url)
            assert "POST" == caught.value.method
        tokens = [request.headers["Authorization"] for request in server.requests]
    assert ["Bearer old", "Bearer new"][:requests] == tokens


def test_import():
    """
    Importing the module imports neither httpx nor httpx2.
    """
    program = "import sys, errortax.integrations.httpx; print({'httpx', 'httpx2'} & sys.modules.keys())"
    assert "set()\n" == subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("kind", [httpx.TransportError, httpx2.TransportError])
def test_events_that_are_none(kind):
    """
    The exception of httpx-sse for a response that is not a stream of events means an unreadable response.
    """
    exception = type("SSEError", (kind,), {"__module__": "httpx_sse._exceptions"})("Expected response header Content-Type")
    assert Category.INVALID_RESPONSE is error_of(exception, VENDOR).category
