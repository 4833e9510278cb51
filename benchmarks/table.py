"""
Rows and the Markdown table that they make.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen
from measuring import Figure

TIMES, NONE = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
DIGITS = {TIMES: 2, "µs": 2, "B": 0, "": 0}
"""The digits after the point that each unit deserves."""


@frozen
class Row:
    """
    One measure. Without a *bar* the figure only informs, without a *figure* the *note* says why there is none.
    """

    measure: str
    figure: Figure | None
    unit: str = TIMES
    bar: float | None = None
    note: str = ""

    def excess(self) -> float:
        """
        Return by which part of the bar the figure lies above it; at most 0 where the bar is met.
        """
        if self.bar is None or self.figure is None:
            return 0.0
        return self.figure.value - self.bar if self.bar == 0 else self.figure.value / self.bar - 1


def markdown(rows: Iterable[Row]) -> str:
    """
    Return the table, notes below it.
    """
    lines = ["| measure | figure | bar | met |", "|---|---|---|---|"]
    notes: dict[str, int] = {}
    for row in rows:
        mark = f" [{notes.setdefault(row.note, len(notes) + 1)}]" if row.note else ""
        lines.append(f"| {row.measure}{mark} | {_figure(row)} | {_bar(row)} | {_met(row)} |")
    return "\n".join([*lines, "", *(f"{number}. {note}" for note, number in notes.items())]) + "\n"


def _figure(row: Row) -> str:
    if row.figure is None:
        return NONE
    digits, value = DIGITS[row.unit], row.figure
    spread = f" ({value.low:.{digits}f} to {value.high:.{digits}f})" if value.low < value.high else ""
    return f"{value.value:.{digits}f} {row.unit}".rstrip() + spread


def _bar(row: Row) -> str:
    return NONE if row.bar is None else f"≤ {row.bar:g} {row.unit}".rstrip()


def _met(row: Row) -> str:
    if row.bar is None:
        return NONE
    if row.figure is None:
        return "not measured"
    return "yes" if row.excess() <= 0 else "no"
