"""
The exceptions for what vendors do wrong: one family, held to the taxonomy, that survives whatever carries exceptions.
"""

from __future__ import annotations

import builtins
import copy
import inspect
import json
import multiprocessing
import pickle
import re
import traceback
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import errortax
from errortax import CanonicalError, Category, FieldError, Group, Level, RawResponse, exceptions
from errortax.exceptions import VendorError, exception_for
from errortax.model import documented_error, verdict_of
from errortax.registry import loading
from noting import noted
from secrets_corpus import CODES
from strategies import EXAMPLES, VENDORS, errors

TAXONOMY = loading.bundled("taxonomy.json")
EXPIRED = RawResponse(401, {}, b'{"status": "session-expired", "code": 401, "message": "Hello Ada"}', method="POST")
LIMITED = RawResponse(429, {"Retry-After": "20"}, method="GET")
FAILED = [(vendor, example) for vendor, example in EXAMPLES if example.expect["outcome"] == "error"]

every_category = pytest.mark.parametrize("category", Category)
every_group = pytest.mark.parametrize("group", Group)


def camel(name):
    """Return a name of the taxonomy as the name of a class."""
    return "".join(word.capitalize() for word in name.split("_"))


def family():
    """Return `VendorError` and all that the module derives from it."""
    return [found for found in vars(exceptions).values() if isinstance(found, type) and issubclass(found, VendorError)]


def an_error(category=Category.CREDENTIALS_EXPIRED, **members):
    """Return an error of the *category*; *members* replace others of its wire form."""
    document = errortax.parse(EXPIRED, "planoauth").to_dict()
    return CanonicalError.from_dict(document | {"category": str(category)} | members)


def raised(response, vendor=None, **options):
    """Return what `raise_for_error` raises for the *response*."""
    with pytest.raises(VendorError) as caught:
        errortax.raise_for_error(response, vendor, **options)
    return caught.value


@every_group
def test_each_group_has_a_class(group):
    """
    A group's class is named for it, knows it, lies right below `VendorError` and says what the taxonomy says.
    """
    kind = getattr(exceptions, f"{camel(group)}Error")
    assert (VendorError,) == kind.__bases__
    assert (group, None) == (kind.group, kind.category)
    assert TAXONOMY["groups"][group]["description"] == inspect.getdoc(kind)


@every_category
def test_each_category_has_a_class(category):
    """
    A category's class is named for it, knows it and its group, lies right below the group's and says what the taxonomy says.
    """
    kind = getattr(exceptions, camel(category))
    assert (getattr(exceptions, f"{camel(category.group)}Error"),) == kind.__bases__
    assert (category.group, category) == (kind.group, kind.category)
    assert TAXONOMY["categories"][category]["description"] == inspect.getdoc(kind)


def test_there_are_no_other_classes():
    """
    Below `VendorError` there is a class for each group, below those one for each category, and nothing else in the family.
    """
    names = {*(f"{camel(group)}Error" for group in TAXONOMY["groups"]), *map(camel, TAXONOMY["categories"])}
    assert names | {"VendorError"} == {kind.__name__ for kind in family()}
    assert (None, None) == (VendorError.group, VendorError.category)


@every_category
def test_an_error_has_the_exception_of_its_category(category):
    """
    `exception_for` makes an exception of exactly the class of the error's category, with all that it was told.
    """
    error = an_error(category)
    exception = exception_for(error, method="PUT", idempotency_key=True)
    assert getattr(exceptions, camel(category)) is type(exception)
    assert (error, "PUT", True) == (exception.error, exception.method, exception.idempotency_key)
    assert (None, False) == (exception_for(error).method, exception_for(error).idempotency_key)


def test_the_request_and_the_response():
    """
    An exception knows the address of its request without its secrets, and holds the client's response.
    """
    response = object()
    exception = exception_for(an_error(), method="PUT", url="https://ada:pw@api.example/me?token=s3cret", response=response)
    assert ("https://api.example/me?token=[redacted]", response) == (exception.url, exception.response)
    assert "Request PUT https://api.example/me?token=[redacted]" in str(exception)
    assert (None, None) == (exception_for(an_error()).url, exception_for(an_error()).response)


def test_the_response_stays_behind():
    """
    Copies and pickles keep the address and the notes, and leave the response behind.
    """
    exception = exception_for(an_error(), url="https://api.example/", response=multiprocessing.Lock())
    exception.add_note("while syncing")
    for again in (pickled(exception), copy.copy(exception), copy.deepcopy(exception)):
        assert ("https://api.example/", None, ["while syncing"]) == (again.url, again.response, again.__notes__)
    assert exception.response is not None


def test_raised_with_address_and_response():
    """
    `raise_for_error` passes the response on, and its address.
    """
    response = RawResponse(429, url="https://api.example/?key=s3cret", method="POST")
    exception = raised(response, "http")
    assert (response, "POST", "https://api.example/?key=[redacted]") == (exception.response, exception.method, exception.url)


def test_a_newer_category_is_caught_as_unknown():
    """
    An error that a newer release wrote, of a category that this one does not know, raises `Unknown`.
    """
    error = an_error("teapot", group="kitchen")
    exception = exception_for(error)
    assert exceptions.Unknown is type(exception)
    assert "teapot" == exception.error.to_dict()["category"] == pickled(exception).error.to_dict()["category"]


def test_the_text_says_what_happened_and_what_to_do():
    """
    The text names vendor, code, title, category, who has to do what, the request id and our page.
    """
    error = an_error(request_id="rq_1")
    assert (
        "planoauth session-expired: " + error.title + " (credentials_expired); "
        f"{error.actor}: {error.hints[0].text} Request rq_1. See {error.documentation_url}"
    ) == str(exception_for(error))


def test_the_text_leaves_out_what_is_unknown():
    """
    Without request id and page of ours the text ends with what is to be done, and without a code it names the status.
    """
    error = an_error(code=None, request_id=None, documentation_url=None)
    assert str(exception_for(error)) == (
        f"planoauth 401: {error.title} (credentials_expired); {error.actor}: {error.hints[0].text}"
    )


@given(errors)
def test_the_text_is_one_line(error):
    """
    Whatever a vendor file or another release wrote, the text is one line without doubled blanks.
    """
    text = str(exception_for(error))
    assert [text] == text.splitlines()
    assert " ".join(text.split()) == text


BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@pytest.mark.parametrize("member", ["title", "documentation_url", "hints"])
def test_line_breaks_of_a_vendor_file_are_blanks(member):
    """
    A hint, a title or an address with every kind of line break leaves the text on one line.
    """
    text = f"first{BREAKS}second"
    verdict = verdict_of(an_error())
    verdict = evolve(verdict, **{member: (evolve(verdict.hints[0], text=text),) if member == "hints" else text})
    error = documented_error(verdict, level=Level.CODE)
    assert 1 == len(str(exception_for(error)).splitlines())
    assert "first second" in str(exception_for(error))


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_documented_error_is_told_in_one_line(vendor):
    """
    For each example: code, category and request id stand in the text, and it is one line.
    """
    for example in [example for owner, example in FAILED if owner == vendor]:
        with noted(example.code, example.name):
            error = errortax.parse(example.raw, vendor)
            text = str(exception_for(error))
            assert text.startswith(f"{vendor} {error.code or error.status}: ")
            assert f"({error.category}); {error.actor}: " in text
            assert error.request_id is None or f"Request {error.request_id}." in text
            assert error.documentation_url is None or text.endswith(f"See {error.documentation_url}")
            assert "\n" not in text


def planted(document, mark):
    """Return the *document* with the *mark* in each text, and beside each member, that does not decide the verdict."""
    match document:
        case dict():
            return {
                name: value if name in ("status", "code", "error_code", "error") else planted(value, mark)
                for name, value in document.items()
            } | {mark: [mark], "message": mark}
        case list():
            return [*(planted(value, mark) for value in document), mark]
        case str():
            return f"{document} {mark}"
        case _:
            return document


@given(case=st.sampled_from(FAILED), mark=st.from_regex(r"Zq9[a-z]{3,12}( [a-z!]{1,9})?", fullmatch=True))
def test_the_vendors_own_words_stay_out(case, mark):
    """
    Whatever the vendor writes into messages, complaints about fields and other members, none of it is in the text.
    """
    vendor, example = case
    try:
        document = json.loads(example.raw.body or b"")
    except ValueError:
        document = {"message": ""}
    raw = RawResponse(example.raw.status or 400, {"X-Note": mark}, json.dumps(planted(document, mark)).encode())
    error = errortax.parse(raw, vendor)
    exception = exception_for(error) if error is not None else None
    assert mark not in str(exception)
    assert mark not in repr(exception)


def test_secrets_stay_out():
    """
    Neither a secret in place of a code nor one among the preserved members gets into text or representation.
    """
    secret = "ks_" + "Ab3" * 9
    odd = raised(RawResponse(401, {}, json.dumps({"status": secret, "code": 401, "message": secret})), "planoauth")
    session = raised(
        RawResponse(401, {}, json.dumps({"status": "client-required", "code": 401, "data": {"session": secret}})), "planoauth"
    )
    assert secret == session.error.preserved["session"]
    for exception in (odd, session):
        shown = "".join(traceback.format_exception(exception))
        assert secret not in f"{exception} {exception!r} {exception.args!r} {shown}"


@pytest.mark.parametrize("code", CODES)
def test_codes_stay_in(code):
    """
    A code that nobody documented is in the text all the same.
    """
    exception = raised(RawResponse(400, {}, json.dumps({"status": code, "code": 400})), "planoauth")
    assert f" {code}: " in str(exception)


def pickled(exception):
    """Return the exception after its way through bytes."""
    return pickle.loads(pickle.dumps(exception))  # noqa: S301  # our own bytes


WAYS = {
    **{f"pickle {level}": lambda it, level=level: pickle.loads(pickle.dumps(it, level)) for level in range(6)},  # noqa: S301  # our own bytes
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("carry", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("kind", [*exceptions.VendorError.__subclasses__(), exceptions.RateLimited, VendorError])
def test_an_exception_keeps_all_it_knows(kind, carry):
    """
    Pickled or copied, an exception has its class, error, method, idempotency key, notes and text.
    """
    exception = kind(an_error(), method="POST", idempotency_key=True)
    exception.add_note("while syncing orders")
    carried = carry(exception)
    assert (kind, str(exception), vars(exception)) == (type(carried), str(carried), vars(carried))
    assert (["while syncing orders"], "POST", True) == (carried.__notes__, carried.method, carried.idempotency_key)
    assert carried is not exception


def test_details_survive():
    """
    What was read from the response, whether before or after, goes along: message, field errors and what must be preserved.
    """
    body = b'{"status": "client-required", "code": 401, "message": "m", "data": {"session": {"email": "ada@example.com"}}}'
    exception = raised(RawResponse(401, {}, body), "planoauth")
    assert {"session": {"email": "ada@example.com"}} == pickled(exception).error.preserved
    body = b'{"errors": {"email": ["is taken"]}}'
    assert (FieldError("email", "is taken"),) == pickled(raised(RawResponse(422, {}, body), "authrocket")).error.field_errors


class Expired(exceptions.CredentialsExpired):
    """What a client library may make of it."""


def test_a_class_of_ones_own():
    """
    A client library may derive a class of its own; errors are raised as before, and it is caught as its category.
    """
    own = Expired(an_error(), method="GET")
    assert exceptions.CredentialsExpired is type(exception_for(an_error()))
    assert (Category.CREDENTIALS_EXPIRED, own.error, "GET") == (
        copy.copy(own).category,
        copy.copy(own).error,
        copy.copy(own).method,
    )
    with pytest.raises(exceptions.AuthenticationError):
        raise own


def test_an_exception_is_chained():
    """
    Raised from the client's own exception, it names that one as its cause, in the traceback as well.
    """
    with pytest.raises(exceptions.ConnectionFailed) as caught:  # noqa: PT012  # chaining is what is tested
        try:
            raise OSError("broken pipe")
        except OSError as broken:
            raise exception_for(errortax.transport_error("connection_failed")) from broken
    assert isinstance(caught.value.__cause__, OSError)
    told = "".join(traceback.format_exception(caught.value))
    assert "OSError: broken pipe" in told
    assert f"errortax.exceptions.ConnectionFailed: {caught.value}" in told


def test_a_pool_of_threads_hands_it_over():
    """
    Raised in another thread, the same exception is raised where the result is asked for.
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(errortax.raise_for_error, EXPIRED, "planoauth")
        with pytest.raises(exceptions.CredentialsExpired) as caught:
            future.result()
    assert future.exception() is caught.value
    assert "POST" == caught.value.method


def assert_handed_over(exception):
    """Check what a child process raised for EXPIRED."""
    here = raised(EXPIRED, "planoauth")
    assert (type(here), str(here), here.error) == (type(exception), str(exception), exception.error)
    assert ("POST", False, "Hello Ada") == (exception.method, exception.idempotency_key, exception.error.message)


def test_a_pool_of_processes_hands_it_over():
    """
    Raised in a child process that shares no memory, the exception is raised in the parent with all it knows.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        future = pool.submit(errortax.raise_for_error, EXPIRED, "planoauth")
        with pytest.raises(exceptions.CredentialsExpired) as caught:
            future.result()
    assert_handed_over(caught.value)
    assert "raise exception_of" in str(caught.value.__cause__)  # where the child raised it


def test_multiprocessing_hands_it_over():
    """
    Raised in a worker of `multiprocessing`, the exception is raised in the parent with all it knows.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(exceptions.CredentialsExpired) as caught:
        pool.apply(errortax.raise_for_error, (EXPIRED, "planoauth"))
    assert_handed_over(caught.value)


def test_groups_of_exceptions_are_split_by_class():
    """
    `except*` picks one category or a whole group out of several, and leaves the rest.
    """
    several = [raised(EXPIRED, "planoauth"), raised(LIMITED), raised(RawResponse(404)), ValueError("mine")]
    seen = []
    with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012  # `except*` is what is tested
        try:
            raise ExceptionGroup("batch", several)
        except* exceptions.RateLimited as group:
            seen += [("limited", exception) for exception in group.exceptions]
        except* exceptions.AuthenticationError as group:
            seen += [("authentication", exception) for exception in group.exceptions]
        except* VendorError as group:
            seen += [("other", exception) for exception in group.exceptions]
    assert [("limited", several[1]), ("authentication", several[0]), ("other", several[2])] == seen
    assert several[3:] == list(caught.value.exceptions)


def test_a_group_keeps_its_exceptions():
    """
    A group of exceptions can be pickled, and split by what the errors say.
    """
    group = pickled(ExceptionGroup("batch", [raised(EXPIRED, "planoauth"), raised(LIMITED)]))
    waiting, rest = group.split(lambda found: isinstance(found, VendorError) and found.error.retry_after is not None)
    assert ([20.0], ["session-expired"]) == (
        [found.error.retry_after for found in waiting.exceptions], [found.error.code for found in rest.exceptions],
    )  # fmt: skip


def test_one_exception_alone_is_caught_by_except_star():
    """
    `except*` also catches an exception that is in no group.
    """
    seen = []
    try:
        errortax.raise_for_error(LIMITED)
    except* exceptions.LimitError as group:
        seen.extend(group.exceptions)
    assert [exceptions.RateLimited] == [type(found) for found in seen]


def test_a_response_is_raised_for_what_it_means():
    """
    An error response raises the class of its category, with the canonical error and the method of the request.
    """
    exception = raised(EXPIRED, "planoauth")
    assert exceptions.CredentialsExpired is type(exception)
    assert (errortax.parse(EXPIRED, "planoauth"), "POST", False) == (exception.error, exception.method, exception.idempotency_key)
    assert None is raised(RawResponse(500)).method


@pytest.mark.parametrize("status", [200, 202, 204, 304])
def test_what_is_no_error_is_not_raised(status):
    """
    A success, something pending or a redirect raises nothing.
    """
    assert None is errortax.raise_for_error(RawResponse(status, {}, b'{"status": "ok"}'))


def test_an_error_below_400_is_raised():
    """
    What is an error by its code is raised, even if the status says otherwise.
    """
    assert "session-expired" == raised(RawResponse(200, {}, EXPIRED.body), "planoauth").error.code


def test_dates_count_from_now():
    """
    Delays are counted from *now*, as `parse` does.
    """
    response = RawResponse(503, {"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"})
    assert 30.0 == raised(response, now=1_800_000_000).error.retry_after


def test_mistakes_are_no_vendor_errors():
    """
    An unknown vendor and an object that is not a response are told at once, and by other exceptions.
    """
    with pytest.raises(exceptions.UnknownVendorError, match="did you mean 'planoauth'"):
        errortax.raise_for_error(EXPIRED, "planoaut")
    with pytest.raises(TypeError, match="str object is not a response"):
        errortax.raise_for_error("401 Unauthorized")
    assert not issubclass(exceptions.UnknownVendorError, VendorError)


def test_the_traceback_ends_with_the_text():
    """
    What an uncaught exception prints last is its class and the one line of its text.
    """
    exception = raised(EXPIRED, "planoauth")
    last = traceback.format_exception_only(exception)[-1]
    assert re.fullmatch(r"errortax\.exceptions\.CredentialsExpired: planoauth session-expired: .+\n", last)


def test_names_do_not_hide_pythons_own():
    """
    No class of the family is called as something built into Python, so that importing it by name hides nothing.
    """
    assert set() == {kind.__name__ for kind in family()} & set(vars(builtins))


@pytest.mark.parametrize("thing", ["boom", None, ValueError("boom")])
def test_what_is_no_error_makes_no_exception(thing):
    """
    An exception is made of a canonical error alone; anything else is refused, by the name of its type.
    """
    with pytest.raises(TypeError, match=rf"CredentialsExpired: error is a {type(thing).__name__} object; pass an errortax"):
        exceptions.CredentialsExpired(thing)
