"""What organizations say of what they use, as tests send, confirm and publish it."""

from sqlalchemy import select
from support.factories.core import NOW, identity
from support.factories.submissions import begin_draft, send_draft

from catalog import submissions
from catalog.rules.submission import ADOPT
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.submissions import submission_rows
from catalog.tables.people import message

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")
EVA, GMAIL = "eva@coop.example", "eva@gmail.com"
USE = {
    "organization": str(COOP), "stage": "in-production", "since": "2021", "purpose": "Nos adhérents",
    "people": "p6-20", "visibility": "public", "speaks": "yes",
}  # fmt: skip
NEW = {"organization": "", "name": "Les Ateliers", "kind": "association", "country": "FR"}


def a_use(store, what=ADOPT, project=GALETTE, **answers):
    given = {**USE, **answers}
    return begin_draft(store, what, "fr", project_id=project, answers=given, now=NOW)[1]


def opened(store, submission, email=EVA, now=NOW):
    """Sent with this address, and the link of its message opened."""
    send_draft(store, submission.id, email=email, now=now)
    with reading(store.engine) as connection:
        rows = connection.execute(select(message.c.argument).where(message.c.email == email)).scalars()
        token = next(row["token"] for row in rows if row["reference"] == submission.reference)
    _, session, sent = submissions.open_link(store, token, "fr", now=now)
    person, _ = store.people.of_session(session, now=now)
    return person, sent


def decided(store, submission, now=NOW):
    """Published by the desk."""
    with changing(store.engine) as (connection, change):
        kept = submission_rows.by_id(connection, submission.id, hold=True)
        return submissions.publish(connection, kept, None, change, now=now)


def shown_adoptions(store, slug="galette"):
    return store.public_records.project(slug).adoptions
