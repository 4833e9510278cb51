"""
Django: a middleware that renders a `VendorError` from a view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from errortax.integrations._serving import ANSWERED, answer_to, body_of, translator_of
from errortax.model import VendorError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse  # type: ignore[import-untyped]  # Django ships no types


class Middleware:
    """
    Answer for views, synchronous or asynchronous, that raise `VendorError`. The answer is in the caller's language.

    The setting ``ERRORTAX`` contains the options of `errortax.Translator`, or ``{"translator": …}`` with a translator. It
    is checked when Django loads the middleware. The attribute `translator` may be replaced at any time.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        from asgiref.sync import iscoroutinefunction, markcoroutinefunction
        from django.conf import settings  # type: ignore[import-untyped]  # as above
        from django.core.exceptions import ImproperlyConfigured  # type: ignore[import-untyped]  # as above

        self.get_response = get_response
        if iscoroutinefunction(get_response):  # pyright: ignore[reportDeprecated]  # before Python 3.12 only asgiref's sees the mark
            markcoroutinefunction(self)
        given = getattr(settings, "ERRORTAX", {})
        if not isinstance(given, Mapping):
            raise ImproperlyConfigured(f"settings.ERRORTAX must be a dict of options, not {given!r}")
        options = dict(given)
        try:
            self.translator = translator_of(options.pop("translator", None), options)
        except (KeyError, TypeError, ValueError) as mistake:  # KeyError: a vendor or format of that name is unknown
            raise ImproperlyConfigured(f"settings.ERRORTAX: {mistake}") from mistake

    def __call__(self, request: HttpRequest) -> Any:
        """
        Return the response, or an awaitable for it.
        """
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """
        Return the response to a `VendorError`, or None to leave any other exception to Django.
        """
        from django.http import HttpResponse

        if not isinstance(exception, VendorError):
            return None
        languages = request.META.get("HTTP_ACCEPT_LANGUAGE")
        answer = answer_to(self.translator, exception.error, languages, request.method or "GET", request.path, request)
        if answer is None:
            return None
        getattr(request, "scope", request.META)[ANSWERED] = True  # under ASGI META is Django's own, and no middleware sees it
        fields = {name: ", ".join(answer.headers.get_all(name)) for name in answer.headers}  # Django keeps one field of a name
        return HttpResponse(body_of(answer), status=answer.status, headers=fields)
