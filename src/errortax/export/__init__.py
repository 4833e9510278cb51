"""
Tables for gateways that do not run Python, made from the registry.

Each exporter is a module with the same two names: `LIMITS`, the limits of the tables in its gateway, and
``files(rows, lookups, *, command)``, which returns the contents of files by their names. Nothing is read or written here.
"""

from errortax.export.headings import MARK
from errortax.export.rows import Lookup, Row, lookups, rows

__all__ = ["MARK", "Lookup", "Row", "lookups", "rows"]
