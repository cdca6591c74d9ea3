"""What source files state at their top: an SPDX tag or a license notice. A sample is read, the same one at each visit;
`forge.observe.license.reading` decides what it means for the whole.

https://spdx.github.io/spdx-spec/v3.0.1/annexes/using-SPDX-short-identifiers-in-source-files/
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any

from forge.observe.core.license_and_readme_names import MAX_NAME_CHARACTERS
from forge.observe.core.path_classes import is_generated, is_source, is_third_party
from forge.observe.core.tree import Tree
from forge.observe.license import texts, words

MAX_FILES = 48
MAX_HEADER_BYTES = 64 * 1024  # a longer file is not opened for its header
HEAD_CHARACTERS = 3_000
MAX_GROUPS = 2_000
VERSION = "license-header 4"

_TELLING = re.compile(r"licen[cs]|copyright|SPDX-|©|droits|reserved", re.IGNORECASE)
_LICENSED = re.compile(r"licen[cs]|permission|redistribut|free software|logiciel libre|SPDX-", re.IGNORECASE)
_BLOCKS = (
    ("/*", "*/"),
    ('"""', '"""'),
    ("'''", "'''"),
    ('r"""', '"""'),
    ("<!--", "-->"),
    ("{-", "-}"),
    ("=begin", "=end"),
)
_COMMENT_LINE = re.compile(r"#|//|--|;|%|\*|<\?|dnl\b|@charset|['\"]use strict|\.\. ")
_SECRET = re.compile(
    r"proprietary (?:and|or) confidential|confidential (?:and|or) proprietary|trade secret"
    r"|unauthori[sz]ed (?:copying|use|distribution|reproduction)"
    r"|all rights reserved\W{1,80}(?:no part|do not (?:copy|distribute)|you may not)"
    r"|licen[cs]ed under (?:the |an? )?(?:[\w.-]{1,30} ){0,4}(?:enterprise|commercial|proprietary) (?:edition )?"
    r"licen[cs]e",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SourceHeader:
    """What a source file states: an SPDX expression or None, and whether it forbids what free software allows."""

    path: str
    license: str | None
    forbids: bool

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0].partition("/")[0]


def read_headers(tree: Tree) -> list[SourceHeader]:
    """What a sample of the source files states, in the order of paths; results are remembered by the files' ids."""
    source_headers = []
    for path in sample_paths(tree):
        if (header := tree.read_cached(VERSION, path, read_header)) is not None:
            source_headers.append(SourceHeader(path, header["license"], header["forbids"]))
    return source_headers


def sample_paths(tree: Tree) -> list[str]:
    """At most MAX_FILES paths, taken in turn from each pair of folder (two levels) and ending.

    Within a pair the order is that of a hash of the path, so that a new file rarely changes the sample.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    folders: dict[str, str | None] = {}  # a folder is judged once: most hold many files; None: written by others
    for path, file in tree.files.items():
        folder, slash, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = None if is_third_party(folder + slash) else "/".join(folder.split("/")[:2])
        top, ending = folders[folder], name.rpartition(".")[2].lower()
        if top is None or not is_source(name):
            continue
        if not 0 < file.size_bytes <= MAX_HEADER_BYTES or len(path) > 4 * MAX_NAME_CHARACTERS:
            continue
        if (top, ending) in groups or len(groups) < MAX_GROUPS:
            groups.setdefault((top, ending), []).append(path)
    # Each turn takes one of each pair, so that no more pairs than files are needed: the others are not sorted.
    turns = list(islice(filter(None, (_ordered_by_hash(groups[key]) for key in sorted(groups))), MAX_FILES))
    chosen = (paths[turn] for turn in range(MAX_FILES) for paths in turns if turn < len(paths))
    return sorted(islice(chosen, MAX_FILES))


def read_header(path: str, content: bytes) -> dict[str, Any]:
    """What the top of a source file states, JSON-safe."""
    head = texts.decode_text(content[: HEAD_CHARACTERS * 4])[:HEAD_CHARACTERS]
    forbids = bool(_SECRET.search(" ".join(head.split()))) if _TELLING.search(head) else False
    comment = _first_comment(head)
    if forbids or not _LICENSED.search(comment):
        return {"license": None, "forbids": forbids}
    header_licenses = texts.find_licenses(comment, coverage_percent=0)
    licenses = header_licenses.licenses
    sure = (
        len(licenses) == 1
        and licenses[0].exact
        and not words.alternatives(header_licenses.beside)
        and not header_licenses.limits
    )
    return {"license": licenses[0].spdx if sure else None, "forbids": False}


def _first_comment(head: str) -> str:
    """The comment with which a file begins, in whatever language: the rest takes more time than it is worth."""
    lines, ends = [], ""
    for line in head.split("\n"):
        bare = line.strip()
        if ends:
            lines.append(line)
            ends = "" if ends in bare else ends
            continue
        opened = next((pair for pair in _BLOCKS if bare.startswith(pair[0])), None)
        if opened:
            ends = "" if opened[1] in bare[len(opened[0]) :] else opened[1]
        elif bare and not _COMMENT_LINE.match(bare):
            break
        lines.append(line)
    return "\n".join(lines)


def _ordered_by_hash(paths: Iterable[str]) -> list[str]:
    """The first MAX_FILES that no program made."""
    by_hash = sorted(paths, key=lambda path: blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return list(islice((path for path in by_hash if not is_generated(path)), MAX_FILES))
