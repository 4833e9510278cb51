"""
Starlette, and FastAPI alike: a handler that renders a `VendorError` that was raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from errortax.gateway import Translator
from errortax.integrations._serving import ANSWERED, answer_to, body_of, fields_of, translator_of
from errortax.model import VendorError

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response
    from starlette.websockets import WebSocket


def handler(translator: Translator | None = None, **options: Any) -> Handler:
    """
    Return what to pass to ``app.add_exception_handler(VendorError, …)``; it answers in the caller's language.

    Pass a ready *translator*, or the options of `errortax.Translator` to have one made; they are checked at once.
    """
    return Handler(translator_of(translator, options))


class Handler:
    """Answer for a view that raised `VendorError`; the attribute `translator` may be replaced at any time."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    async def __call__(self, request: HTTPConnection, error: Exception) -> Response | None:
        """
        Return the response to *error*, or send it where a websocket is refused; raise the error again where neither can be done.
        """
        from starlette.responses import Response

        scope = request.scope
        if not isinstance(error, VendorError) or (scope["type"] == "websocket" and not _can_be_denied(request)):
            raise error
        method = scope.get("method", "GET")
        languages = ", ".join(request.headers.getlist("accept-language")) or None
        answer = answer_to(self.translator, error.error, languages, method, scope["path"], scope)
        if answer is None:
            raise error
        scope[ANSWERED] = True
        response = Response(body_of(answer), answer.status or 500)
        response.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields_of(answer)]
        if scope["type"] != "websocket":
            return response
        await cast("WebSocket", request).send_denial_response(response)  # older releases forget what a handler returns here
        return None


def _can_be_denied(websocket: Any) -> bool:
    """Tell whether a websocket is not yet accepted, and the server takes a response for it."""
    from starlette.websockets import WebSocketState

    scope = websocket.scope
    if websocket.application_state is not WebSocketState.CONNECTING:
        scope[ANSWERED] = True  # Starlette asks a second time, with another object that knows nothing of the first
    return ANSWERED not in scope and "websocket.http.response" in (scope.get("extensions") or ())
