from __future__ import annotations

import asyncio
import io
import json
import socket
import ssl
import threading
from contextlib import asynccontextmanager, contextmanager
from functools import partial, wraps
from importlib import import_module

import httpx
import pytest
import requests
import urllib3

import errortax
from errortax import Category, exceptions
from errortax.exceptions import UnknownVendorError, VendorError
from errortax.http import is_too_long
from errortax.integrations._clients import (
    CONNECTION_LOST,
    NO_RESPONSE,
    NOT_CONNECTED,
    NOT_TRUSTED,
    REFUSED_BY_PROXY,
    UNKNOWN_HOST,
    Failures,
    Raising,
    ResponseParser,
    attached,
    meaning_of_proxy,
    status_given_up_on,
)

FAILURES = Failures(
    frozenset({"library", "builtins"}),
    {"Refused": NOT_CONNECTED, "Slow": NO_RESPONSE, "TimeoutError": NO_RESPONSE},
)


def of_library(name, *bases, package="library.errors"):
    """Return an exception class that the library *package* defines."""
    return type(name, bases or (Exception,), {"__module__": package})


Refused = of_library("Refused")
Slow = of_library("Slow")
Wrapping = of_library("Wrapping")


class Response:
    """A client's response, with the attributes that are read."""

    def __init__(self, status=401, headers=None, **members):
        self.status_code, self.headers = status, headers or {}
        vars(self).update(members)


class FalseResponse(Response):
    """A response of requests to an error, which is false."""

    def __bool__(self):
        return False


class Request:
    """A client's request, with the attributes that are read."""

    def __init__(self, method="POST", url="https://api.gopoints.example/v1", headers=None):
        self.method, self.url, self.headers = method, url, headers


def raising(vendor="gopoints", *, method=None, keyed=False):
    """Return the context manager of a client that has the failures above."""
    return Raising(ResponseParser(vendor, None), FAILURES, method, keyed)


def converted(exception, vendor="gopoints"):
    """Return what becomes of an exception."""
    with pytest.raises(BaseException) as caught, raising(vendor):  # noqa: PT011  # whatever becomes of it
        raise exception
    return caught.value


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (Refused(), NOT_CONNECTED),
        (Refused("no args but a text"), NOT_CONNECTED),
        (of_library("Later", Slow, package="application")(), NO_RESPONSE),
        (Wrapping(Refused()), NOT_CONNECTED),
        (Wrapping(Wrapping(Slow(Refused()))), NOT_CONNECTED),
        (Refused(Wrapping()), NOT_CONNECTED),
        (TimeoutError(), NO_RESPONSE),
        (Wrapping(), None),
        (Wrapping(KeyError("key")), None),
        (of_library("Refused", package="librarian")(), None),
        (RuntimeError(Refused()), None),
        (OSError("of Python itself"), None),
        ("Refused", None),
        (None, None),
    ],
)
def test_meaning(exception, expected):
    """
    The innermost known exception decides, if the outermost is the client's own; foreign ones are left alone.
    """
    assert expected == FAILURES.meaning(exception)


def test_meaning_of_a_reason():
    """
    The reason of an exception counts more than its arguments; a reason that is a text has no meaning.
    """
    outer = Wrapping(Slow())
    outer.reason = Refused()
    assert NOT_CONNECTED == FAILURES.meaning(outer)
    outer.reason = "CERTIFICATE_VERIFY_FAILED"
    assert FAILURES.meaning(outer) is None


def test_meaning_of_a_circle():
    """
    Exceptions that hold each other lead to a verdict all the same.
    """
    first, second = Wrapping(), Slow()
    first.args, second.args = (second,), (first,)
    assert NO_RESPONSE == FAILURES.meaning(first)


def chained(exception, cause):
    """Return *exception* as if it had been raised from *cause*."""
    exception.__cause__ = cause
    return exception


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (ssl.SSLCertVerificationError(1, "not trusted"), NOT_TRUSTED),
        (Wrapping(ssl.SSLCertVerificationError(1, "not trusted")), NOT_TRUSTED),
        (socket.gaierror(socket.EAI_NONAME, "no such name"), UNKNOWN_HOST),
        (socket.gaierror(socket.EAI_AGAIN, "not now"), NOT_CONNECTED),
        (socket.gaierror(), NOT_CONNECTED),
        (ssl.SSLEOFError(8, "end"), NOT_CONNECTED),
        (None, NOT_CONNECTED),
    ],
)
def test_what_lies_behind_a_failed_connection(cause, expected):
    """
    A certificate that is not trusted and a host that does not exist do not pass; other reasons to have no connection may.
    """
    assert expected == FAILURES.meaning(chained(Refused(), cause))
    assert expected == FAILURES.meaning(Wrapping(chained(Refused(), chained(OSError("again"), cause))))
    assert NO_RESPONSE == FAILURES.meaning(chained(Slow(), cause))


@pytest.mark.parametrize(
    ("package", "members", "expected"),
    [
        ("h2.events", {"error_code": 7, "remote_reset": True}, NOT_CONNECTED),
        ("h2.events", {"error_code": 7, "remote_reset": False}, CONNECTION_LOST),
        ("h2.events", {"error_code": 8, "remote_reset": True}, CONNECTION_LOST),
        ("h2.events", {"error_code": 0, "last_stream_id": 0}, NOT_CONNECTED),
        ("h2.events", {"error_code": 0, "last_stream_id": 1}, CONNECTION_LOST),
        ("library.events", {"last_stream_id": 0}, CONNECTION_LOST),
    ],
)
def test_not_processed(package, members, expected):
    """
    A stream that the server refused, and one that it ended the connection before, was never processed.
    """
    event = type("Event", (), {"__module__": package, **members})()
    failures = Failures(frozenset({"library"}), {"Lost": CONNECTION_LOST})
    assert expected == failures.meaning(chained(of_library("Lost")(), ValueError(event)))


def test_what_was_being_handled_lies_not_behind():
    """
    An exception that the program was handling when it sent the next request says nothing about that one.
    """
    refused = Refused()
    refused.__context__ = ssl.SSLCertVerificationError(1, "not trusted")
    assert NOT_CONNECTED == FAILURES.meaning(refused)
    old = of_library("NewConnectionError", Refused)()
    old.__context__ = socket.gaierror(socket.EAI_NONAME, "no such name")
    assert UNKNOWN_HOST == FAILURES.meaning(old)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 451])
def test_a_proxy_refuses(status):
    """
    A proxy that blames the request for a tunnel goes on doing so.
    """
    assert REFUSED_BY_PROXY == meaning_of_proxy(status)


@pytest.mark.parametrize("status", [302, 408, 425, 429, 500, 502, 503, 504])
def test_a_proxy_fails(status):
    """
    A proxy that is busy, or does not reach the server, may do better later.
    """
    assert NOT_CONNECTED == meaning_of_proxy(status)


@pytest.mark.parametrize("kind", [asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_ends_of_the_program_pass(kind):
    """
    Cancelling, interrupting, exiting and closing pass, with any arguments.
    """
    exception = kind(Refused())
    exception.response = Response()
    assert exception is converted(exception)


def test_end_of_the_program_that_the_client_defines_passes():
    """
    A client's own exception that is not an `Exception` ends a task or a program, and passes, too.
    """
    ending = of_library("Refused", BaseException)()
    assert FAILURES.know(ending)
    assert ending is converted(ending)


@pytest.mark.parametrize("response", [Response(), {"Error": {"Code": "404"}}, None])
def test_foreign_exceptions_pass(response):
    """
    A foreign exception passes, even one with a response of its own.
    """
    exception = ValueError("not ours")
    exception.response = response
    assert exception is converted(exception)


def test_vendor_error_passes():
    """
    An exception from a hook or an inner block is not raised once more.
    """
    inner = converted(Refused())
    assert inner is converted(inner)
    assert inner.error is ResponseParser(None, None).error_behind(inner, FAILURES)


def test_status_exception():
    """
    A client's exception for a status becomes the error of the response, with the known parts of the request.
    """
    exception = of_library("StatusError")()
    exception.request = Request(headers={"Idempotency-Key": "1"})
    exception.response = Response(401, _content=b'{"status": "error", "error_code": "auth.token.expired"}')
    error = converted(exception)
    assert isinstance(error, exceptions.CredentialsExpired)
    assert error.__cause__ is exception
    assert ("POST", True) == (error.method, error.idempotency_key)


@pytest.mark.parametrize("response", [Response(302), None])
def test_exception_without_an_error(response):
    """
    An exception of the client passes if the response behind it is not an error, or if there is no response.
    """
    exception = of_library("StatusError")()
    exception.response = response
    assert exception is converted(exception)


def test_what_is_attached_counts():
    """
    The canonical error on a response is returned, and the response is not parsed again.
    """
    response, parser = Response(_content=b""), ResponseParser("gopoints", None)
    assert attached(response) is None
    parser.attach(errortax.RawResponse(429), response)
    assert Category.RATE_LIMITED == attached(response).category
    assert attached(response) is ResponseParser(None, None).error_behind(response, FAILURES)


def test_what_is_no_response():
    """
    An object that is neither response nor exception is the caller's mistake.
    """
    with pytest.raises(TypeError, match="str object is not a response"):
        ResponseParser("gopoints", None).error_behind("401", FAILURES)


@pytest.mark.parametrize(
    ("vendor", "request_", "expected"),
    [
        ("planoauth", Request(), "planoauth"),
        (None, Request(url=errortax.default_registry()["gopoints"].hosts[0].join(["https://", "/v1"])), "gopoints"),
        (None, Request(url="https://nobody.invalid/"), "http"),
        (None, None, "http"),
    ],
)
def test_vendor_of_a_failure(vendor, request_, expected):
    """
    Without a response, the vendor is the named one, or else the one that the host belongs to.
    """
    exception = Slow()
    exception.request = request_
    error = converted(exception, vendor)
    assert expected == error.error.vendor
    assert (None if request_ is None else "POST") == error.method


def test_the_arguments_take_precedence():
    """
    The caller's method and key take precedence over those of the exception, which may be of a later request.
    """
    silent, telling = Refused(), Refused()
    telling.request = Request("GET")
    for exception, repeated in ((silent, True), (telling, False)):
        with pytest.raises(exceptions.ConnectionFailed) as caught, raising(method="PATCH"):
            raise exception
        assert "PATCH" == caught.value.method
        assert repeated is errortax.decide_retry(caught.value.error, method="PATCH").retry
    with pytest.raises(exceptions.ConnectionFailed) as caught, raising(method="PATCH", keyed=True):
        raise silent
    assert caught.value.idempotency_key


@pytest.fixture
def depot(tmp_path):
    """Return a registry with a vendor of our own, with a meaning of 409 and a host that no other vendor has."""
    document = {
        "format": "1.0",
        "vendor": "depot",
        "title": "Depot",
        "scheme": "http_status",
        "hosts": ["api.depot.example"],
        "entries": [{"code": "409", "statuses": [409], "category": "unavailable"}],
    }
    path = tmp_path / "depot.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return errortax.load_registry(path)


@pytest.mark.parametrize("vendor", ["depot", None])
def test_vendor_of_ones_own(vendor, depot):
    """
    The registry that was passed decides: for responses, by name and by host, and for failures without a response.
    """
    parser = ResponseParser(vendor, depot)
    with pytest.raises(exceptions.Unavailable) as caught:
        parser.check(errortax.RawResponse(409, url="https://api.depot.example/"), Response())
    assert ("depot", "backoff") == (caught.value.error.vendor, caught.value.error.retryability)
    exception = Slow()
    exception.request = Request(url="https://api.depot.example/")
    with pytest.raises(exceptions.NoResponse) as caught, Raising(parser, FAILURES, None, False):
        raise exception
    assert "depot" == caught.value.error.vendor


@pytest.mark.parametrize("function", ["hook", "raising"])
@pytest.mark.parametrize("client", ["aiohttp", "httpx", "requests", "stdlib", "urllib3"])
def test_each_client_takes_a_registry(client, function, depot):
    """
    The functions of each client find a vendor in the registry that is passed, and there alone.
    """
    make = getattr(import_module(f"errortax.integrations.{client}"), function)
    make("depot", registry=depot)
    with pytest.raises(UnknownVendorError, match="depot"):
        make("depot")


GIVING_UP = {"too many 503 error responses": 503, "too many redirects": None, None: None}


@pytest.mark.parametrize(("reason", "expected"), [*GIVING_UP.items(), (ValueError("too many 429 error responses"), 429)])
def test_status_given_up_on(reason, expected):
    """
    The status is read out of the one sentence that contains it.
    """
    exception = Wrapping()
    exception.reason = reason
    assert expected == status_given_up_on(exception)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"content-length": "262144"}, False),
        ({"content-length": "262145"}, True),
        ({"content-length": "9" * 5000}, True),
        ({"content-length": "-1"}, False),
        ({"content-length": "12, 12"}, False),
        ({"content-length": "\N{SUPERSCRIPT TWO}"}, False),
    ],
)
def test_too_long(headers, expected):
    """
    A body is too long if it says so in digits, however many there are.
    """
    assert expected is is_too_long(headers)


@pytest.mark.parametrize(
    ("status", "headers", "inspects", "expected"),
    [
        (400, {}, False, False),
        (200, {"content-type": "application/json", "content-length": "2"}, False, True),
        (200, {"content-type": "application/json", "content-length": "2"}, True, False),
        (200, {"content-type": "Application/Problem+JSON; charset=utf-8", "content-length": "2"}, True, False),
        (302, {"content-type": "application/json", "content-length": "2"}, True, True),
        (200, {"content-type": "application/json"}, True, True),
        (200, {"content-type": "application/json", "content-length": "262145"}, True, True),
        (200, {"content-type": "text/html", "content-length": "2"}, True, True),
        (200, {"content-length": "2"}, True, True),
        (399, {}, True, True),
    ],
)
def test_passes(status, headers, inspects, expected):
    """
    A response below 400 is left alone, except for short JSON of a success if that was asked for.
    """
    assert expected is ResponseParser(None, None, inspect_success=inspects).passes(status, headers)


def test_set_up():
    """
    Wrong arguments are refused at once, by messages that say what to pass.
    """
    with pytest.raises(
        TypeError, match=r"registry must be an errortax.Registry or None, not 'x'; errortax.load_registry makes one"
    ):
        ResponseParser("gopoints", "x")
    with pytest.raises(TypeError, match=r"vendor must be a name or None, not b'gopoints'; known: authrocket, gopoints, "):
        ResponseParser(b"gopoints", None)
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        ResponseParser("gopoint", None)


def test_decorated_function():
    """
    A decorated function keeps its name and result, and the client's exceptions in it are converted.
    """

    @raising()
    def fetch(number, *, fail=False):
        """Fetch."""
        if fail:
            raise Refused
        return number

    assert ("fetch", "Fetch.", 3) == (fetch.__name__, fetch.__doc__, fetch(3))
    with pytest.raises(exceptions.ConnectionFailed):
        fetch(3, fail=True)


class Fetching:
    """An object that is called like a coroutine function."""

    async def __call__(self):
        """Fail."""
        raise Refused


async def fetching():
    """Fail later than at once."""
    await asyncio.sleep(0)
    raise Refused


@pytest.mark.parametrize("function", [fetching, Fetching()])
def test_decorated_coroutine(function):
    """
    A coroutine's failure is converted when it is awaited, not when the function is called.
    """
    decorated = raising()(function)
    with pytest.raises(exceptions.ConnectionFailed):
        asyncio.run(decorated())


def test_decorated_coroutine_is_cancelled():
    """
    A decorated coroutine whose task is cancelled ends with the cancellation.
    """

    async def main():
        waiting = asyncio.Event()

        @raising()
        async def wait():
            waiting.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(wait())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(main())


def generator():
    """Yield, as a function that streams does."""
    yield


async def async_generator():
    """Yield, as a coroutine that streams does."""
    yield


def timed(function):
    """Decorate, as anybody does."""

    @wraps(function)
    def call(*arguments):
        return function(*arguments)

    return call


@pytest.mark.parametrize(
    "function",
    [
        generator,
        async_generator,
        contextmanager(generator),
        asynccontextmanager(async_generator),
        timed(generator),
        partial(generator),
        Response,
        None,
    ],
)
def test_decorating_the_wrong_thing(function):
    """
    An object that cannot be called, or that returns before a request is made, is refused when it is decorated.
    """
    with pytest.raises(TypeError, match="not a function that can be decorated; write the with statement inside it"):
        raising()(function)


@pytest.mark.parametrize("kind", [staticmethod, classmethod])
def test_decorating_what_will_be_a_method(kind):
    """
    A decorator for another kind of method belongs above, as the message says; in that order it works.
    """

    def fail(*_):
        raise Refused

    with pytest.raises(TypeError, match=f"is not a function yet; put @{kind.__name__} above the line that decorates"):
        raising()(kind(fail))
    with pytest.raises(exceptions.ConnectionFailed):
        type("Client", (), {"fail": kind(raising()(fail))}).fail()


@pytest.mark.parametrize("function", [lambda *_: fetching(), timed(fetching)])
def test_decorating_what_makes_a_coroutine(function):
    """
    A plain function that returns a coroutine is refused when it is called, since it would fail later; nothing is left
    open.
    """
    with pytest.raises(TypeError, match="returns a coroutine, which nothing watches; decorate the coroutine function"):
        raising()(function)()


def test_block_in_a_generator():
    """
    A block inside a generator converts what the client raises there, and closing the generator early passes.
    """

    def lines():
        with raising():
            yield 1
            raise Refused

    early = lines()
    assert 1 == next(early)
    early.close()
    with pytest.raises(exceptions.ConnectionFailed):
        list(lines())


def test_threads_share_one():
    """
    One context manager serves many threads at once, nested or not.
    """
    shared, barrier, caught = raising(), threading.Barrier(4), []

    def run(kind):
        try:
            with shared, shared:
                barrier.wait(10)
                raise kind
        except VendorError as error:
            caught.append(error)

    kinds = [Refused, Slow, Refused, Slow]
    threads = [threading.Thread(target=run, args=(kind,)) for kind in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 4 == len(caught)
    assert {(Refused, Category.CONNECTION_FAILED), (Slow, Category.NO_RESPONSE)} == {
        (type(error.__cause__), error.error.category) for error in caught
    }


def test_nothing_raised():
    """
    A block that ends well, ends well.
    """
    with raising() as nothing:
        pass
    assert nothing is None


PAGE = b"<html>Not what you asked for</html>"


def of_requests(body):
    """Return a response of requests in memory."""
    response = requests.Response()
    response.status_code, response._content = 200, body
    return response


JSON_READERS = {
    "httpx": lambda body: httpx.Response(200, content=body).json(),
    "requests": lambda body: of_requests(body).json(),
    "urllib3": lambda body: urllib3.HTTPResponse(io.BytesIO(body), status=200).json(),
    "stdlib": lambda body: json.load(io.BytesIO(body)),
    "aiohttp": json.loads,  # as `ClientResponse.json` does after it has looked at the media type
}


@pytest.mark.parametrize("body", [PAGE, b"", b'{"points": 12', b"\xff\xfe\xfd"], ids=["page", "empty", "half", "bytes"])
@pytest.mark.parametrize("client", JSON_READERS)
def test_unreadable_json(client, body):
    """
    A body that is not the expected JSON is an unreadable response in each client; nobody knows whether to repeat a request
    of unknown method.
    """
    make = import_module(f"errortax.integrations.{client}").raising
    with pytest.raises(exceptions.InvalidResponse) as caught, make("gopoints"):
        JSON_READERS[client](body)
    assert isinstance(caught.value.__cause__, ValueError)
    assert not errortax.decide_retry(caught.value.error, method=caught.value.method).retry
