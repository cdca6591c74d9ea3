"""One word for a thing in each language, in everything that is read here: pages, terms, help and the shipped catalogue.

The words that were refused stand in `wording.yaml`, under the one that was chosen; phrases that left the pages, because
nobody says them aloud, in `phrases_that_left.yaml`.
"""

import re
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from babel.messages.pofile import read_po
from support.paths import ROOT

TAGS = ("en", "fr", "es", "pt", "ar")
REFUSED = yaml.safe_load((ROOT / "tests" / "wording.yaml").read_text(encoding="utf-8"))
LEFT = yaml.safe_load((ROOT / "tests" / "phrases_that_left.yaml").read_text(encoding="utf-8"))
# What is quoted from elsewhere keeps its own letters: addresses, tags, gaps and what a computer reads.
OTHERS = re.compile(r"https?://\S+|\]\([^)]*\)|`[^`]*`|<[^>]*>|%\(\w+\)[sd]|\{\{[^}]*\}\}")
LATIN = re.compile(r"[\u0600-\u06ff]\s?[,;?]")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
STRETCHED = re.compile(r"\u0640[\u0621-\u064a]")


def told(value: object) -> Iterator[dict[str, object]]:
    """The texts by language in what a YAML file holds."""
    if isinstance(value, dict):
        if value and set(value) <= set(TAGS):
            yield value
        else:
            for part in value.values():
                yield from told(part)
    elif isinstance(value, list):
        for part in value:
            yield from told(part)


@cache
def sentences() -> dict[str, list[str]]:
    """What pages and messages say, by language; English as it stands in the code."""
    texts: dict[str, list[str]] = {tag: [] for tag in TAGS}
    for tag in TAGS[1:]:
        with (ROOT / "forge" / "i18n" / "locale" / f"{tag}.po").open("rb") as file:
            for message in read_po(file, locale=tag):
                if message.id:
                    texts[tag] += [message.string] if isinstance(message.string, str) else message.string
                    texts["en"] += [message.id] if isinstance(message.id, str) else message.id
    return {tag: [OTHERS.sub(" ", text) for text in found] for tag, found in texts.items()}


@cache
def texts_about_software() -> dict[str, list[str]]:
    """Help pages, terms and the shipped catalogue, by language."""
    texts: dict[str, list[str]] = {tag: [] for tag in TAGS}
    for file in [ROOT / "catalog.yaml", *sorted((ROOT / "catalog" / "vocabularies").glob("*.yaml"))]:
        for text in told(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)):
            for tag, words in text.items():
                words = words["text"] if isinstance(words, dict) else words  # an easy text, with who checked it
                texts[tag] += words if isinstance(words, list) else [words]
    for tag in TAGS:
        for page in sorted((ROOT / "forge" / "i18n" / "pages" / tag).rglob("*.md")):
            texts[tag] += page.read_text(encoding="utf-8").splitlines()
    return {tag: [OTHERS.sub(" ", text) for text in found] for tag, found in texts.items()}


@cache
def templates() -> list[str]:
    files = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
    return [line for file in files for line in COMMENT.sub("", file.read_text(encoding="utf-8")).splitlines()]


def written(tag: str) -> list[str]:
    return sentences()[tag] + texts_about_software()[tag]


def around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 30) : found.end() + 20].replace("\n", " ")


@pytest.mark.parametrize("tag", TAGS[1:])
def test_a_thing_has_one_word_in_each_language(tag):
    start = "" if tag == "ar" else r"\b"
    wrong = []
    for chosen, refused in REFUSED[tag].items():
        pattern = re.compile("|".join(f"{start}(?:{word})" for word in refused), re.IGNORECASE)
        wrong += [f"{chosen}: {around(text, found)}" for text in written(tag) for found in pattern.finditer(text)]
    assert wrong == []


def test_arabic_is_written_with_its_own_marks_and_no_stretched_letters():
    ruled = ((text, found) for text in written("ar") for rule in (LATIN, STRETCHED) for found in rule.finditer(text))
    assert [around(text, found) for text, found in ruled] == []


@pytest.mark.parametrize("tag", TAGS[1:])
def test_a_word_that_was_chosen_is_not_refused_elsewhere(tag):
    start = "" if tag == "ar" else r"\b"
    every = [f"{start}(?:{word})" for refused in REFUSED[tag].values() for word in refused]
    assert [chosen for chosen in REFUSED[tag] if re.search("|".join(every), chosen, re.IGNORECASE)] == []


@pytest.mark.parametrize("tag", LEFT)
def test_phrases_that_left_the_pages_stay_out_of_all_that_is_read_here(tag):
    everywhere = re.compile("|".join(f"(?:{phrase})" for phrase in LEFT[tag]["everywhere"]), re.IGNORECASE)
    labels = re.compile("|".join(f"(?:{phrase})" for phrase in LEFT[tag]["labels"]) or "$^", re.IGNORECASE)
    page_texts = templates() + sentences()[tag]
    read = page_texts + texts_about_software()[tag]
    wrong = [around(text, found) for text in read for found in everywhere.finditer(text)]
    wrong += [around(text, found) for text in page_texts for found in labels.finditer(text)]
    assert wrong == []
