"""
urllib3: a hook to call, a `Retry` that follows our verdicts, and `VendorError` in place of urllib3's exceptions.

This module imports urllib3, because `Retry` is a subclass that is pickled with the session that holds it. It imports no
other client.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from copy import copy
from http.client import HTTPException, IncompleteRead
from io import BufferedIOBase, BytesIO
from random import uniform
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urljoin

import urllib3
from attrs import evolve, frozen
from urllib3.exceptions import DecodeError, HTTPError, MaxRetryError, ProtocolError, ReadTimeoutError, ResponseError
from urllib3.util import is_fp_closed

from errortax.advice import check_max_wait, check_request, decide_retry
from errortax.http import (
    BODY_CAP,
    FIRST_ERROR,
    SUCCESSES,
    Call,
    Headers,
    RawResponse,
    delays,
    exception_of,
    is_too_long,
    raw_response,
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
    UrllibFailures,
    attach_call,
    attached,
    status_given_up_on,
    was_sent_before,
)
from errortax.integrations._retrying import LONGEST_WAIT
from errortax.model import CanonicalError
from errortax.registry import Registry


@frozen
class _Failures(UrllibFailures):
    """Know only exceptions of urllib3, by the reasons that they hold."""

    def meaning(self, thing: object) -> Meaning | None:
        return super().meaning(thing) if isinstance(thing, (HTTPError, ValueError)) else None


_FAILURES: Final = _Failures(
    frozenset({"urllib3", "ssl"}),
    {
        "ConnectTimeoutError": NOT_CONNECTED,
        "EmptyPoolError": NOT_CONNECTED,
        "TimeoutError": NO_RESPONSE,
        "NewConnectionError": NOT_CONNECTED,
        "ClosedPoolError": NOT_CONNECTED,
        "ProxyError": CONNECTION_LOST,  # urllib3 says so of a lost answer, too: what it wraps tells
        "CertificateError": NOT_TRUSTED,
        "SSLCertVerificationError": NOT_TRUSTED,
        "SSLError": CONNECTION_LOST,  # a handshake that fails looks like a connection that ends later
        "ProtocolError": CONNECTION_LOST,
        "DecodeError": UNREADABLE,
        "InvalidHeader": UNREADABLE,
    },
)

_PIECE: Final = 1024  # compressed bytes: decompressed, they are never very long


def hook(
    vendor: str | None = None, *, registry: Registry | None = None, inspect_success: Inspection = False
) -> Callable[..., None]:
    """
    Return a function that raises `VendorError` for an error: call it with each response.

    Pass it the *method* and the *idempotency_key* of the request for the exception: a response does not know them. It reads
    the body of an error, and leaves a success alone unless *inspect_success* is true. `errortax.integrations` explains the
    arguments; bad ones raise `TypeError` or `UnknownVendorError`.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    def raise_for_error(response: Any, *, method: str | None = None, idempotency_key: bool = False) -> None:
        if parser.passes(response.status, response.headers, is_read=_is_in_memory(response)):
            return
        read = _read_all if response.status >= FIRST_ERROR else _peek
        with Body(response.status, _FAILURES) as body:
            if not is_too_long(response.headers):
                body.content = read(response)
        error = parser.parse(_raw(response, body, method))
        if error is None:
            return
        if body.content is None:
            response.close()  # no caller can, and an unread body keeps the connection
            response.release_conn()
        exception = exception_of(error, parser.call_of(response, method=method, has_key=idempotency_key), response)
        if body.failure is None:
            raise exception
        raise exception from body.failure

    return raise_for_error


def raising(
    vendor: str | None = None, *, registry: Registry | None = None, method: str | None = None, idempotency_key: bool = False
) -> Raising:
    """
    Return a context manager and decorator that turns exceptions of urllib3 into `VendorError`, chained to the original.

    It turns exceptions for an error status, and for a response that did not come or broke off. All others pass unchanged.
    *method* and *idempotency_key* describe the request, which an exception does not know; the other arguments are those of
    `hook`.
    """
    return Raising(_Parser(vendor, registry), _FAILURES, method, idempotency_key)


def error_of(thing: object, vendor: str | None = None, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind a response or an exception of urllib3; None for a success or another exception.

    Without an error that a `Retry` has attached, a body counts only if it is in memory; otherwise the status decides. The
    other arguments are those of `hook`. Raise `TypeError` for an object that is neither a response nor an exception.
    """
    return _Parser(vendor, registry).error_behind(thing, _FAILURES)


class Retry(urllib3.Retry):
    """
    Repeat the requests that may be repeated, wait as long as the server asks, and return every other response unread.

    Pass it wherever urllib3 and requests take a ``urllib3.Retry``. It raises nothing for a status: it attaches the
    canonical error to the response, and `error_of(response)` returns it. It does not see the body of a request: do not pass
    it with a generator, of which urllib3 would send nothing the second time.

    Args:
        vendor: the name of the vendor that answers; None means that the host of each request decides.
        registry: the vendors to choose from; None means the bundled ones.
        inspect_success: whether to look for errors in short JSON bodies of 2xx, too.
        idempotency_key: whether the requests have an idempotency key; they are then repeated whatever their method.
        attempts: the most requests to send for one call, the first included and redirects not counted.
        max_wait: seconds; a longer delay that the server or the vendor's document asks for means neither wait nor retry.
            None means no limit.
        redirect: urllib3's own.
        remove_headers_on_redirect: urllib3's own.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: *attempts* is below 1, or *max_wait* is negative or not a number.
        errortax.exceptions.UnknownVendorError: the registry does not have the vendor.

    """

    def __init__(
        self,
        vendor: str | None = None,
        *,
        registry: Registry | None = None,
        inspect_success: Inspection = False,
        idempotency_key: bool = False,
        attempts: int = 4,
        max_wait: float | None = LONGEST_WAIT,
        redirect: bool | int = 10,
        remove_headers_on_redirect: Collection[str] = urllib3.Retry.DEFAULT_REMOVE_HEADERS_ON_REDIRECT,
    ) -> None:
        self._parser = _Parser(vendor, registry, inspect_success=inspect_success)
        check_request(None, idempotency_key)
        if isinstance(attempts, bool) or not isinstance(attempts, int):
            raise TypeError(f"attempts must be a number of requests, not {attempts!r}")
        if attempts < 1:
            raise ValueError(f"attempts is {attempts!r}; count the first request, too: 1 never repeats")
        check_max_wait(max_wait)
        self._inspects, self._idempotency_key = inspect_success, idempotency_key
        self._attempts, self._max_wait, self._due = attempts, max_wait, 0.0
        super().__init__(
            total=None,  # it counts redirects as well
            redirect=redirect,
            allowed_methods=None,
            raise_on_status=False,
            remove_headers_on_redirect=remove_headers_on_redirect,
        )

    def new(self, **changes: Any) -> Self:
        """
        Return a copy with other values for some of the attributes; raise `TypeError` for an unknown name.
        """
        unknown = changes.keys() - vars(self).keys()
        if unknown:
            raise TypeError(f"Retry has no {', '.join(sorted(unknown))} to change")
        fresh = copy(self)
        vars(fresh).update(changes)
        return fresh

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: ARG002  # urllib3's signature
        """
        Return whether `increment` must look at a response: the status alone does not decide whether to repeat.
        """
        return status_code >= FIRST_ERROR or (bool(self._inspects) and status_code in SUCCESSES)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """
        Return the `Retry` for the next request, or raise `MaxRetryError`, which makes the pool return the *response*.

        An *error* after which the request must not be repeated is raised again.
        """
        if response is not None and response.get_redirect_location():
            latest = response.retries if isinstance(response.retries, type(self)) else self  # a pool manager has an older one
            return super(Retry, latest).increment(method, url, response, error, _pool, _stacktrace)
        giving_up = MaxRetryError(_pool, url, error or _refusal(response))
        if error is not None:
            attach_call(error, self._call(method, url, _pool))
        if error is None:
            canonical = self._error_of_response(method, response, _pool)
        else:
            canonical = self._parser.error_behind(giving_up, _FAILURES)
        if canonical is None:
            raise giving_up if error is None else error.with_traceback(_stacktrace)
        sent = 1 + sum(earlier.redirect_location is None for earlier in self.history)
        decision = decide_retry(
            canonical,
            method=method,
            idempotency_key=self._idempotency_key,
            attempt=sent,
            max_wait=self._max_wait,
        )
        if error is not None and not decision.retry and not decision.capped:
            raise error.with_traceback(_stacktrace)
        if not decision.retry or decision.wait is None or sent >= self._attempts:
            raise giving_up from error
        exact = decision.server_wait is not None
        wait = decision.wait if exact else uniform(canonical.min_delay or 0.0, decision.wait)  # noqa: S311  # no secret
        fresh = super().increment(method, url, response, error, _pool, _stacktrace)
        fresh._due = time.monotonic() + wait
        return fresh

    def sleep(self, response: Any = None) -> None:  # noqa: ARG002  # urllib3's signature
        """
        Wait until the time that `increment` decided.
        """
        time.sleep(max(0.0, self._due - time.monotonic()))

    def parse_retry_after(self, retry_after: str) -> float:
        """
        Return the seconds to wait before a redirect is followed; a malformed value means no wait, and raises nothing.
        """
        seconds = delays.wait(retry_after, now=time.time()) or 0.0
        return seconds if self._max_wait is None else min(seconds, self._max_wait)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(attempts={self._attempts}, max_wait={self._max_wait}, redirect={self.redirect})"

    def _call(self, method: str | None, url: str | None, pool: Any) -> Call:
        first = next(iter(self.history), None)
        if first is not None:
            method, url = first.method, first.url
        return Call(method, self._idempotency_key, was_sent_before(self, _FAILURES), _address(pool, url))

    def _error_of_response(self, method: str | None, response: Any, pool: Any) -> CanonicalError | None:
        if self._parser.passes(response.status, response.headers, is_read=_is_in_memory(response)):
            return None
        try:
            with Body(response.status, _FAILURES) as body:
                if not is_too_long(response.headers):
                    body.content = _peek(response)
        except DecodeError:  # of a success, which is the caller's to read
            return None
        except HTTPError as broken:
            return self._parser.error_behind(MaxRetryError(pool, None, broken), _FAILURES)
        cause = None if body.failure is None else body.failure.__cause__
        self._parser.attach(_raw(response, body, method), response, cause if isinstance(cause, Exception) else body.failure)
        return attached(response)


class _Parser(ResponseParser):
    """Find the host in the pool, and parse the status at which urllib3's own ``Retry`` gave up: it keeps nothing else."""

    __slots__ = ()

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception of urllib3, or None if there is none.
        """
        if not isinstance(thing, BaseException):
            return attached(thing) or self.parse(evolve(raw_response(thing), url=_address_of(thing)))
        status = status_given_up_on(thing) if isinstance(thing, MaxRetryError) else None
        if status is not None:
            return self.parse(RawResponse(status, url=_address_of(thing)))
        return super().error_behind(thing, failures)

    def call_of(self, thing: object, *, method: str | None = None, has_key: bool = False) -> Call:
        """
        Return the caller's *method* and key, and whether the first request may have been carried out.
        """
        call = super().call_of(thing, method=method, has_key=has_key)
        was_sent = call.may_be_applied or was_sent_before(getattr(thing, "retries", None), _FAILURES)
        return call._replace(may_be_applied=was_sent, url=call.url or _address_of(thing))

    def vendor_of(self, exception: object) -> str | None:
        """
        Return the vendor that should have answered: the named one, else by the host of the pool or the connection.
        """
        fields = vars(exception)  # reading the attribute `pool` would cause a warning at some classes
        end = fields.get("pool") or fields.get("conn")
        return self._vendor if self._vendor is not None or end is None else self._registry.vendor_of_host(end.host)


def _refusal(response: Any) -> ResponseError:
    """Return urllib3's own exception for the status."""
    return ResponseError(ResponseError.SPECIFIC_ERROR.format(status_code=response.status))


def _raw(response: Any, body: Body, method: str | None) -> RawResponse:
    headers = Headers.unchecked(response.headers.items)
    return unchecked_response(response.status, headers, body.content, _address_of(response), method, cut_off=body.is_cut_off)


def _address_of(thing: Any) -> str | None:
    """Return the address of a response or of an exception; their own `url` is a path, and nothing public has the host."""
    members = vars(thing)  # reading the attribute `pool` would cause a warning at some classes
    path = members.get("url") if isinstance(thing, BaseException) else getattr(thing, "url", None)
    return _address(members.get("_pool") or members.get("pool"), path)


def _address(pool: Any, path: str | None) -> str | None:
    if pool is None:
        return None
    port = "" if pool.port is None else f":{pool.port}"
    origin = f"{pool.scheme}://{pool.host}{port}/"
    try:
        return urljoin(origin, path or "")
    except ValueError:  # a server has sent us there
        return origin


def _is_in_memory(response: Any) -> bool:
    """Return whether a body was read already; urllib3 does that before anybody sees the response, unless told not to."""
    file = getattr(response, "_fp", None)
    return file is None or is_fp_closed(file)


def _read_all(response: Any) -> bytes:
    """Read a body, keep it for `data`, and release the connection."""
    body: bytes = response.data or b""
    return body


def _peek(response: Any) -> bytes | None:
    """
    Return a body, and leave the response unread. Of a body that is too long, return one byte more than the limit.

    Reading through the response would change its later results, in more ways with each release. So the file below it is
    read, and replaced by one that begins anew. ``_fp`` is private, but urllib3 1.26 to 2.8 all have it, and other libraries
    such as CacheControl replace it, too.
    """
    if _is_in_memory(response):
        return _read_all(response)
    file = response._fp
    if not isinstance(file, BufferedIOBase):  # urllib3-future's, which keeps its own position; the status decides
        return None
    head = bytearray()
    failure: Exception | None = None
    try:
        while len(head) <= BODY_CAP and (piece := file.read1(BODY_CAP + 1 - len(head))):
            head += piece
        if len(head) <= BODY_CAP:
            file.read(1)  # `read1` alone does not release the connection at the end (Python 3.12 and older)
            failure = _shortfall(response, file, bytes(head))
    except (OSError, HTTPException) as error:
        failure = error
    response._fp = _Reread(bytes(head), failure, file)
    if isinstance(failure, TimeoutError):
        raise ReadTimeoutError(getattr(response, "_pool", None), None, "Read timed out.") from failure  # type: ignore[arg-type]  # as urllib3 does
    if failure is not None:
        raise ProtocolError(f"Connection broken: {failure!r}", failure) from failure
    return _decoded(bytes(head), response.headers.get("content-encoding"))


def _shortfall(response: Any, file: Any, head: bytes) -> IncompleteRead | None:
    """Return the error for missing bytes, or None; `http.client` raises none if only a part was asked for."""
    missing = getattr(file, "length", None)  # of the declared length; other files have no such attribute
    return IncompleteRead(head, missing) if missing and response.enforce_content_length else None


def _decoded(body: bytes, coding: str | None) -> bytes:
    """Decompress a body if urllib3 can; the parser handles all other codings."""
    if coding is None:
        return body
    plain = bytearray()
    for piece in urllib3.HTTPResponse(BytesIO(body), {"content-encoding": coding}, preload_content=False).stream(_PIECE):
        plain += piece
        if len(plain) > BODY_CAP:
            break
    return bytes(plain)


class _Reread:
    """A file that returns the bytes that were read of *file*, then the rest, or raises the *failure* that ended it."""

    def __init__(self, head: bytes, failure: Exception | None, file: Any) -> None:
        self._head, self._left, self._failure, self._file = BytesIO(head), len(head), failure, file
        self._is_untouched = True

    def read(self, amount: int | None = None) -> bytes:
        data = self._again(amount)
        if len(data) == amount or (data and amount is not None and self._failure is not None):
            return data
        self._fail()
        rest: bytes = self._file.read() if amount is None else self._file.read(amount - len(data))
        return data + rest

    def read1(self, amount: int = -1) -> bytes:
        data = self._again(amount)
        if data or amount == 0:
            return data
        self._fail()
        rest: bytes = self._file.read1(amount)
        return rest

    def _again(self, amount: int | None) -> bytes:
        data = self._head.read(amount)
        self._left -= len(data)
        self._is_untouched = False
        return data

    def _fail(self) -> None:
        if self._failure is not None:
            raise self._failure

    @property
    def closed(self) -> bool:
        closed: bool = self._file.closed
        return closed

    def isclosed(self) -> bool:
        is_pending = self._is_untouched or self._left > 0 or self._failure is not None
        return self.closed or (not is_pending and is_fp_closed(self._file))

    def close(self) -> None:
        self._file.close()
