"""
What is wrong with a vendor file: every violation, each with its place, its reason and its remedy.

JSON Schema judges the shape, a few checks of our own what a schema cannot say. With the extra ``fast`` a valid file is
passed by jsonschema-rs; the words about an invalid one always come from here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from warnings import warn

from errortax import loading
from errortax.exceptions import DataFormatWarning, InvalidFileError

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

FORMAT: Final = (1, 0)
"""The data format that this release reads: major, minor."""

Violation = tuple[tuple[Any, ...], str]  # where (the path of JSON keys and indices), and what

_FOREWARNED: Final = frozenset({"additionalProperties", "enum"})  # what a newer minor may add: members and names
_JSON_TYPES: Final = {"object": "an object", "array": "an array", "integer": "an integer"}
_LONGEST_QUOTE: Final = 60


def validated(document: Any, path: Path) -> Mapping[str, Any]:
    """
    Return the vendor file *document* if it is valid, less the members that only a newer minor release knows.

    Raise `errortax.exceptions.InvalidFileError` with all violations.
    """
    newer = _is_newer(document, path)
    if not (_fast_verdict(document) and not newer):
        document = _judged(document, path, newer)
    problems = sorted({_line(path, *problem) for problem in _cross_checks(document, path)})
    if problems:
        raise InvalidFileError(path, problems)
    valid: Mapping[str, Any] = document
    return valid


def violations(document: Any, schema: str = "vendor") -> Iterator[ValidationError]:
    """
    Yield how *document* breaks the JSON Schema called *schema*, as jsonschema reports it.
    """
    return _validator(schema).iter_errors(document)


def _judged(document: Any, path: Path, newer: bool) -> Any:
    found = list(violations(document))
    ignored = [error for error in found if newer and error.validator in _FOREWARNED]
    problems = [(error.absolute_path, text) for error in found if error not in ignored for text in _problems(error)]
    if problems:
        raise InvalidFileError(path, [_line(path, tuple(where), what) for where, what in sorted(problems, key=_rank)])
    if ignored:
        texts = [_line(path, tuple(error.absolute_path), text) for error in ignored for text in _problems(error)]
        warn(DataFormatWarning("written for a newer release, ignored:\n" + "\n".join(texts)), stacklevel=2)
        document = deepcopy(document)
        for error in ignored:
            _remove_unknown_members(document, error)
    return document


def _is_newer(document: Any, path: Path) -> bool:
    """Compare the file's format with ours; a malformed one is left to the schema."""
    declared = document.get("format") if isinstance(document, dict) else None
    if not isinstance(declared, str) or not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", declared):
        return False
    major, minor = map(int, declared.split("."))
    if major != FORMAT[0]:
        ours = ".".join(map(str, FORMAT))
        raise InvalidFileError(path, [f"{path}#/format: {declared} cannot be read, this release reads {ours}; convert the file"])
    return minor > FORMAT[1]


def _remove_unknown_members(document: Any, error: ValidationError) -> None:
    if error.validator != "additionalProperties":
        return
    for key in error.absolute_path:
        document = document[key]
    for name in _unknown_members(error):
        del document[name]


@cache
def _validator(schema: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # 40 ms to import; nobody pays who loads no file of his own
    from referencing import Registry, Resource

    resources = [Resource.from_contents(loading.schema(name)) for name in loading.schemas()]
    registry: Registry[Any] = resources @ Registry[Any]()
    return Draft202012Validator(loading.schema(schema), registry=registry)


@cache
def _fast_validator() -> Callable[[Any], bool] | None:
    try:
        from jsonschema_rs import Draft202012Validator, Registry
    except ImportError:  # the extra `fast` is not installed
        return None
    schemas = [loading.schema(name) for name in loading.schemas()]
    registry = Registry([(schema["$id"], schema) for schema in schemas])
    return Draft202012Validator(loading.schema("vendor"), registry=registry).is_valid


def _fast_verdict(document: Any) -> bool:
    """Return whether the fast validator is there and finds the document valid."""
    is_valid = _fast_validator()
    return is_valid is not None and is_valid(document)


def _rank(problem: tuple[Iterable[Any], str]) -> tuple[list[tuple[bool, Any]], str]:
    where, what = problem
    return [(isinstance(key, str), key) for key in where], what


def _line(path: Path, where: Iterable[Any], what: str) -> str:
    pointer = "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in where)
    return f"{path}#{pointer}: {what}"


def _problems(error: ValidationError) -> Iterator[str]:
    """Say what is wrong and what to do, a line per member or name."""
    describe = _DESCRIBERS.get(str(error.validator))
    if describe is None:
        yield f"{_quoted(error.instance)} does not fit; it has to be: {error.schema.get('description', error.message)}"
    else:
        yield from describe(error)


def _unknown_members(error: ValidationError) -> list[str]:
    return sorted(set(error.instance) - set(error.schema.get("properties", ())))


def _describe_unknown_members(error: ValidationError) -> Iterator[str]:
    known = sorted(error.schema.get("properties", ()))
    for name in _unknown_members(error):
        yield f"unknown member {name!r}; {_advice(name, known)}"


def _describe_missing_member(error: ValidationError) -> Iterator[str]:
    [name] = [name for name in error.validator_value if f"{name!r} is a required property" == error.message]
    purpose = error.schema.get("properties", {}).get(name, {}).get("description")
    yield f"member {name!r} is missing; add it{f': {purpose}' if purpose else ''}"


def _describe_unknown_name(error: ValidationError) -> Iterator[str]:
    name = error.instance
    yield f"{_quoted(name)} is not among the names allowed; {_advice(str(name), [str(known) for known in error.validator_value])}"


def _describe_wrong_type(error: ValidationError) -> Iterator[str]:
    types = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    expected = " or ".join(_JSON_TYPES.get(name, f"a {name}") for name in types)
    yield f"expected {expected}, got {_quoted(error.instance)}; it is: {error.schema.get('description', 'described in the schema')}"


_DESCRIBERS: Final[Mapping[str, Callable[[ValidationError], Iterator[str]]]] = {
    "additionalProperties": _describe_unknown_members,
    "required": _describe_missing_member,
    "enum": _describe_unknown_name,
    "type": _describe_wrong_type,
}


def _advice(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _cross_checks(document: Mapping[str, Any], path: Path) -> Iterator[Violation]:
    """Yield what no JSON Schema can tell: names that have to be unique, names that have to exist, patterns."""
    if document["vendor"] != path.stem:
        yield ("vendor",), f"{document['vendor']!r} has to be the file's name; rename one of the two"
    alike = document.get("hyphen_underscore_alike", False)
    codes = [entry["code"].replace("_", "-") if alike else entry["code"] for entry in document["entries"]]
    yield from _repeated(("entries",), "code", codes)
    yield from _repeated(("envelopes",), "name", [envelope["name"] for envelope in document.get("envelopes", ())])
    yield from _repeated(("documents",), "id", [cited["id"] for cited in document.get("documents", ())])
    known = {entry["code"] for entry in document["entries"]}
    for index, entry in enumerate(document["entries"]):
        yield from _repeated(("entries", index, "variants"), "name", [variant["name"] for variant in entry.get("variants", ())])
        successor = entry.get("deprecated", {}).get("replaced_by")
        if successor is not None and successor not in known:
            where = ("entries", index, "deprecated", "replaced_by")
            yield where, f"no entry has the code {successor!r}; {_advice(successor, sorted(known))}"
    yield from _stray_citations(document)
    yield from _broken_patterns(document)


def _repeated(where: tuple[Any, ...], member: str, names: list[str]) -> Iterator[Violation]:
    counts = Counter(names)
    for index, name in enumerate(names):
        if counts[name] > 1 and names.index(name) != index:
            yield (*where, index, member), f"{name!r} stands here twice (first at {names.index(name)}); keep one of the two"


def _stray_citations(document: Mapping[str, Any]) -> Iterator[Violation]:
    cited = sorted(known["id"] for known in document.get("documents", ()))
    for where, value in _walk(document, ()):
        if where[-2:] == ("source", "document") and value not in cited:
            yield where, f"no document has the id {value!r}; {_advice(value, cited)}"


def _walk(value: Any, where: tuple[Any, ...]) -> Iterator[Violation]:
    """Yield all texts with their places, except within raw bodies and their schemas, which are not ours to judge."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, member in value.items():
            if key not in ("schema", "examples", "recognise", "when"):
                yield from _walk(member, (*where, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _walk(member, (*where, index))


def _broken_patterns(document: Mapping[str, Any]) -> Iterator[Violation]:
    patterns = [(("secrets", "patterns", i), text) for i, text in enumerate(document.get("secrets", {}).get("patterns", ()))]
    patterns += [
        (("fingerprints", i, "pattern"), fingerprint["pattern"]) for i, fingerprint in enumerate(document.get("fingerprints", ()))
    ]
    for where, pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            yield where, f"{pattern!r} is no regular expression: {error}; mend it"


def misfits(body: object, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """
    Yield where, as a JSON pointer, and how a raw *body* breaks the JSON Schema of its envelope.
    """
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema).iter_errors(body):
        yield "".join(f"/{key}" for key in error.absolute_path), error.message
