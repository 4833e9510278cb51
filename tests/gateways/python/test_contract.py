from __future__ import annotations

import pytest

from gateways.cases import CASES, Case, check
from gateways.hosts import Fleet, Host
from gateways.python.servers import HOSTS


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("host", HOSTS, ids=str)
def test_case(host: Host, case: Case, fleet: Fleet) -> None:
    """
    Each host answers what the translator says, or passes on what the upstream sent.
    """
    check(case, host, fleet)
