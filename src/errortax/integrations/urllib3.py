"""
urllib3: a hook to call, a `Retry` that knows our verdicts, and a meaning for what it raises.

urllib3 is imported, since `Retry` is a subclass that is pickled along with the session that holds it. It brings no other client.
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

import urllib3
from attrs import evolve, frozen
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError, ReadTimeoutError, ResponseError
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
    Failures,
    Raising,
    ResponseParser,
    UrllibFailures,
    attached,
    frames_of,
    status_given_up_on,
    was_sent_before,
)
from errortax.integrations._retrying import LONGEST_WAIT
from errortax.model import CanonicalError, Category
from errortax.registry import Registry


@frozen
class _Failures(UrllibFailures):
    """Know the reasons that urllib3 names, but leave alone what others raise."""

    def meaning(self, thing: object) -> tuple[Category, bool] | None:
        return super().meaning(thing) if isinstance(thing, HTTPError) else None


_FAILURES: Final = _Failures(
    frozenset({"urllib3", "ssl"}),
    {
        "ConnectTimeoutError": (Category.TIMEOUT, False),
        "EmptyPoolError": (Category.TIMEOUT, False),
        "TimeoutError": (Category.TIMEOUT, True),
        "NewConnectionError": (Category.CONNECTION_FAILED, False),
        "ClosedPoolError": (Category.CONNECTION_FAILED, False),
        "ProxyError": (Category.CONNECTION_FAILED, True),  # urllib3 says so of a lost answer, too: what it wraps tells
        "CertificateError": (Category.CONNECTION_FAILED, False),
        "SSLCertVerificationError": (Category.CONNECTION_FAILED, False),
        "SSLError": (Category.CONNECTION_FAILED, True),  # a handshake that fails looks like a connection that ends later
        "ProtocolError": (Category.CONNECTION_FAILED, True),
        "DecodeError": (Category.INVALID_RESPONSE, True),
        "InvalidHeader": (Category.INVALID_RESPONSE, True),
    },
)

_PIECE: Final = 1024  # compressed bytes: whatever they grow to, it is not much


def hook(vendor: str | None = None, *, registry: Registry | None = None, inspect_success: bool = False) -> Callable[..., None]:
    """
    Return a function to call with each response, which raises `VendorError` for an error.

    Tell it the *method* and whether there was an *idempotency_key*, which a response does not know, and the exception
    does. The body is read only when it is an error; below 400 nothing is touched unless *inspect_success* asks to look
    into JSON bodies of 2xx whose length is known and at most 256 KiB. Raise `TypeError` and `UnknownVendorError` for bad
    arguments.
    """
    parser = _Parser(vendor, registry, inspect_success=inspect_success)

    def raise_for_error(response: Any, *, method: str | None = None, idempotency_key: bool = False) -> None:
        if parser.passes(response.status, response.headers):
            return
        is_unread = is_too_long(response.headers)
        read = _read_all if response.status >= FIRST_ERROR else _peek
        error = parser.parse(_raw(response, None if is_unread else read(response), method))
        if error is None:
            return
        if is_unread:
            response.close()  # nobody else can, and an unread body keeps the connection
            response.release_conn()
        raise exception_of(error, parser.call_of(response, method=method, has_key=idempotency_key))

    return raise_for_error


def raising(
    vendor: str | None = None, *, registry: Registry | None = None, method: str | None = None, idempotency_key: bool = False
) -> Raising:
    """
    Return a context manager and decorator in which what urllib3 raises becomes `VendorError`, chained to the original.

    That is what it raises where no response came or broke off, and for a status. All else passes unchanged. *method* and
    *idempotency_key* tell of the request, which an exception does not know; the other arguments are those of `hook`.
    """
    return Raising(_Parser(vendor, registry), _FAILURES, method, idempotency_key)


def error_of(thing: object, vendor: str | None = None, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind a response or an exception of urllib3; None for a success and for other exceptions.

    Of a response that no `Retry` has judged only a body in memory counts. The other arguments are those of `hook`; raise
    `TypeError` for an object that is neither response nor exception.
    """
    return _Parser(vendor, registry).error_behind(thing, _FAILURES)


class Retry(urllib3.Retry):
    """
    Repeat what may be repeated, wait as long as the server asks, and give every other response back to the caller, unread.

    It fits wherever urllib3 and requests take a ``urllib3.Retry``, and raises nothing for a status: it writes the
    canonical error on the response, which `error_of` returns. At most *attempts* requests are sent, redirects apart.
    With an *idempotency_key* in the request, say so, and it is repeated whatever its method. Where the server or the
    vendor's document asks to wait for more than *max_wait* seconds, there is neither wait nor repetition; a body that can
    be sent only once, such as a generator, is not sent again. *redirect* and
    *remove_headers_on_redirect* are urllib3's own, the other arguments those of `hook`. Raise `TypeError`, `ValueError`
    and `UnknownVendorError` for bad arguments.
    """

    def __init__(
        self,
        vendor: str | None = None,
        *,
        registry: Registry | None = None,
        inspect_success: bool = False,
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
        Return a copy with other values for some of the attributes; raise `TypeError` for names of none.
        """
        unknown = changes.keys() - vars(self).keys()
        if unknown:
            raise TypeError(f"Retry has no {', '.join(sorted(unknown))} to change")
        fresh = copy(self)
        vars(fresh).update(changes)
        return fresh

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:  # noqa: ARG002  # urllib3's signature
        """
        Return whether `increment` is to look at a response: the status alone does not tell whether to repeat.
        """
        return status_code >= FIRST_ERROR or (self._inspects and status_code in SUCCESSES)

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
        Return what to repeat a request with, or raise `MaxRetryError`, which makes the pool return the *response*.

        An *error* after which the request must not be repeated is raised again.
        """
        if response is not None and response.get_redirect_location():
            latest = response.retries if isinstance(response.retries, type(self)) else self  # a pool manager goes by an older one
            return super(Retry, latest).increment(method, url, response, error, _pool, _stacktrace)
        giving_up = MaxRetryError(_pool, url, error or _refusal(response))
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
        if not decision.retry or decision.wait is None or sent >= self._attempts or _is_used_up(_pool):
            raise giving_up from error
        exact = decision.server_wait is not None
        wait = decision.wait if exact else uniform(canonical.min_delay or 0.0, decision.wait)  # noqa: S311  # no secret
        fresh = super().increment(method, url, response, error, _pool, _stacktrace)
        fresh._due = time.monotonic() + wait
        return fresh

    def sleep(self, response: Any = None) -> None:  # noqa: ARG002  # urllib3's signature
        """
        Wait as was decided when the response was judged.
        """
        time.sleep(max(0.0, self._due - time.monotonic()))

    def parse_retry_after(self, retry_after: str) -> float:
        """
        Return how long to wait before a redirect is followed; what cannot be read means no wait, and raises nothing.
        """
        seconds = delays.retry_after(retry_after, now=time.time()) or 0.0
        return seconds if self._max_wait is None else min(seconds, self._max_wait)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(attempts={self._attempts}, max_wait={self._max_wait}, redirect={self.redirect})"

    def _error_of_response(self, method: str | None, response: Any, pool: Any) -> CanonicalError | None:
        if self._parser.passes(response.status, response.headers):
            return None
        try:
            body = None if is_too_long(response.headers) else _peek(response)
        except TimeoutError as late:
            return self._parser.error_behind(ReadTimeoutError(pool, None, str(late)), _FAILURES)
        except (OSError, HTTPException) as broken:
            return self._parser.error_behind(MaxRetryError(pool, None, ProtocolError(str(broken))), _FAILURES)
        self._parser.attach(_raw(response, body, method), response)
        return attached(response)


class _Parser(ResponseParser):
    """Find out the host from the pool, and judge by the status what urllib3's own ``Retry`` gave up on: it tells no more."""

    __slots__ = ()

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception that urllib3 raised, or None where there is none.
        """
        if not isinstance(thing, BaseException):
            return attached(thing) or self.parse(evolve(raw_response(thing), url=_address(thing)))
        status = status_given_up_on(thing) if isinstance(thing, MaxRetryError) else None
        if status is not None:
            return self.parse(RawResponse(status, url=_host(getattr(thing, "pool", None))))
        return super().error_behind(thing, failures)

    def call_of(self, thing: object, *, method: str | None = None, has_key: bool = False) -> Call:
        """
        Return what the caller knows of a call, and whether its first request may have been carried out.
        """
        return Call(method, has_key, was_sent_before(thing, _FAILURES))

    def vendor_of(self, exception: object) -> str | None:
        """
        Return who should have answered, by the host of the pool or the connection if no vendor was named.
        """
        fields = vars(exception)  # asking for `pool` would warn at some that have another one
        end = fields.get("pool") or fields.get("conn")
        return self._vendor if self._vendor is not None or end is None else self._registry.vendor_of_host(end.host)


def _is_used_up(pool: Any) -> bool:
    """Return whether the body of the request under way can be sent only once; the frame of ``urlopen`` alone knows it."""
    sending = (frame for frame in frames_of(pool, _FAILURES.packages) if frame.f_code.co_name == "urlopen")
    bodies = (frame.f_locals.get("body") for frame in sending)
    return any(hasattr(body, "__next__") and not hasattr(body, "tell") for body in bodies)


def _refusal(response: Any) -> ResponseError:
    """Name the status in urllib3's own words."""
    return ResponseError(ResponseError.SPECIFIC_ERROR.format(status_code=response.status))


def _raw(response: Any, body: bytes | None, method: str | None) -> RawResponse:
    return unchecked_response(response.status, Headers.unchecked(response.headers.items), body, _address(response), method)


def _address(response: object) -> str | None:
    """Return where a response came from; its own `url` is a path, and nothing public tells the host."""
    return _host(getattr(response, "_pool", None))


def _host(pool: Any) -> str | None:
    return None if pool is None else f"{pool.scheme}://{pool.host}/"


def _read_all(response: Any) -> bytes:
    """Read a body, keep it where `data` finds it again, and let go of the connection."""
    body: bytes = response.data or b""
    return body


def _peek(response: Any) -> bytes | None:
    """
    Return a body, or as much of it as shows that it is too long, and leave the response as if nobody had read it.

    To read through the response would change what it returns later, in more ways from release to release. So the file
    below it is read, and one put in its place that begins anew: ``_fp`` is private, but it has been there from urllib3 1.26
    to 2.8, and others such as CacheControl replace it, too.
    """
    file = getattr(response, "_fp", None)
    if file is None or is_fp_closed(file):  # it is in memory
        return _read_all(response)
    if not isinstance(file, BufferedIOBase):  # urllib3-future's, which knows of its own place; the status decides
        return None
    head = bytearray()
    failure: Exception | None = None
    try:
        while len(head) <= BODY_CAP and (piece := file.read1(BODY_CAP + 1 - len(head))):
            head += piece
        if len(head) <= BODY_CAP:
            file.read(1)  # `read1` alone does not let go of the connection at the end (Python 3.12 and older)
            failure = _shortfall(response, file, bytes(head))
    except (OSError, HTTPException) as error:
        failure = error
    response._fp = _Reread(bytes(head), failure, file)
    if failure is not None:
        raise failure
    return _decoded(bytes(head), response.headers.get("content-encoding"))


def _shortfall(response: Any, file: Any, head: bytes) -> IncompleteRead | None:
    """Tell that bytes are missing, of which `http.client` says nothing where it was asked for a part."""
    missing = getattr(file, "length", None)  # of what the server promised; other files have none
    return IncompleteRead(head, missing) if missing and response.enforce_content_length else None


def _decoded(body: bytes, coding: str | None) -> bytes:
    """Undo what urllib3 asked for and can undo; anything else is left to the parser."""
    if coding is None:
        return body
    plain = bytearray()
    try:
        for piece in urllib3.HTTPResponse(BytesIO(body), {"content-encoding": coding}, preload_content=False).stream(_PIECE):
            plain += piece
            if len(plain) > BODY_CAP:
                break
    except HTTPError:
        return body
    return bytes(plain)


class _Reread:
    """Give again what was read of a *file*, then the rest, or the *failure* that ended it."""

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
