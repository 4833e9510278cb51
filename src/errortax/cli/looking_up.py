"""
``errortax explain``, ``list`` and ``search``: what the registry has about codes.
"""

from __future__ import annotations

from typing import Any

import click

from errortax import docgen
from errortax.cli import options
from errortax.cli.exits import EXIT_CODES
from errortax.cli.listing import HEADER, cells, matches
from errortax.cli.screen import Screen, note
from errortax.docgen import plain, terminal
from errortax.docgen.rows import rows, rows_of
from errortax.model import Actor, Group, Retryability


@click.command(cls=options.TakesNumbers, epilog=EXIT_CODES)
@click.argument("code", type=options.Code())
@options.vendor(text="The vendor, if several document the code.")
@options.locale
@options.output_format
@options.registry_files
def explain(code: str, vendor: str | None, locale: str, format_: str, registry_files: tuple[str, ...]) -> None:
    """Explain a CODE, or a word of the vocabulary such as `after_action`."""
    registry, screen = options.registry_of(registry_files), Screen(format_)
    page = docgen.page_of(vendor, code, registry=registry, locale=locale)
    owners = (name for name in (*registry, *registry.standards) if code in registry[name])
    if not isinstance(page, docgen.EntryPage) and (owner := next(owners, None)):
        note(f"{code} is also a code; add --vendor {owner} for its page")
    if format_ != "text":
        screen.document(plain.document(page))
        return
    for part in terminal.parts(page):
        if isinstance(part, terminal.Line):
            screen.text(*part)
        elif isinstance(part, terminal.Columns):
            screen.columns(*part)
        else:
            screen.line(part)


@click.command("list", epilog=EXIT_CODES)
@options.vendor(text="Only codes of this vendor.")
@click.option("--category", type=options.CATEGORY, help="Only codes in this category.")
@click.option("--group", type=click.Choice([*map(str, Group)]), help="Only codes in this group of categories.")
@click.option("--retryability", type=click.Choice([*map(str, Retryability)]), help="Only codes with this retryability.")
@click.option("--actor", type=click.Choice([*map(str, Actor)]), help="Only codes with a hint for this actor.")
@click.option("--status", type=click.IntRange(100, 999), help="Only codes documented with this HTTP status.")
@options.output_format
@options.registry_files
def list_(format_: str, registry_files: tuple[str, ...], **wanted: Any) -> None:
    """List the documented codes."""
    registry = options.registry_of(registry_files)
    vendor: str | None = wanted["vendor"]
    found = rows(registry) if vendor is None else rows_of(registry, vendor)  # an unknown vendor is an error, not an empty list
    _print_rows([row for row in found if matches(row, wanted)], format_)


@click.command(cls=options.TakesNumbers, epilog=EXIT_CODES)
@click.argument("text", nargs=-1, required=True)
@options.output_format
@options.registry_files
def search(text: tuple[str, ...], format_: str, registry_files: tuple[str, ...]) -> None:
    """Find documented codes by the words in TEXT."""
    registry = options.registry_of(registry_files)
    known = {(row.vendor, row.code): row for row in rows(registry)}
    _print_rows([known[vendor.name, entry.code] for vendor, entry in registry.search(" ".join(text))], format_)


def _print_rows(found: list[docgen.Row], format_: str) -> None:
    if not found:
        note("nothing found; `errortax list` shows all codes")
    Screen(format_).table(HEADER, [(cells(row), plain.row_document(row)) for row in found])
