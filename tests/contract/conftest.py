"""
The server that all contract tests share, and the table of the scenarios.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.clients import CLIENTS
from contract.server import Server, serving
from scenarios import print_table

_COLUMN = "contract"


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
    """Print a line for each scenario, with its result for each client."""
    title = "contract: the scenarios that each client was held to, and in how many variants"
    print_table(terminalreporter, _COLUMN, title, CLIENTS)
