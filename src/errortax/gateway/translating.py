"""
From an upstream's response to the gateway's answer: parse, render, and let only chosen header fields pass.

Hosts (ASGI, WSGI, Envoy, …) differ in how they hold a response back; the answer is the same for all and made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from attrs import evolve

from errortax.advice import locales, match_locale, negotiate_locale
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
from errortax.model import CanonicalError, Category, Level, details_of, verdict_of
from errortax.parsing import PreparedVendor, parser_of, prepared_vendor
from errortax.registry import GENERIC, Registry
from errortax.registry.registry import in_force
from errortax.rendering import COMMON_FORMATS, DEFAULT_FORMAT, Audience, Exposure, exposure_of, format_of, read
from errortax.rendering.responses import response_of, written
from errortax.rendering.view import view_of

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor

_FOR_CALLERS: Final[Mapping[Category, tuple[Category, Mapping[str, Any]]]] = {
    Category.CONNECTION_FAILED: (Category.DEPENDENCY_FAILED, {}),
    Category.CONNECTION_IMPOSSIBLE: (Category.DEPENDENCY_FAILED, {"hints": ({"action": "fix_service", "actor": "vendor"},)}),
    Category.NO_RESPONSE: (Category.TIMEOUT, {}),
}
"""What a response that we did not get is to our callers: a category, and what differs from its defaults."""
_CHALLENGE: Final = "www-authenticate"
_TEXTS: Final = ("title", "detail")

TooLong: TypeAlias = Literal["status", "pass"]
_TOO_LONG: Final = get_args(TooLong)

Audiences: TypeAlias = Audience | Callable[[Any], Audience]


class Translator:
    """
    Translate the errors of upstreams into one format. A translator is immutable, and any number of threads may share it.

    Attributes:
        registry: the registry in use.
        inspects_success: the flag *inspect_success*.
        passes_too_long: whether *too_long* is ``pass``.
        shadow: the flag *shadow*.

    Args:
        to: the name of the format.
        vendor: the vendor that answers: a name; a mapping of path prefixes (``/points/``) and hosts (``api.example.com``,
            ``*.example.com``) to names; a callable that gets the request (ASGI scope, WSGI environ, …) and returns a name or
            None. None means that the host of the request decides. In place of a vendor, a format such as ``problem+json``
            means another gateway with errortax.
        expose: an audience, an `Exposure`, or a callable that gets the request and returns one of these. With a callable,
            no cache may store the answer, since it is not for everybody.
        locale: the language tag of all answers; None negotiates ``Accept-Language`` for each answer
            (:rfc:`9110#section-12.5.4`).
        registry: the vendors; None means the bundled ones.
        inspect_success: whether to look for errors in JSON of 2xx, too, if its length is known and at most 256 KiB.
        keep_status: whether the answer keeps the upstream's status.
        pass_headers: the names of the upstream's header fields that may pass; a ``*`` at the end means any rest of the name.
        too_long: what happens to an error whose body is larger than 256 KiB. With ``status``, its status and header fields
            decide; with ``pass``, it passes as it came, with everything that the upstream wrote.
        shadow: whether the middlewares, handlers and processors of `errortax.integrations` change nothing, and only log what
            they would answer. The methods of the translator return the same either way.

    Raises:
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.
        errortax.exceptions.UnknownFormatError: there is no such format.
        ImportError: the format needs a library that is not installed.
        TypeError: an argument has a wrong type.
        ValueError: an argument has an impossible value.

    """

    __slots__ = (
        "_allowed", "_depends_on_request", "_exposure_of", "_format", "_keeps_status", "_locale", "_redactors", "_routes",
        "inspects_success", "passes_too_long", "registry", "shadow",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913  # options by name, each with a default
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
        too_long: TooLong = "status",
        shadow: bool = False,
    ) -> None:
        for name, flag in (("inspect_success", inspect_success), ("keep_status", keep_status), ("shadow", shadow)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} must be True or False, not {flag!r}")
        self.registry = in_force(registry)
        self._format = format_of(to, self.registry)
        self._routes = Routes(vendor, self.registry, COMMON_FORMATS)
        self._redactors: dict[str, Redactor] = {}
        self._exposure_of = _exposures(expose)
        self._depends_on_request = callable(expose)
        self._locale = None if locale is None else match_locale(locale, locales())
        self._keeps_status = keep_status
        self._allowed = AllowList(pass_headers)
        self.inspects_success = inspect_success
        if too_long not in _TOO_LONG:
            raise ValueError(f"too_long must be one of {', '.join(_TOO_LONG)}, not {too_long!r}")
        self.passes_too_long = too_long == "pass"
        self.shadow = shadow

    def holds_back(self, status: int, headers: Mapping[str, str], method: str = "GET") -> bool:
        """
        Return whether the host must hold a response back until its body is complete; all others pass at once.

        With ``too_long="pass"``, an error whose Content-Length exceeds 256 KiB passes at once, too. With ``status``, the host
        needs no more of a body than 256 KiB.

        Args:
            status: the HTTP status of the response.
            headers: its header fields, by lower-case names.
            method: the HTTP method of the request.

        """
        if status >= FIRST_ERROR:
            return not self.passes_too_long or method == "HEAD" or not is_too_long(headers)
        return self.inspects_success and status in SUCCESSES and method != "HEAD" and is_short_json(headers)

    def vendor_of(self, path: str, host: str | None, request: object = None) -> str | None:
        """
        Return the vendor that answers requests for this *path* and *host*, or None; a callable gets the *request*.
        """
        return self._routes.only or self._routes.vendor_of(path, host, request)

    def translate(
        self, raw: RawResponse, vendor: str | None = None, *, accept_language: str | None = None, request: object = None
    ) -> RawResponse | None:
        """
        Return the answer to send instead of the upstream's response, with all header fields.

        None means that the response passes unchanged: it is not an error, or too long to be translated (*too_long*). The
        answer to ``HEAD`` has no body, and no ``content-length`` if *raw* had no body. Never raise, whatever the upstream
        sent.

        Args:
            raw: the upstream's response.
            vendor: the result of `vendor_of`.
            accept_language: the field ``Accept-Language`` of the request; None without one.
            request: the argument for a callable in *expose*.

        """
        if self.passes_too_long and raw.body is not None and len(raw.body) > BODY_CAP:
            return None
        error = self.error_of(raw, vendor)
        if error is None:
            return None
        return self.answer(error, upstream=raw, accept_language=accept_language, method=raw.method, request=request)

    def error_of(self, raw: RawResponse, vendor: str | None = None, *, by_gateway: bool = False) -> CanonicalError | None:
        """
        Return the canonical error for an upstream's response, or None if it is not an error.

        The error keeps *raw* until a detail is read, unless errortax wrote it.

        Args:
            raw: the upstream's response.
            vendor: the result of `vendor_of`. If it is a format, an error that errortax wrote in that format is read.
            by_gateway: whether the gateway itself answered, not the upstream. Plain HTTP decides then, and the match has
                `intermediary`.

        """
        if by_gateway:
            return self._refusal(raw)
        if vendor in COMMON_FORMATS:
            error = read(raw, vendor, registry=self.registry)
            if error is not None:
                return error
            vendor = None
        return parser_of(self.registry, vendor, raw.url).parse(raw, None, time())

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
        Return the answer for an *error*, as `translate` does.

        Without an *upstream* response, a failed connection becomes `dependency_failed` and a missing response `timeout`: the
        caller's network works.

        Args:
            error: the canonical error.
            upstream: the upstream's response; None without one.
            accept_language: the field ``Accept-Language`` of the request; None without one.
            method: the HTTP method of the request.
            request: the argument for a callable in *expose*.

        """
        if upstream is None and isinstance(error, CanonicalError):  # `view_of` raises for anything else
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
            del headers["content-language"]  # they are in the upstream's language, which is not known
        if self._depends_on_request:
            headers["cache-control"] = "no-store"
        if locale is None:
            headers["vary"] = "Accept-Language"
        if upstream is not None:
            self._add_passing(upstream.headers, headers, error.vendor, with_names=exposure.vendor)
        is_head = method == "HEAD"
        length_is_known = not is_head or upstream is None or bool(upstream.body)
        if length_is_known:  # else the answer to GET may have another length (RFC 9110, section 8.6)
            headers["content-length"] = str(len(body))
        return response_of(status, [*headers.items()], b"" if is_head else body)

    def _add_passing(self, upstream: Headers, headers: dict[str, str], vendor: str, *, with_names: bool) -> None:
        """Add the fields of the *upstream* that may pass to our *headers*."""
        for name, value in self._allowed.passing(upstream, partial(self._redactor, vendor), with_names=with_names):
            if name == "vary" and name in headers:
                names = {each.strip().lower() for each in value.split(",")}
                headers[name] = value if names & {headers[name].lower(), "*"} else f"{value}, {headers[name]}"
            elif name == _CHALLENGE or name not in headers:  # listed on purpose: the upstream's challenge
                headers[name] = value

    def _refusal(self, raw: RawResponse) -> CanonicalError | None:
        error = parser_of(self.registry, GENERIC).parse(raw, None, time())
        if error is None:
            return None
        details = details_of(error)
        verdict = verdict_of(error)
        return CanonicalError(error.code, error.status, verdict, evolve(details, match=evolve(details.match, intermediary=True)))

    def _for_callers(self, error: CanonicalError) -> CanonicalError:
        if error.category not in _FOR_CALLERS or error.match.level is not Level.TRANSPORT:
            return error
        category, changes = _FOR_CALLERS[error.category]
        verdict = self._vendor(error.vendor).verdicts.of_category(category, retryability=error.retryability.value, **changes)
        return CanonicalError(error.code, error.status, evolve(verdict, vendor=error.vendor), details_of(error))

    def _vendor(self, name: str) -> PreparedVendor:
        """Return the vendor called *name*, else plain HTTP: an error from another gateway may name an unknown vendor."""
        return prepared_vendor(self.registry, name if name in self.registry else None)

    def _redactor(self, vendor: str) -> Redactor:
        redactor = self._redactors.get(vendor)
        if redactor is None:
            redactor = self._vendor(vendor).redactor
            if vendor in self.registry:  # another gateway may send any number of unknown names
                self._redactors[vendor] = redactor
        return redactor

    def _problem(self, upstream: RawResponse, vendor: str) -> Mapping[str, str]:
        """Return the members of the upstream's own problem details, which the answer keeps."""
        from errortax.rendering.problem import members_to_keep

        return members_to_keep(upstream, self._redactor(vendor))


def _exposures(expose: Audiences) -> Callable[[object], Exposure]:
    if callable(expose) and not isinstance(expose, Exposure):
        return lambda request: exposure_of(expose(request))
    exposure = exposure_of(expose)
    return lambda _: exposure
