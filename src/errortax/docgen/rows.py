"""
Entries as rows of lists, with all defaults filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from errortax.docgen.values import Row
from errortax.model import Verdict
from errortax.registry import Registry
from errortax.registry.addresses import path_of


def rows(registry: Registry) -> Iterator[Row]:
    """
    Yield all entries of vendors, vendor by vendor, in the order of their files.
    """
    for vendor in registry:
        yield from rows_of(registry, vendor)


def rows_of(registry: Registry, vendor: str) -> Iterator[Row]:
    """
    Yield the entries of *vendor*; raise `errortax.exceptions.UnknownVendorError`.
    """
    for entry in registry.document(vendor)["entries"]:
        yield _row(entry, registry.verdict(vendor, entry["code"]), registry.documentation_url)


def _row(entry: Mapping[str, Any], verdict: Verdict, root: str) -> Row:
    hint, path = verdict.hints[0], path_of(verdict.vendor, entry["code"])
    return Row(
        path=path,
        url=f"{root}/{path}",
        vendor=verdict.vendor,
        code=entry["code"],
        also=tuple(entry.get("also", ())),
        title=verdict.title,
        description=verdict.description,
        statuses=statuses_of(entry["code"], verdict),
        outcome=verdict.kind.value,
        category=verdict.category and verdict.category.value,
        group=verdict.category and verdict.category.group.value,
        retryability=verdict.retryability.value,
        action=hint.action.value,
        actor=hint.actor.value,
        actors=tuple(dict.fromkeys(each.actor.value for each in verdict.hints)),
        hint=hint.text,
        min_delay=verdict.min_delay,
        emitted_status=verdict.emitted_status,
        basis=verdict.basis.value,
        deprecated="deprecated" in entry,
    )


def statuses_of(code: str, verdict: Verdict) -> tuple[int, ...]:
    """
    Return the HTTP statuses that are documented with a *code*; a code of three digits is one.
    """
    return tuple(sorted(verdict.statuses)) or ((int(code),) if code.isdecimal() and len(code) == 3 else ())
