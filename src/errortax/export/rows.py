"""
What gateways without Python look up: one row for each documented code and for each HTTP status, its answer ready to send.

All exporters start from `rows` (what to answer) and `lookups` (where a vendor's code is); none of them knows a vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import field, frozen

from errortax import loading
from errortax.api import parse
from errortax.envelopes import ranked
from errortax.error import CanonicalError
from errortax.headers import Headers
from errortax.model import Details, Judgement, Match, RawResponse
from errortax.parsing import parser_of
from errortax.registry import Registry, in_force
from errortax.rendering import Audience, exposure_of, render
from errortax.taxonomy import Action, Actor, Category, Level, Retryability, Scheme
from errortax.wire import RETRYABLE

STATUSES: Final = range(400, 600)
"""The HTTP statuses of errors (RFC 9110, sections 15.5 and 15.6)."""

_OWN: Final = frozenset({Level.CODE, Level.STATUS, Level.GENERIC_STATUS})
"""The levels at which somebody says something about this very status."""

_REMADE: Final = frozenset({"content-length", "content-type", "retry-after"})
"""Fields of the rendered answer that a row has members for, or that the gateway writes itself."""


@frozen
class Row:
    """
    Hold all that a gateway has to know about one documented code, or about HTTP statuses.

    *code* is None in a row about statuses. *statuses* are those that the row is about, or that the document gives with the
    code. *retry_after* is the least delay in seconds that the vendor's document asks for, if the request may be repeated.
    *content_type*, *headers* and *body* are the answer to send, with *emitted_status*.
    """

    vendor: str
    code: str | None
    statuses: tuple[int, ...]
    category: Category
    retryability: Retryability
    emitted_status: int
    grpc_code: str
    action: Action
    actor: Actor
    retry_after: float | None
    title: str
    documentation_url: str | None
    content_type: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def retryable(self) -> bool:
        """Return whether the request may be repeated without anybody doing something, its method permitting."""
        return self.retryability in RETRYABLE

    @property
    def key(self) -> str:
        """Return a name of the row that no other row has: vendor and code, or vendor and first status."""
        return f"{self.vendor}:{self.statuses[0]}" if self.code is None else f"{self.vendor}/{self.code}"


@frozen
class Lookup:
    """
    Tell how a gateway finds a vendor's row.

    *pointers* (:rfc:`6901`) lead to the code in the body, the first that leads to a text counts; there are none where the
    HTTP status is the code. *alike* says that hyphens and underscores in a code are the same. *rate_limit* holds the names
    of the header fields under ``limit``, ``remaining`` and ``reset``, *request_id_headers* those with the id of a
    request, if the audience may see it.
    """

    vendor: str
    hosts: tuple[str, ...]
    pointers: tuple[str, ...]
    alike: bool
    rate_limit: Mapping[str, str]
    request_id_headers: tuple[str, ...]


def rows(
    registry: Registry | None = None,
    vendors: Iterable[str] | None = None,
    *,
    to: str = "problem+json",
    locale: str = "en",
    expose: Audience = "developer",
) -> tuple[Row, ...]:
    """
    Return the rows of the *vendors*, of all in the registry if None: first the codes of each, then the statuses.

    Each status from 400 to 599 is in exactly one row of each vendor. Raise `errortax.exceptions.UnknownVendorError`, and
    what `errortax.render` raises for a format (*to*), a *locale* or an audience (*expose*) that it does not know.
    """
    registry = in_force(registry)
    grpc_codes = {name: data["grpc_code"] for name, data in loading.bundled("taxonomy.json")["categories"].items()}
    found: list[Row] = []
    for vendor in registry.names if vendors is None else vendors:
        for code, statuses, error in _errors(registry, vendor):
            answer = render(error, to, locale=locale, expose=expose, registry=registry)
            found.append(_row(code, statuses, error.judgement, grpc_codes[error.category], answer))
    return tuple(found)


def lookups(
    registry: Registry | None = None, vendors: Iterable[str] | None = None, *, expose: Audience = "developer"
) -> tuple[Lookup, ...]:
    """
    Return how to find the rows of the *vendors*, of all in the registry if None.

    Raise `errortax.exceptions.UnknownVendorError`, and `ValueError` for an audience (*expose*) that nobody knows.
    """
    registry = in_force(registry)
    shows_ids = exposure_of(expose).request_id
    return tuple(_lookup(registry, vendor, shows_ids=shows_ids) for vendor in (registry.names if vendors is None else vendors))


def _lookup(registry: Registry, vendor: str, *, shows_ids: bool) -> Lookup:
    data = registry.document(vendor)
    in_body = data["scheme"] != Scheme.HTTP_STATUS
    pointers = (pointer for envelope in ranked(data.get("envelopes", ())) for pointer in envelope.data.get("code", ()))
    return Lookup(
        vendor=vendor,
        hosts=tuple(data.get("hosts", ())),
        pointers=tuple(dict.fromkeys(pointers)) if in_body else (),
        alike=data.get("hyphen_underscore_alike", False),
        rate_limit={name: header for name, header in data.get("rate_limit", {}).items() if isinstance(header, str)},
        request_id_headers=tuple(data.get("request_id_headers", ())) if shows_ids else (),
    )


def _errors(registry: Registry, vendor: str) -> Iterator[tuple[str | None, tuple[int, ...], CanonicalError]]:
    """Yield each code with its statuses, then the statuses that are no codes; an error for each, as if a response had come."""
    parser = parser_of(registry, vendor, None)
    by_status = parser.data["scheme"] == Scheme.HTTP_STATUS
    codes: set[str] = set()
    for entry in parser.data["entries"]:
        code: str = entry["code"]
        verdict = parser.verdict(code)
        if verdict is None or verdict.judgement is None or (by_status and not code.isdecimal()):
            continue  # no error, or a whole class of statuses
        codes.add(code)
        statuses = tuple(sorted(verdict.statuses)) or ((int(code),) if by_status else ())
        status = statuses[0] if len(statuses) == 1 else None
        yield code, statuses, CanonicalError(code, status, verdict.judgement, Details(Match(Level.CODE, verdict.entry)))
    left: dict[Judgement, list[int]] = {}  # what is said of a whole class
    for status in STATUSES:
        if by_status and str(status) in codes:
            continue
        error = parse(RawResponse(status), vendor, registry=registry)
        if error is None:
            continue  # the vendor says that it is none
        if error.match.level in _OWN:
            yield None, (status,), error
            continue
        left.setdefault(error.judgement, []).append(status)
    for judgement, others in left.items():
        yield None, tuple(others), CanonicalError(None, None, judgement, Details(Match(Level.STATUS_CLASS)))


def _row(code: str | None, statuses: tuple[int, ...], judgement: Judgement, grpc_code: str, answer: RawResponse) -> Row:
    body = answer.body or b""
    return Row(
        vendor=judgement.vendor,
        code=code,
        statuses=statuses,
        category=judgement.category,
        retryability=judgement.retryability,
        emitted_status=answer.status or judgement.emitted_status,
        grpc_code=grpc_code,
        action=judgement.hints[0].action,
        actor=judgement.hints[0].actor,
        retry_after=judgement.min_delay if judgement.retryability in RETRYABLE else None,
        title=judgement.title,
        documentation_url=judgement.documentation_url,
        content_type=answer.headers.get("content-type", "application/octet-stream"),
        headers=Headers({name: value for name, value in answer.headers.items() if name not in _REMADE}),
        body=body.encode() if isinstance(body, str) else body,
    )
