"""The errors of the catalogue, each with its subject as attributes. HTTP statuses and translations are elsewhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class CatalogError(Exception):
    """Whatever the catalogue refuses or cannot find."""


class NotFound(CatalogError):
    """No such thing: `kind` ("project"), `key` (its slug)."""

    def __init__(self, kind: str, key: str):
        super().__init__(f"no {kind} {key!r}")
        self.kind, self.key = kind, key


class Moved(CatalogError):
    """The thing has another slug now: `kind`, `key` (the former slug), `to` (the present one)."""

    def __init__(self, kind: str, key: str, to: str):
        super().__init__(f"{kind} {key!r} is now {to!r}")
        self.kind, self.key, self.to = kind, key, to

    def present_path(self, path: str) -> str:
        """The path of an address with the present slug: behind the kind, else alone, as in `/badge/galette.svg` or
        `/projects/galette/users/framasoft`."""
        former = rf"(?s)(^.*?/{self.kind}s|^.*)/{re.escape(self.key)}(?=[/.]|$)"
        return re.sub(former, lambda match: f"{match[1]}/{self.to}", path)


class Removed(CatalogError):
    """The thing was here and is blocked: `kind`, `key`, the public `reason`."""

    def __init__(self, kind: str, key: str, reason: str):
        super().__init__(f"{kind} {key!r} was removed: {reason}")
        self.kind, self.key, self.reason = kind, key, reason


class OptedOut(CatalogError):
    """Its maintainers asked not to be listed: `kind`, `key`, `at`; `gone`: its repository is no longer public either,
    so that nothing of it is shown."""

    def __init__(self, kind: str, key: str, at: datetime, gone: bool = False):
        super().__init__(f"the makers of {kind} {key!r} asked not to be listed")
        self.kind, self.key, self.at, self.gone = kind, key, at, gone


class AlreadyExists(CatalogError):
    """Another row has this id: `kind`, `key`."""

    def __init__(self, kind: str, key: str):
        super().__init__(f"{kind} {key!r} exists already")
        self.kind, self.key = kind, key


class Invalid(CatalogError):
    """What was given cannot be accepted: `errors` maps each field to one sentence that says what to do."""

    def __init__(self, errors: dict[str, str]):
        super().__init__("; ".join(f"{field}: {sentence}" for field, sentence in errors.items()))
        self.errors = errors


class Incomplete(CatalogError):
    """Too little is known for a format: `kind`, `key`, `format` ("publiccode.yml"), `missing`: one sentence a gap."""

    def __init__(self, kind: str, key: str, format: str, missing: Sequence[str]):
        super().__init__(f"{kind} {key!r} has no {format}: {'; '.join(missing)}")
        self.kind, self.key, self.format, self.missing = kind, key, format, tuple(missing)


class NotAllowed(CatalogError):
    """This person or setting may not do `what`."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class DocumentProblem:
    """A mistake at one place of a document: line and column count from 1, `sentence` says what to do."""

    file: str
    line: int
    column: int
    field: str  # path of keys, such as "projects[galette].summary.fr"; empty for the file as a whole
    sentence: str

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        return f"{self.file}:{self.line}:{self.column}: {field}{self.sentence}"


class FaultyDocument(CatalogError):
    """The document has mistakes and nothing of it was taken: `problems`, in the order of files and lines."""

    def __init__(self, problems: Sequence[DocumentProblem]):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = tuple(problems)
