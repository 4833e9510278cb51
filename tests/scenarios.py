"""
What the contract suites share: the examples that a server can send, and the table of what each participant was held to.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from string import ascii_lowercase

import pytest

import errortax
from errortax import RawResponse

_WORDS = {"passed": "ok", "failed": "NO", "error": "NO"}


@cache
def examples(vendor: str) -> tuple[RawResponse, ...]:
    """
    Return the responses of *vendor*'s examples, less those that a server cannot send alone: without a status, or 1xx.
    """
    raws = (example.raw for example in errortax.default_registry().examples(vendor))
    return tuple(raw for raw in raws if raw.status is not None and raw.status >= 200)


def print_table(reporter: pytest.TerminalReporter, column: str, title: str, names: Iterable[str] | None = None) -> None:
    """
    Print a line for each scenario, with what became of it for each of the *names*, in how many variants.

    Tests note the name and the scenario in the property *column*. Without *names* all that turn up are there, sorted.
    """
    checked: dict[str, dict[str, tuple[str, int]]] = {}
    for outcome, word in _WORDS.items():  # a failure overwrites a success
        for report in reporter.stats.get(outcome, []):
            for name, scenario in (value for key, value in getattr(report, "user_properties", ()) if key == column):
                found = checked.setdefault(scenario, {})
                found[name] = word, found.get(name, (word, 0))[1] + 1
    if not checked:
        return
    reporter.section(title)
    everybody = sorted({name for found in checked.values() for name in found}) if names is None else names
    letters = dict(zip(everybody, ascii_lowercase, strict=False))
    reporter.line("; ".join(f"{letter}: {name}" for name, letter in letters.items()))
    rows = [("", *letters.values())]
    for scenario, found in checked.items():
        rows.append((scenario, *("{}{:3}".format(*found[name]) if name in found else "-" for name in letters)))
    width = max(len(scenario) for scenario, *_ in rows)
    for scenario, *cells in rows:
        reporter.line("  ".join([scenario.ljust(width), *(f"{cell:5}" for cell in cells)]).rstrip())
