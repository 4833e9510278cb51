"""
How a gateway is set up: from what the command line says and a TOML file with the same keys, to a translator.

Nothing is guessed and nothing ignored: whatever cannot be used is told with the place where it was said.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from errortax.exceptions import ConfigurationError, RegistryError, UnknownFormatError, UnknownVendorError
from errortax.registry import Registry, default_registry, load_registry
from errortax.rendering import AUDIENCES
from errortax.translating import Translator


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _are_texts(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_text, value))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value.values()))


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
    "keep-status": ("restatus", lambda keep: not keep),
    "pass-header": ("pass_headers", tuple),
}
"""Key → the argument of `errortax.Translator`, and how to get it from the value."""


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
            try:
                Translator(registry=registry, **{name: given[name]})  # alone, so that it is clear what is at fault
            except (UnknownVendorError, UnknownFormatError) as error:
                raise self.refused(key, f"unknown {error.what} {error.name!r}; choose one of {', '.join(error.known)}") from error
            except (TypeError, ValueError, ImportError) as error:
                choices = f"; choose one of {', '.join(AUDIENCES)}" if key == "expose" else ""
                raise self.refused(key, f"{error}{choices}") from error
        return Translator(registry=registry, **given)


def configuration(said: Mapping[str, Any], path: str | os.PathLike[str] | None = None) -> Configuration:
    """
    Return what the command line *said*, and what the file at *path* says about all else.

    The keys of *said* are those of the file. A relative name of a vendor file in it is meant from the file's folder.
    Raise `ConfigurationError` for a file that cannot be read, a key that does not exist, and a value of the wrong type.
    """
    written = {} if path is None else _read(Path(path))
    places = {key: f"{path}#/{key}" for key in written} | {key: f"--{key}" for key in said}
    return Configuration(written | dict(said), places)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(str(path), f"cannot be read ({error.strerror}); name a readable file") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise ConfigurationError(str(path), f"is no TOML; correct it: {error}") from error
    for key, value in document.items():
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            advice = f"did you mean {near[0]!r}? " if near else ""
            raise ConfigurationError(f"{path}#/{key}", f"there is no such key; {advice}the keys are {', '.join(_KEYS)}")
        fits, wanted = _KEYS[key]
        if not fits(value):
            raise ConfigurationError(f"{path}#/{key}", f"{value!r} is not {wanted}; write {wanted}")
    if "registry" in document:
        document["registry"] = [str(path.parent / name) for name in document["registry"]]
    return document
