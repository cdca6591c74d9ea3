"""Searches the files of one commit for words, as they are written but for capitals, in their lines and in their names.

No expression of a reader reaches git's grammar, and each search ends: by what it found, by bytes or by time.
"""

from dataclasses import dataclass
from pathlib import Path

from forge.git.environment import Limits
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

WORD_CHARACTERS = 200
FILES, FILE_LINES = 60, 4  # shown of what is found, and of one file
NAMES = 30
SECONDS, NAME_SECONDS = 6.0, 3.0
# Room for a few files that are one line of megabytes, as programs for browsers are: what comes after them is found too.
_OUTPUT_BYTES, _NAMES_BYTES = 8 << 20, 8 << 20
_ORDER = (
    f"grep -z -n -I -i -F --no-color --full-name --no-recurse-submodules --no-textconv --threads=1 "
    f"--max-count={FILE_LINES} -e"
)


@dataclass(frozen=True)
class MatchedLine:
    """A line that holds the words: its number from 1, and its bytes."""

    number: int
    line: bytes


@dataclass(frozen=True)
class MatchedFile:
    """A file with the first lines of it that hold the words."""

    path: bytes
    lines: tuple[MatchedLine, ...]


@dataclass(frozen=True)
class CodeMatches:
    """What a search found: files with their lines, and files whose names hold the words. `whole`: nothing is left
    out."""

    files: tuple[MatchedFile, ...]
    names: tuple[bytes, ...]
    whole: bool


def is_searchable(words: str) -> bool:
    """Whether this can be looked for: one line of at most WORD_CHARACTERS."""
    return bool(words.strip()) and len(words) <= WORD_CHARACTERS and not set(words) & set("\0\n\r")


def search(mirror: Path, oid: str, words: str, *, seconds: float = SECONDS) -> CodeMatches:
    """Look for words in the files of a commit or tree, a full id.

    Raises ObjectMissing, ValueError for what cannot be looked for.
    """
    if not is_searchable(words):
        raise ValueError("These words cannot be searched for.")
    if not is_oid(oid):
        raise ObjectMissing(oid)
    pattern = words.encode("utf-8", "surrogateescape")
    limits = Limits(wall_seconds=seconds, output_bytes=_OUTPUT_BYTES, niceness=5)
    ran = run([*_ORDER.split(), pattern, oid, "--"], git_dir=mirror, limits=limits)
    if not ran.stopped and ran.status not in (0, 1):
        raise ObjectMissing(oid)
    files, whole_lines = _files(ran.out, len(oid) + 1)
    names, whole_names = _names(mirror, oid, words)
    return CodeMatches(files, names, not ran.stopped and whole_lines and whole_names)


def _files(out: bytes, prefix: int) -> tuple[tuple[MatchedFile, ...], bool]:
    """Files of "id:path NUL number NUL line" rows, and whether they are all."""
    lines_by_file: dict[bytes, list[MatchedLine]] = {}
    for row in out.split(b"\n")[:-1]:
        path, _, rest = row[prefix:].partition(b"\0")
        number, _, line = rest.partition(b"\0")
        if not number.isdigit():
            continue  # of a name with a line break, git prints a part on a line of its own
        if path not in lines_by_file and len(lines_by_file) == FILES:
            return _tuples(lines_by_file), False
        lines_by_file.setdefault(path, []).append(MatchedLine(int(number), line))
    return _tuples(lines_by_file), True


def _tuples(lines_by_file: dict[bytes, list[MatchedLine]]) -> tuple[MatchedFile, ...]:
    return tuple(MatchedFile(path, tuple(lines)) for path, lines in lines_by_file.items())


def _names(mirror: Path, oid: str, words: str) -> tuple[tuple[bytes, ...], bool]:
    limits = Limits(wall_seconds=NAME_SECONDS, output_bytes=_NAMES_BYTES, niceness=5)
    ran = run(["ls-tree", "-r", "-z", "--name-only", "--full-tree", oid], git_dir=mirror, limits=limits)
    words_folded = words.casefold()
    paths = [
        path for path in ran.out.split(b"\0")[:-1] if words_folded in path.decode("utf-8", "surrogateescape").casefold()
    ]
    return tuple(paths[:NAMES]), ran.ok and len(paths) <= NAMES
