"""The report of `forge doctor`: its findings, and the last report, which is kept in the data folder for the
administrators' page and the figures.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

GOOD, SOON, NOW = "good", "soon", "now"  # nothing to do; to do within days; something is broken or in danger
SEVERITIES = (NOW, SOON, GOOD)
FILE = "checkup.json"
MAX_BYTES = 1_000_000


Result = tuple[str, str]  # what a check tells: how soon something is to do, and a sentence that says what


@dataclass(frozen=True)
class CheckFinding:
    """A result of the check of a subject."""

    subject: str
    severity: str
    sentence: str


@dataclass(frozen=True)
class CheckupReport:
    """All findings of one checkup, and when it was made."""

    at: datetime
    findings: tuple[CheckFinding, ...]

    def of(self, severity: str) -> tuple[CheckFinding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == severity)


def write_report(data: Path, findings: Iterable[CheckFinding], *, now: datetime) -> None:
    """Put a report in the place of the last one. Raises OSError."""
    draft = data / f".{FILE}.{os.getpid()}.new"
    values = {"at": now.isoformat(), "findings": [asdict(finding) for finding in findings]}
    draft.write_text(json.dumps(values), encoding="utf-8")
    draft.replace(data / FILE)


def last_report(data: Path) -> CheckupReport | None:
    """The last report; None where there is none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        with (data / FILE).open(encoding="utf-8") as opened:
            values = json.loads(opened.read(MAX_BYTES))
        findings = tuple(CheckFinding(**row) for row in values["findings"])
        return CheckupReport(datetime.fromisoformat(values["at"]), findings)
    return None
