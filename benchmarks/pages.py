"""
What the pages of a registry cost in processor time and memory, and the size of the first page: ``python benchmarks/pages.py``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

import errortax
from errortax.docgen import FORMATS, Catalogue, files
from errortax.registry import loading

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def vendor_file(folder: Path, count: int) -> Path:
    """Write a vendor file with *count* entries like those of the bundled vendors, and return its path."""
    files_read = [loading.bundled_vendor(name) for name in ("gopoints", "planoauth")]
    bundled = [entry for file in files_read for entry in file["entries"]]
    documents = [document for file in files_read for document in file["documents"]]
    entries = []
    for number, entry in zip(range(count), cycle(bundled), strict=False):
        copy = {name: value for name, value in entry.items() if name != "deprecated"}
        entries.append({**copy, "code": f"{entry['code']}.{number}", "facts": [], "examples": entry["examples"][:1]})
    for entry in entries:
        for example in entry["examples"]:
            example.pop("expect", None)
    document = {
        "format": "1.0",
        "vendor": "many",
        "title": "Many",
        "scheme": "dotted",
        "documents": documents,
        "entries": entries,
    }
    path = folder / "many.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def main(count: int) -> None:
    """Print the figures, with *count* entries in the large registry."""
    start = time.process_time()
    catalogue = Catalogue(errortax.default_registry())
    for name in FORMATS:
        begun, size, number = time.process_time(), 0, 0
        for _, text in files(catalogue, name):
            size, number = size + len(text.encode()), number + 1
        print(f"bundled, {name}: {number} files, {size:,} bytes, {time.process_time() - begun:.2f} s")
    print(f"bundled, all formats: {time.process_time() - start:.2f} s")
    with tempfile.TemporaryDirectory() as name:
        large = Catalogue(errortax.load_registry(vendor_file(Path(name), count), validate=False))
        start, fifth, total = time.process_time(), 0, len(large)
        for number, (file, text) in enumerate(files(large, "html"), 1):
            if file == "index.html":
                print(f"{count} entries, index.html: {len(text.encode()):,} bytes")
            if number == total // 5:
                fifth = resident()
        print(f"{count} entries, html: {number} files, {time.process_time() - start:.1f} s")
        print(f"{count} entries, html: memory at the end / after a fifth: {resident() / fifth:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000)
