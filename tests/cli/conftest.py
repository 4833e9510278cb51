from __future__ import annotations

import os
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from errortax.cli.commands import app


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run the command line in this process, standard output and standard error apart."""

    def invoke(*arguments: object, stdin: bytes | str | None = None) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin, catch_exceptions=False)

    return invoke


@pytest.fixture
def environment(tmp_path_factory) -> dict[str, str]:
    """Return an environment in which a shell finds the command, whether the package is installed or not."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "errortax"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m errortax "$@"\n')
    command.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
