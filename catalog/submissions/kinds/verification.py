"""A verification by a moderator: somebody says how one can know that they maintain a project or represent an
organization, and a moderator decides. The other methods need nobody: `catalog.ownership.verify`.

Its answer: `words`, for the desk alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.errors import Invalid, NotFound
from catalog.ownership.verify import revoke, verify_at_once
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.submission import CLAIM, Submission
from catalog.rules.verification import MODERATOR
from catalog.sentences import mark
from catalog.store.core.engine import Connection
from catalog.store.ownership.subjects import VerifiedRecord, subject
from catalog.store.submissions import verifications
from catalog.submissions.base.fields import TEXT, FormField
from catalog.submissions.base.organization_field import about_address
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import FormKind

MAX_WORDS = 2_000  # characters
NO_WORDS = "Write how we can know it"
TOO_LONG = "Use 2,000 characters or fewer"
NOT_HERE = "It is no longer here"
NOBODY = "The sender no longer has an account here"
WAITS = "You asked this before: a person has yet to answer it"
SENTENCES = (NO_WORDS, TOO_LONG, NOT_HERE, NOBODY, WAITS)


class VerificationForm(FormKind):
    kind = CLAIM
    nameable = (PROJECT, ORGANIZATION)
    fields = (
        FormField(
            "words",
            TEXT,
            mark("How can we know it?"),
            called=mark("How this can be verified"),
            missing=NO_WORDS,
            longest=MAX_WORDS,
            public=False,
            row="known-by",
            shape="text",
        ),
    )

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = super().problems(connection, submission)
        if wrong:
            return wrong
        if _about(connection, submission) is None:
            return {"words": NOT_HERE}
        return {"words": WAITS} if verifications.earlier(connection, submission) else {}

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        about = _about(connection, submission)
        return tuple(about_address(submission, next(iter(about.homepages), None))) if about else ()

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        about = _about(connection, submission)
        return (Row(about.kind, None, about.slug, about.kind),) if about else ()

    def write(self, act: Publishing) -> dict[str, Any]:
        about = _about(act.connection, act.submission)
        assert about is not None  # it has no problems
        if act.submission.person_id is None:
            raise Invalid({"words": NOBODY})
        act.change()
        new = verify_at_once(
            act.connection,
            act.submission.person_id,
            about.kind,
            about.id,
            MODERATOR,
            act.change,
            detail={},
            now=act.now,
        )
        return {"let_in": new}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        about = _about(act.connection, act.submission)
        if about is None or act.submission.person_id is None or not before.get("let_in"):
            return
        act.change()
        revoke(act.connection, act.submission.person_id, about.kind, about.id, MODERATOR, act.change, now=act.now)


def _about(connection: Connection, submission: Submission) -> VerifiedRecord | None:
    kind, key = (
        (PROJECT, submission.project_id) if submission.project_id else (ORGANIZATION, submission.organization_id)
    )
    if key is None:
        return None
    try:
        return subject(connection, kind, key)
    except NotFound:
        return None
