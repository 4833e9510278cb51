"""
Entries as rows of tables, with all defaults filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from errortax.model import Verdict
from errortax.registry import Registry

HEADER: Final = ("vendor", "code", "status", "category", "retry", "actor", "title")


@frozen
class Row:
    """One entry of a vendor with its verdict."""

    entry: Mapping[str, Any] = field(repr=False)
    verdict: Verdict = field(repr=False)

    @property
    def vendor(self) -> str:
        """Return the name of the vendor."""
        return self.verdict.vendor

    @property
    def code(self) -> str:
        """Return the vendor's own name for the failure."""
        code: str = self.entry["code"]
        return code

    @property
    def statuses(self) -> tuple[int, ...]:
        """Return the HTTP statuses that are documented with the code."""
        code = self.code
        return tuple(self.entry.get("statuses", ())) or ((int(code),) if code.isdigit() and len(code) == 3 else ())

    @property
    def category(self) -> str:
        """Return the category, or the outcome if it is not an error."""
        category = self.verdict.category
        return self.verdict.kind.value if category is None else category.value

    @property
    def group(self) -> str | None:
        """Return the group of the category, or None if it is not an error."""
        category = self.verdict.category
        return None if category is None else category.group.value

    def cells(self) -> tuple[str, ...]:
        """
        Return the texts of the columns in `HEADER`.
        """
        hint, statuses = self.verdict.hints[0], ",".join(map(str, self.statuses))
        retryability, title = self.verdict.retryability.value, self.verdict.title
        return (self.vendor, self.code, statuses or "-", self.category, retryability, hint.actor.value, title)

    def document(self) -> dict[str, Any]:
        """
        Return the entry as JSON: the data file's members, with the defaults filled in.
        """
        filled = {
            "vendor": self.vendor,
            "code": self.code,
            "outcome": self.verdict.kind.value,
            "category": self.group and self.category,
            "group": self.group,
            "retryability": self.verdict.retryability.value,
            "action": self.verdict.hints[0].action.value,
            "actor": self.verdict.hints[0].actor.value,
            "title": self.verdict.title,
        }
        return {**filled, **{name: value for name, value in self.entry.items() if name not in filled}}

    def matches(self, wanted: Mapping[str, object]) -> bool:
        """
        Return whether the row has all *wanted* properties; None matches anything.
        """
        found: dict[str, set[object]] = {
            "vendor": {self.vendor},
            "category": {self.category},
            "group": {self.group},
            "retryability": {self.verdict.retryability.value},
            "actor": {hint.actor.value for hint in self.verdict.hints},
            "status": set(self.statuses),
        }
        return all(value is None or value in found[name] for name, value in wanted.items())


def rows(registry: Registry) -> Iterator[Row]:
    """
    Yield all entries, vendor by vendor, in the order of their files.
    """
    for name in registry:
        for entry in registry.document(name)["entries"]:
            yield Row(entry, registry.verdict(name, entry["code"]))


def row(registry: Registry, vendor: str, code: str) -> Row:
    """
    Return the row of one documented code.
    """
    verdict = registry.verdict(vendor, code)
    return next(Row(entry, verdict) for entry in registry.document(vendor)["entries"] if entry["code"] == verdict.entry)
