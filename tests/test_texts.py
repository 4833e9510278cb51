import json
import re

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from errortax import (
    Action,
    Actor,
    CanonicalError,
    Category,
    Hint,
    Level,
    Match,
    RawResponse,
    Retryability,
    Verdict,
    category_text,
    default_registry,
    hint_text,
    hint_texts,
    load_registry,
    locales,
    negotiate_locale,
    parse,
    transport_error,
)
from errortax.advice import match_locale
from errortax.model import Details, verdict_of
from errortax.registry import loading
from errortax.registry.registry import verdicts_of
from strategies import EXAMPLES

LANGUAGES = locales()
PLAIN_WAIT = "Please wait a moment, then try again."


def hint(action=Action.CORRECT_INPUT, actor=Actor.END_USER, text="", target=None):
    """Return a hint; a test names only the parts that matter."""
    return Hint(action, actor, text, target)


def error(
    *hints,
    category=Category.INVALID_ARGUMENT,
    retryability=Retryability.AFTER_ACTION,
    retry_after=None,
    min_delay=None,
    message=None,
):
    """Return an error with these hints."""
    verdict = Verdict(
        vendor="example",
        category=category,
        title="Invalid input",
        description="A value is not acceptable.",
        retryability=retryability,
        hints=hints,
        emitted_status=422,
        min_delay=min_delay,
    )
    return CanonicalError("bad", 422, verdict, Details(Match(Level.CODE), message=message, retry_after=retry_after))


def waiting(**delays):
    """Return an error after which the client has to wait."""
    return error(hint(Action.WAIT_AND_RETRY, Actor.CLIENT), **delays)


def test_first_hint():
    """
    Without an actor, the sentence is that of the first hint.
    """
    assert "Please log in again." == hint_text(error(hint(Action.REAUTHENTICATE), hint(Action.FIX_PROGRAM)))


def test_hint_of_an_actor():
    """
    With an actor, the sentence is that of the first hint for this actor, who may be called by name.
    """
    both = error(
        hint(Action.REAUTHENTICATE), *(hint(action, Actor.DEVELOPER) for action in (Action.FIX_PROGRAM, Action.REDUCE_SIZE))
    )
    assert "Correct the way the program builds this request." == hint_text(both, actor=Actor.DEVELOPER)
    assert hint_text(both, actor=Actor.DEVELOPER) == hint_text(both, actor="developer")


def test_nothing_for_an_actor():
    """
    Without a hint for the actor, the result is None.
    """
    assert None is hint_text(error(hint()), actor="vendor")
    assert None is hint_text(error())
    assert None is hint_text(error(hint()), actor="developer")


def test_all_hints():
    """
    Each hint has its sentence, in the order of the hints.
    """
    both = error(hint(Action.REAUTHENTICATE), hint(Action.WAIT_AND_RETRY, Actor.CLIENT), retry_after=30)
    texts = ("Bitte melden Sie sich erneut an.", "Bitte warten Sie 30 Sekunden und versuchen Sie es dann noch einmal.")
    assert texts == hint_texts(both, locale="de")


@pytest.mark.parametrize(
    ("delays", "text"),
    [
        ({"retry_after": 30.0}, "Please wait 30 seconds, then try again."),
        ({"retry_after": 29.1}, "Please wait 30 seconds, then try again."),
        ({"retry_after": 1.5}, "Please wait 2 seconds, then try again."),
        ({"min_delay": 300}, "Please wait 5 minutes, then try again."),
        ({"retry_after": 5, "min_delay": 300}, "Please wait 5 seconds, then try again."),
        ({"retry_after": 0, "min_delay": 300}, PLAIN_WAIT),
        ({"retry_after": 1}, PLAIN_WAIT),
        ({"retry_after": float("inf")}, PLAIN_WAIT),
        ({"retry_after": float("nan")}, PLAIN_WAIT),
        ({}, PLAIN_WAIT),
    ],
)
def test_seconds(delays, text):
    """
    The delay is the server's own, else the document's, in whole seconds rounded up; one second or less is "a moment".
    """
    assert text == hint_text(waiting(**delays))


def test_field():
    """
    The sentence names the field of the hint, if there is one.
    """
    assert "Please correct the value of “email”." == hint_text(error(hint(target="email")))
    assert "Veuillez corriger la valeur de «\xa0email\xa0»." == hint_text(error(hint(target="email")), locale="fr")
    assert "Please check what was entered or chosen, and correct it." == hint_text(error(hint()))


def test_field_with_braces():
    """
    Braces in a field's name are not placeholders.
    """
    assert "Please correct the value of “{wait}{}”." == hint_text(error(hint(target="{wait}{}"), retry_after=9))


def test_own_text_in_english():
    """
    A hint's own text counts before the action's sentence in English, and in other languages only with a translation.
    """
    own = error(hint(Action.WAIT_AND_RETRY, text="Wait until the night job is through."))
    assert "Wait until the night job is through." == hint_text(own)
    assert "Espere un momento y vuelva a intentarlo." == hint_text(own, locale="es")


def test_known_wait_goes_before_own_text():
    """
    If the wait is known, the sentence states it in every language, even if the hint has a text of its own.
    """
    own = error(hint(Action.WAIT_AND_RETRY, text="Wait until the night job is through."), retry_after=30)
    assert "Please wait 30 seconds, then try again." == hint_text(own)
    assert "Espere 30 segundos y vuelva a intentarlo." == hint_text(own, locale="es")


def test_own_text_translated():
    """
    A hint's own text counts before the action's sentence in each language that has a translation of it.
    """
    own = error(hint(Action.COMPLETE_CHALLENGE, text="If you received a one-time code by SMS, please enter it.", target="otp"))
    assert "Falls Sie einen Einmalcode per SMS bekommen haben, geben Sie ihn bitte ein." == hint_text(own, locale="de-AT")
    assert "Voer de eenmalige code in als u er een per sms hebt ontvangen." == hint_text(own, locale="nl")
    assert own.hints[0].text == hint_text(own) == hint_text(own, locale="it")


def test_own_text_of_a_users_file(tmp_path):
    """
    A user's own vendor file needs no translations: without one, the action's sentence is used.
    """
    hints = [
        {"action": "use_alternative", "actor": "end_user", "text": text}
        for text in ("Pay with another card.", "Please fill in what is missing.")
    ]
    ruling = {"code": "402", "category": "declined", "hints": hints}
    document = {"format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "http_status", "entries": [ruling]}
    (tmp_path / "acme.json").write_text(json.dumps(document))

    refused = parse(RawResponse(402), "acme", registry=load_registry(tmp_path / "acme.json"))
    assert ("Pay with another card.", "Please fill in what is missing.") == hint_texts(refused)
    assert ("Dit is niet geaccepteerd; kies een andere manier.", "Vul in wat ontbreekt.") == hint_texts(refused, locale="nl")


def test_plain_text_is_no_own_text():
    """
    A hint that repeats the action's plain sentence gets a better sentence if there is one.
    """
    repeated = error(hint(Action.WAIT_AND_RETRY, text=PLAIN_WAIT), retry_after=30)
    assert "Please wait 30 seconds, then try again." == hint_text(repeated)


def test_foreign_action():
    """
    For an action of a newer release, the text that came with it is used in every language.
    """
    document = error(hint(Action.CORRECT_INPUT, text="Rotate the key.")).to_dict()
    document["hints"][0]["action"] = "rotate_key"
    newer = CanonicalError.from_dict(document)
    assert Action.NONE is newer.action
    assert {"Rotate the key."} == {hint_text(newer, locale=tag) for tag in LANGUAGES}


@pytest.mark.parametrize("locale", ["de-CH-1996", "de_AT", "DE", "de-Latn-DE", "de-x-private"])
def test_nearest_language(locale):
    """
    A tag with a region or another spelling finds its language.
    """
    assert "Bitte melden Sie sich erneut an." == hint_text(error(hint(Action.REAUTHENTICATE)), locale=locale)


@pytest.mark.parametrize("locale", ["it", "pt-BR", "x-private", "i-klingon", "den", "zh-Hant-CN-x-private1"])
def test_language_without_data(locale):
    """
    For a language without sentences, the sentences are English.
    """
    assert "Please log in again." == hint_text(error(hint(Action.REAUTHENTICATE)), locale=locale)


def test_longest_match():
    """
    The look-up returns the most specific available tag, in its available spelling.
    """
    available = ("de", "de-CH", "zh-Hant", "zh")
    assert "de-CH" == match_locale("de_ch_1996", available)
    assert "de" == match_locale("de-CHE", available)
    assert "zh-Hant" == match_locale("ZH-HANT-CN-x-private1-private2", available)
    assert "en" == match_locale("fr", available)


@pytest.mark.parametrize(
    "tag",
    [
        "",
        " de",
        "de ",
        "de-CH\n",
        "d",
        "*",
        "de-",
        "-de",
        "de--CH",
        "de.UTF-8",
        "deutschland",
        "de-a",
        "1de",
        "de-x",
        "a-de",
        "\u017fv",
    ],
)
def test_malformed_tag(tag):
    """
    A malformed language tag is the caller's mistake, and the message shows a good one.
    """
    with pytest.raises(ValueError, match=f"^locale: {re.escape(repr(tag))} is not a language tag"):
        hint_text(error(hint()), locale=tag)


@pytest.mark.parametrize(
    "tag",
    [
        "zh-cmn-Hans-CN",
        "sl-IT-nedis",
        "de-DE-u-co-phonebk",
        "de-1996",
        "en-a-bbb-x-a-ccc",
        "es-419",
        "en-GB-oed",
        "sgn-be-fr",
        "hy-Latn-IT-arevela",
        "x-any",
    ],
)
def test_well_formed_tag(tag):
    """
    Every kind of tag that BCP 47 allows is accepted.
    """
    assert match_locale(tag, LANGUAGES) in LANGUAGES


subtags = st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True)


@given(st.lists(subtags, max_size=8), st.sampled_from(LANGUAGES))
def test_private_subtags_change_nothing(private, tag):
    """
    Private subtags after a known tag do not matter.
    """
    assert tag == match_locale("-".join([tag, *(["x", *private] if private else [])]), LANGUAGES)


@given(st.text() | st.lists(subtags).map("-".join))
def test_any_tag(tag):
    """
    Any text either finds one of the languages or raises `ValueError`.
    """
    try:
        found = match_locale(tag, LANGUAGES)
    except ValueError:
        return
    assert found in LANGUAGES


def test_long_tag():
    """
    The look-up takes time in proportion to the tag's length: a megabyte takes a short time.
    """
    assert "de" == match_locale("de-x" + "-a" * 500_000, LANGUAGES)


def test_unknown_actor():
    """
    An unknown actor is the caller's mistake; the message names the near miss and the choices.
    """
    with pytest.raises(ValueError, match=r"^unknown actor 'enduser'; did you mean 'end_user'\?$"):
        hint_text(error(hint()), actor="enduser")
    with pytest.raises(ValueError, match=r"^unknown actor 'zzz'; known: client, "):
        hint_text(error(hint()), actor="zzz")


def test_category():
    """
    A category has title and description in each language; its name may be a plain text.
    """
    assert ("Nicht gefunden", "Unter dieser Kennung gibt es nichts, oder der Aufrufer darf nicht davon wissen.") == category_text(
        Category.NOT_FOUND, "de"
    )
    assert category_text(Category.NOT_FOUND) == category_text("not_found", "en-GB")


def test_unknown_category():
    """
    An unknown category is the caller's mistake; the message names the near miss.
    """
    with pytest.raises(ValueError, match=r"^unknown category 'notfound'; did you mean 'not_found'"):
        category_text("notfound")


@given(
    action=st.sampled_from(Action),
    target=st.none() | st.from_regex(r"[\w.-]{1,20}", fullmatch=True),
    retry_after=st.none() | st.floats(),
    tag=st.sampled_from(LANGUAGES),
)
def test_every_action_in_every_language(action, target, retry_after, tag):
    """
    Every hint has a sentence in every language, with or without field and delay, without a leftover brace.
    """
    text = hint_text(error(hint(action, target=target), retry_after=retry_after), actor="end_user", locale=tag)
    assert text.endswith((".", "。"))
    assert not set("{}") & set(text)


@given(message=st.text(min_size=1), tag=st.sampled_from(LANGUAGES), action=st.sampled_from(Action))
def test_no_vendor_text(message, tag, action):
    """
    The vendor's own text is never part of the sentence.
    """
    assert hint_text(error(hint(action)), locale=tag) == hint_text(error(hint(action), message=message), locale=tag)


UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
DELAYS = st.floats() | st.floats(0, 1e7) | st.integers(-2, 10_000_000)


@given(retry_after=DELAYS, action=st.sampled_from([Action.WAIT_AND_RETRY, Action.POLL_STATUS]), tag=st.sampled_from(LANGUAGES))
def test_nobody_comes_too_early(retry_after, action, tag):
    """
    In every language a wait of more than a second is stated with one number, which is never less, nor much more.
    """
    text = hint_text(error(hint(action), retry_after=retry_after), locale=tag)
    forms = loading.bundled(f"locales/{tag}.json")["durations"]
    stated = [
        number * UNITS[unit]
        for number in map(int, re.findall(r"\d+", text))
        for unit in UNITS
        if forms[unit][0 if number == 1 else -1].format(n=number) in text
    ]
    if not 1 < retry_after < float("inf"):
        assert [] == stated == re.findall(r"\d", text)
    else:
        assert retry_after <= min(stated) <= max(stated) < 1.5 * retry_after + 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "59 seconds"), (60, "1 minute"), (61, "61 seconds"), (90, "90 seconds"), (119.2, "2 minutes"), (121, "3 minutes"),
        (3_599.5, "1 hour"), (3_600, "1 hour"), (5_400, "90 minutes"), (7_200, "2 hours"), (86_400, "1 day"),
        (90_000, "25 hours"), (172_801, "3 days"), (315_576_000, "3653 days"),
    ],
)  # fmt: skip
def test_units(seconds, words):
    """
    The unit is the largest one that fits exactly or at least twice; the number is rounded up.
    """
    assert f"Please wait {words}, then try again." == hint_text(waiting(retry_after=seconds))


@pytest.mark.parametrize(
    ("tag", "day", "days"),
    [
        ("de", "1 Tag", "2 Tage"), ("en", "1 day", "2 days"), ("es", "1 día", "2 días"), ("fr", "1\xa0jour", "2\xa0jours"),
        ("ja", "1日", "2日"), ("nl", "1 dag", "2 dagen"),
    ],
)  # fmt: skip
def test_one_and_several(tag, day, days):
    """
    One and several have different forms where the language has them.
    """
    for number, words in enumerate((day, days), 1):
        assert words in hint_text(waiting(retry_after=number * 86_400), locale=tag)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_two_seconds_and_one(tag):
    """
    Two seconds and one second have different sentences in every language: with the number, and as a moment.
    """
    two, one, unknown = (hint_text(waiting(retry_after=delay), locale=tag) for delay in (2, 1, None))
    assert one == unknown != two
    assert "2" in two


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("category", Category)
def test_the_end_user_always_has_a_sentence(tag, category):
    """
    An error without a hint for the end user has a sentence about what happened; the wait follows only if it may be repeated.
    """
    happened = loading.bundled(f"locales/{tag}.json")["categories"][category]["end_user"]
    wait = hint_text(waiting(retry_after=180), locale=tag)
    for retryability in Retryability:
        found = error(hint(actor=Actor.DEVELOPER), category=category, retryability=retryability, retry_after=180)
        text = hint_text(found, actor=Actor.END_USER, locale=tag)
        assert text == happened or retryability.is_automatic
        assert [happened, wait] == [part.strip() for part in text.partition(happened)[1:]] or not retryability.is_automatic


def test_japanese_sentences_follow_each_other_directly():
    """
    There is no blank between Japanese sentences, and one blank between those of other languages.
    """
    busy = error(category=Category.RATE_LIMITED, retryability=Retryability.AFTER_DELAY)
    assert " " not in hint_text(busy, actor="end_user", locale="ja")
    assert "There were too many attempts in a short time. Please wait a moment, then try again." == hint_text(
        busy, actor="end_user"
    )


def all_verdicts():
    """Yield a name and the verdict of each entry, status and variant of the bundled data, and of each category's defaults."""
    for name in default_registry():
        verdicts = verdicts_of(default_registry(), name)
        document = loading.bundled(f"vendors/{name}.json")
        found = [(f"{name} {entry['code']}", verdicts.of_code(entry["code"])) for entry in document["entries"]]
        found += [(f"{name} status {status}", verdicts.at_status(int(status))[0]) for status in document.get("statuses", {})]
        found += [(f"{name} {category}", verdicts.of_category(category)) for category in Category]
        for place, verdict in found:
            yield place, verdict
            yield from ((f"{place} {refined.variant}", refined) for refined in verdict.variants)


def hints_in_the_data():
    """Yield the hints of all verdicts and of their alternatives, each with a name."""
    for place, verdict in all_verdicts():
        yield from ((f"{place} #{number}", found) for number, found in enumerate(verdict.hints))
        for rank, alternative in enumerate(verdict.alternatives):
            yield from ((f"{place} or {rank} #{number}", found) for number, found in enumerate(alternative.hints))


HINTS = dict(hints_in_the_data())
FOR_PEOPLE = {place: found for place, found in HINTS.items() if found.actor is Actor.END_USER}


def test_the_data_speaks_to_people():
    """
    Each bundled vendor has hints for end users, some of them with their own English sentences.
    """
    assert set(default_registry()) == {place.partition(" ")[0] for place in FOR_PEOPLE}
    assert len({found.action for found in FOR_PEOPLE.values()}) > 9
    assert len(OWN_SENTENCES) > 40


def sentences(tag):
    """Return all sentences of a language."""
    return [sentence for variants in loading.bundled(f"locales/{tag}.json")["actions"].values() for sentence in variants]


def translations(tag):
    """Return the own sentences of the data's hints, each with its translation into a language."""
    return {text: text for text in OWN_SENTENCES} if tag == "en" else loading.bundled(f"locales/{tag}.json")["sentences"]


OWN_SENTENCES = {found.text for found in FOR_PEOPLE.values()} - set(sentences("en"))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_own_sentence_is_in_every_language(tag):
    """
    Each own sentence of a hint that addresses an end user is translated into each language, and no other sentence is.
    """
    assert OWN_SENTENCES == set(translations(tag))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_hint_for_people_is_in_every_language(tag):
    """
    Each hint of the data for an end user has a sentence in each language: its own, else its action's.
    """
    for place, found in FOR_PEOPLE.items():
        of_action = loading.bundled(f"locales/{tag}.json")["actions"][found.action]
        written = {sentence.replace("{field}", found.target or "{field}") for sentence in of_action}
        text = hint_text(error(found), actor="end_user", locale=tag)
        assert text in ({translations(tag)[found.text]} if found.text in OWN_SENTENCES else written), place


JARGON = {
    "de": ("token", "endpunkt", "header", "kopfzeile", "anfrage", "parameter", "kennung", "ressource", "server", "aufrufer"),
    "en": ("token", "endpoint", "header", "request", "parameter", "identifier", "resource", "server", "session", "caller"),
    "es": (
        "token",
        "punto de conexión",
        "cabecera",
        "solicitud",
        "petición",
        "parámetro",
        "identificador",
        "recurso",
        "servidor",
    ),
    "fr": ("jeton", "point de terminaison", "en-tête", "requête", "paramètre", "identifiant", "ressource", "serveur", "appelant"),
    "ja": (
        "トークン",
        "エンドポイント",
        "ヘッダー",
        "リクエスト",
        "パラメーター",
        "識別子",
        "リソース",
        "サーバー",
        "呼び出し元",
    ),
    "nl": ("token", "endpoint", "eindpunt", "header", "verzoek", "parameter", "resource", "server", "aanroeper"),
}
SHARED_JARGON = ("api", "http", "url", "json", "payload", "cookie")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_jargon_for_people(tag):
    """
    No sentence for end users has a word of programmers in it.
    """
    texts = {place: hint_text(error(found), actor="end_user", locale=tag) for place, found in FOR_PEOPLE.items()}
    texts |= {category: hint_text(error(category=category), actor="end_user", locale=tag) for category in Category}
    end = r"s?\b" if tag == "en" else ""  # "requested" is a plain word; other languages join words
    begin = "" if tag == "ja" else r"\b"
    jargon = re.compile(f"{begin}(?:{'|'.join((*JARGON[tag], *SHARED_JARGON))}){end}", re.IGNORECASE)
    assert {} == {place: text for place, text in texts.items() if jargon.search(text)}


def test_no_vendor_is_sent_to_itself():
    """
    No hint asks the vendor to contact the vendor.
    """
    assert [] == [
        place for place, found in HINTS.items() if found.actor is Actor.VENDOR and found.action is Action.CONTACT_SUPPORT
    ]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_own_sentence_ignores_the_delay(tag):
    """
    A known delay does not change a sentence of its own.
    """
    for place, found in FOR_PEOPLE.items():
        if found.text in OWN_SENTENCES:
            assert translations(tag)[found.text] == hint_text(error(found, retry_after=30), locale=tag), place


def test_targets_are_names():
    """
    The target of a hint of the data is the name of a header or a member, so that no other text gets into a sentence.
    """
    assert {} == {place: found.target for place, found in HINTS.items() if not re.fullmatch(r"[\w.-]+", found.target or "-")}


def planted(value, mark):
    """Return every document that has the *mark* at one more place of *value*: in a text, as a member, as an element."""
    match value:
        case dict():
            yield {**value, mark: [mark], "message": mark, "messages": {mark: [mark]}, "errors": {mark: [mark]}}
            yield {**value, "message": mark, "messages": [mark], "errors": [{"field": mark, "attr": mark, "message": mark}]}
            for name, inner in value.items():
                yield from ({**value, name: changed} for changed in planted(inner, mark))
        case list():
            yield [*value, mark]
            for place, inner in enumerate(value):
                yield from ([*value[:place], changed, *value[place + 1 :]] for changed in planted(inner, mark))
        case str():
            yield mark
            yield f"{value} {mark}"


def document_of(raw):
    """Return the JSON of a response's body, or an object without a vendor's shape."""
    try:
        return json.loads(raw.body or b"")
    except ValueError:
        return {}


MARKS = st.from_regex(r"Zq9[a-z{}]{3,9}( [a-z{}]{1,9})?", fullmatch=True)


@given(case=st.sampled_from(EXAMPLES), mark=MARKS, tag=st.sampled_from(LANGUAGES))
def test_no_text_of_a_vendor_gets_into_a_sentence(case, mark, tag):
    """
    No text of a vendor, from any place in body or headers, gets into a sentence.
    """
    vendor, example = case
    headers = {"X-Request-ID": mark, "X-Note": mark, "WWW-Authenticate": mark, "Retry-After": mark}
    for document in planted(document_of(example.raw), mark):
        error = parse(RawResponse(example.raw.status, headers, json.dumps(document).encode()), vendor)
        texts = () if error is None else hint_texts(error, locale=tag)
        assert [] == [text for text in texts if "Zq9" in text or mark in text]


@given(case=st.sampled_from(EXAMPLES), message=st.text(), tag=st.sampled_from(LANGUAGES))
def test_sentences_follow_from_the_data_and_the_delay(case, message, tag):
    """
    The sentences depend only on the verdict and the delay, not on any other part of the response.
    """
    vendor, example = case
    for document in planted(document_of(example.raw), message):
        error = parse(RawResponse(example.raw.status, example.raw.headers, json.dumps(document).encode()), vendor)
        if error is not None:
            bare = CanonicalError(None, None, verdict_of(error), Details(error.match, retry_after=error.retry_after))
            assert hint_texts(bare, locale=tag) == hint_texts(error, locale=tag)
            assert set(error.hints) <= set(HINTS.values())


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_error_without_a_response_has_sentences(tag):
    """
    An error without a response has a sentence in every language, too.
    """
    lost = transport_error("connection_failed")
    assert hint_text(lost, locale=tag) == hint_text(error(evolve(lost.hints[0], text="")), locale=tag)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, "en"), ("", "en"), ("de", "de"), ("DE", "de"), ("de-CH-1996", "de"), ("xx, nl", "nl"), ("fr-FR, de;q=0.9", "fr"),
        ("de;q=0.5, nl;q=0.8, fr;q=0.1", "nl"), ("de;q=0.5, nl;q=0.5", "de"), ("nl ; q=0.4 , de ; q = 0.6", "de"),
        ("de;Q=0.2,nl;Q=0.3", "nl"),
        ("de;q=0, nl;q=0.001", "nl"), ("de;q=0", "en"), ("de;q=0.000", "en"), ("de;q=1.000, nl", "de"), ("xx, *;q=0.5", "en"),
        ("*", "en"), ("*, de", "en"), ("de, *;q=0.1", "de"), ("*;q=0, nl", "nl"), ("xx-YY", "en"),
        ("en;q=0, *", "de"), ("en;q=0, *;q=0.5, nl;q=0.1", "de"), ("fr-CA, fr;q=0, nl", "nl"), ("en-GB;q=0, *", "en"),
        ("DE;q=0, de-CH, nl;q=0.1", "nl"), ("*;q=0", "en"), ("en;q=0", "en"), ("d", "en"), ("deutsch", "en"),
    ],
)  # fmt: skip
def test_accepted_languages(field, expected):
    """
    The most preferred available language counts; of equals the first; else English.
    """
    assert expected == negotiate_locale(field)


@pytest.mark.parametrize(
    "field",
    [
        ",", ";", ";;;", "q=1", ";q=1", "de;q=2", "de;q=-1", "de;q=nan", "de;q=inf", "de;q=1e3", "de;q=", "de;q=0.1234",
        "de;q=\u0661", "de;level=1",
        "\x00", "\ud800", "d\u00e9", "de nl", "-", "--", "*-de", "**",
    ],
)  # fmt: skip
def test_malformed_elements_are_ignored(field):
    """
    An element that is not a language with a weight is ignored.
    """
    assert "en" == negotiate_locale(field)
    assert "nl" == negotiate_locale(f"{field}, nl")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("x" * 10_000, "en"), ("," * 10_000, "en"), ("de," * 4_000, "de"), ("de;q=0.5" + ",xx" * 5_000, "de"),
        ("xx," * 5_000 + "de", "en"),
        ("x" * 507 + ",de-CH", "en"), ("xx;q=0.9," * 56 + " nl;q=0.001, de", "en"), (";q=" * 5_000, "en"),
    ],
)  # fmt: skip
def test_very_long_fields(field, expected):
    """
    Only the beginning of a very long field is read, in whole languages.
    """
    assert expected == negotiate_locale(field)


@given(
    field=st.one_of(st.text(), st.lists(st.sampled_from(["de", "*", ",", ";", "q", "=", "0", ".", "1", " ", "-"])).map("".join))
)
def test_any_field(field):
    """
    For any field, the result is an available language.
    """
    assert negotiate_locale(field) in LANGUAGES


def test_language_tags_are_texts():
    """
    A tag that is not a text is refused.
    """
    with pytest.raises(TypeError, match="must be a language tag"):
        match_locale(None, LANGUAGES)
