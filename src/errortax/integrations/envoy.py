"""
Envoy: an external processor (``ext_proc``) that answers for upstreams in one error format. It needs the extra ``envoy``.

Envoy sends it the head of each response, and the body if the translator may replace the response. An immediate response
replaces the whole response, for two reasons. Envoy 1.40 answers with an empty 500 if the head of a partly buffered body is
changed and has a Content-Length. It also waits in vain for the rest of a body that it must buffer and that is too long.
If anything fails here or on the way here, the caller gets the upstream's response.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from functools import lru_cache, partial
from time import perf_counter
from typing import Any, ClassVar, Final, TypeAlias

from attrs import frozen

from errortax.api import transport_error
from errortax.gateway import Translator
from errortax.gateway.configuration import BODY_TIMEOUT, address_problem
from errortax.http import BODY_CAP, FIRST_ERROR, Headers, RawResponse, is_too_long, unchecked_response
from errortax.integrations._listening import UNIX, check_address
from errortax.integrations._serving import body_of, fields_of, log_shadow, translator_of
from errortax.model import CanonicalError, Category

try:
    import grpc  # type: ignore[import-untyped]  # ships no types
    from envoy.config.core.v3 import base_pb2  # type: ignore[import-untyped]  # as above
    from envoy.extensions.filters.http.ext_proc.v3 import processing_mode_pb2  # type: ignore[import-untyped]  # as above
    from envoy.service.accesslog.v3.als_pb2_grpc import (  # type: ignore[import-untyped]  # as above
        add_AccessLogServiceServicer_to_server,
    )
    from envoy.service.ext_proc.v3 import external_processor_pb2  # type: ignore[import-untyped]  # as above
    from envoy.service.ext_proc.v3.external_processor_pb2_grpc import (  # type: ignore[import-untyped]  # as above
        ExternalProcessorServicer,
        add_ExternalProcessorServicer_to_server,
    )
    from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # type: ignore[import-untyped]  # as above
except ImportError as missing:
    raise ImportError(
        f"errortax.integrations.envoy needs grpcio, grpcio-health-checking and xds-protos ({missing});"
        " pip install 'errortax[envoy]'",
        name=missing.name,
        path=missing.path,
    ) from missing

from errortax.integrations._envoy_access_log import AccessLog, details_for  # needs the libraries above

SERVICE: Final = "envoy.service.ext_proc.v3.ExternalProcessor"
"""The service name for health checks."""

TRANSLATED, PASSED, FAILED, SHADOWED = "translated", "passed", "failed", "shadowed"

_LOGGER: Final = logging.getLogger("errortax")
_NAMESPACE: Final = "envoy.filters.http.ext_proc"

_base: Any = base_pb2  # protobuf makes its classes at run time, so type checkers do not see them
_modes: Any = processing_mode_pb2
_messages: Any = external_processor_pb2
_health: Any = health
_Message: TypeAlias = Any

_PASSING: Final[Mapping[str, Any]] = {
    "request_headers": _messages.ProcessingResponse(request_headers=_messages.HeadersResponse()),
    "request_body": _messages.ProcessingResponse(request_body=_messages.BodyResponse()),
    "request_trailers": _messages.ProcessingResponse(request_trailers=_messages.TrailersResponse()),
    "response_headers": _messages.ProcessingResponse(response_headers=_messages.HeadersResponse()),
    "response_body": _messages.ProcessingResponse(response_body=_messages.BodyResponse()),
    "response_trailers": _messages.ProcessingResponse(response_trailers=_messages.TrailersResponse()),
}
_HOLDING: Final = _messages.ProcessingResponse(
    response_headers=_messages.HeadersResponse(),
    mode_override=_modes.ProcessingMode(
        response_body_mode=_modes.ProcessingMode.BUFFERED_PARTIAL
    ),  # never more than Envoy's buffer can hold
)

_FAILURES: Final = (  # flag of a response (CoreResponseFlag in Envoy), what it means, and whether the request was sent
    (1 << 1, Category.CONNECTION_FAILED, False),  # UH, no healthy upstream
    (1 << 2, Category.NO_RESPONSE, True),  # UT, the upstream took too long
    (1 << 4, Category.CONNECTION_FAILED, True),  # UR, the upstream reset the stream
    (1 << 5, Category.CONNECTION_FAILED, False),  # UF, no connection
    (1 << 6, Category.CONNECTION_FAILED, True),  # UC, the connection ended
)
_HAS_RETRIED: Final = 1 << 15  # URX: an earlier try may have been sent
_BY_UPSTREAM: Final = "via_upstream"


class RequestInfo:
    """
    The known parts of a request; a translator's callables get it.

    `method` is ``GET`` and `path` empty if Envoy sends neither. `host`, `sent_host` and `accept_language` are None if
    unknown.
    """

    __slots__ = ("_fields", "accept_language", "host", "method", "path", "sent_host")

    def __init__(self, fields: Mapping[str, str], attributes: Any) -> None:
        self._fields = attributes  # google.protobuf.Struct's; copying all takes longer than reading a few
        self.method: str = _text(attributes, "request.method") or fields.get(":method", "GET")
        self.path: str = (
            _text(attributes, "request.headers['x-envoy-original-path']")
            or _text(attributes, "request.path")
            or fields.get(":path", "")
        )
        self.sent_host: str | None = _text(attributes, "request.host")
        """The host of the request to the upstream, which Envoy may have rewritten."""

        self.host: str | None = (
            _text(attributes, "request.headers['x-envoy-original-host']") or fields.get(":authority") or self.sent_host
        )
        self.accept_language: str | None = _text(attributes, "request.headers['accept-language']") or fields.get(
            "accept-language"
        )

    @property
    def attributes(self) -> dict[str, str | float]:
        """Return the attributes that Envoy's configuration requests, by names such as ``xds.cluster_name``."""
        return {name: value.string_value or value.number_value for name, value in self._fields.items()}

    @property
    def is_answered_by_envoy(self) -> bool:
        """
        Return whether Envoy itself answered, not an upstream; False if that is unknown.
        """
        return _text(self._fields, "response.code_details") not in {None, _BY_UPSTREAM}

    @property
    def failure(self) -> tuple[Category, bool] | None:
        """
        Return why no upstream answered, and whether the request may have been sent; None if one answered, or if unknown.
        """
        if not self.is_answered_by_envoy or "response.flags" not in self._fields:
            return None
        flags = int(self._fields["response.flags"].number_value)
        found = next(((category, sent) for flag, category, sent in _FAILURES if flags & flag), None)
        return found and (found[0], found[1] or bool(flags & _HAS_RETRIED))


def _text(attributes: Any, name: str) -> str | None:
    return attributes[name].string_value if name in attributes else None


@frozen
class Observation:
    """
    The result for one response that was an error, or might have been one.

    *vendor* is None if it is unknown, and *error* None if the response is not an error. *seconds* is the time that the
    translation took. *outcome* is one of these:

    - `TRANSLATED`: Envoy gets the answer. It drops the answer if it no longer waits; its access log says what it has sent.
    - `PASSED`: the response passes unchanged.
    - `SHADOWED`: the same, because the translator is in shadow mode.
    - `FAILED`: the same, because of a fault of errortax.
    """

    raw: RawResponse
    vendor: str | None
    outcome: str
    seconds: float
    error: CanonicalError | None = None


class Exchange:
    """
    Follow one request and its response, and answer each of Envoy's messages.

    `is_held` is true while Envoy is to send the body, `is_over` when no further message matters.
    """

    __slots__ = (
        "_attributes",
        "_error",
        "_fields",
        "_outcome",
        "_raw",
        "_request_info",
        "_seconds",
        "_translator",
        "_vendor",
        "is_held",
        "is_over",
    )

    def __init__(self, translator: Translator) -> None:
        self._translator = translator
        self._fields: Mapping[str, str] = {}  # of the request's head, where Envoy sends that
        self._attributes: Any = {}
        self._request_info: RequestInfo | None = None
        self._raw: RawResponse | None = None
        self._vendor: str | None = None
        self._error: CanonicalError | None = None
        self._outcome: str | None = None
        self._seconds = 0.0
        self.is_held = self.is_over = False

    @property
    def observation(self) -> Observation | None:
        """Return the result for the response; None before the end, and for a success that was not looked into."""
        if self._raw is None or self._outcome is None:
            return None
        return Observation(self._raw, self._vendor, self._outcome, self._seconds, self._error)

    def answer(self, request: _Message) -> _Message:
        """
        Return the answer to a ``ProcessingRequest``; raise `KeyError` for one without a known message.
        """
        kind = request.WhichOneof("request")
        passing = _PASSING[kind]
        step = self._STEPS.get(kind)
        return passing if step is None else self._tried(partial(step, self, request)) or passing

    def answer_without_body(self) -> _Message | None:
        """
        Return the answer to the response that is held, by its status and header fields, since its body does not come.

        None means that there is nothing to send: Envoy goes on waiting for the body.
        """
        raw = self._raw
        return None if raw is None else self._tried(partial(self._translate, raw, None, cut_off=True))

    def _tried(self, step: Callable[[], _Message | None]) -> _Message | None:
        try:
            return step()
        except Exception:
            _LOGGER.exception("cannot translate a response; it passes as it came")
            self._end(FAILED)
            return None

    def _on_request_headers(self, request: _Message) -> None:
        self._fields = {each.key: _value(each) for each in request.request_headers.headers.headers}

    def _on_response_headers(self, request: _Message) -> _Message | None:
        """Look at the head of a response: let it pass, ask for its body, or answer if there is none."""
        head = request.response_headers
        (_, status), *fields = [(each.key, each.raw_value or each.value) for each in head.headers.headers]  # :status is the first
        self._attributes = request.attributes[_NAMESPACE].fields
        self._raw = raw = unchecked_response(int(status), Headers.unchecked(partial(iter, fields)), None, None, None)
        # A response without a body is decided like the answer to HEAD, so that the request need not be read yet.
        if self._translator.holds_back(int(status), raw.headers, "HEAD" if head.end_of_stream else "GET"):
            if head.end_of_stream:
                return self._translate(raw, b"")
            if is_too_long(raw.headers):
                return self._translate(raw, None)
            self.is_held = True
            return _HOLDING
        if int(status) >= FIRST_ERROR:
            self._let_pass()
        self.is_over = True
        return None

    @property
    def request_info(self) -> RequestInfo:
        """Return the known parts of the request; reading them takes time, best spent while Envoy sends a body."""
        if self._request_info is None:
            self._request_info = RequestInfo(self._fields, self._attributes)
        return self._request_info

    def _on_response_body(self, request: _Message) -> _Message | None:
        """Translate a response whose body has come, unless the body is too long to hold back."""
        raw, body = self._raw, request.response_body
        if raw is None or not self.is_held:
            return None
        if body.end_of_stream and len(body.body) <= BODY_CAP:
            return self._translate(raw, body.body)
        if (raw.status or 0) >= FIRST_ERROR and not self._translator.passes_too_long:
            return self._translate(raw, None)
        self._let_pass()
        return None

    def _let_pass(self) -> None:
        raw, info = self._raw, self.request_info
        self._vendor = self._vendor_of(info)
        self._error = None if raw is None else self._error_of(raw, info)
        self._end(PASSED)

    def _translate(self, head: RawResponse, body: bytes | None, *, cut_off: bool = False) -> _Message | None:
        """Return the message with the answer; a *body* of None is not read, and did not arrive if it was *cut_off*."""
        start, info = perf_counter(), self.request_info
        self._raw = raw = RawResponse(head.status, head.headers, body, None, info.method, cut_off=cut_off)
        self._vendor = self._vendor_of(info)
        self._error = error = self._error_of(raw, info)
        if error is None:
            self._end(PASSED)
            return None
        upstream = None if info.failure else raw
        languages = info.accept_language
        answer = self._translator.answer(error, upstream=upstream, accept_language=languages, method=info.method, request=info)
        # An immediate response to HEAD has a length or no type: Envoy derives both from a body.
        message = _rewritten(answer, raw) if info.method == "HEAD" else _immediate(answer, details_for(error))
        self._seconds = perf_counter() - start
        if self._translator.shadow:
            log_shadow(error, answer, info.method, info.path, raw.status)
            self._end(SHADOWED)
            return None
        self._end(TRANSLATED)
        return message

    def _error_of(self, raw: RawResponse, info: RequestInfo) -> CanonicalError | None:
        failure = info.failure
        if failure is None:
            return self._translator.error_of(raw, self._vendor, by_gateway=info.is_answered_by_envoy)
        registry, vendor = self._translator.registry, self._vendor
        if vendor not in registry:  # a format: the upstream is a gateway of ours
            vendor = None
        return transport_error(failure[0], vendor=vendor, sent=failure[1], registry=registry)  # Envoy's texts do not count

    def _vendor_of(self, info: RequestInfo) -> str | None:
        vendor_of = self._translator.vendor_of
        vendor = vendor_of(info.path, info.host, info)
        if vendor is None and info.sent_host != info.host:
            vendor = vendor_of(info.path, info.sent_host, info)
        return vendor

    def _end(self, outcome: str) -> None:
        self._outcome, self.is_held, self.is_over = outcome, False, True

    _STEPS: ClassVar[Mapping[str, Callable[..., _Message | None]]] = {
        "request_headers": _on_request_headers,
        "response_headers": _on_response_headers,
        "response_body": _on_response_body,
    }


def _value(header: _Message) -> str:
    raw: bytes = header.raw_value
    text: str = header.value  # of an Envoy that is configured to send text
    return raw.decode("latin-1") if raw else text


def _immediate(answer: RawResponse, details: str) -> _Message:
    """Return the message that makes Envoy drop the upstream's response, trailers included, and send the *answer*."""
    message = _messages.ProcessingResponse()
    message.immediate_response.MergeFromString(_head(answer.status, tuple(fields_of(answer)), details))
    message.immediate_response.body = body_of(answer)
    return message


@lru_cache(maxsize=1024)  # most answers have one of a few heads
def _head(status: int, fields: tuple[tuple[str, str], ...], details: str) -> bytes:
    message = _messages.ImmediateResponse(details=details)
    message.status.code = status
    message.headers.MergeFromString(_setting(fields))
    written: bytes = message.SerializeToString()
    return written


def _rewritten(answer: RawResponse, upstream: RawResponse) -> _Message:
    """Return the message that makes Envoy send the head of the *answer* in place of the *upstream*'s; neither has a body."""
    message = _messages.ProcessingResponse(response_headers=_messages.HeadersResponse(response=_messages.CommonResponse()))
    mutation = message.response_headers.response.header_mutation
    mutation.MergeFromString(_setting([(":status", str(answer.status)), *fields_of(answer)]))
    mutation.remove_headers.extend(name for name in upstream.headers if name not in answer.headers)
    return message


def _setting(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return a ``HeaderMutation`` that sets all *fields*; concatenated messages of protobuf are one merged message."""
    written = set[str]()
    parts: list[bytes] = []
    for name, value in fields:
        parts.append(_setting_one(name, value, name in written))
        written.add(name)
    return b"".join(parts)


@lru_cache(maxsize=1024)  # heads differ in a few fields
def _setting_one(name: str, value: str, adds: bool) -> bytes:
    option = _base.HeaderValueOption(header=_base.HeaderValue(key=name, raw_value=value.encode("latin-1")))
    if adds:
        option.append.value = True  # deprecated, but the only way: Envoy takes the action that appends for unset
    else:
        option.append_action = _base.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
    written: bytes = _messages.HeaderMutation(set_headers=[option]).SerializeToString()
    return written


class Processor(ExternalProcessorServicer):  # type: ignore[misc]  # a class without types
    """
    The gRPC service that Envoy calls.

    The attributes `translator` and `body_timeout` may be replaced at any time: a request that has begun keeps its translator.

    Args:
        translator: a translator; None means that one is made of the *options*.
        body_timeout: the seconds to wait for the body of an error; its status and header fields decide after that. It must
            be shorter than the time-outs of Envoy's routes, whose own answer comes in its own format.
        observe: a function to call with the `Observation` of each response that was looked at, after the answer was sent.
            Its exceptions are logged. None means that nothing is called.
        **options: the options of `errortax.Translator`; they are checked at once.

    """

    def __init__(
        self,
        translator: Translator | None = None,
        *,
        body_timeout: float = BODY_TIMEOUT,
        observe: Callable[[Observation], None] | None = None,
        **options: Any,
    ) -> None:
        self.translator = translator_of(translator, options)
        self.body_timeout = body_timeout
        self._observe = observe

    async def Process(  # pyright: ignore[reportIncompatibleMethodOverride]  # gRPC passes by position
        self,
        requests: AsyncIterable[_Message],
        context: object,  # noqa: ARG002  # gRPC passes it
    ) -> AsyncIterator[_Message]:
        """
        Answer Envoy's messages about one request.
        """
        exchange, messages = Exchange(self.translator), aiter(requests)
        try:
            while not exchange.is_over:
                try:
                    async with asyncio.timeout(self.body_timeout if exchange.is_held else None):
                        request = await anext(messages)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    answer = exchange.answer_without_body()
                    if answer is None:
                        break
                else:
                    answer = exchange.answer(request)
                yield answer
                if exchange.is_held:
                    _ = exchange.request_info  # while the body is on its way
        finally:  # Envoy may have hung up meanwhile
            self._report(exchange.observation)

    def _report(self, observation: Observation | None) -> None:
        """Call the observer; its failures change no answer."""
        if self._observe is None or observation is None:
            return
        try:
            self._observe(observation)
        except Exception:
            _LOGGER.exception("cannot observe a response")


class Server:
    """
    Serve a *processor*, the health checks of gRPC and an *access_log* at the address *listen*, without encryption.

    *listen* is ``HOST:PORT`` or ``unix:PATH``; raise `ValueError` for anything else.
    """

    def __init__(self, processor: Processor, listen: str, access_log: AccessLog | None = None) -> None:
        problem = address_problem("listen", listen)
        if problem is not None:
            raise ValueError(f"listen: {problem}")
        self._processor, self._listen = processor, listen
        self._access_log = access_log or AccessLog(lambda _, __: None)  # Envoy may be configured to send it anyway
        self._health = _health.aio.HealthServicer()
        self._server: Any = None

    async def start(self) -> str:
        """
        Begin to serve, and return the address, with a free port instead of port 0. Raise `OSError` if that is impossible.
        """
        listen = self._listen
        await asyncio.to_thread(check_address, listen)
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])  # or two servers would share a port, unnoticed
        add_ExternalProcessorServicer_to_server(self._processor, server)
        add_AccessLogServiceServicer_to_server(self._access_log, server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        try:
            port = server.add_insecure_port(listen)
        except RuntimeError as error:  # gRPC has written the reason to standard error only
            raise OSError(errno.EADDRNOTAVAIL, "gRPC cannot use it", listen) from error
        for service in ("", SERVICE):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        await server.start()
        self._server = server
        return listen if listen.startswith(UNIX) else f"{listen.rpartition(':')[0]}:{port}"

    async def stop(self, grace: float) -> None:
        """
        Fail the health checks, refuse new requests, and give the current ones *grace* seconds to end.
        """
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace)
