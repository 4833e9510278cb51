"""
Which of its cases a test failed on, where one test goes through many.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def noted(*case: object) -> Iterator[None]:
    """
    Name the *case* below whatever is raised meanwhile, a failed assertion included.
    """
    try:
        yield
    except BaseException as error:
        error.add_note(f"in this case: {', '.join(map(str, case))}")
        raise
