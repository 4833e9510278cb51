"""
Starlette and FastAPI: a handler that renders a `VendorError` from an endpoint.
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
    Return a handler for ``app.add_exception_handler(VendorError, …)``. It answers in the caller's language.

    Pass a *translator*, or the options of `errortax.Translator` to make one; they are checked at once.
    """
    return Handler(translator_of(translator, options))


class Handler:
    """Answer for a view that raised `VendorError`; the attribute `translator` may be replaced at any time."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    async def __call__(self, request: HTTPConnection, error: Exception) -> Response | None:
        """
        Return the response to *error*, or send it to refuse a websocket, or raise the error again if neither is possible.
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
        await cast("WebSocket", request).send_denial_response(response)  # older releases ignore the handler's return value here
        return None


def _can_be_denied(websocket: Any) -> bool:
    """Return whether a websocket is not yet accepted, and the server can send a response for it."""
    from starlette.websockets import WebSocketState

    scope = websocket.scope
    if websocket.application_state is not WebSocketState.CONNECTING:
        scope[ANSWERED] = True  # Starlette calls the handler again with a new object
    return ANSWERED not in scope and "websocket.http.response" in (scope.get("extensions") or ())
