"""What a submission is about, for its sender: names, and the pages where everybody reads of it."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from catalog.errors import NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.call import WITHDRAWN, title_of
from catalog.rules.submission import (
    ASK,
    CALL,
    EXPERIENCE,
    PUBLISHED,
    REGISTER,
    Submission,
)
from catalog.store.calls import queries as call_queries
from catalog.store.core.engine import Connection, reading
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store
from catalog.submissions.base import validation as base_validation
from catalog.submissions.kinds import registration_form

_WORD = re.compile("[A-Za-z0-9_-]{1,40}")
UNKNOWN = "…"  # in place of a name that publishing makes


@dataclass(frozen=True)
class SubmissionSubject:
    """`path` is its page, without a language; empty where there is none, or nobody may open it."""

    name: str
    path: str


def shown_subjects(store: Store, submission: Submission) -> tuple[SubmissionSubject, ...]:
    """The project, organization and call that stand here and that it is about."""
    with reading(store.engine) as connection:
        return tuple(_standing(connection, submission))


def name_at_desk(store: Store, submission: Submission) -> str:
    """The name that was sent, or of the record that it is about; empty where there is none."""
    with reading(store.engine) as connection:
        return letter(connection, submission)["name"]


def letter(
    connection: Connection, submission: Submission, *, proven: bool = True, published: bool = False
) -> dict[str, str]:
    """What a message to its sender says of it: `name`, and `path` where everybody reads of it once it is `published`;
    each empty where there is none.

    No name that was only typed goes to an address that is not `proven`: anybody may type anybody's address, and would
    have us send their words there. Of a registration the last part of the repository's address goes, a word at most.
    """
    submission_subject = next(_standing(connection, submission), None)
    words = _typed(submission) if proven else _last_part(submission)
    path = _page(connection, submission, submission_subject) if published else ""
    if submission.kind in (CALL, REGISTER):  # what they ask or propose tells them more than the record that it is about
        return {"name": words or (submission_subject.name if submission_subject else ""), "path": path}
    return {"name": submission_subject.name if submission_subject else words, "path": path}


def _standing(connection: Connection, submission: Submission) -> Iterator[SubmissionSubject]:
    if reference := base_validation.text_answer(submission.answers, "call") if submission.kind == ASK else "":
        with suppress(NotFound):
            call = call_queries.call_by_reference(connection, reference)
            yield SubmissionSubject(call.title, "" if call.state == WITHDRAWN else f"/calls/{call.reference}")
    for kind, key in ((PROJECT, submission.project_id), (ORGANIZATION, submission.organization_id)):
        if key is None:
            continue
        with suppress(NotFound):
            subject = moderation_log.subject(connection, kind, key=key)
            yield SubmissionSubject(subject.name, "" if subject.state.hidden else f"/{kind}s/{subject.slug}")


def _typed(submission: Submission) -> str:
    if submission.kind == CALL:
        return title_of(base_validation.text_answer(submission.answers, "text"))
    return (
        registration_form.name_of(submission.answers, submission.found)
        if submission.kind == REGISTER
        else base_validation.text_answer(submission.answers, "name")
    )


def _last_part(submission: Submission) -> str:
    """Of the address of a repository that somebody proposes; empty where it is more than one word."""
    address = str(submission.answers.get("address") or "") if submission.kind == REGISTER else ""
    part = address.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return part if _WORD.fullmatch(part) else ""


def _page(connection: Connection, submission: Submission, submission_subject: SubmissionSubject | None) -> str:
    if submission.kind == CALL:
        return f"/calls/{submission.reference}"
    if submission.kind == REGISTER and submission.state != PUBLISHED:
        return f"/projects/{UNKNOWN}"
    if submission_subject is None or not submission_subject.path:
        return ""
    return f"{submission_subject.path}/experiences" if submission.kind == EXPERIENCE else submission_subject.path
