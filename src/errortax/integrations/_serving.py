"""
What the hosts that answer requests share: the translator that each holds, and what becomes of a failure of its own.

A failure of ours is never an outage: it is logged, and what would have been translated passes as it came.
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
The name in an ASGI scope or a WSGI environment that says: the request is answered, and there is nothing left to translate.

Handlers and middlewares set it when they answer; a middleware further out, which sees but an error response, then lets it pass.
"""

_LOGGER: Final = logging.getLogger("errortax")
_OPTIONS: Final = ("translator", *signature(Translator).parameters)


def translator_of(translator: Translator | None, options: Mapping[str, Any]) -> Translator:
    """
    Return the *translator*, or a new one made with the *options*.

    Raise `TypeError` for both, for what is no translator, and what `Translator` raises for bad options.
    """
    if translator is None:
        for name in options:
            if name not in _OPTIONS:
                raise TypeError(f"unknown option {name!r}; {did_you_mean(str(name), _OPTIONS)}")
        return Translator(**options)
    if options:
        raise TypeError(
            f"translator goes with no other option, and there is {', '.join(sorted(options))}; give them to the Translator"
        )
    if not isinstance(translator, Translator):
        raise TypeError(f"translator must be an errortax.Translator, not {translator!r}; pass to=... to have one made")
    return translator


def is_held(translator: Translator, status: int, headers: Headers, method: str, path: str) -> bool:
    """
    Tell whether the response to a request has to be held back until its body is known.
    """
    try:
        return translator.holds_back(status, headers, method)
    except Exception:
        _LOGGER.exception("cannot tell whether to translate a response to %s %r; it passes as it came", method, path)
        return False


def translation(
    translator: Translator, raw: RawResponse, path: str, host: str | None, languages: str | None, request: object
) -> RawResponse | None:
    """
    Return the answer to send instead of an upstream's response, or None to pass that on.

    *languages* is the request's ``Accept-Language``; *path*, *host* and the host's own *request* tell the vendor.
    """
    vendor = None
    try:
        vendor = translator.vendor_of(path, host, request)
        return translator.translate(raw, vendor, accept_language=languages, request=request)
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
        return translator.answer(error, accept_language=languages, method=method, request=request)
    except Exception:
        _LOGGER.exception("cannot render an error for %s %r (vendor: %s); it is raised again", method, path, error.vendor)
        return None


def fields_of(answer: RawResponse) -> list[tuple[str, str]]:
    """
    Return all header fields of an *answer*, repeated ones included.
    """
    return list(answer.headers.raw)


def body_of(answer: RawResponse) -> bytes:
    """
    Return the bytes to send after the header fields; there are none where the request was a HEAD.
    """
    body = answer.body
    return body if isinstance(body, bytes) else (body or "").encode()
