"""
The exceptions for mistakes of the caller: an unknown name, a bad file, unusable options.

Each exception has fields; ``str()`` makes the message from them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from errortax.model.suggestions import did_you_mean, near_misses

__all__ = [
    "AmbiguousCodeError",
    "ConfigurationError",
    "DataFormatWarning",
    "DuplicateHostError",
    "DuplicateVendorError",
    "ErrortaxError",
    "InvalidFileError",
    "RegistryError",
    "UnknownCodeError",
    "UnknownFormatError",
    "UnknownSchemaError",
    "UnknownVariantError",
    "UnknownVendorError",
    "UnreadableFileError",
    "WireFormError",
]


class ErrortaxError(Exception):
    """The base class of all exceptions that errortax defines."""


class WireFormError(ErrortaxError, ValueError):
    """A document is not the wire form of a canonical error (``schemas/canonical-error.schema.json``); see *pointer*."""

    def __init__(self, pointer: str, problem: str) -> None:
        super().__init__(pointer, problem)
        self.pointer, self.problem = pointer, problem

    def __str__(self) -> str:
        return f"canonical error#{self.pointer}: {self.problem}"


class ConfigurationError(ErrortaxError, ValueError):
    """An option of a gateway cannot be used; *place* is the option, or the file with a JSON Pointer."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place, self.problem = place, problem

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


class RegistryError(ErrortaxError):
    """Vendor data cannot be loaded, or does not contain the requested name."""


class InvalidFileError(RegistryError, ValueError):
    """
    A data file breaks its rules.

    `violations` has one text for each violation, in order: ``file#/json/pointer: the problem; the remedy``.
    """

    def __init__(self, path: str | os.PathLike[str], violations: Iterable[str]) -> None:
        self.path, self.violations = path, tuple(violations)
        super().__init__(path, self.violations)

    def __str__(self) -> str:
        return "\n".join(self.violations)


class UnreadableFileError(RegistryError, OSError):
    """A data file cannot be read: it does not exist, is a directory, or is not permitted."""

    def __init__(self, path: str | os.PathLike[str], problem: str, errno: int | None = None) -> None:
        super().__init__(errno, problem, os.fspath(path))
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"

    def __reduce__(self) -> tuple[type[UnreadableFileError], tuple[str | os.PathLike[str], str, int | None]]:
        return UnreadableFileError, (self.path, self.problem, self.errno)


class DataFormatWarning(UserWarning):
    """A data file has a newer minor format; this release ignored the members that it does not know."""


class _UnknownNameError(RegistryError, KeyError):
    """A requested name does not exist; `suggestions` has the near misses, the best first."""

    what = "name"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = str(name), tuple(sorted(known))
        super().__init__(self.name, self.known)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Return up to three known names that look like the requested one or contain a word that does."""
        return near_misses(self.name, self.known)

    def __str__(self) -> str:
        return f"unknown {self.what} {self.name!r}; {did_you_mean(self.name, self.known)}"


class UnknownVendorError(_UnknownNameError):
    """The registry has no vendor of that name."""

    what = "vendor"


class UnknownCodeError(_UnknownNameError):
    """The registry, or the vendor that was named, has no entry with that code; *vendors* are others that have one."""

    what = "code"

    def __init__(self, name: str, known: Iterable[str], vendors: Iterable[str] = ()) -> None:
        super().__init__(name, known)
        self.vendors = tuple(sorted(vendors))
        self.args = (*self.args, self.vendors)

    def __str__(self) -> str:
        return f"unknown code {self.name!r}; documented by {', '.join(self.vendors)}" if self.vendors else super().__str__()


class UnknownVariantError(_UnknownNameError):
    """The entry has no variant of that name."""

    what = "variant"


class UnknownSchemaError(_UnknownNameError):
    """The data has no JSON Schema of that name."""

    what = "schema"


class UnknownFormatError(_UnknownNameError, ValueError):
    """There is no format of that name to render to or to read."""

    what = "format"


class DuplicateVendorError(RegistryError, ValueError):
    """Two of the files to load describe the same vendor."""

    def __init__(self, vendor: str, paths: Iterable[object]) -> None:
        self.vendor, self.paths = vendor, tuple(map(str, paths))
        super().__init__(vendor, self.paths)

    def __str__(self) -> str:
        return f"vendor {self.vendor!r} is in {' and in '.join(self.paths)}; load one of them"


class DuplicateHostError(RegistryError, ValueError):
    """Several vendors of a registry claim the same host."""

    def __init__(self, host: str, vendors: Iterable[str]) -> None:
        self.host, self.vendors = host, tuple(sorted(vendors))
        super().__init__(host, self.vendors)

    def __str__(self) -> str:
        names = " and ".join(map(repr, self.vendors))
        return f"host {self.host!r} is claimed by the vendors {names}; keep it in one, or give both files one vendor's name"


class AmbiguousCodeError(RegistryError, LookupError):
    """Several vendors document the code, and no vendor was named."""

    def __init__(self, code: str, vendors: Iterable[str]) -> None:
        self.code, self.vendors = code, tuple(sorted(vendors))
        super().__init__(code, self.vendors)

    def __str__(self) -> str:
        return f"code {self.code!r} is documented by {', '.join(self.vendors)}; name the vendor"
