import json
import re
from pathlib import Path
from string import Formatter

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from errortax import Action, Category, locales
from errortax.registry import loading

LANGUAGES = ("de", "en", "es", "fr", "ja", "nl")
TAXONOMY = loading.bundled("taxonomy.json")
LOCALES = Path(__file__).parents[1] / "schemas" / "locales"

every_locale = pytest.mark.parametrize("tag", LANGUAGES)
every_translation = pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])


def document(tag):
    """Return the locale as plain JSON."""
    return loading.bundled(f"locales/{tag}.json")


def placeholders(sentence):
    """Return the names of the placeholders in a sentence."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def prose(tag):
    """Yield every text of a locale."""
    for sentences in document(tag)["actions"].values():
        yield from sentences
    yield from document(tag).get("sentences", {}).values()
    for text in document(tag)["categories"].values():
        yield from text.values()


def test_languages():
    """
    English, German, Spanish, French, Japanese and Dutch are the languages that there are sentences for.
    """
    assert LANGUAGES == locales()


@every_locale
def test_schema(tag):
    """
    A locale keeps to its JSON Schema and names itself as its file does.
    """
    schemas = [Resource.from_contents(loading.schema(name)) for name in ("taxonomy", "locale")]
    registry = Registry().with_resources((schema.id(), schema) for schema in schemas)
    validator = Draft202012Validator(loading.schema("locale"), registry=registry)

    assert [] == [error.message for error in validator.iter_errors(document(tag))]
    assert tag == document(tag)["locale"]


@every_locale
def test_completeness(tag):
    """
    A locale speaks about every action and every category, in the order of the taxonomy.
    """
    assert list(Action) == list(document(tag)["actions"])
    assert list(Category) == list(document(tag)["categories"])


@every_locale
def test_placeholders(tag):
    """
    The sentences for an action have the same placeholders in the same order in every language.
    """
    english = {action: list(map(placeholders, sentences)) for action, sentences in document("en")["actions"].items()}
    assert english == {action: list(map(placeholders, sentences)) for action, sentences in document(tag)["actions"].items()}


@pytest.mark.parametrize("action", Action)
def test_preference(action):
    """
    The last sentence for an action has no placeholder, the ones before it have one of the two that exist.
    """
    *preferred, plain = map(placeholders, document("en")["actions"][action])
    assert set() == plain
    assert all(names in ({"wait"}, {"field"}) for names in preferred)


@pytest.mark.parametrize("action", ["wait_and_retry", "poll_status"])
def test_wait(action):
    """
    Whoever has to wait is told for how long.
    """
    assert {"wait"} == placeholders(document("en")["actions"][action][0])


def test_english_is_the_taxonomy():
    """
    The English texts about the categories are those of the taxonomy.
    """
    categories = TAXONOMY["categories"]
    texts = {name: {text: data[text] for text in ("title", "description", "end_user")} for name, data in categories.items()}
    assert texts == document("en")["categories"]


@every_locale
def test_full_stop(tag):
    """
    Sentences and descriptions end with a full stop, titles do not.
    """
    sentences = [sentence for sentences in document(tag)["actions"].values() for sentence in sentences]
    sentences += document(tag).get("sentences", {}).values()
    sentences += [text[kind] for text in document(tag)["categories"].values() for kind in ("description", "end_user")]
    assert [] == [sentence for sentence in sentences if not sentence.endswith((".", "。"))]
    assert [] == [text["title"] for text in document(tag)["categories"].values() if text["title"].endswith((".", "。"))]


@every_locale
def test_distinct_categories(tag):
    """
    No two categories have the same title, the same description or the same sentence for end users.
    """
    texts = document(tag)["categories"].values()
    for kind in ("title", "description", "end_user"):
        assert len(Category) == len({text[kind] for text in texts}), kind


@every_translation
def test_translated(tag):
    """
    No sentence is left in English.
    """
    assert set() == (set(prose("en")) | set(document(tag)["sentences"])) & set(prose(tag))


@every_translation
def test_parity(tag):
    """
    The same sentences of hints are translated into every language, in the same order.
    """
    assert list(document("de")["sentences"]) == list(document(tag)["sentences"])


def test_nothing_to_translate_into_english():
    """
    The sentences of hints are English already, so that the English locale has none.
    """
    assert "sentences" not in document("en")


@every_translation
def test_distinct_sentences(tag):
    """
    No two sentences of hints become the same, nor what an action's sentence says already.
    """
    translations = list(document(tag)["sentences"].values())
    of_actions = [sentence for sentences in document(tag)["actions"].values() for sentence in sentences]
    assert len(translations) == len(set(translations) - set(of_actions))


@every_translation
def test_no_placeholders_in_translations(tag):
    """
    A hint's sentence stands as it is written: nothing is filled in.
    """
    assert [] == [text for text in document(tag)["sentences"].values() if set("{}") & set(text)]


@every_translation
def test_names_of_vendors(tag):
    """
    A translation names the vendors that its source names, and no others.
    """
    names = [loading.bundled(f"vendors/{file}")["title"] for file in loading.names("vendors")]
    for english, text in document(tag)["sentences"].items():
        assert [name for name in names if name in english] == [name for name in names if name in text]


@every_locale
def test_tidy(tag):
    """
    No text has stray blanks, control characters or straight double quotation marks.
    """
    assert [] == [text for text in prose(tag) if re.search(r"^\s|\s$|\s\s|[\x00-\x1f\"]", text)]


@every_locale
def test_names_are_set_apart(tag):
    """
    A field's name stands between the language's quotation marks.
    """
    marks = {"de": "„“", "en": "“”", "es": "«»", "fr": "«»", "ja": "「」", "nl": "‘’"}
    left, right = marks[tag]
    assert [] == [text for text in prose(tag) if "{field}" in text and not re.search(rf"{left}\xa0?{{field}}\xa0?{right}", text)]


@every_locale
def test_readable_files(tag):
    """
    A locale file is plain UTF-8 that people can read, with every member once.
    """

    def members(pairs):
        assert len(pairs) == len(dict(pairs))
        return dict(pairs)

    text = (LOCALES / f"{tag}.json").read_text(encoding="utf-8")
    assert json.dumps(json.loads(text, object_pairs_hook=members), ensure_ascii=False, indent=2) + "\n" == text


@every_locale
def test_forms_of_durations(tag):
    """
    Each unit of a wait has a form for one and a form for several, each with the number; Japanese has one for both.
    """
    forms = document(tag)["durations"]
    assert ["second", "minute", "hour", "day"] == list(forms)
    assert {1 if tag == "ja" else 2} == set(map(len, forms.values()))
    assert {("n",)} == {tuple(placeholders(form)) for unit in forms.values() for form in unit}
