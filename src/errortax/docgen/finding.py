"""
The entry with a code: that of a vendor, else that of a standard.
"""

from __future__ import annotations

import re

from errortax.model import AmbiguousCodeError, UnknownCodeError
from errortax.registry import GENERIC, Entry, Registry, Vendor


def is_documented(registry: Registry, name: str) -> bool:
    """
    Return whether *name* is that of a vendor or of a standard.
    """
    return name in registry or name in registry.standards


def find(registry: Registry, code: str, vendor: str | None = None) -> tuple[Vendor, Entry]:
    """
    Return the one entry with this *code*, and its vendor or standard; the exceptions are those of `Registry.find`.

    Without a *vendor*, a standard counts only if no vendor documents the code, and the class of an HTTP status, such as ``5xx``,
    only if no standard documents it either.
    """
    try:
        return registry.find(code, vendor)
    except UnknownCodeError as error:
        if vendor is not None:
            raise
        standards = [registry[name] for name in registry.standards]
        found = [(standard, standard[code]) for standard in standards if code in standard]
        if len(found) > 1:
            raise AmbiguousCodeError(code, [standard.name for standard, _ in found]) from None
        if not found and (general := _class_of(code)) in registry.get(GENERIC, ()):
            return registry[GENERIC], registry[GENERIC][general]
        if not found:
            raise UnknownCodeError(code, {*error.known, *(known for standard in standards for known in standard)}) from None
        return found[0]


def _class_of(code: str) -> str:
    return f"{code[0]}xx" if re.fullmatch("[1-5][0-9][0-9]", code) else code
