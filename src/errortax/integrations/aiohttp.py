"""
aiohttp's client: a callable for ``raise_for_status``, a middleware, and `VendorError` in place of aiohttp's exceptions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import FrameType
from typing import Any, Final

from errortax.http import FIRST_ERROR, Headers, RawResponse, is_too_long, unchecked_response
from errortax.integrations._clients import (
    CONNECTION_LOST,
    NO_RESPONSE,
    NOT_CONNECTED,
    NOT_TRUSTED,
    UNREADABLE,
    Failures,
    Meaning,
    Raising,
    ResponseParser,
    frames_behind,
    frames_of,
    meaning_of_proxy,
)
from errortax.model import CanonicalError, VendorError
from errortax.registry import Registry

_REQUEST_HOLDERS: Final[Mapping[str, str]] = {"aiohttp.client": "req", "aiohttp.client_reqrep": "self"}
"""Module of aiohttp → the local variable that holds the current request."""


_PACKAGES: Final = frozenset({"aiohttp"})


class _Failures(Failures):
    """The meanings of aiohttp's exceptions: some by the exception behind them, a total timeout by the place that raised it."""

    __slots__ = ()

    def meaning(self, thing: object) -> Meaning | None:
        if type(thing) is TimeoutError:
            return _meaning_of_timeout(thing)
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
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False
) -> Callable[[Any], Awaitable[None]]:
    """
    Return a callable for ``aiohttp.ClientSession(raise_for_status=…)`` that raises `VendorError` for an error.

    It reads the body of an error, and leaves a success alone unless *inspect_success* is true. `errortax.integrations`
    explains the arguments; bad ones raise `TypeError` or `UnknownVendorError`.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    async def raise_for_error(response: Any) -> None:
        if not parser.passes(response.status, response.headers):
            body = None if is_too_long(response.headers) else await response.read()
            try:
                parser.check(_raw(parser, response, body), response)
            except VendorError:
                response.close()  # do not wait for the rest of the body
                raise
            _rewind(response, body)

    return raise_for_error


def middleware(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False
) -> Callable[[Any, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]:
    """
    Return a middleware for ``aiohttp.ClientSession(middlewares=(…,))``: it attaches the canonical error to each response.

    It raises nothing for an error; `error_of(response)` returns the canonical error. The arguments are those of `hook`.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    async def attach(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        response = await handler(request)
        if not parser.passes(response.status, response.headers):
            body = None if is_too_long(response.headers) else await response.read()
            parser.attach(_raw(parser, response, body), response)
            _rewind(response, body)
        return response

    return attach


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


def _raw(parser: ResponseParser, response: Any, body: bytes | None) -> RawResponse:
    headers = Headers.unchecked(response.raw_headers.__iter__)
    return unchecked_response(response.status, headers, body, parser.address(response), response.method)


def _rewind(response: Any, body: bytes | None) -> None:
    """Put the *body* back into the response's stream, which can be read only once."""
    if not body:
        return
    from aiohttp import StreamReader
    from aiohttp.base_protocol import BaseProtocol

    loop = response.content._loop
    response.content = StreamReader(BaseProtocol(loop), len(body), loop=loop)  # the connection may serve others by now
    response.content.feed_data(body)
    response.content.feed_eof()


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
        for frame in frames_of(thing, _PACKAGES) if isinstance(thing, BaseException) else ():
            holder = frame.f_locals.get(_REQUEST_HOLDERS.get(_module(frame), ""))
            request = getattr(holder, "request_info", None)
            if request is not None:
                return request
        return super().request_of(thing)

    def first_request(self, thing: object) -> Any:
        """
        Return the first response of a call, which knows the method; a response gets its history only after the hook.
        """
        histories = (frame.f_locals.get("history") for frame in frames_of(thing, _PACKAGES) if _module(frame) == "aiohttp.client")
        history = next(filter(None, histories), None)
        return history[0] if history else None


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


def _meaning_of_timeout(exception: BaseException) -> Meaning | None:
    """Return what a bare `TimeoutError` means if it was aiohttp that raised it: its total time was over."""
    modules = [_module(frame) for frame in frames_behind(exception)]
    if not modules or not modules[-1].startswith("aiohttp."):
        return None
    cancelled = getattr(exception, "__cause__", None)
    passed = () if cancelled is None else frames_of(cancelled, _PACKAGES)
    was_connecting = any(_module(frame) == "aiohttp.connector" for frame in passed)
    return NOT_CONNECTED if was_connecting else NO_RESPONSE


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))
