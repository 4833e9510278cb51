"""
``errortax export``: tables for gateways that do not run Python.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from errortax.cli import options
from errortax.cli.screen import note
from errortax.cli.writing import UnwritableError, replace, unwritable
from errortax.export import MARK
from errortax.export.rows import ignored_by, lookups, rows
from errortax.rendering import AUDIENCES, DEFAULT_FORMAT

_KINDS: Final = ("csv", "parquet", "json")
_ABOUT_THE_RUN: Final = frozenset({"to_dir", "force"})
"""Options that do not change what is written."""

_Command = TypeVar("_Command", bound=Callable[..., object])


@click.group()
def export() -> None:
    """Write tables for gateways that do not run Python."""


def _shared(command: _Command) -> _Command:
    """Add the options of all exporters."""
    for add in (
        click.option("--force", is_flag=True, help="Overwrite files that errortax did not make."),
        click.option("--to-dir", type=options.Path(file_okay=False, path_type=Path), help="The folder to write the files to."),
        options.registry_files,
        click.option(
            "--vendor",
            "vendors",
            type=options.VendorName(),
            multiple=True,
            help="Export only this vendor; repeatable.  [default: all]",
        ),
    ):
        command = add(command)
    return command


def _answered(command: _Command) -> _Command:
    """Add the options for the answers."""
    for add in (
        click.option(
            "--expose",
            type=click.Choice([*AUDIENCES]),
            default="developer",
            show_default=True,
            help="The audience of the answers.",
        ),
        options.locale,
        click.option("--shadow", is_flag=True, help="Change nothing; log what would be answered."),
        click.option("--to", metavar="FORMAT", default=DEFAULT_FORMAT, show_default=True, help="The format of the answers."),
    ):
        command = add(command)
    return command


@export.command()
@_answered
@_shared
def haproxy(shadow: bool, **given: Any) -> None:
    """Write map files and a configuration for HAProxy 2.6."""
    _export("haproxy", special={"shadow": shadow}, **given)


@export.command()
@_answered
@_shared
def nginx(shadow: bool, **given: Any) -> None:
    """Write a table and a script (njs) for nginx."""
    _export("nginx", special={"shadow": shadow}, **given)


@export.command()
@_answered
@_shared
def lua(shadow: bool, **given: Any) -> None:
    """Write a table and a script for OpenResty, Kong and APISIX."""
    _export("lua", special={"shadow": shadow}, **given)


@export.command()
@_shared
def envoy(**given: Any) -> None:
    """Write retry policies for Envoy."""
    _export("envoy", **given)


@export.command()
@click.option("--to", "kind", type=click.Choice(_KINDS), default="csv", show_default=True, help="The kind of file to write.")
@_shared
def table(kind: str, **given: Any) -> None:
    """Write all codes and statuses into one flat table."""
    _export("table", special={"to": kind}, **given)


def _export(
    name: str,
    *,
    special: Mapping[str, Any] | None = None,
    vendors: Sequence[str],
    registry_files: tuple[str, ...],
    to_dir: Path | None,
    force: bool,
    expose: str = "developer",
    **answers: Any,
) -> None:
    registry, exporter = options.registry_of(registry_files), import_module(f"errortax.export.{name}")
    chosen = tuple(vendors) or None
    try:
        found = rows(registry, chosen, expose=expose, **answers)
        vendors_found = lookups(registry, chosen, expose=expose)
        files = exporter.files(found, vendors_found, command=_command(name), **(special or {}))
    except (ValueError, ImportError) as error:
        raise click.UsageError(str(error)) from error
    if to_dir is not None:
        _write(to_dir, files, force=force)
        note(f"wrote {', '.join(files)} to {to_dir}")
    elif len(files) == 1:
        _print(*files.values())
    else:
        raise click.UsageError(f"there are {len(files)} files; name a folder with --to-dir")
    for limit in (*exporter.LIMITS, *ignored_by(vendors_found)):
        note(f"limit: {limit}")


def _command(exporter: str) -> str:
    """Return the command line that makes the same files."""
    context = click.get_current_context()
    words = ["errortax", "export", exporter]
    spelled = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    for name, value in context.params.items():
        if name in _ABOUT_THE_RUN or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            words += (spelled[name],) if one is True else (spelled[name], str(one))
    return shlex.join(words)


def _print(content: str | bytes) -> None:
    if isinstance(content, bytes):
        sys.stdout.buffer.write(content)
        return
    sys.stdout.write(content)


def _write(folder: Path, files: Mapping[str, str | bytes], *, force: bool) -> None:
    """Write all files, or none if one must not be overwritten; a reader never sees half a file."""
    contents = {folder / name: content.encode() if isinstance(content, str) else content for name, content in files.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            if not force and path.exists() and not _is_ours(path.read_bytes(), content):
                raise UnwritableError(f"{path}: errortax did not make this file; move it, or overwrite it with --force")
        for path, content in contents.items():
            replace(path, content)
    except OSError as error:
        raise unwritable(error, folder) from error


def _is_ours(old: bytes, new: bytes) -> bool:
    """Return whether errortax made a file: it has our mark or, if its kind has no place for one, the same first line."""
    mark = MARK.encode()
    return mark in old if mark in new else old.partition(b"\n")[0] == new.partition(b"\n")[0]
