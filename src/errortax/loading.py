"""
The only module that reads files: JSON text → plain JSON documents, validated where a user wrote them.

The bundled data was validated when the package was built and is read as it is. What the documents mean is said by
`errortax.validation` (what is wrong with one) and `errortax.structuring` (typed objects out of one), both imported
only where they are used: the parser reads the plain documents.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from gc import disable, enable, isenabled
from typing import TYPE_CHECKING, Any, Final

from errortax.exceptions import InvalidFileError, UnknownSchemaError, UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

_HERE: Final = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  # pathlib costs 5 ms to import
_ROOTS: Final = (
    os.path.join(_HERE, "schemas"),  # noqa: PTH118  # installed from a wheel, or inside a zip
    os.path.join(os.path.dirname(os.path.dirname(_HERE)), "schemas"),  # noqa: PTH118, PTH120  # a checkout
)


def _read_bundled(name: str) -> bytes:
    for root in _ROOTS:
        try:
            data: bytes = __loader__.get_data(os.path.join(root, *name.split("/")))  # noqa: PTH118
        except OSError:
            continue
        return data
    raise UnreadableFileError(name, "the bundled data is missing; install errortax again")


def read_bundled(name: str) -> Any:
    """
    Return the bundled JSON document *name*, such as ``vendors/http.json``, as plain JSON that is the caller's own.
    """
    return json.loads(_read_bundled(name))


bundled = cache(read_bundled)
"""The same, read once and shared; do not change it."""


@cache
def names(folder: str = "") -> tuple[str, ...]:
    """
    Return the names of the bundled JSON documents in *folder*, sorted.
    """
    for root in _ROOTS:
        if os.path.isdir(path := os.path.join(root, folder)):  # noqa: PTH112, PTH118
            found = os.listdir(path)  # noqa: PTH208
            break
    else:
        from importlib.resources import files  # inside a zip; costs 20 ms to import

        found = [entry.name for entry in files("errortax").joinpath("schemas", folder).iterdir()]
    return tuple(sorted(name for name in found if name.endswith(".json")))


def schemas() -> tuple[str, ...]:
    """
    Return the names under which `schema` knows the JSON Schemas.
    """
    return tuple(name.removesuffix(".schema.json") for name in names() if name.endswith(".schema.json"))


def schema(name: str) -> Any:
    """
    Return the JSON Schema called *name*, such as ``vendor``, as plain JSON.

    Raise `errortax.exceptions.UnknownSchemaError` for any other name.
    """
    if name not in schemas():
        raise UnknownSchemaError(name, schemas())
    return bundled(f"{name}.schema.json")


def vendor_file(path: str | os.PathLike[str], *, validate: bool = True) -> Mapping[str, Any]:
    """
    Return the vendor file at *path* as plain JSON, examples included.

    *validate* may be False for a file that is known to be good. Raise `errortax.exceptions.UnreadableFileError` where
    there is nothing to read, and `errortax.exceptions.InvalidFileError` with all violations where what is read is no
    vendor file.
    """
    from pathlib import Path

    path = Path(path)
    with _garbage_collection_paused():
        document = _parse(path, _read(path))
        if validate:
            from errortax.validation import validated

            document = validated(document, path)
    return document


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFileError(path, "there is no such file; check the path") from None
    except IsADirectoryError:
        raise UnreadableFileError(path, "this is a directory; name a file in it") from None
    except OSError as error:
        raise UnreadableFileError(path, f"it cannot be read ({error.strerror}); check its permissions") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidFileError(path, [f"{path}#: byte {error.start} is not UTF-8; save the file as UTF-8"]) from None
    if not text.strip():
        raise InvalidFileError(path, [f"{path}#: the file is empty; start from an existing vendor file"])
    return text


class _Repeating(dict[str, Any]):
    """An object of which some members stand twice."""

    repeated: tuple[str, ...]


def _parse(path: Path, text: str) -> Any:
    repetitions = 0

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repetitions
        document = dict(pairs)
        if len(document) == len(pairs):
            return document
        repetitions += 1
        repeating = _Repeating(document)
        keys = [key for key, _ in pairs]
        repeating.repeated = tuple(key for key in document if keys.count(key) > 1)
        return repeating

    def constant(name: str) -> None:
        raise ValueError(f"{name} is not JSON; use a number or null")

    try:
        document = json.loads(text, object_pairs_hook=members, parse_constant=constant)
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}; the file has to be JSON"
        raise InvalidFileError(path, [f"{path}#: {problem}"]) from None
    except (ValueError, RecursionError) as error:
        raise InvalidFileError(path, [f"{path}#: {error}"]) from None
    if repetitions:
        raise InvalidFileError(path, sorted(_repetitions(path, document, "")))
    return document


def _repetitions(path: Path, document: Any, pointer: str) -> Iterator[str]:
    if isinstance(document, _Repeating):
        for key in document.repeated:
            yield f"{path}#{pointer}/{key}: the member stands twice; keep one of the two"
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _repetitions(path, value, f"{pointer}/{key}")
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _repetitions(path, value, f"{pointer}/{index}")


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Many small objects that all stay would be visited over and over."""
    was_enabled = isenabled()
    disable()
    try:
        yield
    finally:
        if was_enabled:
            enable()
