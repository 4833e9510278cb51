"""
Times of several jobs in one run: interleaved rounds, medians, several repetitions.

The machine's speed changes from second to second, the ratio of two jobs that take turns hardly does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from timeit import Timer
from typing import Any

from attrs import frozen

from errortax.parsing import decoding
from errortax.rendering import encoding

FAST: Callable[[bytes], object] | None = decoding._fast
"""The accelerated decoder, if the extra ``fast`` is installed."""

FAST_ENCODER: Callable[[Any], bytes] | None = encoding._fast
"""The encoder that comes with it."""

_ROUND = 2e-4  # seconds that a job has in a round: short enough that a disturbance hits few of them
_TRIALS = 20  # runs of which the fastest tells how many of them fill a round


@frozen
class Scale:
    """How much to measure: figures from a smaller scale are the same, only less steady."""

    repetitions: int = 5
    rounds: int = 100
    processes: int = 15
    entries: int = 10_000
    catalogue: int = 100_000


@frozen
class Job:
    """A Python statement, the names that it uses, and errortax's JSON decoder and encoder meanwhile; None: the standard ones."""

    statement: str
    names: Mapping[str, Any]
    decode: Callable[[bytes], object] | None = None
    encode: Callable[[Any], bytes] | None = None

    def timer(self) -> Timer:
        """
        Return a timer that sets the decoder before it starts the clock.
        """
        ours = {"decoding": decoding, "decode": self.decode, "encoding": encoding, "encode": self.encode}
        return Timer(self.statement, "decoding._fast, encoding._fast = decode, encode", globals={**self.names, **ours})


@frozen
class Figure:
    """A measured value and the least and the greatest of its repetitions."""

    value: float
    low: float
    high: float


def interleave(jobs: Mapping[str, Job], scale: Scale) -> dict[str, list[float]]:
    """
    Return the seconds that each job takes: the median of the rounds, for each repetition.
    """
    timers = {name: job.timer() for name, job in jobs.items()}
    medians: dict[str, list[float]] = {name: [] for name in jobs}
    try:
        numbers = {name: max(1, round(_ROUND / min(timer.repeat(_TRIALS, 1)))) for name, timer in timers.items()}
        for _ in range(scale.repetitions):
            times: dict[str, list[float]] = {name: [] for name in jobs}
            for _ in range(scale.rounds):
                for name, timer in timers.items():
                    timer.timeit(1)  # the caches hold what the job before needed; to fill them is not this one's work
                    times[name].append(timer.timeit(numbers[name]) / numbers[name])
            for name in jobs:
                medians[name].append(median(times[name]))
    finally:
        decoding._fast, encoding._fast = FAST, FAST_ENCODER
    return medians


def figure(values: list[float]) -> Figure:
    """
    Sum up the repetitions.
    """
    return Figure(median(values), min(values), max(values))


def least(values: list[float]) -> Figure:
    """
    Sum up absolute times: whatever else the machine does only adds to them.
    """
    return Figure(min(values), min(values), max(values))


def ratio(over: list[float], under: list[float]) -> Figure:
    """
    Return how many times as long one job takes as the other one.
    """
    return figure([one / other for one, other in zip(over, under, strict=True)])
