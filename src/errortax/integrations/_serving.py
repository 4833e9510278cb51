"""
The common part of the modules that answer requests: they hold a translator, and handle its failures.

A failure of errortax is never an outage: it is logged, and the response passes unchanged.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from inspect import signature
from typing import Any, Final

from errortax.gateway import Translator
from errortax.http import Headers, RawResponse
from errortax.model import CanonicalError, did_you_mean

ANSWERED: Final = "errortax.answered"
"""
The name of a flag in an ASGI scope or a WSGI environment: the request is answered, and nothing is left to translate.

Handlers and middlewares set it when they answer. An outer middleware, which sees only an error response, then lets it pass.
"""

_LOGGER: Final = logging.getLogger("errortax")
_OPTIONS: Final = ("translator", *signature(Translator).parameters)


def translator_of(translator: Translator | None, options: Mapping[str, Any]) -> Translator:
    """
    Return the *translator*, or a new one made with the *options*.

    Raise `TypeError` for both and for an object that is not a translator, and everything that `Translator` raises for bad
    options.
    """
    if translator is None:
        for name in options:
            if name not in _OPTIONS:
                raise TypeError(f"unknown option {name!r}; {did_you_mean(str(name), _OPTIONS)}")
        return Translator(**options)
    if options:
        raise TypeError(
            f"translator excludes all other options, such as {', '.join(sorted(options))}; pass them to the Translator"
        )
    if not isinstance(translator, Translator):
        raise TypeError(f"translator must be an errortax.Translator, not {translator!r}; pass to=... to have one made")
    return translator


def is_held(translator: Translator, status: int, headers: Headers, method: str, path: str) -> bool:
    """
    Return whether to hold the response to a request back until its body is known.
    """
    try:
        return translator.holds_back(status, headers, method)
    except Exception:
        _LOGGER.exception("cannot decide whether to translate a response to %s %r; it passes as it came", method, path)
        return False


def translation(
    translator: Translator, raw: RawResponse, path: str, host: str | None, languages: str | None, request: object
) -> RawResponse | None:
    """
    Return the answer to send instead of an upstream's response, or None to pass that response on.

    *languages* is the request's ``Accept-Language``. *path*, *host* and the framework's own *request* decide the vendor.
    """
    vendor = None
    try:
        vendor = translator.vendor_of(path, host, request)
        answer = translator.translate(raw, vendor, accept_language=languages, request=request)
        if answer is None or not translator.shadow:
            return answer
        log_shadow(translator.error_of(raw, vendor), answer, raw.method, path, raw.status)
        return None
    except Exception:
        _LOGGER.exception(
            "cannot translate a response to %s %r (vendor: %s); it passes as it came", raw.method, path, vendor or "not known"
        )
        return None


def answer_to(
    translator: Translator, error: CanonicalError, languages: str | None, method: str, path: str, request: object
) -> RawResponse | None:
    """
    Return the answer for an *error* that was raised, or None to raise it again; the arguments are those of `translation`.
    """
    try:
        answer = translator.answer(error, accept_language=languages, method=method, request=request)
        if not translator.shadow:
            return answer
        log_shadow(error, answer, method, path, None)
        return None
    except Exception:
        _LOGGER.exception("cannot render an error for %s %r (vendor: %s); it is raised again", method, path, error.vendor)
        return None


def log_shadow(error: CanonicalError | None, answer: RawResponse, method: str | None, path: str, status: int | None) -> None:
    """
    Log the *answer* that a translator in shadow mode would send, without anything that the vendor wrote.

    *status* is the upstream's; None if the app raised the error.
    """
    category, vendor = ("", "") if error is None else (error.category, error.vendor)
    came = "an exception" if status is None else str(status)
    path = path.partition("?")[0]
    _LOGGER.info("shadow: %s %r: %s would become %s %s (vendor: %s)", method, path, came, answer.status, category, vendor)


def fields_of(answer: RawResponse) -> list[tuple[str, str]]:
    """
    Return all header fields of an *answer*, repeated ones included.
    """
    return list(answer.headers.raw)


def body_of(answer: RawResponse) -> bytes:
    """
    Return the bytes to send after the header fields; the answer to a HEAD has none.
    """
    body = answer.body
    return body if isinstance(body, bytes) else (body or "").encode()
