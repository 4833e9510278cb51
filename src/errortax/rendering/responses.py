"""
Render canonical errors in other formats, and read them back.

A format is a row of a table: a function that writes a `View`, and one that reads it back. The names of categories in each
format are data in ``taxonomy.json``; the form of a vendor's own scheme is data in the vendor's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from errortax.http import WITH_BODY, Headers, RawResponse, raw_response, unchecked_response
from errortax.model import CanonicalError, UnknownFormatError
from errortax.parsing import decode
from errortax.registry import Registry
from errortax.registry.registry import in_force
from errortax.rendering.encoding import encode
from errortax.rendering.exposure import Audience, exposure_of
from errortax.rendering.formats import Format
from errortax.rendering.oauth import challenge
from errortax.rendering.view import View, view_of

DEFAULT_FORMAT: Final = "problem+json"

_FORMATS: Final[Mapping[str, tuple[str, str]]] = {  # module and attribute: only formats in use are imported
    "problem+json": ("problem", "JSON"),
    "problem+xml": ("problem", "XML"),
    "google.rpc": ("google_rpc", "FORMAT"),
    "connect": ("connect", "FORMAT"),
    "grpc": ("grpc", "FORMAT"),
    "json:api": ("json_api", "FORMAT"),
    "oauth": ("oauth", "FORMAT"),
    "graphql": ("graphql", "FORMAT"),
}
COMMON_FORMATS: Final = frozenset(_FORMATS)
"""The names of the formats that do not belong to one vendor."""

_MUST_CHALLENGE: Final = 401
_loaded: dict[str, Format] = {}


def formats(registry: Registry | None = None) -> tuple[str, ...]:
    """
    Return the names of all formats: the common ones, then each vendor in whose own scheme errors can be written.
    """
    registry = in_force(registry)
    return (*_FORMATS, *(name for name in registry if "answers" in registry.document(name)))


def format_of(name: str, registry: Registry | None = None) -> Format:
    """
    Return the format called *name*, or the scheme of the vendor of that name.

    Raise `errortax.exceptions.UnknownFormatError` with the choices, and `ImportError` if the format needs a library that
    is not installed.
    """
    if not isinstance(name, str):
        raise UnknownFormatError(repr(name), formats(registry))
    if name in _loaded:
        return _loaded[name]
    if name in _FORMATS:
        module, attribute = _FORMATS[name]
        _loaded[name] = getattr(import_module(f"errortax.rendering.{module}"), attribute)
        return _loaded[name]
    registry = in_force(registry)
    if name not in registry or "answers" not in registry.document(name):
        raise UnknownFormatError(name, formats(registry))
    from errortax.rendering import vendor_scheme

    return vendor_scheme.format_of(registry, name)


def render(
    error: CanonicalError,
    to: str = DEFAULT_FORMAT,
    *,
    locale: str = "en",
    expose: Audience = "developer",
    status: int | None = None,
    registry: Registry | None = None,
) -> RawResponse:
    """
    Return the response that reports *error* in another format.

    Args:
        error: the error to report.
        to: the name of the format, such as ``problem+json``, or a vendor's name for its own scheme.
        locale: the language tag for our texts.
        expose: what else the answer shows: the name of an audience, or an `Exposure`.
        status: the HTTP status to send; None for the one of the category.
        registry: the registry that has the vendors; None for the default one.

    Returns:
        The response. It has a ``Retry-After`` (:rfc:`9110#section-10.2.3`) if a program may repeat the request and the wait
        is known: whole seconds, rounded up.

    Raises:
        errortax.exceptions.UnknownFormatError: if no format has this name.
        TypeError: if *error* is not a canonical error.
        ValueError: if the audience is unknown, *locale* is not a language tag, or no answer with a body has that *status*.
        ImportError: if the format needs a library that is not installed.

    """
    registry = in_force(registry)
    if status is not None and not _is_status(status):
        raise ValueError(f"status must be that of an answer with a body, an int from 200 to 599, or None, not {status!r}")
    view = view_of(error, locale=locale, exposure=exposure_of(expose), registry=registry, status=status)
    return response_of(*written(view, format_of(to, registry), registry))


def _is_status(status: object) -> bool:
    return isinstance(status, int) and status in WITH_BODY


def written(view: View, format: Format, registry: Registry) -> tuple[int, list[tuple[str, str]], bytes]:  # noqa: A002  # the word for it
    """
    Return *view* in a *format*: the status, the header fields (with names in lower case) and the body.
    """
    status, own_fields, content = format.write(view, registry)
    fields = [("content-type", format.media_type), ("content-language", view.locale), *own_fields]
    if view.wait is not None:
        fields.append(("retry-after", str(view.wait)))
    if status == _MUST_CHALLENGE:
        fields.append(("www-authenticate", challenge(view.category, view.detail)))
    return status, fields, content if isinstance(content, bytes) else encode(content)


def response_of(status: int, fields: list[tuple[str, str]], body: bytes) -> RawResponse:
    """
    Return the response that consists of these parts.
    """
    return unchecked_response(status, Headers.unchecked(fields), body, None, None)


def read(response: object, format: str = DEFAULT_FORMAT, *, registry: Registry | None = None) -> CanonicalError | None:  # noqa: A002  # as above
    """
    Return the error in a *response* that is written in a *format*, or None if there is none.

    No bytes make this function raise.

    Args:
        response: any response that `errortax.parse` accepts.
        format: the name of the format, or a vendor's name for its own scheme.
        registry: the registry that has the vendors; None for the default one.

    Returns:
        The error as it was rendered, less the parts that the format loses (see `format_of`).

    Raises:
        errortax.exceptions.UnknownFormatError: if no format has this name.
        TypeError: if *response* is not a response.

    """
    raw = raw_response(response)
    registry = in_force(registry)
    document = decode(raw)[1]
    return format_of(format, registry).read(raw, document, registry)
