"""
Entries as rows of tables on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from errortax.docgen import Row

HEADER: Final = ("vendor", "code", "status", "category", "retry", "actor", "title")


def cells(row: Row) -> tuple[str, ...]:
    """
    Return the texts of the columns in `HEADER`.
    """
    statuses = ",".join(map(str, row.statuses)) or "-"
    return (row.vendor, row.code, statuses, row.category or row.outcome, row.retryability, row.actor, row.title)


def matches(row: Row, wanted: Mapping[str, object]) -> bool:
    """
    Return whether the *row* has all *wanted* properties; None matches anything.
    """
    found: dict[str, set[object]] = {
        "vendor": {row.vendor},
        "category": {row.category or row.outcome},
        "group": {row.group},
        "retryability": {row.retryability},
        "actor": set(row.actors),
        "status": set(row.statuses),
    }
    return all(value is None or value in found[name] for name, value in wanted.items())
