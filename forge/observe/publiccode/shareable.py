"""Removes the persons from a publiccode.yml, so that it can be passed on: the rest of its text is unchanged. Pure.

Contacts become "Maintainers of NAME", owners stay where the name itself shows an organization, e-mail addresses and
comments are removed. Where that cannot be done with certainty, nothing is passed on.
"""

import re
from collections.abc import Iterator
from typing import Any

from catalog.yaml_nodes import Mapping, Scalar, Sequence
from forge.observe.bounded.nodes import yaml_nodes
from forge.observe.bounded.text import Unreadable
from forge.observe.core.privacy_filter import organization_name, without_emails

MAX_PUBLICCODE_CHARACTERS = 99_999
CONTACTS, CONTRACTORS, OWNERS = "contacts", "contractors", ("repoOwner", "mainCopyrightOwner")
MAINTAINERS = "Maintainers of"

_LINE = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029])|[^\r\n\x85\u2028\u2029]+")  # as YAML counts
Cut = tuple[int, int, list[str]]  # the first line, the one after the last, the replacement


def without_persons(text: str) -> str | None:
    """The text without persons; None where they cannot be separated, and for a text that is too long.

    Of a text that is not a mapping, such as a word, only addresses are removed.
    """
    root = _root(text) if len(text) <= MAX_PUBLICCODE_CHARACTERS else None
    if root is None:
        return None
    if not isinstance(root, Mapping):
        return without_emails(text)
    lines = _LINE.findall(text)
    cuts = _cuts(root, lines)
    if cuts is None:
        return None
    for first, behind, instead in sorted(cuts, reverse=True):
        lines[first - 1 : behind - 1] = instead
    plain = without_emails("".join(line for line in lines if not line.startswith("#")))
    again = _root(plain)
    return plain if isinstance(again, Mapping) and not any(_person_members(again)) else None


def _root(text: str) -> Any:
    try:
        return yaml_nodes(text.encode("utf-8", "replace"), 4 * MAX_PUBLICCODE_CHARACTERS)
    except Unreadable:
        return None


def _cuts(root: Mapping, lines: list[str]) -> list[Cut] | None:
    """The lines to remove; None where a member that names persons is not on lines of its own."""
    cuts = []
    for key, _, behind in _person_members(root):
        line = lines[key.line - 1]
        bare = line.lstrip(" ")
        if behind <= key.line or bare.lstrip("'\"")[: len(key.text)] != key.text or key.text == CONTRACTORS:
            return None
        space = " " * (len(line) - len(bare))
        named = _quoted(f"{MAINTAINERS} {_software_name(root)}")
        replacement = [f"{space}{CONTACTS}:\n", f"{space}  - name: {named}\n"]
        cuts.append((key.line, behind, replacement if key.text == CONTACTS else []))
    return cuts


def _person_members(root: Mapping) -> Iterator[tuple[Scalar, Any, int]]:
    """Members that may name persons: key, value, and the line after them."""
    end = 10**9
    for place, (key, group) in enumerate(root.pairs):
        if key.text not in ("maintenance", "legal") or not isinstance(group, Mapping):
            continue
        after = root.pairs[place + 1][0].line if place + 1 < len(root.pairs) else end
        for inner, (member, value) in enumerate(group.pairs):
            behind = group.pairs[inner + 1][0].line if inner + 1 < len(group.pairs) else after
            if _may_name_person(member.text, value):
                yield member, value, behind


def _may_name_person(key: str, value: Any) -> bool:
    """Whether a member may name a person."""
    if isinstance(value, Scalar) and value.null:
        return False
    if key in OWNERS:
        return not (isinstance(value, Scalar) and organization_name(value.text))
    if key not in (CONTACTS, CONTRACTORS):
        return False
    if not isinstance(value, Sequence):
        return True
    entries = [entry.pairs if isinstance(entry, Mapping) else [] for entry in value.nodes]
    if key == CONTRACTORS:
        name_nodes = [node for pairs in entries for name, node in pairs if name.text == "name"]
        bodies = all(isinstance(node, Scalar) and organization_name(node.text) for node in name_nodes)
        return len(name_nodes) != len(entries) or not bodies
    return not all(
        len(pairs) == 1 and isinstance(pairs[0][1], Scalar) and pairs[0][1].text.startswith(MAINTAINERS)
        for pairs in entries
    )


def _software_name(root: Mapping) -> str:
    found = (node.text for key, node in root.pairs if key.text == "name" and isinstance(node, Scalar))
    return without_emails(next(found, "")) or "this software"


def _quoted(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "''") + "'"
