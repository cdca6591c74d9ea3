"""What kinds of submissions, sending, the desk and the log tell each other, and what only some kinds can do.

What every kind can do is `base.submission.FormKind`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as field_of_dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from catalog.rules.person import Person
from catalog.rules.submission import Submission
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.organizations.organization_rows import KnownOrganization


@dataclass(frozen=True)
class Row:
    """A line of what a submission says: before, and after it is published; None: nothing is said.

    `field` names the label. `shape` tells how the values are read: "fact" (a field of catalog.rules.fields), "text",
    "words" (by language), "url", "date", "country", "countries", "language", "languages", "yes-no", "organization" or
    "project" (a slug, whose record `names` calls by its name), "term:VOCABULARY" or "terms:VOCABULARY", "code:TABLE"
    (one or several codes that pages word, or `codes` do). `label` is a msgid; "": pages know one for the field.
    """

    field: str
    before: Any
    after: Any
    shape: str = "text"
    label: str = ""
    codes: Mapping[str, str] = field_of_dataclass(default_factory=dict)
    names: Mapping[str, str] = field_of_dataclass(default_factory=dict)

    @property
    def differs(self) -> bool:
        return bool(self.before != self.after)


@dataclass(frozen=True)
class Doubt:
    """A warning for moderators about a submission: `reason` is a code that pages word, with its detail.

    Of the detail pages show `project` and `organization` (slugs) and `url` as links, `reference` (of another
    submission), "count" and `text`.
    """

    reason: str
    detail: Mapping[str, Any] = field_of_dataclass(default_factory=dict)


@dataclass(frozen=True)
class EditableText:
    """A text of the answers that the desk may correct: where it stands in them, and the field that names its label."""

    path: tuple[str, ...]  # an answer's name, and a language where it is said in several
    field: str
    value: str
    label: str = ""  # a msgid; "": pages know one for the field


@dataclass(frozen=True)
class Publishing:
    """What publishing a submission and taking it back share: the caller's transaction, the submission, the public
    change, which is counted when it is first called, and the time.

    `person` sent it, where that is known. `organization`: the one that it names, or that was added for it, where its
    kind says that it names one.
    """

    connection: Connection
    submission: Submission
    person: Person | None
    change: PublicChange
    now: datetime
    organization: KnownOrganization | None = None


def texts(submission: Submission, *names: str, label: str | None = None) -> tuple[EditableText, ...]:
    """The texts that stand under these names of the answers, of each language one; what is no text is left out."""
    editable_texts: list[EditableText] = []
    for name in names:
        answer = submission.answers.get(name)
        if isinstance(answer, str):
            editable_texts.append(EditableText((name,), label or name, answer))
        elif isinstance(answer, Mapping):
            texts_of_answers = ((tag, text) for tag, text in answer.items() if isinstance(text, str))
            editable_texts += (EditableText((name, tag), label or name, text) for tag, text in texts_of_answers)
    return tuple(editable_texts)


@runtime_checkable
class ActsOnConfirmation(Protocol):
    """A kind that does something as soon as its address is proven, or none is needed, before anybody decided."""

    def arrived(self, connection: Connection, submission: Submission, person: Person | None, *, now: datetime) -> None:
        """In the caller's transaction."""


@runtime_checkable
class Confidential(Protocol):
    """A kind whose texts are read by its two sides alone, until one of them reports it to the moderators."""

    def rows_at_desk(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        """What moderators see of it: its texts only where it was reported."""


@runtime_checkable
class Retractable(Protocol):
    """A kind whose sender may take it back at one press also after it was published."""

    def retract(self, act: Publishing) -> None:
        """Show nothing of it any more. Nothing to do is no error."""
