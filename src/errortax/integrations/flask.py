"""
Flask: a handler that renders a `VendorError` from a view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from errortax.gateway import Translator
from errortax.integrations._serving import ANSWERED, answer_to, body_of, fields_of, translator_of
from errortax.model import VendorError

if TYPE_CHECKING:
    from flask import Response


def handler(translator: Translator | None = None, **options: Any) -> Handler:
    """
    Return a handler for ``app.register_error_handler(VendorError, …)``. It answers in the caller's language.

    Pass a *translator*, or the options of `errortax.Translator` to make one; they are checked at once.
    """
    return Handler(translator_of(translator, options))


class Handler:
    """Answer for a view that raised `VendorError`; the attribute `translator` may be replaced at any time."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    def __call__(self, error: VendorError) -> Response:
        """
        Return the response to *error*, or raise the error again if the translator fails.
        """
        from flask import current_app, request

        languages, path = request.headers.get("Accept-Language"), f"{request.root_path}{request.path}"
        answer = answer_to(self.translator, error.error, languages, request.method, path, request.environ)
        if answer is None:
            raise error
        request.environ[ANSWERED] = True
        response = current_app.response_class(body_of(answer), answer.status)
        response.headers.clear()  # Flask has counted the body, which a HEAD does not get
        response.headers.extend(fields_of(answer))
        return response
