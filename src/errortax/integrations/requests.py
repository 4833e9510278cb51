"""
requests and niquests: response hooks, an adapter, and `VendorError` in place of their exceptions. This module imports
neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutine, iscoroutinefunction
from typing import Any, Final, TypeVar, cast

from attrs import frozen

from errortax.http import FIRST_ERROR, Call, Headers, RawResponse, is_too_long, unchecked_response
from errortax.integrations._clients import (
    CONNECTION_LOST,
    NO_RESPONSE,
    NOT_CONNECTED,
    NOT_TRUSTED,
    UNREADABLE,
    Failures,
    Raising,
    ResponseParser,
    UrllibFailures,
    request_sent,
    status_given_up_on,
    was_sent_before,
)
from errortax.model import CanonicalError, VendorError
from errortax.registry import Registry

_LIBRARIES: Final = frozenset({"requests", "niquests"})
_POOLS: Final = frozenset({"urllib3", "urllib3_future"})
_REFUSED: Final = frozenset((library, "InvalidHeader") for library in _LIBRARIES)


@frozen
class _Failures(UrllibFailures):
    """Know only the exceptions that leave the libraries: not the wrapped ones, nor the one for a header that is not sent."""

    def know(self, thing: object) -> bool:
        names = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(thing).__mro__}
        packages = {package for package, _ in names}
        return not packages.isdisjoint(_LIBRARIES | _POOLS) and names.isdisjoint(_REFUSED)


_FAILURES: Final = _Failures(
    _LIBRARIES | _POOLS | {"ssl"},
    {
        "ConnectTimeout": NOT_CONNECTED,
        "ConnectTimeoutError": NOT_CONNECTED,
        "Timeout": NO_RESPONSE,
        "ReadTimeoutError": NO_RESPONSE,
        "NewConnectionError": NOT_CONNECTED,
        "ClosedPoolError": NOT_CONNECTED,
        "ProxyError": CONNECTION_LOST,  # urllib3 says so of a lost answer, too: what it wraps tells
        "CertificateError": NOT_TRUSTED,
        "SSLCertVerificationError": NOT_TRUSTED,
        "SSLError": CONNECTION_LOST,  # a handshake that fails looks like a connection that ends later
        "ConnectionError": CONNECTION_LOST,
        "ProtocolError": CONNECTION_LOST,
        "ChunkedEncodingError": CONNECTION_LOST,
        "ContentDecodingError": UNREADABLE,
        "DecodeError": UNREADABLE,
        "InvalidHeader": UNREADABLE,  # of urllib3: the server's, of a field or of a chunk
    },
)

_Adapter = TypeVar("_Adapter")


class _Parser(ResponseParser):
    """Parse the status at which urllib3's ``Retry`` gave up, and find the first request in the frames of the session."""

    __slots__ = ()

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception of a client, or None if there is none.
        """
        status = status_given_up_on(next(iter(thing.args), None)) if isinstance(thing, BaseException) else None
        if status is None:
            return super().error_behind(thing, failures)
        request = self.request_of(thing)
        return self.parse(RawResponse(status, url=None if request is None else self.address(request)))

    def call_of(self, thing: object, *, method: str | None = None, has_key: bool = False) -> Call:
        """
        Return the call for which the client returned or raised *thing*; the arguments take precedence.
        """
        call = super().call_of(thing, method=method, has_key=has_key)
        tried = isinstance(thing, BaseException) and was_sent_before(thing, _FAILURES)
        return call._replace(may_be_applied=True) if tried else call

    def first_request(self, thing: object) -> Any:
        return request_sent(thing, _LIBRARIES)


def hook(vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False) -> Callable[..., None]:
    """
    Return a response hook for ``session.hooks["response"]`` that raises `VendorError` for an error.

    It reads the body of an error, and leaves a success alone unless *inspect_success* is true. `errortax.integrations`
    explains the arguments; bad ones raise `TypeError` or `UnknownVendorError`.
    """
    return _Hook(_Parser(vendor, registry, inspect_success=inspect_success))


class _Hook:
    """A hook that can be pickled: each response holds the hooks of its request."""

    def __init__(self, parser: ResponseParser) -> None:
        self._parser = parser

    def __call__(self, response: Any, **_: Any) -> None:
        if self._parser.passes(response.status_code, response.headers):
            return
        body = _content(response)
        try:
            self._parser.check(_raw(self._parser, response, body), response)
        except VendorError:
            if body is None:
                response.close()  # no caller can, and an unread body keeps the connection
            raise


def async_hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False
) -> Callable[..., Awaitable[None]]:
    """
    Return the same hook as `hook`, for ``niquests.AsyncSession``; it never looks into a success that is streamed.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    async def raise_for_error(response: Any, *, stream: bool | None = False, **_: Any) -> None:
        if parser.passes(response.status_code, response.headers) or _would_be_lost(response, stream):
            return
        body = await _async_content(response)
        try:
            parser.check(_raw(parser, response, body), response)
        except VendorError:
            await response.close()
            raise

    return raise_for_error


def adapter(
    wrapped: _Adapter, vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False
) -> _Adapter:
    """
    Return an adapter to mount, asynchronous if *wrapped* is: it attaches the canonical error to each response.

    It raises nothing for an error; `error_of(response)` returns the canonical error. The other arguments are those of
    `hook`. Raise `TypeError` if *wrapped* is not an adapter.
    """
    send = getattr(wrapped, "send", None)
    if isinstance(wrapped, type) or hasattr(wrapped, "request") or not callable(send):  # a session sends, too
        raise TypeError(
            f"{wrapped!r} is not an adapter of requests or niquests; pass one such as requests.adapters.HTTPAdapter()"
            " and mount the result"
        )
    parser = _Parser(vendor, registry, inspect_success=inspect_success)
    kind = _AsyncAttachingAdapter if iscoroutinefunction(send) else _AttachingAdapter
    return cast(_Adapter, kind(wrapped, parser))


def raising(
    vendor: str | None = None, *, registry: Registry | None = None, method: str | None = None, idempotency_key: bool = False
) -> Raising:
    """
    Return a context manager and decorator that turns exceptions of requests into `VendorError`, chained to the original.

    It turns exceptions for an error status, and for a response that did not come or broke off. All others pass unchanged.
    *method* and *idempotency_key* describe the request if the exception does not; the other arguments are those of `hook`.
    """
    return Raising(_Parser(vendor, registry), _FAILURES, method, idempotency_key)


def error_of(thing: object, vendor: str | None = None, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind a response or an exception of requests; None for a success or another exception.

    A body counts only if it is in memory; otherwise the status decides. The other arguments are those of `hook`. Raise
    `TypeError` for an object that is neither a response nor an exception.
    """
    return _Parser(vendor, registry).error_behind(thing, _FAILURES)


def _raw(parser: ResponseParser, response: Any, body: bytes | None) -> RawResponse:
    request = response.request
    return unchecked_response(
        response.status_code, Headers.unchecked(response.headers.items), body, parser.address(request), request.method
    )


def _content(response: Any) -> bytes | None:
    if is_too_long(response.headers):
        return None
    try:
        body = response.content
    except Exception as error:
        _attach_request(error, response.request)
        response.close()
        raise
    if iscoroutine(body):
        body.close()
        raise TypeError("hook is for sessions that block; append async_hook to the hooks of a niquests.AsyncSession")
    return cast("bytes | None", body)


async def _async_content(response: Any) -> bytes | None:
    if is_too_long(response.headers):
        return None
    try:
        return cast("bytes | None", await response.content)
    except Exception as error:
        _attach_request(error, response.request)
        await response.close()
        raise


def _attach_request(error: Any, request: Any) -> None:
    """Set the *request* of an *error* that was raised while a body was read: both libraries leave it out there."""
    if getattr(error, "request", error) is None:
        error.request = request


def _would_be_lost(response: Any, stream: bool | None) -> bool:
    """Return whether looking into a success of niquests would leave nothing to stream."""
    return bool(stream) and response.status_code < FIRST_ERROR


class _AttachingAdapter:
    """An adapter around another one."""

    def __init__(self, wrapped: Any, parser: ResponseParser) -> None:
        self._wrapped, self._parser = wrapped, parser

    def send(self, request: Any, *arguments: Any, **named: Any) -> Any:
        response = self._wrapped.send(request, *arguments, **named)
        if not self._leaves(response):
            self._attach(response, _content(response))
        return response

    def _leaves(self, response: Any) -> bool:
        """Return whether to leave a response alone; a lazy one of niquests has not come yet, and asking would wait for it."""
        return getattr(response, "lazy", False) or self._parser.passes(response.status_code, response.headers)

    def _attach(self, response: Any, body: bytes | None) -> None:
        response.connection = self  # the client answers a challenge through it
        self._parser.attach(_raw(self._parser, response, body), response)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    def __reduce__(self) -> tuple[type[_AttachingAdapter], tuple[Any, ResponseParser]]:
        return type(self), (self._wrapped, self._parser)


class _AsyncAttachingAdapter(_AttachingAdapter):
    """An adapter around one of ``niquests.AsyncSession``."""

    async def send(self, request: Any, stream: bool = False, *arguments: Any, **named: Any) -> Any:
        response = await self._wrapped.send(request, stream, *arguments, **named)
        if not self._leaves(response) and not _would_be_lost(response, stream):
            self._attach(response, await _async_content(response))
        return response
