"""
Canonical errors in other people's formats, and back.

A format is a row of a table: how to write a `View`, how to read what was written. What a category is called in each of
them is data in ``taxonomy.json``; how a vendor's own scheme is written stands in the vendor's file.
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

_FORMATS: Final[Mapping[str, tuple[str, str]]] = {  # module and attribute: a program pays for the formats that it uses
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
    Return the names of the formats: the common ones, then the vendors whose own scheme can be written.
    """
    registry = in_force(registry)
    return (*_FORMATS, *(name for name in registry if "answers" in registry.document(name)))


def format_of(name: str, registry: Registry | None = None) -> Format:
    """
    Return the format called *name*, or the scheme of the vendor of that name.

    Raise `errortax.exceptions.UnknownFormatError` with the choices, and `ImportError` where a library is missing that the
    format is written with.
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
    format: str = DEFAULT_FORMAT,  # noqa: A002  # the word for it
    *,
    locale: str = "en",
    expose: Audience = "developer",
    status: int | None = None,
    registry: Registry | None = None,
) -> RawResponse:
    """
    Return the response that tells of *error* in a *format*: ``problem+json``, …, or a vendor's name for its own scheme.

    Texts are ours, in the language of the tag *locale*; *expose* says what else may be seen, by the name of an audience
    or an `Exposure`. *status* takes the place of the HTTP status that the category calls for. ``Retry-After``
    (:rfc:`9110#section-10.2.3`) is there where a program may repeat the request and the wait is known, in whole seconds,
    rounded up. Raise `errortax.exceptions.UnknownFormatError`, `TypeError` for what is no error, `ValueError` for an unknown
    audience, what is no language tag and a status that no answer with a body has, and `ImportError` where the format needs a
    library that is not installed.
    """
    registry = in_force(registry)
    if status is not None and not _is_status(status):
        raise ValueError(f"status must be that of an answer with a body, an int from 200 to 599, or None, not {status!r}")
    view = view_of(error, locale=locale, exposure=exposure_of(expose), registry=registry, status=status)
    return response_of(*written(view, format_of(format, registry), registry))


def _is_status(status: object) -> bool:
    return isinstance(status, int) and status in WITH_BODY


def written(view: View, format: Format, registry: Registry) -> tuple[int, list[tuple[str, str]], bytes]:  # noqa: A002  # as above
    """
    Return status, header fields (with names in lower case) and body in which a *format* tells what a *view* tells.
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
    Return the error that a *response* in a *format* tells of, or None where it tells of none.

    *response* is what `errortax.parse` takes. What a format loses, `format_of` tells; the rest is as it was. Whatever the
    bytes, nothing is raised; raise `errortax.exceptions.UnknownFormatError` and `TypeError` for wrong arguments.
    """
    raw = raw_response(response)
    registry = in_force(registry)
    _, document = decode(raw.body, raw.headers)
    return format_of(format, registry).read(raw, document, registry)
