"""
Problem details (:rfc:`9457`), as JSON and as XML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin
from xml.etree import ElementTree

from errortax.http import RawResponse
from errortax.model import CanonicalError, Category
from errortax.parsing import decode, text_of
from errortax.registry import Registry
from errortax.rendering.elements import Element, root_of
from errortax.rendering.encoding import encode
from errortax.rendering.formats import Format, Written
from errortax.rendering.members import complaints_in, complaints_of, error_from, has_verdict_members, seconds_in
from errortax.rendering.view import PerValueCache, View, category_page, entry_members_of, own_members_of

if TYPE_CHECKING:
    from errortax.parsing.redaction import Redactor

_NAMESPACE: Final = "urn:ietf:rfc:7807"  # RFC 9457 kept the namespace of RFC 7807 (appendix B)
_OWN_TEXTS: Final = ("type", "title", "detail", "instance")
_ADDRESSES: Final = frozenset({"type", "instance"})
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+", re.ASCII)
"""An absolute URI (:rfc:`3986#appendix-A`)."""

_NUMBERS: Final = ("retry_after", "min_delay")
_MAX_DEPTH: Final = 2  # levels below a member: the list of field errors, and the members of each
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_XML_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""A member name that JSON and XML both allow (:rfc:`9457#section-3.2`)."""

_prefixes: Final[PerValueCache[Mapping[str, Any], bytes]] = PerValueCache()


def document(view: View) -> dict[str, Any]:
    """
    Return the problem details of *view*, as ``schemas/problem.schema.json`` describes them.
    """
    return {**_members_of_its_code(view), **view.problem, **_members_of_this_error(view)}


def _members_of_its_code(view: View) -> dict[str, Any]:
    return {"type": view.type, "title": view.title, "status": view.status, "detail": view.detail, **entry_members_of(view)}


def _members_of_this_error(view: View) -> dict[str, Any]:
    rest = own_members_of(view)
    if view.field_errors:
        rest["errors"] = complaints_of(view.field_errors)
    return rest


def members_to_keep(raw: RawResponse, redactor: Redactor) -> dict[str, str]:
    """
    Return the standard members of the problem details in *raw* that are texts, with secrets replaced.

    An address is left out if it contains a secret, or if it is relative (:rfc:`9457#section-3.1.1`) to an unknown base.
    """
    if not raw.headers.get("content-type", "").lower().startswith(JSON.media_type):
        return {}
    theirs = decode(raw)[1]
    if not isinstance(theirs, dict):
        return {}
    texts = {name: text for name in _OWN_TEXTS if isinstance(text := theirs.get(name), str) and text}
    kept = {name: _kept(name, text, redactor.text(text), raw.url) for name, text in texts.items()}
    return {name: text for name, text in kept.items() if text is not None}


def _kept(name: str, text: str, clean: str, base: str | None) -> str | None:
    """Return the *clean* text of a member; for an address the whole address below *base*, or None if it contains a secret."""
    if name not in _ADDRESSES:
        return clean
    try:
        address = urljoin(base or "", text)
    except ValueError:  # brackets around something that is not an IP address
        return None
    return address if clean == text and _ADDRESS.fullmatch(address) else None


def _write(view: View, _: Registry) -> Written:
    if view.problem:
        return view.status, (), document(view)
    rest = _members_of_this_error(view)
    return view.status, (), _encoded_prefix(view) + (b"," + encode_members(rest) + b"}" if rest else b"}")


def _encoded_prefix(view: View) -> bytes:
    """Return the encoded members that errors with the same code share, without the closing brace; encoding them is slow."""
    key = (view.code, view.status, view.detail)
    return _prefixes.get(view.common, key) or _prefixes.keep(view.common, key, encode(_members_of_its_code(view))[:-1])


def encode_members(members: Mapping[str, Any]) -> bytes:
    """
    Return the *members* of an object as JSON, without the braces; their names need no escapes.

    This is faster than an encoder for the few members of one error: its setup takes longer.
    """
    return ",".join([f'"{name}":{_member(value)}' for name, value in members.items()]).encode("utf-8", "replace")


def _member(value: Any) -> str:
    return encode_basestring(value) if isinstance(value, str) else encode(value).decode()


def _read(raw: RawResponse, problem: Any, registry: Registry) -> CanonicalError | None:
    if not isinstance(problem, dict):
        return None
    if not has_verdict_members(problem):
        pages = {category_page(category, registry): category.value for category in Category}
        address = problem.get("type")
        if not isinstance(address, str) or address not in pages:  # the whole address (RFC 9457, section 3.1.1)
            return None
        problem = {**problem, "category": pages[address]}
    return error_from(problem, complaints_in(problem.get("errors")), raw.status, registry)


def _write_xml(view: View, _: Registry) -> Written:
    root = ElementTree.Element("problem", xmlns=_NAMESPACE)
    _add_members(root, document(view))
    return view.status, (), ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _add_members(parent: ElementTree.Element, members: dict[str, Any]) -> None:
    for name, value in members.items():
        if _XML_NAME.fullmatch(name):  # preserved members may have any names
            _add(ElementTree.SubElement(parent, name), value)


def _add(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, dict):
        _add_members(element, value)
    elif isinstance(value, list):
        for item in value:
            _add(ElementTree.SubElement(element, "i"), item)  # the element name in RFC 9457, appendix B
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else _NOT_XML.sub("\ufffd", str(value))


def _read_xml(raw: RawResponse, _: Any, registry: Registry) -> CanonicalError | None:
    text = text_of(raw)
    root = None if text is None else root_of(text)
    if root is None or (root.name, root.namespace) != ("problem", _NAMESPACE):
        return None
    problem: dict[str, Any] = {element.name: _value(element) for element in root.inner}
    for name in _NUMBERS:
        if name in problem:
            problem[name] = seconds_in(problem[name])
    return _read(raw, problem, registry)


def _value(element: Element, depth: int = _MAX_DEPTH) -> Any:
    if not element.inner or depth == 0:
        return element.text
    if all(inner.name == "i" for inner in element.inner):
        return [_value(inner, depth - 1) for inner in element.inner]
    return {inner.name: _value(inner, depth - 1) for inner in element.inner}


JSON: Final = Format("application/problem+json", _write, _read, enriches=True)
XML: Final = Format("application/problem+xml", _write_xml, _read_xml, enriches=True)
