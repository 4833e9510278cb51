"""
A vendor's own scheme, for clients that know no other: ``answers`` in the vendor's file says how to write it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from json import dumps, loads
from typing import Any, Final, NamedTuple, TypeAlias

from errortax.http import STATUSES, RawResponse
from errortax.model import CanonicalError, Category, FieldError, Retryability, Scheme, Verdict, parse_pointer
from errortax.parsing import PreparedVendor, field_of, parser_of, pointer_of, prepared_vendor, put
from errortax.registry import Registry
from errortax.registry.registry import derived_from
from errortax.rendering.formats import Format, Written
from errortax.rendering.view import View

_AUTOMATIC_RETRY_RANKS: Final[Mapping[Retryability, int]] = {Retryability.BACKOFF: 1, Retryability.AFTER_DELAY: 2}

Data: TypeAlias = Mapping[str, Any]
Place: TypeAlias = tuple[str, ...] | None  # the tokens of a JSON pointer


def format_of(registry: Registry, vendor: str) -> Format:
    """
    Return the scheme of *vendor* as a format; the vendor's file must have ``answers``.

    Raise `ValueError` if the file names a code that no error has.
    """
    known = derived_from(registry)[Writer]
    if vendor not in known:
        writer = Writer(prepared_vendor(registry, vendor))
        known[vendor] = Format(writer.media_type, writer.write, writer.read, losses(writer, registry))
    scheme: Format = known[vendor]
    return scheme


def automatic_retry_rank(retryability: Retryability) -> int:
    """
    Return a rank of automatic retries: 0 for none, 1 for idempotent methods only, 2 for any method.
    """
    return _AUTOMATIC_RETRY_RANKS.get(retryability, 0)


def name_for(category: Category, codes: Container[str]) -> str:
    """
    Return the name under which a vendor's answers have the code for a *category*: its own, its group's, or ``unknown``.
    """
    return next(name for name in (category, category.group, Category.UNKNOWN) if name in codes).value


class VendorAnswer(NamedTuple):
    """The code of an answer, None if the status is enough; its documented statuses; and the verdict that clients reach."""

    code: str | None
    statuses: frozenset[int]
    verdict: Verdict


class Writer:
    """
    Write errors in one vendor's scheme: prepared once, then used for each error.
    """

    def __init__(self, vendor: PreparedVendor) -> None:
        answers = _answers(vendor)
        self.vendor: str = vendor.data["vendor"]
        self.media_type: str = answers.get("media_type", "application/json")
        self._prepared = vendor
        self._is_by_status = vendor.scheme is Scheme.HTTP_STATUS
        self._request_id_headers = tuple(filter(None, map(field_of, vendor.data.get("request_id", ()))))
        self.codes: Mapping[str, str] = answers["codes"]
        named = {name: self._preference(code) for name, code in self.codes.items()}
        self.preferred: dict[Category, VendorAnswer] = {category: named[name_for(category, named)] for category in Category}
        envelopes = {envelope["name"]: envelope for envelope in vendor.data.get("envelopes", ())}
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
        Return *view* in the vendor's scheme: the HTTP status, the header fields and the body.
        """
        answer = self.answer_for(view.vendor, view.code, view.category, view.retryability)
        shape = self.shape(answer, view.field_errors)
        status = view.status if not answer.statuses or view.status in answer.statuses else min(answer.statuses)
        body = shape.body(view, self._written(answer.code), status)
        if answer.code is not None:
            for name, value in (view.preserved or {}).items():
                if (place := _first(answer.verdict.preserve, name)) is not None:
                    put(body, place, value)
        return status, self._fields(view, shape), body

    def _written(self, code: str | None) -> str | int | None:
        """Return a *code* as the vendor writes it."""
        return int(code) if code is not None and self._prepared.scheme is Scheme.NUMBER else code

    def read(self, raw: RawResponse, _: object, registry: Registry) -> CanonicalError | None:
        """
        Return the error that a client of the vendor reads.
        """
        return parser_of(registry, self.vendor).parse(raw, None, 0.0)  # no clock: `write` writes no dates

    def answer_for(self, vendor: str | None, code: str | None, category: Category, retryability: Retryability) -> VendorAnswer:
        """
        Return the answer to an error: with its own code if it is one of this vendor's, else with the code for its category.

        If clients would then repeat a request that must not be repeated, return the answer to an unknown error.
        """
        own = self._own(code) if vendor == self.vendor and code is not None else None
        for answer in (own, self.preferred[category]):
            if answer is not None and automatic_retry_rank(answer.verdict.retryability) <= automatic_retry_rank(retryability):
                return answer
        return self.preferred[Category.UNKNOWN]

    def shape(self, answer: VendorAnswer, errors: Iterable[FieldError]) -> Shape:
        """
        Return the shape of the body of an *answer* with these field errors.
        """
        if answer.code is None:
            return self._without_code
        return self._with_fields if self._with_fields.complaints(errors) else self._plain

    def lost_details(self) -> Iterator[str]:
        """
        Yield the details for which some shape of the body has no place.
        """
        used = {self._plain, self._with_fields}
        with_complaints = {self._with_fields}
        if any(answer.code is None for answer in self.preferred.values()):
            used.add(self._without_code)
            with_complaints.add(self._without_code)
        if not self._request_id_headers and any(shape.request_id is None for shape in used):
            yield "request_id"
        if not all(shape.keeps_complaints for shape in with_complaints):
            yield "field_errors"

    def _own(self, code: str) -> VendorAnswer | None:
        """Return the answer with the vendor's documented *code*, in the spelling given, or None for anything else."""
        verdict = self._prepared.verdicts.of_code(code)
        if verdict is None or verdict.category is None:
            return None
        statuses = frozenset({int(code)}) if self._is_by_status and code.isdecimal() else verdict.statuses
        return VendorAnswer(code, statuses, verdict)

    def _preference(self, code: str) -> VendorAnswer:
        if (answer := self._own(code)) is not None:
            return answer
        status = int(code) if code.isdecimal() and not self._is_by_status else 0
        verdict = self._prepared.verdicts.at_status(status)[0] if status in STATUSES else None
        if verdict is None or verdict.category is None:
            raise ValueError(f"vendor {self.vendor!r}: no error has the code {code!r}, which its answers name; correct its file")
        return VendorAnswer(None, frozenset({status}), verdict)

    def _fields(self, view: View, shape: Shape) -> Iterator[tuple[str, str]]:
        if view.request_id is None or shape.request_id is not None:
            return
        identifier = self._prepared.redactor.identifier(view.request_id)  # a header field must contain nothing else
        if identifier is not None and self._request_id_headers:
            yield self._request_id_headers[0].lower(), identifier


def _answers(vendor: PreparedVendor) -> Data:
    """Return how the vendor's file says to write answers; `format_of` is asked only for vendors whose file does."""
    return vendor.data.get("answers") or {}


class Shape:
    """One shape of the body: an *envelope*, and the form of each part in it."""

    def __init__(self, form: Data, envelope: Data, members: Data) -> None:
        complaints: Data = envelope.get("field_errors", {}) if "field_errors" in form else {}
        self.envelope = envelope
        self._members = dumps(members)  # parsed again for each body
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
        """Return whether each field error keeps its field and its text, even an error without a field."""
        return self._complaints is not None and self._form_of_complaints is _objects and None not in self._parts

    def complaints(self, errors: Iterable[FieldError]) -> Any:
        """
        Return the field errors in the form of this shape; None if they have no place.
        """
        return self._form_of_complaints(errors, *self._parts) if self._complaints else None

    def body(self, view: View, code: str | int | None, status: int) -> dict[str, Any]:
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
                put(body, place, part)
        return body


def _objects(errors: Iterable[FieldError], field: Place, message: Place) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = []
    for error in errors:
        item: dict[str, Any] = {}
        if field and error.field is not None:
            put(item, field, error.field)
        if message:
            put(item, message, error.message)
        objects.append(item)
    return objects


def _texts(errors: Iterable[FieldError], *_: Place) -> list[str]:
    return [error.message if error.field is None else f"{error.field}: {error.message}" for error in errors]


def _texts_by_field(errors: Iterable[FieldError], *_: Place) -> dict[str, list[str]]:
    """Return texts by field; an error without a field has no place here."""
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


def _first(data: Mapping[str, Iterable[Any]], member: str) -> Place:
    """Return the tokens of the first place that can be written: a JSON Pointer that is not the whole body."""
    pointers = map(pointer_of, data.get(member, ()))
    return next(filter(None, (parse_pointer(pointer) for pointer in pointers if pointer is not None)), None)


def losses(writer: Writer, registry: Registry) -> frozenset[str]:
    """
    Return the `errortax.rendering.formats.PARTS` that the scheme loses for at least one documented error.
    """
    lost = set(writer.lost_details())
    for name in registry:
        vendor = prepared_vendor(registry, name)
        for entry in vendor.data["entries"]:
            verdict = vendor.verdicts.of_code(entry["code"])
            if verdict is not None and verdict.category is not None:
                lost.update(_lost(writer, entry["code"], verdict, verdict.category))
    return frozenset(lost)


def _lost(writer: Writer, code: str, documented: Verdict, category: Category) -> Iterator[str]:
    answer = writer.answer_for(documented.vendor, code, category, documented.retryability)
    read = answer.verdict
    for part, kept in (
        ("vendor", documented.vendor == writer.vendor),
        ("code", documented.vendor == writer.vendor and code == answer.code),
        ("category", category is read.category),
        ("retryability", documented.retryability is read.retryability),
        ("delay", documented.retryability.is_automatic and documented.min_delay == read.min_delay),
    ):
        if not kept:
            yield part
