"""What tests of calls, reports and questions are made of: declarations that are sent, proven and published."""

from sqlalchemy import select
from support.factories.core import NOW, identity
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft, send_draft

from catalog import submissions
from catalog.rules.person import Person
from catalog.rules.submission import ASK, CALL, EXPERIENCE, REPORT, Submission
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.store import Store
from catalog.store.submissions import submission_rows
from catalog.tables.people import message, message_link, person

ANA, BRUNO, CARLA = "ana@example.org", "bruno@example.net", "carla@example.com"
COOP = identity("coop-des-halles", "organization")
GALETTE = identity("galette")
A_NEED = {
    "call": "need",
    "text": "Keep the register of the shares that our members hold. The law requires it.",
    "group": "cooperative",
    "country": "FR",
    "today": "A spreadsheet that one person understands.",
    "words": "registre des parts",
    "language": "en",
}


def messages(store: Store, kind: str | None = None) -> list[tuple[str, dict]]:
    """Addresses and contents of the messages that wait."""
    wanted = select(message.c.email, message.c.kind, message.c.argument).order_by(message.c.created_at)
    with reading(store.engine) as connection:
        rows = connection.execute(wanted).all()
    return [(row.email, dict(row.argument)) for row in rows if kind in (None, row.kind)]


def proven(store: Store, submission: Submission, email: str = ANA, now=NOW) -> Submission:
    """Send a draft from this address, and open the link of its message."""
    send_draft(store, submission.id, email=email, now=now)
    if not submissions.KINDS[submission.kind].nameless or email:
        token = [said for to, said in messages(store, submissions.CONFIRM_SUBMISSION) if to == email][-1]["token"]
        submissions.open_link(store, token, submission.language, now=now)
    return store.submissions.get(submission.id)


def published(store: Store, submission: Submission, now=NOW) -> Submission:
    """As a moderator's decision does it."""
    with changing(store.engine) as (connection, change):
        held = submission_rows.by_id(connection, submission.id, hold=True)
        return submissions.publish(connection, held, None, change, now=now)


def a_call(store: Store, email: str = ANA, *, project=None, organization=None, now=NOW, **answers) -> Submission:
    """A need that is listed, or another call."""
    said = A_NEED | answers
    _, submission = begin_draft(
        store, CALL, "en", project_id=project, organization_id=organization, answers=said, now=now
    )
    submission = proven(store, submission, email, now)
    return published(store, submission, now) if submission.state == "waiting" else submission


def somebody(
    store: Store, email: str = ANA, *, role=None, maintained_projects=(), represented_organizations=(), now=NOW
) -> Person:
    """A person who maintains these projects and represents these organizations."""
    token = store.people.invite(email, role or "moderator", "en", now=now)
    someone, _, _ = store.people.sign_in(token, "en", now=now)
    with rewriting(store.engine) as connection:
        if role is None:
            connection.execute(person.update().where(person.c.id == someone.id).values(role=None))
        for key in maintained_projects:
            a_member(connection, someone.id, project_id=key, now=now)
        for key in represented_organizations:
            a_member(connection, someone.id, organization_id=key, now=now)
        connection.execute(message.delete().where(message.c.kind == "role-invitation"))
        connection.execute(message_link.delete().where(message_link.c.purpose == "role-invitation"))
    return Person(someone.id, email, "en", role, tuple(represented_organizations), tuple(maintained_projects))


__all__ = [
    "ANA",
    "ASK",
    "A_NEED",
    "BRUNO",
    "CALL",
    "CARLA",
    "COOP",
    "EXPERIENCE",
    "GALETTE",
    "REPORT",
    "a_call",
    "messages",
    "proven",
    "published",
    "somebody",
]
