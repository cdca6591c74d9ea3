"""Adopters who agreed are told of a changed license, the same day, and nobody who does not speak for one any more."""

import re

import pytest
from sqlalchemy import select, update
from support.client import Client
from support.factories.code import mirrored
from support.factories.core import NOW, a_declared_adoption, identity, later
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.visitors import BROWSER
from support.world import a_client, a_site, fill

from catalog.store.core.engine import reading
from catalog.tables.core import job, mirror
from catalog.tables.ownership import membership
from catalog.tables.people import message, person
from forge.git.fetch.separate import serve_up_to
from tests.follows.test_follows import Post
from tests.git.test_free_part import Changed

pytestmark = pytest.mark.sqlite_first

GALETTE = identity("galette")


@pytest.fixture
def app(store, tmp_path):
    fill(store)
    with a_site(store, tmp_path / "data") as site:
        a_client(site)
        yield site


def somebody(app, store, email, *, is_maintainer=False, speaks=None, language="en"):
    """A client that is signed in."""
    client = Client(app, follow_redirects=False)
    token = store.people.invite(email, "moderator", language, now=NOW)
    client.post(f"/{language}/sign-in/{token}", data={"go": ""}, headers=BROWSER)
    with rewriting(store.engine) as connection:
        key = connection.execute(select(person.c.id).where(person.c.email == email)).scalar_one()
        connection.execute(update(person).where(person.c.id == key).values(role=None))
        if is_maintainer:
            a_member(connection, key, project_id=GALETTE)
        if speaks:
            a_member(connection, key, organization_id=identity(speaks, "organization"))
    return client


def agrees(client, organization="coop-des-halles"):
    wanted = f"{GALETTE} {identity(organization, 'organization')}"
    return client.post("/en/me", data={"hear": wanted}, headers=BROWSER)


def test_a_changed_license_is_told_to_adopters_the_same_day(app, store, tmp_path, shared_box):
    shared_box.messages.clear()
    bo = somebody(app, store, "bo@example.org", speaks="coop-des-halles")
    agrees(bo)
    detail = {"before": "AGPL-3.0", "after": "SSPL-1.0", "free_before": True, "free": False, "commit": "9" * 40}
    with rewriting(store.engine) as connection:
        this = update(mirror).where(mirror.c.project_id == GALETTE)
        connection.execute(this.values(free=False, free_commit="8" * 40))
        connection.execute(job.delete())
    for _ in range(2):  # seen again, told once
        store.findings.add(GALETTE, "license-changed", "9" * 40, detail, now=later(hours=1))
    texts = Post(store, shared_box).goes_out(later(hours=1))
    (text,) = [text for text in texts if "SSPL" in text]
    assert "no longer free software" in text and "Before: AGPL-3.0" in text
    assert f"/en/projects/galette/code/tree/{'8' * 40}\n" in text and "/en/projects/galette/users" in text
    with reading(store.engine) as connection:
        assert connection.execute(select(message.c.email).where(message.c.kind == "license-changed")).all() == [(None,)]


def test_every_address_in_the_message_about_a_license_opens_and_a_license_without_a_name_is_said_to_be_one(
    app, store, tmp_path, shared_box
):
    shared_box.messages.clear()
    agrees(somebody(app, store, "bo@example.org", speaks="coop-des-halles"))
    folder = tmp_path / "data" / "mirrors"
    folder.mkdir(parents=True, exist_ok=True)
    code = Changed(folder / f"{GALETTE}.git")
    mirrored(store, head=code.after, free=None, free_commit=code.last)
    assert serve_up_to(code.path, code.last)
    detail = {"before": "AGPL-3.0", "after": None, "free_before": True, "free": None, "commit": code.after}
    store.findings.add(GALETTE, "license-changed", code.after, detail, now=later(hours=1))
    texts = Post(store, shared_box, app.state.secret).goes_out(later(hours=1))
    (text,) = [text for text in texts if "AGPL" in text]
    assert "Now: an unknown licence" in text and "?" not in text
    addresses = re.findall(r"https://forge\.example(/\S+)", text)
    assert f"/en/projects/galette/code/tree/{code.last}" in addresses
    reader = Client(app)
    for address in addresses:
        assert reader.get(address).status_code == 200, address


def test_who_speaks_no_more_hears_no_more(app, store, tmp_path, shared_box):
    agrees(somebody(app, store, "bo@example.org", speaks="coop-des-halles"))
    with rewriting(store.engine) as connection:
        connection.execute(membership.delete().where(membership.c.kind == "organization"))
    store.findings.add(GALETTE, "license-changed", "k", {"before": "MIT", "after": "X"}, now=NOW)
    assert not any("MIT" in text for text in Post(store, shared_box).goes_out(NOW))


def test_what_one_uses_in_private_is_offered_too_and_to_nobody_else(app, store):
    a_declared_adoption(store, "asleep", "org-61", visibility="counted")
    bo = somebody(app, store, "bo@example.org", speaks="org-61")
    assert 'href="/en/projects/asleep"' in bo.get("/en/me").text
    assert 'href="/en/projects/asleep"' not in somebody(app, store, "cem@example.org").get("/en/me").text
