"""
``http.client`` and ``urllib.request``: a hook to call, a handler for openers, and `VendorError` in place of their exceptions.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextvars import ContextVar
from io import BufferedReader, BytesIO, RawIOBase
from typing import Any, Final, NoReturn

from attrs import frozen

from errortax.http import (
    BODY_CAP,
    FIRST_ERROR,
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
    attached,
    meaning_of_tunnel,
)
from errortax.model import CanonicalError
from errortax.registry import Registry

_UNREACHABLE: Final = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL})
_EARLY: Final = 490  # urllib's own handlers have 500

_REDIRECTED: Final = ContextVar("_REDIRECTED", default=False)
"""Whether a request that a `handler` saw came from a redirect and got no response: an exception does not know its request."""


@frozen
class _Failures(Failures):
    """Know also failures without a class of their own: an unreachable host, and an answer that `http.client` gives up on."""

    def meaning(self, thing: object) -> Meaning | None:
        found = super().meaning(thing)
        if found is not None:
            return found
        reason = getattr(thing, "reason", None) if self.know(thing) else thing
        if (refused := meaning_of_tunnel(reason)) is not None:
            return refused
        if type(reason) is OSError and reason.errno in _UNREACHABLE:
            return CONNECTION_LOST  # or there was none: the exception is the same
        kind = type(thing)
        if (kind.__module__, kind.__name__) == ("http.client", "HTTPException"):  # its subclasses are callers' mistakes as well
            return UNREADABLE
        return None


_FAILURES: Final = _Failures(
    frozenset({"builtins", "socket", "ssl", "http", "urllib"}),
    {
        "TimeoutError": NO_RESPONSE,
        "gaierror": NOT_CONNECTED,
        "ConnectionRefusedError": NOT_CONNECTED,
        "ConnectionError": CONNECTION_LOST,
        "SSLCertVerificationError": NOT_TRUSTED,
        "SSLError": CONNECTION_LOST,  # a handshake that fails looks like a connection that ends later
        "IncompleteRead": CONNECTION_LOST,
        "BadStatusLine": UNREADABLE,
        "LineTooLong": UNREADABLE,
        "UnknownProtocol": UNREADABLE,
    },
)


def hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[..., None]:
    """
    Return a function that raises `VendorError` for an error: call it with the response of ``getresponse()`` or ``urlopen()``.

    Pass it the *method* and the *idempotency_key* of the request for the exception: a response does not know them. It reads
    the body of an error, and leaves a success alone unless *inspect_success* is true. Only a response of ``urlopen()`` knows
    its host. `errortax.integrations` explains the arguments; bad ones raise `TypeError` or `UnknownVendorError`.
    """
    parser = ResponseParser(vendor, registry, inspect_success=inspect_success)

    def raise_for_error(response: Any, *, method: str | None = None, idempotency_key: bool = False) -> None:
        if parser.passes(response.status or 0, response.headers):  # None: urllib opened a file
            return
        body = _read(response)
        error = parser.parse(_raw(response, body, method))
        if error is None:
            _put_back(response, body)
            return
        if body.content is None or len(body.content) > BODY_CAP:
            response.close()  # no caller can, and an unread body keeps the connection
        call = Call(method, idempotency_key, _is_later(response, method), getattr(response, "url", None))
        exception = exception_of(error, call, response)
        if body.failure is None:
            raise exception
        raise exception from body.failure

    return raise_for_error


def handler(vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False) -> Any:
    """
    Return a handler for ``urllib.request.build_opener()``: it attaches the canonical error to each response.

    The opener then returns responses of 400 and above, and does not raise ``HTTPError`` for them; handlers that log in or
    follow redirects run before. `error_of(response)` returns the canonical error. The arguments are those of `hook`.
    """
    return _AttachingHandler(ResponseParser(vendor, registry, inspect_success=inspect_success))


def raising(
    vendor: str | None = None, *, registry: Registry | None = None, method: str | None = None, idempotency_key: bool = False
) -> Raising:
    """
    Return a context manager and decorator that turns the standard library's exceptions into `VendorError`, chained to them.

    It turns exceptions of ``http.client`` and urllib for a response that did not come or broke off, and ``HTTPError``,
    which it reads and closes. All others pass unchanged, such as ``FileNotFoundError``. *method* and *idempotency_key*
    describe the request, which an exception does not know; the other arguments are those of `hook`.
    """
    return Raising(_Parser(vendor, registry), _FAILURES, method, idempotency_key)


def error_of(thing: object, vendor: str | None = None, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind a response or an exception; None for a success or another exception.

    The status alone decides about a response without the error that a `handler` attaches. The body of an ``HTTPError`` is
    read, and the ``HTTPError`` closed. The other arguments are those of `hook`. Raise `TypeError` for an object that is
    neither a response nor an exception.
    """
    return _Parser(vendor, registry).error_behind(thing, _FAILURES)


def _raw(response: Any, body: Body, method: str | None) -> RawResponse:
    headers = Headers.unchecked(response.headers.items)
    address = getattr(response, "url", None)
    return unchecked_response(response.status, headers, body.content, address, method, cut_off=body.is_cut_off)


def _read(response: Any) -> Body:
    """Read a body; of one that is too long, only one byte more than the limit."""
    headers = response.headers or {}  # a user's test may leave them out
    with Body(response.status, _FAILURES) as body:
        if not is_too_long(headers):
            is_declared = headers.get("content-length", "").isdecimal() and "transfer-encoding" not in headers
            body.content = (
                response.read() if is_declared else response.read(BODY_CAP + 1)
            )  # only the former notices missing bytes
    return body


def _is_later(response: Any, method: str | None) -> bool:
    """Return whether a *response* belongs to another request than the first, of which the caller knows the *method*."""
    sent = getattr(response, "_method", method)  # private, but the argument of `http.client.HTTPResponse` is not
    return method is not None and sent is not None and sent != method.upper()


def _put_back(response: Any, body: Body) -> None:
    """Put the *body* back into a response of `http.client`, so that the caller can read it, or the failure to read it."""
    if body.failure is not None:
        if response.fp is not None:
            response.fp.close()
        response.fp, response.length, response.chunked = BufferedReader(_BrokenOff(body.failure)), None, False
    if body.content is None:
        return
    whole: bytes = body.content + response.read()
    response.fp, response.length, response.chunked = BufferedReader(BytesIO(whole)), len(whole), False


class _BrokenOff(RawIOBase):
    """A file that fails when it is read."""

    def __init__(self, failure: Exception) -> None:
        super().__init__()
        self._failure = failure

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> NoReturn:
        raise self._failure

    def readall(self) -> NoReturn:
        raise self._failure


class _AttachingHandler:
    """A handler shaped like urllib's own: the opener finds the methods by their names, and sorts handlers by their order."""

    handler_order = _EARLY

    def __init__(self, parser: ResponseParser) -> None:
        self._parser = parser

    def __lt__(self, other: Any) -> bool:
        is_earlier: bool = self.handler_order < other.handler_order
        return is_earlier

    def add_parent(self, parent: Any) -> None:
        """Do nothing: urllib calls this when the handler is added."""

    def http_request(self, request: Any) -> Any:
        """Note whether a *request* comes from a redirect: urllib then calls it unverifiable."""
        _REDIRECTED.set(request.unverifiable)
        return request

    https_request = http_request

    def http_error_default(self, request: Any, response: Any, code: int, message: str, headers: Any) -> Any:  # noqa: ARG002
        if code < FIRST_ERROR:
            return None  # the next handler raises it
        return self._attach(request, response)

    def http_response(self, request: Any, response: Any) -> Any:
        _REDIRECTED.set(False)
        if response.status >= FIRST_ERROR or self._parser.passes(response.status, response.headers):
            return response
        return self._attach(request, response)

    https_response = http_response

    def _attach(self, request: Any, response: Any) -> Any:
        body = _read(response)
        self._parser.attach(_raw(response, body, request.get_method()), response, body.failure, request=request)
        _put_back(response, body)
        return response


class _Parser(ResponseParser):
    """Parse an ``HTTPError`` as the response that it also is."""

    __slots__ = ()

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception, or None if there is none.
        """
        if not _is_http_error(thing):
            return super().error_behind(thing, failures)
        error: Any = thing
        if attached(error) is not None or error.code < FIRST_ERROR:  # a redirect that leads nowhere, an unchanged resource
            return attached(error)
        body = Body(error.code, _FAILURES)
        if error.fp is not None:  # before Python 3.13 there may be no file to read or to close
            try:
                body = _read(error)
            finally:
                error.close()
        raw = RawResponse(error.code, (error.headers or {}).items(), body.content, error.filename, cut_off=body.is_cut_off)
        self.attach(raw, error, body.failure)
        return attached(error)

    def call_of(self, thing: object, *, method: str | None = None, has_key: bool = False) -> Call:
        """
        Return the caller's *method* and key, and whether urllib has followed a redirect to another method.
        """
        if _is_http_error(thing):
            error: Any = thing
            return Call(method, has_key, _is_later(error.fp, method), error.filename)
        if isinstance(thing, BaseException) and _REDIRECTED.get():
            attach_call(thing, Call(may_be_applied=True))
            _REDIRECTED.set(False)  # the next exception has nothing to do with it
        return super().call_of(thing, method=method, has_key=has_key)


def _is_http_error(thing: object) -> bool:
    """Recognise urllib's error for a status; importing urllib for it would take longer than errortax itself does."""
    return any((kind.__module__, kind.__name__) == ("urllib.error", "HTTPError") for kind in type(thing).__mro__)
