"""
Times that two runs need beside each other, whatever else the machine does meanwhile.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from math import inf
from time import thread_time

ROUNDS = 60  # a machine may run at half its speed for seconds, and a short run sees a fast moment sooner than a long one


def least_times(*runs: Callable[[], object], until: Callable[..., bool]) -> tuple[float, ...]:
    """
    Return the least processor time in seconds of each of the *runs*, measured in turn.

    Stop as soon as the claim *until* holds for the times, and after `ROUNDS` at the latest: a claim that is true holds
    for the least times, and one that is not will not come true by measuring longer. The garbage collector is off
    meanwhile: what it costs depends on all that the process holds.
    """
    least = [inf] * len(runs)
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for place, run in enumerate(runs):
                begin = thread_time()
                run()
                least[place] = min(least[place], thread_time() - begin)
            if until(*least):
                break
    finally:
        gc.enable()
    return tuple(least)


def calls_of(run: Callable[[], object]) -> int:
    """
    Return how many functions *run* calls, those written in C included.
    """
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(before)
    return calls
