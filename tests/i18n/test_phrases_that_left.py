"""Phrases that left the pages stay out of what is read here, in five languages: templates, sentences of pages and
messages, help pages, vocabularies and the shipped catalogue.

They stand in `phrases_that_left.yaml`.
"""

import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from babel.messages.pofile import read_po
from support.paths import ROOT

LEFT: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (ROOT / "tests" / "phrases_that_left.yaml").read_text(encoding="utf-8")
)
LOCALE = ROOT / "forge" / "i18n" / "locale"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def sentences(tag: str) -> Iterator[tuple[str, str]]:
    """What pages and messages say in a language: where each sentence stands, and the sentence."""
    with (LOCALE / f"{tag if tag != 'en' else 'fr'}.po").open("rb") as file:
        for message in read_po(file):
            said = message.id if tag == "en" else message.string
            for text in said if isinstance(said, list | tuple) else [said]:
                yield f"{tag}.po" if tag != "en" else "sentence", text


def templates() -> Iterator[tuple[str, str]]:
    for file in sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file()):
        for line in COMMENT.sub("", file.read_text(encoding="utf-8")).splitlines():
            yield str(file.relative_to(ROOT)), line


def texts_by_language(value: object, tag: str) -> Iterator[str]:
    """The texts of a language in what a YAML file holds."""
    if isinstance(value, dict):
        for key, part in value.items():
            texts = part if isinstance(part, list) else [part]
            if key == tag and all(isinstance(text, str) for text in texts):
                yield from texts
            else:
                yield from texts_by_language(part, tag)
    elif isinstance(value, list):
        for part in value:
            yield from texts_by_language(part, tag)


def terms(tag: str) -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "catalog" / "vocabularies").glob("*.yaml")):
        yield from ((file.name, text) for text in texts_by_language(yaml.safe_load(file.read_text("utf-8")), tag))


def help_pages(tag: str) -> Iterator[tuple[str, str]]:
    for file in sorted((ROOT / "forge" / "i18n" / "pages" / tag).rglob("*.md")):
        yield from ((str(file.relative_to(ROOT)), line) for line in file.read_text(encoding="utf-8").splitlines())


@cache
def shipped() -> object:
    return yaml.load((ROOT / "catalog.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)


@cache
def pattern(tag: str, labels: bool) -> re.Pattern[str]:
    phrases = LEFT[tag]["everywhere"] + (LEFT[tag]["labels"] if labels else [])
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


def found(tag: str, texts: Iterator[tuple[str, str]], labels: bool = True) -> list[str]:
    wanted = pattern(tag, labels)
    return [f"{place}: {match[0]!r} in {text!r}" for place, text in texts if (match := wanted.search(text))]


@pytest.mark.parametrize("tag", LEFT)
def test_no_sentence_of_pages_and_messages_holds_a_phrase_that_left(tag):
    assert found(tag, sentences(tag)) == []


@pytest.mark.parametrize("tag", LEFT)
def test_no_template_holds_a_phrase_that_left(tag):
    assert found(tag, templates()) == []


@pytest.mark.parametrize("tag", LEFT)
def test_no_help_page_holds_a_phrase_that_left(tag):
    assert found(tag, help_pages(tag), labels=False) == []


@pytest.mark.parametrize("tag", LEFT)
def test_no_vocabulary_holds_a_phrase_that_left(tag):
    assert found(tag, terms(tag), labels=False) == []


@pytest.mark.parametrize("tag", LEFT)
def test_no_text_of_the_shipped_catalogue_holds_a_phrase_that_left(tag):
    texts = (("catalog.yaml", text) for text in texts_by_language(shipped(), tag))
    assert found(tag, texts, labels=False) == []


@pytest.mark.parametrize(
    ("tag", "said"),
    [("en", "One press is missing: Galette"), ("en", "How alive"), ("fr", "Tenu par la coopérative")],
)
def test_a_phrase_that_left_is_found(tag, said):
    assert len(found(tag, iter([("here", said)]))) == 1


def test_texts_of_a_language_are_found_in_what_a_file_holds():
    assert list(terms("en")) and list(help_pages("ar"))
    held = {"a": [{"en": "Kept by hand", "fr": "x"}], "b": {"en": ["One", "Two"]}, "en": {"fr": "y"}}
    assert list(texts_by_language(held, "en")) == ["Kept by hand", "One", "Two"]
