"""
From an upstream's response to the one that a gateway answers with: judged, rendered, and nothing let through by accident.

Hosts (ASGI, WSGI, Envoy, …) differ in how a response is held back; what becomes of it is said here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from errortax.api import parse
from errortax.decoding import is_short_json, is_too_long
from errortax.error import CanonicalError
from errortax.headers import Headers
from errortax.model import RawResponse
from errortax.parsing import parser_of
from errortax.registry import Registry, in_force
from errortax.rendering import DEFAULT, Audience, Exposure, exposure_of, format_of, response_of, written
from errortax.rendering.view import view_of
from errortax.routing import Routes, Vendors
from errortax.texts import locales, match_locale, negotiate_locale

if TYPE_CHECKING:
    from errortax.redaction import Redactor

_CHALLENGE: Final = "www-authenticate"
_FIRST_ERROR: Final = 400
_SUCCESSES: Final = range(200, 300)

PASSED_HEADERS: Final = (
    "access-control-*",
    "allow",
    "cache-control",
    "ratelimit*",
    "vary",
    "x-ratelimit-*",
)
"""The upstream's header fields that a translated error keeps, where there is nothing secret in their values."""

_HARMLESS: Final = re.compile(r"[0-9]{1,10}|\*|no-cache|no-store|Accept-Encoding|Origin", re.IGNORECASE)
"""Values of which it is known without a closer look."""

_FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""What may stand in a header field (:rfc:`9110#section-5.5`); a line's end would begin another one."""

_PATTERN: Final = re.compile(r"[!#$%&'+.^_`|~0-9a-z-]+\*?|\*")

_NEVER_PASSED: Final = frozenset({
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",  # RFC 9110, section 7.6.1
    "accept-ranges", "content-digest", "content-encoding", "content-language", "content-length", "content-location",
    "content-md5", "content-range", "content-type", "digest", "etag", "last-modified", "repr-digest",  # of another body
    "retry-after",  # which says what the verdict says
})  # fmt: skip
"""The upstream's header fields that would be wrong beside another body, whatever the patterns say."""

Audiences: TypeAlias = Audience | Callable[[Any], Audience]


class Translator:
    """
    Translate the errors of upstreams into one format; immutable, and good for any number of threads.

    *to* names the format. *vendor* says who answered: a name; a mapping of path prefixes (``/points/``) and hosts
    (``api.example.com``, ``*.example.com``) to names; a callable that gets the request as the host of the translator knows
    it (ASGI scope, WSGI environ, …); or None: the host that was asked for decides. *expose* is an audience, an `Exposure`,
    or a callable that returns one for such a request. *locale* is a language tag; None negotiates ``Accept-Language``
    for each answer (:rfc:`9110#section-12.5.4`). With *inspect_success* JSON of 2xx is judged as well, where its length is
    known and at most 256 KiB. With *restatus* False the upstream's status stays. *pass_headers* names the upstream's header
    fields that may pass; a ``*`` at the end stands for anything. Raise `errortax.exceptions.UnknownVendorError`,
    `errortax.exceptions.UnknownFormatError`, `TypeError` or `ValueError` for what cannot be used, and `ImportError` where
    the format needs a library that is not installed.
    """

    __slots__ = ("_exposure_of", "_format", "_locale", "_may_pass", "_registry", "_restatus", "_routes", "inspects_success")

    def __init__(
        self,
        to: str = DEFAULT,
        *,
        vendor: Vendors = None,
        expose: Audiences = "developer",
        locale: str | None = None,
        registry: Registry | None = None,
        inspect_success: bool = False,
        restatus: bool = True,
        pass_headers: Iterable[str] = PASSED_HEADERS,
    ) -> None:
        for name, flag in (("inspect_success", inspect_success), ("restatus", restatus)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} must be True or False, not {flag!r}")
        self._registry = in_force(registry)
        self._format = format_of(to, self._registry)
        self._routes = Routes(vendor, self._registry)
        self._exposure_of = _exposures(expose)
        self._locale = None if locale is None else match_locale(locale, locales())
        self._restatus = restatus
        self._may_pass = _names_matching(pass_headers)
        self.inspects_success = inspect_success

    def holds(self, status: int, headers: Mapping[str, str], method: str = "GET") -> bool:
        """
        Return whether a response has to be held back until its body is known; all others pass as they come.

        *headers* are found by lower-case names. Bodies that say that they are larger than 256 KiB pass, too.
        """
        if status >= _FIRST_ERROR:
            return method == "HEAD" or not is_too_long(headers)
        return self.inspects_success and status in _SUCCESSES and method != "HEAD" and is_short_json(headers)

    def vendor_of(self, path: str, host: str | None, request: object = None) -> str | None:
        """
        Return who answers requests for this *path* and *host*, or None; *request* is what a callable gets to decide by.
        """
        return self._routes.vendor_of(path, host, request)

    def translate(
        self, raw: RawResponse, vendor: str | None = None, *, accept_language: str | None = None, request: object = None
    ) -> RawResponse | None:
        """
        Return the response to answer with instead of the upstream's, or None where that is to pass as it came.

        All header fields to send are there, ``content-length`` among them. Where *raw* answers ``HEAD``, there is no body,
        and no length either if *raw* had none to judge by.
        Nothing is raised, whatever the upstream sent.
        """
        error = parse(raw, vendor, registry=self._registry)
        if error is None:
            return None
        return self.answer(error, upstream=raw, accept_language=accept_language, method=raw.method, request=request)

    def answer(
        self,
        error: CanonicalError,
        *,
        upstream: RawResponse | None = None,
        accept_language: str | None = None,
        method: str | None = None,
        request: object = None,
    ) -> RawResponse:
        """
        Return the response that tells of an *error*, as `translate` returns it; there need not be an *upstream*'s response.
        """
        exposure, locale = self._exposure_of(request), self._locale
        view = view_of(
            error,
            locale=negotiate_locale(accept_language) if locale is None else locale,
            exposure=exposure,
            registry=self._registry,
            status=None if self._restatus or upstream is None else upstream.status,
            problem=self._problem(upstream, error.vendor) if exposure.texts and upstream is not None else {},
        )
        status, fields, body = written(view, self._format, self._registry)
        headers = dict(fields)
        vary = "Accept-Language" if locale is None else ""
        for name, value in () if upstream is None else self._passed(upstream.headers, error.vendor):
            if name == "vary":
                vary = f"{value}, {vary}" if vary else value
            elif name == _CHALLENGE:  # the operator knows better than we how callers identify themselves
                headers[name] = value
            elif name not in headers:
                headers[name] = value
        if vary:
            headers["vary"] = vary
        is_head = method == "HEAD"
        if not (
            is_head and upstream is not None and not upstream.body
        ):  # else GET's answer may be longer (RFC 9110, section 8.6)
            headers["content-length"] = str(len(body))
        return response_of(status, [*headers.items()], b"" if is_head else body)

    def _redactor(self, vendor: str) -> Redactor:
        return parser_of(self._registry, vendor if vendor in self._registry.names else None, None).redactor

    def _problem(self, upstream: RawResponse, vendor: str) -> Mapping[str, str]:
        """Return what the upstream itself says in problem details, so that those are enriched rather than replaced."""
        from errortax.rendering.problem import members_to_keep

        return members_to_keep(upstream, self._redactor(vendor))

    def _passed(self, headers: Headers, vendor: str) -> Iterator[tuple[str, str]]:
        """Yield the upstream's fields that may pass and hold nothing that the vendor's redactor would take out."""
        for name, values in headers.grouped():
            if self._may_pass(name):
                value = values[0] if len(values) == 1 else ", ".join(values)  # lists may be joined (RFC 9110, section 5.2)
                if _HARMLESS.fullmatch(value) or self._is_harmless(name, value, vendor):
                    yield name, value

    def _is_harmless(self, name: str, value: str, vendor: str) -> bool:
        redactor = self._redactor(vendor)
        return _FIELD_VALUE.fullmatch(value) is not None and not redactor.is_secret_name(name) and redactor.text(value) == value


def _exposures(expose: Audiences) -> Callable[[object], Exposure]:
    if callable(expose) and not isinstance(expose, Exposure):
        return lambda request: exposure_of(expose(request))
    exposure = exposure_of(expose)
    return lambda _: exposure


def _names_matching(patterns: Any) -> Callable[[str], bool]:
    """Return a function that tells whether a lower-case name fits one of the *patterns*."""
    names: list[Any] = list(patterns) if isinstance(patterns, Iterable) and not isinstance(patterns, str) else [None]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"pass_headers must be names of header fields such as {PASSED_HEADERS!r}, not {patterns!r}")
    lower: list[str] = [name.lower() for name in names]
    for name in lower:
        if not _PATTERN.fullmatch(name):
            raise ValueError(f"pass_headers: {name!r} is no name of a header field; use one such as 'allow' or 'x-ratelimit-*'")
        if name in _NEVER_PASSED:
            raise ValueError(f"pass_headers: {name!r} tells of the upstream's own body or connection, or is ours; leave it out")
    whole = frozenset(pattern for pattern in lower if not pattern.endswith("*"))
    starts = tuple(pattern[:-1] for pattern in lower if pattern.endswith("*"))

    def fits(name: str) -> bool:
        return name in whole or (bool(starts) and name.startswith(starts) and name not in _NEVER_PASSED)

    return lru_cache(maxsize=1024)(fits)
