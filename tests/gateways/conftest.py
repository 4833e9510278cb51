"""
The gateways that all contract tests share, and the table of what they checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

import pytest

from gateways.cases import Case
from gateways.hosts import Fleet, Host
from gateways.installed import MISSING
from gateways.upstream import Upstream, serving

_COLUMN, _LOAD = "gateways", "load"
_WORDS = {"passed": "ok", "failed": "NO", "error": "NO"}


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
    _print_scenarios(terminalreporter)
    reports = [report for outcome in _WORDS for report in terminalreporter.stats.get(outcome, [])]
    rows = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == _LOAD]
    if rows:
        terminalreporter.section("load")
        for row in rows:
            terminalreporter.line("; ".join(f"{name}: {value}" for name, value in row.items()))


def _print_scenarios(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each scenario, with what became of it on each host."""
    checked: dict[str, dict[str, tuple[str, int]]] = {}
    for outcome, word in _WORDS.items():  # a failure overwrites a success
        for report in terminalreporter.stats.get(outcome, []):
            for host, scenario in (value for name, value in getattr(report, "user_properties", ()) if name == _COLUMN):
                hosts = checked.setdefault(scenario, {})
                hosts[host] = word, hosts.get(host, (word, 0))[1] + 1
    if not checked:
        return
    terminalreporter.section("gateways: the scenarios that each host was held to, and in how many variants")
    letters = dict(zip(sorted({host for hosts in checked.values() for host in hosts}), ascii_lowercase, strict=False))
    terminalreporter.line("; ".join(f"{letter}: {name}" for name, letter in letters.items()))
    rows = [("", *letters.values())]
    for scenario, hosts in checked.items():
        rows.append((scenario, *("{}{:3}".format(*hosts[name]) if name in hosts else "-" for name in letters)))
    width = max(len(scenario) for scenario, *_ in rows)
    for scenario, *cells in rows:
        terminalreporter.line("  ".join([scenario.ljust(width), *(f"{cell:5}" for cell in cells)]).rstrip())


def pytest_report_header() -> list[str]:
    """Say what is not tested on this machine."""
    return [f"not installed here, and so not tested: {', '.join(MISSING)}"] if MISSING else []
