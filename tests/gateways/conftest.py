"""
The gateways that all contract tests share, and the table of what they checked.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateways.cases import Case
from gateways.hosts import Fleet, Host
from gateways.installed import MISSING
from gateways.upstream import Upstream, serving
from scenarios import print_table

_COLUMN, _LOAD = "gateways", "load"


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    """Run the mock of all vendors for as long as the tests need it."""
    with serving() as upstream:
        yield upstream


@pytest.fixture(scope="session")
def fleet(upstream: Upstream) -> Iterator[Fleet]:
    """Keep gateways running once they are started."""
    fleet = Fleet(upstream)
    yield fleet
    fleet.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note on each test of a host which one it is, and of what scenario: reports carry it along, even from another process."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        host, case = parameters.get("host"), parameters.get("case")
        if isinstance(item, pytest.Function) and isinstance(host, Host):
            scenario = case.scenario if isinstance(case, Case) else item.originalname.removeprefix("test_").replace("_", " ")
            item.user_properties.append((_COLUMN, (host.name, scenario)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was checked, and what the load tests recorded: a dictionary under the property ``load``."""
    title = "gateways: the scenarios that each host was held to, and in how many variants"
    print_table(terminalreporter, _COLUMN, title)
    reports = [report for outcome in ("passed", "failed", "error") for report in terminalreporter.stats.get(outcome, [])]
    rows = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == _LOAD]
    if rows:
        terminalreporter.section("load")
        for row in rows:
            terminalreporter.line("; ".join(f"{name}: {value}" for name, value in row.items()))


def pytest_report_header() -> list[str]:
    """Say what is not tested on this machine."""
    return [f"not installed here, and so not tested: {', '.join(MISSING)}"] if MISSING else []
