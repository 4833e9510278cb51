"""
The settings of a gateway: from command-line options and a TOML file with the same keys to a translator.

No setting is guessed or ignored. An error message names the option, or the file and the key.
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
    UnreadableFileError,
    did_you_mean,
    pointer_to,
)
from errortax.registry import DOCUMENTATION_URL, Registry, default_registry, load_registry
from errortax.registry.files import file_bytes


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


BODY_TIMEOUT: Final = 5.0
"""Seconds to wait for the body of an error, unless ``body-timeout`` sets another time."""

_TEXT: Final = (_is_text, "a text")
_TEXTS: Final = (_are_texts, "a list of texts")
_TIME: Final = (_is_time, "a number of seconds")
_FLAG: Final = (_is_flag, "true or false")
_KEYS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "listen": _TEXT,
    "metrics": _TEXT,
    "grace": _TIME,
    "body-timeout": _TIME,
    "registry": _TEXTS,
    "to": _TEXT,
    "vendor": _TEXT,
    "route": (_is_table, "a table of paths and hosts with the names of vendors"),
    "expose": _TEXT,
    "locale": _TEXT,
    "inspect-success": _FLAG,
    "keep-status": _FLAG,
    "pass-header": _TEXTS,
    "too-long": _TEXT,
    "shadow": _FLAG,
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
    "too-long": ("too_long", str),
    "shadow": ("shadow", bool),
}
"""Key → the name of the argument of `errortax.Translator`, and the function that converts the value."""

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
"""Key → the types that `address_of` must return for the value, and the advice."""


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


def address_problem(key: str, text: str) -> str | None:
    """
    Return the problem with *text* as the value of the *key* ``listen`` or ``metrics``, or None.
    """
    kinds, wanted = _ADDRESSES[key]
    return None if isinstance(address_of(text), kinds) else f"{text!r} is not an address; write {wanted}"


@frozen
class Configuration:
    """Hold the settings by key, and the place of each: an option, or a file with a JSON Pointer."""

    values: Mapping[str, Any]
    places: Mapping[str, str]

    def get(self, key: str, default: Any = None) -> Any:
        """
        Return the value of *key*, or *default* if it is not set.
        """
        return self.values.get(key, default)

    def error_at(self, key: str, problem: str) -> ConfigurationError:
        """
        Return the exception for a *problem* with the value of *key*.
        """
        return ConfigurationError(self.places.get(key, f"--{key}"), problem)

    def registry(self, documentation_url: str = DOCUMENTATION_URL) -> Registry:
        """
        Return the bundled vendors with those of the files in ``registry``; raise `ConfigurationError` for a bad file.

        *documentation_url* is the root of the pages about codes.
        """
        paths = self.get("registry", ())
        if not paths and documentation_url == DOCUMENTATION_URL:
            return default_registry()
        try:
            return load_registry(*paths, documentation_url=documentation_url)
        except RegistryError as error:
            raise self.error_at("registry", f"cannot be loaded, correct or remove it: {error}") from error

    def translator(self, registry: Registry) -> Translator:
        """
        Return the translator with these settings; raise `ConfigurationError` for the first unusable value.
        """
        if {"vendor", "route"} <= self.values.keys():
            raise self.error_at("route", "vendor is given, too; give one of them, and a route '/' for all other paths")
        given: dict[str, Any] = {}
        for key in _ARGUMENTS.keys() & self.values.keys():
            name, convert = _ARGUMENTS[key]
            given[name] = convert(self.values[key])
            for entry, value in _parts(given[name]):  # one at a time, so that the message can name it
                try:
                    Translator(registry=registry, **{name: value})
                except (UnknownVendorError, UnknownFormatError) as error:
                    raise self._error_in(key, entry, str(error)) from error
                except (TypeError, ValueError, ImportError) as error:
                    raise self._error_in(key, entry, str(error).removeprefix(f"{name}: ")) from error
        try:
            return Translator(registry=registry, **given)
        except ValueError as error:  # two entries of a table contradict each other
            raise self.error_at("route", str(error).removeprefix("vendor: ")) from error

    def _error_in(self, key: str, entry: str | None, problem: str) -> ConfigurationError:
        """Return the exception for a problem with an *entry* of the table *key*; an option of the command line has no entries."""
        place = self.places[key]
        return ConfigurationError(place if entry is None or place == f"--{key}" else place + pointer_to([entry]), problem)


def _parts(value: Any) -> Iterable[tuple[str | None, Any]]:
    """Return each entry of a table as (name, table with only that entry), and any other value as (None, value)."""
    return [(name, {name: each}) for name, each in value.items()] if isinstance(value, dict) else [(None, value)]


def configuration(options: Mapping[str, Any], path: str | os.PathLike[str] | None = None) -> Configuration:
    """
    Return the settings of command line and file; an option counts before the same key of the file.

    Args:
        options: the options of the command line, under the same keys as in the file.
        path: the TOML file; None without one. Relative names of vendor files in it start from its folder.

    Raises:
        ConfigurationError: the file cannot be read, a key is unknown, a value has a wrong type, or an address is malformed.

    """
    written = {} if path is None else _read(Path(path))
    places = {key: f"{path}#/{key}" for key in written} | {key: f"--{key}" for key in options}
    settings = Configuration(written | dict(options), places)
    for key in _ADDRESSES.keys() & settings.values.keys():
        problem = address_problem(key, settings.values[key])
        if problem is not None:
            raise settings.error_at(key, problem)
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(file_bytes(path).decode())
    except UnreadableFileError as error:
        raise ConfigurationError(str(path), error.problem) from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or nested too deep
        raise ConfigurationError(str(path), f"is not TOML; correct it: {error}") from error
    for key, value in document.items():
        if key not in _KEYS:
            raise ConfigurationError(f"{path}#{pointer_to([key])}", f"unknown key {key!r}; {did_you_mean(key, _KEYS)}")
        fits, wanted = _KEYS[key]
        if not fits(value):
            raise ConfigurationError(f"{path}#/{key}", f"{value!r} is not {wanted}; write {wanted}")
    for route, vendor in document.get("route", {}).items():
        if not _is_text(vendor):
            raise ConfigurationError(f"{path}#{pointer_to(['route', route])}", f"{vendor!r} is not a name; write a vendor's name")
    if "registry" in document:
        document["registry"] = [str(path.parent / name) for name in document["registry"]]
    return document
