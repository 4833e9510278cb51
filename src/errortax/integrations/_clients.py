"""
What the integrations of all HTTP clients share: checks at set-up, judging, and a meaning for each way to get no response.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from inspect import isasyncgenfunction, isclass, iscoroutinefunction, isgeneratorfunction
from types import FrameType, TracebackType
from typing import Any, Final, NamedTuple, TypeVar, cast

from attrs import frozen

from errortax.api import parse, transport_error
from errortax.decoding import BODY_CAP
from errortax.error import CanonicalError
from errortax.exceptions import VendorError, exception_for
from errortax.model import RawResponse
from errortax.parsing import host_of
from errortax.registry import Registry, default_registry
from errortax.responses import raw_response
from errortax.taxonomy import Category

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
"""The field that makes a request safe to repeat (IETF draft "The Idempotency-Key HTTP Header Field", section 2)."""

_FIRST_REDIRECT: Final = 300
_FIRST_ERROR: Final = 400
_LONGEST_NUMBER: Final = 18
"""Digits of a length that is worth reading; `int` refuses thousands of them."""

_ATTRIBUTE: Final = "canonical_error"
_FIRST_METHOD: Final = "errortax.first_method"

_TOO_MANY: Final = re.compile(r"too many ([1-5][0-9]{2}) error responses")  # urllib3: ResponseError.SPECIFIC_ERROR

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Judge:
    """
    Judge what one client gets from *vendor*, or, if that is None, from whoever each address belongs to.

    With *inspect_success* JSON bodies of 2xx are judged as well, where their length is known and at most 256 KiB.
    Raise `errortax.exceptions.UnknownVendorError` for a vendor that the *registry* does not hold, and `TypeError` for
    what is no name or no registry.
    """

    __slots__ = ("_inspects", "_registry", "_vendor")

    def __init__(self, vendor: str | None, registry: Registry | None, *, inspect_success: bool = False) -> None:
        if not isinstance(registry, (Registry, type(None))):
            raise TypeError(f"registry must be an errortax.Registry or None, not {registry!r}; errortax.load_registry makes one")
        self._registry = default_registry() if registry is None else registry
        if not isinstance(vendor, (str, type(None))):
            known = ", ".join(self._registry.names)
            raise TypeError(f"vendor must be a name or None, not {vendor!r}; known: {known}")
        self._vendor = vendor
        self._inspects = inspect_success
        if vendor is not None:
            self._registry.document(vendor)

    def passes(self, status: int, headers: Mapping[str, str], request: Any = None) -> bool:
        """
        Return whether a response is to be left alone: it is below 400, and nobody asked to look into it or it cannot be done.

        Hand the method of the *request*, if it is given, on to the one that follows after a redirect.
        """
        if status >= _FIRST_ERROR:
            return False
        if status >= _FIRST_REDIRECT and request is not None:
            self._note_redirect(request)
        return not (self._inspects and status < _FIRST_REDIRECT and _is_short_json(headers))

    def address(self, request: Any) -> str | None:
        """
        Return the address that decides which vendor it is; None where that is settled, since writing it out takes time.
        """
        return str(request.url) if self._vendor is None else None

    def error(self, raw: RawResponse) -> CanonicalError | None:
        """
        Return the canonical error of a response, or None where it is none.
        """
        return parse(raw, self._vendor, registry=self._registry)

    def check(self, raw: RawResponse, response: object) -> None:
        """
        Raise the exception for a client's *response*, whose content is *raw*, if it is an error.
        """
        error = self.error(raw)
        if error is not None:
            raise self.exception(error, response)

    def attach(self, raw: RawResponse, response: object) -> None:
        """
        Write the canonical error of a client's *response* on it, where `attached` finds it.
        """
        setattr(response, _ATTRIBUTE, self.error(raw))

    def error_behind(self, thing: object, failures: Failures) -> CanonicalError | None:
        """
        Return the canonical error of a response or of an exception that a client raised, or None where there is none.

        Raise `TypeError` for an object that is no response and no exception.
        """
        if isinstance(thing, VendorError):
            return thing.error
        meaning = failures.meaning(thing)
        if meaning is not None:
            category, sent = meaning
            sent = sent or self.asked(thing).was_redirected  # the first request, which would be repeated, was answered
            return transport_error(category, vendor=self.vendor_of(thing), sent=sent, registry=self._registry)
        if isinstance(thing, BaseException):
            thing = getattr(thing, "response", None) if failures.know(thing) else None  # it was raised for a status
            if thing is None:
                return None
        return attached(thing) or self.error(raw_response(thing))

    def exception(self, error: CanonicalError, thing: object, *, method: str | None = None, keyed: bool = False) -> VendorError:
        """
        Return the exception for the *error* of a response or of a client's exception, with what is known of its request.

        *method* and *keyed* count where the *thing* itself does not tell.
        """
        asked = self.asked(thing)
        return exception_for(error, method=asked.method or method, idempotency_key=asked.has_key or keyed)

    def vendor_of(self, exception: object) -> str | None:
        """
        Return who should have answered, by the address of the request if no vendor was named; None if that is unknown, too.
        """
        request = self.request_of(exception) if self._vendor is None else None
        return self._vendor if request is None else self._registry.vendor_of_host(host_of(str(request.url)))

    def asked(self, thing: object) -> Asked:
        """
        Return what is known of the request for which a client returned or raised *thing*: the first one, if others followed.
        """
        request = self.request_of(thing)
        if request is None:
            return Asked()
        first = self.redirected_method(thing)
        return Asked(first or request.method, IDEMPOTENCY_KEY in (request.headers or ()), first is not None)

    def request_of(self, thing: object) -> Any:
        """
        Return the request to which a client's response or exception belongs, or None where it does not tell.
        """
        try:
            return getattr(thing, "request", None)
        except RuntimeError:  # httpx: it was made without a request
            return None

    def redirected_method(self, thing: object) -> str | None:
        """
        Return the method of the first request, where redirects led to the one that *thing* belongs to, and None elsewhere.

        A POST may have become a GET on the way (:rfc:`9110#section-15.4.4`), but whoever repeats the call sends the POST.
        """
        response = getattr(thing, "response", None)
        history = getattr(thing if response is None else response, "history", None)  # requests: a response of 4xx is false
        if history:
            return cast(str, history[0].request.method)
        return self.handed_on(self.request_of(thing)).get(_FIRST_METHOD)

    def handed_on(self, request: Any) -> dict[str, Any]:  # noqa: ARG002  # of the clients that have one
        """
        Return a mapping that the client hands on from a *request* to the one that follows it by a redirect.
        """
        return {}

    def _note_redirect(self, request: Any) -> None:
        """
        Hand the method of a redirected *request* on: a client tells of earlier requests only when all is over.
        """
        self.handed_on(request).setdefault(_FIRST_METHOD, request.method)


class Asked(NamedTuple):
    """What is known of a request that failed, so that it can be decided whether to repeat it."""

    method: str | None = None
    has_key: bool = False
    was_redirected: bool = False


def attached(response: object) -> CanonicalError | None:
    """
    Return the canonical error that a transport wrote on the *response*, or None.
    """
    error: CanonicalError | None = getattr(response, _ATTRIBUTE, None)
    return error


def is_too_long(headers: Mapping[str, str]) -> bool:
    """
    Return whether a body says that it is larger than can be parsed; it is then left where it is, and the status decides.
    """
    length = headers.get("content-length", "")
    return length.isdecimal() and (len(length) > _LONGEST_NUMBER or int(length) > BODY_CAP)


def _is_short_json(headers: Mapping[str, str]) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = media_type.endswith(("/json", "+json"))
    return is_json and headers.get("content-length", "").isdecimal() and not is_too_long(headers)


def frames_behind(thing: object) -> Iterator[FrameType]:
    """
    Yield the frames of code that an exception has passed, the outermost first; none for what is no exception.
    """
    step = getattr(thing, "__traceback__", None)
    while step is not None:
        yield step.tb_frame
        step = step.tb_next


def status_given_up_on(exception: object) -> int | None:
    """
    Return the status for which urllib3 sent a request as often as it was allowed to, or None: it tells no more of that.
    """
    refused = _TOO_MANY.fullmatch(str(getattr(exception, "reason", None)))
    return None if refused is None else int(refused[1])


@frozen(eq=False, repr=False)  # writing fewer methods saves time at every import
class Failures:
    """
    Hold what a client's exceptions mean: name of the class → category, and whether the request may have been applied.

    *packages* are those that define the classes: a client is never imported to recognise what it raised. Where
    ``builtins`` is one of them, only those of Python's own exceptions count that have a meaning here.
    """

    packages: frozenset[str]
    meanings: Mapping[str, tuple[Category, bool]]

    def meaning(self, thing: object) -> tuple[Category, bool] | None:
        """
        Return what an exception means, by the innermost one that it wraps and that is known; None for anything else.
        """
        if not self.know(thing):  # who wraps a client's exception in one of their own has thought about it
            return None
        found = None
        for exception in _unwrapped(thing):
            found = next(filter(None, map(self._meaning_of_class, type(exception).__mro__)), found)
        return found

    def know(self, thing: object) -> bool:
        """
        Return whether *thing* is an exception of the client, or derived from one.
        """
        return isinstance(thing, BaseException) and any(map(self._define, type(thing).__mro__))

    def _define(self, kind: type) -> bool:
        package = kind.__module__.partition(".")[0]
        return package in self.packages and (package != "builtins" or kind.__name__ in self.meanings)

    def _meaning_of_class(self, kind: type) -> tuple[Category, bool] | None:
        return self.meanings.get(kind.__name__) if self._define(kind) else None


def _unwrapped(thing: object) -> Iterator[BaseException]:
    """Yield an exception and those that it holds as its reason or its first argument, the outermost first."""
    seen: set[int] = set()
    while isinstance(thing, BaseException) and id(thing) not in seen:
        seen.add(id(thing))
        yield thing
        thing = getattr(thing, "reason", None) or next(iter(thing.args), None)


class Raising:
    """
    Raise the canonical error's exception in place of what a client raises, as a ``with`` block or as a decorator.

    It holds no state: set it up once and use it wherever requests are made, from any thread or task. What it decorates
    is a function or a coroutine function; raise `TypeError` for anything else, whose calls end before requests are made.
    """

    __slots__ = ("_failures", "_judge", "_keyed", "_method")

    def __init__(self, judge: Judge, failures: Failures, method: str | None, idempotency_key: bool) -> None:
        self._judge, self._failures, self._method, self._keyed = judge, failures, method, idempotency_key

    def __enter__(self) -> None:
        """Do nothing: only the end of the block counts."""

    def __exit__(self, _: type[BaseException] | None, exception: BaseException | None, __: TracebackType | None) -> None:
        if not isinstance(exception, Exception) or isinstance(exception, VendorError):  # cancelled, interrupted, closed: as it is
            return
        error = self._judge.error_behind(exception, self._failures)
        if error is not None:
            raise self._judge.exception(error, exception, method=self._method, keyed=self._keyed) from exception

    def __call__(self, function: _Function) -> _Function:
        if not _sends(function):
            raise TypeError(
                f"{function!r} is no function that can be decorated; write the with statement inside it,"
                " or decorate a function or a coroutine function"
            )
        kind: Any = type(function)
        if iscoroutinefunction(function) or iscoroutinefunction(kind.__call__):  # the latter of an object

            @wraps(function)
            async def awaiting(*arguments: Any, **named: Any) -> Any:
                with self:
                    return await function(*arguments, **named)

            return awaiting  # type: ignore[return-value]  # the same signature, which `wraps` does not tell

        @wraps(function)
        def calling(*arguments: Any, **named: Any) -> Any:
            with self:
                return function(*arguments, **named)

        return calling  # type: ignore[return-value]  # as above


def _sends(function: object) -> bool:
    """Return whether requests are made while *function* runs, and not when somebody draws on what it returns."""
    later: tuple[Callable[[object], bool], ...] = (isclass, isgeneratorfunction, isasyncgenfunction)
    return callable(function) and not any(is_it(function) for is_it in later)
