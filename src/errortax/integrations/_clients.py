"""
The common part of all HTTP clients' integrations: checks at set-up, parsing, and a meaning for each missing response.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial, wraps
from inspect import isasyncgenfunction, isclass, iscoroutine, iscoroutinefunction, isgeneratorfunction, unwrap
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple, Self, TypeAlias, TypeVar

from attrs import frozen

from errortax.advice import check_request
from errortax.api import parse, transport_error
from errortax.http import (
    CHANGING_METHOD,
    FIRST_ERROR,
    SUCCESSES,
    Call,
    RawResponse,
    call_of,
    class_of,
    exception_of,
    host_of,
    is_short_json,
    note_request,
    raw_response,
    request_fields,
    request_of,
    url_of,
)
from errortax.model import CanonicalError, Category, VendorError
from errortax.registry import Registry
from errortax.registry.registry import in_force

_ATTRIBUTE: Final = "canonical_error"
_CALL: Final = "canonical_call"

Inspection: TypeAlias = bool | Literal["read"]
"""Whether to look for errors in successes: never, only in bodies that are read anyway, or in all JSON, by reading it."""

_REASONS: Final = ("reason", "original_error")
"""Attributes in which an exception holds the exception that it wraps."""

_WITHOUT_CAUSE: Final = "NewConnectionError"
"""What urllib3 before 2.0 raises while it handles the reason; of others the context may be somebody else's."""

_TOO_MANY: Final = re.compile(r"too many ([1-5][0-9]{2}) error responses")  # urllib3: ResponseError.SPECIFIC_ERROR

_TUNNEL: Final = re.compile(r"Tunnel connection failed: ([1-5][0-9]{2})\b")  # http.client: HTTPConnection._tunnel

_REFUSED_STREAM: Final = 7  # RFC 9113, section 7

_PASSING: Final = frozenset({408, 425, 429})
"""Refusals of a proxy that pass by themselves."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Meaning(NamedTuple):
    """
    Say why there is no response, and whether the request may have been sent; *target* is what somebody has to correct.
    """

    category: Category
    sent: bool
    target: str | None = None


NOT_CONNECTED: Final = Meaning(Category.CONNECTION_FAILED, sent=False)
CONNECTION_LOST: Final = Meaning(Category.CONNECTION_FAILED, sent=True)
NO_RESPONSE: Final = Meaning(Category.NO_RESPONSE, sent=True)
UNREADABLE: Final = Meaning(Category.INVALID_RESPONSE, sent=True)
UNKNOWN_HOST: Final = Meaning(Category.CONNECTION_IMPOSSIBLE, sent=False, target="address")
NOT_TRUSTED: Final = Meaning(Category.CONNECTION_IMPOSSIBLE, sent=False, target="certificate")
REFUSED_BY_PROXY: Final = Meaning(Category.CONNECTION_IMPOSSIBLE, sent=False, target="proxy")


class ResponseParser:
    """
    Parse the responses that one client gets from *vendor*; None means that the address of each response decides.

    With *inspect_success* JSON bodies of 2xx are parsed as well, if they have at most 256 KiB. Raise
    `errortax.exceptions.UnknownVendorError` for a vendor that the *registry* does not have, and `TypeError` for a bad
    argument.
    """

    __slots__ = ("_inspects", "_registry", "_vendor")

    def __init__(self, vendor: str | None, registry: Registry | None, *, inspect_success: Inspection = False) -> None:
        self._registry = in_force(registry)
        if not isinstance(vendor, (str, type(None))):
            known = ", ".join(self._registry)
            if hasattr(vendor, "__dict__"):  # a response, a function: "@raising" was written, or "hook" instead of "hook(…)"
                raise TypeError(
                    f"vendor must be a name or None, not a {type(vendor).__name__} object; call with a name first: {known}"
                )
            raise TypeError(f"vendor must be a name or None, not {vendor!r}; known: {known}")
        if not isinstance(inspect_success, bool) and inspect_success != "read":
            raise TypeError(f"inspect_success must be True, False or 'read', not {inspect_success!r}")
        self._vendor = vendor
        self._inspects: Inspection = inspect_success
        if vendor is not None:
            self._registry.document(vendor)

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[str | None, Registry | None]]:
        registry = None if self._registry is in_force(None) else self._registry  # the bundled one is there already
        return partial(type(self), inspect_success=self._inspects), (self._vendor, registry)

    def passes(self, status: int, headers: Mapping[str, str], *, is_read: bool = False) -> bool:
        """
        Return whether to leave a response alone: its status is below 400, and it is not a short JSON body to look into.

        *is_read* says that the body is in memory, or that the client is about to read it.
        """
        if status >= FIRST_ERROR:
            return False
        if not self._inspects or status not in SUCCESSES:
            return True
        return not is_short_json(headers, is_declared=not is_read and self._inspects is True)

    def address(self, request: Any) -> str | None:
        """
        Return the address that decides about the vendor; None if a vendor was named, since the text takes time to make.
        """
        return str(request.url) if self._vendor is None else None

    def parse(self, raw: RawResponse) -> CanonicalError | None:
        """
        Return the canonical error of a response, or None if the response is not an error.
        """
        return parse(raw, self._vendor, registry=self._registry)

    def check(self, raw: RawResponse, response: object, failure: Exception | None = None) -> None:
        """
        Raise `VendorError` if a client's *response*, whose content is *raw*, is an error; a *failure* to read it is the cause.
        """
        note_request(raw, request_fields(self.request_of(response)))
        error = self.parse(raw)
        if error is None:
            return
        exception = exception_of(error, self.call_of(response), response)
        if failure is None:
            raise exception
        raise exception from failure

    def attach(self, raw: RawResponse, response: object, failure: Exception | None = None, *, request: Any = None) -> None:
        """
        Attach the canonical error of a client's *response* to it, and to the *failure* to read it; `attached` returns it.

        *request* is the request, if the response does not know it yet.
        """
        note_request(raw, request_fields(request or self.request_of(response)))
        error = self.parse(raw)
        setattr(response, _ATTRIBUTE, error)
        if failure is not None:
            setattr(failure, _ATTRIBUTE, error)

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception of a client, or None if there is none.

        Raise `TypeError` for an object that is neither a response nor an exception.
        """
        if isinstance(thing, VendorError):
            return thing.error
        meaning = failures.meaning(thing)
        if meaning is not None:
            found = next(filter(None, map(attached, _causes(thing))), None)
            if found is not None:  # status and header fields had arrived
                return found
            sent = meaning.sent or self.call_of(thing).may_be_applied
            vendor = self.vendor_of(thing)
            return transport_error(meaning.category, vendor=vendor, sent=sent, target=meaning.target, registry=self._registry)
        if isinstance(thing, BaseException):
            thing = getattr(thing, "response", None) if failures.know(thing) else None  # it was raised for a status
            if thing is None:
                return None
        return attached(thing) or self.parse(raw_response(thing))

    def vendor_of(self, exception: object) -> str | None:
        """
        Return the vendor that should have answered: the named one, else by the address of the request; None if unknown.
        """
        if self._vendor is not None:
            return self._vendor
        url = url_of(self.request_of(exception)) or (attached_call(exception) or Call()).url
        return None if url is None else self._registry.vendor_of_host(host_of(url))

    def request_of(self, thing: object) -> Any:
        """
        Return the request of a client's response or exception, or None if it is unknown.
        """
        return request_of(thing)

    def call_of(self, thing: object, *, method: str | None = None, has_key: bool = False) -> Call:
        """
        Return the call for which the client returned or raised *thing*; the arguments take precedence.
        """
        request = self.request_of(thing)
        first = None if request is None else self.first_request(request)
        call = call_of(thing, method=method, has_key=has_key, request=request, first=first)
        known = attached_call(thing)
        if known is None:
            return call
        return Call(method or known.method, has_key or known.has_key, known.may_be_applied, known.url or call.url)

    def first_request(self, request: Any) -> Any:  # noqa: ARG002  # for clients that override it
        """
        Return the first request of the call that *request* belongs to, or None if it is the first, or nothing is known.
        """
        return None


def attached(response: object) -> CanonicalError | None:
    """
    Return the canonical error that was attached to the *response*, or None.
    """
    error: CanonicalError | None = getattr(response, _ATTRIBUTE, None)
    return error


def attach_call(exception: BaseException, call: Call) -> None:
    """
    Attach the *call* that failed to a client's *exception*, which does not know it; `attached_call` returns it.
    """
    setattr(exception, _CALL, call)


def attached_call(thing: object) -> Call | None:
    """
    Return the call that was attached to an exception, or to one behind it; else None.
    """
    calls: Iterator[Call | None] = (getattr(exception, _CALL, None) for exception in _causes(thing))
    return next(filter(None, calls), None)


class Body:
    """
    The body of a response, as far as it can be read: a ``with`` block that sets *content* if the body is to be read.

    If the block fails because the body of an error is cut off, stalls or cannot be decompressed, it ends here, and the
    client's exception is the *failure*: status and header fields decide. The failure of a success is raised.
    """

    __slots__ = ("_failures", "_is_error", "content", "failure")

    def __init__(self, status: int, failures: Failures) -> None:
        self._failures, self._is_error = failures, status >= FIRST_ERROR
        self.content: bytes | None = None
        self.failure: Exception | None = None

    @property
    def is_cut_off(self) -> bool:
        """Return whether reading failed."""
        return self.failure is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, exception: BaseException | None, __: TracebackType | None) -> bool:
        if not self._is_error or not isinstance(exception, Exception) or not self._failures.explain(exception):
            return False
        self.failure = exception
        return True


def was_sent_before(retries: object, failures: Failures) -> bool:
    """
    Return whether urllib3's *retries* have followed a redirect to another method, or have repeated a request that was sent.
    """
    steps = getattr(retries, "history", ())
    if any(step.redirect_location and step.status in CHANGING_METHOD for step in steps):
        return True
    meanings = (failures.meaning(step.error) for step in steps)
    return any(meaning is not None and meaning.sent for meaning in meanings)


def status_given_up_on(exception: object) -> int | None:
    """
    Return the status at which urllib3 gave up repeating a request, or None: the exception keeps nothing else.
    """
    refused = _TOO_MANY.fullmatch(str(getattr(exception, "reason", None)))
    return None if refused is None else int(refused[1])


@frozen(eq=False, repr=False)  # writing fewer methods saves time at every import
class Failures:
    """
    Hold what a client's exceptions mean, by the name of the class.

    *packages* are those that define the classes: a client is never imported to recognise what it raised. Where
    ``builtins`` is one of them, only those of Python's own exceptions count that have a meaning here.
    """

    packages: frozenset[str]
    meanings: Mapping[str, Meaning]

    def meaning(self, thing: object) -> Meaning | None:
        """
        Return what an exception means, by the innermost one that it wraps and that is known; None for anything else.

        Where there is no connection, what lies behind the exception says whether waiting helps.
        """
        if _is_unreadable(thing):
            return UNREADABLE
        if not self.know(thing):  # who wraps a client's exception in one of their own has thought about it
            return None
        found = None
        for exception in _unwrapped(thing):
            found = next(filter(None, map(self._meaning_of_class, type(exception).__mro__)), found)
        if found is None or found.category is not Category.CONNECTION_FAILED:
            return found
        if any(map(_was_not_processed, _causes(thing))):
            return NOT_CONNECTED
        return next(filter(None, map(_lasting, _causes(thing))), found)

    def know(self, thing: object) -> bool:
        """
        Return whether *thing* is an exception of the client, or derived from one.
        """
        return isinstance(thing, BaseException) and any(map(self._define, type(thing).__mro__))

    def explain(self, exception: BaseException) -> bool:
        """
        Return whether *exception* comes from the client: it is one of its own, or one of Python's with a meaning here.
        """
        return self.know(exception) or self.meaning(exception) is not None

    def _define(self, kind: type) -> bool:
        package = kind.__module__.partition(".")[0]
        return package in self.packages and (package != "builtins" or kind.__name__ in self.meanings)

    def _meaning_of_class(self, kind: type) -> Meaning | None:
        return self.meanings.get(kind.__name__) if self._define(kind) else None


class UrllibFailures(Failures):
    """Know also a proxy's refusal to open a tunnel, which `http.client` raises without a class of its own."""

    def meaning(self, thing: object) -> Meaning | None:
        found = super().meaning(thing)
        *_, innermost = _unwrapped(thing) if found else (None,)
        return meaning_of_tunnel(innermost) or found


def meaning_of_tunnel(thing: object) -> Meaning | None:
    """
    Return the meaning of what `http.client` raises where a proxy refuses to open a tunnel; None for anything else.
    """
    refused = _TUNNEL.match(str(thing)) if type(thing) is OSError and thing.errno is None else None
    return None if refused is None else meaning_of_proxy(int(refused[1]))


def meaning_of_proxy(status: int) -> Meaning:
    """
    Return what it means that a proxy answers a request for a tunnel with *status*: nothing was sent through it.
    """
    is_lasting = class_of(status) == "4xx" and status not in _PASSING
    return REFUSED_BY_PROXY if is_lasting else NOT_CONNECTED


def _is_unreadable(thing: object) -> bool:
    """Return whether *thing* was raised because a body is not JSON: most clients let Python's own exception through."""
    return isinstance(thing, UnicodeDecodeError) or any(
        (kind.__module__, kind.__name__) == ("json.decoder", "JSONDecodeError") for kind in type(thing).__mro__
    )


def _was_not_processed(exception: BaseException) -> bool:
    """
    Return whether an *exception* holds the event of h2 by which a server says that it has not processed the request.

    It says so by refusing the stream, or by ending the connection before the first one (:rfc:`9113#section-8.7`).
    """
    event = next(iter(exception.args), None)
    if type(event).__module__ != "h2.events":
        return False
    is_refused = getattr(event, "remote_reset", False) and getattr(event, "error_code", None) == _REFUSED_STREAM
    return is_refused or getattr(event, "last_stream_id", None) == 0


def _lasting(exception: BaseException) -> Meaning | None:
    """Return the meaning of an exception of Python's own that does not go away by waiting; None for anything else."""
    names = {(kind.__module__, kind.__name__) for kind in type(exception).__mro__}
    if ("ssl", "SSLCertVerificationError") in names:
        return NOT_TRUSTED
    if ("socket", "gaierror") in names:
        from socket import EAI_NONAME  # it is imported already: its exception was raised

        return UNKNOWN_HOST if next(iter(exception.args), None) == EAI_NONAME else None
    return None


def _causes(thing: object) -> Iterator[BaseException]:
    """Yield an exception and all those that it wraps or was raised from."""
    seen: set[int] = set()
    pending = [thing]
    while pending:
        exception = pending.pop()
        if isinstance(exception, BaseException) and id(exception) not in seen:
            seen.add(id(exception))
            yield exception
            pending += [getattr(exception, name, None) for name in _REASONS]
            pending += [next(iter(exception.args), None), exception.__cause__]
            if type(exception).__name__ == _WITHOUT_CAUSE:
                pending.append(exception.__context__)


def _unwrapped(thing: object) -> Iterator[BaseException]:
    """Yield an exception and those that it holds as its reason or its first argument, the outermost first."""
    seen: set[int] = set()
    while isinstance(thing, BaseException) and id(thing) not in seen:
        seen.add(id(thing))
        yield thing
        held = (getattr(thing, name, None) for name in _REASONS)
        thing = next(filter(None, held), None) or next(iter(thing.args), None)


class Raising:
    """
    Raise `VendorError` in place of a client's own exceptions, as a ``with`` block or as a decorator.

    It holds no state: make it once and use it for all requests, from any thread or task. It decorates functions and
    coroutine functions. It raises `TypeError` for anything else, because other calls end before requests are made.
    """

    __slots__ = ("_failures", "_keyed", "_method", "_parser")

    def __init__(self, parser: ResponseParser, failures: Failures, method: str | None, idempotency_key: bool) -> None:
        check_request(method, idempotency_key)
        self._parser, self._failures, self._method, self._keyed = parser, failures, method, idempotency_key

    def __enter__(self) -> None:
        """Do nothing: only the end of the block counts."""

    def __exit__(self, _: type[BaseException] | None, exception: BaseException | None, __: TracebackType | None) -> None:
        if not isinstance(exception, Exception) or isinstance(
            exception, VendorError
        ):  # cancelled, interrupted, closed: pass it on
            return
        error = self._parser.error_behind(exception, self._failures)
        if error is not None:
            call = self._parser.call_of(exception, method=self._method, has_key=self._keyed)
            raise exception_of(error, call, getattr(exception, "response", None)) from exception

    def __call__(self, function: _Function) -> _Function:
        if isinstance(function, (staticmethod, classmethod)):
            name = type(function).__name__
            raise TypeError(f"{function!r} is not a function yet; put @{name} above the line that decorates")
        if not _sends(function):
            raise TypeError(
                f"{function!r} is not a function that can be decorated; write the with statement inside it,"
                " or decorate a function or a coroutine function"
            )
        kind: Any = type(function)
        if iscoroutinefunction(function) or iscoroutinefunction(kind.__call__):  # the latter of an object

            @wraps(function)
            async def awaiting(*arguments: Any, **named: Any) -> Any:
                with self:
                    return await function(*arguments, **named)

            return awaiting  # type: ignore[return-value]  # the same signature, which `wraps` hides

        @wraps(function)
        def calling(*arguments: Any, **named: Any) -> Any:
            with self:
                result = function(*arguments, **named)
            if iscoroutine(result):
                result.close()
                raise TypeError(f"{function!r} returns a coroutine, which nothing watches; decorate the coroutine function")
            return result

        return calling  # type: ignore[return-value]  # as above


def _sends(function: object) -> bool:
    """Return whether requests are made while *function* runs, and not later, when its result is iterated over."""
    if isclass(function) or not callable(function):
        return False
    innermost = unwrap(function)  # contextlib makes plain functions of those that yield
    return not (isgeneratorfunction(innermost) or isasyncgenfunction(innermost))
