"""
A node for blocks that readers open if they want them.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class details(nodes.General, nodes.Element):  # docutils names visitors after the class
    """Blocks below a *summary*; formats that cannot fold show them below a paragraph with that text."""


def setup(app: Sphinx) -> None:
    """
    Register the node.
    """
    html, other = (_begin_html, _end_html), (_begin_other, _end_other)
    app.add_node(details, html=html, latex=other, text=other, man=other, texinfo=other)


def _begin_html(translator: Any, node: details) -> None:
    translator.body.append(f'<details class="errortax"><summary>{escape(node["summary"])}</summary>\n')


def _end_html(translator: Any, _: details) -> None:
    translator.body.append("</details>\n")


def _begin_other(translator: Any, node: details) -> None:
    paragraph = nodes.paragraph("", "", nodes.strong("", node["summary"]))
    paragraph.walkabout(translator)


def _end_other(_: Any, __: details) -> None:
    """Add nothing."""
