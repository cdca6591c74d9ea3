"""Persons, the links and sessions that sign them in, and roles. Nothing is sent here: links are part of a message's
row.

A link works once and for a short while; opening its page changes nothing, since mail scanners open links too. Each
sign-in makes a new session, and no two persons share one.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, delete, func, or_, select, update

from catalog.errors import Invalid, NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.person import ADMINISTRATOR, Link, Person, Session
from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.store.ownership.memberships import records_of_person
from catalog.store.people import personal_data
from catalog.store.people.mail_queue import enqueue_message
from catalog.tables.people import api_token, message_link, person, session

SIGN_IN = "sign-in"
ROLE_INVITATION = "role-invitation"
CONFIRM_SUBMISSION = "confirm-submission"  # the purpose of the link that confirms a submission, and its message's kind
LINK_LIFETIME = timedelta(minutes=30)
INVITE_LIFETIME = timedelta(days=7)
ENDED_LINKS_KEPT = timedelta(days=30)  # without their address, to tell who opens one again why it no longer works
SESSION_LIFETIME = timedelta(days=30)
# From one message with a link to the next, while none of the earlier links was used: the longest pause is shorter than
# the life of a link, so that each person has one that works, however often others ask for the same address.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 10, 20))
UNPROVEN_AN_HOUR = 10  # messages with links of other purposes to one address
# Messages with links to addresses with a "+": what follows it may be made up, and the mailbox is the same.
MAILBOX_AN_HOUR = 30
TOO_MANY_MESSAGES = "This address got many messages in the last hour. Try again later"
LAST_ADMINISTRATOR = "Nobody else is an administrator: invite another one first"
MOST_SESSIONS = 20  # of one person; those used longest ago end first


class People(DatabasePart):
    def send_sign_in(self, email: str, language: str, argument: Mapping[str, str], *, now: datetime) -> None:
        """Queue a message with a link that signs in, unless one that still works was sent a moment ago. Every address
        is treated alike, known or not."""
        with writing(self._engine) as connection:
            if not _may_send_sign_in(connection, email, now):
                return
            token = add_link(connection, SIGN_IN, email, argument, expires_at=now + LINK_LIFETIME, now=now)
            enqueue_message(connection, SIGN_IN, email, language, {**argument, "token": token}, now=now)

    def invite(self, email: str, role: str, language: str, *, by: UUID | None = None, now: datetime) -> str:
        """Queue a message whose link signs in and gives this role; the link's token, for the person who invites. `by`:
        the administrator who does; None: the operator at the command line.

        Raises Invalid("role") where the last administrator would lose that role.
        """
        with writing(self._engine) as connection:
            if role != ADMINISTRATOR and last_administrator(connection) == email:
                raise Invalid({"role": LAST_ADMINISTRATOR})
            detail = {"role": role, "by": str(by) if by else ""}
            token = add_link(connection, ROLE_INVITATION, email, detail, expires_at=now + INVITE_LIFETIME, now=now)
            enqueue_message(connection, ROLE_INVITATION, email, language, {"role": role, "token": token}, now=now)
        return token

    def take_back_invitations(self, email: str) -> None:
        """End the open invitations of this address to a role."""
        with writing(self._engine) as connection:
            _end_invitations(connection, message_link.c.email == email)

    def link(self, token: str, *, now: datetime) -> Link:
        """The link of a token, without using it. Raises NotFound when there was none, it was used or is too old."""
        with reading(self._engine) as connection:
            return read_link(connection, token, now)

    def ended_link(self, token: str) -> Link | None:
        """A link in whatever state, for the page of a person who opens it again; None when there was none, or it ended
        long ago. Its address is empty once that was deleted."""
        with reading(self._engine) as connection:
            row = connection.execute(select(message_link).where(message_link.c.id == digest(token))).first()
        return _link_from_row(row) if row else None

    def sign_in(self, token: str, language: str, *, now: datetime) -> tuple[Person, str, Link]:
        """Use a link: the person, the token for their new session's cookie, and the link. Raises NotFound as `link`."""
        with writing(self._engine) as connection:
            used = use_link(connection, token, now=now)
            if used.purpose not in (SIGN_IN, ROLE_INVITATION):
                raise NotFound("link", used.id[:8])
            someone = person_by_address(connection, used.email, language, now=now)
            if used.purpose == ROLE_INVITATION and last_administrator(connection) != someone.email:
                connection.execute(update(person).where(person.c.id == someone.id).values(role=used.argument["role"]))
                someone = replace(someone, role=used.argument["role"])
            return someone, begin_session(connection, someone.id, now=now), used

    def sign_in_proven(self, email: str, language: str, *, now: datetime) -> str:
        """Sign in the person of an address that an identity provider verified; the token for the session's cookie."""
        with writing(self._engine) as connection:
            return begin_session(connection, person_by_address(connection, email, language, now=now).id, now=now)

    def of_session(self, token: str, *, now: datetime) -> tuple[Person, Session] | None:
        """Who is signed in with this cookie, and the session; None when nobody is."""
        key = digest(token)
        with reading(self._engine) as connection:
            row = connection.execute(select(session).where(session.c.id == key, session.c.expires_at > now)).first()
            if row is None:
                return None
            someone = _read_person(connection, row.person_id)
        if someone is not None and row.seen_at.date() != now.date():
            self._note_use(key, now)
        return (someone, Session(row.id, row.created_at, row.seen_at)) if someone else None

    def sessions(self, person_id: UUID, *, now: datetime) -> tuple[Session, ...]:
        """The sessions of a person, the newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(session.c.id, session.c.created_at, session.c.seen_at)
                .where(session.c.person_id == person_id, session.c.expires_at > now)
                .order_by(session.c.created_at.desc(), session.c.id)
            ).all()
        return tuple(Session(*row) for row in rows)

    def end_session(self, person_id: UUID, key: str | None = None) -> None:
        """Sign out one session of this person, or all of them."""
        with writing(self._engine) as connection:
            statement = delete(session).where(session.c.person_id == person_id)
            connection.execute(statement if key is None else statement.where(session.c.id == key))

    def end_all(self) -> int:
        """End every session, every link that signs in or gives a role, and every token of a program; return how many
        sessions. Everybody signs in again.
        """
        with writing(self._engine) as connection:
            connection.execute(delete(message_link).where(message_link.c.purpose.in_((SIGN_IN, ROLE_INVITATION))))
            connection.execute(delete(api_token))
            return int(connection.execute(delete(session)).rowcount)

    def speak(self, person_id: UUID, language: str) -> None:
        """Set the language of messages to this person."""
        with writing(self._engine) as connection:
            connection.execute(update(person).where(person.c.id == person_id).values(language=language))

    def everything(self, person_id: UUID) -> dict[str, Any]:
        """All data about a person, JSON-safe, for that person alone. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(person).where(person.c.id == person_id)).first()
            if row is None:
                raise NotFound("person", str(person_id))
            rows_by_table = personal_data.data_of_person(connection, row)
        account = {name: row._mapping[name] for name in ("email", "language", "role")}
        times = {name: row._mapping[name].isoformat() for name in ("created_at", "signed_in_at")}
        return account | times | rows_by_table

    def roles(self) -> dict[str, int]:
        """How many persons hold each role."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(person.c.role).where(person.c.role.is_not(None))).scalars().all()
        return {role: rows.count(role) for role in set(rows)}

    def forget(self, now: datetime) -> int:
        """Delete sessions that are over, and take from links that no longer work their address and what they were for,
        except the submission that one confirmed; how many rows."""
        with writing(self._engine) as connection:
            ended = or_(
                message_link.c.expires_at < now - ENDED_LINKS_KEPT, message_link.c.used_at < now - ENDED_LINKS_KEPT
            )
            rows = connection.execute(delete(message_link).where(ended)).rowcount
            over = or_(message_link.c.expires_at < now, message_link.c.used_at < now - LINK_LIFETIME)
            with_address = update(message_link).where(over, message_link.c.email != "")
            rows += connection.execute(
                with_address.where(message_link.c.purpose != CONFIRM_SUBMISSION).values(email="", argument={})
            ).rowcount
            rows += connection.execute(with_address.values(email="")).rowcount
            return int(rows + connection.execute(delete(session).where(session.c.expires_at < now)).rowcount)

    def _note_use(self, key: str, now: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(session).where(session.c.id == key).values(seen_at=now, expires_at=now + SESSION_LIFETIME)
            )


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def add_link(
    connection: Connection,
    purpose: str,
    email: str,
    argument: Mapping[str, str],
    *,
    expires_at: datetime,
    now: datetime,
) -> str:
    """In the caller's transaction: add a link that works once; its token, 43 characters."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        message_link.insert().values(
            id=digest(token),
            purpose=purpose,
            email=email,
            argument=dict(argument),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token


def may_write(connection: Connection, email: str, *, now: datetime) -> bool:
    """In the caller's transaction: whether another message may go to an address that was not verified: a stranger may
    have typed it."""
    query = select(func.count()).where(
        message_link.c.email == email, message_link.c.created_at > now - timedelta(hours=1)
    )
    if int(connection.execute(query).scalar_one()) >= UNPROVEN_AN_HOUR:
        return False
    return not _is_mailbox_full(connection, email, now)


def _is_mailbox_full(connection: Connection, email: str, now: datetime) -> bool:
    """Whether the mailbox of an address with a "+" that is nobody's here got MAILBOX_AN_HOUR by addresses like it."""
    local, _, domain = email.rpartition("@")
    mailbox, plus, _ = local.partition("+")
    if not plus or connection.execute(select(person.c.id).where(person.c.email == email)).first() is not None:
        return False
    alike = select(func.count()).where(
        message_link.c.email.startswith(f"{mailbox}+", autoescape=True),
        message_link.c.email.endswith(f"@{domain}", autoescape=True),
        message_link.c.created_at > now - timedelta(hours=1),
    )
    return int(connection.execute(alike).scalar_one()) >= MAILBOX_AN_HOUR


def use_link(connection: Connection, token: str, *, now: datetime) -> Link:
    """In the caller's transaction: use the link. Raises NotFound when there was none, it was used or is too old."""
    valid_link = read_link(connection, token, now)
    used = connection.execute(
        update(message_link)
        .where(message_link.c.id == valid_link.id, message_link.c.used_at.is_(None))
        .values(used_at=now)
    ).rowcount
    if used != 1:  # of two uses at once, the other was first
        raise NotFound("link", valid_link.id[:8])
    return valid_link


def person_by_address(connection: Connection, email: str, language: str, *, now: datetime) -> Person:
    """In the caller's transaction: the person of this address, added if new; a link has verified the address."""
    statement = insert(connection, person).values(
        id=uuid4(), email=email, language=language, created_at=now, signed_in_at=now
    )
    key = connection.execute(
        statement.on_conflict_do_update(index_elements=["email"], set_={"signed_in_at": now}).returning(person.c.id)
    ).scalar_one()
    someone = _read_person(connection, key)
    assert someone is not None
    return someone


def person_by_id(connection: Connection, person_id: UUID | None) -> Person | None:
    """In the caller's transaction: the person of this id, as now; None for None, or where the account is gone."""
    return _read_person(connection, person_id) if person_id is not None else None


def begin_session(connection: Connection, person_id: UUID, *, now: datetime) -> str:
    """In the caller's transaction: begin a session; the token for its cookie."""
    token = secrets.token_urlsafe(32)
    rows = connection.execute(
        select(session.c.id).where(session.c.person_id == person_id).order_by(session.c.seen_at.desc())
    ).scalars()
    for session_id in list(rows)[MOST_SESSIONS - 1 :]:
        connection.execute(delete(session).where(session.c.id == session_id))
    connection.execute(
        session.insert().values(
            id=digest(token), person_id=person_id, created_at=now, seen_at=now, expires_at=now + SESSION_LIFETIME
        )
    )
    return token


def _may_send_sign_in(connection: Connection, email: str, now: datetime) -> bool:
    """Whether the pause since the last sign-in link is over: it is longer, the more links of one day were not used.
    And whether its mailbox is not full of links to others like it.
    """
    unused = (
        (message_link.c.purpose == SIGN_IN)
        & message_link.c.used_at.is_(None)
        & (message_link.c.created_at > now - timedelta(days=1))
    )
    query = (
        select(message_link.c.created_at)
        .where(message_link.c.email == email, unused)
        .order_by(message_link.c.created_at.desc())
    )
    times = connection.execute(query.limit(len(PAUSES))).scalars().all()
    if times and now - times[0] < PAUSES[len(times) - 1]:
        return False
    return not _is_mailbox_full(connection, email, now)


def read_link(connection: Connection, token: str, now: datetime) -> Link:
    """In the caller's transaction: the link. Raises NotFound when there was none, it was used or is too old."""
    row = connection.execute(
        select(message_link).where(
            message_link.c.id == digest(token), message_link.c.used_at.is_(None), message_link.c.expires_at > now
        )
    ).first()
    if row is None:
        raise NotFound("link", digest(token)[:8])
    return _link_from_row(row)


def _link_from_row(row: Row[Any]) -> Link:
    return Link(row.id, row.purpose, row.email, dict(row.argument), row.created_at, row.expires_at, row.used_at)


def _read_person(connection: Connection, key: UUID) -> Person | None:
    row = connection.execute(select(person).where(person.c.id == key)).first()
    if row is None:
        return None
    speaks = records_of_person(connection, ORGANIZATION, key)
    return Person(row.id, row.email, row.language, row.role, speaks, records_of_person(connection, PROJECT, key))


def end_role(connection: Connection, email: str) -> str:
    """In the caller's transaction: take the role from the person of this address; the role that it was.

    Open invitations to a role end, too: of this address, and those that this person made. Raises
    NotFound("person", address) for who has no role; Invalid("role") for the last administrator.
    """
    row = connection.execute(select(person.c.id, person.c.role).where(person.c.email == email)).first()
    if row is None or row.role is None:
        raise NotFound("person", email)
    if last_administrator(connection) == email:
        raise Invalid({"role": LAST_ADMINISTRATOR})
    connection.execute(update(person).where(person.c.id == row.id).values(role=None))
    by = message_link.c.argument["by"].as_string() == str(row.id)
    _end_invitations(connection, or_(message_link.c.email == email, by))
    return str(row.role)


def _end_invitations(connection: Connection, which: ColumnElement[bool]) -> None:
    connection.execute(delete(message_link).where(message_link.c.purpose == ROLE_INVITATION, which))


def last_administrator(connection: Connection) -> str | None:
    """The address of the only administrator; None where there are several, or none. Their rows stay locked until the
    caller's transaction ends, so that nobody else takes away a role meanwhile."""
    query = select(person.c.email).where(person.c.role == ADMINISTRATOR).order_by(person.c.id).with_for_update()
    addresses = connection.execute(query).scalars().all()
    return addresses[0] if len(addresses) == 1 else None
