"""
The rows that gateways without Python look up: one for each documented code and for each HTTP status, with a finished answer.

All exporters start from `rows` (the answers) and `lookups` (the places of each vendor's codes); none has code for a vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from errortax.http import ERRORS, Headers, RawResponse
from errortax.model import Action, Actor, CanonicalError, Category, Level, Retryability, Scheme, Verdict, documented_error
from errortax.parsing import Place, field_of, pointer_of, ranked
from errortax.registry import Registry
from errortax.registry.registry import in_force, verdicts_of
from errortax.rendering import Audience, exposure_of, render
from errortax.rendering.names import names_of

if TYPE_CHECKING:
    from errortax.registry.plain import VendorJson

_OWN: Final = frozenset({Level.CODE, Level.STATUS, Level.GENERIC_STATUS})
"""The levels of a verdict about one status, not about a whole class."""

_WINDOW: Final = ("limit", "remaining", "used", "reset")
_REMADE: Final = frozenset({"content-length", "content-type", "retry-after"})
"""Fields of the rendered answer for which a row has members, or which the gateway writes itself."""


@frozen
class Row:
    """
    Hold everything that a gateway needs for one documented code, or for HTTP statuses.

    Attributes:
        code: the code; None in a row for statuses.
        statuses: the statuses that are documented with the code, or the statuses of the row.
        verdict: the verdict about the code or the statuses.
        category: the category.
        emitted_status: the status of the answer.
        content_type: the media type of the answer.
        headers: the other header fields of the answer.
        body: the body of the answer.

    """

    code: str | None
    statuses: tuple[int, ...]
    verdict: Verdict = field(repr=False)
    category: Category
    emitted_status: int
    content_type: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def vendor(self) -> str:
        """Return the name of the vendor."""
        return self.verdict.vendor

    @property
    def retryability(self) -> Retryability:
        """Return whether repeating can succeed."""
        return self.verdict.retryability

    @property
    def retryable(self) -> bool:
        """Return whether a program may repeat the request by itself, if its method allows that."""
        return self.verdict.retryability.is_automatic

    @property
    def retry_after(self) -> float | None:
        """Return the documented minimum delay in seconds; None if there is none, or if the request must not be repeated."""
        return self.verdict.min_delay if self.retryable else None

    @property
    def action(self) -> Action:
        """Return the action of the first hint."""
        return self.verdict.hints[0].action

    @property
    def actor(self) -> Actor:
        """Return the actor of the first hint."""
        return self.verdict.hints[0].actor

    @property
    def title(self) -> str:
        """Return a short name of the failure."""
        return self.verdict.title

    @property
    def documentation_url(self) -> str | None:
        """Return the address of our page about the code."""
        return self.verdict.documentation_url

    @property
    def grpc_code(self) -> str:
        """Return the name of the google.rpc.Code."""
        return names_of(self.category).grpc

    @property
    def key(self) -> str:
        """Return the unique name of the row: vendor and code, or vendor and first status."""
        return f"{self.vendor}:{self.statuses[0]}" if self.code is None else f"{self.vendor}/{self.code}"


@frozen
class Lookup:
    """
    Hold everything that a gateway needs to find a vendor's row.

    Attributes:
        vendor: the name of the vendor.
        hosts: the hosts of the vendor; ``*`` at the beginning matches any subdomain.
        pointers: JSON Pointers (:rfc:`6901`) to the code in the body; the first that leads to a documented code counts. Empty
            if the HTTP status is the code.
        alike: which differences between codes do not matter, such as ``hyphen_underscore``.
        spellings: the documented code for each other spelling.
        rate_limit_headers: the names of the header fields with the rate limit.
        reset_headers: those of them that say when the window starts anew.
        request_id_headers: the names of the header fields with the request id; empty if the audience may not see it.
        ignored: what the vendor's file says and no gateway without Python looks at, each with its place in the file.

    """

    vendor: str
    hosts: tuple[str, ...]
    pointers: tuple[str, ...]
    alike: tuple[str, ...]
    spellings: Mapping[str, str]
    rate_limit_headers: tuple[str, ...]
    reset_headers: tuple[str, ...]
    request_id_headers: tuple[str, ...]
    ignored: tuple[str, ...]


def rows(
    registry: Registry | None = None,
    vendors: Iterable[str] | None = None,
    *,
    to: str = "problem+json",
    locale: str = "en",
    expose: Audience = "developer",
) -> tuple[Row, ...]:
    """
    Return the rows of each vendor: first its codes, then the statuses.

    Each status from 400 to 599 is in exactly one row of each vendor.

    Args:
        registry: the registry that has the vendors; None for the default one.
        vendors: the names of the vendors; None for all.
        to: the name of the format of the answers.
        locale: the language tag for the texts.
        expose: what else the answers show: the name of an audience, or an `errortax.Exposure`.

    Raises:
        errortax.exceptions.UnknownVendorError: if the registry does not have a vendor.
        errortax.exceptions.UnknownFormatError: if no format has this name.
        ValueError: if the audience is unknown, or *locale* is not a language tag.
        ImportError: if the format needs a library that is not installed.

    """
    registry = in_force(registry)
    found: list[Row] = []
    for vendor in registry if vendors is None else vendors:
        for code, statuses, verdict, error in _errors(registry, vendor):
            answer = render(error, to, locale=locale, expose=expose, registry=registry)
            found.append(_row(code, statuses, verdict, error.category, answer))
    return tuple(found)


def lookups(
    registry: Registry | None = None, vendors: Iterable[str] | None = None, *, expose: Audience = "developer"
) -> tuple[Lookup, ...]:
    """
    Return the lookups of the *vendors*; None means all in the *registry*.

    Raise `errortax.exceptions.UnknownVendorError`, and `ValueError` if the audience *expose* is unknown.
    """
    registry = in_force(registry)
    shows_ids = exposure_of(expose).request_id
    return tuple(_lookup(registry, vendor, shows_ids=shows_ids) for vendor in (registry if vendors is None else vendors))


def ignored_by(lookups: Iterable[Lookup]) -> Iterator[str]:
    """
    Yield what the files of the vendors say and no gateway without Python looks at.
    """
    for lookup in lookups:
        yield from lookup.ignored


def _lookup(registry: Registry, vendor: str, *, shows_ids: bool) -> Lookup:
    data = registry.document(vendor)
    places, ignored = _code_places(data)
    inner = [host for host in data.get("hosts", ()) if "*" in host.removeprefix("*.")]
    windows = [window for holder in (data, *data.get("envelopes", ())) for window in holder.get("rate_limits", ())]
    return Lookup(
        vendor=vendor,
        hosts=tuple(host for host in data.get("hosts", ()) if host not in inner),
        pointers=tuple(dict.fromkeys(places)),
        alike=tuple(data.get("alike", ())),
        spellings={other: entry["code"] for entry in data["entries"] for other in entry.get("also", ())},
        rate_limit_headers=_fields(place for window in windows for part in _WINDOW if (place := window.get(part)) is not None),
        reset_headers=_fields(window["reset"] for window in windows if "reset" in window),
        request_id_headers=_fields(data.get("request_id", ())) if shows_ids else (),
        ignored=(
            *(f"{vendor}#/hosts: {host!r} is not looked up; the gateway has to name the vendor" for host in inner),
            *(f"{vendor}#{where}: {what}, so that the status decides" for where, what in ignored),
        ),
    )


def _fields(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(field_of, places))))


def _code_places(data: VendorJson) -> tuple[list[str], list[tuple[str, str]]]:
    """
    Return the pointers at which a script can look for the code, and what it ignores instead, by place in the file.

    It looks at none that comes after one it ignores: a later place counts only where an earlier one has no documented code.
    """
    if data["scheme"] == Scheme.HTTP_STATUS:
        return [], []
    if data["scheme"] == Scheme.NUMBER:
        return [], [("/scheme", "codes that are numbers are not looked up")]
    if "case" in data.get("alike", ()):
        return [], [("/alike", "codes in another letter case are not looked up")]
    numbers = {envelope["name"]: number for number, envelope in enumerate(data.get("envelopes", ()))}
    envelopes = ranked(data.get("envelopes", ()), Scheme(data["scheme"]))
    shapes: list[tuple[str, Iterable[Place]]] = [("", data.get("code", ()))]
    shapes += ((f"/envelopes/{numbers[str(envelope.name)]}", envelope.data.get("code", ())) for envelope in envelopes)
    pointers: list[str] = []
    ignored: list[tuple[str, str]] = []
    for where, places in shapes:
        for number, place in enumerate(places):
            pointer = pointer_of(place)
            if pointer is None:
                ignored.append((f"{where}/code/{number}", "only JSON Pointers are looked up"))
            elif ignored:
                ignored.append((f"{where}/code/{number}", "a place before it is not looked up"))
            else:
                pointers.append(pointer)
    return pointers, ignored


def _errors(registry: Registry, vendor: str) -> Iterator[tuple[str | None, tuple[int, ...], Verdict, CanonicalError]]:
    """Yield each code with its statuses, then the statuses that are not codes, each with its verdict and an error."""
    document, verdicts = registry.document(vendor), verdicts_of(registry, vendor)
    by_status = document["scheme"] == Scheme.HTTP_STATUS
    codes: set[str] = set()
    for entry in document["entries"]:
        code: str = entry["code"]
        verdict = verdicts.of_code(code)
        if verdict is None or verdict.category is None or (by_status and not code.isdecimal()):
            continue  # not an error, or a whole class of statuses
        codes.add(code)
        statuses = tuple(sorted(verdict.statuses)) or ((int(code),) if by_status else ())
        status = statuses[0] if len(statuses) == 1 else None
        yield code, statuses, verdict, documented_error(verdict, level=Level.CODE, code=code, status=status)
    rest: dict[tuple[Any, ...], tuple[Verdict, list[int]]] = {}  # verdicts about a whole class
    for status in ERRORS:
        verdict, level = verdicts.at_status(status)
        if verdict.category is None or (by_status and str(status) in codes):
            continue  # not an error for this vendor, or a code
        if level in _OWN and (level is not Level.STATUS or str(status) in document.get("statuses", {})):
            own = str(status) if by_status else None
            yield None, (status,), verdict, documented_error(verdict, level=level, code=own, status=status)
        else:
            rest.setdefault(verdict.shown, (verdict, []))[1].append(status)
    for verdict, others in rest.values():
        yield None, tuple(others), verdict, documented_error(verdict, level=Level.STATUS_CLASS)


def _row(code: str | None, statuses: tuple[int, ...], verdict: Verdict, category: Category, answer: RawResponse) -> Row:
    body = answer.body or b""
    return Row(
        code=code,
        statuses=statuses,
        verdict=verdict,
        category=category,
        emitted_status=answer.status or verdict.emitted_status,
        content_type=answer.headers.get("content-type", "application/octet-stream"),
        headers=Headers({name: value for name, value in answer.headers.items() if name not in _REMADE}),
        body=body.encode() if isinstance(body, str) else body,
    )
