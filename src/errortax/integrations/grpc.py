"""
gRPC: a server's `VendorError` becomes the status of the call, and on the client's side a canonical error again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, Final, NamedTuple, TypeAlias

from errortax.advice import decide_retry, locales, match_locale, negotiate_locale
from errortax.model import CanonicalError, VendorError
from errortax.registry import Registry
from errortax.registry.registry import in_force
from errortax.rendering import Audience, exposure_of, format_of
from errortax.rendering.names import names_of
from errortax.rendering.view import view_of

_LOGGER: Final = logging.getLogger("errortax")

_KINDS: Final = {  # by whether requests and responses are streams
    (False, False): "unary_unary",
    (False, True): "unary_stream",
    (True, False): "stream_unary",
    (True, True): "stream_stream",
}


class Status(NamedTuple):
    """The status with which a call ends: pass it to ``context.abort_with_status(…)``. It is a ``grpc.Status``."""

    code: Any
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]


def status(
    error: CanonicalError | VendorError, *, locale: str = "en", expose: Audience = "developer", registry: Registry | None = None
) -> Status:
    """
    Return the status of a call that failed with *error*.

    The trailing metadata contain the google.rpc.Status with its details, and the pushback that clients obey when they repeat
    calls (gRFC A6): the wait if it is known, or not to repeat if the same call cannot succeed.

    Args:
        error: the error. A `VendorError` also knows the upstream's request: if `errortax.decide_retry` forbids to repeat
            that request, the call must not be repeated either.
        locale: the language of the texts (BCP 47).
        expose: the parts that the caller may see, by the name of an audience or an `errortax.Exposure`.
        registry: the vendors; None means the bundled ones.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: an unknown audience, or a *locale* that is not a language tag.
        ImportError: grpcio or googleapis-common-protos is missing.

    """
    from errortax.rendering import grpc as format_
    from errortax.rendering import rpc_status

    grpc = _library()
    canonical = error.error if isinstance(error, VendorError) else error
    if not isinstance(canonical, CanonicalError):
        raise TypeError(f"status: error is a {type(error).__name__} object; pass an errortax.CanonicalError or a VendorError")
    registry = in_force(registry)
    view = view_of(canonical, locale=locale, exposure=exposure_of(expose), registry=registry)
    wait = format_.pushback(view)
    if isinstance(error, VendorError) and not _may_be_repeated(error):
        wait, view = format_.NO_RETRY, view._replace(wait=None)
    message, data = rpc_status.status_of(view, registry, format_.MAX_STATUS_BYTES)
    pushback = () if wait is None else ((format_.PUSHBACK, wait),)
    grpc.Status.register(Status)
    return Status(grpc.StatusCode[names_of(view.category).grpc], message, ((format_.DETAILS, data), *pushback))


def error_of(thing: object, *, registry: Registry | None = None) -> CanonicalError | None:
    """
    Return the canonical error behind an exception of a gRPC client, or None if its trailing metadata contain none.

    The metadata name the vendor, so it is not an argument. Raise `TypeError` for an object that is neither an exception
    nor a call, and `ImportError` if googleapis-common-protos is missing.
    """
    from errortax.rendering import grpc as format_
    from errortax.rendering import rpc_status

    if isinstance(thing, VendorError):
        return thing.error
    trailing_metadata = getattr(thing, "trailing_metadata", None)
    if not callable(trailing_metadata):
        if isinstance(thing, BaseException):
            return None
        raise TypeError(f"{type(thing).__name__} object is not a call; pass the grpc.RpcError that a client raised")
    metadata: Any = trailing_metadata()
    for name, value in metadata or ():
        if name == format_.DETAILS and isinstance(value, bytes):
            return rpc_status.error_in(value, in_force(registry))
    return None


def interceptor(*, locale: str | None = None, expose: Audience = "developer", registry: Registry | None = None) -> Interceptor:
    """
    Return an interceptor for ``grpc.server(…, interceptors=[…])``: it ends calls whose handler raised `VendorError`.

    The keywords are those of `status`, and are checked at once. A *locale* of None means that the ``accept-language`` of each
    call decides. All other exceptions pass.
    """
    made = Interceptor(locale, expose, registry)
    _library().ServerInterceptor.register(Interceptor)
    return made


def async_interceptor(
    *, locale: str | None = None, expose: Audience = "developer", registry: Registry | None = None
) -> AsyncInterceptor:
    """
    Return the same as `interceptor`, for ``grpc.aio.server(interceptors=[…])``; handlers need not be asynchronous.
    """
    made = AsyncInterceptor(locale, expose, registry)
    _library().aio.ServerInterceptor.register(AsyncInterceptor)
    return made


class _Guarding:
    """Put guards around handlers."""

    def __init__(self, locale: str | None, expose: Audience, registry: Registry | None) -> None:
        self._locale = None if locale is None else match_locale(locale, locales())
        self._expose, self._registry = exposure_of(expose), in_force(registry)
        format_of("grpc", self._registry)  # raise for a missing library now

    def guarded(self, handler: Any) -> Any:
        """
        Return the *handler* of a method with a guard around it; None means an unknown method, and stays None.
        """
        if handler is None:
            return None
        kind = _KINDS[bool(handler.request_streaming), bool(handler.response_streaming)]
        behavior = getattr(handler, kind)
        if getattr(behavior, "experimental_non_blocking", False):  # it answers through a callback
            return handler
        guard = _guard_for(behavior, streams=handler.response_streaming)
        make = getattr(_library(), f"{kind}_rpc_method_handler")
        return make(guard(behavior, self._ended), handler.request_deserializer, handler.response_serializer)

    def _ended(self, error: VendorError, context: Any) -> tuple[Any, str] | None:
        """Set the trailing metadata, and return code and details to abort with; None if *error* cannot be rendered."""
        try:
            locale = self._locale or negotiate_locale(_languages(context))
            ending = status(error, locale=locale, expose=self._expose, registry=self._registry)
        except Exception:
            _LOGGER.exception("cannot render an error; it is raised again")
            return None
        metadata = (*_trailing_metadata_of(context), *ending.trailing_metadata)
        context.set_trailing_metadata(metadata)  # not all contexts have `abort_with_status`
        return ending.code, ending.details


class Interceptor(_Guarding):
    """Guard the handlers of ``grpc.server``."""

    def intercept_service(self, continuation: Callable[[Any], Any], handler_call_details: Any) -> Any:
        """
        Return the guarded handler of the called method.
        """
        return self.guarded(continuation(handler_call_details))


class AsyncInterceptor(_Guarding):
    """Guard the handlers of ``grpc.aio.server``."""

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any) -> Any:
        """
        Return the guarded handler of the called method.
        """
        return self.guarded(await continuation(handler_call_details))


def _trailing_metadata_of(context: Any) -> Iterable[Any]:
    """Return the trailing metadata that the handler itself has set, if the *context* has them."""
    try:
        return context.trailing_metadata() or ()
    except (AttributeError, NotImplementedError):  # the latter: gRPC's base class for contexts
        return ()


_Behavior: TypeAlias = Callable[[Any, Any], Any]
_Ended: TypeAlias = Callable[[VendorError, Any], tuple[Any, str] | None]


def _guard_for(behavior: _Behavior, *, streams: bool) -> Callable[[_Behavior, _Ended], _Behavior]:
    """Return the guard that keeps the kind of *behavior*: servers decide by it how to call the function."""
    if isasyncgenfunction(behavior):
        return _async_generator
    if iscoroutinefunction(behavior):
        return _coroutine
    return _generator if streams else _function


def _function(behavior: _Behavior, ended: _Ended) -> _Behavior:
    @wraps(behavior)
    def guarded(request: Any, context: Any) -> Any:
        try:
            return behavior(request, context)
        except VendorError as error:
            ending = ended(error, context)
            if ending is None:
                raise
            context.abort(*ending)

    return guarded


def _generator(behavior: _Behavior, ended: _Ended) -> _Behavior:
    @wraps(behavior)
    def guarded(request: Any, context: Any) -> Iterator[Any]:
        try:
            yield from behavior(request, context)
        except VendorError as error:
            ending = ended(error, context)
            if ending is None:
                raise
            code, details = ending  # on asynchronous servers `abort` would overtake the responses that were yielded before
            context.set_code(code)
            context.set_details(details)

    return guarded


def _coroutine(behavior: _Behavior, ended: _Ended) -> _Behavior:
    @wraps(behavior)
    async def guarded(request: Any, context: Any) -> Any:
        async with _aborting(ended, context):
            return await behavior(request, context)

    return guarded


def _async_generator(behavior: _Behavior, ended: _Ended) -> _Behavior:
    @wraps(behavior)
    async def guarded(request: Any, context: Any) -> AsyncIterator[Any]:
        async with _aborting(ended, context), aclosing(behavior(request, context)) as responses:
            async for response in responses:
                yield response

    return guarded


@asynccontextmanager
async def _aborting(ended: _Ended, context: Any) -> AsyncGenerator[None]:
    try:
        yield
    except VendorError as error:
        ending = ended(error, context)
        if ending is None:
            raise
        await context.abort(*ending)


def _languages(context: Any) -> str | None:
    values = (value for name, value in context.invocation_metadata() or () if name == "accept-language")
    return ", ".join(value for value in values if isinstance(value, str)) or None


def _may_be_repeated(error: VendorError) -> bool:
    return decide_retry(error.error, method=error.method, idempotency_key=error.idempotency_key).retry


def _library() -> Any:
    try:
        import grpc  # type: ignore[import-untyped]  # grpcio ships no types
    except ImportError as missing:
        message = f"errortax.integrations.grpc needs grpcio ({missing}); pip install 'errortax[grpc]'"
        raise ImportError(message, name=missing.name, path=missing.path) from missing
    return grpc
