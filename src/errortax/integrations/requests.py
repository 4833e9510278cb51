"""
requests and niquests: response hooks, an adapter, and `VendorError` in place of their exceptions. This module imports
neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, Final, NoReturn, TypeVar, cast

from attrs import frozen

from errortax.http import FIRST_ERROR, REDIRECTS, SUCCESSES, Headers, RawResponse, is_too_long, unchecked_response
from errortax.integrations._clients import (
    CONNECTION_LOST,
    NO_RESPONSE,
    NOT_CONNECTED,
    NOT_TRUSTED,
    UNREADABLE,
    Body,
    Failures,
    Inspection,
    Raising,
    ResponseParser,
    UrllibFailures,
    status_given_up_on,
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
    """Parse the status at which urllib3's ``Retry`` gave up, and find the first request in the hooks of the last one."""

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

    def first_request(self, request: Any) -> Any:
        """
        Return the first request of the call that *request* belongs to, or None if it is the first, or nothing is known.
        """
        return next((hook for hook in _hooks(request) if isinstance(hook, _FirstRequest)), None)


@frozen
class _FirstRequest:
    """
    A response hook that does nothing, and holds the first request of a call.

    Sessions copy the hooks of a request to the next one when they follow a redirect. The history comes after the hooks.
    """

    method: str | None
    url: str | None

    def __call__(self, response: Any, **_: Any) -> None:
        """Leave the *response* alone."""


def _hooks(request: Any) -> list[Any]:
    hooks = (getattr(request, "hooks", None) or {}).get("response") or ()
    return [hooks] if callable(hooks) else list(hooks)


def _note_redirect(response: Any) -> None:
    """Note at a redirect which request was the first."""
    request = response.request
    if response.status_code in REDIRECTS and not any(isinstance(hook, _FirstRequest) for hook in _hooks(request)):
        request.hooks = {**request.hooks, "response": [*_hooks(request), _FirstRequest(request.method, request.url)]}


def hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[..., None]:
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

    def __call__(self, response: Any, *, stream: bool | None = None, **_: Any) -> None:
        if iscoroutinefunction(response.close):
            raise TypeError("hook is for sessions that block; append async_hook to the hooks of a niquests.AsyncSession")
        _note_redirect(response)
        is_read = _is_read(response, stream)
        passes = self._parser.passes(response.status_code, response.headers, is_read=is_read)
        if passes and not is_read:
            return
        with Body(response.status_code, _FAILURES) as body:
            body.content = _content(response)
        if passes:
            return
        try:
            self._parser.check(_raw(self._parser, response, body), response, body.failure)
        except VendorError:
            if body.content is None:
                response.close()  # no caller can, and an unread body keeps the connection
            raise


def async_hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[..., Awaitable[None]]:
    """
    Return the same hook as `hook`, for ``niquests.AsyncSession``; it never looks into a success that is streamed.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    async def raise_for_error(response: Any, *, stream: bool | None = None, **_: Any) -> None:
        _note_redirect(response)
        is_read = _is_read(response, stream)
        passes = _would_be_lost(response, stream) or parser.passes(response.status_code, response.headers, is_read=is_read)
        if passes and not is_read:
            return
        with Body(response.status_code, _FAILURES) as body:
            body.content = await _async_content(response)
        if passes:
            return
        try:
            parser.check(_raw(parser, response, body), response, body.failure)
        except VendorError:
            await response.close()
            raise

    return raise_for_error


def adapter(
    wrapped: _Adapter, vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
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


def _raw(parser: ResponseParser, response: Any, body: Body) -> RawResponse:
    request, headers = response.request, Headers.unchecked(response.headers.items)
    address = parser.address(request)
    return unchecked_response(response.status_code, headers, body.content, address, request.method, cut_off=body.is_cut_off)


def _is_read(response: Any, stream: bool | None) -> bool:
    """Return whether the session reads a success after the hooks; a failure that comes before knows its request."""
    return stream is False and response.status_code in SUCCESSES and getattr(response, "extension", None) is None


def _is_skipped(response: Any) -> bool:
    """Return whether not to read the body of an error; a success is read only if the session would read it, too."""
    return response.status_code >= FIRST_ERROR and is_too_long(response.headers)


def _content(response: Any) -> bytes | None:
    if _is_skipped(response):
        return None
    try:
        return cast("bytes | None", response.content)
    except Exception as error:
        _attach_request(error, response.request)
        response.close()
        raise


async def _async_content(response: Any) -> bytes | None:
    if _is_skipped(response):
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

    def send(self, request: Any, stream: bool = False, *arguments: Any, **named: Any) -> Any:
        response = self._wrapped.send(request, stream, *arguments, **named)
        is_read, passes = self._plan(response, stream)
        if passes and not is_read:
            return response
        with Body(response.status_code, _FAILURES) as body:
            body.content = _content(response)
        if not passes:
            self._attach(response, body, _fail_again)
        return response

    def _plan(self, response: Any, stream: bool) -> tuple[bool, bool]:
        """Return whether to read a response, and whether to leave it alone otherwise; asking a lazy one would wait for it."""
        if getattr(response, "lazy", False):
            return False, True
        _note_redirect(response)
        is_read = _is_read(response, stream)
        return is_read, self._parser.passes(response.status_code, response.headers, is_read=is_read)

    def _attach(self, response: Any, body: Body, fail_again: Callable[[Any, Exception], None]) -> None:
        response.connection = self  # the client answers a challenge through it
        self._parser.attach(_raw(self._parser, response, body), response, body.failure)
        if body.failure is not None:
            fail_again(response.raw, body.failure)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    def __reduce__(self) -> tuple[type[_AttachingAdapter], tuple[Any, ResponseParser]]:
        return type(self), (self._wrapped, self._parser)


class _AsyncAttachingAdapter(_AttachingAdapter):
    """An adapter around one of ``niquests.AsyncSession``."""

    async def send(self, request: Any, stream: bool = False, *arguments: Any, **named: Any) -> Any:
        response = await self._wrapped.send(request, stream, *arguments, **named)
        is_read, passes = self._plan(response, stream)
        passes = passes or _would_be_lost(response, stream)
        if passes and not is_read:
            return response
        with Body(response.status_code, _FAILURES) as body:
            body.content = await _async_content(response)
        if not passes:
            self._attach(response, body, _fail_again_async)
        return response


def _fail_again(raw: Any, failure: Exception) -> None:
    """Let the next reader of a *raw* response get the failure: a closed one would look like an empty body."""

    def fail(*_: Any, **__: Any) -> NoReturn:
        raise failure

    raw.read = raw.stream = fail


def _fail_again_async(raw: Any, failure: Exception) -> None:
    """Do the same for ``niquests.AsyncSession``."""

    async def fail(*_: Any, **__: Any) -> NoReturn:
        raise failure

    raw.read = fail
