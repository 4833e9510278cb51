"""
Settings that all tests share.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# "ci" gives the same verdict wherever and however slowly it runs; "search" looks for what nobody has found yet.
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
