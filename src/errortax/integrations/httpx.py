"""
httpx and httpx2: event hooks, a transport, and `VendorError` in place of their exceptions. This module imports neither.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import perf_counter
from types import TracebackType
from typing import Any, Final, NoReturn, TypeVar, cast

from attrs import frozen

from errortax.http import REDIRECTS, Headers, RawResponse, is_too_long, unchecked_response
from errortax.integrations._clients import (
    CONNECTION_LOST,
    NO_RESPONSE,
    NOT_CONNECTED,
    UNREADABLE,
    Body,
    Failures,
    Inspection,
    Meaning,
    Raising,
    ResponseParser,
    meaning_of_proxy,
)
from errortax.model import CanonicalError
from errortax.registry import Registry

_FIRST: Final = "errortax.first_request"
"""The extension in which a request after a redirect holds the first request of the call."""

_STATUS: Final = re.compile(r"([1-5][0-9]{2})\b")  # at the beginning of what ProxyError says where a proxy answered


@frozen
class _Failures(Failures):
    """Know also why a proxy does not open a tunnel, for which there is one class."""

    def meaning(self, thing: object) -> Meaning | None:
        found = super().meaning(thing)
        status = _STATUS.match(str(thing)) if found and type(thing).__name__ == "ProxyError" else None
        return found if status is None else meaning_of_proxy(int(status[1]))


_FAILURES: Final = _Failures(
    frozenset({"httpx", "httpx2", "httpx_sse"}),
    {
        "ConnectTimeout": NOT_CONNECTED,
        "PoolTimeout": NOT_CONNECTED,
        "TimeoutException": NO_RESPONSE,
        "ConnectError": NOT_CONNECTED,
        "ProxyError": NOT_CONNECTED,
        "NetworkError": CONNECTION_LOST,
        "RemoteProtocolError": CONNECTION_LOST,
        "DecodingError": UNREADABLE,
        "SSEError": UNREADABLE,
    },
)

_Transport = TypeVar("_Transport")


def hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[[Any], None]:
    """
    Return a response hook for ``httpx.Client(event_hooks={"response": […]})`` that raises `VendorError` for an error.

    It reads the body of an error, and leaves a success alone unless *inspect_success* is true. `errortax.integrations`
    explains the arguments; bad ones raise `TypeError` or `UnknownVendorError`.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    def raise_for_error(response: Any) -> None:
        if not hasattr(response.stream, "__iter__"):
            raise TypeError("hook is for httpx.Client; pass async_hook(...) to httpx.AsyncClient")
        if _passes(parser, response, response.request):
            return
        with Body(response.status_code, _FAILURES) as body:
            if not _is_too_long(response):
                body.content = response.read()
        parser.check(_raw(parser, response, response.request, body), response, body.failure)

    return raise_for_error


def async_hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[[Any], Awaitable[None]]:
    """
    Return the same response hook as `hook`, for ``httpx.AsyncClient``.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    async def check(response: Any) -> None:
        if _passes(parser, response, response.request):
            return
        with Body(response.status_code, _FAILURES) as body:
            if not _is_too_long(response):
                body.content = await response.aread()
        parser.check(_raw(parser, response, response.request, body), response, body.failure)

    def raise_for_error(response: Any) -> Awaitable[None]:
        if not hasattr(response.stream, "__aiter__"):  # nothing would await the result, and errors would look like successes
            raise TypeError("async_hook is for httpx.AsyncClient; pass hook(...) to httpx.Client")
        return check(response)

    return raise_for_error


def transport(
    wrapped: _Transport, vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> _Transport:
    """
    Return a transport around *wrapped*, synchronous or asynchronous: it attaches the canonical error to each response.

    It raises nothing for an error; `error_of(response)` returns the canonical error. The other arguments are those of
    `hook`. Raise `TypeError` if *wrapped* is not a transport.
    """
    handles = hasattr(wrapped, "handle_request") or hasattr(wrapped, "handle_async_request")
    if isinstance(wrapped, type) or not handles:
        raise TypeError(
            f"{wrapped!r} is not a transport of httpx; pass one such as httpx.HTTPTransport() or httpx.AsyncHTTPTransport()"
        )
    parser = _Parser(vendor, registry, inspect_success=inspect_success)
    return cast(_Transport, _AttachingTransport(wrapped, parser))


def raising(
    vendor: str | None = None, *, registry: Registry | None = None, method: str | None = None, idempotency_key: bool = False
) -> Raising:
    """
    Return a context manager and decorator that turns exceptions of httpx into `VendorError`, chained to the original.

    It turns exceptions for an error status, and for a response that did not come or broke off. All others pass unchanged.
    *method* and *idempotency_key* describe the request if the exception does not; the other arguments are those of `hook`.
    """
    return Raising(_Parser(vendor, registry), _FAILURES, method, idempotency_key)


def error_of(thing: object, vendor: str | None = None, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind a response or an exception of httpx; None for a success or another exception.

    A body counts only if it is in memory; otherwise the status decides. The other arguments are those of `hook`. Raise
    `TypeError` for an object that is neither a response nor an exception.
    """
    return _Parser(vendor, registry).error_behind(thing, _FAILURES)


def _is_too_long(response: Any) -> bool:
    return not response.is_closed and is_too_long(response.headers)  # the body of a closed response was read before


def _passes(parser: ResponseParser, response: Any, request: Any) -> bool:
    """Return whether to leave a response alone; note at a redirect which request was the first."""
    status = response.status_code
    if status in REDIRECTS:
        first = request.extensions.get(_FIRST, request)
        request.extensions = {**request.extensions, _FIRST: first}  # the client passes them on to the next request
    return parser.passes(status, response.headers, is_read=response.is_closed)


def _raw(parser: ResponseParser, response: Any, request: Any, body: Body) -> RawResponse:
    headers = Headers.unchecked(response.headers.multi_items)
    address = parser.address(request)
    return unchecked_response(response.status_code, headers, body.content, address, request.method, cut_off=body.is_cut_off)


class _Parser(ResponseParser):
    """Find the first request of a call in the extensions of the last one."""

    __slots__ = ()

    def first_request(self, request: Any) -> Any:
        """
        Return the first request of the call that *request* belongs to, or None if it is the first, or nothing is known.
        """
        return request.extensions.get(_FIRST)


class _AttachingTransport:
    """A transport around another one. It has the methods of both kinds: each client calls its own."""

    __slots__ = ("_parser", "_wrapped")

    def __init__(self, wrapped: Any, parser: ResponseParser) -> None:
        self._wrapped, self._parser = wrapped, parser

    def handle_request(self, request: Any) -> Any:
        begin = perf_counter()
        response = self._wrapped.handle_request(request)
        if _passes(self._parser, response, request):
            return response
        with Body(response.status_code, _FAILURES) as body:
            if not _is_too_long(response):
                body.content = response.read()
        if body.failure is not None:
            response.stream.close()
            _fail_again(response, _Failing(body.failure))
        self._attach(response, body, request, begin)
        return response

    async def handle_async_request(self, request: Any) -> Any:
        begin = perf_counter()
        response = await self._wrapped.handle_async_request(request)
        if _passes(self._parser, response, request):
            return response
        with Body(response.status_code, _FAILURES) as body:
            if not _is_too_long(response):
                body.content = await response.aread()
        if body.failure is not None:
            await response.stream.aclose()
            _fail_again(response, _AsyncFailing(body.failure))
        self._attach(response, body, request, begin)
        return response

    def _attach(self, response: Any, body: Body, request: Any, begin: float) -> None:
        self._parser.attach(_raw(self._parser, response, request, body), response, body.failure, request=request)
        if body.content is not None:
            response.elapsed = timedelta(seconds=perf_counter() - begin)  # the client sets it when it reads the body

    def close(self) -> None:
        self._wrapped.close()

    async def aclose(self) -> None:
        await self._wrapped.aclose()

    def __enter__(self) -> _AttachingTransport:
        self._wrapped.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._wrapped.__exit__(kind, error, traceback)

    async def __aenter__(self) -> _AttachingTransport:
        await self._wrapped.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._wrapped.__aexit__(kind, error, traceback)


def _fail_again(response: Any, content: _Failing | _AsyncFailing) -> None:
    """Let the next reader of the *response* get the failure: the client would say that it was read before or is closed."""
    response.stream = type(response)(response.status_code, content=content).stream
    response.is_closed = response.is_stream_consumed = False


@frozen
class _Failing:
    """The content of a response that cannot be read."""

    failure: Exception

    def __iter__(self) -> NoReturn:
        raise self.failure


@frozen
class _AsyncFailing:
    """The same for an asynchronous client."""

    failure: Exception

    def __aiter__(self) -> NoReturn:
        raise self.failure
