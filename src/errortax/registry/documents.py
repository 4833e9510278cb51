"""
The shape of the data in ``schemas/``: one class per JSON object, one attribute per member, frozen.

What each member means is said once, in ``schemas/*.schema.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import Factory, field, frozen

from errortax.http import RawResponse
from errortax.model import Action, Actor, Basis, BodyKind, Category, Level, OutcomeKind, Retryability, Scheme, UnknownCodeError
from errortax.registry.spelling import Spellings

Place = Any
"""A JSON Pointer, or an object that says where a place begins and how it goes on."""

Places = tuple[Place, ...]


@frozen(kw_only=True)
class Prose:
    """What a name of the vocabulary means."""

    title: str = ""
    description: str


@frozen(kw_only=True)
class Defaults(Prose):
    """What holds for a category or an outcome unless an entry says otherwise."""

    http_status: int
    retryability: Retryability
    action: Action
    actor: Actor


@frozen(kw_only=True)
class RetryabilityProse(Prose):
    """What a retryability means, and whether programs act on it by themselves."""

    automatic: bool = False


@frozen(kw_only=True)
class CategoryDefaults(Defaults):
    """A category of the taxonomy; *end_user* is the sentence for end users, *distinguish* what it is not to be confused with."""

    end_user: str
    distinguish: str
    group: str
    grpc_code: str
    oauth_error: str


@frozen(kw_only=True)
class OutcomeDefaults(Defaults):
    """An outcome that is not an error; *repeat* says whether to send the request again."""

    repeat: str


@frozen(kw_only=True)
class GrpcNames:
    """What one code of google.rpc is called elsewhere."""

    number: int
    connect: str
    connect_status: int


@frozen(kw_only=True)
class Taxonomy:
    """The closed vocabulary with its defaults (``taxonomy.json``)."""

    groups: Mapping[str, Prose]
    categories: Mapping[Category, CategoryDefaults]
    retryabilities: Mapping[Retryability, RetryabilityProse]
    actions: Mapping[Action, Prose]
    actors: Mapping[Actor, Prose]
    outcomes: Mapping[OutcomeKind, OutcomeDefaults]
    levels: Mapping[Level, Prose]
    bodies: Mapping[BodyKind, Prose]
    bases: Mapping[Basis, Prose]
    schemes: Mapping[Scheme, Prose]
    grpc_codes: Mapping[str, GrpcNames]


@frozen(kw_only=True)
class Document:
    """A document of the vendor's."""

    id: str
    title: str
    url: str | None = None
    retrieved: str | None = None


@frozen(kw_only=True)
class Citation:
    """A place in a document."""

    document: str
    section: str | None = None


@frozen(kw_only=True)
class BasisByPart:
    """What each part of a verdict rests on."""

    category: Basis = Basis.INFERRED
    retryability: Basis = Basis.INFERRED
    hints: Basis = Basis.INFERRED


@frozen(kw_only=True)
class HintData:
    """A hint before the defaults are filled in."""

    action: Action | None = None
    actor: Actor | None = None
    target: str | None = None
    url: str | None = None
    text: str | None = None


@frozen(kw_only=True)
class AlternativeData:
    """Another category that the document leaves possible."""

    category: Category
    reason: str
    hints: tuple[HintData, ...] = ()


@frozen(kw_only=True)
class Fact:
    """Something that a program or a person can use."""

    about: str
    value: Any
    unit: str | None = None
    text: str | None = None
    source: Citation | None = None


@frozen(kw_only=True)
class RequestHeader:
    """A header field that the vendor wants to be sent."""

    header: str
    value: str
    required: bool = False
    secret: bool = False
    description: str
    applies_to: str | None = None
    alternative_to: tuple[str, ...] = ()
    source: Citation | None = None
    basis: Basis = Basis.INFERRED


@frozen(kw_only=True)
class ComplaintPlaces:
    """Where complaints about single fields are."""

    at: Places
    field: Places = ()
    message: Places = ()
    code: Places = ()


@frozen(kw_only=True)
class Window:
    """One window of a rate limit, and where the response states it."""

    name: str | None = None
    limit: Place = None
    remaining: Place = None
    used: Place = None
    reset: Place = None
    source: Citation | None = None


@frozen(kw_only=True)
class ItemPlaces:
    """Where results are, each like a response of its own."""

    at: Place
    id: Place = None
    status: Place = None
    headers: Place = None
    body: Place = None


@frozen(kw_only=True)
class Slots:
    """Where a response has what is read from it."""

    code: Places = field(default=(), repr=False)
    status: Places = field(default=(), repr=False)
    message: Places = field(default=(), repr=False)
    user_message: Places = field(default=(), repr=False)
    more_info: Places = field(default=(), repr=False)
    request_id: Places = field(default=(), repr=False)
    retry_after: Places = field(default=(), repr=False)
    rate_limits: tuple[Window, ...] = field(default=(), repr=False)
    warnings: Places = field(default=(), repr=False)
    field_errors: ComplaintPlaces | None = field(default=None, repr=False)
    items: ItemPlaces | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Envelope(Slots):
    """One shape of the body around the code."""

    name: str
    description: str | None = None
    recognise: Any = field(repr=False)
    rank: int = 0
    outcome: OutcomeKind | None = None
    category: Category | None = None
    schema: Mapping[str, Any] | None = field(default=None, repr=False)
    source: Citation | None = None
    basis: Basis = Basis.INFERRED


@frozen(kw_only=True)
class Marks:
    """What declares that a response follows a standard."""

    media_types: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()


@frozen(kw_only=True)
class AnswerShape:
    """An envelope, and in which form an answer holds each thing that the envelope has a place for."""

    envelope: str
    title: str | None = None
    message: str | None = None
    status: str | None = None
    field_errors: str | None = None


@frozen(kw_only=True)
class Answers:
    """How to write an error in a vendor's shape."""

    codes: Mapping[str, str]
    media_type: str = "application/json"
    members: Mapping[str, Any] = field(factory=dict)
    plain: AnswerShape
    with_fields: AnswerShape | None = None
    without_code: AnswerShape | None = None


@frozen(kw_only=True)
class SecretShape:
    """The shape of a credential: one of its prefixes, then characters of one alphabet."""

    prefixes: tuple[str, ...]
    alphabet: str
    least: int
    most: int | None = None
    example: str
    name: str | None = None
    source: str | None = None


@frozen(kw_only=True)
class Secrets:
    """What must never be shown."""

    headers: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    shapes: tuple[SecretShape, ...] = ()


@frozen(kw_only=True)
class Fingerprint:
    """A header field that is typical of a vendor's responses."""

    header: str
    pattern: str
    source: Citation | None = None


@frozen(kw_only=True, weakref_slot=False)
class Meaning:
    """What the data says about one kind of response; None means the category's default."""

    title: str | None = None
    description: str | None = None
    outcome: OutcomeKind | None = None
    category: Category | None = None
    retryability: Retryability | None = None
    hints: tuple[HintData, ...] = ()
    emitted_status: int | None = None
    min_delay: float | None = None
    alternatives: tuple[AlternativeData, ...] = ()
    source: Citation | None = None
    basis: BasisByPart | None = None


@frozen(kw_only=True, weakref_slot=False)
class Variant(Meaning):
    """What changes if the rest of the response satisfies a condition."""

    name: str
    when: Any = field(default=True, repr=False)
    statuses: tuple[int, ...] = ()


@frozen(kw_only=True, weakref_slot=False)
class Status(Meaning):
    """What an HTTP status, or a class of them, means at a vendor when no code tells more."""

    variants: tuple[Variant, ...] = ()


@frozen(kw_only=True)
class Deprecation:
    """The end of a code: since when the vendor does not send it any more."""

    since: str
    replaced_by: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class Entry(Meaning):
    """One documented code."""

    code: str
    also: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    variants: tuple[Variant, ...] = ()
    preserve: Mapping[str, Places] | None = None
    facts: tuple[Fact, ...] = ()
    deprecated: Deprecation | None = None


@frozen
class Example:
    """A raw response and the verdict that it leads to, with all that the vendor's file leaves to its defaults."""

    code: str
    name: str
    response: Mapping[str, Any]
    expect: Mapping[str, Any]

    @property
    def raw(self) -> RawResponse:
        """Return the raw response, its body in bytes."""
        return raw_of(self.response)


def raw_of(response: Mapping[str, Any]) -> RawResponse:
    """
    Return the raw response that an example in a vendor's file states, its body in bytes.
    """
    text: str = json.dumps(response["json"]) if "json" in response else response.get("text", "")
    return RawResponse(response.get("status"), response.get("headers", {}), text.encode())


def _by_code(vendor: Vendor) -> dict[str, Entry]:
    return {entry.code: entry for entry in vendor.entries}


def _spellings(vendor: Vendor) -> Spellings:
    return Spellings([{"code": entry.code, "also": entry.also} for entry in vendor.entries], vendor.alike)


@frozen(kw_only=True, eq=False)
class Vendor(Mapping[str, Entry]):
    """
    Who answers: all that is known about how one vendor reports failure. A mapping from documented code to entry.

    Codes are found in any spelling that the vendor's file states or declares alike. *places* has the places that count for
    any body.
    """

    vendor: str
    title: str
    scheme: Scheme
    entries: tuple[Entry, ...] = field(repr=False)
    description: str | None = None
    url: str | None = None
    documents: tuple[Document, ...] = field(default=(), repr=False)
    hosts: tuple[str, ...] = ()
    requests: tuple[RequestHeader, ...] = field(default=(), repr=False)
    envelopes: tuple[Envelope, ...] = field(default=(), repr=False)
    standards: tuple[str, ...] = ()
    standard: Marks | None = None
    places: Slots = field(factory=Slots, repr=False)
    secrets: Secrets = field(factory=Secrets, repr=False)
    fingerprints: tuple[Fingerprint, ...] = field(default=(), repr=False)
    alike: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    statuses: Mapping[str, Status] = field(factory=dict, repr=False)
    variants: tuple[Variant, ...] = field(default=(), repr=False)
    answers: Answers | None = field(default=None, repr=False)
    _by_code: Mapping[str, Entry] = field(init=False, repr=False, default=Factory(_by_code, takes_self=True))
    _spellings: Spellings = field(init=False, repr=False, default=Factory(_spellings, takes_self=True))

    @property
    def name(self) -> str:
        """Return the vendor's name, which is also the name of its file."""
        return self.vendor

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __getitem__(self, code: str) -> Entry:
        """
        Return the entry of this *code*; raise `errortax.exceptions.UnknownCodeError` with the near misses.
        """
        entry = self._by_code.get(code)
        if entry is None:
            if not isinstance(code, str):
                raise TypeError(f"code must be text such as {str(code)!r}, not {code!r}")
            documented = self._spellings.documented(code)
            if documented is None:
                raise UnknownCodeError(code, self._by_code)
            entry = self._by_code[documented]
        return entry

    def get(self, code: str, default: Any = None) -> Any:
        """
        Return the entry of this *code*, or *default*.
        """
        try:
            return self[code]
        except UnknownCodeError:
            return default

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and (code in self._by_code or self._spellings.documented(code) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self._by_code)

    def document(self, id: str) -> Document | None:  # noqa: A002  # the member's name in the data
        """
        Return the document with this *id*, or None.
        """
        return next((document for document in self.documents if document.id == id), None)
