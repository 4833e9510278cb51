"""
The page about a vendor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from errortax.docgen.conditions import condition_in_words
from errortax.docgen.meanings import cited_of, facts_of
from errortax.docgen.slots import places_of
from errortax.docgen.values import Cited, Row, Shape, StatusMeaning, VendorPage, Wanted
from errortax.model import Verdict
from errortax.registry import Registry, Vendor
from errortax.registry.addresses import path_of
from errortax.registry.registry import verdicts_of


def vendor_page(registry: Registry, vendor: Vendor, rows: Sequence[Row]) -> VendorPage:
    """
    Return the page about *vendor*, whose entries are *rows*.
    """
    path = path_of(vendor.name)
    return VendorPage(
        path=path,
        url=f"{registry.documentation_url}/{path}",
        title=vendor.title,
        description=vendor.description or "",
        name=vendor.name,
        is_standard=vendor.standard is not None,
        homepage=vendor.url,
        scheme=vendor.scheme.value,
        scheme_description=registry.taxonomy.schemes[vendor.scheme].description,
        hosts=vendor.hosts,
        standards=vendor.standards,
        documents=tuple(Cited(document=document.title, section=None, url=document.url) for document in vendor.documents),
        requests=tuple(_requests(vendor)),
        places=places_of(vendor.places),
        shapes=tuple(_shapes(vendor)),
        statuses=tuple(_statuses(registry, vendor)),
        facts=facts_of(vendor.facts, vendor),
        rows=tuple(rows),
    )


def _requests(vendor: Vendor) -> Iterator[Wanted]:
    for wanted in vendor.requests:
        yield Wanted(
            header=wanted.header,
            value=wanted.value,
            required=wanted.required,
            secret=wanted.secret,
            description=wanted.description,
            applies_to=wanted.applies_to,
            source=cited_of(wanted.source, vendor),
            basis=wanted.basis.value,
        )


def _shapes(vendor: Vendor) -> Iterator[Shape]:
    for envelope in vendor.envelopes:
        yield Shape(
            name=envelope.name,
            description=envelope.description,
            condition=condition_in_words(envelope.recognise),
            places=places_of(envelope),
            source=cited_of(envelope.source, vendor),
            basis=envelope.basis.value,
        )


def _statuses(registry: Registry, vendor: Vendor) -> Iterator[StatusMeaning]:
    """Yield what each status means, then what changes it; last what changes the meaning of any error."""
    verdicts = verdicts_of(registry, vendor.name)
    for status in sorted(vendor.statuses):
        verdict = verdicts.of_status(status)
        yield _status(status, verdict)
        for variant in verdict.variants:
            if not variant.is_general:
                yield _status(status, variant)
    for changed in vendor.variants:
        yield StatusMeaning(
            status=None,
            condition=condition_in_words(changed.when, changed.statuses),
            title=changed.title,
            description=changed.description,
            category=changed.category and changed.category.value,
            retryability=changed.retryability and changed.retryability.value,
        )


def _status(status: str, verdict: Verdict) -> StatusMeaning:
    return StatusMeaning(
        status=status,
        condition=condition_in_words(verdict.when, verdict.only) if verdict.variant else None,
        title=verdict.title,
        description=verdict.description,
        category=verdict.category and verdict.category.value,
        retryability=verdict.retryability.value,
    )
