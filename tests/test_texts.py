import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.error import CanonicalError
from errortax.model import Details, Hint, Judgement, Match
from errortax.taxonomy import Action, Actor, Category, Level, Retryability
from errortax.texts import category_text, hint_text, hint_texts, locales, match_locale

LANGUAGES = locales()
PLAIN_WAIT = "Please wait a moment, then try again."


def hint(action=Action.FIX_INPUT, actor=Actor.END_USER, text="", target=None):
    """Return a hint of which a test says only what it is about."""
    return Hint(action, actor, text, target)


def error(*hints, retry_after=None, min_delay=None, message=None):
    """Return an error with these hints."""
    judgement = Judgement(
        vendor="example",
        category=Category.INVALID_ARGUMENT,
        title="Invalid input",
        description="A value is not acceptable.",
        retryability=Retryability.AFTER_ACTION,
        hints=hints,
        emitted_status=422,
        min_delay=min_delay,
    )
    return CanonicalError("bad", 422, judgement, Details(Match(Level.CODE), message=message, retry_after=retry_after))


def waiting(**delays):
    """Return an error after which the client has to wait."""
    return error(hint(Action.WAIT_AND_RETRY, Actor.CLIENT), **delays)


def test_first_hint():
    """
    Without an actor, the sentence is that of the first hint.
    """
    assert "Please log in again." == hint_text(error(hint(Action.REAUTHENTICATE), hint(Action.FIX_REQUEST)))


def test_hint_of_an_actor():
    """
    With an actor, the sentence is that of the first hint for this actor, who may be called by name.
    """
    both = error(
        hint(Action.REAUTHENTICATE), *(hint(action, Actor.DEVELOPER) for action in (Action.FIX_REQUEST, Action.REDUCE_SIZE))
    )
    assert "Correct the way the program builds this request." == hint_text(both, actor=Actor.DEVELOPER)
    assert hint_text(both, actor=Actor.DEVELOPER) == hint_text(both, actor="developer")


def test_nothing_for_an_actor():
    """
    Where no hint is addressed to the actor there is no sentence.
    """
    assert None is hint_text(error(hint()), actor="vendor")
    assert None is hint_text(error())


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
        ({"min_delay": 300}, "Please wait 300 seconds, then try again."),
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
    The delay is the server's own, else the document's, in whole seconds rounded up; a second or less is a moment.
    """
    assert text == hint_text(waiting(**delays))


def test_field():
    """
    The sentence names the field that the hint is about, if there is one.
    """
    assert "Please correct the value of “email”." == hint_text(error(hint(target="email")))
    assert "Veuillez corriger la valeur de «\xa0email\xa0»." == hint_text(error(hint(target="email")), locale="fr")
    assert "Please check what was entered and correct it." == hint_text(error(hint()))


def test_field_with_braces():
    """
    Braces in a field's name are not taken for placeholders.
    """
    assert "Please correct the value of “{seconds}{}”." == hint_text(error(hint(target="{seconds}{}"), retry_after=9))


def test_own_text_in_english():
    """
    What a hint says itself goes before the action's sentence in English, and not in other languages.
    """
    own = error(hint(Action.WAIT_AND_RETRY, text="Wait until the night job is through."), retry_after=30)
    assert "Wait until the night job is through." == hint_text(own)
    assert "Por favor, espere 30 segundos y vuelva a intentarlo." == hint_text(own, locale="es")


def test_plain_text_is_no_own_text():
    """
    A hint that repeats the action's plain sentence gives way to a better sentence.
    """
    repeated = error(hint(Action.WAIT_AND_RETRY, text=PLAIN_WAIT), retry_after=30)
    assert "Please wait 30 seconds, then try again." == hint_text(repeated)


def test_foreign_action():
    """
    An action that a newer release added is told in the words that came with it, in whatever language is asked for.
    """
    document = error(hint(Action.FIX_INPUT, text="Rotate the key.")).to_dict()
    document["hints"][0]["action"] = "rotate_key"
    newer = CanonicalError.from_dict(document)
    assert Action.NONE is newer.action
    assert {"Rotate the key."} == {hint_text(newer, locale=tag) for tag in LANGUAGES}


@pytest.mark.parametrize("locale", ["de-CH-1996", "de_AT", "DE", "de-Latn-DE", "de-x-private"])
def test_nearest_language(locale):
    """
    A regional or differently written tag finds its language.
    """
    assert "Bitte melden Sie sich erneut an." == hint_text(error(hint(Action.REAUTHENTICATE)), locale=locale)


@pytest.mark.parametrize("locale", ["it", "pt-BR", "x-private", "i-klingon", "den", "zh-Hant-CN-x-private1"])
def test_language_without_data(locale):
    """
    A language without sentences is answered in English.
    """
    assert "Please log in again." == hint_text(error(hint(Action.REAUTHENTICATE)), locale=locale)


def test_longest_match():
    """
    The look-up takes the most specific tag there is, spelled as it is available.
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
    What is no language tag is a mistake of the caller's, and the message says what would be one.
    """
    with pytest.raises(ValueError, match=f"^locale: {re.escape(repr(tag))} is no language tag"):
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
    Every kind of tag that BCP 47 allows is taken.
    """
    assert match_locale(tag, LANGUAGES) in LANGUAGES


subtags = st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True)


@given(st.lists(subtags, max_size=8), st.sampled_from(LANGUAGES))
def test_private_subtags_change_nothing(private, tag):
    """
    Whatever follows a known tag privately, the tag is found.
    """
    assert tag == match_locale("-".join([tag, *(["x", *private] if private else [])]), LANGUAGES)


@given(st.text() | st.lists(subtags).map("-".join))
def test_any_tag(tag):
    """
    Any text either finds one of the languages or is refused with a `ValueError`.
    """
    try:
        found = match_locale(tag, LANGUAGES)
    except ValueError:
        return
    assert found in LANGUAGES


def test_long_tag():
    """
    The look-up takes time in proportion to the tag's length: a megabyte is no trouble.
    """
    assert "de" == match_locale("de-x" + "-a" * 500_000, LANGUAGES)


def test_unknown_actor():
    """
    An unknown actor is a mistake of the caller's; the message names the near miss and the choices.
    """
    with pytest.raises(ValueError, match=r"^unknown actor 'enduser'; did you mean 'end_user'\? known: client, developer, "):
        hint_text(error(hint()), actor="enduser")
    with pytest.raises(ValueError, match=r"^unknown actor 'zzz'; known: client, "):
        hint_text(error(hint()), actor="zzz")


def test_category():
    """
    A category has title and description in each language, and may be called by name.
    """
    assert ("Nicht gefunden", "Unter dieser Kennung gibt es nichts, oder der Aufrufer darf nicht davon wissen.") == category_text(
        Category.NOT_FOUND, "de"
    )
    assert category_text(Category.NOT_FOUND) == category_text("not_found", "en-GB")


def test_unknown_category():
    """
    An unknown category is a mistake of the caller's; the message names the near miss.
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
    Every hint has a sentence in every language, whatever is known of field and delay, without a brace left over.
    """
    text = hint_text(error(hint(action, target=target), retry_after=retry_after), actor="end_user", locale=tag)
    assert text.endswith((".", "。"))
    assert not set("{}") & set(text)


@given(message=st.text(min_size=1), tag=st.sampled_from(LANGUAGES), action=st.sampled_from(Action))
def test_no_vendor_text(message, tag, action):
    """
    The vendor's own text has no part in the sentence.
    """
    assert hint_text(error(hint(action)), locale=tag) == hint_text(error(hint(action), message=message), locale=tag)
