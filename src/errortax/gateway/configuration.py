"""
How a gateway is set up: from what the command line says and a TOML file with the same keys, to a translator.

Nothing is guessed and nothing ignored: whatever cannot be used is told with the place where it was said.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from errortax.gateway.translating import Translator
from errortax.model import (
    ConfigurationError,
    RegistryError,
    UnknownFormatError,
    UnknownVendorError,
    did_you_mean,
    pointer_to,
)
from errortax.registry import Registry, default_registry, load_registry


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _are_texts(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_text, value))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


_TEXT: Final = (_is_text, "a text")
_TEXTS: Final = (_are_texts, "a list of texts")
_FLAG: Final = (_is_flag, "true or false")
_KEYS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "listen": _TEXT,
    "metrics": _TEXT,
    "grace": (_is_time, "a number of seconds"),
    "registry": _TEXTS,
    "to": _TEXT,
    "vendor": _TEXT,
    "route": (_is_table, "a table of paths and hosts with the names of vendors"),
    "expose": _TEXT,
    "locale": _TEXT,
    "inspect-success": _FLAG,
    "keep-status": _FLAG,
    "pass-header": _TEXTS,
}

_ARGUMENTS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "to": ("to", str),
    "vendor": ("vendor", str),
    "route": ("vendor", dict),
    "expose": ("expose", str),
    "locale": ("locale", str),
    "inspect-success": ("inspect_success", bool),
    "keep-status": ("keep_status", bool),
    "pass-header": ("pass_headers", tuple),
}
"""Key → the argument of `errortax.Translator`, and how to get it from the value."""

_ADDRESS: Final = re.compile(
    r"unix:(?P<path>[^\0]+)|(?:(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63})*\.?)|\[(?P<ip>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\])"
    r":(?P<port>[0-9]{1,5})",
    re.ASCII | re.DOTALL,
)
_PORTS: Final = range(65_536)
_ADDRESSES: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "listen": ((tuple, str), "HOST:PORT or unix:PATH"),
    "metrics": (tuple, "HOST:PORT, such as 127.0.0.1:9464"),
}
"""Key → what `address_of` has to return for the value, and what to write."""


def address_of(text: str) -> tuple[str, int] | str | None:
    """
    Return the host and the port of ``HOST:PORT``, or the path of ``unix:PATH``; None for anything else.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    if found["path"]:
        return str(found["path"])
    port = int(found["port"])
    return (str(found["host"] or found["ip"]), port) if port in _PORTS else None


def no_address(key: str, text: str) -> str | None:
    """
    Return what is wrong with *text* as the value of ``listen`` or ``metrics``, or None.
    """
    kinds, wanted = _ADDRESSES[key]
    return None if isinstance(address_of(text), kinds) else f"{text!r} is no address; write {wanted}"


@frozen
class Configuration:
    """Hold what was said, by key, and where each key's value came from."""

    values: Mapping[str, Any]
    places: Mapping[str, str]

    def get(self, key: str, default: Any = None) -> Any:
        """
        Return the value of *key*, or the default where nothing was said.
        """
        return self.values.get(key, default)

    def refused(self, key: str, problem: str) -> ConfigurationError:
        """
        Return the exception that tells what is wrong with the value of *key*.
        """
        return ConfigurationError(self.places.get(key, f"--{key}"), problem)

    def registry(self) -> Registry:
        """
        Return the bundled vendors and those of the files under the key ``registry``; raise `ConfigurationError`.
        """
        paths = self.get("registry", ())
        try:
            return load_registry(*paths) if paths else default_registry()
        except RegistryError as error:
            raise self.refused("registry", f"cannot be loaded, correct or remove it: {error}") from error

    def translator(self, registry: Registry) -> Translator:
        """
        Return the translator that was asked for; raise `ConfigurationError`, which names the first key at fault.
        """
        if {"vendor", "route"} <= self.values.keys():
            raise self.refused("route", "vendor is given, too; give one of them, and a route '/' for all other paths")
        given: dict[str, Any] = {}
        for key in _ARGUMENTS.keys() & self.values.keys():
            name, convert = _ARGUMENTS[key]
            given[name] = convert(self.values[key])
            for entry, value in _parts(given[name]):  # alone, so that it is clear what is at fault
                try:
                    Translator(registry=registry, **{name: value})
                except (UnknownVendorError, UnknownFormatError) as error:
                    raise self._refused_at(key, entry, str(error)) from error
                except (TypeError, ValueError, ImportError) as error:
                    raise self._refused_at(key, entry, str(error).removeprefix(f"{name}: ")) from error
        try:
            return Translator(registry=registry, **given)
        except ValueError as error:  # two entries of a table contradict each other
            raise self.refused("route", str(error).removeprefix("vendor: ")) from error

    def _refused_at(self, key: str, entry: str | None, problem: str) -> ConfigurationError:
        """Return the exception for an *entry* of the table of that key; the command line says it all in one place."""
        place = self.places[key]
        return ConfigurationError(place if entry is None or place == f"--{key}" else place + pointer_to([entry]), problem)


def _parts(value: Any) -> Iterable[tuple[str | None, Any]]:
    """Return each entry of a table, by name, as a table of its own, and anything else as it is."""
    return [(name, {name: each}) for name, each in value.items()] if isinstance(value, dict) else [(None, value)]


def configuration(said: Mapping[str, Any], path: str | os.PathLike[str] | None = None) -> Configuration:
    """
    Return what the command line *said*, and what the file at *path* says about all else.

    The keys of *said* are those of the file. A relative name of a vendor file in it is meant from the file's folder.
    Raise `ConfigurationError` for a file that cannot be read, a key that does not exist, a value of the wrong type, and what
    is no address.
    """
    written = {} if path is None else _read(Path(path))
    places = {key: f"{path}#/{key}" for key in written} | {key: f"--{key}" for key in said}
    settings = Configuration(written | dict(said), places)
    for key in _ADDRESSES.keys() & settings.values.keys():
        problem = no_address(key, settings.values[key])
        if problem is not None:
            raise settings.refused(key, problem)
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(str(path), f"cannot be read ({error.strerror}); name a readable file") from error
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, or nested without end
        raise ConfigurationError(str(path), f"is no TOML; correct it: {error}") from error
    for key, value in document.items():
        if key not in _KEYS:
            raise ConfigurationError(f"{path}#{pointer_to([key])}", f"there is no such key; {did_you_mean(key, _KEYS)}")
        fits, wanted = _KEYS[key]
        if not fits(value):
            raise ConfigurationError(f"{path}#/{key}", f"{value!r} is not {wanted}; write {wanted}")
    for route, vendor in document.get("route", {}).items():
        if not _is_text(vendor):
            raise ConfigurationError(f"{path}#{pointer_to(['route', route])}", f"{vendor!r} is no name; write a vendor's name")
    if "registry" in document:
        document["registry"] = [str(path.parent / name) for name in document["registry"]]
    return document
