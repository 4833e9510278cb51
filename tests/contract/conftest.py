"""
The server that all contract tests share, and the table of what they checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

import pytest

from contract.clients import CLIENTS
from contract.server import Server, serving

_COLUMN = "contract"
_WORDS = {"passed": "ok", "failed": "NO", "error": "NO"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a real server for as long as the tests need it."""
    with serving(tmp_path_factory.mktemp("certificates")) as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note on each test of a client which one it is: reports carry it along, even from another process."""
    names = {id(client): name for name, client in CLIENTS.items()}
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if id(parameters.get("client")) in names:
            scenario = item.originalname.removeprefix("test_").replace("_", " ")
            item.user_properties.append((_COLUMN, (names[id(parameters["client"])], scenario)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each scenario, with what became of it for each client."""
    checked: dict[str, dict[str, tuple[str, int]]] = {}
    for outcome, word in _WORDS.items():  # a failure overwrites a success
        for report in terminalreporter.stats.get(outcome, []):
            for client, scenario in (value for name, value in getattr(report, "user_properties", ()) if name == _COLUMN):
                clients = checked.setdefault(scenario, {})
                clients[client] = word, clients.get(client, (word, 0))[1] + 1
    if not checked:
        return
    terminalreporter.section("contract: the scenarios that each client was held to, and in how many variants")
    letters = dict(zip(CLIENTS, ascii_lowercase, strict=False))
    terminalreporter.line("; ".join(f"{letter}: {name}" for name, letter in letters.items()))
    rows = [("", *letters.values())]
    for scenario, clients in checked.items():
        rows.append((scenario, *("{}{:3}".format(*clients[name]) if name in clients else "-" for name in letters)))
    width = max(len(scenario) for scenario, *_ in rows)
    for scenario, *cells in rows:
        terminalreporter.line("  ".join([scenario.ljust(width), *(f"{cell:5}" for cell in cells)]).rstrip())
