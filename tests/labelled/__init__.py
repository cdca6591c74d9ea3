"""The labelled lists of real license files and of real repositories, and how answers are scored against the first. They
keep no license text.

A file that this machine does not have is left out and counted, so that the list serves whatever versions are installed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from catalog.licenses import expressions
from catalog.licenses.expressions import Expression, LicenseTerm

LIST = Path(__file__).with_name("licenses.tsv")
REPOSITORIES = Path(__file__).with_name("repositories.tsv")
PARTS = ("tuned", "reported", "untuned")
NOTHING = "-"  # what states no license that SPDX has an id for

Answer = Callable[[str, bytes], str | None]  # name of the file, content -> SPDX expression; None: not identified


@dataclass(frozen=True)
class Labelled:
    """One row: `origin` is "common" or "python"; `expression` is None where SPDX has no id for it."""

    origin: str
    name: str
    path: str
    expression: str | None

    @property
    def filename(self) -> str:
        """The path that such a file has in a source tree."""
        return self.name if self.origin == "common" else self.path.rpartition("/")[2]

    def read(self) -> bytes | None:
        """The content on this machine; None where it is not installed."""
        if self.origin == "python":
            try:
                files = distribution(self.name).files or ()
            except PackageNotFoundError:
                return None
            wanted = f"/{self.path}"
            found = [file for file in files if str(file).endswith(wanted)]
            # "licenses/LICENSE" also ends the path of a file that is bundled deeper.
            return min(found, key=lambda file: len(str(file))).read_binary() if found else None
        file = Path("/usr/share/common-licenses") / self.name
        return file.read_bytes() if file.is_file() else None


@dataclass(frozen=True)
class LabelledRepository:
    """One repository: `free` is "free", "part", "terms" or "none", as the list explains."""

    part: str
    name: str
    commit: str
    expression: str | None
    free: str
    reason: str


@dataclass
class Score:
    """Counts over the files that are here. An answer where the label names nothing is wrong, none is right."""

    present: int = 0
    nameable: int = 0  # files whose label names a license
    answered: int = 0  # of those, the ones that got an answer
    answers: int = 0
    right: int = 0
    free_for_unfree: list[Labelled] = field(default_factory=list)
    wrong: list[tuple[Labelled, str | None]] = field(default_factory=list)
    missed: list[Labelled] = field(default_factory=list)

    @property
    def right_share(self) -> float:
        return self.right / max(1, self.answers)

    @property
    def answered_share(self) -> float:
        return self.answered / max(1, self.nameable)

    def told(self) -> str:
        return (
            f"{self.present} files here: {self.right} of {self.answers} answers right "
            f"({self.right_share:.1%}), {self.answered} of {self.nameable} answered ({self.answered_share:.1%}), "
            f"{len(self.free_for_unfree)} free for what is not"
        )


def labelled() -> list[Labelled]:
    """The whole list."""
    rows = [line.split("\t") for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return [Labelled(*row[:3], None if row[3] == NOTHING else expressions.canonical(row[3])) for row in rows]


def labelled_repositories() -> list[LabelledRepository]:
    """The whole list of repositories."""
    lines = [line for line in REPOSITORIES.read_text().splitlines() if line and not line.startswith("#")]
    rows = [line.split("\t") for line in lines]
    return [
        LabelledRepository(*row[:3], None if row[3] == NOTHING else expressions.canonical(row[3]), *row[4:])
        for row in rows
    ]


def score(answer: Answer, rows: Iterable[Labelled] | None = None) -> Score:
    """What `answer` gets for the files that this machine has."""
    told = Score()
    for row in labelled() if rows is None else rows:
        content = row.read()
        if content is None:
            continue
        given = answer(row.filename, content)
        told.present += 1
        told.nameable += row.expression is not None
        told.answered += row.expression is not None and given is not None
        told.answers += given is not None
        if given is None:
            if row.expression is not None:
                told.missed.append(row)
        elif row.expression is not None and same(given, row.expression):
            told.right += 1
        else:
            told.wrong.append((row, given))
            if expressions.is_free(given) and not (row.expression and expressions.is_free(row.expression)):
                told.free_for_unfree.append(row)
    return told


def same(text: str, other: str) -> bool:
    """Whether two expressions say the same, whatever the order of their parts."""
    return _unordered(expressions.parse(text)) == _unordered(expressions.parse(other))


def _unordered(part: Expression | LicenseTerm) -> object:
    if isinstance(part, LicenseTerm) or not part.operator:
        return str(part)
    return part.operator, frozenset(_unordered(operand) for operand in part.parts)
