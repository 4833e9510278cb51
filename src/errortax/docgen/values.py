"""
The pages as values: what each kind of page says. Every format renders these values and nothing else.

Words of the vocabulary are plain names here; the page about a word is at its folder (`errortax.registry.addresses`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeAlias

from attrs import frozen

TITLE: Final = "Error codes"
"""The title of all pages together."""

FORMAT: Final = "1.0"
"""The version of the pages as JSON (``schemas/docs.schema.json``)."""

Translations: TypeAlias = Mapping[str, str]
"""Language tag → sentence."""


class Code(str):
    """A piece of a phrase that is not words: the name of a member, or a value."""

    __slots__ = ()


class Phrase(tuple[str, ...]):
    """A sentence in pieces: words, and `Code`."""

    __slots__ = ()


@frozen(kw_only=True)
class Cited:
    """A place in a document; *section* and *url* may be None."""

    document: str
    section: str | None
    url: str | None


@frozen(kw_only=True)
class Advice:
    """
    A hint: who has to do what.

    *text* is the sentence for the actor. *translations* has it in each language if the actor is the end user, else nothing.
    """

    action: str
    actor: str
    target: str | None
    url: str | None
    text: str
    translations: Translations


@frozen(kw_only=True)
class Possibility:
    """Another category that the document leaves possible."""

    category: str
    reason: str
    hints: tuple[Advice, ...]


@frozen(kw_only=True, slots=False)  # so that the page of an entry can be a page as well
class Meaning:
    """
    What a code, or one variant of it, means.

    *category* and *group* are None if the outcome is not an error. *repeat* says in words whether to send the request again,
    *automatic* whether a program may do so by itself. *min_delay* is in seconds; None if the document names none. *basis* says
    for each part whether it is documented or inferred.
    """

    title: str
    description: str
    outcome: str
    category: str | None
    group: str | None
    retryability: str
    repeat: str
    automatic: bool
    min_delay: float | None
    emitted_status: int
    hints: tuple[Advice, ...]
    alternatives: tuple[Possibility, ...]
    source: Cited | None
    basis: Mapping[str, str]


@frozen(kw_only=True)
class Variation(Meaning):
    """A variant of an entry; *condition* says in words when it applies."""

    name: str
    condition: Phrase


@frozen(kw_only=True)
class Sample:
    """
    An example of the data, and what errortax makes of it.

    *response* is the raw response as a message. *error* is the wire form of the canonical error, *problem* the problem
    details of a gateway; both are None if the response is not an error.
    """

    name: str
    response: str
    error: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None


@frozen(kw_only=True)
class Knowledge:
    """A fact about an entry or a vendor; *source* is None if none is named."""

    about: str
    value: str
    text: str | None
    source: Cited | None


@frozen(kw_only=True)
class Row:
    """One entry in a list: its verdict with all defaults filled in, the same members for every entry."""

    path: str
    url: str
    vendor: str
    code: str
    also: tuple[str, ...]
    title: str
    description: str
    statuses: tuple[int, ...]
    outcome: str
    category: str | None
    group: str | None
    retryability: str
    action: str
    actor: str
    actors: tuple[str, ...]
    hint: str
    min_delay: float | None
    emitted_status: int
    basis: str
    deprecated: bool


@frozen(kw_only=True)
class Successor:
    """The end of a code: since when the vendor does not send it any more, and the code and path of its successor, or None."""

    since: str
    replaced_by: str | None
    path: str | None


@frozen(kw_only=True)
class Page:
    """A page; *path* leads to it from the root of all pages, *url* is its whole address."""

    kind: ClassVar[str]
    path: str
    url: str
    title: str
    description: str


@frozen(kw_only=True)
class EntryPage(Page, Meaning):
    """
    The page about one code of a vendor.

    *also* has the other spellings of the code. *handling* is Python code for it. *elsewhere* has the closest entries of other
    vendors with the same category, and *elsewhere_count* says how many there are. *preserve* has the places of members that
    must survive a translation. *category_title*, *category_description* and *distinguish* are about the category; None
    without one.
    """

    kind = "entry"
    vendor: str
    vendor_title: str
    code: str
    also: tuple[str, ...]
    statuses: tuple[int, ...]
    category_title: str | None
    category_description: str | None
    distinguish: str | None
    variants: tuple[Variation, ...]
    samples: tuple[Sample, ...]
    handling: str
    elsewhere: tuple[Row, ...]
    elsewhere_count: int
    preserve: Mapping[str, Phrase]
    facts: tuple[Knowledge, ...]
    deprecated: Successor | None


@frozen(kw_only=True)
class Wanted:
    """A header field that the vendor wants in requests."""

    header: str
    value: str
    required: bool
    secret: bool
    description: str
    applies_to: str | None
    source: Cited | None
    basis: str


@frozen(kw_only=True)
class Shape:
    """A shape of body: *condition* says how to recognise it, *places* where it has each part of an error; in words."""

    name: str
    description: str | None
    condition: Phrase
    places: Mapping[str, Phrase]
    source: Cited | None
    basis: str


@frozen(kw_only=True)
class StatusMeaning:
    """
    What a status without a documented code means at this vendor, or what a condition changes for all errors.

    *status* is a status or a class such as ``4xx``; None means any. *condition* says in words when it applies; None means
    always. *category* is None if the outcome is not an error. A condition on any status leaves what it does not change None.
    """

    status: str | None
    condition: Phrase | None
    title: str | None
    description: str | None
    category: str | None
    retryability: str | None


@frozen(kw_only=True)
class VendorPage(Page):
    """
    The page about a vendor, or about a standard that many vendors share: how it reports failure, and all its codes.

    *places* has, in words, where its responses have each part of an error whatever the shape of the body. *standards* are
    the standards that hold for it as well.
    """

    kind = "vendor"
    name: str
    is_standard: bool
    homepage: str | None
    scheme: str
    scheme_description: str
    hosts: tuple[str, ...]
    standards: tuple[str, ...]
    documents: tuple[Cited, ...]
    requests: tuple[Wanted, ...]
    places: Mapping[str, Phrase]
    shapes: tuple[Shape, ...]
    statuses: tuple[StatusMeaning, ...]
    facts: tuple[Knowledge, ...]
    rows: tuple[Row, ...]


@frozen(kw_only=True)
class Repetition:
    """A retryability, what it means, and whether it is the default of the category."""

    name: str
    description: str
    default: bool


@frozen(kw_only=True)
class CategoryPage(Page):
    """The page about a category, which is also the type of problem details."""

    kind = "category"
    name: str
    group: str
    distinguish: str
    retryability: str
    repetitions: tuple[Repetition, ...]
    action: str
    actor: str
    http_status: int
    grpc_code: str
    oauth_error: str
    exception: str
    titles: Translations
    descriptions: Translations
    rows: tuple[Row, ...]


@frozen(kw_only=True)
class WordPage(Page):
    """
    The page about another word of the vocabulary: a group, retryability, action, actor or outcome.

    *folder* is where the pages of its kind are. *sentences* has what to tell the actor of an action in each language.
    *categories* are those that have the word by default. *rows* are the first entries that have it, *count* how many do.
    """

    kind = "word"
    name: str
    folder: str
    word: str
    details: Mapping[str, str]
    sentences: Translations
    categories: tuple[str, ...]
    rows: tuple[Row, ...]
    count: int


@frozen(kw_only=True)
class FolderPage(Page):
    """The page of one part of the vocabulary: all its words with their meaning."""

    kind = "folder"
    folder: str
    words: Mapping[str, str]


@frozen(kw_only=True)
class VendorSummary:
    """A vendor or a standard on the index page."""

    path: str
    name: str
    is_standard: bool
    title: str
    description: str
    scheme: str
    count: int


@frozen(kw_only=True)
class GroupSummary:
    """A group of categories on the index page; *categories* maps each name to its title."""

    name: str
    title: str
    description: str
    categories: Mapping[str, str]


@frozen(kw_only=True)
class IndexPage(Page):
    """The first page: all vendors, the vocabulary, all entries."""

    kind = "index"
    vendors: tuple[VendorSummary, ...]
    groups: tuple[GroupSummary, ...]
    folders: Mapping[str, str]
    rows: tuple[Row, ...]
