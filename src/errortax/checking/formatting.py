"""
The formatter: vendor files in one layout, without what goes without saying.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from errortax.checking.layout import Shape, is_same, laid_out, lean, ordered
from errortax.model import Level, UnreadableFileError
from errortax.parsing import decode, prepared_vendor
from errortax.registry import GENERIC, Registry, defaults, loading
from errortax.registry.documents import raw_of
from errortax.registry.expectations import implied
from errortax.registry.files import file_bytes
from errortax.registry.plain import VendorJson

Part = dict[str, Any]

_OFTEN: Final = 2  # a value in fewer places is not worth a default


def fix(path: str | os.PathLike[str]) -> bool:
    """
    Write the vendor file at *path* in the canonical layout, and return whether that changed anything.

    Raise `errortax.exceptions.InvalidFileError` for a file that breaks the rules, which stays as it is, and
    `errortax.exceptions.UnreadableFileError` for one that cannot be read or written.
    """
    text = _formatted_file(path)
    target = Path(path).resolve()  # of a link, the file that it leads to
    if file_bytes(target) == text:
        return False
    beside = target.with_name(f".{target.name}.new")
    try:
        beside.write_bytes(text)
        shutil.copymode(target, beside)
        beside.replace(target)  # readers see the old file or the new one
    except OSError as error:
        problem = f"it cannot be written ({error.strerror}); change the permissions of its folder"
        raise UnreadableFileError(path, problem, error.errno) from error
    finally:
        beside.unlink(missing_ok=True)
    return True


def is_formatted(path: str | os.PathLike[str]) -> bool:
    """
    Return whether `fix` would leave the valid vendor file at *path* as it is.
    """
    return file_bytes(path) == _formatted_file(path)


def _formatted_file(path: str | os.PathLike[str]) -> bytes:
    loading.vendor_file(path)  # raises where the file is not valid
    return formatted(loading.json_file(path)).encode()


def formatted(document: Mapping[str, Any]) -> str:
    """
    Return the text of a vendor file in the canonical layout: members in the order of the schema, defaults left out.

    The *document* has to be valid, and is not changed. Entries keep their order. Members of a newer format are kept.
    """
    shape = Shape.of("vendor")
    own: Part = deepcopy(dict(document))
    _drop_expectations(own)
    if "defaults" not in own and (chosen := _chosen(own)):
        own["defaults"] = chosen
    _drop_defaults(own, own.get("defaults", {}))
    return laid_out(ordered(lean(own, shape), shape)) + "\n"


def _drop_expectations(document: Part) -> None:
    """Leave out what an example expects because its entry says so."""
    whole = defaults.filled(deepcopy(document))
    name = whole["vendor"]
    vendors: list[VendorJson] = [whole] if name == GENERIC else [whole, loading.bundled_vendor(GENERIC)]
    vendor = prepared_vendor(Registry(vendors), name)
    for code, example in defaults.examples(document):
        expect: Part = example.pop("expect", {})
        verdict = vendor.verdicts.of_code(code)
        if verdict is not None and expect.get("level") == Level.VARIANT and "variant" not in expect:
            raw = raw_of(example["response"])
            variant = vendor.variant_for(verdict, raw.status, decode(raw)[1], raw.headers)
            expect = {**expect, "variant": variant.variant} if variant else expect  # equal ones are held once
        known = implied(code, {**example, "expect": expect}, vendor.verdicts)
        if stated := _other(expect, known):
            example["expect"] = stated


def _chosen(document: Part) -> Part:
    """Return the defaults that make a file shorter which has none."""
    chosen: Part = {}
    sources = [part["source"] for part in defaults.citing(document) if "source" in part]
    for cited in _most(source["document"] for source in sources if "section" in source):
        chosen["document"] = cited
    based = [*defaults.based(document)]
    if all("basis" in part for part in based):
        for basis in _most(tuple((defaults.BASIS | part["basis"]).items()) for part in based):
            chosen["basis"] = _other(dict(basis), defaults.BASIS)
    chosen["headers"] = _common_fields(document)
    return {name: value for name, value in chosen.items() if value}


def _common_fields(document: Part) -> Part:
    """Return the header fields that most examples in JSON have, where no example lacks the name."""
    responses = [example["response"] for _, example in defaults.examples(document) if "json" in example["response"]]
    fields = [response.get("headers", {}) for response in responses]
    names = Counter(name.lower() for headers in fields for name in headers)
    counts = Counter(field for headers in fields for field in headers.items())
    often = max(_OFTEN, len(fields) // 2 + 1)
    return {name: value for (name, value), count in counts.items() if count >= often and names[name.lower()] == len(fields)}


def _most(values: Iterable[Any]) -> list[Any]:
    """Return the value that occurs most often, if it is worth a default."""
    return [value for value, count in Counter(values).most_common(1) if count >= _OFTEN]


def _drop_defaults(document: Part, chosen: Mapping[str, Any]) -> None:
    """Leave out what the *chosen* defaults of the file say."""
    for part in defaults.citing(document):
        source = part.get("source")
        if isinstance(source, dict) and source == {"document": chosen.get("document"), "section": source.get("section")}:
            part["source"] = source["section"]
    basis = defaults.BASIS | chosen.get("basis", {})
    for entry in (*document.get("statuses", {}).values(), *document["entries"]):
        whole = basis | entry.get("basis", {})
        for variant in entry.get("variants", ()):
            if "basis" in variant:
                _state(variant, "basis", basis | variant["basis"], whole, basis)
        _state(entry, "basis", whole, basis, basis)
    for _, example in defaults.examples(document):
        if "json" in (response := example["response"]):
            response["headers"] = _other(response.get("headers", {}), chosen.get("headers", {}))


def _state(part: Part, member: str, whole: Part, inherited: Part, known: Part) -> None:
    """Write in a *member* what is not *known*, or leave it out where the *whole* of it is *inherited*."""
    part.pop(member, None)
    if whole != inherited:
        part[member] = _other(whole, known)


def _other(stated: Mapping[str, Any], known: Mapping[str, Any]) -> Part:
    """Return the members that are not *known*, or stated otherwise."""
    return {name: value for name, value in stated.items() if name not in known or not is_same(known[name], value)}
