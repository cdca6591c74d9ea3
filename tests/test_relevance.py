"""What readers type, in their words, against the curated catalogue: at least nine of ten phrases are answered on top.

The phrases are `relevance/{language}.tsv`: the phrase, its kind, what has to come (domain terms or project slugs, any
of them), and `held` for those that nobody looked at while the words of `catalog/search/words` were chosen. A word is
never added for one phrase alone: it has to serve what others would type too.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from catalog import vocabulary
from catalog.search import fold

HERE = Path(__file__).parent
LANGUAGES = ("en", "fr", "es", "pt", "ar")
KINDS = {"plain", "misspelt", "regional", "question", "product", "none-yet", "out-of-scope"}
AT_LEAST = 60  # phrases that something answers, per language


@dataclass(frozen=True)
class Phrase:
    text: str
    kind: str
    expected: frozenset[str]
    held: str  # "", held, or later: written after the words, and never looked at while they were chosen


def phrases(language: str) -> list[Phrase]:
    with (HERE / "relevance" / f"{language}.tsv").open(encoding="utf-8", newline="") as lines:
        return [
            Phrase(line["phrase"], line["kind"], frozenset(line["expected"].split()), line["held"])
            for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


@pytest.fixture(scope="module")
def curated() -> dict[str, dict[str, object]]:
    """The projects of the catalogue's own document, by slug."""
    document = yaml.safe_load((HERE.parent / "catalog.yaml").read_text(encoding="utf-8"))
    return {one["slug"]: one for one in document["projects"]}


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
    held = sum(one.held for one in found)
    assert len(found) / 6 <= held <= len(found) / 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_a_label_or_a_name(language, curated):
    known = {fold.name_key(str(one["name"])) for one in curated.values()} | set(curated)
    for name in vocabulary.names():
        for term in vocabulary.vocabulary(name).terms.values():
            known |= {fold.name_key(label) for label in term.label.values()}
    assert [one.text for one in phrases(language) if fold.name_key(one.text) in known] == []
