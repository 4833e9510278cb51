"""
Classify readings: choose the vendor of each, and report the places that have no response.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

import errortax
from errortax.cli.options import ANY_ERROR, AUTO
from errortax.cli.readings import Complaint, Reading
from errortax.cli.screen import note
from errortax.http import host_of
from errortax.model import Category, Outcome, OutcomeKind, UnknownVendorError
from errortax.registry import GENERIC, Registry


@frozen
class Result:
    """Hold a reading, what it was classified as, and the name of the vendor that answered, or should have."""

    reading: Reading
    outcome: Outcome
    vendor: str


class Classifier:
    """Classify readings with the options of the command line, and remember what decides the exit code."""

    def __init__(self, registry: Registry, vendor: str | None, fail_on: tuple[str, ...]) -> None:
        self._registry, self._vendor, self._fail_on = registry, vendor, frozenset(fail_on)
        self._has_advised = self._has_asked = False
        self.is_incomplete = False
        self.has_failed = False
        if vendor not in (None, AUTO):
            registry.document(vendor)  # report an unknown vendor before anything is read

    def results(self, readings: Iterable[Reading | Complaint]) -> Iterator[Result]:
        """
        Yield the result of each of the *readings*; print each complaint to standard error.
        """
        for reading in readings:
            if isinstance(reading, Complaint):
                self._complain(reading)
                continue
            try:
                result = self._classify(reading)
            except UnknownVendorError as unknown:  # in the input
                self._complain(Complaint(reading.where, str(unknown)))
                continue
            error = result.outcome.error
            if error is not None and not self._fail_on.isdisjoint((ANY_ERROR, error.category, error.category.group)):
                self.has_failed = True
            yield result

    def _classify(self, reading: Reading) -> Result:
        vendor = reading.vendor if self._vendor in (None, AUTO) else self._vendor
        if reading.failure is not None:
            return self._failure(reading, reading.failure, vendor)
        if vendor is None and self._vendor == AUTO:
            vendor = errortax.detect_vendor(reading.response, registry=self._registry)
        outcome = errortax.classify(reading.response, vendor, registry=self._registry)
        if vendor is None and self._vendor is None:
            self._advise(reading, outcome)
        if reading.response.status is None:
            self._ask_for_status(reading.where, outcome)
        return Result(reading, outcome, outcome.error.vendor if outcome.error else vendor or self._vendor_at(reading))

    def _failure(self, reading: Reading, category: Category, vendor: str | None) -> Result:
        """Return the result for a request without a response."""
        vendor = vendor or self._vendor_at(reading)
        error = errortax.transport_error(category, vendor=vendor, registry=self._registry)
        outcome = evolve(
            errortax.classify(reading.response, vendor, registry=self._registry),
            kind=OutcomeKind.ERROR,
            entry=None,
            error=error,
            retryability=error.retryability,
            hints=error.hints,
            match=error.match,
        )
        return Result(reading, outcome, error.vendor)

    def _vendor_at(self, reading: Reading) -> str:
        url = reading.response.url
        return (None if url is None else self._registry.vendor_of_host(host_of(url))) or GENERIC

    def _ask_for_status(self, where: str, outcome: Outcome) -> None:
        if not self._has_asked and (outcome.error is None or outcome.error.status is None):
            note(f"{where}: the HTTP status is unknown; add --status if you know it")
            self._has_asked = True

    def _advise(self, reading: Reading, outcome: Outcome) -> None:
        if self._has_advised or outcome.error is None or outcome.error.vendor != GENERIC:
            return
        vendor = errortax.detect_vendor(reading.response, registry=self._registry)
        if vendor not in (None, GENERIC):
            note(f"{reading.where}: looks like a response of {vendor}; add --vendor {vendor}, or --vendor {AUTO}")
            self._has_advised = True

    def _complain(self, complaint: Complaint) -> None:
        note(str(complaint))
        self.is_incomplete |= complaint.fatal
