"""
The data files as plain JSON: what `errortax.registry.Registry.document` returns, a dict for each kind of object.

Written by ``python tools/generate.py`` from the schemas in ``schemas/``; do not edit.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class TitledProseJson(TypedDict):
    """A named and explained family."""

    title: str
    description: str


class CategoryDefaultsJson(TypedDict):
    """A category: its group, its prose, and what holds for it by default."""

    group: str
    title: str
    description: str
    end_user: str
    distinguish: str
    grpc_code: str
    oauth_error: str
    http_status: int
    retryability: str
    action: str
    actor: str


class RetryabilityProseJson(TypedDict):
    """An explained retryability."""

    description: str
    automatic: NotRequired[bool]


class ProseJson(TypedDict):
    """An explained name."""

    title: NotRequired[str]
    description: str


class OutcomeDefaultsJson(TypedDict):
    """An outcome that is no error, and what is to be done about it."""

    title: str
    description: str
    repeat: str
    http_status: int
    retryability: str
    action: str
    actor: str


class GrpcNamesJson(TypedDict):
    """What one code of google.rpc is called elsewhere."""

    number: int
    connect: str
    connect_status: int


class TaxonomyJson(TypedDict):
    """The closed vocabulary and its defaults. A release may extend it; no name is ever removed or given another meaning."""

    format: str
    groups: dict[str, TitledProseJson]
    categories: dict[str, CategoryDefaultsJson]
    retryabilities: dict[str, RetryabilityProseJson]
    actions: dict[str, ProseJson]
    actors: dict[str, ProseJson]
    outcomes: dict[str, OutcomeDefaultsJson]
    levels: dict[str, ProseJson]
    bodies: dict[str, ProseJson]
    bases: dict[str, ProseJson]
    schemes: dict[str, ProseJson]
    grpc_codes: dict[str, GrpcNamesJson]


class VendorDocumentsItemJson(TypedDict):
    """A document."""

    id: str
    title: str
    url: NotRequired[str]
    retrieved: NotRequired[str]


class BasisJson(TypedDict):
    """How each judgement came about. What is left out is as in `defaults` of the file, else inferred."""

    category: NotRequired[str]
    retryability: NotRequired[str]
    hints: NotRequired[str]


class VendorDefaultsJson(TypedDict):
    """What holds wherever this file does not say otherwise, stated once."""

    document: NotRequired[str]
    basis: NotRequired[BasisJson]
    headers: NotRequired[dict[str, str]]


class SourceJson(TypedDict):
    """A place in one of the documents: an object, or the section alone, of the document that `defaults` names."""

    document: str
    section: NotRequired[str]


class RequestHeaderJson(TypedDict):
    """A header field that the vendor wants to be sent."""

    header: str
    value: str
    required: NotRequired[bool]
    secret: NotRequired[bool]
    applies_to: NotRequired[str]
    alternative_to: NotRequired[list[str]]
    description: str
    source: NotRequired[SourceJson]
    basis: NotRequired[str]


class VendorStandardJson(TypedDict):
    """
    Makes this file a standard, which holds for every vendor that names it, and where no vendor is known. Its marks declare
    that a response follows it.
    """

    media_types: NotRequired[list[str]]
    statuses: NotRequired[list[int]]


class TestJson(TypedDict):
    """A place and what has to be there."""

    at: NotRequired[str]
    header: NotRequired[str]
    parameter: NotRequired[str]
    join: NotRequired[list[str | PlaceJson]]
    where: NotRequired[bool | str | TestJson | list[str | TestJson]]
    members: NotRequired[bool | str | TestJson | list[str | TestJson]]
    then: NotRequired[str | PlaceJson]
    pattern: NotRequired[str]
    unit: NotRequired[str]
    type: NotRequired[str | list[str]]
    optional: NotRequired[bool]
    anyOf: NotRequired[list[bool | str | TestJson | list[str | TestJson]]]


class PlaceJson(TypedDict):
    """A place that is not only a JSON Pointer."""

    at: NotRequired[str]
    header: NotRequired[str]
    parameter: NotRequired[str]
    join: NotRequired[list[str | PlaceJson]]
    where: NotRequired[bool | str | TestJson | list[str | TestJson]]
    members: NotRequired[bool | str | TestJson | list[str | TestJson]]
    then: NotRequired[str | PlaceJson]
    pattern: NotRequired[str]
    unit: NotRequired[str]


class WindowJson(TypedDict):
    """One window of a rate limit, and where the response states it. A used-up window says when to come back."""

    name: NotRequired[str]
    limit: NotRequired[str | PlaceJson]
    remaining: NotRequired[str | PlaceJson]
    used: NotRequired[str | PlaceJson]
    reset: NotRequired[str | PlaceJson]
    source: NotRequired[SourceJson]


class ComplaintsJson(TypedDict):
    """Where complaints about single fields are."""

    at: list[str | PlaceJson]
    field: NotRequired[list[str | PlaceJson]]
    message: NotRequired[list[str | PlaceJson]]
    code: NotRequired[list[str | PlaceJson]]


class ItemsJson(TypedDict):
    """A list of results, each like a response of its own, some of which may have failed."""

    at: str | PlaceJson
    id: NotRequired[str | PlaceJson]
    status: NotRequired[str | PlaceJson]
    headers: NotRequired[str | PlaceJson]
    body: NotRequired[str | PlaceJson]


class EnvelopeJson(TypedDict):
    """One shape of the body around the code."""

    name: str
    description: NotRequired[str]
    recognise: bool | str | TestJson | list[str | TestJson]
    rank: NotRequired[int]
    outcome: NotRequired[str]
    category: NotRequired[str]
    code: NotRequired[list[str | PlaceJson]]
    status: NotRequired[list[str | PlaceJson]]
    message: NotRequired[list[str | PlaceJson]]
    user_message: NotRequired[list[str | PlaceJson]]
    more_info: NotRequired[list[str | PlaceJson]]
    request_id: NotRequired[list[str | PlaceJson]]
    retry_after: NotRequired[list[str | PlaceJson]]
    rate_limits: NotRequired[list[WindowJson]]
    warnings: NotRequired[list[str | PlaceJson]]
    field_errors: NotRequired[ComplaintsJson]
    items: NotRequired[ItemsJson]
    schema: NotRequired[Any]
    source: NotRequired[SourceJson]
    basis: NotRequired[str]


class SecretShapeJson(TypedDict):
    """The shape of a credential: one of its prefixes, then characters of one alphabet."""

    name: NotRequired[str]
    prefixes: list[str]
    alphabet: str
    least: int
    most: NotRequired[int]
    example: str
    source: NotRequired[str]


class VendorSecretsJson(TypedDict):
    """What must never be shown."""

    headers: NotRequired[list[str]]
    members: NotRequired[list[str]]
    shapes: NotRequired[list[SecretShapeJson]]


class VendorFingerprintsItemJson(TypedDict):
    """A telling header field."""

    header: str
    pattern: str
    source: NotRequired[SourceJson]


class FactJson(TypedDict):
    """Something that a program or a person can use."""

    about: str
    value: str | float | bool
    unit: NotRequired[str]
    text: NotRequired[str]
    source: NotRequired[SourceJson]


class HintJson(TypedDict):
    """Who has to do what."""

    action: NotRequired[str]
    actor: NotRequired[str]
    target: NotRequired[str]
    url: NotRequired[str]
    text: NotRequired[str]


class AlternativeJson(TypedDict):
    """Another category that the document leaves possible."""

    category: str
    reason: str
    hints: NotRequired[list[HintJson]]


class VariantJson(TypedDict):
    """
    What changes where the response tells more than the code does. Of several that hold, the one with the most tests counts,
    then the more careful one.
    """

    name: str
    when: NotRequired[bool | str | TestJson | list[str | TestJson]]
    statuses: NotRequired[list[int]]
    title: NotRequired[str]
    description: NotRequired[str]
    outcome: NotRequired[str]
    category: NotRequired[str]
    retryability: NotRequired[str]
    hints: NotRequired[list[HintJson]]
    emitted_status: NotRequired[int]
    min_delay: NotRequired[float]
    alternatives: NotRequired[list[AlternativeJson]]
    source: NotRequired[SourceJson]
    basis: NotRequired[BasisJson]


class StatusJson(TypedDict):
    """What an HTTP status means at this vendor when no code tells more."""

    title: NotRequired[str]
    description: NotRequired[str]
    outcome: NotRequired[str]
    category: NotRequired[str]
    retryability: NotRequired[str]
    hints: NotRequired[list[HintJson]]
    emitted_status: NotRequired[int]
    min_delay: NotRequired[float]
    alternatives: NotRequired[list[AlternativeJson]]
    source: NotRequired[SourceJson]
    basis: NotRequired[BasisJson]
    variants: NotRequired[list[VariantJson]]


class AnswerShapeJson(TypedDict):
    """
    An envelope, and in which form each thing is written that it has a pointer for. What has no form is not written; the code
    and the request id always are.
    """

    envelope: str
    title: NotRequired[str]
    message: NotRequired[str]
    status: NotRequired[str]
    field_errors: NotRequired[str]


class AnswersJson(TypedDict):
    """
    How to write an error in this vendor's shape: the code that tells each category, and the body around it. Where in the body
    things stand is said by the pointers of the envelope, of which the first counts.
    """

    codes: dict[str, str]
    media_type: NotRequired[str]
    members: NotRequired[dict[str, Any]]
    plain: AnswerShapeJson
    with_fields: NotRequired[AnswerShapeJson]
    without_code: NotRequired[AnswerShapeJson]


class EntryDeprecatedJson(TypedDict):
    """Set when a code is no longer sent; it keeps its meaning for ever."""

    since: str
    replaced_by: NotRequired[str]


class ResponseJson(TypedDict):
    """A raw response."""

    status: NotRequired[int]
    headers: NotRequired[dict[str, str]]
    json: NotRequired[Any]
    text: NotRequired[str]


class ExpectationItemsItemJson(TypedDict):
    """A failed result."""

    index: NotRequired[int | str]
    id: NotRequired[str | None]
    code: NotRequired[str | None]
    category: NotRequired[str]


class ExpectationFieldErrorsItemJson(TypedDict):
    """One complaint."""

    field: str | None
    message: str
    code: NotRequired[str | None]


class ExpectationRateLimitJson(TypedDict):
    """The rate limit."""

    limit: NotRequired[int | None]
    remaining: NotRequired[int | None]
    reset_after: NotRequired[float | None]


class ExpectationJson(TypedDict):
    """
    The verdict that an example leads to. Members of the verdict that are left out are those of the entry, or of the variant
    that is named; other members that are left out and have no default are not compared.
    """

    outcome: NotRequired[str]
    category: NotRequired[str]
    retryability: NotRequired[str]
    action: NotRequired[str]
    actor: NotRequired[str]
    level: NotRequired[str]
    variant: NotRequired[str]
    code: NotRequired[str | None]
    status: NotRequired[int | None]
    retry_after: NotRequired[float | None]
    min_delay: NotRequired[float | None]
    request_id: NotRequired[str | None]
    message: NotRequired[str | None]
    user_message: NotRequired[str | None]
    more_info: NotRequired[str | None]
    warnings: NotRequired[list[str]]
    items: NotRequired[list[ExpectationItemsItemJson]]
    field_errors: NotRequired[list[ExpectationFieldErrorsItemJson]]
    rate_limit: NotRequired[ExpectationRateLimitJson]
    preserved: NotRequired[dict[str, Any]]
    alternatives: NotRequired[list[str]]
    emitted_status: NotRequired[int]
    envelope: NotRequired[str | None]
    standard: NotRequired[str | None]
    status_conflict: NotRequired[bool]
    intermediary: NotRequired[bool]
    body: NotRequired[str]


class ExampleJson(TypedDict):
    """A raw response and the verdict that it leads to: a test and a sample for the docs at once."""

    name: NotRequired[str]
    response: ResponseJson
    expect: NotRequired[ExpectationJson]


class EntryJson(TypedDict):
    """One documented code."""

    code: str
    statuses: NotRequired[list[int]]
    also: NotRequired[list[str]]
    title: NotRequired[str]
    description: NotRequired[str]
    outcome: NotRequired[str]
    category: NotRequired[str]
    retryability: NotRequired[str]
    hints: NotRequired[list[HintJson]]
    emitted_status: NotRequired[int]
    min_delay: NotRequired[float]
    alternatives: NotRequired[list[AlternativeJson]]
    source: NotRequired[SourceJson]
    basis: NotRequired[BasisJson]
    variants: NotRequired[list[VariantJson]]
    preserve: NotRequired[dict[str, list[str | PlaceJson]]]
    facts: NotRequired[list[FactJson]]
    deprecated: NotRequired[EntryDeprecatedJson]
    examples: NotRequired[list[ExampleJson]]


class VendorJson(TypedDict):
    """All that is known about how one vendor reports failure."""

    format: str
    vendor: str
    title: str
    description: NotRequired[str]
    url: NotRequired[str]
    scheme: str
    documents: NotRequired[list[VendorDocumentsItemJson]]
    defaults: NotRequired[VendorDefaultsJson]
    hosts: NotRequired[list[str]]
    requests: NotRequired[list[RequestHeaderJson]]
    standards: NotRequired[list[str]]
    standard: NotRequired[VendorStandardJson]
    code: NotRequired[list[str | PlaceJson]]
    status: NotRequired[list[str | PlaceJson]]
    message: NotRequired[list[str | PlaceJson]]
    user_message: NotRequired[list[str | PlaceJson]]
    more_info: NotRequired[list[str | PlaceJson]]
    request_id: NotRequired[list[str | PlaceJson]]
    retry_after: NotRequired[list[str | PlaceJson]]
    rate_limits: NotRequired[list[WindowJson]]
    warnings: NotRequired[list[str | PlaceJson]]
    field_errors: NotRequired[ComplaintsJson]
    items: NotRequired[ItemsJson]
    envelopes: NotRequired[list[EnvelopeJson]]
    secrets: NotRequired[VendorSecretsJson]
    fingerprints: NotRequired[list[VendorFingerprintsItemJson]]
    alike: NotRequired[list[str]]
    facts: NotRequired[list[FactJson]]
    statuses: NotRequired[dict[str, StatusJson]]
    variants: NotRequired[list[VariantJson]]
    answers: NotRequired[AnswersJson]
    entries: list[EntryJson]


class LocaleDurationsJson(TypedDict):
    """
    How to write a wait, which takes the place of {wait} in sentences: for each unit the form for one and the form for
    several, or one form for both. {n} is the number.
    """

    second: list[str]
    minute: list[str]
    hour: list[str]
    day: list[str]


class LocaleCategoriesValueJson(TypedDict):
    """A category in this language."""

    title: str
    description: str
    end_user: str


class LocaleReportJson(TypedDict):
    """The words of the command line's reports."""

    labels: dict[str, str]
    actors: dict[str, str]
    retryabilities: dict[str, str]
    outcomes: dict[str, str]
    phrases: dict[str, str]


class LocaleJson(TypedDict):
    """Sentences for people in one language."""

    format: str
    locale: str
    title: str
    durations: LocaleDurationsJson
    actions: dict[str, list[str]]
    sentences: NotRequired[dict[str, str]]
    categories: dict[str, LocaleCategoriesValueJson]
    report: LocaleReportJson


class SecretsShapesItemJson(TypedDict):
    """A shape with its name and source."""

    name: str
    prefixes: list[str]
    alphabet: str
    least: int
    most: NotRequired[int]
    example: str
    source: str


class SecretsJson(TypedDict):
    """
    Names of secrets, and the shapes of credentials that are known by their looks, whoever the vendor is. Only their prefixes,
    alphabets and lengths count: there are no regular expressions, so the time to look for them is linear.
    """

    format: str
    sources: dict[str, str]
    names: list[str]
    counted: list[str]
    alone: list[str]
    public: list[str]
    query: list[str]
    schemes: list[str]
    words: list[str]
    ids: list[str]
    naming_members: list[str]
    value_members: list[str]
    alphabets: dict[str, str]
    shapes: list[SecretsShapesItemJson]
