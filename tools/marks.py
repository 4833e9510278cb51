"""
From the bundled standards to their marks, by which most responses are known to follow none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MARK: Final = "Written by ``python tools/generate.py`` from ``schemas/standards/``; do not edit."

_HEAD: Final = f'''"""
The marks of the bundled standards.

{MARK}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from errortax.registry.marks import Marks

'''


def files(root: Path) -> Iterator[tuple[Path, str]]:
    """
    Yield the module of the marks below *root*, with the text that it should have.
    """
    from errortax.registry.marks import marks_of  # of the checkout that is generated

    lines = []
    for path in sorted((root / "schemas/standards").glob("*.json")):
        marks = marks_of(json.loads(path.read_text(encoding="utf-8")))
        stated = ((name, values) for name, values in zip(marks._fields, marks, strict=True) if values)
        members = ", ".join(f"{name}={_tuple(values)}" for name, values in stated)
        lines.append(f"    {_text(path.stem)}: Marks({members}),\n")
    yield root / "src/errortax/registry/standards.py", f"{_HEAD}STANDARDS: Final[Mapping[str, Marks]] = {{\n{''.join(lines)}}}\n"


def _tuple(values: tuple[object, ...]) -> str:
    inner = ", ".join(map(_text, values))
    return f"({inner},)" if len(values) == 1 else f"({inner})"


def _text(value: object) -> str:
    return json.dumps(value)
