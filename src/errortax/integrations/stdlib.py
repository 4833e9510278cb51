"""
``http.client`` and ``urllib.request``: a hook to call, a handler for openers, and a meaning for what they raise.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from io import BufferedReader, BytesIO
from types import FrameType
from typing import Any, Final

from attrs import frozen

from errortax.http import (
    BODY_CAP,
    CHANGING_METHOD,
    FIRST_ERROR,
    Call,
    Headers,
    RawResponse,
    exception_of,
    is_too_long,
    unchecked_response,
)
from errortax.integrations._clients import Failures, Raising, ResponseParser, attached, frames_behind, is_refused_tunnel
from errortax.model import CanonicalError, Category
from errortax.registry import Registry

_UNREACHABLE: Final = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL})
_EARLY: Final = 490  # urllib's own handlers have 500


def _was_connecting(exception: object) -> bool:
    """Return whether an exception was raised before there was a connection."""
    frames = frames_behind(exception) if isinstance(exception, BaseException) else ()
    return any((_module(frame), frame.f_code.co_name) == ("socket", "create_connection") for frame in frames)


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


@frozen
class _Failures(Failures):
    """Know also what has no class of its own: a host that cannot be reached, an answer that `http.client` gives up on."""

    def meaning(self, thing: object) -> tuple[Category, bool] | None:
        found = super().meaning(thing)
        if found is not None:
            category, sent = found
            return category, sent and not _was_connecting(getattr(thing, "reason", None) or thing)
        reason = getattr(thing, "reason", None) if self.know(thing) else thing
        if type(reason) is OSError and (reason.errno in _UNREACHABLE or is_refused_tunnel(reason)):
            return Category.CONNECTION_FAILED, not (is_refused_tunnel(reason) or _was_connecting(reason))
        kind = type(thing)
        if (kind.__module__, kind.__name__) == ("http.client", "HTTPException"):  # its subclasses are callers' mistakes as well
            return Category.INVALID_RESPONSE, True
        return None


_FAILURES: Final = _Failures(
    frozenset({"builtins", "socket", "ssl", "http", "urllib"}),
    {
        "TimeoutError": (Category.TIMEOUT, True),
        "gaierror": (Category.CONNECTION_FAILED, False),
        "ConnectionRefusedError": (Category.CONNECTION_FAILED, False),
        "ConnectionError": (Category.CONNECTION_FAILED, True),
        "SSLCertVerificationError": (Category.CONNECTION_FAILED, False),
        "SSLError": (Category.CONNECTION_FAILED, True),  # a handshake that fails looks like a connection that ends later
        "IncompleteRead": (Category.CONNECTION_FAILED, True),
        "BadStatusLine": (Category.INVALID_RESPONSE, True),
        "LineTooLong": (Category.INVALID_RESPONSE, True),
        "UnknownProtocol": (Category.INVALID_RESPONSE, True),
    },
)


def hook(vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False) -> Callable[..., None]:
    """
    Return a function to call with what ``getresponse()`` or ``urlopen()`` returned, which raises `VendorError` for an error.

    Tell it the *method* and whether there was an *idempotency_key*, which a response does not know, and the exception
    does. The body is read only when it is an error; below 400 nothing is touched unless *inspect_success* asks to look
    into JSON bodies of 2xx whose length is known and at most 256 KiB. Without a *vendor* only what ``urlopen()`` returned
    tells the host. Raise `TypeError` and `UnknownVendorError` for bad arguments.
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
        if body is None or len(body) > BODY_CAP:
            response.close()  # nobody else can, and an unread body keeps the connection
        raise exception_of(error, Call(method, idempotency_key))

    return raise_for_error


def handler(vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False) -> Any:
    """
    Return a handler for ``urllib.request.build_opener()`` that writes the canonical error on each response.

    The opener then returns responses of 400 and above where it raised ``HTTPError``; who logs in or follows redirects has
    done so before. `error_of` returns the canonical error. The arguments are those of `hook`.
    """
    return _AttachingHandler(ResponseParser(vendor, registry, inspect_success=inspect_success))


def raising(
    vendor: str | None = None, *, registry: Registry | None = None, method: str | None = None, idempotency_key: bool = False
) -> Raising:
    """
    Return a context manager and decorator in which what the standard library raises becomes `VendorError`, chained to it.

    That is what ``http.client`` and urllib raise where no response came or broke off, and ``HTTPError``, whose body is
    read, and which is closed. All else passes unchanged, such as ``FileNotFoundError``. *method* and *idempotency_key*
    tell of the request, which an exception does not know; the other arguments are those of `hook`.
    """
    return Raising(_Parser(vendor, registry), _FAILURES, method, idempotency_key)


def error_of(thing: object, vendor: str | None = None, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind a response or an exception; None for a success and for other exceptions.

    Of a response that no `handler` has judged the status alone counts, but the body of an ``HTTPError`` is read, and the
    error closed. The other arguments are those of `hook`; raise `TypeError` for an object that is neither response nor
    exception.
    """
    return _Parser(vendor, registry).error_behind(thing, _FAILURES)


def _raw(response: Any, body: bytes | None, method: str | None) -> RawResponse:
    return unchecked_response(
        response.status, Headers.unchecked(response.headers.items), body, getattr(response, "url", None), method
    )


def _read(response: Any) -> bytes | None:
    """Read a body, or as much of it as shows that it is too long."""
    headers = response.headers or {}  # somebody's test may leave them out
    if is_too_long(headers):
        return None
    is_declared = headers.get("content-length", "").isdecimal() and "transfer-encoding" not in headers
    body: bytes = response.read() if is_declared else response.read(BODY_CAP + 1)  # only the former tells that bytes are missing
    return body


def _put_back(response: Any, body: bytes | None) -> None:
    """Let others read what was read of a response of `http.client`."""
    if body is None:
        return
    whole: bytes = body + response.read()
    response.fp, response.length, response.chunked = BufferedReader(BytesIO(whole)), len(whole), False


class _AttachingHandler:
    """A handler shaped like urllib's own: the opener finds the methods by their names, and sorts handlers by their order."""

    handler_order = _EARLY

    def __init__(self, parser: ResponseParser) -> None:
        self._parser = parser

    def __lt__(self, other: Any) -> bool:
        is_earlier: bool = self.handler_order < other.handler_order
        return is_earlier

    def add_parent(self, parent: Any) -> None:
        """Do nothing: the opener introduces itself."""

    def http_error_default(self, request: Any, response: Any, code: int, message: str, headers: Any) -> Any:  # noqa: ARG002
        if code < FIRST_ERROR:
            return None  # the next handler raises it
        return self._attach(request, response)

    def http_response(self, request: Any, response: Any) -> Any:
        if response.status >= FIRST_ERROR or self._parser.passes(response.status, response.headers):
            return response
        return self._attach(request, response)

    https_response = http_response

    def _attach(self, request: Any, response: Any) -> Any:
        body = _read(response)
        self._parser.attach(_raw(response, body, request.get_method()), response)
        _put_back(response, body)
        return response


class _Parser(ResponseParser):
    """ResponseParser an ``HTTPError`` by the response that it is as well."""

    __slots__ = ()

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception, or None where there is none.
        """
        if not _is_http_error(thing):
            return super().error_behind(thing, failures)
        error: Any = thing
        if attached(error) is not None or error.code < FIRST_ERROR:  # a redirect that leads nowhere, an unchanged resource
            return attached(error)
        try:
            body = None if error.fp is None else _read(error)  # before Python 3.13 there may be no file to read or to close
        except Exception as broken:
            lost = super().error_behind(broken, failures)
            if lost is None:
                raise
            return lost
        finally:
            if error.fp is not None:
                error.close()
        self.attach(RawResponse(error.code, (error.headers or {}).items(), body, error.filename), error)
        return attached(error)

    def call_of(self, thing: object, *, method: str | None = None, has_key: bool = False) -> Call:
        """
        Return what the caller knows of a call, and whether urllib has followed a redirect to another method.
        """
        frames = frames_behind(thing) if isinstance(thing, BaseException) else ()
        handlers = (frame for frame in frames if _module(frame) == "urllib.request")  # the exception does not tell
        codes = (frame.f_locals.get("code") for frame in handlers if frame.f_code.co_name.startswith("http_error_30"))
        return Call(method, has_key, not CHANGING_METHOD.isdisjoint(codes))


def _is_http_error(thing: object) -> bool:
    """Recognise urllib's error for a status; importing urllib for it would take longer than errortax itself does."""
    return any((kind.__module__, kind.__name__) == ("urllib.error", "HTTPError") for kind in type(thing).__mro__)
