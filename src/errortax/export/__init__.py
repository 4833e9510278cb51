"""
Tables for gateways that run no Python, made of what the registry knows.

Each exporter is a module with the same two names: `LIMITS`, what its gateway cannot do with the tables, and
``files(rows, lookups, *, command)``, which returns the contents of files by their names. Nothing is read or written here.
"""

from errortax.export.headings import MARK
from errortax.export.rows import Lookup, Row, lookups, rows

__all__ = ["MARK", "Lookup", "Row", "lookups", "rows"]
