"""Reads the catalogues of each domain and adds them up. Results are remembered by the id of a file, and of its source's
file; `catalogs` reads the formats.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from forge.observe.bounded import Unreadable
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.tree import Tree
from forge.observe.translations import catalogs
from forge.observe.translations.catalog_files import Domain
from forge.observe.translations.catalogs import LONG_WORDS, MAX_BYTES, CatalogCount, Key, NoCatalog

OBSERVER = "translations 3"
MAX_CATALOGS = 4_000
MAX_ALL_BYTES = 24 << 20  # of all catalogues: the largest known set has 18 MB
MAX_PROBLEMS = 10

SURE_ENGLISH = 10  # long originals that are needed to recognize English
ENGLISH_SHARE = 0.4  # of them; German, French or Dutch ones have under 0.02

NEAR = 0.9  # a catalogue that lacks more than a tenth of the fullest one's sentences is not the source
BEGUN_PERCENT = 10  # below, a language has begun and cannot be used


class TranslationSum:
    """The sum over all domains: of `total` sentences, how many each language has; `unknown` has no percent, `alone` are
    sentences of domains of one language."""

    def __init__(self, tree: Tree, source_language: str | None) -> None:
        self.tree, self.stated = tree, source_language
        self.total = self.alone = 0
        self.translated = Counter[str]()
        self.languages: dict[str, None] = {}
        self.unknown: set[str] = set()
        self.problems: list[ObservedFact] = []
        self.long = self.english = 0  # of the originals
        self.sources = Counter[str]()  # of domains that are compared
        self._left_bytes, self._left_files = MAX_ALL_BYTES, MAX_CATALOGS
        self._read_paths: set[str] = set()

    def read_cached(self, observer: str, path: str, parse: Callable[[bytes], Any]) -> Any:
        """The result of `parse` for a file: a value; None where it cannot be read; False where it is none."""

        def read_or_problem(_: str, data: bytes) -> Any:
            try:
                return parse(data)
            except NoCatalog:
                return False
            except Unreadable as error:
                return {"problem": str(error), "line": error.line}

        if not self._may_read(path):
            return None
        answer = self.tree.read_cached(observer, path, read_or_problem, MAX_BYTES)
        if not isinstance(answer, Mapping):
            return answer
        if len(self.problems) < MAX_PROBLEMS and all(problem.path != path for problem in self.problems):
            self.problems.append(ObservedFact("unreadable", dict(answer), path))
        return None

    @property
    def read_bytes(self) -> int:
        return MAX_ALL_BYTES - self._left_bytes

    def _may_read(self, path: str) -> bool:
        if path in self._read_paths:
            return True
        size_bytes = self.tree.files[path].size_bytes
        if size_bytes > min(MAX_BYTES, self._left_bytes) or self._left_files == 0:
            return False
        self._read_paths.add(path)
        self._left_bytes -= size_bytes
        self._left_files -= 1
        return True


def add_counted(domain: Domain, sum_: TranslationSum) -> bool:
    """Add a domain whose files show themselves how complete they are; False where they are not catalogues."""

    def read(data: bytes) -> Any:
        counted = catalogs.count_translated(domain.format, data)
        return [counted.translated, counted.sentences, counted.language, counted.source, counted.long, counted.english]

    counts: dict[str, CatalogCount | None] = {}
    for language, paths in domain.catalogs.items():
        for path in paths:
            values = sum_.read_cached(OBSERVER, path, read)
            if values is False:
                continue
            counted = CatalogCount(*values) if values else None
            # The file shows better than its name whether pt is Brazil's.
            main = language.partition("-")[0]
            own_language = counted.language if counted and (counted.language or "").partition("-")[0] == main else None
            best = counts.get(own_language or language)
            if best is None or (counted and counted.translated > best.translated):
                counts[own_language or language] = counted
    if not counts:
        return False
    template = sum_.read_cached(OBSERVER, domain.base, read) if domain.base else None
    readable = [counted for counted in counts.values() if counted] + ([CatalogCount(*template)] if template else [])
    total = template[1] if template and template[1] else max((counted.sentences for counted in readable), default=0)
    if readable and 100 * max(counted.translated for counted in readable) < BEGUN_PERCENT * total:
        return False  # nobody translates it here, as the catalogues of a library
    sum_.languages |= dict.fromkeys(counts)
    sum_.unknown |= {language for language, counted in counts.items() if counted is None}
    if not readable:
        return True
    fullest = max(readable, key=lambda counted: counted.sentences)
    sum_.total += total
    sum_.alone += total if len(counts) == 1 else 0
    sum_.long += fullest.long
    sum_.english += fullest.english
    for language, counted in counts.items():
        # A source language's catalogue is often left empty: the original is what the screen shows.
        is_source = counted is not None and language in (sum_.stated, counted.source)
        sum_.translated[language] += total if is_source else min(counted.translated, total) if counted else 0
    return True


def add_compared(domain: Domain, sum_: TranslationSum) -> bool:
    """Add a domain whose files are complete when they hold what the source's holds; False where that is not known."""
    paths = {
        language: min(language_paths, key=lambda path: (len(path), path))
        for language, language_paths in domain.catalogs.items()
    }
    alone = next(iter(paths)) if len(paths) == 1 and domain.base is None else None
    if alone and sum_.sources and alone not in sum_.sources:
        return False
    source = next((language for language in (sum_.stated, "en", "en-GB") if language in paths), None)
    if source is None and domain.base is None:
        sizes = sum_.tree.files
        source = max(paths, key=lambda language: (sizes[paths[language]].size_bytes, language))
    comparison = _compared_with(domain, paths, source, sum_)
    if comparison and domain.base is None and source != sum_.stated:
        counts, total = comparison.by_language, comparison.total
        fullest = max(counts, key=lambda language: (counts[language][1], language == source), default=None)
        if fullest is not None and fullest != source and NEAR * counts[fullest][1] > total:
            source = fullest
            comparison = _compared_with(domain, paths, source, sum_)
    if comparison is None:
        return False
    sum_.languages |= dict.fromkeys(comparison.by_language) | dict.fromkeys(comparison.unread)
    sum_.unknown |= set(comparison.unread) | (set() if comparison.total else comparison.by_language.keys())
    sum_.total += comparison.total
    sum_.alone += comparison.total if len(paths) == 1 else 0
    for language, (translated, _) in comparison.by_language.items():
        sum_.translated[language] += translated
    if domain.base is None and source and not comparison.by_key:
        sum_.sources[source] += 1
    else:
        sum_.long += comparison.long
        sum_.english += comparison.english
    return True


class _TranslationCount:
    """A domain compared with its source: `total` sentences of it (0: unread); by language, how many of them and how
    many in all; the languages whose catalogue cannot be read. `by_key`: English sentences are the keys."""

    def __init__(self, total: int, long: int, english: int, by_key: bool) -> None:
        self.total, self.long, self.english, self.by_key = total, long, english, by_key
        self.by_language: dict[str, tuple[int, int]] = {}
        self.unread: list[str] = []


def _compared_with(
    domain: Domain, paths: Mapping[str, str], source: str | None, sum_: TranslationSum
) -> _TranslationCount | None:
    """Compare the domain with the catalogue of `source`, or its base; None where that is not a catalogue."""
    path = domain.base or paths[source or ""]
    original: list[dict[Key, str]] = []

    def size(data: bytes) -> Any:
        original.append(catalogs.read_sentences(domain.format, data, source))
        texts = [text for text in original[0].values() if text]
        # Where English sentences are the keys, no catalogue is the source.
        english = catalogs.count_english(key for key in original[0] if isinstance(key, str))
        by_key = english[0] >= SURE_ENGLISH and english[1] >= ENGLISH_SHARE * english[0]
        return [len(texts), *(english if by_key else catalogs.count_english(texts)), by_key]

    of_source = sum_.read_cached(f"{OBSERVER} source", path, size)
    if of_source is False or (of_source and not of_source[0]):
        return None
    comparison = _TranslationCount(*(of_source or (0, 0, 0, False)))
    for language, catalog in paths.items():
        if catalog == path:
            comparison.by_language[language] = (comparison.total, comparison.total)
            continue
        if not comparison.total:
            comparison.unread.append(language)
            continue
        same_language = source is not None and language.partition("-")[0] == source.partition("-")[0]

        def read(data: bytes, language: str = language, same_language: bool = same_language) -> Any:
            if not original:
                content = sum_.tree.read(path, MAX_BYTES) or b""
                original.append(catalogs.read_sentences(domain.format, content, source))
            return _count_translated(catalogs.read_sentences(domain.format, data, language), original[0], same_language)

        answer = sum_.read_cached(f"{OBSERVER} against {sum_.tree.files[path].oid}", catalog, read)
        if answer:
            comparison.by_language[language] = (answer[0], answer[1])
        elif answer is None:
            comparison.unread.append(language)
    return comparison


def _count_translated(sentences: Mapping[Key, str], original: Mapping[Key, str], same_language: bool) -> list[int]:
    """How many sentences of the original are translated, and how many there are in all."""
    done = 0
    for key, text in original.items():
        answer = sentences.get(key)
        copied = answer == text and not same_language and text.count(" ") >= LONG_WORDS - 1
        done += bool(text and answer and not copied)
    return [done, sum(1 for text in sentences.values() if text)]
