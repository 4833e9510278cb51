"""
Settings that all tests share.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# "ci" gives the same verdict wherever and however slowly it runs; "search" looks for what nobody has found yet.
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.hookimpl(optionalhook=True)  # of xdist, without which the tests run as well
def pytest_xdist_auto_num_workers() -> int:
    """
    Return one more than there are processors: many tests wait for a server or another process.
    """
    return (os.cpu_count() or 1) + 1
