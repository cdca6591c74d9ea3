"""Rows of submissions: begun, typed, sent, opened, answered, forgotten.

What a kind means and changes is in `catalog.submissions`; the callers decide who may see a submission.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select, true, update

from catalog.errors import NotFound
from catalog.rules.submission import (
    ASKED,
    CALL,
    CLAIM,
    CORRECT,
    DRAFT,
    DRAFT_LIFETIME,
    EXPIRED,
    NETWORK_KEPT,
    OPEN_STATES,
    PUBLISHED,
    REFUSED,
    SENT,
    WITHDRAWN,
    Remark,
    Submission,
    new_reference,
)
from catalog.store.core import cases
from catalog.store.core.engine import DatabasePart, insert_for_dialect, reading, writing
from catalog.store.people.accounts import digest
from catalog.tables.submissions import remark, submission

TRIES = 5  # for a reference that nobody has yet; two of 656,000 million meet once in a lifetime
# After the end (published, refused, taken back): time enough for a question, a wish to have it reopened, an answer.
ENDED_KEPT = timedelta(days=90)
NOT_ASKED: Mapping[str, UUID | None] = MappingProxyType({})
_ABOUT_PROJECT = (CORRECT, CLAIM, CALL)  # what tells of a project, not of a group that uses it
COLUMNS = tuple(submission.c[name] for name in Submission.__dataclass_fields__ if name != "remarks")
# Made once: each press of a form asks several times, and making a statement takes longer than a database needs for it.
_BY_ID, _BY_TOKEN, _BY_REFERENCE = (
    select(*COLUMNS).where(submission.c[name] == bindparam("wanted")) for name in ("id", "token", "reference")
)
_BY_ID_HELD, _BY_TOKEN_HELD = _BY_ID.with_for_update(), _BY_TOKEN.with_for_update()
_SAID = (
    select(remark.c.at, remark.c.voice, remark.c.text)
    .where(remark.c.submission_id == bindparam("wanted"))
    .order_by(remark.c.id)
)
_CHANGED = update(submission).where(submission.c.id == bindparam("wanted"))


class Submissions(DatabasePart):
    def by_token(self, token: str) -> Submission:
        """What a secret link leads to, with what was said about it. Raises NotFound."""
        with reading(self._engine) as connection:
            return _submission_where(connection, _BY_TOKEN, digest(token))

    def by_reference(self, reference: str) -> Submission:
        """Raises NotFound. The caller checks that the person is its sender or a moderator."""
        with reading(self._engine) as connection:
            return _submission_where(connection, _BY_REFERENCE, reference)

    def get(self, key: UUID) -> Submission:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return by_id(connection, key)

    def of_person(self, person_id: UUID, limit: int = 100) -> tuple[Submission, ...]:
        """What somebody sent, and their drafts, the newest first."""
        query = select(*COLUMNS).where(submission.c.person_id == person_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(submission.c.created_at.desc()).limit(limit)).all()
        return tuple(from_row(row) for row in rows)

    def without_their_case(self) -> tuple[str, ...]:
        """References of those whose case at the desk is open and should not be, or should be and is not."""
        with reading(self._engine) as connection:
            return cases.unlike_submissions(connection)

    def mend_cases(self) -> int:
        """Open and close the cases at the desk as the submissions say; how many were otherwise."""
        with writing(self._engine) as connection:
            if unlike := cases.unlike_submissions(connection):
                cases.follow(connection, true())
            return len(unlike)

    def waiting_for(self, project_id: UUID) -> dict[str, int]:
        """How many of each kind wait for a person about a project, for those who maintain it: of what organizations
        say of themselves nothing, also not that they say it."""
        about = (submission.c.project_id == project_id, submission.c.kind.in_(_ABOUT_PROJECT))
        query = select(submission.c.kind, func.count()).where(*about, submission.c.state.in_(OPEN_STATES))
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(submission.c.kind)).all()
        return {kind: number for kind, number in rows}

    def keep_found(self, key: UUID, values: Mapping[str, Any], *, now: datetime) -> None:
        """Keep what we saw by ourselves beside what is there. Raises NotFound."""
        with writing(self._engine) as connection:
            submission_row = by_id(connection, key, hold=True)
            change(connection, key, found={**submission_row.found, **values}, changed_at=now)

    def forget(self, now: datetime) -> int:
        """Drafts and unopened ones whose time is over are deleted, networks of all, and of what ended its sender and
        what was said about it: who took something back is gone with it. How many rows."""
        with writing(self._engine) as connection:
            before = now - ENDED_KEPT
            gone = delete(submission).where(
                or_(
                    submission.c.state.in_((DRAFT, SENT, EXPIRED)) & (submission.c.expires_at < now),
                    (submission.c.state == WITHDRAWN) & (submission.c.changed_at < before),
                )
            )
            rows = connection.execute(gone).rowcount
            has_network = submission.c.network.is_not(None) & (submission.c.created_at < now - NETWORK_KEPT)
            rows += connection.execute(update(submission).where(has_network).values(network=None)).rowcount
            over = submission.c.state.in_((PUBLISHED, REFUSED)) & (submission.c.changed_at < before)
            ended = select(submission.c.id).where(over)
            rows += connection.execute(delete(remark).where(remark.c.submission_id.in_(ended))).rowcount
            addressed = update(submission).where(over, submission.c.email.is_not(None))
            rows += connection.execute(addressed.values(email=None)).rowcount
            refused = over & (submission.c.state == REFUSED) & submission.c.person_id.is_not(None)
            return int(rows + connection.execute(update(submission).where(refused).values(person_id=None)).rowcount)


def begin(
    connection: Connection,
    kind: str,
    language: str,
    *,
    project_id: UUID | None = None,
    organization_id: UUID | None = None,
    subject: str | None = None,
    answers: Mapping[str, Any],
    email: str | None = None,
    person_id: UUID | None = None,
    network: str | None = None,
    token: str | None = None,
    now: datetime,
) -> tuple[str, Submission]:
    """In the caller's transaction: a draft; what its secret link holds (43 characters), and the submission, which
    nobody else changes until the transaction ends.

    `token`: what a form holds since its page was opened. The draft that was begun with it is given again, so that the
    same form sent twice is one draft.
    """
    if token is None:
        token = secrets.token_urlsafe(32)
    values = {
        "id": uuid4(),
        "token": digest(token),
        "kind": kind,
        "state": DRAFT,
        "language": language,
        "email": email,
        "person_id": person_id,
        "project_id": project_id,
        "organization_id": organization_id,
        "subject": subject,
        "answers": dict(answers),
        "found": {},
        "network": network,
        "created_at": now,
        "changed_at": now,
        "expires_at": now + DRAFT_LIFETIME,
    }
    for _ in range(TRIES):
        values["reference"] = new_reference()
        row = connection.execute(_beginning(connection.dialect.name), values).first()
        if row is not None:
            return token, from_row(row)
        begun = connection.execute(_BY_TOKEN_HELD, {"wanted": values["token"]}).first()
        if begun is not None:
            return token, _with_remarks(connection, begun)
    raise RuntimeError(f"Of {TRIES} references none was free.")


@cache
def _beginning(dialect: str) -> Any:
    """A row that comes back when it is new: how many rows were made is not told by every driver. None comes back where
    the token or the reference is somebody's."""
    return insert_for_dialect(dialect, submission).on_conflict_do_nothing().returning(*COLUMNS)


def by_id(connection: Connection, key: UUID, *, hold: bool = False) -> Submission:
    """In the caller's transaction: a submission; `hold`: nobody else changes it until the transaction ends.

    Raises NotFound.
    """
    return _submission_where(connection, _BY_ID_HELD if hold else _BY_ID, key)


def _submission_where(connection: Connection, statement: Any, query: Any) -> Submission:
    row = connection.execute(statement, {"wanted": query}).first()
    if row is None:
        raise NotFound("declaration", "")
    return _with_remarks(connection, row)


def _with_remarks(connection: Connection, row: Row[Any]) -> Submission:
    submission_read = from_row(row)
    if submission_read.state == DRAFT:
        return submission_read  # nobody but its sender knows it, so that nothing was said about it
    return replace(
        submission_read, remarks=tuple(Remark(*remark) for remark in connection.execute(_SAID, {"wanted": row.id}))
    )


def answer(
    connection: Connection,
    submission: Submission,
    answers: Mapping[str, Any],
    *,
    about: Mapping[str, UUID | None] = NOT_ASKED,
    now: datetime,
) -> Submission:
    """In the caller's transaction: keep what is typed so far of one that is held and may be changed; what was typed
    before under other names stays. `about`: the `project_id` and the `organization_id` that were chosen, None for none;
    what the page did not ask for is not in it, and stays. As it stands then."""
    values: dict[str, Any] = {"answers": {**submission.answers, **answers}, "changed_at": now, **about}
    if submission.state == DRAFT:
        values["expires_at"] = now + DRAFT_LIFETIME
    change(connection, submission.id, **values)
    return replace(submission, **values)


def change(connection: Connection, key: UUID, **values: Any) -> None:
    """In the caller's transaction: set columns of a submission; its case follows."""
    connection.execute(_CHANGED, {"wanted": key, **values})
    if not cases.DEPENDS_ON.isdisjoint(values):
        cases.follow_submission(connection, key)


def add_remark(connection: Connection, key: UUID, voice: str, text: str, *, now: datetime) -> None:
    """In the caller's transaction: somebody says something about a submission."""
    connection.execute(remark.insert().values(submission_id=key, at=now, voice=voice, text=text))


def same(connection: Connection, kind: str, subject: str, *, but: UUID | None = None) -> Submission | None:
    """In the caller's transaction: a submission of this kind about the same that the desk has before it; the oldest
    one. What nobody proved is in nobody's way."""
    query = select(*COLUMNS).where(
        submission.c.kind == kind,
        submission.c.subject == subject,
        submission.c.state.in_(OPEN_STATES),
    )
    if but is not None:
        query = query.where(submission.c.id != but)
    row = connection.execute(query.order_by(submission.c.created_at).limit(1)).first()
    return from_row(row) if row else None


def ask_sender(connection: Connection, key: UUID, text: str, *, now: datetime) -> None:
    """In the caller's transaction: the desk asks its sender something."""
    add_remark(connection, key, "moderator", text, now=now)
    change(connection, key, state=ASKED, changed_at=now)


def from_row(row: Row[Any]) -> Submission:
    """A row of COLUMNS, without what was said about it."""
    return Submission(**row._mapping)
