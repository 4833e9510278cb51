"""
aiohttp's client: a callable for ``raise_for_status``, a middleware, a trace configuration, and `VendorError` in place of
aiohttp's exceptions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from errortax.http import (
    FIRST_ERROR,
    IDEMPOTENCY_KEY,
    Call,
    Headers,
    RawResponse,
    exception_of,
    is_too_long,
    unchecked_response,
)
from errortax.integrations._clients import (
    CONNECTION_LOST,
    NO_RESPONSE,
    NOT_CONNECTED,
    NOT_TRUSTED,
    UNREADABLE,
    Body,
    Failures,
    Inspection,
    Meaning,
    Raising,
    ResponseParser,
    attach_call,
    meaning_of_proxy,
)
from errortax.model import CanonicalError, VendorError
from errortax.registry import Registry

if TYPE_CHECKING:
    from aiohttp import TraceConfig

_PACKAGES: Final = frozenset({"aiohttp"})

_OPEN: Final[WeakSet[Any]] = WeakSet()
"""Responses whose bodies were not read yet: the exception of a body that breaks off does not know its response."""

_LOCK: Final = Lock()  # each thread may have a loop


class _Failures(Failures):
    """The meanings of aiohttp's exceptions, some by the exception behind them; it raises a bare `TimeoutError`, too."""

    __slots__ = ()

    def meaning(self, thing: object) -> Meaning | None:
        if type(thing) is TimeoutError:
            return NO_RESPONSE
        behind = getattr(thing, "__cause__", None) if self.know(thing) else None
        found = super().meaning(behind) or super().meaning(thing)
        return found and (_meaning_of_proxy(thing) or found)


_FAILURES: Final = _Failures(
    _PACKAGES,
    {
        "ConnectionTimeoutError": NOT_CONNECTED,
        "ServerTimeoutError": NO_RESPONSE,
        "ClientConnectorError": NOT_CONNECTED,
        "ClientConnectorCertificateError": NOT_TRUSTED,
        "ServerFingerprintMismatch": NOT_TRUSTED,
        "ClientHttpProxyError": NOT_CONNECTED,
        "ServerConnectionError": CONNECTION_LOST,
        "ClientConnectionResetError": CONNECTION_LOST,
        "ClientOSError": CONNECTION_LOST,
        "ClientPayloadError": CONNECTION_LOST,
        "ContentLengthError": CONNECTION_LOST,
        "TransferEncodingError": CONNECTION_LOST,
        "HttpProcessingError": UNREADABLE,
        "ContentTypeError": UNREADABLE,
        "WSServerHandshakeError": UNREADABLE,
        "RedirectClientError": UNREADABLE,
    },
)


def hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[[Any], Awaitable[None]]:
    """
    Return a callable for ``aiohttp.ClientSession(raise_for_status=…)`` that raises `VendorError` for an error.

    It reads the body of an error, and leaves a success alone unless *inspect_success* is true. `errortax.integrations`
    explains the arguments; bad ones raise `TypeError` or `UnknownVendorError`.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    async def raise_for_error(response: Any) -> None:
        if _passes(parser, response):
            return
        body = await _read(response)
        try:
            parser.check(_raw(parser, response, body), response, body.failure)
        except VendorError:
            response.close()  # do not wait for the rest of the body
            raise
        _rewind(response, body)

    return raise_for_error


def middleware(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[[Any, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]:
    """
    Return a middleware for ``aiohttp.ClientSession(middlewares=(…,))``: it attaches the canonical error to each response.

    It raises nothing for an error; `error_of(response)` returns the canonical error. The arguments are those of `hook`.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    async def attach(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        response = await handler(request)
        if _passes(parser, response):
            return response
        body = await _read(response)
        parser.attach(_raw(parser, response, body), response, body.failure)
        _rewind(response, body)
        return response

    return attach


def tracing() -> TraceConfig:
    """
    Return a trace configuration for ``aiohttp.ClientSession(trace_configs=[…])``: exceptions then know the first request.

    Without it, an exception of aiohttp does not know its request, and nothing shows that a redirect came before. Raise
    `ImportError` if aiohttp is missing.
    """
    from aiohttp import TraceConfig

    config = TraceConfig()
    config.on_request_start.append(_note_first)
    config.on_request_exception.append(_note_failure)
    config.on_request_end.append(_note_end)
    return config


async def _note_first(_: Any, context: Any, start: Any) -> None:
    context.first = start


async def _note_failure(_: Any, context: Any, end: Any) -> None:
    first, exception = context.first, end.exception
    call = Call(first.method, IDEMPOTENCY_KEY in first.headers, first.method != end.method, str(first.url))
    if isinstance(exception, VendorError):  # the hook has raised it
        vars(exception).update(vars(exception_of(exception.error, call, exception.response)))
    else:
        attach_call(exception, call)


async def _note_end(_: Any, __: Any, end: Any) -> None:
    _watch(end.response)


def raising(
    vendor: str | None = None, *, registry: Registry | None = None, method: str | None = None, idempotency_key: bool = False
) -> Raising:
    """
    Return a context manager and decorator that turns exceptions of aiohttp into `VendorError`, chained to the original.

    It turns exceptions for an error status, for an unexpected content type, and for a response that did not come or broke
    off. All others pass unchanged. *method* and *idempotency_key* describe the request if the exception does not; the
    other arguments are those of `hook`.
    """
    return Raising(_Parser(vendor, registry), _FAILURES, method, idempotency_key)


def error_of(thing: object, vendor: str | None = None, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind a response or an exception of aiohttp; None for a success or another exception.

    A body counts only if it is in memory; otherwise the status decides. The other arguments are those of `hook`. Raise
    `TypeError` for an object that is neither a response nor an exception.
    """
    return _Parser(vendor, registry).error_behind(thing, _FAILURES)


def _passes(parser: ResponseParser, response: Any) -> bool:
    """Return whether to leave a response alone, whose body may break off later."""
    passes = parser.passes(response.status, response.headers, is_read=response._body is not None)
    if passes:
        _watch(response)
    return passes


async def _read(response: Any) -> Body:
    with Body(response.status, _FAILURES) as body:
        if not is_too_long(response.headers):
            body.content = await response.read()
    return body


def _raw(parser: ResponseParser, response: Any, body: Body) -> RawResponse:
    headers = Headers.unchecked(response.raw_headers.__iter__)
    address = parser.address(response)
    return unchecked_response(response.status, headers, body.content, address, response.method, cut_off=body.is_cut_off)


def _rewind(response: Any, body: Body) -> None:
    """Put the *body* back into the response's stream, which can be read only once, or the failure to read it."""
    if body.failure is not None:
        response.content.set_exception(body.failure)
    if not body.content:
        return
    from aiohttp import StreamReader
    from aiohttp.base_protocol import BaseProtocol

    loop, length = response.content._loop, len(body.content)
    response.content = StreamReader(BaseProtocol(loop), length, loop=loop)  # the connection may serve others by now
    response.content.feed_data(body.content)
    response.content.feed_eof()


def _watch(response: Any) -> None:
    """Keep a *response* in mind as long as it lives, since its body may break off."""
    with _LOCK:
        _OPEN.add(response)


def _broken_off(exception: object) -> Any:
    """Return the response whose body broke off with *exception*, or None."""
    if not isinstance(exception, BaseException):
        return None
    with _LOCK:
        return next((response for response in _OPEN if response.content.exception() is exception), None)


class _Parser(ResponseParser):
    """Parse aiohttp's exceptions, too: none of them holds a response, and few hold a request."""

    __slots__ = ()

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception of aiohttp, or None if there is none.
        """
        return super().error_behind((failures.know(thing) and _answer_of(thing)) or thing, failures)

    def request_of(self, thing: object) -> Any:
        """
        Return the request for which aiohttp returned or raised *thing*, or None if it is unknown.
        """
        return super().request_of(_broken_off(thing) or thing)

    def call_of(self, thing: object, *, method: str | None = None, has_key: bool = False) -> Call:
        """
        Return the call for which aiohttp returned or raised *thing*; the arguments take precedence.
        """
        return super().call_of(_broken_off(thing) or thing, method=method, has_key=has_key)


def _answer_of(exception: Any) -> RawResponse | None:
    """Return the vendor's response as far as an exception for an error status knows it: without the body."""
    status, headers = getattr(exception, "status", 0), getattr(exception, "headers", None)
    if status < FIRST_ERROR or headers is None:  # without headers it was not HTTP, and the status is aiohttp's own
        return None
    request = exception.request_info
    if request.method == "CONNECT":  # a proxy refused it
        return None
    return RawResponse(status, headers.items(), None, str(request.url), request.method)


def _meaning_of_proxy(exception: Any) -> Meaning | None:
    """Return what it means that a proxy refuses a tunnel, and None for other exceptions of aiohttp."""
    return meaning_of_proxy(exception.status) if type(exception).__name__ == "ClientHttpProxyError" else None
