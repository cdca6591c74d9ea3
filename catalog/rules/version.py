"""Versions as tags name them ("v1.2.3", "server-1.2", "pkg@1.2.3", "2026.05", "3.0-rc1"), and which of
two is higher. Pure.

The order is that of Semantic Versioning (https://semver.org/#spec-item-11): by numbers, a trial version before what it
tries. Tags are freer than that and than PEP 440, so that whatever numbers a name has are compared.
"""

import re
from dataclasses import dataclass
from functools import cached_property

# Numbers joined by dots or underscores, else the first number; "2026-05-01" and "1.2-3" go on after a hyphen.
_NUMBERS = (
    re.compile(r"[0-9]+(?:[._][0-9]+)+(?:[._-][0-9]+(?![0-9A-Za-z]))*"),
    re.compile(r"[0-9]+(?:[._-][0-9]+(?![0-9A-Za-z]))*"),
)
_TRIAL = re.compile(
    r"(?<![a-z])(?:alpha|beta|rc|pre|preview|dev|test|canary|unstable|a(?=\d)|b(?=\d))(?![a-z])", re.IGNORECASE
)
_AUTOMATIC = re.compile(
    r"nightly|snapshot|daily|weekly|continuous|(?<![a-z])latest(?![a-z])|\bci\b|(?:^|[-/])build[-/_]?\d", re.IGNORECASE
)
# What is on a server, or of somebody's own.
_OF_A_PLACE = re.compile(
    r"(?:prod|production|dev|develop|deploy\w{0,6}|pre|preprod|staging|test)(?![a-z])", re.IGNORECASE
)
_ANY = re.compile(r"\.[x*](?![0-9a-z])", re.IGNORECASE)  # "2.x" moves
# Words before the numbers that name no package.
_WORD_OF_VERSION = re.compile(r"(?:^|[^0-9a-z])(?:v|r|ver|version|rel|releases?|tags?|stable|final)[^0-9a-z]*$")
_PART = re.compile(r"[0-9]+|[a-z]+")
_YEARS = range(1990, 2100)
CHARACTERS = 100  # of a name that is read


@dataclass(frozen=True)
class Version:
    """`package`: what stands before the numbers, "" where that names nothing; `rest`: what stands behind them."""

    package: str
    numbers: tuple[int, ...]
    rest: str
    is_trial: bool

    @property
    def shape(self) -> tuple[str, str]:
        """The package, and the kind of what stands behind the numbers: "-hotfix2" and "-fix1" are of one kind. A letter
        alone ("2.30a") counts on, and is none."""
        rest = "" if self.is_trial or (len(self.rest) == 1 and self.rest.isalpha()) else self.rest
        return self.package, re.sub("[^\\W\\d_]+", "x", re.sub("[0-9]+", "0", rest))

    @property
    def is_calendar(self) -> bool:
        """Whether the first number is a year, a month or a day: "2026.05", "202605", "20260501"."""
        first = str(self.numbers[0])
        return len(first) in (4, 6, 8) and int(first[:4]) in _YEARS

    @cached_property
    def order(self) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
        """The higher of two versions has the higher one; 1.2 and 1.2.0 have the same."""
        numbers = self.numbers
        while numbers and numbers[-1] == 0:
            numbers = numbers[:-1]
        parts = (part for part in _PART.findall(self.rest.lower()) if part != "dev")  # comes before alpha
        marks = ((True, 0, part) if part.isalpha() else (False, int(part), "") for part in parts)
        return numbers, not self.is_trial, tuple(marks)


def version(name: str) -> Version | None:
    """What the name of a tag or a version says; None where it is no version of its own: no number, "2.x", made
    again and again by a program, or the name of what was put on a server ("prod-20250404").

    >>> version("server-v1.2.0-rc1")
    Version(package='server', numbers=(1, 2, 0), rest='-rc1', is_trial=True)
    """
    name = name[:CHARACTERS]
    match = _NUMBERS[0].search(name) or _NUMBERS[1].search(name)
    if match is None or _AUTOMATIC.search(name) or _OF_A_PLACE.match(name):
        return None
    before, rest = name[: match.start()].lower(), name[match.end() :]
    if _ANY.match(rest):
        return None
    while (bare := _WORD_OF_VERSION.sub("", before)) != before:
        before = bare
    package = before.strip("-_/@. ")
    trial = bool(_TRIAL.search(rest) or _TRIAL.fullmatch(package.rpartition("-")[2]))
    return Version(package, tuple(int(number) for number in re.findall("[0-9]+", match[0])), rest, trial)
