"""
From an upstream's response to the one that a gateway answers with: judged, rendered, and nothing let through by accident.

Hosts (ASGI, WSGI, Envoy, …) differ in how a response is held back; what becomes of it is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import evolve

from errortax.advice import locales, match_locale, negotiate_locale
from errortax.api import parse
from errortax.gateway.passing import PASSED_HEADERS, AllowList
from errortax.gateway.routing import Routes, Vendors
from errortax.http import (
    BODY_CAP,
    FIRST_ERROR,
    SUCCESSES,
    WITH_BODY,
    Headers,
    RawResponse,
    is_short_json,
    is_too_long,
)
from errortax.model import CanonicalError, Category, Level, details_of
from errortax.parsing import PreparedVendor, prepared_vendor
from errortax.registry import Registry
from errortax.registry.registry import in_force
from errortax.rendering import COMMON_FORMATS, DEFAULT_FORMAT, Audience, Exposure, exposure_of, format_of, read
from errortax.rendering.responses import response_of, written
from errortax.rendering.view import view_of

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor

_CATEGORY_FOR_CALLERS: Final[Mapping[Category, Category]] = {Category.CONNECTION_FAILED: Category.DEPENDENCY_FAILED}
_CHALLENGE: Final = "www-authenticate"
_TEXTS: Final = ("title", "detail")

Audiences: TypeAlias = Audience | Callable[[Any], Audience]


class Translator:
    """
    Translate the errors of upstreams into one format; immutable, and good for any number of threads.

    *to* names the format. *vendor* says who answered: a name; a mapping of path prefixes (``/points/``) and hosts
    (``api.example.com``, ``*.example.com``) to names; a callable that gets the request as the host of the translator knows it
    (ASGI scope, WSGI environ, …); or None: the host that was asked for decides. In place of a vendor, a format such as
    ``problem+json`` says that errortax stands there, too. *expose* is an audience, an `Exposure`, or a callable that returns
    one for such a request; then no cache may keep the answer, which is not for everybody. *locale* is a language tag; None
    negotiates ``Accept-Language`` for each answer (:rfc:`9110#section-12.5.4`). With *inspect_success* JSON of 2xx is judged
    as well, where its length is known and at most 256 KiB. With *keep_status* the upstream's status
    stays. *pass_headers* names the upstream's header fields that may pass; a ``*`` at the end stands for anything. Raise
    `errortax.exceptions.UnknownVendorError`, `errortax.exceptions.UnknownFormatError`, `TypeError` or `ValueError` for what
    cannot be used, and `ImportError` where the format needs a library that is not installed. The attribute `registry` holds
    the one in force.
    """

    __slots__ = (
        "_allowed", "_exposure_of", "_format", "_is_for_one", "_keeps_status", "_locale", "_redactors", "_routes",
        "inspects_success", "registry",
    )  # fmt: skip

    def __init__(
        self,
        to: str = DEFAULT_FORMAT,
        *,
        vendor: Vendors = None,
        expose: Audiences = "developer",
        locale: str | None = None,
        registry: Registry | None = None,
        inspect_success: bool = False,
        keep_status: bool = False,
        pass_headers: Iterable[str] = PASSED_HEADERS,
    ) -> None:
        for name, flag in (("inspect_success", inspect_success), ("keep_status", keep_status)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} must be True or False, not {flag!r}")
        self.registry = in_force(registry)
        self._format = format_of(to, self.registry)
        self._routes = Routes(vendor, self.registry, COMMON_FORMATS)
        self._redactors: dict[str, Redactor] = {}
        self._exposure_of = _exposures(expose)
        self._is_for_one = callable(expose)
        self._locale = None if locale is None else match_locale(locale, locales())
        self._keeps_status = keep_status
        self._allowed = AllowList(pass_headers)
        self.inspects_success = inspect_success

    def holds(self, status: int, headers: Mapping[str, str], method: str = "GET") -> bool:
        """
        Return whether a response has to be held back until its body is known; all others pass as they come.

        *headers* are found by lower-case names. Bodies that say that they are larger than 256 KiB pass, too.
        """
        if status >= FIRST_ERROR:
            return method == "HEAD" or not is_too_long(headers)
        return self.inspects_success and status in SUCCESSES and method != "HEAD" and is_short_json(headers)

    def vendor_of(self, path: str, host: str | None, request: object = None) -> str | None:
        """
        Return who answers requests for this *path* and *host*, or None; *request* is what a callable gets to decide by.
        """
        return self._routes.only or self._routes.vendor_of(path, host, request)

    def translate(
        self, raw: RawResponse, vendor: str | None = None, *, accept_language: str | None = None, request: object = None
    ) -> RawResponse | None:
        """
        Return the response to answer with instead of the upstream's, or None where that is to pass as it came: where it is no
        error, or its body is larger than 256 KiB.

        All header fields to send are there, ``content-length`` among them. Where *raw* answers ``HEAD``, there is no body,
        and no length either if *raw* had none to judge by. Nothing is raised, whatever the upstream sent.
        """
        if raw.body is not None and len(raw.body) > BODY_CAP:
            return None
        error = self.error_of(raw, vendor)
        if error is None:
            return None
        return self.answer(error, upstream=raw, accept_language=accept_language, method=raw.method, request=request)

    def error_of(self, raw: RawResponse, vendor: str | None = None) -> CanonicalError | None:
        """
        Return the canonical error behind an upstream's response, or None where it is none.

        *vendor* is what `vendor_of` returned: where it names a format, what errortax wrote is read in that.
        """
        if vendor in COMMON_FORMATS:
            error = read(raw, vendor, registry=self.registry)
            if error is not None:
                return error
            vendor = None
        return parse(raw, vendor, registry=self.registry)

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

        That there was no connection is told as the failure of something behind us: the caller's network is fine.
        """
        if upstream is None and isinstance(error, CanonicalError):  # what is no error is told below
            error = self._for_callers(error)
        exposure, locale = self._exposure_of(request), self._locale
        view = view_of(
            error,
            locale=negotiate_locale(accept_language) if locale is None else locale,
            exposure=exposure,
            registry=self.registry,
            status=upstream.status if self._keeps_status and upstream is not None and upstream.status in WITH_BODY else None,
            problem=self._problem(upstream, error.vendor) if self._format.enriches and exposure.texts and upstream else {},
        )
        status, fields, body = written(view, self._format, self.registry)
        headers = dict(fields)
        if not view.problem.keys().isdisjoint(_TEXTS):
            del headers["content-language"]  # they are in the upstream's language, whichever that is
        if self._is_for_one:
            headers["cache-control"] = "no-store"
        if locale is None:
            headers["vary"] = "Accept-Language"
        if upstream is not None:
            self._pass(upstream.headers, headers, error.vendor, tells_names=exposure.vendor)
        is_head = method == "HEAD"
        is_guess = is_head and upstream is not None and not upstream.body
        if not is_guess:  # else GET's answer may have another length (RFC 9110, section 8.6)
            headers["content-length"] = str(len(body))
        return response_of(status, [*headers.items()], b"" if is_head else body)

    def _pass(self, upstream: Headers, headers: dict[str, str], vendor: str, *, tells_names: bool) -> None:
        """Add what may pass of the *upstream*'s fields to our *headers*."""
        for name, value in self._allowed.passing(upstream, partial(self._redactor, vendor), tells_names=tells_names):
            if name == "vary" and name in headers:
                names = {each.strip().lower() for each in value.split(",")}
                headers[name] = value if names & {headers[name].lower(), "*"} else f"{value}, {headers[name]}"
            elif name == _CHALLENGE or name not in headers:  # the operator knows better than we how callers identify themselves
                headers[name] = value

    def _for_callers(self, error: CanonicalError) -> CanonicalError:
        if error.category not in _CATEGORY_FOR_CALLERS or error.match.level is not Level.TRANSPORT:
            return error
        category = _CATEGORY_FOR_CALLERS[error.category]
        verdict = self._vendor(error.vendor).verdicts.of_category(category, retryability=error.retryability.value)
        return CanonicalError(error.code, error.status, evolve(verdict, vendor=error.vendor), details_of(error))

    def _vendor(self, name: str) -> PreparedVendor:
        """Return the vendor called *name*; an error that another gateway has told of may name one that is not known here."""
        return prepared_vendor(self.registry, name if name in self.registry else None)

    def _redactor(self, vendor: str) -> Redactor:
        redactor = self._redactors.get(vendor)
        if redactor is None:
            redactor = self._vendor(vendor).redactor
            if vendor in self.registry:  # other gateways may make up any number of names
                self._redactors[vendor] = redactor
        return redactor

    def _problem(self, upstream: RawResponse, vendor: str) -> Mapping[str, str]:
        """Return what the upstream itself says in problem details, so that those are enriched rather than replaced."""
        from errortax.rendering.problem import members_to_keep

        return members_to_keep(upstream, self._redactor(vendor))


def _exposures(expose: Audiences) -> Callable[[object], Exposure]:
    if callable(expose) and not isinstance(expose, Exposure):
        return lambda request: exposure_of(expose(request))
    exposure = exposure_of(expose)
    return lambda _: exposure
