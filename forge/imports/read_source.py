"""What every reader of a source returns: its projects, and what could not be taken; checks values and cuts texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.document import repository_key
from catalog.document.check_value import faults_of_value
from catalog.model import Project
from catalog.text_rules import MAX_SUMMARY
from forge.observe.core.privacy_filter import without_addresses

MAX_RECORDS = 20_000  # of one source
MAX_PROBLEMS = 1_000
_EARLIEST_CUT = 40  # characters: a summary is not cut before a word that begins earlier

SENTENCES = {
    "missing": "It is empty; write it.",
    "shape": "It has not the shape that is needed here.",
    "line": "Write it on one line.",
    "long": "It is too long; shorten it.",
    "many": "Too many values stand here; leave some out.",
    "twice": "A value stands here twice; remove one.",
    "number": "Write a whole number from 0 to 100.",
    "choice": "This word is not in the list of the catalogue; `forge check` names the list.",
    "nobody": "Nobody of this name is known here.",
    "address": "Somebody's e-mail address stands here; remove it.",
    "prose": "It holds something that cannot be shown; remove it.",
    "summary": f"Shorten it to at most {MAX_SUMMARY} characters.",
    "url": "Write the whole web address, such as https://example.org/page.",
    "repository": "Write the https address of the repository, such as https://example.org/group/tool.git.",
    "license": "Write an SPDX license id, such as AGPL-3.0-or-later.",
    "language": "Write a language tag, such as fr, ar or pt-BR.",
    "country": "Write the two letters of ISO 3166-1, such as FR or BR.",
    "region": "Write ISO 3166-2, such as FR-BRE.",
    "path": "Write a path in the repository, such as docs/screen.png.",
    "date": "Write 2019, 2019-05 or 2019-05-21.",
    "year": "Write four digits, such as 2024.",
}


@dataclass(frozen=True)
class ImportProblem:
    """`place` is a file or a sheet, `line` counts from 1 (0: the whole). `refused`: the record was not taken;
    otherwise it was, without this value."""

    place: str
    line: int
    key: str
    sentence: str
    refused: bool = True

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        return f"{where}: {self.key + ': ' if self.key else ''}{self.sentence}"


@dataclass(frozen=True)
class ImportedProject:
    """`record` has the keys of a document's project but slug, id and those that name other records.

    `organizations` are names with the role that the source states, None where it states none.
    """

    place: str
    line: int
    record: Mapping[str, Any]
    organizations: tuple[tuple[str, str | None], ...] = ()

    @property
    def key(self) -> str:
        """The key of this project inside of its source: where its code is, else its name."""
        repository = self.record.get("repository")
        return repository_key(repository) if repository else str(self.record["name"]).casefold()


@dataclass(frozen=True)
class ReadSource:
    """What a source holds. `complete` is False where reading stopped before its end: nothing may be taken away then."""

    found: tuple[ImportedProject, ...] = ()
    problems: tuple[ImportProblem, ...] = ()
    complete: bool = True


def fitting_values(
    place: str, line: int, values: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, list[ImportProblem]]:
    """Return the values that fit a project's record, and what does not; None without a name or a sentence about it.

    A text that is too long for a summary is cut and kept as
    description.
    """
    values = {key: value_given for key, value_given in values.items() if value_given not in (None, "", [], {})}
    summary = values.get("summary")
    if isinstance(summary, Mapping):
        long = {tag: text for tag, text in summary.items() if isinstance(text, str) and len(text) > MAX_SUMMARY}
        values["summary"] = {tag: cut_summary(text) if tag in long else text for tag, text in summary.items()}
        if long:
            values["description"] = long | dict(values.get("description") or {})
    problems, fitting = [], dict(values)
    for name, value in values.items():
        wrong = faults_of_value(Project, name, value, lambda _kind, _slug: False)
        if wrong:
            path, code = next(iter(wrong.items()))
            needed = name in ("name", "summary", "repository")
            problems.append(ImportProblem(place, line, ".".join((name, *path)), SENTENCES[code], needed))
            del fitting[name]
    for name, sentence in (("name", "Give the project's name."), ("summary", "Say in a sentence what it does.")):
        if name not in values:
            problems.append(ImportProblem(place, line, name, sentence))
    refused = any(problem.refused for problem in problems)
    return (None if refused else fitting), problems


def cut_summary(text: str) -> str:
    """Cut a text to at most MAX_SUMMARY characters, between words.

    >>> len(cut_summary("word " * 100)) <= MAX_SUMMARY
    True
    """
    text = " ".join(text.split())
    if len(text) <= MAX_SUMMARY:
        return text
    start = text[: MAX_SUMMARY - 1]
    end = start.rfind(" ")
    return f"{start[: end if end >= _EARLIEST_CUT else None].rstrip(' ,;:.–-')}…"


def clean_line(text: object) -> str:
    """Return a stranger's value as one line that holds no address of a person."""
    return without_addresses(" ".join(str(text).split())) if isinstance(text, str | int | float) else ""


def without_duplicates(
    projects: Iterable[ImportedProject], problems: Iterable[ImportProblem], *, complete: bool = True
) -> ReadSource:
    """Make a `ReadSource` of these, each project once: the first is kept where a source names one twice, and a problem
    says so.
    """
    once: dict[str, ImportedProject] = {}
    doubled = []
    for project in projects:
        first = once.setdefault(project.key, project)
        if first is not project:
            sentence = f"This is the same project as in {first.place}, line {first.line}; it was taken once."
            doubled.append(ImportProblem(project.place, project.line, "", sentence))
    all_problems = [*problems, *doubled]
    return ReadSource(tuple(once.values()), tuple(all_problems[:MAX_PROBLEMS]), complete)
