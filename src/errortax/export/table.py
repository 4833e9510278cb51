"""
All rows as one flat table: CSV, JSON or Parquet.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from errortax.export.headings import heading
from errortax.export.rows import Lookup, Row

COLUMNS: Final = (
    "vendor", "code", "statuses", "category", "group", "retryability", "retryable", "retry_after", "emitted_status", "grpc_code",
    "action", "actor", "title", "documentation_url", "content_type", "body",
)  # fmt: skip

LIMITS: Final = (
    "Variants are ignored: each code has one row, whatever else the body of a response contains.",
    "The column `body` has the answer to an error without field errors, request id and delay.",
)


def files(rows: Sequence[Row], lookups: Sequence[Lookup], *, command: str, to: str = "csv") -> Mapping[str, str | bytes]:  # noqa: ARG001  # as its siblings
    """
    Return the table as ``csv``, ``json`` or ``parquet``; for Parquet raise `ImportError` if pyarrow is not installed.
    """
    return {f"codes.{to}": _WRITERS[to]([_record(row) for row in rows], heading(command, LIMITS, comment=""))}


def _record(row: Row) -> dict[str, Any]:
    text = row.body.decode(errors="replace")
    special = {"group": row.category.group, "statuses": list(row.statuses), "body": text}
    found = ((name, special.get(name, getattr(row, name, None))) for name in COLUMNS)
    return {name: str(value) if isinstance(value, str) else value for name, value in found}


def _csv(records: Sequence[Mapping[str, Any]], _: str) -> str:
    """Write CSV (:rfc:`4180`), which has no comments; blanks separate statuses, and an unknown value is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for record in records:
        statuses, retryable = " ".join(map(str, record["statuses"])), json.dumps(record["retryable"])
        cells = {**record, "statuses": statuses, "retryable": retryable}
        writer.writerow(cells[name] for name in COLUMNS)
    return text.getvalue()


def _json(records: Sequence[Mapping[str, Any]], about: str) -> str:
    return json.dumps({"about": about.splitlines(), "codes": records}, ensure_ascii=False, indent=1) + "\n"


def _parquet(records: Sequence[Mapping[str, Any]], about: str) -> bytes:
    try:
        pa: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Parquet needs pyarrow, which is not installed; run: pip install 'errortax[parquet]'", name=error.name
        ) from error
    types = {"statuses": pa.list_(pa.int16()), "emitted_status": pa.int16(), "retryable": pa.bool_(), "retry_after": pa.float64()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS], metadata={"about": about})
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(list(records), schema=schema), sink)
    return bytes(sink.getvalue())


_WRITERS: Final[Mapping[str, Callable[[Sequence[Mapping[str, Any]], str], str | bytes]]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
FORMATS: Final = tuple(_WRITERS)
