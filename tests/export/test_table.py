from __future__ import annotations

import csv
import io
import json
import sys

import pyarrow
import pytest
from pyarrow import parquet

from errortax.export import MARK, lookups, rows, table

ROWS, LOOKUPS = rows(), lookups()


def made(to):
    """Return the one file, and its name."""
    [(name, content)] = table.files(ROWS, LOOKUPS, command=f"errortax export table --to {to}", to=to).items()
    assert f"codes.{to}" == name
    return content


def test_csv():
    """
    The table has a line for each row, under the names of the columns.
    """
    lines = list(csv.DictReader(io.StringIO(made("csv"))))
    assert [row.key for row in ROWS if row.code] == [f"{line['vendor']}/{line['code']}" for line in lines if line["code"]]
    found = next(line for line in lines if line["code"] == "auth.token.expired")
    assert ("401", "credentials_expired", "authentication", "false", "") == tuple(
        found[name] for name in ("statuses", "category", "group", "retryable", "retry_after")
    )
    assert "credentials_expired" == json.loads(found["body"])["category"]


def test_json():
    """
    The table is a list of objects, beside a text about its origin.
    """
    document = json.loads(made("json"))
    assert document["about"][0].startswith(MARK)
    assert len(ROWS) == len(document["codes"])
    found = next(line for line in document["codes"] if (line["vendor"], line["code"]) == ("authrocket", "503"))
    assert ([503], True, 180, 503) == tuple(found[name] for name in ("statuses", "retryable", "retry_after", "emitted_status"))


def test_parquet():
    """
    The table has typed columns, and states its origin.
    """
    found = parquet.read_table(io.BytesIO(made("parquet")))
    assert list(table.COLUMNS) == found.column_names
    assert json.loads(made("json"))["codes"] == found.to_pylist()
    assert pyarrow.int16() == found.schema.field("emitted_status").type
    assert MARK.encode() in found.schema.metadata[b"about"]


def test_parquet_without_its_library(monkeypatch):
    """
    Without pyarrow the message says how to install it.
    """
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ModuleNotFoundError, match=r"pyarrow, which is not installed; run: pip install 'errortax\[parquet\]'"):
        made("parquet")
