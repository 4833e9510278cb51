"""
Entries as rows of tables: with all defaults filled in, filtered, found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from errortax.registry import Registry
from errortax.verdicts import Verdict, Verdicts

HEADER: Final = ("vendor", "code", "status", "category", "retry", "actor", "title")


@frozen
class Row:
    """One entry of a vendor with its verdict."""

    vendor: str
    entry: Mapping[str, Any] = field(repr=False)
    verdict: Verdict = field(repr=False)

    @property
    def code(self) -> str:
        """Return the vendor's own name of the failure."""
        code: str = self.entry["code"]
        return code

    @property
    def statuses(self) -> tuple[int, ...]:
        """Return the HTTP statuses that come with the code, as far as they are documented."""
        code = self.code
        return tuple(self.entry.get("statuses", ())) or ((int(code),) if code.isdigit() and len(code) == 3 else ())

    @property
    def category(self) -> str:
        """Return the category, or the outcome where it is no error."""
        judgement = self.verdict.judgement
        return self.verdict.kind.value if judgement is None else judgement.category.value

    def cells(self) -> tuple[str, ...]:
        """
        Return the texts under `HEADER`.
        """
        hint, statuses = self.verdict.hints[0], ",".join(map(str, self.statuses))
        title = self._title()
        return (self.vendor, self.code, statuses or "-", self.category, self.verdict.retryability.value, hint.actor.value, title)

    def document(self) -> dict[str, Any]:
        """
        Return the entry as JSON: the data file's members, with the defaults filled in.
        """
        judgement = self.verdict.judgement
        filled = {
            "vendor": self.vendor,
            "code": self.code,
            "outcome": self.verdict.kind.value,
            "category": judgement and judgement.category.value,
            "group": judgement and judgement.category.group.value,
            "retryability": self.verdict.retryability.value,
            "action": self.verdict.hints[0].action.value,
            "actor": self.verdict.hints[0].actor.value,
            "title": self._title(),
        }
        return {**filled, **{name: value for name, value in self.entry.items() if name not in filled}}

    def is_like(self, wanted: Mapping[str, object]) -> bool:
        """
        Return whether the row has all *wanted* properties; those that are None do not count.
        """
        judgement = self.verdict.judgement
        found: dict[str, set[object]] = {
            "vendor": {self.vendor},
            "category": {self.category},
            "group": {judgement.category.group.value} if judgement else set(),
            "retryability": {self.verdict.retryability.value},
            "actor": {hint.actor.value for hint in self.verdict.hints},
            "status": set(self.statuses),
        }
        return all(value is None or value in found[name] for name, value in wanted.items())

    def _title(self) -> str:
        title: str = self.entry.get("title") or (self.verdict.judgement.title if self.verdict.judgement else "")
        return title


def rows(registry: Registry) -> Iterator[Row]:
    """
    Yield all entries, vendor by vendor, in the order of their documents.
    """
    for name in registry.names:
        data = registry.document(name)
        verdicts = Verdicts(data, registry.documentation_url)
        yield from (Row(name, entry, verdicts.of(entry, entry["code"])) for entry in data["entries"])


def row(registry: Registry, vendor: str, code: str) -> Row:
    """
    Return the row of one documented code.
    """
    return next(found for found in rows(registry) if (found.vendor, found.code) == (vendor, code))
