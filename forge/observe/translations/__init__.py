"""In which languages a program's interface is, and how complete each is, from the message catalogues of a repository.

A percent is of the sentences of all domains together, against the template or the source language; None where one of
the catalogues cannot be read or nothing shows what complete would be. A long text that is the same as the source's is
not translated: several services fill catalogues with source texts.
"""

import configparser
from collections import Counter
from collections.abc import Iterable
from typing import Any

from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.tree import Tree
from forge.observe.translations.catalog_files import COUNTED, Domain, find_domains, uncounted_bytes
from forge.observe.translations.completeness import (
    BEGUN_PERCENT,
    ENGLISH_SHARE,
    NEAR,
    OBSERVER,
    SURE_ENGLISH,
    TranslationSum,
    add_compared,
    add_counted,
)
from forge.observe.translations.tags import language_tag

SEVERAL = 5  # languages that lack the same: their catalogues are kept elsewhere


def observe_translations(tree: Tree) -> list[ObservedFact]:
    """`languages` once, for all screens, and `translations` for each format."""
    domains = find_domains(tree)
    if not domains:
        return []
    sum_, formats = _add_up(tree, domains, _stated_source(tree))
    if sum_.stated is None and len(sum_.sources) > 1:
        # What is written in one language has one source, although another language may say more here and there.
        sum_, formats = _add_up(tree, domains, sum_.sources.most_common(1)[0][0])
    languages = _languages(sum_)
    if not languages:
        return sum_.problems
    facts = [ObservedFact("translations", {"format": name, "catalogs": formats[name]}) for name in sorted(formats)]
    return [ObservedFact("languages", languages), *facts, *sum_.problems]


def _add_up(tree: Tree, domains: Iterable[Domain], source: str | None) -> tuple[TranslationSum, Counter[str]]:
    """The sum over the domains, as translated from `source`, and how many catalogues there are of each format."""
    sum_, formats = TranslationSum(tree, source), Counter[str]()
    # A single file that is not in the source language does not show how complete it is, so that domains of several
    # languages come first.
    for domain in sorted(domains, key=lambda domain: len(domain.catalogs) == 1):
        is_read = add_counted(domain, sum_) if domain.format in COUNTED else add_compared(domain, sum_)
        if is_read:
            formats[domain.format] += sum(len(paths) for paths in domain.catalogs.values())
    return sum_, formats


def _languages(sum_: TranslationSum) -> list[dict[str, Any]]:
    """The source languages, of which no percent is said, since their originals are on the screens; then the others, the
    most complete first."""
    percents: dict[str, int | None] = {}
    for language in sum_.languages:
        is_known = sum_.total and language not in sum_.unknown
        percents[language] = 100 * sum_.translated[language] // sum_.total if is_known else None
    source = sum_.stated
    if source is None and sum_.long >= SURE_ENGLISH and sum_.english >= ENGLISH_SHARE * sum_.long:
        source = "en"
    sources = {name for name in sum_.sources if percents.get(name) == 100} | (
        {source} if source and sum_.total else set()
    )
    if not sources and len(percents) == 1:
        sources = {name for name, percent in percents.items() if percent is not None and percent >= 100 * NEAR}
    percents |= dict.fromkeys(sources)
    if 2 * sum_.alone > sum_.total and len(percents.keys() - sources) >= SEVERAL:
        percents = dict.fromkeys(sources)
    if uncounted_bytes(sum_.tree) > sum_.read_bytes:
        percents = dict.fromkeys(percents)
    usable = {name: percent for name, percent in percents.items() if percent is None or percent >= BEGUN_PERCENT}
    order = sorted(usable, key=lambda name: (name not in sources, -(usable[name] or 0), name))
    return [{"term": name, "percent": usable[name]} for name in order]


def _stated_source(tree: Tree) -> str | None:
    """The source language as Transifex' configuration names it: https://developers.transifex.com/docs/configuration."""
    source_language: str | None = tree.read_cached(f"{OBSERVER} source language", ".tx/config", _transifex_source)
    return source_language


def _transifex_source(_: str, data: bytes) -> str | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except (configparser.Error, ValueError):
        return None
    languages = {parser.get(section, "source_lang", fallback="") for section in parser.sections()} - {""}
    return language_tag(languages.pop()) if len(languages) == 1 else None
