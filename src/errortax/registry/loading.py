"""
JSON files → plain JSON documents, validated where a user wrote them.

The bundled data was validated when the package was built and is read as it is. What the documents mean is said by
`errortax.validation` (what is wrong with one) and `errortax.structuring` (typed objects out of one), both imported
only where they are used: the parser reads the plain documents.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from gc import disable, enable, isenabled
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from errortax.model import InvalidFileError, UnknownSchemaError, UnreadableFileError
from errortax.registry.defaults import filled
from errortax.registry.files import file_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from errortax.registry.plain import VendorJson

_MAX_SHARED_MEMBERS: Final = 3  # larger objects are hardly ever equal

_HERE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  # pathlib costs 5 ms to import
_ROOTS: Final = (
    os.path.join(_HERE, "schemas"),  # noqa: PTH118  # installed from a wheel, or inside a zip
    os.path.join(os.path.dirname(os.path.dirname(_HERE)), "schemas"),  # noqa: PTH118, PTH120  # a checkout
)
_LOADER: Final = globals()["__spec__"].loader  # reads from inside a zip, too


def _read_bundled(name: str) -> bytes:
    for root in _ROOTS:
        try:
            data: bytes = _LOADER.get_data(os.path.join(root, *name.split("/")))  # noqa: PTH118  # no pathlib, see above
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


def bundled_vendor(name: str, folder: str = "vendors") -> VendorJson:
    """
    Return the file of the bundled vendor *name* as plain JSON, defaults filled in, examples included.

    *folder* is ``standards`` for a standard.
    """
    return filled(read_bundled(f"{folder}/{name}.json"))


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


def all_schemas() -> Mapping[str, Any]:
    """
    Return all JSON Schemas by their names.
    """
    return {name: schema(name) for name in schemas()}


def json_file(path: str | os.PathLike[str]) -> Any:
    """
    Return the JSON document in the file at *path*, as it is there.

    Raise `errortax.exceptions.UnreadableFileError` where there is nothing to read, and
    `errortax.exceptions.InvalidFileError` where what is read is not JSON in UTF-8.
    """
    from pathlib import Path

    path = Path(path)
    with _flat_enough(path), _garbage_collection_paused():
        return _parse(path, _read(path))


def vendor_file(path: str | os.PathLike[str], *, validate: bool = True) -> VendorJson:
    """
    Return the vendor file at *path* as plain JSON, defaults filled in, examples included.

    *validate* may be False for a file that is known to be good. Raise `errortax.exceptions.UnreadableFileError` if the file
    cannot be read, and `errortax.exceptions.InvalidFileError` with all violations if it is not a vendor file.
    """
    from pathlib import Path

    path = Path(path)
    with _flat_enough(path), _garbage_collection_paused():
        document = _parse(path, _read(path))
        if validate:
            from errortax.registry.validation import validated

            document = validated(document, path, all_schemas)
        return filled(document)


@contextmanager
def _flat_enough(path: Path) -> Generator[None]:
    try:
        yield
    except RecursionError:
        raise _invalid(path, "nested too deeply", "make it flatter") from None


def _invalid(path: Path, what: str, remedy: str) -> InvalidFileError:
    return InvalidFileError(path, [f"{path}#: {what}; {remedy}"])


def _read(path: Path) -> str:
    data = file_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _invalid(path, f"byte {error.start} is not UTF-8", "save the file as UTF-8") from None
    if "\0" in text:
        raise _invalid(path, "it holds NUL characters, as UTF-16 does", "save the file as UTF-8")
    if not text.strip():
        raise _invalid(path, "the file is empty", "start from an existing vendor file")
    return text


class _Repeating(dict[str, Any]):
    """An object that has some members twice."""

    repeated: tuple[str, ...]


class _NotJsonError(Exception):
    """A number that Python reads and JSON does not have."""


def _parse(path: Path, text: str) -> Any:
    repetitions = 0
    share: Callable[[Any, Any], Any] = {}.setdefault

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Make an object; equal texts, lists of one number and small objects of texts are held once."""
        nonlocal repetitions
        document: dict[str, Any] = {}
        is_shared = len(pairs) <= _MAX_SHARED_MEMBERS
        for name, value in pairs:
            if value.__class__ is str:
                document[name] = share(value, value)
                continue
            is_shared = False  # 1, 1.0 and true are equal, and so are objects that hold them
            is_single_number = value.__class__ is list and len(value) == 1 and value[0].__class__ is int
            document[name] = share(value[0], value) if is_single_number else value
        if len(document) < len(pairs):
            repetitions += 1
            repeating = _Repeating(document)
            counts = Counter(key for key, _ in pairs)
            repeating.repeated = tuple(key for key, count in counts.items() if count > 1)
            return repeating
        shared: dict[str, Any] = share(tuple(document.items()), document) if is_shared else document
        return shared

    try:
        document = json.loads(text, object_pairs_hook=members, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        what = f"{error.msg[0].lower()}{error.msg[1:].removesuffix(' at')} at line {error.lineno}, column {error.colno}"
        raise _invalid(path, what, "the file has to be JSON, correct it there") from None
    except _NotJsonError as error:
        raise _invalid(path, f"{error} is not a number in JSON", "write a finite number or leave the member out") from None
    except ValueError:  # Python refuses to convert more digits than `sys.get_int_max_str_digits` says
        raise _invalid(path, "a number has thousands of digits", "write a smaller one") from None
    if repetitions:
        from errortax.registry.validation import lines

        raise InvalidFileError(path, lines(path, _repetitions(document, ())))
    if _surrogate(text):
        _check_characters(path, document)
    return document


_surrogate: Final = re.compile(r"\\u[dD][89a-fA-F]").search  # perhaps half of a pair, perhaps behind another backslash


def _check_characters(path: Path, document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise _invalid(path, f"{half} is only half of a character", "write the character itself") from None


def _no_constant(name: str) -> None:
    raise _NotJsonError(name)


def _finite(digits: str) -> float:
    if isfinite(number := float(digits)):
        return number
    raise _NotJsonError(digits[:40])


def _repetitions(document: Any, where: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    if isinstance(document, _Repeating):
        for name in document.repeated:
            yield (*where, name), "the member is here twice", "keep one of the two"
    members: Iterable[tuple[str | int, Any]] = ()
    if isinstance(document, dict):
        members = document.items()
    elif isinstance(document, list):
        members = enumerate(document)
    for key, value in members:
        yield from _repetitions(value, (*where, key))


@contextmanager
def _garbage_collection_paused() -> Generator[None]:
    """Many small objects that all stay would be visited over and over."""
    was_enabled = isenabled()
    disable()
    try:
        yield
    finally:
        if was_enabled:
            enable()
