"""The type of an outcome of a decision: how it is applied, and how all is put back as it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.moderation.outcomes.decision_form import DecisionRequest
from catalog.rules.person import Person
from catalog.rules.submission import Submission
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.moderation.log import StoredLogLine, Subject

# What is decided about: it says which of the outcomes of one name is meant.
SUBMISSION, RECORD, PAIR, CURATED = "submission", "record", "pair", "curated"


@dataclass(frozen=True)
class OutcomeTransaction:
    """The transaction in which something is decided, and what is decided about: a record, a submission, or, of two
    records, both. `key`: of the finding. `values`: of a list, what is wanted."""

    connection: Connection
    change: PublicChange
    now: datetime
    person: Person | None
    wish: DecisionRequest
    about: Subject | None = None
    submission: Submission | None = None
    key: str = ""
    other: UUID | None = None
    values: Mapping[str, Any] | None = None

    @property
    def record(self) -> Subject:
        assert self.about is not None
        return self.about

    @property
    def sent(self) -> Submission:
        assert self.submission is not None
        return self.submission


@dataclass(frozen=True)
class UndoTransaction:
    """The transaction in which a decision is taken back, and its line."""

    connection: Connection
    change: PublicChange
    now: datetime
    undone: StoredLogLine

    @property
    def before(self) -> Mapping[str, Any]:
        return self.undone.before


@dataclass(frozen=True)
class Outcome:
    """`apply` gives what stood before, for `revert`, which is False where all cannot be as it was any more.

    Both may raise Invalid: what was decided can no longer stand, or can no longer be published again.
    """

    apply: Callable[[OutcomeTransaction], dict[str, Any]]
    revert: Callable[[UndoTransaction], bool]
