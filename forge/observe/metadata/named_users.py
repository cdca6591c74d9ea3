"""Users of a project that a file such as ADOPTERS lists. Hidden: each organization decides for itself whether it is
named.

Only names that are clearly an organization's are taken; persons are left out.
"""

import re

from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.privacy_filter import organization_name
from forge.observe.core.tree import Tree

OBSERVER = "users 1"
MAX_NAMES = 300
MAX_LINE = 500

_FILES = re.compile(
    r"(?:docs/|\.github/|doc/)?"
    r"(?:adopters|users|used[-_ ]?by|who[-_ ]uses(?:[-_ ]\w+)?|in[-_ ]the[-_ ]wild|utilisateurs)"
    r"(?:\.(?:md|markdown|rst|txt|adoc))?",
    re.IGNORECASE,
)
# A line of a list or the first field of a table's row.
_LINE = re.compile(r"^[ \t]*(?:[-*+]|\d{1,4}[.)]|\|)[ \t]*(.+)$")
_LINK = re.compile(
    r"!?\[([^\]\[]{1,200})\](?:\([^)]{0,500}\)|\[[^\]]{0,200}\])?"
    r"|`([^`<]{1,200}?)[ ]?<[^>]{1,500}>`_{1,2}"
)
_AFTER = re.compile(r"\s*(?:[|:;(]|\s[–—-]\s|,\s|<|https?://).*$", re.DOTALL)

_LETTER = re.compile(r"[^\W\d_]")
_COLUMN_TITLES = {
    "name",
    "organization",
    "organisation",
    "organizations",
    "company",
    "user",
    "users",
    "who",
    "adopter",
    "project",
}


def observe_named_users(tree: Tree) -> list[ObservedFact]:
    """`used_by`, hidden, of each file that lists users."""
    found = []
    for path in sorted(path for path in tree if path.count("/") < 2 and len(path) < 60 and _FILES.fullmatch(path)):
        names = tree.read_cached(OBSERVER, path, _read_names)
        if names:
            found.append(ObservedFact("used_by", names, path, hidden=True))
    return found[:5]


def _read_names(path: str, data: bytes) -> list[str]:
    names: dict[str, None] = {}
    for row in data.decode("utf-8", "replace").splitlines():
        line = _LINE.match(row) if len(row) <= MAX_LINE else None
        if line is None:
            continue
        link = _LINK.match(line[1].lstrip("*_ "))
        text = (link[1] or link[2]) if link else _AFTER.sub("", line[1])
        name = organization_name(text.strip(" *_`\"'|"), stated=True)
        if name and _LETTER.search(name) and name.lower() not in _COLUMN_TITLES and len(names) < MAX_NAMES:
            names[name] = None
    return list(names)
