"""Phrases that left the pages stay out of templates and of the sentences of pages and messages, in five languages.

They stand in `phrases_that_left.yaml`.
"""

import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from babel.messages.pofile import read_po
from support.paths import ROOT

LEFT: dict[str, list[str]] = yaml.safe_load((ROOT / "tests" / "phrases_that_left.yaml").read_text(encoding="utf-8"))
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


@cache
def pattern(tag: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in LEFT[tag]), re.IGNORECASE)


def found(tag: str, texts: Iterator[tuple[str, str]]) -> list[str]:
    return [f"{place}: {match[0]!r} in {text!r}" for place, text in texts if (match := pattern(tag).search(text))]


@pytest.mark.parametrize("tag", LEFT)
def test_no_sentence_of_pages_and_messages_holds_a_phrase_that_left(tag):
    assert found(tag, sentences(tag)) == []


@pytest.mark.parametrize("tag", LEFT)
def test_no_template_holds_a_phrase_that_left(tag):
    assert found(tag, templates()) == []


@pytest.mark.parametrize(
    ("tag", "said"),
    [("en", "One press is missing: Galette"), ("en", "How alive"), ("fr", "Tenu par la coopérative")],
)
def test_a_phrase_that_left_is_found(tag, said):
    assert len(found(tag, iter([("here", said)]))) == 1
