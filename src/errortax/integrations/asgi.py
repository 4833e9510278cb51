"""
ASGI: a middleware that puts one error format in front of any app. It needs no library.

It follows the messages of the protocol, so a response that is not an error streams through it unchanged.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

from errortax.gateway import Translator
from errortax.http import BODY_CAP, FIRST_ERROR, Headers, RawResponse, unchecked_response
from errortax.integrations._serving import ANSWERED, answer_to, body_of, is_held, translation, translator_of
from errortax.model import Level, VendorError

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_KINDS: Final = frozenset({"http", "websocket"})
_UNHANDLED: Final = 500
"""The status of frameworks for an exception that no handler knows."""

_DENIAL: Final = "websocket.http.response"
"""The extension with which a server can refuse a websocket with a whole response."""

_BODY_AFTER: Final = {"http.response.start": "http.response.body", f"{_DENIAL}.start": f"{_DENIAL}.body"}
_BODIES: Final = frozenset(_BODY_AFTER.values())
_OTHER_STARTS: Final = frozenset({"websocket.accept", "websocket.close"})
_INDEPENDENT: Final = frozenset({"http.response.push", "http.response.early_hint", "http.response.debug"})
"""Messages that are not part of the response, and never wait for it."""


class Middleware:
    """
    Translate the error responses of *app*, and the `errortax.exceptions.VendorError` that it raises, into one format.

    Pass a *translator*, or the options of `errortax.Translator` to make one; they are checked at once. The attribute
    `translator` may be replaced at any time: a request that has begun keeps its translator.
    """

    def __init__(self, app: App, translator: Translator | None = None, **options: Any) -> None:
        self.app = app
        self.translator = translator_of(translator, options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Serve one connection: hold back each response that the translator may replace, up to 256 KiB, and send its answer.
        """
        if scope["type"] not in _KINDS:  # lifespan, and future kinds
            await self.app(scope, receive, send)
            return
        kind = _Shadow if self.translator.shadow else _Exchange
        exchange = kind(self.translator, scope, send)
        try:
            await self.app(scope, receive, exchange.send)
        except VendorError as error:
            if not await exchange.try_to_answer(error):
                raise


class _Exchange:
    """
    Follow the messages of one response: let them pass, or hold them back until the last one.

    The methods return an awaitable. For a message that passes, it is the server's own: a coroutine in between would take
    longer than the decision.
    """

    __slots__ = (
        "_answered", "_body", "_discards", "_forward", "_handled", "_headers", "_held", "_method", "_passes", "_scope",
        "_translator",
    )  # fmt: skip

    def __init__(self, translator: Translator, scope: Scope, send: Send) -> None:
        self._translator, self._scope, self._forward = translator, scope, send
        self._method: str = scope.get("method", "GET")  # a websocket begins with one
        self._passes = self._answered = self._discards = False
        self._held: Message | None = None
        self._handled: VendorError | None = None

    def send(self, message: Message) -> Awaitable[None]:
        """Take a message from the app."""
        if self._passes:
            return self._forward(message)
        if self._held is not None:
            return self._collect_body(self._held, message)
        kind = message["type"]
        if kind in _BODY_AFTER:
            if message["status"] >= FIRST_ERROR or self._translator.inspects_success:
                return self._on_start(message)
            self._passes = True
        elif kind in _OTHER_STARTS:
            self._passes = True
        return self._forward(message)

    async def try_to_answer(self, error: VendorError) -> bool:
        """
        Answer for the app that raised *error*, and return whether that was possible.

        If the body of an error response did not arrive, its status and header fields decide: a refusal stays a refusal.
        """
        if error is self._handled:
            return True
        if self._passes or self._answered:
            return False
        scope, start = self._scope, "http.response.start"
        if scope["type"] == "websocket":
            if _DENIAL not in (scope.get("extensions") or ()):
                return False
            start = f"{_DENIAL}.start"
        answer = None
        if self._held is not None and error.error.match.level is Level.TRANSPORT:
            answer = self._translation(self._held, cut_off=True)
        if answer is None:
            answer = answer_to(self._translator, error.error, self._host_and_languages()[1], self._method, scope["path"], scope)
        if answer is None:
            return False
        await self._answer(answer, start)
        return True

    def _host_and_languages(self) -> tuple[str | None, str | None]:
        """Return ``Host`` and ``Accept-Language`` of the request, with repeated fields of the latter joined."""
        host = languages = None
        for name, value in self._scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
            elif name == b"accept-language":
                text = value.decode("latin-1")
                languages = text if languages is None else f"{languages}, {text}"
        return host, languages

    def _on_start(self, start: Message) -> Awaitable[None]:
        """Hold the *start* back if the translator may replace the response; our own answer always passes."""
        scope = self._scope
        if ANSWERED in scope:
            self._passes = True
            return self._forward(start)
        fields = start.get("headers", ())
        if not isinstance(fields, (list, tuple)):  # any iterable is allowed, and some can be read only once
            fields = list(fields)
            start = {**start, "headers": fields}
        headers = Headers.unchecked(fields)
        if not is_held(self._translator, start["status"], headers, self._method, scope["path"]):
            self._passes = True
            return self._forward(start)
        self._held, self._headers, self._body = start, headers, bytearray()
        return _stored()

    def _collect_body(self, start: Message, message: Message) -> Awaitable[None]:
        """Collect the body after a *start* that is held back, or release both if the body cannot be collected."""
        kind = message["type"]
        more = message.get("more_body", False)
        if self._answered:
            is_rest = kind == "http.response.trailers" or (kind in _BODIES and self._discards)  # of the replaced response
            self._discards = self._discards and more
            return _stored() if is_rest else self._forward(message)
        if kind in _BODIES:
            self._body += message.get("body", b"")
            return _stored() if more and len(self._body) <= BODY_CAP else self._translate(start, more_body=more)
        if kind in _INDEPENDENT:
            return self._forward(message)
        return self._release_then(start, message)  # a body from a file, or a mistake of the app, which the server must report

    def _translate(self, start: Message, *, more_body: bool) -> Awaitable[None]:
        answer = self._answer_to_handled(start) or self._translation(start)
        if answer is None:
            return self._release(start, more_body=more_body)
        self._discards = more_body
        return self._answer(answer, start["type"])

    def _answer_to_handled(self, start: Message) -> RawResponse | None:
        """
        Return the answer for the `VendorError` that the app is handling, or None if there is none.

        A mounted app answers 500 for an exception that it does not know, and raises the exception again afterwards.
        """
        raised = sys.exception()
        if start["status"] != _UNHANDLED or not isinstance(raised, VendorError):
            return None
        scope = self._scope
        answer = answer_to(self._translator, raised.error, self._host_and_languages()[1], self._method, scope["path"], scope)
        if answer is not None:
            self._handled = raised
        return answer

    def _translation(self, start: Message, *, cut_off: bool = False) -> RawResponse | None:
        """Return the answer for the response that is held back, by its status and header fields if its body was *cut_off*."""
        scope = self._scope
        body = None if cut_off else bytes(self._body)
        raw = unchecked_response(start["status"], self._headers, body, None, self._method, cut_off=cut_off)
        host, languages = self._host_and_languages()
        return translation(self._translator, raw, scope["path"], host, languages, scope)

    async def _release(self, start: Message, *, more_body: bool) -> None:
        """Send the messages that were held back; from now on all pass."""
        body = bytes(self._body)
        self._passes = True
        await self._forward(start)
        if body or not more_body:
            await self._forward({"type": _BODY_AFTER[start["type"]], "body": body, "more_body": more_body})

    async def _release_then(self, start: Message, message: Message) -> None:
        await self._release(start, more_body=True)
        await self._forward(message)

    async def _answer(self, answer: RawResponse, start: str) -> None:
        fields = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.raw]  # names are ASCII
        self._answered = self._scope[ANSWERED] = True
        await self._forward({"type": start, "status": answer.status, "headers": fields})
        await self._forward({"type": _BODY_AFTER[start], "body": body_of(answer)})


class _Shadow:
    """Let every message pass at once, and show it to an exchange that cannot send anything."""

    __slots__ = ("_exchange", "_forward")

    def __init__(self, translator: Translator, scope: Scope, send: Send) -> None:
        self._exchange, self._forward = _Exchange(translator, scope, _drop), send

    async def send(self, message: Message) -> None:
        """Take a message from the app."""
        fields = message.get("headers", ())
        if not isinstance(fields, (list, tuple)):  # some iterables can be read only once
            message = {**message, "headers": list(fields)}
        await self._forward(message)
        await self._exchange.send(message)

    async def try_to_answer(self, error: VendorError) -> bool:
        """Return False, after the answer was logged."""
        return await self._exchange.try_to_answer(error)


async def _drop(message: Message) -> None:
    """Take the place of the server's ``send``."""


async def _stored() -> None:
    """Awaitable for a message that was stored instead of sent."""
