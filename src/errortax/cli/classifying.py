"""
Classify readings: choose the vendor of each, and report the places that have no response.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import errortax
from errortax.cli.options import ANY_ERROR, AUTO
from errortax.cli.readings import Complaint, Reading
from errortax.cli.screen import note
from errortax.model import Outcome, UnknownVendorError
from errortax.registry import GENERIC, Registry


class Classifier:
    """Classify readings with the options of the command line, and remember what decides the exit code."""

    def __init__(self, registry: Registry, vendor: str | None, fail_on: tuple[str, ...]) -> None:
        self._registry, self._vendor, self._fail_on = registry, vendor, frozenset(fail_on)
        self._has_advised = False
        self.is_incomplete = False
        self.has_failed = False
        if vendor not in (None, AUTO):
            registry.document(vendor)  # report an unknown vendor before anything is read

    def outcomes(self, readings: Iterable[Reading | Complaint]) -> Iterator[tuple[Reading, Outcome]]:
        """
        Yield each of the *readings* with its outcome; print each complaint to standard error.
        """
        for reading in readings:
            if isinstance(reading, Complaint):
                self._complain(reading)
                continue
            try:
                outcome = self._classify(reading)
            except UnknownVendorError as unknown:  # in the input
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
            note(f"{reading.where}: looks like a response of {vendor}; add --vendor {vendor}, or --vendor {AUTO}")
            self._has_advised = True

    def _complain(self, complaint: Complaint) -> None:
        note(str(complaint))
        self.is_incomplete |= complaint.fatal
