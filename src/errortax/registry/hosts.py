"""
Patterns of host names: ``api.example.com``, ``*.example.com`` for any subdomain, ``api.*.example.com`` for any one label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

_Value = TypeVar("_Value")

_ANY: Final = "*"
_END: Final = ""  # of a pattern; no label is empty
_REST: Final = "*."  # any labels, at the beginning of a pattern; no label contains a dot


class Hosts(Generic[_Value]):
    """
    Find the value of the pattern that fits a host best: the longest one, then the one without a ``*`` nearer to its end.

    *patterns* maps patterns to values.
    """

    def __init__(self, patterns: Mapping[str, _Value]) -> None:
        self._exact = {host: value for host, value in patterns.items() if _ANY not in host}
        self._tree: dict[str, Any] = {}  # by labels, the last one first
        for pattern, value in patterns.items():
            if _ANY in pattern:
                first, *labels = pattern.split(".")
                node = self._tree
                for label in reversed(labels):
                    node = node.setdefault(label, {})
                if first == _ANY:
                    node[_REST] = value
                else:
                    node.setdefault(first, {})[_END] = value

    def find(self, host: str) -> _Value | None:
        """
        Return the value of the pattern that fits *host* best, or None.
        """
        host = host.lower().rstrip(".")
        if host in self._exact:
            return self._exact[host]
        labels = host.split(".")[::-1]
        if not self._tree or _END in labels:
            return None
        found = _best(self._tree, labels, 0)
        return None if found is None else found[1]


def _best(node: Mapping[str, Any], labels: list[str], depth: int) -> tuple[int, Any] | None:
    """Return the longest pattern below *node* that fits, as its length and value; each node is visited at most once."""
    best: tuple[int, Any] | None = (depth, node[_REST]) if _REST in node and depth < len(labels) else None
    if depth == len(labels):
        return (depth + 1, node[_END]) if _END in node else None
    for label in dict.fromkeys((labels[depth], _ANY)):  # of two that are equally long, the exact one
        if label in node and (found := _best(node[label], labels, depth + 1)) is not None:
            best = found if best is None or found[0] > best[0] else best
    return best
