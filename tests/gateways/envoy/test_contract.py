from __future__ import annotations

import pytest

from gateways.cases import CASES, Case, check
from gateways.envoy.running import HOST
from gateways.hosts import Fleet, Host


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("host", [HOST], ids=str)
def test_case(host: Host, case: Case, fleet: Fleet) -> None:
    """
    Envoy answers what the translator says, or passes on what the upstream sent.
    """
    check(case, host, fleet)
