"""
From vendor files to findings: whether the data holds together, and its examples come out as they say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from errortax.api import classify
from errortax.checking.formatting import is_formatted
from errortax.checking.ties import ties
from errortax.http import Headers, RawResponse
from errortax.model import (
    CanonicalError,
    Category,
    Details,
    DuplicateHostError,
    FieldError,
    InvalidFileError,
    Level,
    Match,
    Outcome,
    verdict_of,
)
from errortax.parsing import Envelope, PreparedVendor, compile_condition, prepared_vendor, tests_of
from errortax.parsing.redaction import has_shape
from errortax.registry import Example, Registry, load_registry, loading
from errortax.registry.body_schemas import BodySchemas
from errortax.registry.expectations import examples
from errortax.rendering import Exposure
from errortax.rendering.vendor_scheme import VendorAnswer, Writer, automatic_retry_rank, name_for
from errortax.rendering.view import view_of

ADVICE: Final = "advice: "
"""The start of a finding about what could be better in a good file."""

_LONGEST_BODY: Final = 200
_COMPLAINTS: Final = (FieldError("name", "Too short."), FieldError(None, "Not now."))


def check(
    path: str | os.PathLike[str], *, layout: bool = False, beside: Iterable[str | os.PathLike[str]] = ()
) -> tuple[str, ...]:
    """
    Return the findings on the vendor file at *path*, each ``file#/json/pointer: what is wrong; what to do``.

    Besides violations of the schema, findings are: an example whose body does not fit its envelope; an example that leads
    to another verdict than it expects; a made-up credential that does not have its shape; an answer that names an unknown
    code, that clients would repeat although they must not, or that reads as another error. A finding that begins with
    `ADVICE` is not an error.

    Args:
        path: the vendor file.
        layout: True also demands the layout that `fix` writes.
        beside: other vendor files; the standards among them that this file names count as known.

    Raises:
        errortax.exceptions.UnreadableFileError: the file cannot be read.

    """
    try:
        document = loading.vendor_file(path)
        names = {Path(path).stem, *document.get("standards", ())}
        files = {name: file for file in (*beside, path) if (name := Path(file).stem) in names}
        registry = load_registry(*files.values())
    except InvalidFileError as error:
        return error.violations
    except DuplicateHostError as error:
        return (f"{Path(path)}#/hosts: {error}",)
    findings = [_placed(path, finding) for finding in _findings(document, registry)]
    if layout and not is_formatted(path):
        findings.append(f"{Path(path)}#: not in the canonical layout; run errortax check --fix")
    return tuple(findings)


def _placed(path: str | os.PathLike[str], finding: str) -> str:
    kind = ADVICE if finding.startswith(ADVICE) else ""
    return f"{kind}{Path(path)}#{finding.removeprefix(ADVICE)}"


def _findings(document: Mapping[str, Any], registry: Registry) -> Iterator[str]:
    vendor = prepared_vendor(registry, document["vendor"])
    bodies = BodySchemas()
    written = [
        (f"/entries/{i}/examples/{j}", example.get("expect", {}))
        for i, entry in enumerate(document["entries"])
        for j, example in enumerate(entry.get("examples", ()))
    ]
    for (place, stated), example in zip(written, examples(document, vendor.verdicts), strict=True):
        outcome, body = classify(example.raw, document["vendor"], registry=registry), example.response.get("json")
        for envelope in vendor.shapes_of(body, example.raw.headers)[:1]:
            if envelope.name != outcome.match.envelope:
                continue  # the body has the shape of a standard, too
            for pointer, problem in bodies.misfits(body, _schema(envelope)):
                remedy = f"correct the example or the schema of envelope {envelope.name!r}"
                yield f"{place}/response/json{pointer}: {problem}; {remedy}"
        yield from _disagreements(example, outcome, stated, place)
    for index, shape in enumerate(document.get("secrets", {}).get("shapes", ())):
        if not has_shape(shape["example"], shape):
            place = f"/secrets/shapes/{index}/example"
            yield f"{place}: {shape['example']!r} does not have this shape; correct the one or the other"
    for one, other in ties(vendor.envelopes):
        what = f"a body may fit {one!r} and {other!r}, which make as many tests"
        yield f"{ADVICE}/envelopes: {what}; give the one that counts a higher rank"
    if "answers" in document:
        yield from _answers(vendor, registry, bodies)


def _schema(envelope: Envelope) -> Any:
    return envelope.data.get("schema", True)


def _disagreements(example: Example, outcome: Outcome, stated: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield where the *outcome* of an *example* differs from what it expects, of which the file has what is *stated*."""
    found, remedy = observed(outcome), "correct the example or the entry"
    for member, expected in example.expect.items():
        if member not in found or found[member] == expected:
            continue
        if member in stated:
            yield f"{place}/expect/{member}: the verdict is {found[member]!r}, not {expected!r}; {remedy}"
        else:
            what = f"the verdict has the {member} {found[member]!r}, not {expected!r} as implied"
            yield f"{place}: {what}; {remedy}, or add {member!r} to 'expect'"


def _answers(vendor: PreparedVendor, registry: Registry, bodies: BodySchemas) -> Iterator[str]:
    """Yield what is wrong with the answers for each category, once each."""
    writer = Writer(vendor)
    known: set[str] = set()
    unnamed: list[str] = []
    for category in Category:
        name = name_for(category, writer.codes)
        if name == Category.UNKNOWN.value and category is not Category.UNKNOWN:
            unnamed.append(category)
            continue
        for defect, problem in _problems(category, writer.preferred[category], writer, vendor, registry, bodies):
            finding = f"/answers/codes/{name}: {problem}"
            if known.isdisjoint({defect, finding}):
                known |= {defect, finding}
                yield finding
    if unnamed:
        what = f"no code for {', '.join(unnamed)}, so that the one for 'unknown' answers"
        yield f"{ADVICE}/answers/codes: {what}; name one for each, or for their groups"


def _problems(
    category: Category,
    answer: VendorAnswer,
    writer: Writer,
    vendor: PreparedVendor,
    registry: Registry,
    bodies: BodySchemas,
) -> Iterator[tuple[str, str]]:
    """Yield the defects, each with what is wrong and what to do; one that many categories have is always the same."""
    verdict = vendor.verdicts.of_category(category)
    code = answer.code or str(min(answer.statuses))
    wanted, found = automatic_retry_rank(verdict.retryability), automatic_retry_rank(answer.verdict.retryability)
    if found > wanted:
        yield (
            category,
            f"clients would repeat after {code!r} what is {verdict.retryability}; name a code after which they do not",
        )
        return
    if found == 0 < wanted and (better := _repeated(vendor, wanted)) is not None:
        yield (
            category,
            f"what is {verdict.retryability} is not repeated after {code!r}; name one after which it is, such as {better!r}",
        )
    for complaints in ((), _COMPLAINTS):
        details = Details(match=Match(level=Level.UNKNOWN), field_errors=complaints, request_id="request-1")
        error = CanonicalError(None, None, verdict, details)
        view = view_of(error, locale="en", exposure=Exposure(), registry=registry)
        status, fields, body = writer.write(view, registry)
        raw = RawResponse(status, fields, json.dumps(body))
        outcome, shapes = classify(raw, writer.vendor, registry=registry), vendor.shapes_of(body, raw.headers)
        misread = outcome.error is None or verdict_of(outcome.error).shown != answer.verdict.shown
        if misread or not shapes:
            reading = f"reads as {outcome.error or outcome.kind}" if misread else "has the shape of no envelope"
            why, remedy = _unrecognised(writer.shape(answer, complaints).envelope, body, raw.headers)
            yield why or code, f"the answer {_shown(body)} {reading}{why}; {remedy}"
        else:
            name = str(shapes[0].name)
            for pointer, problem in bodies.misfits(body, _schema(shapes[0])):
                fault = f"{pointer or 'the body'}: {problem}"
                yield name + pointer, f"an answer does not fit envelope {name!r}, {fault}; correct the one or the other"


def _unrecognised(envelope: Mapping[str, Any], body: object, headers: Headers) -> tuple[str, str]:
    """Return why a *body* does not have the shape of its *envelope*, empty if it does, and what to do about it."""
    tests = tests_of(envelope["recognise"])
    needed = [json.dumps(test, ensure_ascii=False) for test in tests if not compile_condition(test)(body, headers)]
    if not needed:
        return "", "correct the shape or the envelope"
    why = f", since envelope {envelope['name']!r} needs {' and '.join(needed)}"
    return why, "add what is missing to the 'members' of the answers, or correct the envelope"


def _shown(body: object) -> str:
    text = json.dumps(body, ensure_ascii=False)
    return text if len(text) <= _LONGEST_BODY else f"{text[:_LONGEST_BODY]}…"


def _repeated(vendor: PreparedVendor, wanted: int) -> str | None:
    """Return a code of the vendor's after which clients repeat, no more readily than *wanted*."""
    for entry in vendor.data["entries"]:
        verdict = vendor.verdicts.of_code(entry["code"])
        if verdict is None or verdict.category is None:
            continue
        if 0 < automatic_retry_rank(verdict.retryability) <= wanted:
            return str(entry["code"])
    return None


def observed(outcome: Outcome) -> dict[str, Any]:
    """
    Return the verdict in the form in which examples state what they expect.

    What only an error has (category, status, texts, …) is left out for other outcomes.
    """
    match, error = outcome.match, outcome.error
    found: dict[str, Any] = {
        "outcome": outcome.kind.value,
        "code": outcome.entry,
        "retryability": outcome.retryability.value,
        "action": outcome.hints[0].action.value,
        "actor": outcome.hints[0].actor.value,
        "level": match.level.value,
        "retry_after": outcome.retry_after,
        "request_id": outcome.request_id,
        "rate_limit": None,
        "alternatives": [alternative.category.value for alternative in match.alternatives],
        "envelope": match.envelope,
        "standard": match.standard,
        "warnings": list(outcome.warnings),
        "items": [
            {"index": item.index, "id": item.id, "code": item.error.code, "category": item.error.category.value}
            for item in outcome.items
        ],
        "status_conflict": match.status_conflict,
        "intermediary": match.intermediary,
        "body": match.body.value,
    }
    if (limit := outcome.rate_limit) is not None:
        found["rate_limit"] = {"limit": limit.limit, "remaining": limit.remaining, "reset_after": limit.reset_after}
    if error is not None:
        found |= {
            "category": error.category.value,
            "code": error.code,
            "variant": verdict_of(error).variant,
            "status": error.status,
            "min_delay": error.min_delay,
            "message": error.message,
            "user_message": error.user_message,
            "more_info": error.more_info,
            "field_errors": [
                {"field": complaint.field, "message": complaint.message, "code": complaint.code}
                for complaint in error.field_errors
            ],
            "preserved": dict(error.preserved),
            "emitted_status": error.emitted_status,
        }
    return found
