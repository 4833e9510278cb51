"""
Features of requests alone. niquests cannot be installed beside urllib3, so the contract suite drives it; here requests
stands in for its asynchronous half.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import pickle
import random
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import HTTPDigestAuth
from urllib3.exceptions import MaxRetryError

import errortax
from errortax import BodyKind, Category, Level, RawResponse, Retryability
from errortax.exceptions import CredentialsExpired, Internal, UnknownVendorError, VendorError
from errortax.integrations.requests import adapter, async_hook, error_of, hook, raising
from errortax.testing import serve

EXPIRED = RawResponse(401, {"Content-Type": "application/json"}, b'{"status": "session-expired"}')
FINE = RawResponse(200, {"Content-Type": "application/json"}, b'{"ok": true}')
CHALLENGE = RawResponse(401, {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'}, b"")
LARGE = RawResponse(500, {"Content-Type": "application/json"}, b" " * 262_145)
HIDDEN = json.dumps({"status": "error", "error_code": "auth.token.expired", "error_id": "err-1", "messages": []}).encode()
CALLERS_MISTAKES = [
    requests.exceptions.InvalidURL("no host"),
    requests.exceptions.MissingSchema("no scheme"),
    requests.exceptions.InvalidSchema("no adapter"),
    requests.exceptions.InvalidHeader(urllib3.exceptions.ProtocolError("illegal header name")),  # as niquests has it
    requests.exceptions.StreamConsumedError(),
    requests.exceptions.UnrewindableBodyError("tell"),
    requests.exceptions.TooManyRedirects("more than 30"),
    requests.exceptions.RetryError(MaxRetryError(None, "/", urllib3.exceptions.ResponseError("too many redirects"))),
]
OF_OTHERS = [ssl.SSLError("of a mail server"), ConnectionResetError(104, "reset"), TimeoutError(), ValueError("too many")]


@contextmanager
def session(*hooks) -> Iterator[requests.Session]:
    """Open a session with response hooks and without proxies."""
    with requests.Session() as session:
        session.trust_env = False
        session.hooks["response"].extend(hooks)
        yield session


@contextmanager
def answering(*chunks: bytes) -> Iterator[str]:
    """Accept one connection, read what comes, send the *chunks* and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for chunk in chunks:
                    connection.sendall(chunk)

        thread = Thread(target=answer)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            thread.join()


@contextmanager
def full() -> Iterator[str]:
    """Listen, but accept no more connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for one in waiting:
                one.close()


@contextmanager
def nobody() -> Iterator[str]:
    """Keep a port at which no server listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{unused.getsockname()[1]}"


# hooks


def test_hook_on_one_request():
    """
    A hook is taken in each form in which requests takes one: of a session, of a request, alone and in a list.
    """
    raises = hook("planoauth")
    with serve(EXPIRED) as server, session() as plain, session(raises) as hooked:
        for hooks in (raises, [raises]):
            with pytest.raises(CredentialsExpired):
                plain.get(server.url, hooks={"response": hooks})
        with pytest.raises(CredentialsExpired) as caught:
            hooked.post(server.url, headers={"idempotency-key": "k"})
        assert ("POST", True) == (caught.value.method, caught.value.idempotency_key)
        assert 401 == plain.get(server.url).status_code


def test_hook_after_the_answer_to_a_challenge():
    """
    A response that requests answers itself, such as a challenge for credentials, is not raised; the next response is
    parsed.
    """
    with session(hook("planoauth")) as client:
        client.auth = HTTPDigestAuth("name", "secret")
        with serve(CHALLENGE, FINE) as server:
            assert 200 == client.get(server.url).status_code
        client.auth = HTTPDigestAuth("name", "secret")
        with serve(CHALLENGE, EXPIRED) as server, pytest.raises(CredentialsExpired):
            client.get(server.url)


def test_hook_on_redirects():
    """
    A redirect is followed, whatever its body contains, and the last response is parsed.
    """
    redirect = RawResponse(302, {"Location": "/elsewhere", "Content-Type": "application/json"}, EXPIRED.body)
    with session(hook("planoauth", inspect_success=True)) as client:
        with serve(redirect, FINE) as server:
            assert [302] == [response.status_code for response in client.get(server.url).history]
        with serve(redirect, EXPIRED) as server, pytest.raises(CredentialsExpired):
            client.get(server.url)


def test_hook_closes_what_it_does_not_read():
    """
    A body that is too long is not read, and its connection is not kept.
    """
    seen = []
    with serve(LARGE) as server, session(lambda response, **_: seen.append(response), hook("http")) as client:
        with pytest.raises(VendorError) as caught:
            client.get(server.url, stream=True)
        assert "unread" == caught.value.error.match.body
        assert seen[0].raw.closed
        assert 0 == seen[0].raw.tell()


def test_hook_closes_what_cannot_be_decoded():
    """
    A body that breaks off in the decoder leaves no connection behind, and its exception, which is the cause, has the request.
    """
    seen = []
    noise = gzip.compress(random.Random(1).randbytes(50_000))  # noqa: S311  # no secret: what compresses badly
    raw = RawResponse(500, {"Content-Encoding": "gzip"}, noise[:20_000] + b"no longer compressed" + noise[20_020:])
    with serve(raw) as server, session(lambda response, **_: seen.append(response), hook("http")) as client:
        with pytest.raises(Internal) as caught:
            client.get(server.url, stream=True)
        assert isinstance(caught.value.__cause__, requests.exceptions.ContentDecodingError)
        assert "GET" == caught.value.__cause__.request.method
        assert BodyKind.CUT_OFF is caught.value.error.match.body
        assert seen[0].raw.closed


def test_hook_on_a_body_of_other_making():
    """
    An exception while reading a body that requests did not open passes unchanged.
    """
    response = requests.Response()
    response.status_code, response.raw = 500, io.BytesIO()
    response.raw.close()
    with pytest.raises(ValueError, match="closed file") as caught:
        hook("http")(response)
    assert not hasattr(caught.value, "request")


def test_a_body_that_is_inspected_can_be_streamed():
    """
    A success that was looked into can still be read piece by piece.
    """
    with serve(FINE) as server, session(hook("gopoints", inspect_success=True)) as client:
        response = client.get(server.url, stream=True)
        assert b'{"ok": true}' == b"".join(response.iter_content(4))


@pytest.mark.parametrize("make", [hook, async_hook, raising, lambda *given, **named: adapter(HTTPAdapter(), *given, **named)])
def test_wrong_arguments(make):
    """
    An unknown vendor, and an object that is not a registry, raise at once.
    """
    with pytest.raises(UnknownVendorError, match=r"unknown vendor 'gopoint'; did you mean 'gopoints'\?"):
        make("gopoint")
    with pytest.raises(TypeError, match=r"vendor must be a name or None, not 3"):
        make(3)
    with pytest.raises(TypeError, match=r"registry must be an errortax\.Registry or None, not 'gopoints'"):
        make("gopoints", registry="gopoints")


# the adapter


def test_adapter():
    """
    A mounted adapter attaches the error to the response, whose body is still there, and raises nothing; a success has no
    error.
    """
    with session() as client:
        client.mount("http://", adapter(HTTPAdapter(), "planoauth"))
        with serve(EXPIRED, FINE) as server:
            response = client.get(server.url, stream=True)
            error = error_of(response)
            assert error is not None
            assert error is error_of(response)
            assert (Category.CREDENTIALS_EXPIRED, "planoauth") == (error.category, error.vendor)
            assert EXPIRED.body == b"".join(response.iter_content(5))
            assert error_of(client.get(server.url)) is None


def test_adapter_on_redirects():
    """
    A redirect is in the history untouched, and the last response has the error.
    """
    with session() as client, serve(RawResponse(302, {"Location": "/elsewhere"}, b""), EXPIRED) as server:
        client.mount("http://", adapter(HTTPAdapter(), "planoauth"))
        response = client.get(server.url)
        [first] = response.history
        assert not hasattr(first, "canonical_error")
        assert Category.CREDENTIALS_EXPIRED is error_of(response).category


def test_adapter_after_the_answer_to_a_challenge():
    """
    The answer to a challenge goes through the adapter, too, so that the response to it has the error of its vendor.
    """
    with session() as client, serve(CHALLENGE, EXPIRED) as server:
        client.mount("http://", adapter(HTTPAdapter(), "planoauth"))
        assert "planoauth" == error_of(client.get(server.url, auth=HTTPDigestAuth("name", "secret"))).vendor


def test_adapter_passes_on_what_it_is_asked():
    """
    It has what the wrapped one has, hands on each argument, and closing it closes the wrapped one.
    """
    calls = []

    class Recording(HTTPAdapter):
        def send(self, *arguments, **named):
            calls.append((arguments[1:], named))
            return super().send(*arguments, **named)

        def close(self):
            calls.append("closed")
            super().close()

    wrapped = Recording(max_retries=3)
    wrapping = adapter(wrapped)
    with serve(FINE) as server:
        request = requests.Request("GET", server.url).prepare()
        assert b'{"ok": true}' == wrapping.send(request, False, (1, 2), proxies={}).content
        wrapping.close()
    assert 3 == wrapping.max_retries.total
    assert [((False, (1, 2)), {"proxies": {}}), "closed"] == calls


def test_pickles():
    """
    A session with the adapter survives pickling, as sessions do, and so does what a response means.
    """
    with session() as original:
        original.mount("http://", adapter(HTTPAdapter(max_retries=2), "planoauth"))
        copy = pickle.loads(pickle.dumps(original))  # noqa: S301  # it was made a moment ago
    with copy, serve(EXPIRED) as server:
        assert 2 == copy.get_adapter(server.url).max_retries.total
        response = copy.get(server.url)
    assert Category.CREDENTIALS_EXPIRED is error_of(response).category
    assert error_of(response) == error_of(pickle.loads(pickle.dumps(response)), "planoauth")  # noqa: S301  # as above


def test_adapter_leaves_a_lazy_response():
    """
    A response of niquests that has not come yet is handed on unasked: asking would wait for it.
    """

    class Lazy(requests.Response):
        lazy = True
        status_code = property(lambda _: pytest.fail("asked"), lambda *_: None)

    class Multiplexed(HTTPAdapter):
        def send(self, *_, **__):
            return Lazy()

    with closing(adapter(Multiplexed())) as wrapping:
        assert isinstance(wrapping.send(requests.Request("GET", "http://a.example").prepare()), Lazy)


@pytest.mark.parametrize("wrapped", [HTTPAdapter, None, "http://", requests.Session()])
def test_no_adapter(wrapped):
    """
    An object that is not an adapter is refused at once, with advice on what to pass.
    """
    with pytest.raises(TypeError, match=r"is not an adapter .*; pass one such as requests\.adapters\.HTTPAdapter\(\)"):
        adapter(wrapped)


# what is raised


def caught_from(send) -> VendorError:
    """Return the exception that takes the place of the one from *send*."""
    with session() as client, pytest.raises(VendorError) as caught, raising("youforce"):
        send(client)
    assert isinstance(caught.value.__cause__, requests.RequestException)
    assert "youforce" == caught.value.error.vendor
    return caught.value


FAILURES = {
    "refused": (nobody, "http", Category.CONNECTION_FAILED, False),
    "not let in": (full, "http", Category.CONNECTION_FAILED, False),
    "hangs up at once": (answering, "http", Category.CONNECTION_FAILED, True),
    "no HTTP": (lambda: answering(b"220 mail\r\n\r\n"), "http", Category.CONNECTION_FAILED, True),
    "no TLS": (lambda: answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "https", Category.CONNECTION_FAILED, True),
    "broken chunk": (
        lambda: answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "http",
        Category.CONNECTION_FAILED,
        True,
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_response(failure):
    """
    Each missing response has its category, and the exception knows whether the request can have arrived.
    """
    server, scheme, category, sent = FAILURES[failure]
    with server() as host:
        exception = caught_from(lambda client: client.post(f"{scheme}://{host}/", timeout=0.2))
    assert category is exception.error.category
    assert (Retryability.BACKOFF if sent else Retryability.AFTER_DELAY) is exception.error.retryability
    assert Level.TRANSPORT is exception.error.match.level


def test_proxy():
    """
    A proxy that cannot be reached has passed nothing on.
    """
    with nobody() as host:
        exception = caught_from(lambda client: client.post("http://a.example/", proxies={"http": f"http://{host}"}))
    assert (Retryability.AFTER_DELAY, "POST") == (exception.error.retryability, exception.method)


IMPOSSIBLE = Category.CONNECTION_IMPOSSIBLE
AFTER_DELAY, BACKOFF, NEVER = Retryability.AFTER_DELAY, Retryability.BACKOFF, Retryability.NEVER


@pytest.mark.parametrize(
    ("reason", "category", "retryability"),
    [
        (urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(1, "self-signed")), IMPOSSIBLE, NEVER),
        (
            urllib3.exceptions.SSLError(urllib3.util.ssl_match_hostname.CertificateError("b")),
            Category.CONNECTION_IMPOSSIBLE,
            NEVER,
        ),
        (urllib3.exceptions.SSLError(ssl.SSLEOFError(8, "end")), Category.CONNECTION_FAILED, BACKOFF),
        (urllib3.exceptions.ClosedPoolError(None, "closed"), Category.CONNECTION_FAILED, AFTER_DELAY),
        (urllib3.exceptions.ReadTimeoutError(None, "/", "in the body"), Category.NO_RESPONSE, BACKOFF),
        (urllib3.exceptions.ConnectTimeoutError("slow"), Category.CONNECTION_FAILED, AFTER_DELAY),
        (urllib3.exceptions.DecodeError("gzip"), Category.INVALID_RESPONSE, BACKOFF),
        (OSError("whatever"), Category.CONNECTION_FAILED, BACKOFF),
    ],
)
def test_the_innermost_decides(reason, category, retryability):
    """
    However often it is wrapped, the innermost known exception decides.
    """
    for exception in (
        requests.ConnectionError(reason),
        requests.ConnectionError(MaxRetryError(None, "/", reason)),
    ):
        error = error_of(exception)
        assert category is error.category
        assert retryability is error.retryability


def test_what_the_pool_raises_itself():
    """
    An exception of the pool that passes through niquests has a meaning, too.
    """
    assert Category.INVALID_RESPONSE is error_of(urllib3.exceptions.InvalidHeader("illegal chunk header")).category


def test_vendor_of_the_address():
    """
    Without a vendor the host of the request decides, even without a response.
    """
    host = errortax.default_registry()["gopoints"].hosts[0].replace("*", "api")
    request = requests.Request("GET", f"https://{host}/").prepare()
    assert "gopoints" == error_of(requests.ConnectionError("lost", request=request)).vendor
    assert "http" == error_of(requests.ConnectionError("lost")).vendor


def test_repeated_until_it_was_too_often():
    """
    If urllib3 has given up repeating, the status decides: nothing else is left of the responses.
    """
    mounted = HTTPAdapter(max_retries=urllib3.Retry(1, status_forcelist=[503], backoff_factor=0))
    with session() as client, serve(RawResponse(503, {"Content-Length": "0"}, b"")) as server:
        client.mount("http://", mounted)
        with pytest.raises(VendorError) as caught, raising("youforce"):
            client.get(server.url)
        assert 2 == len(server.requests)
    assert isinstance(caught.value.__cause__, requests.exceptions.RetryError)
    assert ("youforce", 503, "GET") == (caught.value.error.vendor, caught.value.error.status, caught.value.method)
    assert errortax.parse(RawResponse(503), "youforce") == caught.value.error
    del caught.value.__cause__.request
    assert errortax.parse(RawResponse(503)) == error_of(caught.value.__cause__)


def test_raise_for_status():
    """
    An exception of requests for a status becomes the vendor's error, by its body if that is in memory.
    """
    with serve(EXPIRED) as server, session() as client:
        with pytest.raises(CredentialsExpired) as caught, raising("planoauth"):
            client.get(server.url).raise_for_status()
        assert isinstance(caught.value.__cause__, requests.HTTPError)
        with client.get(server.url, stream=True) as response, pytest.raises(VendorError) as caught, raising("planoauth"):
            response.raise_for_status()
        assert "unread" == caught.value.error.match.body


@pytest.mark.parametrize("exception", [*CALLERS_MISTAKES, *OF_OTHERS], ids=repr)
def test_passes_unchanged(exception):
    """
    The caller's mistakes, and exceptions of other libraries, pass unchanged.
    """
    with pytest.raises(type(exception)) as caught, raising("planoauth"):
        raise exception
    assert exception is caught.value
    assert error_of(exception) is None


# niquests.AsyncSession, in shape


class AsyncResponse(requests.Response):
    """Shaped like a response of niquests: operations on the network are awaited."""

    @property
    async def content(self):
        """Read the body."""
        return requests.Response.content.fget(self)

    async def close(self):
        """Give the connection back, or hang up."""
        requests.Response.close(self)


class AsyncAdapter(HTTPAdapter):
    """Shaped like an adapter of niquests."""

    async def send(self, *arguments, **named):
        """Send as the other one does."""
        response = super().send(*arguments, **named)
        response.__class__ = AsyncResponse
        return response


def fetch(wrapping, url, **named):
    """Send a request through an asynchronous adapter."""
    return asyncio.run(wrapping.send(requests.Request("GET", url).prepare(), **named))


def test_async_adapter():
    """
    Around an asynchronous adapter it does what it does around another.
    """
    with closing(adapter(AsyncAdapter(), "planoauth")) as wrapping, serve(EXPIRED, FINE) as server:
        assert Category.CREDENTIALS_EXPIRED is error_of(fetch(wrapping, server.url)).category
        success = fetch(wrapping, server.url)
        assert not hasattr(success, "canonical_error")
        asyncio.run(success.close())


def test_async_hook():
    """
    It raises for an error, read or too long to be read, and closes the response then.
    """
    raises = async_hook("planoauth")
    with closing(AsyncAdapter()) as plain, serve(EXPIRED, LARGE, FINE) as server:
        expired, large, fine = (fetch(plain, server.url) for _ in range(3))
        with pytest.raises(CredentialsExpired):
            asyncio.run(raises(expired, timeout=3))
        with pytest.raises(VendorError):
            asyncio.run(raises(large, stream=True))
        assert large.raw.closed
        assert asyncio.run(raises(fine)) is None
        assert asyncio.run(raises(fine, stream=False)) is None
        assert FINE.body == fine._content


def test_async_body_that_breaks_off():
    """
    If reading the body fails, the response is closed, and its exception, which is the cause, has the request.
    """
    with closing(AsyncAdapter()) as plain, answering(b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nabc") as host:
        response = fetch(plain, f"http://{host}/", stream=True)
        with pytest.raises(Internal) as caught:
            asyncio.run(async_hook()(response))
    assert isinstance(caught.value.__cause__, requests.exceptions.ChunkedEncodingError)
    assert "GET" == caught.value.__cause__.request.method
    assert response.raw.closed


def test_async_adapter_and_a_body_that_breaks_off():
    """
    The adapter attaches the error, and reading the raw response fails again.
    """
    half = b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nabc"
    with closing(adapter(AsyncAdapter(), "planoauth")) as wrapping, answering(half) as host:
        response = fetch(wrapping, f"http://{host}/")
    assert (500, BodyKind.CUT_OFF) == (error_of(response).status, error_of(response).match.body)
    with pytest.raises(requests.exceptions.ChunkedEncodingError) as caught:
        asyncio.run(response.raw.read(decode_content=True))
    assert error_of(response) is error_of(caught.value)


def test_async_success_that_is_streamed():
    """
    A streamed success of niquests is left alone, because nothing could be iterated over after it was read.
    """
    hidden = RawResponse(200, {"Content-Type": "application/json"}, HIDDEN)
    raises = async_hook("gopoints", inspect_success=True)
    with closing(adapter(AsyncAdapter(), "gopoints", inspect_success=True)) as wrapping, serve(hidden) as server:
        streamed = fetch(wrapping, server.url, stream=True)
        asyncio.run(raises(streamed, stream=True))
        assert not hasattr(streamed, "canonical_error")
        assert HIDDEN == b"".join(streamed.iter_content(5))
        whole = fetch(wrapping, server.url)
        assert Category.CREDENTIALS_EXPIRED is error_of(whole).category
        with pytest.raises(CredentialsExpired):
            asyncio.run(raises(whole, stream=False))


def test_hook_of_the_wrong_kind():
    """
    The blocking hook in an asynchronous session says which one to take.
    """
    with closing(AsyncAdapter()) as plain, serve(EXPIRED) as server:
        response = fetch(plain, server.url)
        with pytest.raises(TypeError, match=r"append async_hook to the hooks of a niquests\.AsyncSession"):
            hook("planoauth")(response)
        asyncio.run(response.close())


@pytest.mark.parametrize("hooks", [(), (hook("planoauth"),)], ids=["raising", "hook"])
def test_answer_lost_behind_a_proxy(hooks):
    """
    A proxy that took the request and hung up is blamed for it, and the request may have been applied all the same.
    """
    with answering() as host, session(*hooks) as client:
        client.proxies = {"http": f"http://{host}"}
        with pytest.raises(VendorError) as caught, raising("planoauth"):
            client.post("http://api.example/orders", data=b"{}")
    assert ("POST", Retryability.BACKOFF) == (caught.value.method, caught.value.error.retryability)


def test_hook_does_not_travel_with_responses():
    """
    A response holds the hooks of its request, and is hardly longer for it when it is pickled.
    """
    sizes = []
    with serve(FINE) as server:
        for hooks in ((), (hook("planoauth", inspect_success=True),)):
            with session(*hooks) as client:
                sizes.append(len(pickle.dumps(client.get(server.url))))
    assert sizes[1] < sizes[0] + 500


def test_session_and_responses_are_portable():
    """
    A session with a hook, and its responses, can be pickled; the hook still raises then.
    """
    with session(hook("planoauth")) as client, serve(FINE, EXPIRED) as server:
        response = client.get(server.url)
        assert FINE.body == pickle.loads(pickle.dumps(response)).content  # noqa: S301  # our own bytes
        with pickle.loads(pickle.dumps(client)) as again, pytest.raises(CredentialsExpired):  # noqa: S301  # our own bytes
            again.get(server.url)
