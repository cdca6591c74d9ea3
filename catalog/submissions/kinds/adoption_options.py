"""What the sender of a use wants beside it: to be asked by other groups, and to follow the project by mail.

Its answers: `questions` ("yes", "no", or nothing: as it is) with `languages`; `told` ("yes"). Both apply with the use;
who may ask is for others to decide where they represent the organization.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import AlreadyExists
from catalog.record_kind import ORGANIZATION
from catalog.rules.call import MONTHLY
from catalog.rules.submission import Submission
from catalog.store.adoptions import questions
from catalog.store.core.engine import Connection
from catalog.store.follows import follow_rows
from catalog.store.ownership.memberships import has_members
from catalog.submissions.base import validation as base_validation

YES, NO = "yes", "no"


def languages(answers: Mapping[str, Any]) -> list[str]:
    """The languages in which questions are answered; none where one of them is no tag."""
    answer = answers.get("languages")
    tags = list(dict.fromkeys(answer)) if isinstance(answer, list) else []
    fine = all(isinstance(tag, str) and tag and not base_validation.language({"language": tag}) for tag in tags)
    return tags if fine else []


def fulfil(
    connection: Connection,
    submission: Submission,
    organization_id: UUID,
    person_id: UUID | None,
    *,
    sure: bool,
    now: datetime,
) -> dict[str, Any]:
    """In the caller's transaction, which publishes the use: apply what is wished; what `undo` needs.

    `sure`: its sender represents the organization. Where others do, they decide who may ask it.
    """
    assert submission.project_id is not None
    done: dict[str, Any] = {}
    if sure or not has_members(connection, ORGANIZATION, organization_id):
        if submission.answers.get("questions") == YES and (tags := languages(submission.answers)):
            monthly = questions.monthly_limit(connection, submission.project_id, organization_id)
            questions.allow_questions(
                connection, submission.project_id, organization_id, tags, monthly or MONTHLY, now=now
            )
            done["askable"] = monthly is None
        elif submission.answers.get("questions") == NO:
            questions.stop_questions(connection, organization_id, submission.project_id)
    return done | follow(connection, submission, person_id, now=now)


def follow(connection: Connection, submission: Submission, person_id: UUID | None, *, now: datetime) -> dict[str, Any]:
    """In the caller's transaction: its sender follows the project, where they wish it; what `undo` needs."""
    if person_id is None or submission.project_id is None or submission.answers.get("told") != YES:
        return {}
    if follow_rows.is_followed(connection, person_id, submission.project_id):
        return {}
    with suppress(AlreadyExists):  # who follows that many things is told of them already
        follow_rows.begin_follow(connection, person_id, submission.project_id, now=now)
    return {"followed": str(person_id)}


def undo(connection: Connection, submission: Submission, done: Mapping[str, Any]) -> None:
    """In the caller's transaction: remove what this use alone brought."""
    if submission.project_id is None or submission.organization_id is None:
        return
    if done.get("askable"):
        questions.stop_questions(connection, submission.organization_id, submission.project_id)
    if done.get("followed"):
        follow_rows.end_follow(connection, UUID(done["followed"]), submission.project_id)


def handed_on(done: Mapping[str, Any], since: Mapping[str, Any]) -> dict[str, Any]:
    """What `undo` needs of a use that was stated anew, once the one before is taken back: what both brought."""
    return {name: since.get(name) or done.get(name) for name in {*done, *since}}
