"""
A vendor's own scheme, for clients that know no other: how it is written stands in the vendor's file, under ``answers``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from json import dumps, loads
from typing import Any, Final, NamedTuple, TypeAlias

from errortax.envelopes import STATUSES
from errortax.error import CanonicalError
from errortax.model import FieldError, Judgement, RawResponse
from errortax.parsing import Parser, parser_of
from errortax.pointers import parse_pointer
from errortax.registry import Registry
from errortax.rendering.formats import Format, Written
from errortax.rendering.view import View
from errortax.taxonomy import Category, Retryability, Scheme
from errortax.wire import RETRYABLE

_EAGERNESS: Final[Mapping[Retryability, int]] = {Retryability.BACKOFF: 1, Retryability.AFTER_DELAY: 2}
"""Which errors programs repeat by themselves; what is repeated by any method more eagerly than what must be idempotent."""

Data: TypeAlias = Mapping[str, Any]
Place: TypeAlias = tuple[str, ...] | None  # the tokens of a JSON pointer

_schemes: dict[str, tuple[Registry, Format]] = {}  # one for each vendor's name


def format_of(registry: Registry, vendor: str) -> Format:
    """
    Return the scheme of *vendor*, whose file says how to write answers, as a format.

    Raise `ValueError` where the file names a code that no error has.
    """
    known, scheme = _schemes.get(vendor, (None, None))
    if scheme is None or known is not registry:
        writer = Writer(parser_of(registry, vendor, None))
        scheme = Format(writer.media_type, writer.write, writer.read, losses(writer, registry))
        _schemes[vendor] = registry, scheme
    return scheme


def eagerness(retryability: Retryability) -> int:
    """
    Return how eagerly programs repeat by themselves what is of this *retryability*: not at all, with care, or always.
    """
    return _EAGERNESS.get(retryability, 0)


class Told(NamedTuple):
    """What tells an error: a code, or None where the status alone does; and what a client of the vendor makes of it."""

    code: str | None
    statuses: frozenset[int]
    judgement: Judgement
    preserve: Mapping[str, tuple[str, ...]]


class Writer:
    """
    Write errors as one vendor does: prepared once, then used for each error.
    """

    def __init__(self, parser: Parser) -> None:
        answers = parser.data["answers"]
        self.vendor: str = parser.data["vendor"]
        self.media_type: str = answers.get("media_type", "application/json")
        self._parser = parser
        self._is_by_status = parser.data["scheme"] == Scheme.HTTP_STATUS
        self._request_id_headers: tuple[str, ...] = tuple(parser.data.get("request_id_headers", ()))
        self.preferred: dict[str, Told] = {name: self._preference(code) for name, code in answers["codes"].items()}
        envelopes = {envelope["name"]: envelope for envelope in parser.data.get("envelopes", ())}
        shapes = {
            name: Shape(answers[name], envelopes[answers[name]["envelope"]], answers.get("members", {}))
            for name in ("plain", "with_fields", "without_code")
            if name in answers
        }
        self._plain = shapes["plain"]
        self._with_fields = shapes.get("with_fields", self._plain)
        self._without_code = shapes.get("without_code", self._plain)

    def write(self, view: View, _: Registry) -> Written:
        """
        Return the HTTP status, the header fields and the body that tell what *view* tells.
        """
        told = self.told(view.vendor, view.code, view.category, view.retryability)
        shape = self._shape(told, view.field_errors)
        status = view.status if not told.statuses or view.status in told.statuses else min(told.statuses)
        body = shape.body(view, told.code, status)
        for name, value in (view.preserved or {}).items():
            if (place := _first(told.preserve, name)) is not None:
                _put(body, place, value)
        return status, self._fields(view, shape), body

    def read(self, raw: RawResponse, _: object, registry: Registry) -> CanonicalError | None:
        """
        Return what a client of the vendor reads.
        """
        return parser_of(registry, self.vendor, None).parse(raw, None, 0.0)  # no clock: what `write` wrote holds no date

    def told(self, vendor: str | None, code: str | None, category: Category, retryability: Retryability) -> Told:
        """
        Return what tells an error: its own code if it is one of this vendor's, else the one preferred for its category.

        Where clients would repeat what must not be repeated, it is what tells an unknown error.
        """
        own = self._own(code) if vendor == self.vendor and code is not None else None
        for told in (own, self.preferred.get(category)):
            if told is not None and eagerness(told.judgement.retryability) <= eagerness(retryability):
                return told
        return self.preferred[Category.UNKNOWN]

    def lost_details(self) -> Iterator[str]:
        """
        Yield which details some shape of the body has no place for.
        """
        used = {self._plain, self._with_fields}
        with_complaints = {self._with_fields}
        if any(told.code is None for told in self.preferred.values()):
            used.add(self._without_code)
            with_complaints.add(self._without_code)
        if not self._request_id_headers and any(shape.request_id is None for shape in used):
            yield "request_id"
        if not all(shape.keeps_complaints for shape in with_complaints):
            yield "field_errors"

    def _own(self, code: str) -> Told | None:
        """Return what the vendor's documented *code* tells, in the spelling given, or None for anything else."""
        verdict = self._parser.verdict(code)
        if verdict is None or verdict.judgement is None:
            return None
        statuses = frozenset({int(code)}) if self._is_by_status and code.isdecimal() else verdict.statuses
        return Told(code, statuses, verdict.judgement, verdict.preserve or {})

    def _preference(self, code: str) -> Told:
        if (told := self._own(code)) is not None:
            return told
        status = int(code) if code.isdecimal() and not self._is_by_status else 0
        error = self._parser.parse(RawResponse(status), None, 0.0) if status in STATUSES else None
        if error is None:
            raise ValueError(f"vendor {self.vendor!r}: no error has the code {code!r}, which its answers name; correct its file")
        return Told(None, frozenset({status}), error.judgement, {})

    def _shape(self, told: Told, errors: Iterable[FieldError]) -> Shape:
        if told.code is None:
            return self._without_code
        return self._with_fields if self._with_fields.complaints(errors) else self._plain

    def _fields(self, view: View, shape: Shape) -> Iterator[tuple[str, str]]:
        if view.request_id is None or shape.request_id is not None:
            return
        identifier = self._parser.redactor.identifier(view.request_id)  # nothing else may stand in a header field
        if identifier is not None and self._request_id_headers:
            yield self._request_id_headers[0].lower(), identifier


class Shape:
    """One shape of the body: an envelope, and in which form it holds each thing."""

    def __init__(self, form: Data, envelope: Data, members: Data) -> None:
        complaints: Data = envelope.get("field_errors", {}) if "field_errors" in form else {}
        self._members = dumps(members)  # read anew for each body
        self._code = _first(envelope, "code")
        self._title = parse_pointer(form["title"]) if "title" in form else None
        self._message = _first(envelope, "message") if "message" in form else None
        self._status = _first(envelope, "status") if "status" in form else None
        self._complaints = _first(complaints, "at")
        self._parts = _first(complaints, "field"), _first(complaints, "message")
        self.request_id = _first(envelope, "request_id")
        self._form_of_message = _MESSAGES[form.get("message", "text")]
        self._form_of_status = _STATUSES[form.get("status", "number")]
        self._form_of_complaints = _COMPLAINTS[form.get("field_errors", "texts")]

    @property
    def keeps_complaints(self) -> bool:
        """Return whether each complaint keeps its field and its text, also one that is about no field."""
        return self._complaints is not None and self._form_of_complaints is _objects and None not in self._parts

    def complaints(self, errors: Iterable[FieldError]) -> Any:
        """
        Return the complaints about fields in the form that they have in this shape; nothing where they have no place.
        """
        return self._form_of_complaints(errors, *self._parts) if self._complaints else None

    def body(self, view: View, code: str | None, status: int) -> dict[str, Any]:
        """
        Return a body of this shape.
        """
        body: dict[str, Any] = loads(self._members)
        parts = (
            (self._code, code),
            (self._title, view.title),
            (self._status, self._form_of_status(status)),
            (self._message, self._form_of_message(view.detail if view.message is None else view.message)),
            (self._complaints, self.complaints(view.field_errors) or None),
            (self.request_id, view.request_id),
        )
        for place, part in parts:
            if place and part is not None:
                _put(body, place, part)
        return body


def _objects(errors: Iterable[FieldError], field: Place, message: Place) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = []
    for error in errors:
        item: dict[str, Any] = {}
        if field and error.field is not None:
            _put(item, field, error.field)
        if message:
            _put(item, message, error.message)
        objects.append(item)
    return objects


def _texts(errors: Iterable[FieldError], *_: Place) -> list[str]:
    return [error.message if error.field is None else f"{error.field}: {error.message}" for error in errors]


def _texts_by_field(errors: Iterable[FieldError], *_: Place) -> dict[str, list[str]]:
    """Complaints about no field have no place here."""
    texts: dict[str, list[str]] = {}
    for error in errors:
        if error.field is not None:
            texts.setdefault(error.field, []).append(error.message)
    return texts


_MESSAGES: Final[Mapping[str, Callable[[str], Any]]] = {"text": str, "texts": lambda text: [text]}
_STATUSES: Final[Mapping[str, Callable[[int], Any]]] = {"number": int, "text": str}
_COMPLAINTS: Final[Mapping[str, Callable[..., Any]]] = {
    "objects": _objects,
    "texts": _texts,
    "texts_by_field": _texts_by_field,
}


def _first(data: Mapping[str, Iterable[str]], member: str) -> Place:
    """Return where the first of the JSON pointers leads; the whole body is no place to write something in."""
    return next(filter(None, map(parse_pointer, data.get(member, ()))), None)


def _put(body: dict[str, Any], place: tuple[str, ...], value: object) -> None:
    *parents, last = place
    for name in parents:
        inner = body.get(name)
        if not isinstance(inner, dict):
            inner = body[name] = {}
        body = inner
    body[last] = value


def losses(writer: Writer, registry: Registry) -> frozenset[str]:
    """
    Return what the scheme loses of at least one documented error: of `errortax.rendering.formats.PARTS`.
    """
    lost = set(writer.lost_details())
    for vendor in registry.names:
        parser = parser_of(registry, vendor, None)
        for entry in parser.data["entries"]:
            verdict = parser.verdict(entry["code"])
            if verdict is not None and verdict.judgement is not None:
                lost.update(_lost(writer, entry["code"], verdict.judgement))
    return frozenset(lost)


def _lost(writer: Writer, code: str, documented: Judgement) -> Iterator[str]:
    told = writer.told(documented.vendor, code, documented.category, documented.retryability)
    read = told.judgement
    for part, kept in (
        ("vendor", documented.vendor == writer.vendor),
        ("code", documented.vendor == writer.vendor and code == told.code),
        ("category", documented.category is read.category),
        ("retryability", documented.retryability is read.retryability),
        ("delay", documented.retryability in RETRYABLE and documented.min_delay == read.min_delay),
    ):
        if not kept:
            yield part
