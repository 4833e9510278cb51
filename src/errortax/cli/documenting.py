"""
``errortax docs``: pages about all codes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from difflib import unified_diff
from pathlib import Path
from typing import Final

import click

from errortax.cli import options
from errortax.cli.exits import EXIT_CODES, FINDINGS
from errortax.cli.screen import Screen, note, progress
from errortax.cli.writing import UnwritableError, replace, unwritable
from errortax.docgen import FORMATS, Catalogue, files

LIST: Final = ".errortax-docs"
"""The file with the names of all files that were written into a folder."""


@click.command(epilog=EXIT_CODES)
@click.option(
    "--format", "format_", type=click.Choice([*FORMATS]), default="html", show_default=True, help="The format of the pages."
)
@click.option("--out", required=True, type=options.Path(file_okay=False, path_type=Path), help="The folder for the pages.")
@click.option("--base-url", metavar="URL", help="The address at which the folder is served.  [default: ERRORTAX_DOCS]")
@click.option("--check", is_flag=True, help="Write nothing; print what would change, and exit with 1 if anything would.")
@click.option("--force", is_flag=True, help="Write into a folder that errortax did not make, and over files of others.")
@click.option(
    "--vendor", "vendors", type=options.VendorName(), multiple=True, help="Only this vendor; repeatable.  [default: all]"
)
@options.registry_files
def docs(
    format_: str,
    out: Path,
    base_url: str | None,
    check: bool,
    force: bool,
    vendors: tuple[str, ...],
    registry_files: tuple[str, ...],
) -> None:
    """
    Write pages about all codes.

    The pages of plain HTTP are always among them: a status that a vendor does not document has its page there.
    """
    catalogue = Catalogue(options.registry_of(registry_files, base_url), vendors)
    try:
        made = _shown(files(catalogue, format_), len(catalogue))
        if check:
            sys.exit(FINDINGS if _print_changes(out, made) else 0)
        count = _write(out, made, force=force)
        note(f"wrote {count} {'file' if count == 1 else 'files'} to {out}")
    except OSError as error:
        raise unwritable(error, out) from error


def _shown(made: Iterable[tuple[str, str]], total: int) -> Iterator[tuple[str, bytes]]:
    """Yield the files, and show on a terminal how many there are."""
    with progress(total, "writing") as advance:
        for number, (name, text) in enumerate(made, 1):
            yield name, text.encode()
            advance(number)


def _write(folder: Path, made: Iterable[tuple[str, bytes]], *, force: bool) -> int:
    """Write the files that differ, remove those that are no longer made, and return how many there are."""
    old = _listed(folder)
    if old is None and not force and folder.is_dir() and any(folder.iterdir()):
        raise UnwritableError(f"{folder}: errortax did not make what is in this folder; choose another one, or add --force")
    ours = old or set()
    new: list[str] = []
    for name, content in made:
        new.append(name)
        path = folder / name
        before = _read(path)
        if before != content:
            if before is not None and name not in ours and not force:
                raise UnwritableError(f"{path}: errortax did not make this file; move it, or overwrite it with --force")
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, content)
    for name in sorted(ours.difference(new)):
        _remove(folder, name)
    replace(folder / LIST, "".join(f"{name}\n" for name in sorted(new)).encode())
    return len(new)


def _remove(folder: Path, name: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    path = folder / name
    path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        for parent in [*Path(name).parents][:-1]:
            (folder / parent).rmdir()


def _print_changes(folder: Path, made: Iterable[tuple[str, bytes]]) -> bool:
    """Print how the files differ from those in *folder*, and return whether any does."""
    screen, new, has_changed = Screen("text"), set[str](), False
    for name, content in made:
        new.add(name)
        old = _read(folder / name)
        if old != content:
            has_changed = True
            for line in _difference(name, old, content):
                screen.line(line)
    for name in sorted((_listed(folder) or set()) - new):
        has_changed = True
        screen.line(f"{name}: no longer made")
    return has_changed


def _difference(name: str, old: bytes | None, new: bytes) -> Iterator[str]:
    if old is None:
        yield f"{name}: missing"
        return
    before, after = old.decode(errors="replace").splitlines(), new.decode().splitlines()
    yield from unified_diff(before, after, f"{name} (in the folder)", f"{name} (from the registry)", n=1, lineterm="")


def _listed(folder: Path) -> set[str] | None:
    """Return the files that errortax made in *folder*; None if it made none."""
    content = _read(folder / LIST)
    if content is None:
        return None
    names = content.decode(errors="replace").splitlines()
    return {name for name in names if name and not Path(name).is_absolute() and ".." not in Path(name).parts}


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
