"""How many phrases that readers type are answered on top by the curated catalogue, language by language.

The phrases are `tests/relevance/{language}.tsv`; `tests/search/test_relevance.py` says what they are and holds the
figures to their bound. What a phrase expects is any of its criteria: the slug of a project, a term of the vocabulary
`domain`, or one of `CRITERIA` with a value ("country:BR", "code:Python"); parts joined by "+" must all be true of one
project.
"""

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from catalog.search import Finder, IndexWriter, SearchQuery, SearchResult
from catalog.store.store import Store
from forge.server.index_follower import catch_up
from forge.server.load_document import load

LANGUAGES = ("en", "fr", "es", "pt", "ar")
WHEN = ("", "held", "later", "last", *(f"2026-11-28{letter}" for letter in ("", *"bcdef")))
# Three lots, written from names, summaries and categories of records alone, before any list of words was read, and
# each drawn into two halves by a script with a fixed seed, each kind of each language by itself: the first half was
# looked at while the search was changed, the second was only counted.
HALVES = tuple(f"2026-11-29{lot}{half}" for lot in ("", "b", "c") for half in ("", "-held"))
BESIDE = "out-of-scope"
CRITERIA = {
    "country": "countries",
    "code": "programming_languages",
    "audience": "audiences",
    "inclusion": "inclusion",
}
NEEDED = 0.9  # of the phrases, answered; also by the very first project
MADE = 0.8  # of those for which some project is made, brought it first: what says the words itself may stand above it
FIRST = 5  # projects that are looked at
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
CATALOG = ROOT / "catalog.yaml"

Ask = Callable[[str, str], tuple[SearchResult, list[str]]]
Curated = Mapping[str, Any]


@dataclass(frozen=True)
class Phrase:
    text: str
    kind: str
    expected: frozenset[str]
    when: str


@dataclass(frozen=True)
class Share:
    """How many phrases were answered, or, beside the scope, told as no answer."""

    good: int
    asked: int
    missed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.good}/{self.asked} ({100 * self.good // max(1, self.asked)} %)"


@dataclass(frozen=True)
class Figures:
    """Of one language, by when each phrase was written: whether it was answered, and which were not."""

    language: str
    good: Mapping[str, Sequence[bool]]
    missed: tuple[str, ...]
    first: Sequence[bool]  # whether the first project alone answers it
    made: Sequence[bool]  # whether it names the need first, of phrases for a need that some project names first
    second: tuple[str, ...]  # those that the first does not answer
    beside: Mapping[str, Sequence[bool]]  # of what is out of scope: whether the page tells an answer to it
    told: tuple[str, ...]

    @property
    def every(self) -> list[bool]:
        return [flag for flags in self.good.values() for flag in flags]

    def __str__(self) -> str:
        parts = ", ".join(f"{when or 'seen'} {sum(flags)}/{len(flags)}" for when, flags in self.good.items())
        beside = [flag for flags in self.beside.values() for flag in flags]
        newest = self.beside[WHEN[-1]]
        return (
            f"{self.language}: {sum(self.every)}/{len(self.every)} ({parts}); "
            f"first {sum(self.first)}/{len(self.first)}, made for it {sum(self.made)}/{len(self.made)}; "
            f"out of scope and told as an answer: {sum(beside)}/{len(beside)} "
            f"({WHEN[-1]} {sum(newest)}/{len(newest)})"
        )


def phrases(language: str) -> list[Phrase]:
    with (ROOT / "tests" / "relevance" / f"{language}.tsv").open(encoding="utf-8", newline="") as lines:
        return [
            Phrase(line["phrase"], line["kind"], frozenset(line["expected"].split()), line["when"])
            for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def everyday_phrases() -> list[tuple[str, Phrase]]:
    """Language and phrase, of how people say what each category is for; `when` is "seen" or "held"."""
    with (ROOT / "tests" / "relevance" / "everyday.tsv").open(encoding="utf-8", newline="") as lines:
        return [
            (line["language"], Phrase(line["phrase"], "plain", frozenset(line["expected"].split()), line["half"]))
            for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def everyday_shares(ask: Ask, projects: Curated) -> dict[tuple[str, str], Share]:
    """The figures of `everyday_phrases` by half and language."""
    good: dict[tuple[str, str], list[tuple[bool, str]]] = {}
    for language, phrase in everyday_phrases():
        found, first = ask(phrase.text, language)
        line = f"{phrase.text} ({', '.join(sorted(phrase.expected))}): {', '.join(first) or 'nothing'}"
        good.setdefault((phrase.when, language), []).append((answers(phrase, found, first, projects), line))
    return {
        key: Share(sum(met for met, _ in pairs), len(pairs), tuple(line for met, line in pairs if not met))
        for key, pairs in good.items()
    }


def curated() -> dict[str, Any]:
    """The projects of the catalogue's own document, by slug, each with the countries where it is used or made."""
    document = yaml.load(CATALOG.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    country = {organization["slug"]: organization.get("country") for organization in document["organizations"]}
    return {
        project["slug"]: project
        | {
            "countries": [
                *project.get("deployment_countries", ()),
                *(
                    country.get(line.get("organization"))
                    for line in (*project.get("adoptions", ()), *project.get("maintenance", ()))
                ),
            ]
        }
        for project in document["projects"]
    }


@contextmanager
def asking(folder: Path) -> Iterator[Ask]:
    """What a phrase brings from the catalogue's own document: the answer of the index, the slugs of the first projects.

    `folder` may hold a migrated, empty database.
    """
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    try:
        store.migrate()
        if problems := load(store, CATALOG, now=NOW).problems:
            raise ValueError(f"{CATALOG} does not load: {problems[0]}")
        writer = IndexWriter.open(folder / "search")
        assert writer is not None
        with writer:
            catch_up(store, writer)
        finder = Finder(folder / "search")

        def asked(text: str, language: str) -> tuple[SearchResult, list[str]]:
            found = finder.find(SearchQuery(text, language=language), NOW)
            return found, [card.slug for card in store.public_records.cards(found.ids)[:FIRST]]

        yield asked
    finally:
        store.close()


def answered(phrase: Phrase, found: SearchResult, first: Sequence[str], projects: Curated) -> bool:
    """Whether one of the first is or answers what is expected, or the page names an expected need that has none yet."""
    had = {domain for project in projects.values() for domain in project.get("domains", ())}
    brought = {*first, *(domain for slug in first for domain in projects[slug].get("domains", ()))}
    return bool(phrase.expected & (brought | (set(found.categories) - had)))


def halves(ask: Ask, projects: Curated) -> dict[str, dict[tuple[str, str], Share]]:
    """Of each of HALVES the figures by language and kind, "" for all kinds but what is beside the scope."""
    told: dict[str, dict[tuple[str, str], Share]] = {}
    for when in HALVES:
        shares = told.setdefault(when, {})
        for language in LANGUAGES:
            kinds: dict[str, list[tuple[bool, str]]] = {}
            for phrase in phrases(language):
                if phrase.when == when:
                    found, first = ask(phrase.text, language)
                    beside = phrase.kind == BESIDE
                    good = not confident(found) if beside else answers(phrase, found, first, projects)
                    kinds.setdefault(phrase.kind, []).append((good, f"{phrase.text}: {', '.join(first) or 'nothing'}"))
            kinds[""] = [pair for kind, pairs in kinds.items() if kind != BESIDE for pair in pairs]
            for kind, pairs in kinds.items():
                missed = tuple(line for good, line in pairs if not good)
                shares[language, kind] = Share(len(pairs) - len(missed), len(pairs), missed)
    return told


def of_kind(shares: Mapping[tuple[str, str], Share], kind: str) -> Share:
    """The share of a kind over all languages."""
    own = [share for (_, name), share in shares.items() if name == kind]
    return Share(sum(share.good for share in own), sum(share.asked for share in own))


def meets(project: Mapping[str, Any], expected: str) -> bool:
    """Whether a project is what one of the words of `Phrase.expected` says."""

    def holds(part: str) -> bool:
        name, _, value = part.partition(":")
        if not value:
            return part == project["slug"] or part in project.get("domains", ())
        held = project.get(CRITERIA[name], ())
        return value in [claim["term"] if isinstance(claim, dict) else claim for claim in held]

    return all(map(holds, expected.split("+")))


def answers(phrase: Phrase, found: SearchResult, first: Sequence[str], projects: Curated) -> bool:
    """Whether one of the first meets what is expected, or the page names an expected need that has none yet."""
    met = any(meets(projects[slug], expected) for slug in first for expected in phrase.expected)
    return met or answered(phrase, found, first, projects)


def made_for(projects: Curated) -> dict[str, set[str]]:
    """The projects that name a need first, by need."""
    made: dict[str, set[str]] = {}
    for slug, project in projects.items():
        for need in project.get("domains", ())[:1]:
            made.setdefault(need, set()).add(slug)
    return made


def confident(found: SearchResult) -> bool:
    """Whether the page tells that it has projects for the words, not only that some come close to them."""
    return found.total > 0 and found.confident


def figures(language: str, ask: Ask, projects: Curated) -> Figures:
    good: dict[str, list[bool]] = {when: [] for when in WHEN}
    beside: dict[str, list[bool]] = {when: [] for when in WHEN}
    missed, told, top, made, second = list[str](), list[str](), list[bool](), list[bool](), list[str]()
    makers = made_for(projects)
    for phrase in phrases(language):
        if phrase.when in HALVES:
            continue
        found, first = ask(phrase.text, language)
        if phrase.kind == BESIDE:
            beside[phrase.when].append(confident(found))
            if beside[phrase.when][-1]:
                told.append(f"{phrase.text}: {', '.join(first)}")
            continue
        good[phrase.when].append(answered(phrase, found, first, projects))
        line = f"{phrase.text} ({phrase.kind}): {', '.join(first) or 'nothing'}"
        if not good[phrase.when][-1]:
            missed.append(line)
        top.append(answered(phrase, found, first[:1], projects))
        if not top[-1]:
            second.append(line)
        if makers.keys() & phrase.expected:
            meant = {slug for need in phrase.expected for slug in makers.get(need, ())} | phrase.expected
            made.append(not meant.isdisjoint(first[:1]))
    return Figures(language, good, tuple(missed), top, made, tuple(second), beside, tuple(told))


def report() -> str:
    """A line a language."""
    projects = curated()
    lines = [
        f"Phrases answered by one of the first {FIRST} projects, or by the need that has none yet (target >= 90 %), "
        f"and by the first alone (>= 90 %), of which made for it (>= 80 %):"
    ]
    with tempfile.TemporaryDirectory(prefix="forge-relevance-") as folder, asking(Path(folder)) as ask:
        for language in LANGUAGES:
            told = figures(language, ask, projects)
            held = (told.every, NEEDED), (told.first, NEEDED), (told.made, MADE)
            missed = "" if all(sum(flags) >= bound * len(flags) for flags, bound in held) else "  MISSED"
            lines.append(f"{told}{missed}")
        lines += halves_report(halves(ask, projects))
        lines.append("What each category is for, in everyday words:")
        lines += [f"{half} {language}: {share}" for (half, language), share in everyday_shares(ask, projects).items()]
    return "\n".join(lines)


def halves_report(told: Mapping[str, Mapping[tuple[str, str], Share]]) -> list[str]:
    """A line a language and kind of each half."""
    lines = []
    for when, shares in told.items():
        lines.append(f"{when}, phrases answered by one of the first {FIRST}; beside the scope, told as no answer:")
        for language in LANGUAGES:
            kinds = (f"{kind or 'all'} {share}" for (name, kind), share in shares.items() if name == language)
            lines.append(f"{language}: {', '.join(kinds)}")
        every = dict.fromkeys(kind for _, kind in shares)
        lines.append("every language: " + ", ".join(f"{kind or 'all'} {of_kind(shares, kind)}" for kind in every))
    return lines


if __name__ == "__main__":
    print(report())
