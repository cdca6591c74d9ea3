"""Results of one visit of a mirror: a report for the operator, or an interruption."""

from dataclasses import dataclass

from forge.mirroring import schedule


@dataclass(frozen=True)
class VisitReport:
    """A line for the operator: what came of one visit."""

    slug: str
    outcome: str
    reason: str
    seconds: float
    size_bytes: int  # downloaded
    license: str | None = None

    @property
    def good(self) -> bool:
        return self.outcome in schedule.GOOD

    def __str__(self) -> str:
        text = f"{self.slug}: {self.outcome}, {self.size_bytes / 1e6:.1f} MB in {self.seconds:.1f} s"
        if self.license:
            text += f", license {self.license}"
        return f"{text}. {self.reason}" if self.reason else f"{text}."


class Interrupted(Exception):
    """The service stops: this visit was ended half-way, nothing is recorded of it, its job is free again."""
