"""A claim that nothing technical can prove: somebody says how one can know that they keep a project or speak for an
organization, and a person decides. Where a proof is possible, `catalog.ownership.verify` needs nobody.

Its answer: `words`, for the desk alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.errors import Invalid, NotFound
from catalog.rules.person import Person
from catalog.rules.submission import CLAIM, Declaration
from catalog.rules.verification import BY_DESK, ORGANIZATION, PROJECT
from catalog.sentences import mark
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.organizations.rows import KnownOrganization
from catalog.store.ownership import verifications as ownership_verifications
from catalog.store.submissions import verifications
from catalog.submissions.base.fields import TEXT, FormField
from catalog.submissions.base.protocol import Row
from catalog.submissions.base.submission import FormKind

MAX_WORDS = 2_000  # characters
NO_WORDS = "Write how we can know it"
TOO_LONG = "Use 2,000 characters or fewer"
NOT_HERE = "It is no longer here"
NOBODY = "The sender no longer has an account here"
WAITS = "You asked this before: a person has yet to answer it"
SENTENCES = (NO_WORDS, TOO_LONG, NOT_HERE, NOBODY, WAITS)


class Claim(FormKind):
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

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        wrong = super().problems(connection, submission)
        if wrong:
            return wrong
        if _about(connection, submission) is None:
            return {"words": NOT_HERE}
        return {"words": WAITS} if verifications.earlier(connection, submission) else {}

    def subject_rows(self, connection: Connection, submission: Declaration) -> Sequence[Row]:
        about = _about(connection, submission)
        return (Row(about.kind, None, about.slug, about.kind),) if about else ()

    def write(
        self,
        connection: Connection,
        submission: Declaration,
        organization: KnownOrganization | None,
        person: Person | None,
        change: PublicChange,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        about = _about(connection, submission)
        assert about is not None  # it has no problems
        if submission.person_id is None:
            raise Invalid({"words": NOBODY})
        change()
        new = ownership_verifications.grant(
            connection, about.kind, about.id, submission.person_id, BY_DESK, change, now
        )
        change.touch(about.kind, about.id)
        return {"let_in": new}

    def restore(
        self,
        connection: Connection,
        submission: Declaration,
        before: Mapping[str, Any],
        change: PublicChange,
        *,
        now: datetime,
    ) -> None:
        about = _about(connection, submission)
        if about is None or submission.person_id is None or not before.get("let_in"):
            return
        change()
        if ownership_verifications.title(connection, about.kind, about.id, submission.person_id) == BY_DESK:
            ownership_verifications.expel(connection, about.kind, about.id, submission.person_id, change)
        change.touch(about.kind, about.id)


def _about(connection: Connection, submission: Declaration) -> ownership_verifications.VerifiedRecord | None:
    kind, key = (
        (PROJECT, submission.project_id) if submission.project_id else (ORGANIZATION, submission.organization_id)
    )
    if key is None:
        return None
    try:
        return ownership_verifications.subject(connection, kind, key)
    except NotFound:
        return None
