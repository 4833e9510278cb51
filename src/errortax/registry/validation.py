"""
What is wrong with a vendor file: every violation, each with its place, its reason and its remedy.

JSON Schema checks the shape; a few checks of our own do what a schema cannot. With the extra ``fast`` a valid file is
passed by jsonschema-rs; the words about an invalid one always come from here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast
from warnings import warn

from errortax.model import FALLBACKS, DataFormatWarning, InvalidFileError, did_you_mean, pointer_to
from errortax.registry.addresses import WORDS
from errortax.registry.placing import check_places
from errortax.registry.spelling import spelled

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema import Draft202012Validator

    from errortax.registry.plain import VendorJson

FORMAT: Final = (1, 0)
"""The data format that this release reads: major, minor."""

DEPTH_LIMIT: Final = 100
"""How deep conditions and the schemas of bodies may be nested."""

ValidationError = Any  # jsonschema's; its stubs leave open whether anything in it is set
Schemas = Callable[[], Mapping[str, Any]]  # all JSON Schemas of the data by name
Place = tuple[str | int, ...]  # the JSON keys and indices that lead there
Violation = tuple[Place, str, str]  # where, what is wrong, what to do

_OPEN_NAMES: Final = {frozenset(map(str, names)) for names in FALLBACKS}
_TYPES: Final = {
    "array": "an array", "boolean": "a boolean", "integer": "an integer", "null": "null", "number": "a number",
    "object": "an object", "string": "a string",
}  # fmt: skip  # one name a line says no more
_PROBLEMS: Final = {
    "not": ("{value} may not be here", "leave it out"),
    "pattern": ("{value} does not match {limit}", "correct it"),
    "minLength": ("{value} is empty", "fill it in"),
    "minItems": ("{value} is empty", "fill it in"),
    "maxLength": ("{value} is longer than {limit} characters", "shorten it"),
    "minimum": ("{value} is less than {limit}", "correct it"),
    "maximum": ("{value} is more than {limit}", "correct it"),
    "exclusiveMinimum": ("{value} is not more than {limit}", "correct it"),
    "uniqueItems": ("{value} holds an item twice", "keep one of the two"),
}
_CODES: Final = {
    "http_status": ("[1-5](?:[0-9][0-9]|xx)", "an HTTP status", "write one such as '404', or a class such as '4xx'"),
    "number": ("-?[0-9]{1,18}", "an integer", "write one in decimal, such as '20429'"),
}  # scheme → the pattern of codes, what they are, and the remedy for others
_OTHER_PROBLEM: Final = ("{value} does not fit the keyword {keyword!r} of the schema", "correct it")
_LONGEST_QUOTE: Final = 60
_MAX_ERRORS: Final = 1000  # of a file; whoever has corrected these sees the next
_MAX_UNKNOWN: Final = 100  # members of one object


def validated(document: Any, path: Path, schemas: Schemas) -> VendorJson:
    """
    Return the vendor file *document* if it is valid, less the members that only a newer minor release knows.

    Raise `errortax.exceptions.InvalidFileError` with all violations.
    """
    newer = _is_newer(document, path)
    broken: list[ValidationError] = []
    unknown: list[ValidationError] = []
    if newer or not _is_valid(document, schemas):
        for error in map(cause_of, islice(_validator(schemas).iter_errors(document), _MAX_ERRORS)):
            (unknown if newer and _is_forewarned(error) else broken).append(error)
    violations = [violation for error in broken for violation in violations_of(error)]
    if isinstance(document, dict):
        violations += islice(_cross_checks(document, path), _MAX_ERRORS)
    if violations:
        raise InvalidFileError(path, lines(path, violations))
    return cast("VendorJson", _without(document, unknown, path) if unknown else document)


def lines(path: Path, violations: Iterable[Violation]) -> list[str]:
    """
    Return a line for each of the *violations*, in the order of their places, list items by number.

    What is wrong at a place is said once: several parts of the schema may find it, of which the first explains it best.
    """
    remedies = {(where, what): remedy for where, what, remedy in reversed([*violations])}
    ordered = sorted(remedies, key=lambda found: ([(isinstance(key, str), key) for key in found[0]], found[1]))
    return [f"{path}#{pointer_to(where)}: {what}; {remedies[where, what]}" for where, what in ordered]


def _is_newer(document: Any, path: Path) -> bool:
    """Compare the file's format with ours; a malformed one is left to the schema."""
    declared = document.get("format") if isinstance(document, dict) else None
    if not isinstance(declared, str) or not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", declared):
        return False
    major, minor = map(int, declared.split("."))
    if major != FORMAT[0]:
        remedy = "install a newer errortax" if major > FORMAT[0] else "convert the file"
        what = f"this release reads format {FORMAT[0]}.{FORMAT[1]}, not {declared}"
        raise InvalidFileError(path, lines(path, [(("format",), what, remedy)]))
    return minor > FORMAT[1]


def _is_forewarned(error: ValidationError) -> bool:
    """Tell whether a newer minor release may have added this: a member, or a name that has a fall-back."""
    if "then" in error.schema.get("properties", ()):
        return False  # a condition would hold too often, and a place lead elsewhere, without one of its keywords
    if error.validator == "enum":
        return isinstance(error.instance, str) and frozenset(error.validator_value) in _OPEN_NAMES
    return bool(error.validator == "additionalProperties")


def _without(document: Any, unknown: list[ValidationError], path: Path) -> Any:
    """Return a copy of the *document* without its *unknown* members, and warn of them and of unknown names."""
    document = deepcopy(document)
    ignored: list[Violation] = []
    for error in unknown:
        ignored += violations_of(error)
        if error.validator == "additionalProperties":
            holder = document
            for key in error.absolute_path:
                holder = holder[key]
            for name in _unknown_members(error):
                del holder[name]
    found = lines(path, [(where, what, "ignored") for where, what, _ in ignored])
    newer = (("format",), f"written for a newer release ({document['format']})", "install a newer errortax to use all of it")
    warn(DataFormatWarning("\n".join([*lines(path, [newer]), *found])), stacklevel=5)  # the caller of `load_registry`
    return document


@cache
def _validator(schemas: Schemas) -> Draft202012Validator:
    from jsonschema import Draft202012Validator, validators  # 40 ms to import; only loading a file of one's own costs it
    from referencing import Registry, Resource

    registry: Registry[Any] = [Resource.from_contents(schema) for schema in schemas().values()] @ Registry[Any]()
    root = schemas()["vendor"]
    keywords = {"pattern": _pattern, "unevaluatedProperties": partial(_unknown, root["$defs"])}
    strict: type[Draft202012Validator] = validators.extend(Draft202012Validator, keywords)
    return strict(root, registry=registry)


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """Judge as JSON Schema does, in whose dialect (ECMA-262) ``$`` is the very end; in Python's a line may end after it."""
    from jsonschema import ValidationError as Failure

    if isinstance(instance, str) and not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), instance):
        yield Failure(f"{instance!r} does not match {pattern!r}")


def _unknown(
    definitions: Mapping[str, Any], _: Any, __: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Find unknown members where a schema is put together from several, and report them as ``additionalProperties`` does."""
    from jsonschema import ValidationError as Failure

    known = _members(schema, definitions)
    if isinstance(instance, dict) and instance.keys() - known.keys():
        yield Failure("unknown members", validator="additionalProperties", schema={"properties": known})


def _members(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that a *schema* has, by itself, by reference and by its parts."""
    known = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        known |= _members(part, definitions)
    if "$ref" in schema:
        known |= _members(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    return known


@cache
def _fast_validator(schemas: Schemas) -> Callable[[Any], bool] | None:
    try:
        from jsonschema_rs import Draft202012Validator, Registry
    except ImportError:  # the extra `fast` is not installed
        return None
    registry = Registry([(schema["$id"], schema) for schema in schemas().values()])
    return Draft202012Validator(schemas()["vendor"], registry=registry).is_valid


def _is_valid(document: Any, schemas: Schemas) -> bool:
    """Tell whether the fast validator is there and finds the document valid."""
    is_valid = _fast_validator(schemas)
    return is_valid is not None and is_valid(document)


def cause_of(error: ValidationError) -> ValidationError:
    """
    Return the error of the alternative that was probably meant, if several fail.
    """
    while error.context:
        error = max(error.context, key=lambda cause: (len(cause.absolute_path), cause.validator != "type"))
    return error


def violations_of(error: ValidationError) -> Iterator[Violation]:
    """
    Yield where an error is, what is wrong and what to do; once for each member or name.
    """
    where = tuple(error.absolute_path)
    for what, remedy in _DESCRIBERS.get(str(error.validator), _describe_value)(error):
        yield where, what, remedy


Description = Iterator[tuple[str, str]]


def _unknown_members(error: ValidationError) -> list[str]:
    return sorted(set(error.instance) - set(error.schema.get("properties", ())))


def _describe_unknown_members(error: ValidationError) -> Description:
    known = sorted(error.schema.get("properties", ()))
    for name in _unknown_members(error)[:_MAX_UNKNOWN]:
        yield f"unknown member {_quoted(name)}", _advice(name, known)


def _describe_missing_member(error: ValidationError) -> Description:
    [name] = [name for name in error.validator_value if f"{name!r} is a required property" == error.message]
    yield f"member {name!r} is missing", "add it" + _meaning(error.schema.get("properties", {}).get(name, {}))


def _describe_unknown_name(error: ValidationError) -> Description:
    alternatives = [error] if error.parent is None else error.parent.context
    sets = [one.validator_value for one in alternatives if (one.validator, one.path) == ("enum", error.path)]
    names = dict.fromkeys(str(name) for names in sets for name in names)
    yield f"{_quoted(error.instance)} is not among the names allowed", _advice(str(error.instance), names)


def _describe_wrong_type(error: ValidationError) -> Description:
    if "enum" in error.schema:
        return  # the message about the allowed names says more
    types = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    expected = " or ".join(_TYPES[name] for name in types)
    yield f"expected {expected}, got {_quoted(error.instance)}", "correct it" + _meaning(error.schema)


def _describe_value(error: ValidationError) -> Description:
    what, remedy = _PROBLEMS.get(str(error.validator), _OTHER_PROBLEM)
    value = _quoted(error.instance)
    yield what.format(value=value, limit=error.validator_value, keyword=error.validator), remedy + _meaning(error.schema)


_DESCRIBERS: Final[Mapping[str, Callable[[ValidationError], Description]]] = {
    "additionalProperties": _describe_unknown_members,
    "required": _describe_missing_member,
    "enum": _describe_unknown_name,
    "type": _describe_wrong_type,
}


def _meaning(schema: Mapping[str, Any]) -> str:
    """Return the first sentence of the schema's description, as the end of a remedy."""
    sentence: str = schema.get("description", "") if isinstance(schema, dict) else ""  # a schema may be true or false
    sentence = sentence.split(". ", maxsplit=1)[0].removesuffix(".")
    if re.match("[A-Z][a-z ]", sentence):  # not JSON
        sentence = sentence[0].lower() + sentence[1:]
    return sentence and f": {sentence}"


def _advice(name: str, known: Iterable[str]) -> str:
    choices = list(known)
    return did_you_mean(name, choices) if choices else "define it first"


def _quoted(value: object) -> str:
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _cross_checks(document: Mapping[str, Any], path: Path) -> Iterator[Violation]:
    """
    Yield what JSON Schema cannot express: names that have to be unique or have to exist, patterns, depth.

    The document may be of any shape, so that all violations are reported at once.
    """
    vendor = document.get("vendor")
    if isinstance(vendor, str) and vendor != path.stem:
        yield ("vendor",), f"{vendor!r} is not what the file {path.name!r} is called", "rename one of the two"
    if vendor in WORDS:
        yield ("vendor",), f"{vendor!r} is the folder of pages about the vocabulary", "choose another name"
    entries = list(_objects(document, "entries"))
    statuses = list(_objects(document, "statuses"))
    varied = [((), document), *statuses, *entries]
    variants = [variant for where, holder in varied if "variants" in holder for variant in _objects(holder, "variants", where)]
    envelopes = list(_objects(document, "envelopes"))
    documents = list(_objects(document, "documents"))
    yield from _malformed_codes(entries, document.get("scheme"))
    yield from _repeated_codes(entries, _alike(document))
    yield from _repetitions(variants, "name")
    yield from _repetitions(envelopes, "name")
    yield from _repetitions(documents, "id")
    yield from _strays(entries, ("deprecated", "replaced_by"), "entry has the code", _names(entries, "code"))
    cited = _names(documents, "id")
    citing = [*entries, *variants, *envelopes, *_other_objects(document, entries)]
    yield from _strays(citing, ("source", "document"), "document has the id", cited)
    yield from _strays([((), document)], ("defaults", "document"), "document has the id", cited)
    yield from _stray_fields(list(_objects(document, "requests")))
    if not isinstance(defaults := document.get("defaults"), dict) or "document" not in defaults:
        yield from _loose_sections(citing)
    for where, entry in entries:
        if "examples" in entry:
            named = _names(_objects(entry, "variants"), "name") | _names(_objects(document, "variants"), "name")
            examples = _objects(entry, "examples", where)
            yield from _strays(examples, ("expect", "variant"), "variant of this entry or of the file has the name", named)
    if isinstance(answers := document.get("answers"), dict):
        yield from _stray_answers(answers, entries, envelopes, by_status=document.get("scheme") == "http_status")
    yield from _broken_patterns(document)
    yield from check_places(document)
    for where, item in (*envelopes, *variants):
        for member in ("recognise", "schema", "when"):
            if _is_deep(item.get(member)):
                yield (*where, member), f"nested more than {DEPTH_LIMIT} deep", "make it flatter"


Object = tuple[Place, Mapping[str, Any]]  # with its place


def _objects(holder: Mapping[str, Any], member: str, where: Place = ()) -> Iterator[Object]:
    """Yield the objects within a member that should be a list or an object of them."""
    found = holder.get(member)
    items = enumerate(found) if isinstance(found, list) else found.items() if isinstance(found, dict) else ()
    for key, item in items:
        if isinstance(item, dict):
            yield (*where, member, key), item


def _other_objects(document: Mapping[str, Any], entries: Iterable[Object]) -> Iterator[Object]:
    """Yield what cites a source besides entries, variants and envelopes."""
    for member in ("requests", "fingerprints", "facts", "statuses"):
        yield from _objects(document, member)
    for where, holder in (((), document), *_objects(document, "envelopes")):
        yield from _objects(holder, "rate_limits", where)
    for where, entry in entries:
        if "facts" in entry:
            yield from _objects(entry, "facts", where)


def _names(objects: Iterable[Object], member: str) -> set[str]:
    return {name for _, item in objects if isinstance(name := item.get(member), str)}


def _codes(entries: Iterable[Object]) -> Iterator[tuple[Place, str]]:
    """Yield the codes and their other spellings, each with its place."""
    for where, entry in entries:
        spellings = entry.get("also")
        for number, code in ((None, entry.get("code")), *enumerate(spellings if isinstance(spellings, list) else ())):
            if isinstance(code, str):
                yield ((*where, "code") if number is None else (*where, "also", number)), code


def _malformed_codes(entries: Iterable[Object], scheme: object) -> Iterator[Violation]:
    """Yield the codes that do not fit the scheme."""
    pattern, what, remedy = _CODES.get(str(scheme), ("", "", ""))
    for where, code in _codes(entries) if pattern else ():
        if not re.fullmatch(pattern, code):
            yield where, f"{_quoted(code)} is not {what}", remedy


def _alike(document: Mapping[str, Any]) -> list[str]:
    alike = document.get("alike")
    return alike if isinstance(alike, list) else []


def _repeated_codes(entries: Iterable[Object], alike: list[str]) -> Iterator[Violation]:
    """Yield the codes that are taken, in whatever spelling."""
    owners: dict[str, Place] = {}
    for where, code in _codes(entries):
        owner = owners.setdefault(spelled(code, alike), where)
        if owner is not where:
            yield where, f"{code!r} is taken by {pointer_to(owner)}", "keep one of the two or rename it"


def _repetitions(objects: Iterable[Object], member: str) -> Iterator[Violation]:
    """Yield the names that are taken, each within the list that holds them."""
    owners: dict[str, Place] = {}
    for where, item in objects:
        name = item.get(member)
        if not isinstance(name, str):
            continue
        owner = owners.setdefault(f"{pointer_to(where[:-1])}/{name}", where)
        if owner is not where:
            yield (*where, member), f"{name!r} is taken by {pointer_to((*owner, member))}", "keep one of the two or rename it"


def _strays(objects: Iterable[Object], members: tuple[str, str], what: str, known: set[str]) -> Iterator[Violation]:
    """Yield the names that nothing bears, each in a member of a member."""
    outer, inner = members
    for where, item in objects:
        name = reference.get(inner) if isinstance(reference := item.get(outer), dict) else None
        if isinstance(name, str) and name not in known:
            yield (*where, outer, inner), f"no {what} {name!r}", _advice(name, sorted(filter(None, known)))


def _stray_fields(requests: Iterable[Object]) -> Iterator[Violation]:
    """Yield the alternatives to a header field that are not among the header fields to send, in whatever letter case."""
    known = {name.lower(): name for name in _names(requests, "header")}
    for where, request in requests:
        alternatives = request.get("alternative_to")
        for index, name in enumerate(alternatives if isinstance(alternatives, list) else ()):
            if isinstance(name, str) and name.lower() not in known:
                what = f"no header field of the requests has the name {name!r}"
                yield (*where, "alternative_to", index), what, _advice(name, known.values())


def _loose_sections(objects: Iterable[Object]) -> Iterator[Violation]:
    """Yield the sources that are a section alone, in a file that names no document for them."""
    for where, item in objects:
        if isinstance(section := item.get("source"), str):
            what = f"no document is named for the section {_quoted(section)}"
            yield (*where, "source"), what, "name one in the defaults of the file, or write the source as an object"


def _stray_answers(
    answers: Mapping[str, Any], entries: Iterable[Object], envelopes: Iterable[Object], *, by_status: bool
) -> Iterator[Violation]:
    """Yield what the *answers* name that the file does not have: errors and envelopes."""
    errors = [str(entry.get("code")) for _, entry in entries if entry.get("outcome", "error") == "error"]
    if by_status:
        errors = [code for code in errors if code.isdecimal()]  # no status is a whole class
    for category, code in codes.items() if isinstance(codes := answers.get("codes"), dict) else ():
        where = ("answers", "codes", category)
        if not isinstance(code, str) or code in errors:
            continue
        if by_status or not re.fullmatch("[45][0-9][0-9]", code):
            yield where, f"no error has the code {_quoted(code)}", _advice(code, errors)
        elif "without_code" not in answers:
            what = f"{code!r} is a status, and there is no shape without a code"
            yield where, what, "name a code, or add 'without_code' to the answers"
    if isinstance(media_type := answers.get("media_type"), str) and not media_type.endswith("json"):
        yield (
            ("answers", "media_type"),
            f"answers are JSON, not {media_type}",
            "leave the answers out; errors are then written in another format",
        )
    named = {str(envelope.get("name")): envelope for _, envelope in envelopes}
    for shape in ("plain", "with_fields", "without_code"):
        name = chosen.get("envelope") if isinstance(chosen := answers.get(shape), dict) else None
        if isinstance(name, str) and name not in named:
            yield ("answers", shape, "envelope"), f"no envelope has the name {_quoted(name)}", _advice(name, list(named))
        elif isinstance(name, str) and not by_status and shape != "without_code" and not _has_pointer(named[name].get("code")):
            what = f"the code cannot be written into the shape {_quoted(name)}"
            yield ("answers", shape, "envelope"), what, "name an envelope that has a JSON Pointer among the places of its code"


def _has_pointer(places: Any) -> bool:
    """Return whether one of the *places* is only a JSON Pointer."""
    found = places if isinstance(places, list) else ()
    return any(isinstance(place, str) or (isinstance(place, dict) and place.keys() == {"at"}) for place in found)


def _broken_patterns(document: Mapping[str, Any]) -> Iterator[Violation]:
    for where, item in _objects(document, "fingerprints"):
        if not isinstance(pattern := item.get("pattern"), str):
            continue
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            yield (*where, "pattern"), f"{_quoted(pattern)} is not a regular expression ({error})", "correct it"


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH_LIMIT + 1):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return bool(level)
