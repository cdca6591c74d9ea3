"""What readers type, in their words, against the curated catalogue: at least nine of ten phrases are answered on top.

The phrases are `relevance/{language}.tsv`: the phrase, its kind, what has to come (domain terms or project slugs, any
of them), and when it was written: before the words of `catalog/search/words` and looked at while they were chosen (""),
before them and not looked at ("held"), after them and looked at then ("later"), after all of them ("last"; write the
next ones like this, and ask them before a word is added). A word is never added for one phrase alone: it has to serve
what others would type too. `python -m pytest -s` on this file prints the figures.
"""

import csv
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import vocabulary
from catalog.search import Finder, Found, Query, Writer, fold
from catalog.store import Store
from forge.follow import catch_up
from forge.load import load

LANGUAGES = ("en", "fr", "es", "pt", "ar")
KINDS = {"plain", "misspelt", "regional", "question", "product", "none-yet", "out-of-scope"}
WHEN = ("", "held", "later", "last")
AT_LEAST = 60  # phrases that something answers, per language
NEEDED = 0.9  # of them, answered
FIRST = 5  # projects that are looked at
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HERE = Path(__file__).parent
CATALOG = HERE.parent / "catalog.yaml"


@dataclass(frozen=True)
class Phrase:
    text: str
    kind: str
    expected: frozenset[str]
    when: str


def phrases(language: str) -> list[Phrase]:
    with (HERE / "relevance" / f"{language}.tsv").open(encoding="utf-8", newline="") as lines:
        return [
            Phrase(line["phrase"], line["kind"], frozenset(line["expected"].split()), line["when"])
            for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


@pytest.fixture(scope="module")
def curated() -> dict[str, dict[str, object]]:
    """The projects of the catalogue's own document, by slug."""
    document = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    return {one["slug"]: one for one in document["projects"]}


@pytest.fixture(scope="module")
def ask(sqlite_template, tmp_path_factory, curated) -> Iterator[Any]:
    """What a phrase brings: the answer of the index, and the slugs of the first projects."""
    folder = tmp_path_factory.mktemp("relevance")
    shutil.copyfile(sqlite_template, folder / "catalog.db")
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    assert load(store, CATALOG, now=NOW).problems == ()
    with Writer.open(folder / "search") as writer:
        catch_up(store, writer)
    finder = Finder(folder / "search")

    def asked(text: str, language: str) -> tuple[Found, list[str]]:
        found = finder.find(Query(text, language=language), NOW)
        return found, [card.slug for card in store.pages.cards(found.ids)[:FIRST]]

    yield asked
    store.close()


def answered(phrase: Phrase, found: Found, first: list[str], curated: Mapping[str, Any]) -> bool:
    """Whether one of the first is or answers what is expected, or the page names an expected need that has none yet."""
    had = {domain for one in curated.values() for domain in one.get("domains", ())}
    brought = {*first, *(domain for slug in first for domain in curated[slug].get("domains", ()))}
    return bool(phrase.expected & (brought | (set(found.needs) - had)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_phrases_are_many_and_what_they_expect_exists(language, curated):
    found = phrases(language)
    assert len({fold.name_key(one.text) for one in found}) == len(found)
    assert sum(one.kind != "out-of-scope" for one in found) >= AT_LEAST
    assert {one.kind for one in found} == KINDS
    domains = vocabulary.vocabulary("domain").terms
    for one in found:
        assert bool(one.expected) == (one.kind != "out-of-scope"), one
        assert all(each in domains or each in curated for each in one.expected), one
        used = any(each in project.get("domains", ()) for each in one.expected for project in curated.values())
        assert one.kind == "out-of-scope" or used or one.kind in ("none-yet", "regional"), one
    assert {one.when for one in found} == set(WHEN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_a_label_or_a_name(language, curated):
    known = {fold.name_key(str(one["name"])) for one in curated.values()} | set(curated)
    for name in vocabulary.names():
        for term in vocabulary.vocabulary(name).terms.values():
            known |= {fold.name_key(label) for label in term.label.values()}
    assert [one.text for one in phrases(language) if fold.name_key(one.text) in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_of_ten_phrases_are_answered_among_the_first_five(language, ask, curated):
    good: dict[str, list[bool]] = {when: [] for when in WHEN}
    missed = []
    for phrase in phrases(language):
        if phrase.kind == "out-of-scope":
            continue
        found, first = ask(phrase.text, language)
        good[phrase.when].append(answered(phrase, found, first, curated))
        if not good[phrase.when][-1]:
            missed.append(f"{phrase.text} ({phrase.kind}): {', '.join(first) or 'nothing'}")
    figures = ", ".join(f"{when or 'seen'} {sum(each)}/{len(each)}" for when, each in good.items())
    every = [one for each in good.values() for one in each]
    print(f"\n{language}: {sum(every)}/{len(every)} ({figures})", *missed, sep="\n  ")
    assert sum(every) >= NEEDED * len(every), missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_out_of_scope_brings_nothing_that_is_called_sure(language, ask):
    asked = [one.text for one in phrases(language) if one.kind == "out-of-scope"]
    assert [text for text in asked for found, _ in [ask(text, language)] if found.total and found.sure] == []
