"""Which organizations hold the copyright, by the first lines of the license files and the README at the top.

Persons are left out, as everywhere: a holder's name itself must show an organization. "Contributors" are nobody.
"""

import re
from collections.abc import Iterator

from forge.observe.core.license_and_readme_names import license_name
from forge.observe.core.metadata_values import maintainers
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import organization_name
from forge.observe.core.readme import sort_readmes
from forge.observe.core.tree import Tree

OBSERVER = "copyright 1"
MAX_FILES = 4
MAX_LINES = 3  # of holders; what follows are others' parts
_LINE = re.compile(
    r"[\s>*#_-]{0,10}(?:copyright|©|\(c\))[\s:,©-]{0,6}(?:\(c\)|&copy;|©)?[\s:]{0,4}\d{4}(?:[\s,–-]{1,3}(?:\d{2,4}|present))*"
    r"[\s,:–-]{0,4}(?:by )?([^\n]{2,200})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s(?:&|and|et|y|e|und)\s|[<(\[]|\.?\s*all rights", re.IGNORECASE)
_NOBODY = re.compile(r"contributors?|authors?|developers|maintainers|free software foundation", re.IGNORECASE)


def observe_copyright(tree: Tree) -> list[ObservedFact]:
    """`maintenance` of the first file that names an organization, each without a role."""
    licenses = [path for path in tree if "/" not in path and (license_name(path) == "own" or path == "NOTICE")]
    for path in [*licenses, *(readme.path for readme in sort_readmes(tree)[:1])][:MAX_FILES]:
        if names := tree.read_cached(OBSERVER, path, lambda _, data: list(dict.fromkeys(_holders(data)))):
            return [ObservedFact("maintenance", maintainers((name, None) for name in names), path)]
    return []


def _holders(data: bytes) -> Iterator[str]:
    lines = data.decode("utf-8", "replace").splitlines()
    matches = (match for line in lines if (match := _LINE.match(line[:400])))
    for _, match in zip(range(MAX_LINES), matches, strict=False):
        for piece in _BETWEEN.split(match[1]):
            name = " ".join(piece.split()).strip(" ,;*_")
            if " " in name and not _NOBODY.search(name) and (kept := organization_name(name, is_stated=True)):
                yield kept
