"""
ASGI: a middleware that puts one error format in front of any app. It needs no library.

It is written against the messages of the protocol, so that what is no error streams through it untouched.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

from errortax.gateway import Translator
from errortax.http import BODY_CAP, FIRST_ERROR, Headers, RawResponse, unchecked_response
from errortax.integrations._serving import ANSWERED, answer_to, body_of, is_held, translation, translator_of
from errortax.model import VendorError

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_KINDS: Final = frozenset({"http", "websocket"})
_DENIAL: Final = "websocket.http.response"
"""The extension with which a server can refuse a websocket by a whole response."""

_BODY_AFTER: Final = {"http.response.start": "http.response.body", f"{_DENIAL}.start": f"{_DENIAL}.body"}
_BODIES: Final = frozenset(_BODY_AFTER.values())
_OTHER_STARTS: Final = frozenset({"websocket.accept", "websocket.close"})
_INDEPENDENT: Final = frozenset({"http.response.push", "http.response.early_hint", "http.response.debug"})
"""Messages that are no part of the response, and never wait for it."""


class Middleware:
    """
    Translate the error responses of *app*, and the `errortax.exceptions.VendorError` that it raises, into one format.

    Pass a ready *translator*, or the options of `errortax.Translator` to have one made; they are checked at once. The
    attribute `translator` may be replaced at any time: requests under way keep the one they began with.
    """

    def __init__(self, app: App, translator: Translator | None = None, **options: Any) -> None:
        self.app = app
        self.translator = translator_of(translator, options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Serve one connection: hold back what the translator holds, up to 256 KiB, and send its answer instead.
        """
        if scope["type"] not in _KINDS:  # lifespan, and whatever is to come
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(self.translator, scope, send)
        try:
            await self.app(scope, receive, exchange.send)
        except VendorError as error:
            if not await exchange.try_to_answer(error):
                raise


class _Exchange:
    """
    Follow the messages of one response: let them pass, or hold them back until the last one.

    Methods return what to await, which is the server's own for all that passes: each coroutine in between would take longer
    than the decision.
    """

    __slots__ = ("_answered", "_body", "_forward", "_headers", "_held", "_passes", "_scope", "_translator")

    def __init__(self, translator: Translator, scope: Scope, send: Send) -> None:
        self._translator, self._scope, self._forward = translator, scope, send
        self._passes = self._answered = False
        self._held: Message | None = None

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
        """Answer for the app that raised *error*, unless something was sent already or it cannot be done."""
        if self._passes or self._answered:
            return False
        scope, start = self._scope, "http.response.start"
        if scope["type"] == "websocket":
            if _DENIAL not in (scope.get("extensions") or ()):
                return False
            start = f"{_DENIAL}.start"
        answer = answer_to(self._translator, error.error, self._host_and_languages()[1], self._method, scope["path"], scope)
        if answer is None:
            return False
        await self._answer(answer, start)
        return True

    @property
    def _method(self) -> str:
        method: str = self._scope.get("method", "GET")  # a websocket begins with one
        return method

    def _host_and_languages(self) -> tuple[str | None, str | None]:
        """Return ``Host`` and ``Accept-Language`` of the request, fields of the latter joined."""
        host = languages = None
        for name, value in self._scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
            elif name == b"accept-language":
                text = value.decode("latin-1")
                languages = text if languages is None else f"{languages}, {text}"
        return host, languages

    def _on_start(self, start: Message) -> Awaitable[None]:
        """Hold the *start* back where the translator wants it; what is our own answer needs no other one."""
        scope = self._scope
        if ANSWERED in scope:
            self._passes = True
            return self._forward(start)
        fields = start.get("headers", ())
        if not isinstance(fields, (list, tuple)):  # any iterable will do, and may be gone when it was read
            fields = list(fields)
            start = {**start, "headers": fields}
        headers = Headers.unchecked(fields)
        if not is_held(self._translator, start["status"], headers, self._method, scope["path"]):
            self._passes = True
            return self._forward(start)
        self._held, self._headers, self._body = start, headers, bytearray()
        return _stored()

    def _collect_body(self, start: Message, message: Message) -> Awaitable[None]:
        """Collect the body after a *start* that is held back; what cannot be collected ends the holding."""
        kind = message["type"]
        if self._answered:
            return _stored() if kind == "http.response.trailers" else self._forward(message)  # those were of what was replaced
        if kind in _BODIES:
            self._body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(self._body) > BODY_CAP:
                return self._release(start, more_body=more)
            return _stored() if more else self._translate(start)
        if kind in _INDEPENDENT:
            return self._forward(message)
        return self._release_then(start, message)  # the body comes as a file, or the app is wrong and the server has to tell it

    def _translate(self, start: Message) -> Awaitable[None]:
        scope = self._scope
        raw = unchecked_response(start["status"], self._headers, bytes(self._body), None, self._method)
        host, languages = self._host_and_languages()
        answer = translation(self._translator, raw, scope["path"], host, languages, scope)
        return self._release(start, more_body=False) if answer is None else self._answer(answer, start["type"])

    async def _release(self, start: Message, *, more_body: bool) -> None:
        """Pass on what was held back; from now on all passes."""
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


async def _stored() -> None:
    """Be what an app awaits that has sent what is held back."""
