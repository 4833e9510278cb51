"""
From readings to outcomes: which vendor to take, and what to do about places that yield nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import errortax
from errortax.cli.options import ANY_ERROR, AUTO
from errortax.cli.readings import Complaint, Reading
from errortax.cli.screen import talk
from errortax.model import Outcome, UnknownVendorError
from errortax.registry import GENERIC, Registry


class Classifier:
    """Classify readings as the command line wants it, and keep in mind what the exit code depends on."""

    def __init__(self, registry: Registry, vendor: str | None, fail_on: tuple[str, ...]) -> None:
        self._registry, self._vendor, self._fail_on = registry, vendor, frozenset(fail_on)
        self._has_advised = False
        self.is_incomplete = False
        self.has_failed = False
        if vendor not in (None, AUTO):
            registry.document(vendor)  # an unknown vendor is told before anything is read

    def outcomes(self, readings: Iterable[Reading | Complaint]) -> Iterator[tuple[Reading, Outcome]]:
        """
        Yield what each of the *readings* means; tell why where there is nothing to classify.
        """
        for reading in readings:
            if isinstance(reading, Complaint):
                self._complain(reading)
                continue
            try:
                outcome = self._classify(reading)
            except UnknownVendorError as unknown:  # the input names one
                self._complain(Complaint(reading.where, str(unknown)))
                continue
            error = outcome.error
            if error is not None and not self._fail_on.isdisjoint((ANY_ERROR, error.category, error.category.group)):
                self.has_failed = True
            yield reading, outcome

    def _classify(self, reading: Reading) -> Outcome:
        vendor = reading.vendor if self._vendor in (None, AUTO) else self._vendor
        if vendor is None and self._vendor == AUTO:
            vendor = errortax.detect_vendor(reading.response, registry=self._registry)
        outcome = errortax.classify(reading.response, vendor, registry=self._registry)
        if vendor is None and self._vendor is None:
            self._advise(reading, outcome)
        return outcome

    def _advise(self, reading: Reading, outcome: Outcome) -> None:
        if self._has_advised or outcome.error is None or outcome.error.vendor != GENERIC:
            return
        vendor = errortax.detect_vendor(reading.response, registry=self._registry)
        if vendor not in (None, GENERIC):
            talk(f"{reading.where}: looks like a response of {vendor}; add --vendor {vendor}, or --vendor {AUTO}")
            self._has_advised = True

    def _complain(self, complaint: Complaint) -> None:
        talk(str(complaint))
        self.is_incomplete |= complaint.fatal
