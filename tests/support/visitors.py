"""Who comes to the site in tests: clients at every level of rights, as a browser sends, and the text that nobody should
send. Each test says what they do there.
"""

from sqlalchemy import select, update
from support.factories.core import NOW, identity
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.world import a_client

from catalog.rules import permissions
from catalog.store.core.engine import reading
from catalog.tables.people import person
from forge.web.core.session import NAME

BROWSER = {"sec-fetch-site": "same-origin"}
HOSTILE = '<script>alert("x")</script>\u202e\x00 {{ 7 * 7 }} </textarea><b>'


def signed_in(app, store, email, role="moderator"):
    """A client of somebody with this role; None: of a person without one."""
    token = store.people.invite(email, role or "moderator", "fr", now=NOW)
    someone, cookie, _ = store.people.sign_in(token, "fr", now=NOW)
    if role is None:
        with rewriting(store.engine) as connection:
            connection.execute(update(person).where(person.c.id == someone.id).values(role=None))
    client = a_client(app)
    client.cookies.set(NAME, cookie)
    client.headers.update(BROWSER)
    return client


def standing(app, store, **about):
    """A client of somebody who represents this `organization_id`, or maintains this `project_id`."""
    client = signed_in(app, store, "stands@example.org", None)
    with rewriting(store.engine) as connection:
        key = connection.execute(select(person.c.id).where(person.c.email == "stands@example.org")).scalar_one()
        a_member(connection, key, **about)
    return client


def person_id(store, email):
    with reading(store.engine) as connection:
        return connection.execute(select(person.c.id).where(person.c.email == email)).scalar_one()


LEVELS = {
    permissions.ANYONE: lambda app, store: a_client(app),
    permissions.PERSON: lambda app, store: signed_in(app, store, "person@example.org", None),
    permissions.REPRESENTATIVE: lambda app, store: standing(
        app, store, organization_id=identity("coop-des-halles", "organization")
    ),
    permissions.MAINTAINER: lambda app, store: standing(app, store, project_id=identity("galette")),
    permissions.MODERATOR: lambda app, store: signed_in(app, store, "moderator@example.org"),
    permissions.ADMINISTRATOR: lambda app, store: signed_in(app, store, "administrator@example.org", "administrator"),
}
