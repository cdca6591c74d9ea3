"""Searches every version of every text file in all refs of a repository for secrets and personal data.

On one's own machine only, in memory only: nothing is written, and what is found is returned masked. Of a file's next
version only the lines are read that the version before did not have: 28,000 versions in 75 s (November 2026).
Contents are read and not `git log -p`, from which attributes of the repository could hide a file.
"""

import codecs
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from catalog.sentences import mark
from forge.git import local
from forge.git.listing import list_files
from forge.git.objects import ObjectMissing, ObjectReader
from forge.observe.core.path_classes import is_test, is_third_party
from forge.readiness import personal, secrets
from forge.readiness.personal import PersonalDatum
from forge.readiness.secrets import SecretFound

MAX_BYTES = 8 << 20  # of a file
LINE_CHARACTERS = 2_000  # a longer line is cut, the pieces overlapping
OVERLAP = 200
KNOWN_LINES = 1_000_000  # of the newest versions, kept as numbers: about 100 MB
MAX_FINDINGS = 10_000  # of each sort; more tell nothing new
MAX_PATHS = 20  # paths of one value

LARGE, ABSENT = mark("larger than 8 MB"), mark("not in this copy")
TABLES = mark("tables and databases that are no text")
MORE = mark("found beyond the first 10,000")
_BINARY_ENDINGS = """
    png jpg jpeg gif webp ico bmp tif tiff woff woff2 ttf otf eot pdf zip gz tgz bz2 xz 7z rar jar war class so dll exe
    dylib o a pyc mo mp3 mp4 ogg webm avi mov wav psd ai eps map
"""
_DATABASE_ENDINGS = """
    xls xlsx ods sqlite sqlite3 db mdb accdb dbf kdbx p12 pfx jks keystore bak frm ibd
"""
_PICTURES, _UNREADABLE = frozenset(_BINARY_ENDINGS.split()), frozenset(_DATABASE_ENDINGS.split())
_SAMPLES = re.compile(
    r"(?:^|/)(?:docs?|examples?|samples?|demos?|features|seeds?)/|(?:^|/)(?:test_|readme)[^/]*$|[._](?:test|spec)\.\w+$"
    r"|\.(?:sample|dist|example)(?:\.\w+)?$|(?:_test\.(?:py|go)|test\.(?:php|java|js|ts)|_spec\.rb|\.md|\.rst)$",
    re.IGNORECASE,
)
_SHOWN_CHARACTERS = 2  # characters of a value


@dataclass(frozen=True)
class HistoryFinding:
    """`masked` has the first two characters and the length; of a list how many rows of what. `commit` is the first."""

    kind: str
    masked: str
    path: str
    row: int
    commit: str
    in_head: bool


@dataclass(frozen=True)
class HistoryFindings:
    """`searched` versions of files; `samples` are passwords and addresses in tests, samples and documentation."""

    secrets: tuple[HistoryFinding, ...]
    personal: tuple[HistoryFinding, ...]
    samples: tuple[HistoryFinding, ...]
    searched: int
    left_out: dict[str, int]


@dataclass
class _FirstOccurrence:
    kind: str
    value: str
    row: int
    commit: str
    sample: bool
    paths: list[str]
    oids: set[str]  # of the contents that it was first read in, wherever they lie now


def search_history(git_dir: Path, head: str) -> Iterator[int | HistoryFindings]:
    """Yield first how many commits there are, then after each batch how many of them it was, at last what was found.

    Raises MirrorUnreadable (forge.git.objects).
    """
    commits = local.commits(git_dir)
    yield len(commits)
    searching = _Search(git_dir)
    try:
        done = 0
        for versions in local.versions(git_dir, commits):
            for version in versions:
                searching.look(version)
            step = min(local.BATCH, len(commits) - done)
            done += step
            yield step
        yield searching.findings(head)
    finally:
        searching.close()


@dataclass
class _Search:
    git_dir: Path
    read: set[bytes] = field(default_factory=set)
    lines: OrderedDict[str, frozenset[int]] = field(default_factory=OrderedDict)
    kept: int = 0
    searched: int = 0
    keys: dict[tuple[str, str], _FirstOccurrence] = field(default_factory=dict)
    data: dict[tuple[str, str], _FirstOccurrence] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)  # the contents of the head, at the end

    def __post_init__(self) -> None:
        self.objects = ObjectReader(self.git_dir)

    def close(self) -> None:
        self.objects.close()

    def look(self, version: local.Version) -> None:
        oid, path = bytes.fromhex(version.oid), version.path
        ending = path.rpartition(".")[2].lower()
        if oid in self.read or ending in _PICTURES:
            return
        self.read.add(oid)
        if ending in _UNREADABLE:
            self._count_left_out(TABLES)
            return
        text = self._text(version.oid)
        if text is None:
            return
        self.searched += 1
        rows = self._new(path, text.splitlines())
        sample = _is_sample(path)
        for hit in secrets.find_secrets(path, rows):
            self._keep(self.keys, hit, version, sample and hit.kind == secrets.ASSIGNED)
        for datum in personal.find_personal_data(path, rows):
            self._keep(self.data, datum, version, sample and datum.kind == personal.EMAIL)
        if ("", path) not in self.data and (table := personal.list_of_people(path, text)):
            self.data["", path] = _FirstOccurrence(
                table.kind, table.value, table.row, version.commit, False, [path], {version.oid}
            )

    def findings(self, head: str) -> HistoryFindings:
        now = {file.path: file.oid for file in list_files(self.git_dir, head).files}
        self.held = set(now.values())
        secret = [self._finding(value, now) for value in self.keys.values()]
        data = [self._finding(value, now) for value in self.data.values()]
        samples = [finding for finding, is_sample in (*secret, *data) if is_sample]
        return HistoryFindings(
            tuple(finding for finding, is_sample in secret if not is_sample),
            tuple(finding for finding, is_sample in data if not is_sample),
            tuple(samples),
            self.searched,
            self.left_out,
        )

    def _finding(self, value: _FirstOccurrence, now: dict[str, str]) -> tuple[HistoryFinding, bool]:
        masked = (
            value.value if value.kind == personal.LIST else f"{value.value[:_SHOWN_CHARACTERS]}… ({len(value.value)})"
        )
        return HistoryFinding(
            value.kind, masked, value.paths[0], value.row, value.commit, self._in_head(value, now)
        ), value.sample

    def _in_head(self, value: _FirstOccurrence, now: dict[str, str]) -> bool:
        if value.oids & self.held:
            return True
        for path in value.paths:
            if path in now and (value.kind == personal.LIST or value.value in (self._text(now[path]) or "")):
                return True
        return False

    def _keep(
        self,
        findings: dict[tuple[str, str], _FirstOccurrence],
        hit: SecretFound | PersonalDatum,
        version: local.Version,
        sample: bool,
    ) -> None:
        known = findings.get((hit.kind, hit.value))
        if known is not None:
            known.sample = known.sample and sample
            if version.path not in known.paths and len(known.paths) < MAX_PATHS:
                known.paths.append(version.path)
                known.oids.add(version.oid)
        elif len(findings) < MAX_FINDINGS:
            findings[hit.kind, hit.value] = _FirstOccurrence(
                hit.kind, hit.value, hit.row, version.commit, sample, [version.path], {version.oid}
            )
        else:
            self._count_left_out(MORE)

    def _text(self, oid: str) -> str | None:
        try:
            data = self.objects.object(oid, MAX_BYTES).data
        except ObjectMissing:
            self._count_left_out(ABSENT)
            return None
        if data is None:
            self._count_left_out(LARGE)
            return None
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16", "replace")
        if b"\0" in data[:8000]:
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")  # as spreadsheets save tables

    def _new(self, path: str, lines: list[str]) -> list[tuple[int, str]]:
        """Return the lines, with numbers, that the last version of this path did not have; long ones in pieces."""
        hashes = [hash(line) for line in lines]
        before = self.lines.pop(path, frozenset())
        self.lines[path] = frozenset(hashes)
        self.kept += len(self.lines[path]) - len(before)
        while self.kept > KNOWN_LINES and len(self.lines) > 1:
            self.kept -= len(self.lines.popitem(last=False)[1])
        new = []
        for row, (key, line) in enumerate(zip(hashes, lines, strict=True), 1):
            if key in before:
                continue
            if len(line) <= LINE_CHARACTERS:
                new.append((row, line))
            else:
                step = LINE_CHARACTERS - OVERLAP
                new += [(row, line[start : start + LINE_CHARACTERS]) for start in range(0, len(line), step)]
        return new

    def _count_left_out(self, why: str) -> None:
        self.left_out[why] = self.left_out.get(why, 0) + 1


def _is_sample(path: str) -> bool:
    """Return whether passwords and addresses there are likely invented, or others': tests, samples, what is bundled."""
    return bool(_SAMPLES.search(path)) or is_test(path) or is_third_party(path)
